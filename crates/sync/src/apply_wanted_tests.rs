//! What a withdrawal, a loss at the province or a dossier brought by another makes of a row: nobody is told what is not so.

use super::*;

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

/// What may be whole nowhere is asked about, and not what its owner took back.
#[test]
fn the_papers_of_what_was_taken_back_are_not_wanted_again() {
    let purged = Delivery::Purged { at: ack(1, 5).at };
    for (taken_back, wanted) in [(false, Delivery::Sealed), (true, purged)] {
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
    assert_eq!(
        row(&c, 0).delivery,
        Delivery::Sealed,
        "the queue asks whether somebody has brought it, and says so where nobody has"
    );
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
        // Of what is gone here nothing can be offered: nobody is told any more that the province has it, and the queue asks
        // whether other hands brought it.
        let late = answer(1, 6, vec![lost(8, second, 6)], 40);
        events(&c.outbox, &late, 0).unwrap();
        assert_eq!(row(&c, 1).delivery, Delivery::Sealed);
        assert!(c.files.records().is_gone(&second));
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

/// A restored province may hold again what it had lost; what the program died on waits for a person all the same.
#[test]
fn what_was_given_up_is_asked_about_once_more_after_a_restore() {
    let seen = SeenEpoch {
        epoch: 2,
        since_ms: 50,
    };
    for (reason, wanted) in [
        (QuarantineReason::FileDamaged, Delivery::Sealed),
        (
            QuarantineReason::CrashedTwice,
            Delivery::Quarantined {
                reason: QuarantineReason::CrashedTwice,
            },
        ),
    ] {
        let mut c = counter(1);
        let given_up = c.dossiers[0];
        c.outbox
            .step(&given_up, Event::Unfit { reason }, |_| Ok(()))
            .unwrap();
        restored(&c.outbox, seen, &[], 4000).unwrap();
        assert_eq!(row(&c, 0).delivery, wanted);
    }
}

/// Other hands brought it, its files are gone here, and the index was lost before the province's word stood beside it.
#[test]
fn an_index_made_again_keeps_what_is_gone_here_and_has_no_word() {
    let mut c = counter(1);
    let dossier = c.dossiers[0];
    let records = c.files.records();
    let envelope = item::envelope(c.outbox.db(), &dossier).unwrap();
    records.write(&dossier, None, &envelope).unwrap().name().unwrap();
    records.mark_gone(&dossier).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    c.outbox = Outbox::open(elsewhere.path()).unwrap();
    let keys = crate::rebuild::Keys {
        device: SigningKey::from_seed(&[1; 32]).verify_key(),
        province: SigningKey::from_seed(&[3; 32]).verify_key(),
    };
    let made = crate::rebuild::take_in(&c.outbox, &c.files, &keys, 1).unwrap();
    assert_eq!((made.dossiers, made.acknowledged), (1, 0));
    assert_eq!(
        row(&c, 0).delivery,
        Delivery::Sealed,
        "the queue asks the province"
    );
    assert!(
        c.files.records().is_gone(&dossier),
        "and nobody says that a copy lies here"
    );
}

#[test]
fn a_word_on_its_case_tells_that_what_was_given_up_here_is_whole_there() {
    let mut c = counter(1);
    let (given_up, reason) = (c.dossiers[0], QuarantineReason::FileDamaged);
    c.outbox
        .step(&given_up, Event::Unfit { reason }, |_| Ok(()))
        .unwrap();
    let told = Told {
        seq: 3,
        dossier: given_up,
        kind: EventKind::Case {
            status: CaseStatus::Accepted,
            official_code: None,
            note: None,
        },
    };
    events(&c.outbox, &answer(1, 0, vec![told], 10), 0).unwrap();
    assert_eq!(row(&c, 0).delivery, Delivery::Sealed, "its word is asked for");
}

/// A restored province has it again while its withdrawal is on its way, and then refuses that.
#[test]
fn what_was_given_up_and_asked_back_asks_for_its_word_once_the_withdrawal_is_refused() {
    let reason = QuarantineReason::FileDamaged;
    let given_up = Delivery::Quarantined { reason };
    let too_late = Some(Failure::Held(HeldReason::WithdrawalTooLate));
    for (came, wanted) in [(too_late, Delivery::Sealed), (None, given_up)] {
        let mut c = counter(1);
        let dossier = c.dossiers[0];
        acknowledged(&mut c.outbox, &dossier, &ack(1, 5)).unwrap();
        events(&c.outbox, &answer(1, 5, vec![], 10), 0).unwrap();
        purge(&mut c.outbox, &c.files, i64::MAX, 0).unwrap();
        c.outbox
            .step(&dossier, Event::Unfit { reason }, |_| Ok(()))
            .unwrap();
        let void = withdraw(&mut c);
        let asked = item::get(c.outbox.db(), &void).unwrap().unwrap();
        ended(&mut c.outbox, &asked, came, 0, 0).unwrap();
        assert_eq!(row(&c, 0).delivery, wanted, "{came:?}");
    }
}
