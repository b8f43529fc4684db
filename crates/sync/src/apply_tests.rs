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

#[path = "apply_wanted_tests.rs"]
mod wanted;

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
