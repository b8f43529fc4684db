//! Manifests: taken once, for ever; forks kept; what does not verify refused.

use crate::common::{Province, code_of};
use domain::ids::DossierId;
use domain::province::Intake;
use reqwest::StatusCode;
use seal::envelope::{ENVELOPE_BYTES_MAX, SealedDossier};
use seal::keys::SigningKey;
use wire::ProblemCode;
use wire::acknowledgement::Acknowledgement;

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_dossier_is_acknowledged_and_the_same_bytes_come_again() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[70_000, 3_000_000]);
    let (status, first) = province.put_dossier(&kiosk, &dossier).await;
    assert_eq!(
        (status, first.missing.len(), first.acknowledgement),
        (StatusCode::CREATED, 2, None)
    );
    let last = province.deliver(&kiosk, &dossier).await;
    let signed = last.acknowledgement.clone().unwrap();
    let key = kiosk.offer.signing_key;
    let ack = Acknowledgement::verify(&signed, &key, &dossier.manifest, &dossier.sha256()).unwrap();
    assert_eq!(ack.files.len(), 2);
    assert!(
        last.durable.covers(&ack.at),
        "local disk: durable with the commit"
    );
    // Negative controls: another dossier's manifest, and one file less.
    let other = kiosk.seal(2, &[70_000]);
    assert!(Acknowledgement::verify(&signed, &key, &other.manifest, &other.sha256()).is_err());
    let mut fewer = dossier.manifest.clone();
    fewer.blobs.pop();
    assert!(Acknowledgement::verify(&signed, &key, &fewer, &dossier.sha256()).is_err());

    let (status, again) = province.put_dossier(&kiosk, &dossier).await;
    assert_eq!(
        (status, again.acknowledgement),
        (StatusCode::OK, Some(signed.clone()))
    );
    let province = province.restart().await;
    let kiosk = crate::common::Kiosk {
        token: province.sign_in(&kiosk.key, kiosk.id).await.unwrap(),
        ..kiosk
    };
    let (_, after_restart) = province.put_dossier(&kiosk, &dossier).await;
    assert_eq!(after_restart.acknowledgement, Some(signed), "byte-identical");
    assert_eq!(
        province.admin().dossier(&dossier.id()).unwrap().intake,
        Intake::Complete
    );
    assert_eq!(province.admin().dossiers().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_content_under_one_id_is_a_fork_and_both_are_kept() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let first = kiosk.seal(1, &[]);
    let second = kiosk.seal_as(first.id(), 1, &[]);
    let ack = province.deliver(&kiosk, &first).await.acknowledgement;
    for _ in 0..2 {
        let response = province
            .put(&kiosk, &second.id(), second.envelope.to_bytes().unwrap())
            .await;
        assert_eq!(code_of(response).await, ProblemCode::Fork);
    }
    let seen = province.admin().dossier(&first.id()).unwrap();
    assert_eq!(
        (seen.manifest_sha256, seen.forks),
        (first.sha256(), vec![second.sha256()])
    );
    assert_eq!(
        province.put_dossier(&kiosk, &first).await.1.acknowledgement,
        ack,
        "the first stands"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_receipt_number_on_two_dossiers_is_taken_twice() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    for _ in 0..2 {
        province.deliver(&kiosk, &kiosk.seal(1, &[])).await;
    }
    assert_eq!(
        province.admin().dossiers().unwrap().len(),
        2,
        "a receipt number is a label, never a key"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_verify_is_refused_and_nothing_is_kept() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let neighbour = province.kiosk(2).await;
    let good = kiosk.seal(1, &[100]);
    let bytes = |envelope: &SealedDossier| envelope.to_bytes().unwrap();
    let changed = |change: &dyn Fn(&mut seal::manifest::Manifest)| {
        let mut manifest = good.manifest.clone();
        change(&mut manifest);
        bytes(&SealedDossier::sign(&manifest, &kiosk.key, &SigningKey::from_seed(&[77; 32])).unwrap())
    };
    let mut tampered = good.envelope.clone();
    let last = tampered.manifest.len() - 20;
    tampered.manifest[last] ^= 1;
    let mut by_nobody = good.envelope.clone();
    by_nobody.by_operator[3] ^= 1;
    let elsewhere = DossierId(uuid::Uuid::from_bytes([8; 16]));
    for (why, id, body, code) in [
        (
            "a flipped bit",
            good.id(),
            bytes(&tampered),
            ProblemCode::ManifestRefused,
        ),
        (
            "the operator's signature",
            good.id(),
            bytes(&by_nobody),
            ProblemCode::ManifestRefused,
        ),
        (
            "another path",
            elsewhere,
            bytes(&good.envelope),
            ProblemCode::ManifestRefused,
        ),
        (
            "a device that was never enrolled",
            good.id(),
            changed(&|m| m.device = [9; 16]),
            ProblemCode::ManifestRefused,
        ),
        (
            "another device's id",
            good.id(),
            changed(&|m| m.device = *neighbour.id.as_bytes()),
            ProblemCode::ManifestRefused,
        ),
        (
            "no receipt number",
            good.id(),
            changed(&|m| m.receipt_number = "DH-1".into()),
            ProblemCode::ManifestRefused,
        ),
        (
            "a file named twice",
            good.id(),
            changed(&|m| m.blobs.push(m.blobs[0].clone())),
            ProblemCode::ManifestRefused,
        ),
        (
            "a later version",
            good.id(),
            changed(&|m| m.version = 2),
            ProblemCode::EnvelopeTooNew,
        ),
        (
            "no CBOR",
            good.id(),
            b"<html>".to_vec(),
            ProblemCode::ManifestRefused,
        ),
        (
            "too long",
            good.id(),
            vec![0; ENVELOPE_BYTES_MAX + 1],
            ProblemCode::TooLarge,
        ),
    ] {
        assert_eq!(
            code_of(province.put(&kiosk, &id, body).await).await,
            code,
            "{why}"
        );
    }
    assert!(
        province.admin().dossiers().unwrap().is_empty(),
        "nothing was kept"
    );
    assert_eq!(
        province.put_dossier(&kiosk, &good).await.0,
        StatusCode::CREATED,
        "the good one still goes"
    );
    let response = province.put(&neighbour, &good.id(), bytes(&tampered)).await;
    assert_eq!(
        code_of(response).await,
        ProblemCode::ManifestRefused,
        "a neighbour who has not the very bytes cannot ask about it"
    );
}
