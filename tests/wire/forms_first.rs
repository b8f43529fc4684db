//! A form that is sealed while files are on their way goes before the rest of those files.

use crate::row;
use anyhow::{Result, ensure};
use std::time::Duration;
use stories::desk::noise;
use stories::place::Place;
use stories::wait;
use stories::{Chaos, Rule};

#[test]
fn a_new_form_does_not_wait_behind_scans() -> Result<()> {
    let (place, mut kiosk) = Place::with_a_kiosk()?;
    let network = Chaos::before(place.running.kiosk_addr)?;
    // 8 KiB each 20 ms: a file takes a second, all of them ten.
    network.rule(Rule::Delay(Duration::from_millis(20)));
    let papers: Vec<_> = (0..10).map(|n| noise(400_000, n + 1)).collect();
    let scans = kiosk.desk.seal(&papers)?;
    let engine = place.engine(&kiosk, &network.url())?;
    wait::until("files are on their way", || {
        Ok((network.up() > 500_000).then_some(()))
    })?;
    let form = kiosk.desk.seal(&[])?;
    engine.kick();
    wait::until("the form is there", || {
        Ok(row(&kiosk.folder, &form)?
            .delivery
            .is_acknowledged()
            .then_some(()))
    })?;
    let files = row(&kiosk.folder, &scans)?.delivery;
    ensure!(!files.is_acknowledged(), "the form came after every file");
    ensure!(
        network.up() < 3_000_000,
        "{} bytes of files went first",
        network.up()
    );
    network.rule(Rule::Pass);
    wait::until("the files are there, too", || {
        Ok(row(&kiosk.folder, &scans)?
            .delivery
            .is_acknowledged()
            .then_some(()))
    })?;
    place.runtime.block_on(engine.stop());
    place.close();
    Ok(())
}
