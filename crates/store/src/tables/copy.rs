//! Verified copies of sealed dossiers on other media, and which dossiers want one: two on one stick are one.
//!
//! **Invariant:** what is asked about and what is copied come out of one look at the index, by [`Lying`]'s rules.

use crate::StoreError;
use domain::ids::DossierId;
use domain::province::CaseStatus;
use domain::second_copy::Lying;
use domain::withdrawal::VoidItem;
use rusqlite::{Connection, Row};

/// Notes a copy that was written and read back.
///
/// # Errors
/// The write errors.
pub fn put(db: &Connection, dossier: &DossierId, stick: &str, now_ms: i64) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO copy (dossier, stick, made_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (dossier, stick) DO UPDATE SET made_ms = excluded.made_ms",
        (dossier.to_string(), stick, now_ms),
    )?;
    Ok(())
}

/// On how many media it lies beside this machine.
///
/// # Errors
/// The read errors.
pub fn count(db: &Connection, dossier: &DossierId) -> Result<u32, StoreError> {
    let mut statement = db.prepare_cached("SELECT count(*) FROM copy WHERE dossier = ?1")?;
    Ok(statement.query_row([dossier.to_string()], |r| r.get(0))?)
}

/// Dossiers that lie on this machine alone, in the order of their sealing; see [`Lying::only_here`].
///
/// # Errors
/// The read errors.
pub fn only_here(db: &Connection) -> Result<Vec<DossierId>, StoreError> {
    which(db, Lying::only_here)
}

/// Everything that a stick is to hold, in the order of its sealing; see [`Lying::goes_out`].
///
/// # Errors
/// The read errors.
pub fn going_out(db: &Connection) -> Result<Vec<DossierId>, StoreError> {
    which(db, Lying::goes_out)
}

fn which(db: &Connection, wanted: fn(&Lying) -> bool) -> Result<Vec<DossierId>, StoreError> {
    // The states left out are those of which no rule wants a copy; they are most of an old index.
    let mut statement = db.prepare_cached(
        "SELECT item.dossier, item.delivery, item.takes_back IS NOT NULL AS withdrawal,
           item.carried_from IS NOT NULL AS carried,
           EXISTS (SELECT 1 FROM copy WHERE copy.dossier = item.dossier) AS on_stick,
           void.delivery AS void_delivery, void.case_status AS void_case
         FROM item LEFT JOIN item AS void ON void.rowid =
           (SELECT rowid FROM item AS one WHERE one.takes_back = item.dossier ORDER BY one.device_seq LIMIT 1)
         WHERE item.state IN ('sealed', 'registered', 'received', 'held', 'quarantined') ORDER BY item.device_seq",
    )?;
    let rows = statement.query_map([], |r| {
        // A row that cannot be read is counted and told elsewhere, and holds up none of its neighbours.
        let Some((dossier, lying)) = read(r)? else {
            return Ok(None);
        };
        Ok(wanted(&lying).then_some(dossier))
    })?;
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}

fn read(r: &Row<'_>) -> rusqlite::Result<Option<(DossierId, Lying)>> {
    let (dossier, delivery): (String, String) = (r.get("dossier")?, r.get("delivery")?);
    let read = dossier.parse().ok().zip(serde_json::from_str(&delivery).ok());
    let Some((dossier, delivery)) = read else {
        return Ok(None);
    };
    let lying = Lying {
        delivery,
        withdrawal: r.get("withdrawal")?,
        void: void(r)?,
        carried: r.get("carried")?,
        on_stick: r.get("on_stick")?,
    };
    Ok(Some((dossier, lying)))
}

/// A withdrawal that cannot be read takes nothing back: a copy too many is the smaller harm.
fn void(r: &Row<'_>) -> rusqlite::Result<Option<VoidItem>> {
    let (delivery, case): (Option<String>, Option<String>) = (r.get("void_delivery")?, r.get("void_case")?);
    let delivery = delivery.and_then(|json| serde_json::from_str(&json).ok());
    let case = case.and_then(|word| CaseStatus::parse(&word));
    Ok(delivery
        .zip(case)
        .map(|(delivery, case)| VoidItem { delivery, case }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outbox;
    use crate::tables::item::{self, NewItem};
    use domain::delivery::{Delivery, HeldReason, QuarantineReason, Watermark};
    use domain::ids::ProcedureCode;

    const AT: Watermark = Watermark { epoch: 1, lsn: 7 };

    fn insert(db: &Connection, n: u64, takes_back: Option<DossierId>) -> DossierId {
        let dossier: DossierId = format!("00000000-0000-4000-8000-{n:012}").parse().unwrap();
        let new = NewItem {
            dossier,
            device_seq: n,
            receipt_number: &format!("DH-10293-{n:05}-42"),
            procedure_code: &ProcedureCode("1.001193".into()),
            envelope: b"sealed",
            manifest_sha256: [u8::try_from(n).unwrap(); 32],
            sealed_files: &[],
            sealed_ms: 1,
            takes_back,
        };
        item::insert(db, &new).unwrap();
        dossier
    }

    fn index() -> (tempfile::TempDir, Outbox) {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        (folder, outbox)
    }

    /// No state is left out of the look that a rule wants looked at.
    #[test]
    fn every_state_is_judged_by_the_rule_and_by_nothing_else() {
        let (_folder, outbox) = index();
        let db = outbox.db();
        let held = |reason| Delivery::Held { reason };
        let aside = |reason| Delivery::Quarantined { reason };
        let (mut alone, mut out) = (Vec::new(), Vec::new());
        for (n, delivery) in (1..).zip([
            Delivery::Sealed,
            Delivery::Registered,
            Delivery::Received { at: AT },
            Delivery::Durable { at: AT },
            Delivery::Purged { at: AT },
            held(HeldReason::FormRefused),
            held(HeldReason::ConsentWithdrawn),
            aside(QuarantineReason::CrashedTwice),
            aside(QuarantineReason::FileDamaged),
        ]) {
            let dossier = insert(db, n, None);
            item::set_delivery(db, &dossier, &delivery).unwrap();
            let lying = Lying {
                delivery,
                withdrawal: false,
                void: None,
                carried: false,
                on_stick: false,
            };
            alone.extend(lying.only_here().then_some(dossier));
            out.extend(lying.goes_out().then_some(dossier));
        }
        assert!(!alone.is_empty() && out.len() > alone.len());
        assert_eq!(only_here(db).unwrap(), alone);
        assert_eq!(going_out(db).unwrap(), out);
        put(db, alone.first().unwrap(), "a stick", 1).unwrap();
        assert_eq!(only_here(db).unwrap(), alone.split_first().unwrap().1);
        assert_eq!(going_out(db).unwrap(), out, "another stick holds it too");
    }

    #[test]
    fn what_was_taken_back_is_copied_no_more_until_the_province_refuses() {
        let (_folder, outbox) = index();
        let db = outbox.db();
        let dossier = insert(db, 1, None);
        let void = insert(db, 2, Some(dossier));
        assert!(only_here(db).unwrap().is_empty());
        assert_eq!(going_out(db).unwrap(), [void], "the withdrawal has to get there");

        let reason = HeldReason::WithdrawalTooLate;
        item::set_delivery(db, &void, &Delivery::Held { reason }).unwrap();
        assert_eq!(only_here(db).unwrap(), [dossier]);
        assert_eq!(going_out(db).unwrap(), [dossier, void]);

        // Acknowledged, and refused when the dossier came.
        item::set_delivery(db, &void, &Delivery::Durable { at: AT }).unwrap();
        assert!(only_here(db).unwrap().is_empty() && going_out(db).unwrap().is_empty());
        item::set_case(db, &void, CaseStatus::NotAccepted, None, None).unwrap();
        assert_eq!(only_here(db).unwrap(), [dossier]);
        assert_eq!(going_out(db).unwrap(), [dossier]);
    }

    #[test]
    fn what_cannot_be_read_holds_up_none_of_its_neighbours() {
        let (_folder, outbox) = index();
        let db = outbox.db();
        let (torn, whole) = (insert(db, 1, None), insert(db, 2, None));
        let void = insert(db, 3, Some(whole));
        let tear = "UPDATE item SET delivery = '{' WHERE dossier IN (?1, ?2)";
        db.execute(tear, [torn.to_string(), void.to_string()]).unwrap();
        assert_eq!(only_here(db).unwrap(), [whole]);
        assert_eq!(going_out(db).unwrap(), [whole]);
    }
}
