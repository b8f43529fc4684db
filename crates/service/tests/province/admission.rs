//! When every place for files is taken: files are sent away with a time, forms and questions are not.

use crate::common::{Kiosk, Province, Sealed, client, code_of};
use futures_util::stream;
use reqwest::{Body, StatusCode};
use std::io;
use wire::{ProblemCode, Sha256, header, path};

/// As many kiosks as fill the province, two uploads each.
const KIOSKS: u8 = 32;

/// A body that begins and never goes on.
fn hanging(first: &[u8]) -> Body {
    let first: Vec<io::Result<Vec<u8>>> = vec![Ok(first.to_vec())];
    Body::wrap_stream(stream::StreamExt::chain(stream::iter(first), stream::pending()))
}

/// Begins a file: after how many seconds to come again, where there is no place for it.
async fn sent_away(province: &Province, kiosk: &Kiosk, dossier: &Sealed) -> Option<u64> {
    let body = dossier.blobs[0].0[..1].to_vec();
    let answer = province.patch(kiosk, dossier, 0, 0, false, body).await.unwrap();
    if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
        return None;
    }
    let after = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(code_of(answer).await, ProblemCode::Busy);
    Some(after)
}

#[tokio::test(flavor = "multi_thread")]
async fn scans_wait_and_forms_do_not() {
    let province = Province::start().await;
    let mut uploads = Vec::new();
    for seed in 1..=KIOSKS {
        let kiosk = province.kiosk(seed).await;
        let dossier = kiosk.seal(1, &[1000, 2000]);
        province.put_dossier(&kiosk, &dossier).await;
        for at in 0..2 {
            // A connection of its own for each: one carries no more streams than the province has places.
            let alone = client(&province.running.root_der);
            let path = path::blob(&dossier.id(), &Sha256(dossier.blobs[at].1.sha256));
            let request = alone
                .patch(province.url(&path))
                .bearer_auth(kiosk.token)
                .header(header::UPLOAD_INTEROP, header::UPLOAD_INTEROP_VERSION)
                .header("content-type", header::PARTIAL_UPLOAD)
                .header(header::UPLOAD_OFFSET, 0)
                .header(header::UPLOAD_COMPLETE, header::TRUE)
                .body(hanging(&dossier.blobs[at].0[..10]));
            uploads.push(tokio::spawn(async move {
                let _ = request.send().await;
            }));
        }
    }
    let late = province.kiosk(KIOSKS + 1).await;
    let dossier = late.seal(1, &[3000]);
    // A form goes at any time; the first file that is sent away says that all places are taken.
    let (status, _) = province.put_dossier(&late, &dossier).await;
    assert_eq!(status, StatusCode::CREATED);
    let first = loop {
        match sent_away(&province, &late, &dossier).await {
            Some(after) => break after,
            // Not all of the others have begun yet.
            None => tokio::task::yield_now().await,
        }
    };
    assert!(first >= 2, "nobody is called back at once");
    for again in 0..40 {
        let after = sent_away(&province, &late, &dossier).await;
        assert_eq!(after, Some(first), "asking again ({again}) makes nothing longer");
    }
    let (status, answer) = province.put_dossier(&late, &late.seal(2, &[])).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(answer.acknowledgement.is_some());
    for upload in &uploads {
        upload.abort();
    }
    for upload in uploads {
        let _ = upload.await;
    }
    // Their places are free again: a cut stream gives its place back.
    let whole = loop {
        let body = dossier.blobs[0].0.clone();
        let (offset, _) = province.offset(&late, &dossier, 0).await;
        let rest = body[usize::try_from(offset).unwrap()..].to_vec();
        let answer = province
            .patch(&late, &dossier, 0, offset, true, rest)
            .await
            .unwrap();
        if answer.status() == StatusCode::OK {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    assert!(late.answer(whole).await.acknowledgement.is_some());
}
