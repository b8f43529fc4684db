//! Papers in: a photograph of twelve million dots to the finished page, beside nothing but opening and closing the same
//! photograph; its size; and a stack of twenty sheets beside the scanner's own time for them.
//!
//! One core, in this process: the bounded process around it costs its start, which is measured too.

use crate::sides::{Figure, Gate, timed};
use anyhow::{Context as _, Result};
use paper::{MadeRight, SaneScanners, SheetSource, Taken, prepare};
use std::time::{Duration, Instant};
use stories::photo::{BIRTH_ANNA, Photo};

/// The longest that a person should wait for one photographed page, on one core.
const PAGE_WITHIN: Duration = Duration::from_millis(1800);

pub fn photograph(rounds: usize) -> Result<Vec<Figure>> {
    let photo = Photo::twelve_megapixels().of(BIRTH_ANNA);
    let page = prepare(&photo, Taken::Camera)?;
    eprintln!(
        "12 MP photograph of {} bytes becomes a page of {} bytes ({:.0} times smaller), {} x {}",
        photo.len(),
        page.bytes.len(),
        photo.len() as f64 / page.bytes.len() as f64,
        page.width,
        page.height
    );
    let whole = Figure::measure(
        ("12 MP photograph to finished page", Gate::None),
        (
            "found, straightened, evened, judged, encoded within 350 KB",
            || timed(|| Ok(prepare(&photo, Taken::Camera)?)),
        ),
        ("opened and encoded again, nothing else", || {
            timed(|| open_and_close(&photo))
        }),
        rounds.min(7),
    )?;
    anyhow::ensure!(
        whole.ours_us < PAGE_WITHIN.as_secs_f64() * 1e6,
        "a photographed page takes {:.0} ms",
        whole.ours_us / 1e3
    );
    Ok(vec![whole])
}

fn open_and_close(photo: &[u8]) -> Result<Vec<u8>> {
    let picture = image::load_from_memory(photo)?;
    let mut out = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 75).encode_image(&picture)?;
    Ok(out)
}

/// SANE's test device, with the pace of an office feeder: a sheet in two seconds.
struct Feeder {
    folder: tempfile::TempDir,
}

impl Feeder {
    fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("dll.conf"), "test\n")?;
        // 11.6 MB a sheet in 32 KiB pieces: 5 ms a piece is two seconds a sheet, thirty sheets a minute.
        let conf = "number_of_devices 1\nmode \"Color\"\ntest-picture \"Grid\"\ngeometry_max 300\nbr_x 210\nbr_y 297\nread-delay true\nread-delay-duration 5000\n";
        std::fs::write(folder.path().join("test.conf"), conf)?;
        let program = folder.path().join("scanimage");
        let script = format!(
            "#!/bin/sh\nSANE_CONFIG_DIR='{}' exec scanimage \"$@\"\n",
            folder.path().display()
        );
        std::fs::write(&program, script)?;
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(Self { folder })
    }

    /// Ten sheets, which is what the test device's feeder holds.
    fn ten(&self) -> Result<impl SheetSource + Send + 'static> {
        let scanners = SaneScanners::at(self.folder.path().join("scanimage"));
        let device = scanners.list()?.into_iter().next().context("no test device")?;
        Ok(scanners.scan(&device.id, true)?)
    }
}

fn scanned(mut batch: impl SheetSource) -> Result<()> {
    while let Some(sheet) = batch.next_sheet() {
        sheet?;
    }
    Ok(())
}

fn made_right(batch: impl SheetSource + Send + 'static) -> Result<()> {
    MadeRight::of(batch, |sheet| prepare(&sheet, Taken::Glass)).try_for_each(|page| Ok(page.map(drop)?))
}

/// Twenty sheets (twice the test device's feeder), once: it takes forty seconds by the scanner's own pace.
pub fn feeder_batch() -> Result<Figure> {
    let feeder = Feeder::open()?;
    let run = |make_right: bool| -> Result<Duration> {
        let began = Instant::now();
        for _ in 0..2 {
            let batch = feeder.ten()?;
            if make_right {
                made_right(batch)?;
            } else {
                scanned(batch)?;
            }
        }
        Ok(began.elapsed())
    };
    Figure::measure_once(
        ("twenty sheets from a feeder (goal 1.25)", Gate::AtMost(2.0)),
        ("scanned and made right as they come", || run(true)),
        ("scanned only", || run(false)),
    )
}
