//! Forms that go together: one that is damaged here, one that the province refuses, and one over which it fails each time,
//! hold up none of the others.

use crate::row;
use anyhow::{Result, ensure};
use domain::delivery::{Delivery, HeldReason, QuarantineReason};
use domain::ids::DossierId;
use stories::desk::noise;
use stories::place::{Enrolled, Place};
use stories::{Chaos, Rule};

#[test]
fn a_poison_form_among_others_is_put_aside_alone() -> Result<()> {
    let (place, mut kiosk) = Place::with_a_kiosk()?;
    let network = Chaos::before(place.running.kiosk_addr)?;
    network.rule(Rule::Pass);
    let mut sealed = Vec::new();
    for n in 0..10 {
        // One with more papers than the province takes: it is refused there.
        let papers = if n == 4 { vec![noise(20, n); 101] } else { vec![] };
        sealed.push(kiosk.desk.seal(&papers)?);
    }
    // One whose envelope lost a bit on this disk: it is found here.
    kiosk.desk.outbox.db().execute(
        "UPDATE item SET envelope = CAST(substr(envelope, 1, 200) || x'00' || substr(envelope, 202) AS BLOB) WHERE dossier = ?1",
        [sealed[7].to_string()],
    )?;
    let engine = place.engine(&kiosk, &network.url())?;
    let pass = engine.send_now();
    ensure!(pass.failure.is_none(), "{:?}", pass.failure);
    for (n, dossier) in sealed.iter().enumerate() {
        let state = row(&kiosk.folder, dossier)?.delivery;
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

/// From now on the province's database fails over one dossier, and over no other.
fn fails_over(place: &Place, kiosk: &Enrolled, dossier: &DossierId, when: &str) -> Result<()> {
    let db = kiosk.desk.outbox.db();
    let file = place.province.join("province.db");
    db.execute("ATTACH DATABASE ?1 AS province KEY ''", [file.to_string_lossy()])?;
    db.execute_batch(&format!(
        "CREATE TRIGGER province.poison BEFORE {when} ON dossiers WHEN NEW.id = '{dossier}'
         BEGIN SELECT RAISE(ABORT, 'the disk fails over this one'); END"
    ))?;
    Ok(())
}

/// One of the first dossiers meets a service in trouble, each time; `stands`: how far it comes all the same.
fn the_others_go_on(when: &str, stands: &Delivery) -> Result<()> {
    let (place, mut kiosk) = Place::with_a_kiosk()?;
    let seal = |kiosk: &mut Enrolled, n: usize| kiosk.desk.seal(&[noise(3000, n as u64)]);
    let mut sealed = Vec::new();
    for n in 0..21 {
        sealed.push(seal(&mut kiosk, n)?);
    }
    let poison = sealed.remove(1);
    fails_over(&place, &kiosk, &poison, when)?;
    let engine = place.engine(&kiosk, place.url())?;
    let mut failures = 0;
    for round in 0..3 {
        let _ = engine.send_now();
        for dossier in &sealed {
            let state = row(&kiosk.folder, dossier)?.delivery;
            ensure!(state.is_acknowledged(), "round {round}: {state:?}");
        }
        let stuck = row(&kiosk.folder, &poison)?;
        ensure!(stuck.delivery == *stands, "{:?}", stuck.delivery);
        ensure!(
            stuck.failures > failures && stuck.last_failure.as_deref() == Some("server"),
            "round {round}: nothing counts on it: {stuck:?}"
        );
        failures = stuck.failures;
        sealed.push(seal(&mut kiosk, 100 + round)?);
    }
    kiosk
        .desk
        .outbox
        .db()
        .execute_batch("DROP TRIGGER province.poison")?;
    let pass = engine.send_now();
    ensure!(pass.failure.is_none(), "{:?}", pass.failure);
    let freed = row(&kiosk.folder, &poison)?;
    ensure!(
        freed.delivery.is_acknowledged() && freed.failures == 0,
        "{freed:?}"
    );
    place.runtime.block_on(engine.stop());
    place.close();
    Ok(())
}

#[test]
fn a_form_over_which_the_service_fails_holds_up_nobody() -> Result<()> {
    the_others_go_on("INSERT", &Delivery::Sealed)
}

#[test]
fn a_dossier_whose_last_file_is_never_taken_holds_up_nobody() -> Result<()> {
    the_others_go_on("UPDATE OF acknowledgement", &Delivery::Registered)
}
