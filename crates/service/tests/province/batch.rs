//! Several dossiers in one request, through the province's own listener.

use crate::common::{Kiosk, Province, Sealed, code_of};
use domain::ids::DossierId;
use reqwest::{Response, StatusCode};
use seal::keys::Context;
use wire::batch::{self, BatchAnswer, BatchItem};
use wire::dossier::DossierAnswer;
use wire::limits::{BATCH_BYTES_MAX, BATCH_ITEMS_MAX};
use wire::{ProblemCode, header, path};

async fn post(province: &Province, kiosk: &Kiosk, body: Vec<u8>) -> Response {
    province
        .client
        .post(province.url(path::DOSSIERS))
        .header("content-type", header::CBOR)
        .bearer_auth(kiosk.token)
        .body(body)
        .send()
        .await
        .unwrap()
}

fn bytes(sealed: &Sealed) -> Vec<u8> {
    sealed.envelope.to_bytes().unwrap()
}

fn taken(kiosk: &Kiosk, item: &BatchItem) -> DossierAnswer {
    match item {
        BatchItem::Taken(signed) => signed.open(&kiosk.offer.signing_key, Context::Events).unwrap(),
        BatchItem::Refused(problem) => panic!("refused: {problem:?}"),
    }
}

fn refused(item: &BatchItem) -> ProblemCode {
    match item {
        BatchItem::Refused(problem) => problem.code,
        BatchItem::Taken(_) => panic!("taken"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_several_is_taken_or_refused_by_itself_and_again_the_same() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let (form, with_file, known) = (kiosk.seal(1, &[]), kiosk.seal(2, &[5000]), kiosk.seal(3, &[]));
    let before = province.deliver(&kiosk, &known).await.acknowledgement;
    let fork = kiosk.seal_as(known.id(), 4, &[]);
    let mut tampered = kiosk.seal(5, &[]).envelope;
    let last = tampered.manifest.len() - 20;
    tampered.manifest[last] ^= 1;
    let body = batch::body(&[
        bytes(&form),
        b"<html>".to_vec(),
        bytes(&with_file),
        tampered.to_bytes().unwrap(),
        bytes(&known),
        bytes(&fork),
    ]);
    let mut first = None;
    for _ in 0..2 {
        let response = post(&province, &kiosk, body.clone()).await;
        assert_eq!(response.status(), StatusCode::OK);
        let answer: BatchAnswer = response.json().await.unwrap();
        let [one, html, file, bad, again, other] = answer.items.as_slice() else {
            panic!("{} words for six", answer.items.len())
        };
        let one = taken(&kiosk, one);
        assert_eq!((one.dossier, one.manifest_sha256), (form.id(), form.sha256()));
        let ack = one.acknowledgement.expect("a form without files is whole");
        assert_eq!(*first.get_or_insert(ack.clone()), ack, "the same word again");
        assert_eq!(taken(&kiosk, file).missing.len(), 1);
        assert_eq!(taken(&kiosk, again).acknowledgement, before);
        assert_eq!(refused(html), ProblemCode::ManifestRefused);
        assert_eq!(refused(bad), ProblemCode::ManifestRefused);
        assert_eq!(refused(other), ProblemCode::Fork);
    }
    let mut held: Vec<DossierId> = province
        .admin()
        .dossiers()
        .unwrap()
        .iter()
        .map(|d| d.id)
        .collect();
    let mut wanted = vec![form.id(), with_file.id(), known.id()];
    held.sort();
    wanted.sort();
    assert_eq!(held, wanted, "neither more nor fewer");
    let (_, whole) = province.put_dossier(&kiosk, &with_file).await;
    assert_eq!(whole.missing.len(), 1, "a PUT knows what came in a batch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_no_batch_is_refused_as_a_whole() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let one = bytes(&kiosk.seal(1, &[]));
    let many = vec![one.clone(); BATCH_ITEMS_MAX + 1];
    for (why, body, code) in [
        ("an envelope alone", one.clone(), ProblemCode::Malformed),
        ("too many", batch::body(&many), ProblemCode::TooLarge),
        ("too long", vec![0x81; BATCH_BYTES_MAX + 1], ProblemCode::TooLarge),
        ("nothing", Vec::new(), ProblemCode::Malformed),
    ] {
        assert_eq!(code_of(post(&province, &kiosk, body).await).await, code, "{why}");
    }
    let stranger = province
        .client
        .post(province.url(path::DOSSIERS))
        .header("content-type", header::CBOR)
        .body(batch::body(std::slice::from_ref(&one)))
        .send()
        .await
        .unwrap();
    assert_eq!(code_of(stranger).await, ProblemCode::SessionNeeded);
    assert!(
        province.admin().dossiers().unwrap().is_empty(),
        "nothing was kept"
    );
    let fifty = post(&province, &kiosk, batch::body(&many[1..])).await;
    let answer: BatchAnswer = fifty.json().await.unwrap();
    assert_eq!(
        answer.items.len(),
        BATCH_ITEMS_MAX,
        "the same fifty times is one dossier"
    );
    assert_eq!(province.admin().dossiers().unwrap().len(), 1);
}
