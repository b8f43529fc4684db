//! The question for the offset, asked over a connection that is dead.

use crate::row;
use anyhow::{Result, ensure};
use stories::desk::noise;
use stories::place::Place;
use stories::{Chaos, Rule};

const BYTES: usize = 2_000_000;

#[test]
fn a_cut_upload_whose_question_dies_goes_on_within_the_pass() -> Result<()> {
    // The upload is cut; whoever asks for the offset next finds the door shut; the one after is let through.
    let (delivered, connections, up) = run(&[Rule::CutUp(400_000), Rule::Refuse])?;
    ensure!(delivered, "not acknowledged");
    ensure!(
        connections == 3,
        "{connections} connections: the story did not happen"
    );
    ensure!(
        up < BYTES as u64 + 500_000,
        "{up} bytes went: not from the true offset"
    );
    // The control: where every question dies the pass ends, and nothing is said to be there.
    let dead = [Rule::Refuse; 20];
    let (delivered, _, _) = run(&[&[Rule::CutUp(400_000)], dead.as_slice()].concat())?;
    ensure!(!delivered, "acknowledged over a line that was cut");
    Ok(())
}

fn run(rules: &[Rule]) -> Result<(bool, u64, u64)> {
    let (place, mut kiosk) = Place::with_a_kiosk()?;
    let network = Chaos::before(place.running.kiosk_addr)?;
    network.next(rules);
    let dossier = kiosk.desk.seal(&[noise(BYTES, 4)])?;
    let engine = place.engine(&kiosk, &network.url())?;
    let pass = engine.send_now();
    let delivered = row(&kiosk.folder, &dossier)?.delivery.is_acknowledged();
    ensure!(delivered || pass.failure.is_some() || pass.items.is_empty());
    place.runtime.block_on(engine.stop());
    place.close();
    Ok((delivered, network.accepted(), network.up()))
}
