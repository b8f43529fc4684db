//! Files over a bad line: cut, resumed, misplaced, damaged, overtaken.

use crate::common::{Kiosk, Province, Sealed, code_of, offset_of};
use futures_util::stream;
use reqwest::{Body, StatusCode};
use seal::manifest::SEGMENT_BYTES;
use std::io;
use wire::{ProblemCode, header, path};

const MIB: u64 = SEGMENT_BYTES as u64;

async fn with_one_file(length: usize) -> (Province, Kiosk, Sealed) {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[length]);
    assert_eq!(
        province.put_dossier(&kiosk, &dossier).await.1.missing[0].offset,
        0
    );
    (province, kiosk, dossier)
}

/// A body that sends these bytes and then breaks.
fn broken(bytes: Vec<u8>) -> Body {
    let pieces: Vec<io::Result<Vec<u8>>> = bytes
        .chunks(60_000)
        .map(|c| Ok(c.to_vec()))
        .chain([Err(io::Error::other("cable pulled"))])
        .collect();
    Body::wrap_stream(stream::iter(pieces))
}

fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_upload_goes_on_where_the_province_says() {
    let (province, kiosk, dossier) = with_one_file(5_000_000).await;
    let bytes = &dossier.blobs[0].0;
    let part = province
        .patch(&kiosk, &dossier, 0, 0, false, bytes[..1_500_000].to_vec())
        .await
        .unwrap();
    assert_eq!(
        (part.status(), offset_of(&part)),
        (StatusCode::NO_CONTENT, 1_500_000)
    );
    let mut sent = 1_500_000;
    let mut offset = 1_500_000;
    for _ in 0..5 {
        let until = (at(offset) + 900_000).min(bytes.len() - 1);
        let cut = province
            .patch(
                &kiosk,
                &dossier,
                0,
                offset,
                true,
                broken(bytes[at(offset)..until].to_vec()),
            )
            .await;
        assert!(cut.is_err() || !cut.unwrap().status().is_success());
        let (now, complete) = province.offset(&kiosk, &dossier, 0).await;
        assert!(
            (offset..=until as u64).contains(&now) && !complete,
            "{offset} ≤ {now} ≤ {until}"
        );
        sent += at(now - offset);
        offset = now;
    }
    let (status, known) = province.put_dossier(&kiosk, &dossier).await;
    assert_eq!(
        (status, known.missing[0].offset),
        (StatusCode::OK, offset),
        "a PUT tells the offset too"
    );
    let rest = bytes[at(offset)..].to_vec();
    sent += rest.len();
    let done = province
        .patch(&kiosk, &dossier, 0, offset, true, rest)
        .await
        .unwrap();
    assert_eq!(done.headers()[header::UPLOAD_COMPLETE], header::TRUE);
    assert!(kiosk.answer(done).await.acknowledgement.is_some());
    assert_eq!(sent, bytes.len(), "what arrived was never asked for again");
    assert_eq!(
        province.offset(&kiosk, &dossier, 0).await,
        (bytes.len() as u64, true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_offset_is_told_the_true_one_and_changes_nothing() {
    let (province, kiosk, dossier) = with_one_file(2_000_000).await;
    let bytes = &dossier.blobs[0].0;
    province
        .patch(&kiosk, &dossier, 0, 0, false, bytes[..1000].to_vec())
        .await
        .unwrap();
    for wrong in [0, 999, 1001, bytes.len() as u64, u64::MAX] {
        let response = province
            .patch(&kiosk, &dossier, 0, wrong, true, bytes[1000..].to_vec())
            .await
            .unwrap();
        assert_eq!(
            (response.status(), offset_of(&response)),
            (StatusCode::CONFLICT, 1000),
            "{wrong}"
        );
        assert_eq!(code_of(response).await, ProblemCode::MismatchingUploadOffset);
    }
    let short = province
        .patch(&kiosk, &dossier, 0, 1000, true, bytes[1000..2000].to_vec())
        .await
        .unwrap();
    assert_eq!(
        (short.status(), offset_of(&short)),
        (StatusCode::CONFLICT, 2000),
        "it said the end, and it was not"
    );
    let long = [&bytes[2000..], b"more".as_slice()].concat();
    let long = province
        .patch(&kiosk, &dossier, 0, 2000, true, long)
        .await
        .unwrap();
    assert_eq!(code_of(long).await, ProblemCode::TooLarge);
    let (offset, complete) = province.offset(&kiosk, &dossier, 0).await;
    assert_eq!(
        (offset, complete),
        (bytes.len() as u64, false),
        "what fitted is kept, and not yet whole"
    );
    let done = province
        .patch(&kiosk, &dossier, 0, offset, true, Vec::new())
        .await
        .unwrap();
    assert!(kiosk.answer(done).await.acknowledgement.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_segment_is_cut_off_and_the_good_ones_stay() {
    let (province, kiosk, dossier) = with_one_file(4_000_000).await;
    let bytes = &dossier.blobs[0].0;
    let mut damaged = bytes.clone();
    damaged[2 * SEGMENT_BYTES + 9] ^= 0x40;
    let response = province
        .patch(&kiosk, &dossier, 0, 0, true, damaged)
        .await
        .unwrap();
    assert_eq!(
        (response.status(), offset_of(&response)),
        (StatusCode::UNPROCESSABLE_ENTITY, 2 * MIB)
    );
    assert_eq!(code_of(response).await, ProblemCode::SegmentDamaged);
    assert_eq!(province.offset(&kiosk, &dossier, 0).await, (2 * MIB, false));
    let rest = bytes[2 * SEGMENT_BYTES..].to_vec();
    let done = province
        .patch(&kiosk, &dossier, 0, 2 * MIB, true, rest)
        .await
        .unwrap();
    assert!(kiosk.answer(done).await.acknowledgement.is_some());
    let stored = province
        .data()
        .join("blobs")
        .join(dossier.id().to_string())
        .join(dossier.blobs[0].1.name());
    assert_eq!(&std::fs::read(stored).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_request_ends_an_upload_that_hangs() {
    let (province, kiosk, dossier) = with_one_file(2_000_000).await;
    let bytes = dossier.blobs[0].0.clone();
    let first: Vec<io::Result<Vec<u8>>> = vec![Ok(bytes[..1000].to_vec())];
    let hanging = Body::wrap_stream(stream::StreamExt::chain(stream::iter(first), stream::pending()));
    let hung = province.patch(&kiosk, &dossier, 0, 0, true, hanging);
    let rescue = async {
        // The offset is asked until the first bytes show: each question ends whoever writes then.
        let (offset, _) = province.offset(&kiosk, &dossier, 0).await;
        province
            .patch(&kiosk, &dossier, 0, offset, true, bytes[at(offset)..].to_vec())
            .await
            .unwrap()
    };
    let (hung, rescued) = tokio::join!(hung, rescue);
    // Which of the two came last is not ours to say; what must hold is that the file ends whole.
    drop(hung);
    if rescued.status() == StatusCode::OK {
        assert!(kiosk.answer(rescued).await.acknowledgement.is_some());
    } else {
        let (offset, _) = province.offset(&kiosk, &dossier, 0).await;
        let done = province
            .patch(&kiosk, &dossier, 0, offset, true, bytes[at(offset)..].to_vec())
            .await
            .unwrap();
        assert!(kiosk.answer(done).await.acknowledgement.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_revoked_in_the_middle_finishes_nothing() {
    let (province, kiosk, dossier) = with_one_file(1_000_000).await;
    let bytes = dossier.blobs[0].0.clone();
    let (revoked, wait) = tokio::sync::oneshot::channel::<()>();
    let first: io::Result<Vec<u8>> = Ok(bytes[..900_000].to_vec());
    let last = bytes[900_000..].to_vec();
    let rest = stream::once(async move {
        let _ = wait.await;
        Ok(last)
    });
    let body = Body::wrap_stream(stream::StreamExt::chain(stream::iter([first]), rest));
    let sent = province.patch(&kiosk, &dossier, 0, 0, true, body);
    let revoke = async {
        // Its bytes are on the disk, so it was let in.
        let folder = province.data().join("blobs").join(dossier.id().to_string());
        let landed = || {
            let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            files.filter_map(|f| f.metadata().ok()).any(|m| m.len() > 0)
        };
        while !landed() {
            tokio::task::yield_now().await;
        }
        province.admin().revoke_device(&kiosk.id).unwrap();
        revoked.send(()).unwrap();
    };
    let (sent, ()) = tokio::join!(sent, revoke);
    assert_eq!(code_of(sent.unwrap()).await, ProblemCode::DeviceRevoked);
    let view = province.admin().dossier(&dossier.id()).unwrap();
    assert!(view.completed_at.is_none(), "finished by a revoked device");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_seen_by_their_own_device_alone_and_the_draft_must_be_spoken() {
    let (province, kiosk, dossier) = with_one_file(1000).await;
    let neighbour = province.kiosk(2).await;
    let asked = province
        .blob(&neighbour, "HEAD", &dossier, 0)
        .send()
        .await
        .unwrap();
    assert_eq!(asked.status(), StatusCode::NOT_FOUND);
    let sent = province
        .patch(&neighbour, &dossier, 0, 0, true, vec![0; 10])
        .await
        .unwrap();
    assert_eq!(code_of(sent).await, ProblemCode::NotFound);
    let blob = path::blob(&dossier.id(), &wire::Sha256(dossier.blobs[0].1.sha256));
    let no_draft = province
        .client
        .patch(province.url(&blob))
        .bearer_auth(kiosk.token)
        .send()
        .await
        .unwrap();
    assert_eq!(code_of(no_draft).await, ProblemCode::Malformed);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_brings_the_exact_envelope_carries_it_and_hears_of_it() {
    let (province, kiosk, dossier) = with_one_file(1000).await;
    let carrier = province.kiosk(2).await;
    let (status, answer) = province.put_dossier(&carrier, &dossier).await;
    assert_eq!((status, answer.missing.len()), (StatusCode::OK, 1));
    assert_eq!(province.offset(&carrier, &dossier, 0).await, (0, false));
    let bytes = dossier.blobs[0].0.clone();
    let sent = province
        .patch(&carrier, &dossier, 0, 0, true, bytes)
        .await
        .unwrap();
    assert_eq!(sent.status(), StatusCode::OK);
    let (_, theirs) = province.put_dossier(&carrier, &dossier).await;
    let (_, ours) = province.put_dossier(&kiosk, &dossier).await;
    assert!(theirs.acknowledgement.is_some());
    assert_eq!(theirs.acknowledgement, ours.acknowledgement, "one word for both");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_name_and_row_is_mended_by_the_next_put() {
    let (province, kiosk, dossier) = with_one_file(100_000).await;
    // What a crash leaves: the file under its final name, the row still open.
    let dir = province.data().join("blobs").join(dossier.id().to_string());
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join(dossier.blobs[0].1.name()), &dossier.blobs[0].0).unwrap();
    let (status, answer) = province.put_dossier(&kiosk, &dossier).await;
    assert_eq!(status, StatusCode::OK);
    let first = answer
        .acknowledgement
        .expect("complete without a byte sent again");
    // And a restore that brought the rows back without the files of one.
    province.deliver(&kiosk, &kiosk.seal(9, &[1000])).await;
    std::fs::remove_dir_all(&dir).unwrap();
    let (_, answer) = province.put_dossier(&kiosk, &dossier).await;
    assert_eq!((answer.acknowledgement, answer.missing.len()), (None, 1));
    let again = province.deliver(&kiosk, &dossier).await.acknowledgement.unwrap();
    assert_ne!(again, first, "a new promise at a new place in the log");
}
