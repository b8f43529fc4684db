//! The applied changes over a real outbox: nothing is lost, nothing twice, and a replay changes nothing.

use super::*;
use domain::delivery::HeldReason;
use domain::ids::ProcedureCode;
use domain::province::{CaseStatus, OfficialCode};
use domain::withdrawal::Withdrawal;
use proptest::prelude::*;
use seal::keys::{OpeningKey, Recipients, SigningKey};
use seal::manifest::{CapturedAt, Kind, MANIFEST_VERSION, Manifest};
use store::outbox::Chain;
use store::tables::item::NewItem;
use tempfile::TempDir;
use wire::Nonce;
use wire::sync::{Event as Told, SyncAnswerKind};

pub(crate) struct Counter {
    _dir: TempDir,
    pub(crate) outbox: Outbox,
    files: SealedFiles,
    pub(crate) dossiers: Vec<DossierId>,
}

fn manifest(
    dossier: DossierId,
    seq: u64,
    blobs: Vec<seal::manifest::BlobRecord>,
    operator: &SigningKey,
) -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        dossier: *dossier.as_bytes(),
        device: [1; 16],
        device_epoch: 3,
        device_seq: seq,
        previous: [0; 32],
        receipt_number: format!("DH-00001-{seq:05}-00"),
        procedure_code: "1.001193".into(),
        procedure_version: "1".into(),
        procedure_sha256: [2; 32],
        captured_at: CapturedAt {
            wall_ms: 0,
            last_province_ms: 0,
            low_trust: true,
        },
        kind: Kind::New,
        sealed_form: vec![9; 32],
        blobs,
        lookup_tag: [4; 32],
        operator: [5; 16],
        operator_key: *operator.verify_key().as_bytes(),
        parent: None,
        catalogue_sha256: None,
    }
}

/// A real outbox with `count` sealed dossiers of one file each.
pub(crate) fn counter(count: u8) -> Counter {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    let files = SealedFiles::open(dir.path()).unwrap();
    let (device, operator) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let to = Recipients {
        intake: OpeningKey::generate().recipient(),
        recovery: OpeningKey::generate().recipient(),
    };
    let mut dossiers = Vec::new();
    for n in 1..=count {
        let dossier = DossierId(uuid::Uuid::from_bytes([n; 16]));
        let blob = files.seal(&[n; 1000], &to).unwrap();
        let sealed_files = [(blob.name(), blob.len)];
        let before = outbox.chain().unwrap();
        let sealed = SealedDossierOf(
            &manifest(dossier, u64::from(n), vec![blob], &operator),
            &device,
            &operator,
        )
        .bytes();
        let new = NewItem {
            dossier,
            device_seq: u64::from(n),
            receipt_number: "DH-00001-00001-00",
            procedure_code: &ProcedureCode::from("1.001193"),
            envelope: &sealed.0,
            manifest_sha256: sealed.1,
            sealed_files: &sealed_files,
            sealed_ms: 1000,
            takes_back: None,
        };
        let line = Entry {
            at_ms: 1000,
            what: "sealed",
            dossier: Some(dossier),
            who: None,
            note: None,
        };
        assert_eq!(before, Chain { ..before.clone() });
        outbox.commit_sealed(&before, &new, &line).unwrap();
        dossiers.push(dossier);
    }
    Counter {
        _dir: dir,
        outbox,
        files,
        dossiers,
    }
}

struct SealedDossierOf<'a>(&'a Manifest, &'a SigningKey, &'a SigningKey);

impl SealedDossierOf<'_> {
    fn bytes(&self) -> (Vec<u8>, [u8; 32]) {
        let sealed = seal::envelope::SealedDossier::sign(self.0, self.1, self.2).unwrap();
        (sealed.to_bytes().unwrap(), sealed.sha256())
    }
}

fn ack(epoch: u64, lsn: u64) -> Acknowledged {
    let at = Watermark { epoch, lsn };
    Acknowledged {
        at,
        signed_json: format!("{{\"lsn\":{lsn}}}"),
        durable: Watermark { epoch, lsn: 0 },
        local_ms: 5,
        province_ms: 10,
    }
}

fn told(seq: u64, dossier: DossierId, status: CaseStatus, code: Option<&str>) -> Told {
    let official_code = code.map(|code| OfficialCode {
        code: code.into(),
        source: "Cổng DVC quốc gia".into(),
    });
    Told {
        seq,
        dossier,
        kind: EventKind::Case {
            status,
            official_code,
            note: None,
        },
    }
}

fn answer(epoch: u64, durable: u64, events: Vec<Told>, now_ms: i64) -> SyncAnswer {
    SyncAnswer {
        answer: SyncAnswerKind::Sync,
        nonce: Nonce([0; 32]),
        epoch,
        durable: Watermark { epoch, lsn: durable },
        next_cursor: events.last().map_or(0, |e| e.seq),
        events,
        more: false,
        catalogue: None,
        now: jiff::Timestamp::from_millisecond(now_ms).unwrap(),
        device: None,
        files_after_s: None,
        certificate: None,
    }
}

pub(crate) fn row(counter: &Counter, n: usize) -> ItemRow {
    item::get(counter.outbox.db(), &counter.dossiers[n])
        .unwrap()
        .unwrap()
}

#[test]
fn events_and_their_cursor_are_one_and_a_replay_changes_nothing() {
    let c = counter(1);
    let stranger = DossierId(uuid::Uuid::from_bytes([99; 16]));
    let page = answer(
        1,
        0,
        vec![
            told(1, stranger, CaseStatus::Accepted, None),
            told(
                2,
                c.dossiers[0],
                CaseStatus::Accepted,
                Some("H21.129-250812-0035"),
            ),
        ],
        50,
    );
    assert_eq!(events(&c.outbox, &page, 7).unwrap().moved, vec![c.dossiers[0]]);
    assert_eq!(row(&c, 0).official_code.unwrap().code, "H21.129-250812-0035");
    assert_eq!(
        setting::get::<u64>(c.outbox.db(), Name::EventCursor).unwrap(),
        Some(2)
    );
    assert_eq!(
        events(&c.outbox, &page, 8).unwrap().moved,
        vec![],
        "the same page again moves nothing"
    );
    let late = answer(1, 0, vec![told(1, c.dossiers[0], CaseStatus::New, None)], 60);
    assert_eq!(
        events(&c.outbox, &late, 9).unwrap().moved,
        vec![],
        "an event before the cursor is old news"
    );
    assert_eq!(row(&c, 0).case_status, CaseStatus::Accepted);
    assert_eq!(
        setting::get::<u64>(c.outbox.db(), Name::EventCursor).unwrap(),
        Some(2),
        "the cursor never goes back"
    );
    let time: ProvinceTime = setting::get(c.outbox.db(), Name::ProvinceTime).unwrap().unwrap();
    assert_eq!(
        time,
        ProvinceTime {
            signed_ms: 60,
            confirmed_ms: 9
        }
    );
}

#[test]
fn two_crashes_set_one_item_aside_and_the_other_goes_on() {
    let mut c = counter(2);
    for crash in 0..2 {
        item::begin_attempt(c.outbox.db(), &c.dossiers[0]).unwrap();
        let aside = crashed(&mut c.outbox).unwrap();
        assert_eq!(aside.len(), crash, "after crash {}", crash + 1);
    }
    assert_eq!(
        row(&c, 0).delivery,
        Delivery::Quarantined {
            reason: QuarantineReason::CrashedTwice
        }
    );
    assert!(row(&c, 1).delivery.is_waiting());
    let freed = c
        .outbox
        .step(&c.dossiers[0].clone(), Event::Released, |_| Ok(()))
        .unwrap();
    assert_eq!(freed, Delivery::Sealed);
    assert_eq!(
        crashed(&mut c.outbox).unwrap(),
        vec![],
        "a released item starts with a clean count"
    );
}

#[test]
fn an_end_writes_what_the_failure_means() {
    let table = [
        (
            Failure::Held(HeldReason::Fork),
            Delivery::Held {
                reason: HeldReason::Fork,
            },
            Some("held"),
            0,
        ),
        (
            Failure::Local(QuarantineReason::FileDamaged),
            Delivery::Quarantined {
                reason: QuarantineReason::FileDamaged,
            },
            Some("local"),
            0,
        ),
        (Failure::Resume, Delivery::Sealed, Some("resume"), 1),
        (Failure::Network, Delivery::Sealed, Some("network"), 1),
        (Failure::NotTheService, Delivery::Sealed, None, 0),
        (Failure::DeviceRefused, Delivery::Sealed, None, 0),
    ];
    for (failure, state, word, later) in table {
        let mut c = counter(1);
        let before = row(&c, 0);
        item::begin_attempt(c.outbox.db(), &before.dossier).unwrap();
        ended(&mut c.outbox, &before, Some(failure), 1000, 500).unwrap();
        let after = row(&c, 0);
        assert_eq!(
            (after.delivery, after.last_failure.as_deref(), after.in_attempt),
            (state, word, false),
            "{failure:?}"
        );
        assert_eq!(i64::from(after.next_try_ms > 1000), later, "{failure:?}");
    }
}

/// Its acknowledgement was lost, or went with a damaged index: the refusal tells that the province holds the dossier.
#[test]
fn a_withdrawal_that_comes_too_late_lets_its_dossier_ask_for_its_word() {
    let table = [
        (HeldReason::WithdrawalTooLate, Delivery::Sealed),
        (
            HeldReason::NotThisCounters,
            Delivery::Held {
                reason: HeldReason::ConsentWithdrawn,
            },
        ),
    ];
    for (refusal, state) in table {
        let mut c = counter(1);
        let taken_back = c.dossiers[0];
        let void = DossierId(uuid::Uuid::from_bytes([9; 16]));
        let new = NewItem {
            dossier: void,
            device_seq: 2,
            receipt_number: "DH-00001-00001-00",
            procedure_code: &ProcedureCode::from("1.001193"),
            envelope: &[1],
            manifest_sha256: [9; 32],
            sealed_files: &[],
            sealed_ms: 2000,
            takes_back: Some(taken_back),
        };
        let line = Entry {
            at_ms: 2000,
            what: "withdrawal_asked",
            dossier: Some(taken_back),
            who: None,
            note: None,
        };
        let before = c.outbox.chain().unwrap();
        c.outbox.commit_withdrawal(&before, &new, &line).unwrap();
        let reason = HeldReason::ConsentWithdrawn;
        assert_eq!(row(&c, 0).delivery, Delivery::Held { reason });
        let request = item::get(c.outbox.db(), &void).unwrap().unwrap();
        for _ in 0..2 {
            ended(&mut c.outbox, &request, Some(Failure::Held(refusal)), 3000, 7).unwrap();
            assert_eq!(row(&c, 0).delivery, state, "{refusal:?}");
        }
        let request = item::get(c.outbox.db(), &void).unwrap().unwrap();
        assert_eq!(request.delivery, Delivery::Held { reason: refusal });
    }
}

/// A withdrawal of the counter's first dossier, sealed and in the queue.
fn withdraw(c: &mut Counter) -> DossierId {
    let (device, operator) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let taken_back = c.dossiers[0];
    let void = DossierId(uuid::Uuid::from_bytes([9; 16]));
    let manifest = Manifest {
        kind: Kind::Void,
        parent: Some(*taken_back.as_bytes()),
        lookup_tag: [0; 32],
        ..manifest(void, 2, Vec::new(), &operator)
    };
    let (envelope, manifest_sha256) = SealedDossierOf(&manifest, &device, &operator).bytes();
    let new = NewItem {
        dossier: void,
        device_seq: 2,
        receipt_number: &manifest.receipt_number,
        procedure_code: &ProcedureCode::from("1.001193"),
        envelope: &envelope,
        manifest_sha256,
        sealed_files: &[],
        sealed_ms: 2000,
        takes_back: Some(taken_back),
    };
    let line = Entry {
        at_ms: 2000,
        what: "withdrawal_asked",
        dossier: Some(taken_back),
        who: None,
        note: None,
    };
    let before = c.outbox.chain().unwrap();
    c.outbox.commit_withdrawal(&before, &new, &line).unwrap();
    void
}

/// The index is made again without the dossier's acknowledgement, and its withdrawal comes too late: the dossier goes again
/// and gets its word, and waits for nobody.
#[test]
fn an_index_made_again_lets_go_of_what_is_not_given_back() {
    let mut c = counter(1);
    let void = withdraw(&mut c);
    for id in [c.dossiers[0], void] {
        let envelope = item::envelope(c.outbox.db(), &id).unwrap();
        c.files
            .records()
            .write(&id, None, &envelope)
            .unwrap()
            .name()
            .unwrap();
    }
    let elsewhere = tempfile::tempdir().unwrap();
    c.outbox = Outbox::open(elsewhere.path()).unwrap();
    let keys = crate::rebuild::Keys {
        device: SigningKey::from_seed(&[1; 32]).verify_key(),
        province: SigningKey::from_seed(&[3; 32]).verify_key(),
    };
    let made = crate::rebuild::take_in(&c.outbox, &c.files, &keys, 1).unwrap();
    assert_eq!((made.dossiers, made.acknowledged), (2, 0));
    let reason = HeldReason::ConsentWithdrawn;
    assert_eq!(
        row(&c, 0).delivery,
        Delivery::Held { reason },
        "until the province has answered, nothing of it goes"
    );
    let request = item::get(c.outbox.db(), &void).unwrap().unwrap();
    assert_eq!(request.delivery, Delivery::Sealed, "the province is asked again");
    let too_late = Failure::Held(HeldReason::WithdrawalTooLate);
    ended(&mut c.outbox, &request, Some(too_late), 3000, 7).unwrap();
    assert_eq!(row(&c, 0).delivery, Delivery::Sealed);
}

#[test]
fn what_was_not_given_back_is_offered_to_a_restored_province() {
    let reason = HeldReason::ConsentWithdrawn;
    for (why, came, wanted) in [
        (
            "refused as too late",
            Some(Failure::Held(HeldReason::WithdrawalTooLate)),
            Delivery::Sealed,
        ),
        ("the control: still asked for", None, Delivery::Held { reason }),
    ] {
        let mut c = counter(1);
        let dossier = c.dossiers[0];
        acknowledged(&mut c.outbox, &dossier, &ack(1, 5)).unwrap();
        let void = withdraw(&mut c);
        let request = item::get(c.outbox.db(), &void).unwrap().unwrap();
        ended(&mut c.outbox, &request, came, 3000, 7).unwrap();
        assert_eq!(
            row(&c, 0).delivery,
            Delivery::Received { at: ack(1, 5).at },
            "{why}"
        );
        let seen = SeenEpoch {
            epoch: 2,
            since_ms: 50,
        };
        restored(&c.outbox, seen, &[dossier], 4000).unwrap();
        assert_eq!(row(&c, 0).delivery, wanted, "{why}");
    }
}

/// A backup brings the province back to before a withdrawal, the code is given meanwhile, and the request that comes again
/// is too late: what was told in the epoch that ended must not go on being the word.
#[test]
fn a_withdrawal_that_a_restored_province_forgot_is_told_no_more() {
    let mut c = counter(1);
    let dossier = c.dossiers[0];
    acknowledged(&mut c.outbox, &dossier, &ack(1, 5)).unwrap();
    let void = withdraw(&mut c);
    acknowledged(&mut c.outbox, &void, &ack(1, 6)).unwrap();
    item::set_case(c.outbox.db(), &dossier, CaseStatus::Withdrawn, None, None).unwrap();
    let stands = |c: &Counter| {
        let (dossier, request) = (row(c, 0), item::get(c.outbox.db(), &void).unwrap().unwrap());
        let void = VoidItem {
            delivery: request.delivery,
            case: request.case_status,
        };
        Withdrawal::of(&dossier.delivery, dossier.case_status, Some(void))
    };
    assert_eq!(stands(&c), Withdrawal::Taken);
    let seen = SeenEpoch {
        epoch: 2,
        since_ms: 50,
    };
    restored(&c.outbox, seen, &[void], 4000).unwrap();
    assert_eq!(stands(&c), Withdrawal::Asked, "it goes again");
    let request = item::get(c.outbox.db(), &void).unwrap().unwrap();
    let too_late = Failure::Held(HeldReason::WithdrawalTooLate);
    ended(&mut c.outbox, &request, Some(too_late), 5000, 7).unwrap();
    assert_eq!(stands(&c), Withdrawal::Refused);
}

/// The papers are wanted once more of what is whole nowhere, and not of what its owner took back.
#[test]
fn the_papers_of_what_was_taken_back_are_not_wanted_again() {
    let purged = Delivery::Purged { at: ack(1, 5).at };
    let reason = QuarantineReason::FileDamaged;
    for (taken_back, wanted) in [(false, Delivery::Quarantined { reason }), (true, purged)] {
        let mut c = counter(1);
        let dossier = c.dossiers[0];
        acknowledged(&mut c.outbox, &dossier, &ack(1, 5)).unwrap();
        events(&c.outbox, &answer(1, 5, vec![], 10), 0).unwrap();
        purge(&mut c.outbox, &c.files, i64::MAX, 0).unwrap();
        assert_eq!(row(&c, 0).delivery, purged);
        if taken_back {
            withdraw(&mut c);
        }
        let lost = Told {
            seq: 7,
            dossier,
            kind: EventKind::OfferAgain { at: ack(1, 5).at },
        };
        events(&c.outbox, &answer(1, 5, vec![lost], 20), 0).unwrap();
        assert_eq!(row(&c, 0).delivery, wanted, "taken back: {taken_back}");
    }
}

#[test]
fn what_another_machine_brought_asks_for_its_word_again() {
    let mut c = counter(1);
    let dossier = c.dossiers[0];
    let at = ack(1, 9).at;
    let whole = |seq| Told {
        seq,
        dossier,
        kind: EventKind::Whole { at },
    };
    events(&c.outbox, &answer(1, 0, vec![whole(3)], 10), 0).unwrap();
    assert_eq!(row(&c, 0).delivery, Delivery::Sealed, "it goes by itself");
    let reason = QuarantineReason::FileDamaged;
    c.outbox
        .step(&dossier, Event::Unfit { reason }, |_| Ok(()))
        .unwrap();
    events(&c.outbox, &answer(1, 0, vec![whole(3)], 15), 0).unwrap();
    assert_eq!(row(&c, 0).delivery, Delivery::Quarantined { reason }, "no news");
    events(&c.outbox, &answer(1, 9, vec![whole(4)], 20), 0).unwrap();
    assert_eq!(
        row(&c, 0).delivery,
        Delivery::Sealed,
        "and is not believed by that"
    );
    acknowledged(&mut c.outbox, &dossier, &ack(1, 9)).unwrap();
    events(&c.outbox, &answer(1, 9, vec![whole(5)], 30), 0).unwrap();
    assert_eq!(row(&c, 0).delivery, Delivery::Durable { at });
}

/// The province lost it while its withdrawal was on its way, and then refused the withdrawal.
#[test]
fn what_was_lost_while_it_was_asked_back_is_told_once_that_is_refused() {
    let mut c = counter(1);
    let dossier = c.dossiers[0];
    acknowledged(&mut c.outbox, &dossier, &ack(1, 5)).unwrap();
    events(&c.outbox, &answer(1, 5, vec![], 10), 0).unwrap();
    purge(&mut c.outbox, &c.files, i64::MAX, 0).unwrap();
    let void = withdraw(&mut c);
    let lost = Told {
        seq: 7,
        dossier,
        kind: EventKind::OfferAgain { at: ack(1, 5).at },
    };
    events(&c.outbox, &answer(1, 5, vec![lost], 20), 0).unwrap();
    assert!(matches!(row(&c, 0).delivery, Delivery::Purged { .. }));
    let asked = item::get(c.outbox.db(), &void).unwrap().unwrap();
    let too_late = Failure::Held(HeldReason::WithdrawalTooLate);
    ended(&mut c.outbox, &asked, Some(too_late), 0, 0).unwrap();
    let reason = QuarantineReason::FileDamaged;
    assert_eq!(row(&c, 0).delivery, Delivery::Quarantined { reason });
}

#[test]
fn bytes_go_only_when_durable_for_long_within_one_epoch() {
    let keep = 1000;
    let mut c = counter(1);
    let path = |c: &Counter| {
        let sealed = seal::envelope::SealedDossier::from_bytes(
            &item::envelope(c.outbox.db(), &c.dossiers[0]).unwrap(),
        )
        .unwrap();
        c.files
            .path(&Manifest::from_bytes(&sealed.manifest).unwrap().blobs[0].name())
    };
    let dossier = c.dossiers[0];
    events(&c.outbox, &answer(1, 0, vec![], 10), 0).unwrap();
    acknowledged(&mut c.outbox, &dossier, &ack(1, 5)).unwrap();
    assert_eq!(
        purge(&mut c.outbox, &c.files, i64::MAX, keep).unwrap(),
        vec![],
        "received is not durable"
    );
    events(&c.outbox, &answer(1, 5, vec![], 100), 0).unwrap();
    assert!(matches!(row(&c, 0).delivery, Delivery::Durable { .. }));
    assert_eq!(
        purge(&mut c.outbox, &c.files, 100 + keep - 1, keep).unwrap(),
        vec![],
        "not long enough"
    );
    let other = SeenEpoch {
        epoch: 2,
        since_ms: 0,
    };
    assert!(
        {
            let row = row(&c, 0);
            !decide::may_go(&row.delivery, row.durable_ms, other, i64::MAX, keep)
        },
        "another epoch vouches for nothing"
    );
    assert!(path(&c).exists());
    assert_eq!(
        purge(&mut c.outbox, &c.files, 100 + keep, keep).unwrap(),
        vec![dossier]
    );
    assert!(!path(&c).exists() && matches!(row(&c, 0).delivery, Delivery::Purged { .. }));
}

/// The province lost a file of the first before any backup had it. The page that tells of it covers its old word.
#[test]
fn what_the_province_lost_is_offered_again_and_its_old_word_is_not_believed() {
    let lost = |seq, dossier, lsn| Told {
        seq,
        dossier,
        kind: EventKind::OfferAgain { at: ack(1, lsn).at },
    };
    let (kept, keep) = (Delivery::Durable { at: ack(1, 6).at }, 1000);
    for durable_before in [0, 5] {
        let mut c = counter(2);
        let [first, second] = [c.dossiers[0], c.dossiers[1]];
        events(&c.outbox, &answer(1, 0, vec![], 10), 0).unwrap();
        acknowledged(&mut c.outbox, &first, &ack(1, 5)).unwrap();
        acknowledged(&mut c.outbox, &second, &ack(1, 6)).unwrap();
        events(&c.outbox, &answer(1, durable_before, vec![], 20), 0).unwrap();
        let page = answer(1, 6, vec![lost(7, first, 5)], 30);
        assert_eq!(events(&c.outbox, &page, 0).unwrap().moved, [first, second]);
        assert_eq!(
            (row(&c, 0).delivery, row(&c, 1).delivery),
            (Delivery::Sealed, kept)
        );
        assert_eq!(row(&c, 0).acknowledgement, None);
        assert_eq!(
            purge(&mut c.outbox, &c.files, i64::MAX, keep).unwrap(),
            [second],
            "what is asked for stays"
        );
        let words: WordsTakenBack = setting::get(c.outbox.db(), Name::WordsTakenBack)
            .unwrap()
            .unwrap();
        assert!(!words.let_stand(&first, ack(1, 5).at) && words.let_stand(&first, ack(1, 9).at));
        // It went again, and the page of events comes once more: after an index was made again, for one.
        acknowledged(&mut c.outbox, &first, &ack(1, 9)).unwrap();
        setting::set(c.outbox.db(), Name::EventCursor, &0_u64).unwrap();
        events(&c.outbox, &page, 0).unwrap();
        assert_eq!(row(&c, 0).delivery, Delivery::Received { at: ack(1, 9).at });
        // Of what is gone here nothing can be offered: nobody is told any more that the province has it.
        let late = answer(1, 6, vec![lost(8, second, 6)], 40);
        events(&c.outbox, &late, 0).unwrap();
        let reason = QuarantineReason::FileDamaged;
        assert_eq!(row(&c, 1).delivery, Delivery::Quarantined { reason });
        assert_eq!(row(&c, 1).acknowledgement, None);
        let asked: i64 = c
            .outbox
            .db()
            .query_row(
                "SELECT count(*) FROM audit WHERE what = 'lost_at_the_province_and_gone_here'",
                [],
                |r| r.get(0),
            )
            .unwrap();
        assert_eq!(asked, 1);
    }
}

#[test]
fn what_a_restored_province_forgot_is_sent_again() {
    let mut c = counter(2);
    events(
        &c.outbox,
        &answer(1, 9, vec![told(4, c.dossiers[0], CaseStatus::Accepted, None)], 10),
        0,
    )
    .unwrap();
    for (dossier, lsn) in [(c.dossiers[0], 3), (c.dossiers[1], 9)] {
        acknowledged(
            &mut c.outbox,
            &dossier,
            &Acknowledged {
                durable: Watermark { epoch: 1, lsn: 9 },
                ..ack(1, lsn)
            },
        )
        .unwrap();
    }
    restored(
        &c.outbox,
        SeenEpoch {
            epoch: 2,
            since_ms: 20,
        },
        &[c.dossiers[1]],
        0,
    )
    .unwrap();
    assert!(
        row(&c, 0).delivery.is_waiting(),
        "what it still holds is offered again: its acknowledgement is of an epoch that has ended"
    );
    assert!(row(&c, 1).delivery.is_waiting(), "what it forgot is sent again");
    assert_eq!(
        setting::get::<u64>(c.outbox.db(), Name::EventCursor).unwrap(),
        Some(0),
        "its events are read from the start"
    );
    let again = Acknowledged {
        durable: Watermark { epoch: 2, lsn: 4 },
        ..ack(2, 4)
    };
    acknowledged(&mut c.outbox, &c.dossiers[0], &again).unwrap();
    assert!(
        matches!(row(&c, 0).delivery, Delivery::Durable { at } if at.epoch == 2),
        "and it can become durable and be let go in the new one"
    );
}

#[test]
fn a_crash_while_files_are_let_go_leaves_files_and_never_a_row_without_them() {
    let mut c = counter(1);
    let name = {
        let sealed = item::envelope(c.outbox.db(), &c.dossiers[0]).unwrap();
        let sealed = seal::envelope::SealedDossier::from_bytes(&sealed).unwrap();
        Manifest::from_bytes(&sealed.manifest).unwrap().blobs[0].name()
    };
    let dossier = c.dossiers[0];
    let durable = Acknowledged {
        durable: Watermark { epoch: 1, lsn: 3 },
        ..ack(1, 3)
    };
    acknowledged(&mut c.outbox, &dossier, &durable).unwrap();
    // The row says so and the machine dies before the files go.
    c.outbox.step(&dossier, Event::PurgeDue, |_| Ok(())).unwrap();
    assert!(c.files.path(&name).exists());
    let restored_since = SeenEpoch {
        epoch: 2,
        since_ms: 20,
    };
    restored(&c.outbox, restored_since, &[], 0).unwrap();
    assert!(
        matches!(row(&c, 0).delivery, Delivery::Purged { .. }),
        "it is not sent again without its files"
    );
    sweep(&mut c.outbox, &c.files).unwrap();
    assert!(!c.files.path(&name).exists(), "the next start lets them go");
}

#[derive(Debug, Clone)]
enum Happens {
    Ack(usize, u64, u64),
    Told(u64, usize, u64),
    Ended(usize, u8),
    Restored(u64, usize),
    Purge(i64),
    Crash(usize),
    Release(usize),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        (0..2_usize, 1..3_u64, 1..9_u64).prop_map(|(n, e, l)| Happens::Ack(n, e, l)),
        (1..3_u64, 0..2_usize, 0..9_u64).prop_map(|(e, n, s)| Happens::Told(e, n, s)),
        (0..2_usize, 0..4_u8).prop_map(|(n, f)| Happens::Ended(n, f)),
        (1..3_u64, 0..2_usize).prop_map(|(e, n)| Happens::Restored(e, n)),
        (0..5000_i64).prop_map(Happens::Purge),
        (0..2_usize).prop_map(Happens::Crash),
        (0..2_usize).prop_map(Happens::Release),
    ]
}

fn happen(c: &mut Counter, what: &Happens) {
    let id = |c: &Counter, n: &usize| c.dossiers[*n];
    match what {
        Happens::Ack(n, epoch, lsn) => {
            let dossier = id(c, n);
            acknowledged(&mut c.outbox, &dossier, &ack(*epoch, *lsn)).unwrap();
        }
        Happens::Told(epoch, n, seq) => {
            let page = answer(
                *epoch,
                *seq,
                vec![told(*seq, id(c, n), CaseStatus::Processing, None)],
                100,
            );
            events(&c.outbox, &page, 0).unwrap();
        }
        Happens::Ended(n, kind) => {
            let failure = [
                None,
                Some(Failure::Network),
                Some(Failure::Held(HeldReason::Fork)),
                Some(Failure::Resume),
            ][usize::from(*kind)];
            let row = row(c, *n);
            ended(&mut c.outbox, &row, failure, 0, 7).unwrap();
        }
        Happens::Restored(epoch, n) => restored(
            &c.outbox,
            SeenEpoch {
                epoch: *epoch,
                since_ms: 0,
            },
            &[id(c, n)],
            0,
        )
        .unwrap(),
        Happens::Purge(now) => {
            purge(&mut c.outbox, &c.files, *now, 1000).unwrap();
        }
        Happens::Crash(n) => {
            let dossier = id(c, n);
            item::begin_attempt(c.outbox.db(), &dossier).unwrap();
            crashed(&mut c.outbox).unwrap();
        }
        Happens::Release(n) => {
            let dossier = id(c, n);
            c.outbox.step(&dossier, Event::Released, |_| Ok(())).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Whatever happens, both dossiers are there, their bytes too until purged, and one acknowledgement each at a time.
    #[test]
    fn nothing_that_happens_loses_a_dossier(all in proptest::collection::vec(happens(), 1..25)) {
        let mut c = counter(2);
        let mut kept: [Option<String>; 2] = [None, None];
        for what in &all {
            happen(&mut c, what);
            for (n, kept) in kept.iter_mut().enumerate() {
                let row = row(&c, n);
                let sealed = seal::envelope::SealedDossier::from_bytes(&item::envelope(c.outbox.db(), &row.dossier).unwrap()).unwrap();
                let manifest = Manifest::from_bytes(&sealed.manifest).unwrap();
                let purged = matches!(row.delivery, Delivery::Purged { .. });
                prop_assert_eq!(c.files.path(&manifest.blobs[0].name()).exists(), !purged, "{:?}", row.delivery);
                prop_assert!(!row.delivery.is_acknowledged() || row.acknowledgement.is_some());
                // Only a province that was restored and has forgotten it takes an acknowledgement back.
                let forgotten = matches!(what, Happens::Restored(..)) && row.acknowledgement.is_none();
                if kept.is_some() && !forgotten {
                    prop_assert_eq!(&row.acknowledgement, &*kept, "the first acknowledgement stays the one");
                }
                *kept = row.acknowledgement;
            }
        }
    }
}
