//! Forms that go together: one that is damaged here and one that the province refuses hold up none of the others.

use crate::row;
use anyhow::{Result, ensure};
use domain::delivery::{Delivery, HeldReason, QuarantineReason};
use stories::desk::noise;
use stories::place::Place;
use stories::{Chaos, Rule};

#[test]
fn a_poison_form_among_others_is_put_aside_alone() -> Result<()> {
    let mut place = Place::open()?;
    let network = Chaos::before(place.running.kiosk_addr)?;
    network.rule(Rule::Pass);
    let mut sealed = Vec::new();
    for n in 0..10 {
        // One with more papers than the province takes: it is refused there.
        let papers = if n == 4 { vec![noise(20, n); 101] } else { vec![] };
        sealed.push(place.desk.seal(&papers)?);
    }
    // One whose envelope lost a bit on this disk: it is found here.
    place.desk.outbox.db().execute(
        "UPDATE item SET envelope = CAST(substr(envelope, 1, 200) || x'00' || substr(envelope, 202) AS BLOB) WHERE dossier = ?1",
        [sealed[7].to_string()],
    )?;
    let engine = place.engine(&network.url())?;
    let pass = engine.send_now();
    ensure!(pass.failure.is_none(), "{:?}", pass.failure);
    for (n, dossier) in sealed.iter().enumerate() {
        let state = row(&place.path("kiosk"), dossier)?.delivery;
        let right = match n {
            4 => {
                state
                    == Delivery::Held {
                        reason: HeldReason::TooLarge,
                    }
            }
            7 => {
                state
                    == Delivery::Quarantined {
                        reason: QuarantineReason::FileDamaged,
                    }
            }
            _ => state.is_acknowledged(),
        };
        ensure!(right, "dossier {n}: {state:?}");
    }
    place.runtime.block_on(engine.stop());
    place.close();
    Ok(())
}
