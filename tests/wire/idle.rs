//! What a poll costs on a day when nobody comes.

use anyhow::{Result, ensure};
use stories::line::Line;
use stories::place::Place;
use sync::backoff::WAIT_MAX;

/// The promise.
const DAY_BYTES_MAX: usize = 200_000;

#[test]
fn a_later_poll_resumes_its_session_and_fits_the_day() -> Result<()> {
    let (place, kiosk) = Place::with_a_kiosk()?;
    let line = Line::to(place.running.kiosk_addr, None)?;
    let engine = place.engine(&kiosk, &line.url())?;
    let mut carried = [0; 3];
    for bytes in &mut carried {
        let pass = engine.send_now();
        ensure!(pass.failure.is_none(), "{:?}", pass.failure);
        // As between two polls of a night; the farewell itself is counted by `cargo xtask bench`.
        line.cut();
        *bytes = line.carried();
        // Between two polls lie minutes: the engine has long seen that the connection is gone.
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    place.runtime.block_on(engine.stop());
    let polls = usize::try_from(24 * 60 * 60 / WAIT_MAX.as_secs())?;
    println!("{carried:?} bytes, {polls} polls a day");
    let later = carried[2];
    ensure!(later * polls <= DAY_BYTES_MAX, "{carried:?} bytes a poll");
    // The control: with no session remembered the same poll would not fit.
    ensure!(carried[0] * polls > DAY_BYTES_MAX, "{carried:?} bytes a poll");
    place.close();
    Ok(())
}
