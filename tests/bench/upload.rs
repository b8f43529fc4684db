//! A dossier from the kiosk's engine to the signed acknowledgement of a real service (TLS, hashes, fsync, commit),
//! against the same bytes over a bare socket into a synced file (R3): on loopback, and over a commune's line. The other
//! side is synced once, at its end, so that what the service pays for syncing on the way (R4) is in the ratio.

use crate::sides::{Figure, Gate, timed};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use stories::desk::noise;
use stories::line::{COMMUNE, Line};
use stories::place::{Enrolled, Place, send};
use sync::backoff::WAIT_MAX;

const BYTES: usize = 16 * 1024 * 1024;
/// A dossier with fifteen pages: some twenty seconds of the commune's line.
const NARROW_BYTES: usize = 5 * 1024 * 1024;
/// Counted on the wire: twenty dossiers of one page and a half.
const COUNTED: usize = 20;
const COUNTED_BYTES: usize = 512 * 1024;
const DAY_SECONDS: u64 = 24 * 60 * 60;
/// The promise: what an idle kiosk may use in a day.
const IDLE_BYTES_MAX: usize = 200_000;

pub fn upload_over_loopback(rounds: usize) -> anyhow::Result<Figure> {
    let at = Place::with_a_kiosk()?;
    let url = at.0.url().to_owned();
    upload(
        at,
        &url,
        ("upload of 16 MiB, loopback (R3, goal 1.33)", Gate::AtMost(1.67)),
        BYTES,
        false,
        rounds,
    )
}

pub fn upload_over_a_narrow_line() -> anyhow::Result<Figure> {
    let at = Place::with_a_kiosk()?;
    let line = Line::to(at.0.running.kiosk_addr, Some(COMMUNE))?;
    let name = "5 MiB, 2 Mbit/s 200 ms 2 % (R3)";
    upload(
        at,
        &line.url(),
        (name, Gate::AtMost(1.053)),
        NARROW_BYTES,
        true,
        1,
    )
}

fn upload(
    (place, mut kiosk): (Place, Enrolled),
    url: &str,
    about: (&'static str, Gate),
    bytes: usize,
    narrow: bool,
    rounds: usize,
) -> anyhow::Result<Figure> {
    let engine = place.engine(&kiosk, url)?;
    // The pass of the start is over before anything is measured.
    send(&engine, &kiosk.desk, &[])?;
    let raw = kiosk.folder.with_file_name("raw");
    let payload = noise(bytes, 77);
    let mut seed = 0;
    let figure = Figure::measure(
        about,
        (
            "sealed file to signed acknowledgement: TLS 1.3, hashes, fsync, commit",
            || {
                seed += 1;
                let dossier = kiosk.desk.seal(&[noise(bytes, seed)])?;
                timed(|| send(&engine, &kiosk.desk, &[dossier]))
            },
        ),
        ("the same bytes over a bare socket into a synced file", || {
            raw_copy(&raw, &payload, narrow)
        }),
        rounds,
    );
    place.runtime.block_on(engine.stop());
    place.close();
    figure
}

/// What goes over the wire, counted: beside the payload, and on a day when nobody comes.
pub fn bytes_on_the_wire() -> anyhow::Result<Vec<Figure>> {
    let (place, mut kiosk) = Place::with_a_kiosk()?;
    let line = Line::to(place.running.kiosk_addr, None)?;
    let dossiers = (0..COUNTED)
        .map(|n| kiosk.desk.seal(&[noise(COUNTED_BYTES, n as u64 + 5)]))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let engine = place.engine(&kiosk, &line.url())?;
    send(&engine, &kiosk.desk, &dossiers)?;
    place.runtime.block_on(engine.stop());
    let upload = Figure::sizes(
        ("wire bytes of twenty dossiers (R5)", Gate::AtMost(1.03)),
        ("bytes of TLS both ways, from the handshake on", line.carried()),
        (
            "bytes of their papers before they were sealed",
            COUNTED * COUNTED_BYTES,
        ),
    );
    let (first, one) = idle_polls(&place, &kiosk, &line)?;
    let polls = usize::try_from(DAY_SECONDS / WAIT_MAX.as_secs())?;
    let idle = Figure::sizes(
        ("idle bytes of a day (goal 1.0)", Gate::AtMost(1.0)),
        (
            "polls of 24 hours over new connections, two of them whole handshakes with sign-in",
            2 * first + one * (polls - 2),
        ),
        ("200 KB", IDLE_BYTES_MAX),
    );
    place.close();
    Ok(vec![upload, idle])
}

/// Bytes of the first poll of a started kiosk (whole handshake, sign-in) and of a later one, each up to the end of its
/// connection: pings and farewells are on the line as well.
fn idle_polls(place: &Place, kiosk: &Enrolled, line: &Line) -> anyhow::Result<(usize, usize)> {
    let engine = place.engine(kiosk, &line.url())?;
    let mut carried = [0; 2];
    for bytes in &mut carried {
        let pass = engine.send_now();
        anyhow::ensure!(pass.failure.is_none(), "{:?}", pass.failure);
        // Between two polls of a night a kiosk lets the connection go by itself.
        std::thread::sleep(CONNECTION_ENDS);
        *bytes = line.carried();
    }
    place.runtime.block_on(engine.stop());
    Ok(carried.into())
}

/// A connection that nothing uses is let go within this.
const CONNECTION_ENDS: Duration = Duration::from_secs(40);

fn raw_copy(to: &Path, payload: &[u8], narrow: bool) -> anyhow::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let line = narrow.then(|| Line::to(listener.local_addr()?, Some(COMMUNE)));
    let line = line.transpose()?;
    let address = line.as_ref().map_or(listener.local_addr()?, Line::address);
    let failed = Mutex::new(None);
    let took = std::thread::scope(|scope| {
        scope.spawn(|| {
            let taken = take(&listener, to).err();
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = taken;
        });
        timed(|| {
            let mut socket = TcpStream::connect(address)?;
            socket.write_all(payload)?;
            socket.shutdown(std::net::Shutdown::Write)?;
            // One byte back: the file is on disk.
            Ok(socket.read_exact(&mut [0])?)
        })
    })?;
    failed
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .map_or(Ok(took), Err)
}

fn take(listener: &TcpListener, to: &Path) -> anyhow::Result<()> {
    let (mut socket, _) = listener.accept()?;
    let mut file = File::create(to)?;
    std::io::copy(&mut socket, &mut file)?;
    file.sync_data()?;
    socket.write_all(&[1])?;
    Ok(())
}
