//! The status feed, the inventory, and a restore.

use crate::common::{Kiosk, Province, Sealed};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use seal::keys::Context;
use seal::signed::Signed;
use service::admin::Admin;
use service::{Refusal, ServiceError};
use std::collections::BTreeSet;
use wire::inventory::{InventoryAnswer, InventoryItem, InventoryRequest};
use wire::sync::{EventKind, SyncAnswer, SyncRequest};
use wire::{Nonce, Sha256, path};

pub async fn sync(province: &Province, kiosk: &Kiosk, cursor: u64) -> SyncAnswer {
    asked(province, kiosk, cursor, false).await
}

/// The same question, and whether a renewed certificate is asked for with it.
pub async fn asked(province: &Province, kiosk: &Kiosk, cursor: u64, certificate_wanted: bool) -> SyncAnswer {
    let body = SyncRequest {
        nonce: Nonce::random().unwrap(),
        cursor,
        queue_depth: 3,
        oldest_age_s: Some(60),
        app_version: "0.1.0".into(),
        files_waiting: false,
        certificate_wanted,
    };
    let request = province
        .client
        .post(province.url(path::SYNC))
        .bearer_auth(kiosk.token)
        .json(&body);
    let signed: Signed = request.send().await.unwrap().json().await.unwrap();
    let answer: SyncAnswer = signed.open(&kiosk.offer.signing_key, Context::Events).unwrap();
    assert_eq!(answer.nonce, body.nonce);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_hears_a_month_before_that_its_certificate_ends() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let ends = province.admin().devices().unwrap()[0].certificate_ends.unwrap();
    let told = async || sync(&province, &kiosk, 0).await.device.unwrap().certificate_ends;
    assert_eq!(told().await, None, "a year is left");
    let now = (province.clock.clock())();
    let to_warning = ends.duration_since(now) - jiff::SignedDuration::from_hours(30 * 24);
    province
        .clock
        .forward(to_warning - jiff::SignedDuration::from_hours(1));
    assert_eq!(told().await, None, "an hour before");
    province.clock.forward(jiff::SignedDuration::from_hours(1));
    assert_eq!(told().await, Some(ends));
    province.clock.forward(jiff::SignedDuration::from_hours(40 * 24));
    assert_eq!(
        told().await,
        Some(ends),
        "and after it has ended, and goes on being answered"
    );
}

const CODE: &str = "H21.129-250812-0035";
const SOURCE: &str = "Cổng Dịch vụ công quốc gia";

#[tokio::test(flavor = "multi_thread")]
async fn a_code_and_a_status_come_to_their_own_kiosk_alone() {
    let province = Province::start().await;
    let (kiosk, neighbour) = (province.kiosk(1).await, province.kiosk(2).await);
    let dossier = kiosk.seal(1, &[]);
    let refused = |r: Result<_, ServiceError>| match r {
        Err(ServiceError::Refused(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("not refused"),
    };
    let mut admin = province.admin();
    assert_eq!(
        refused(admin.set_code(&dossier.id(), CODE, SOURCE)),
        Refusal::NoSuchDossier
    );
    province.deliver(&kiosk, &dossier).await;
    assert_eq!(
        refused(admin.set_code(&dossier.id(), "DH-1", SOURCE)),
        Refusal::CodeShape
    );
    assert_eq!(
        refused(admin.set_code(&dossier.id(), CODE, "")),
        Refusal::CodeSource
    );
    assert_eq!(
        refused(admin.set_status(&dossier.id(), CaseStatus::Accepted, None)),
        Refusal::CodeMissing
    );
    assert_eq!(
        refused(admin.set_status(&dossier.id(), CaseStatus::Done, None)),
        Refusal::CaseStatus
    );
    assert!(
        sync(&province, &kiosk, 0).await.events.is_empty(),
        "what was refused made no event"
    );
    admin.set_code(&dossier.id(), CODE, SOURCE).unwrap();
    admin
        .set_status(
            &dossier.id(),
            CaseStatus::SupplementWanted,
            Some(" thiếu  Giấy chứng sinh "),
        )
        .unwrap();
    let answer = sync(&province, &kiosk, 0).await;
    let [first, second] = answer.events.as_slice() else {
        panic!("two events: {:?}", answer.events)
    };
    let code = domain::province::OfficialCode::new(CODE, SOURCE).ok();
    let case = |status, note: Option<&str>| EventKind::Case {
        status,
        official_code: code.clone(),
        note: note.map(Into::into),
    };
    assert_eq!(
        (first.dossier, &first.kind),
        (dossier.id(), &case(CaseStatus::Accepted, None))
    );
    assert_eq!(
        second.kind,
        case(CaseStatus::SupplementWanted, Some("thiếu Giấy chứng sinh"))
    );
    assert_eq!((answer.next_cursor, answer.more), (second.seq, false));
    assert!(
        sync(&province, &kiosk, answer.next_cursor)
            .await
            .events
            .is_empty()
    );
    assert!(sync(&province, &neighbour, 0).await.events.is_empty());
}

/// Reads page after page until `wanted` events came, while others write.
async fn read_all(province: &Province, kiosk: &Kiosk, wanted: usize) -> Vec<u64> {
    let (mut cursor, mut seen) = (0, Vec::new());
    while seen.len() < wanted {
        let answer = sync(province, kiosk, cursor).await;
        assert!(answer.events.len() <= wire::limits::EVENTS_MAX);
        seen.extend(answer.events.iter().map(|e| e.seq));
        cursor = answer.next_cursor;
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_skips_nothing_while_four_processes_write() {
    const WRITERS: u32 = 4;
    const EACH: usize = 60;
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let mut dossiers = Vec::new();
    for count in 1..=WRITERS {
        let dossier = kiosk.seal(count, &[]);
        province.deliver(&kiosk, &dossier).await;
        dossiers.push(dossier.id());
    }
    let writers = dossiers.into_iter().map(|id| {
        let (data, clock) = (province.data(), province.clock.clock());
        // A connection of its own, as another process has.
        std::thread::spawn(move || {
            let mut admin = Admin::open_at(data, clock).unwrap();
            admin.set_code(&id, CODE, SOURCE).unwrap();
            for n in 1..EACH {
                let to = if n % 2 == 0 {
                    CaseStatus::Processing
                } else {
                    CaseStatus::SupplementWanted
                };
                admin.set_status(&id, to, None).unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let total = WRITERS as usize * EACH;
    let seen = read_all(&province, &kiosk, total).await;
    for writer in writers {
        writer.join().unwrap();
    }
    assert!(
        seen.windows(2).all(|pair| pair[0] < pair[1]),
        "in order, none twice"
    );
    assert_eq!(seen.len(), total);
    let all: BTreeSet<u64> = sync_everything(&province, &kiosk).await;
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), all, "none skipped");
}

async fn sync_everything(province: &Province, kiosk: &Kiosk) -> BTreeSet<u64> {
    let (mut cursor, mut all) = (0, BTreeSet::new());
    loop {
        let answer = sync(province, kiosk, cursor).await;
        all.extend(answer.events.iter().map(|e| e.seq));
        cursor = answer.next_cursor;
        if !answer.more {
            return all;
        }
    }
}

/// The negative control: numbers that are given in one order and committed in another are skipped, and the
/// harness above sees it.
#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_that_fills_its_gaps_later_would_be_noticed() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[]);
    province.deliver(&kiosk, &dossier).await;
    let conn = rusqlite::Connection::open(province.data().join("province.db")).unwrap();
    let insert = |seq: i64| {
        let sql = "INSERT INTO events VALUES (?1, ?2, ?3, '{\"kind\":\"case\",\"status\":\"new\"}', 0)";
        conn.execute(sql, (seq, kiosk.id.to_string(), dossier.id().to_string()))
            .unwrap();
    };
    insert(2);
    let first = sync(&province, &kiosk, 0).await;
    insert(1);
    let second = sync(&province, &kiosk, first.next_cursor).await;
    let seen: BTreeSet<u64> = first.events.iter().chain(&second.events).map(|e| e.seq).collect();
    assert_ne!(
        seen,
        sync_everything(&province, &kiosk).await,
        "the skipped event shows as a difference"
    );
}

pub async fn inventory(
    province: &Province,
    kiosk: &Kiosk,
    items: &[(DossierId, Sha256)],
) -> BTreeSet<DossierId> {
    let items = items
        .iter()
        .map(|(dossier, hash)| InventoryItem {
            dossier: *dossier,
            manifest_sha256: *hash,
        })
        .collect();
    let body = InventoryRequest {
        nonce: Nonce::random().unwrap(),
        items,
    };
    let request = province
        .client
        .post(province.url(path::INVENTORY))
        .bearer_auth(kiosk.token)
        .json(&body);
    let signed: Signed = request.send().await.unwrap().json().await.unwrap();
    let answer: InventoryAnswer = signed.open(&kiosk.offer.signing_key, Context::Events).unwrap();
    assert_eq!(answer.nonce, body.nonce);
    answer.unknown.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_the_inventory_names_what_was_forgotten() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let [held, half, never] = [(1, 100), (2, 100), (3, 100)].map(|(n, len)| kiosk.seal(n, &[len]));
    let before = province.deliver(&kiosk, &held).await;
    province.put_dossier(&kiosk, &half).await;
    let pair = |d: &Sealed| (d.id(), d.sha256());
    let unknown = inventory(&province, &kiosk, &[pair(&held), pair(&half), pair(&never)]).await;
    assert_eq!(unknown, [half.id(), never.id()].into());
    assert_eq!(
        inventory(&province, &kiosk, &[(held.id(), never.sha256())]).await,
        [held.id()].into(),
        "another content"
    );

    let epoch = province.admin().restored().unwrap();
    let answer = sync(&province, &kiosk, 0).await;
    assert_eq!(answer.epoch, epoch);
    assert!(
        !answer.durable.covers(&before.durable),
        "a promise of the old epoch is not kept by the new one"
    );
    let (_, again) = province.put_dossier(&kiosk, &held).await;
    assert_ne!(
        again.acknowledgement, before.acknowledgement,
        "acknowledged anew, in the new epoch"
    );
    let (_, twice) = province.put_dossier(&kiosk, &held).await;
    assert_eq!(
        twice.acknowledgement, again.acknowledgement,
        "and then the same bytes again"
    );
}
