//! What stands beside a dossier whose owner asked for it back: whatever became of either, the sentence names the press
//! beside it, and who needs a person is who has such a press.

use super::*;
use crate::commands::outbox::need_person;
use crate::trouble::tests::{differs, every_delivery};
use domain::delivery::{Delivery, QuarantineReason};
use domain::ids::ProcedureCode;
use uuid::Uuid;

const DOSSIER: DossierId = DossierId(Uuid::from_u128(0x4000_8000_0000_0000_0001));
const VOID: DossierId = DossierId(Uuid::from_u128(0x4000_8000_0000_0000_0002));
const REFUSED: Delivery = Delivery::Held {
    reason: HeldReason::FormRefused,
};
const TOO_LATE: Delivery = Delivery::Held {
    reason: HeldReason::WithdrawalTooLate,
};

struct Queue {
    _dir: tempfile::TempDir,
    outbox: Outbox,
}

impl Queue {
    /// A dossier, and the withdrawal of it where one is asked for.
    fn new(asked: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(dir.path()).unwrap();
        let code = ProcedureCode::from("1.001193");
        let void = asked.then_some((VOID, Some(DOSSIER)));
        for (n, (dossier, takes_back)) in [Some((DOSSIER, None)), void].into_iter().flatten().enumerate() {
            let new = NewItem {
                dossier,
                device_seq: u64::try_from(n).unwrap() + 1,
                receipt_number: "DH-00007-00042-22",
                procedure_code: &code,
                envelope: b"envelope",
                manifest_sha256: [0; 32],
                sealed_files: &[],
                sealed_ms: 0,
                takes_back,
            };
            item::insert(outbox.db(), &new).unwrap();
        }
        Self { _dir: dir, outbox }
    }

    fn stands(&self, dossier: &DossierId, delivery: Delivery) {
        item::set_delivery(self.outbox.db(), dossier, &delivery).unwrap();
    }

    fn case(&self, dossier: &DossierId, case: CaseStatus) {
        item::set_case(self.outbox.db(), dossier, case, None, None).unwrap();
    }

    /// What is told, and how many home counts.
    fn told(&self) -> (Option<Told>, usize) {
        let row = item::get(self.outbox.db(), &DOSSIER).unwrap().unwrap();
        let standing = standing(&self.outbox, &row).unwrap();
        let told = standing.told(&row);
        if let (Some(told), None) = (&told, standing.stuck(&row))
            && told.next == NextStep::SendAgain
        {
            let own = Told::from(trouble::of_row(&row).expect("a press that sends nothing"));
            assert!(told.words.vi.ends_with(&own.words.vi), "of another: {told:?}");
        }
        (told, need_person(&self.outbox).unwrap())
    }
}

#[test]
fn the_sentence_and_the_press_are_one_whatever_became_of_either() {
    let (mut seen, mut for_person) = (0, 0);
    for asked in [false, true] {
        let queue = Queue::new(asked);
        for case in [CaseStatus::New, CaseStatus::Done, CaseStatus::Withdrawn] {
            queue.case(&DOSSIER, case);
            for own in every_delivery() {
                queue.stands(&DOSSIER, own);
                for void in every_delivery()
                    .into_iter()
                    .take(if asked { usize::MAX } else { 1 })
                {
                    if asked {
                        queue.stands(&VOID, void);
                    }
                    let (told, counted) = queue.told();
                    let line = format!("{case:?}, {own:?}, asked {asked}, {void:?}: {told:?}");
                    if let Some(Told { words, next }) = &told {
                        assert_eq!(differs(words, *next), None, "{line}");
                    }
                    let needs = told.is_some_and(|told| told.next.needs_person());
                    assert_eq!(counted, usize::from(needs), "{line}");
                    (seen, for_person) = (seen + 1, for_person + counted);
                }
            }
        }
    }
    assert!(
        for_person > 50 && seen > for_person + 50,
        "the control: {for_person} of {seen}"
    );
}

/// A withdrawal that goes by itself, or that the province has recorded, ends the waiting for a person.
#[test]
fn what_is_taken_back_needs_nobody() {
    let damaged = Delivery::Quarantined {
        reason: QuarantineReason::FileDamaged,
    };
    let at = domain::delivery::Watermark { epoch: 1, lsn: 5 };
    for own in [REFUSED, damaged] {
        let alone = Queue::new(false);
        alone.stands(&DOSSIER, own);
        assert_eq!(alone.told().1, 1, "the control: nobody asked");
        let queue = Queue::new(true);
        queue.stands(&DOSSIER, own);
        for (void, next) in [
            (Delivery::Sealed, NextStep::ByItself),
            (Delivery::Durable { at }, NextStep::Nothing),
        ] {
            queue.stands(&VOID, void);
            let (told, counted) = queue.told();
            assert_eq!((told.map(|told| told.next), counted), (Some(next), 0), "{void:?}");
        }
    }
}

/// The dossier can still go, and the sentence beside the press says so, and that it is not given back.
#[test]
fn refused_over_a_held_dossier_the_press_is_the_dossiers() {
    let queue = Queue::new(true);
    queue.stands(&DOSSIER, REFUSED);
    queue.stands(&VOID, TOO_LATE);
    let (told, counted) = queue.told();
    let told = told.unwrap();
    assert_eq!(
        (told.next, counted),
        (NextStep::SendAgain, 1),
        "two rows, one dossier"
    );
    assert!(
        told.words
            .vi
            .starts_with("Tỉnh không cho rút hồ sơ này. Tỉnh chưa nhận"),
        "{told:?}"
    );
    queue.stands(&DOSSIER, Delivery::Sealed);
    let (told, counted) = queue.told();
    assert_eq!(
        (told, counted),
        (Some(Failure::Held(HeldReason::WithdrawalTooLate).into()), 1)
    );
    queue.case(&DOSSIER, CaseStatus::Done);
    assert_eq!(queue.told(), (None, 0), "the province has answered");
}
