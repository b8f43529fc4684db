//! A province that has no room for files says so in its signed answer: the form goes, and no file is sent in vain.

use crate::row;
use anyhow::{Result, ensure};
use domain::delivery::Delivery;
use stories::desk::noise;
use stories::place::Place;
use stories::{Chaos, Rule};

const FILE: usize = 400_000;

/// One press with so many places for files; the state that the dossier came to, and the bytes that went.
fn pressed(places: usize) -> Result<(Delivery, u32, u64)> {
    let (place, mut kiosk) = Place::with_a_kiosk_and(places)?;
    let network = Chaos::before(place.running.kiosk_addr)?;
    network.rule(Rule::Pass);
    let dossier = kiosk.desk.seal(&[noise(FILE, 1)])?;
    let engine = place.engine(&kiosk, &network.url())?;
    let pass = engine.send_now();
    ensure!(pass.failure.is_none(), "{:?}", pass.failure);
    let row = row(&kiosk.folder, &dossier)?;
    place.runtime.block_on(engine.stop());
    place.close();
    Ok((row.delivery, row.failures, network.up()))
}

#[test]
fn without_a_permit_files_rest_and_forms_go() -> Result<()> {
    let (state, failures, bytes) = pressed(0)?;
    ensure!(
        state == Delivery::Registered && failures == 0,
        "{state:?}, {failures} failures"
    );
    ensure!(bytes < 20_000, "{bytes} bytes went for nothing");
    // The control: with a place the file goes.
    let (state, _, bytes) = pressed(1)?;
    ensure!(
        state.is_acknowledged() && bytes > FILE as u64,
        "{state:?}, {bytes} bytes"
    );
    Ok(())
}
