//! The word of a stick over a real outbox: it is taken wherever the dossier stands here, and proves nothing of another.

use super::*;
use crate::apply::tests::{counter, row};
use domain::delivery::{HeldReason, QuarantineReason, Watermark};
use seal::keys::{Context, SigningKey};
use wire::acknowledgement::AckFile;

/// The province's word for the first dossier, over as many of its files.
fn word(c: &crate::apply::tests::Counter, province: &SigningKey, files: usize) -> Signed {
    let envelope = item::envelope(c.outbox.db(), &c.dossiers[0]).unwrap();
    let sealed = SealedDossier::from_bytes(&envelope).unwrap();
    let blobs = Manifest::from_bytes(&sealed.manifest).unwrap().blobs;
    let names = blobs.iter().take(files).map(|blob| AckFile {
        sha256: Sha256(blob.sha256),
        len: blob.len,
    });
    let ack = Acknowledgement {
        dossier: c.dossiers[0],
        manifest_sha256: Sha256(sealed.sha256()),
        files: names.collect(),
        at: Watermark { epoch: 1, lsn: 9 },
        received_at: jiff::Timestamp::UNIX_EPOCH,
    };
    Signed::seal(province, Context::Acknowledgement, &ack).unwrap()
}

#[test]
fn a_word_that_holds_is_taken_also_for_what_was_held_or_set_aside() {
    let province = SigningKey::from_seed(&[7; 32]);
    let reason = HeldReason::FormRefused;
    for before in [
        None,
        Some(Event::Registered),
        Some(Event::NeedsPerson { reason }),
        Some(Event::Unfit {
            reason: QuarantineReason::FileDamaged,
        }),
        Some(Event::Unfit {
            reason: QuarantineReason::CrashedTwice,
        }),
    ] {
        let mut c = counter(1);
        let dossier = c.dossiers[0];
        if let Some(event) = before {
            c.outbox.step(&dossier, event, |_| Ok(())).unwrap();
        }
        let stood = row(&c, 0).delivery;
        let mut take = |files| {
            let signed = word(&c, &province, files);
            acknowledgement(&mut c.outbox, &province.verify_key(), &dossier, &signed, 5).unwrap()
        };
        assert!(!take(0), "{before:?}: a file is not in it");
        assert!(take(1), "{before:?}");
        assert!(!take(1), "{before:?}: nothing new");
        let after = row(&c, 0);
        let at = Watermark { epoch: 1, lsn: 9 };
        assert_eq!(after.delivery, Delivery::Received { at }, "from {stood:?}");
        assert!(after.acknowledgement.is_some() && after.acknowledged_ms == Some(5));
    }
}
