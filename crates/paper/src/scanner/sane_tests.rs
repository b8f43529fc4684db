//! With SANE's own test device, which needs no scanner: ten sheets lie in its feeder.

use super::*;
use crate::{PIXELS_MAX, Taken, prepare};

/// A stand-in for `scanimage` that sees the test device alone, with the given words of `test.conf` after its own.
fn scanners(more: &str) -> (SaneScanners, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dll.conf"), "test\n").unwrap();
    let conf = format!(
        "number_of_devices 1\nsource \"Flatbed\"\ntest-picture \"Grid\"\ngeometry_max 300\nbr_x 210\nbr_y 297\n{more}\n"
    );
    std::fs::write(folder.path().join("test.conf"), conf).unwrap();
    let program = folder.path().join("scanimage");
    let script = format!(
        "#!/bin/sh\nSANE_CONFIG_DIR='{}' exec scanimage \"$@\"\n",
        folder.path().display()
    );
    std::fs::write(&program, script).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&program, executable).unwrap();
    (SaneScanners::at(program), folder)
}

fn all(mut batch: Batch) -> (usize, Option<PaperError>) {
    let (mut sheets, mut error) = (0, None);
    while let Some(next) = batch.next_sheet() {
        match next {
            Ok(_) => sheets += 1,
            Err(e) => error = Some(e),
        }
    }
    (sheets, error)
}

#[test]
fn the_glass_gives_one_sheet_and_the_feeder_all_of_them() {
    let (scanners, _folder) = scanners("");
    let list = scanners.list().unwrap();
    assert_eq!(list.len(), 1, "{list:?}");
    assert!(list[0].glass && list[0].feeder, "{list:?}");
    let mut batch = scanners.scan(&list[0].id, false).unwrap();
    let sheet = batch.next_sheet().unwrap().unwrap();
    let page = prepare(&sheet, Taken::Glass).unwrap();
    assert!(u64::from(page.width) * u64::from(page.height) < PIXELS_MAX);
    let size = (page.width, page.height);
    let a4 = page.width.abs_diff(crate::A4_SHORT) <= 2 && page.height.abs_diff(crate::A4_LONG) <= 2;
    assert!(a4, "A4 at 200 dpi: {size:?}");
    assert!(batch.next_sheet().is_none());
    assert_eq!(all(scanners.scan(&list[0].id, true).unwrap()), (10, None));
}

#[test]
fn no_sheet_lies_on_the_disk_while_scanning() {
    let (scanners, _folder) = scanners("");
    let id = scanners.list().unwrap()[0].id.clone();
    let mut batch = scanners.scan(&id, true).unwrap();
    let mut looked = 0;
    while let Some(Ok(_)) = batch.next_sheet() {
        for entry in std::fs::read_dir(batch.pipes.path()).unwrap() {
            let meta = entry.unwrap().metadata().unwrap();
            assert!(!meta.is_file() && meta.len() == 0, "only pipes may lie there");
            looked += 1;
        }
    }
    assert!(looked > 0);
    let place = batch.pipes.path().to_owned();
    drop(batch);
    assert!(!place.exists());
}

#[test]
fn what_goes_wrong_is_told_by_name() {
    // The numbers are SANE's own: jammed, out of documents, cover open. (Its test device can be told to fail so, and
    // then hangs.)
    for (what, expected) in [
        (
            r"printf '\211PNG half a sheet' > p1.png.part; exit 6",
            PaperError::ScannerFailed,
        ),
        ("exit 7", PaperError::ScannerEmpty),
        ("exit 8", PaperError::ScannerFailed),
    ] {
        let (scanners, folder) = scanners("");
        let real = std::fs::read_to_string(&scanners.program).unwrap();
        let failing = real.replace(
            "#!/bin/sh\n",
            &format!("#!/bin/sh\ncase \"$*\" in *--batch=*) {what};; esac\n"),
        );
        std::fs::write(folder.path().join("scanimage"), failing).unwrap();
        let id = scanners.list().unwrap()[0].id.clone();
        assert_eq!(
            all(scanners.scan(&id, true).unwrap()),
            (0, Some(expected)),
            "{what}"
        );
    }
    let (scanners, _folder) = scanners("");
    assert_eq!(scanners.scan("nosuch:0", true).err(), Some(PaperError::NoScanner));
    let missing = SaneScanners::at(PathBuf::from("/nonexistent/scanimage"));
    assert_eq!(missing.list(), Err(PaperError::NoScanner));
}

/// Two sheets come, the third stops half way and the program neither goes on nor ends: the first is whole and kept, the
/// half is not, it is told, and the program is stopped.
#[test]
fn a_scanner_that_hangs_in_the_middle_of_a_page_is_given_up() {
    let (mut scanners, folder) = scanners("");
    let real = std::fs::read_to_string(&scanners.program).unwrap();
    let hang = "printf whole-1 > p1.png.part; printf whole-2 > p2.png.part; \
                { printf half; echo $$ > \"$0.pid\"; exec sleep 600; } > p3.png.part";
    let hanging = real.replace(
        "#!/bin/sh\n",
        &format!("#!/bin/sh\ncase \"$*\" in *--batch=*) {hang};; esac\n"),
    );
    std::fs::write(folder.path().join("scanimage"), hanging).unwrap();
    scanners.silence_max = Duration::from_millis(400);
    let id = scanners.list().unwrap()[0].id.clone();
    let mut batch = scanners.scan(&id, true).unwrap();
    let begun = Instant::now();
    let mut came = Vec::new();
    while let Some(sheet) = batch.next_sheet() {
        came.push(sheet);
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    let (whole, told): (Vec<_>, Vec<_>) = came.into_iter().partition(Result::is_ok);
    let whole: Vec<Vec<u8>> = whole.into_iter().flatten().collect();
    assert!(
        whole.first().is_some_and(|sheet| sheet == b"whole-1"),
        "{} sheets",
        whole.len()
    );
    assert!(!whole.iter().any(|sheet| sheet.starts_with(b"half")));
    assert_eq!(told, [Err(PaperError::ScannerFailed)]);
    let pid = std::fs::read_to_string(folder.path().join("scanimage.pid")).unwrap();
    drop(batch);
    assert!(
        !Path::new(&format!("/proc/{}", pid.trim())).exists(),
        "the hanging program is left behind"
    );
}
