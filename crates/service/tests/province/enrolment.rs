//! From a one-time code to a session, and everything that must not get one.

use crate::common::{Province, client, code_of, request};
use domain::ids::DeviceId;
use jiff::SignedDuration;
use reqwest::StatusCode;
use seal::keys::{Context, SigningKey};
use seal::signed::Signed;
use wire::enrol::{EnrolOffer, EnrolState};
use wire::session::SessionRequest;
use wire::time::{TimeAnswer, TimeRequest};
use wire::{Nonce, ProblemCode, path};

fn device(n: u8) -> (SigningKey, DeviceId) {
    (
        SigningKey::from_seed(&[n; 32]),
        DeviceId(uuid::Uuid::from_bytes([n; 16])),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_is_enrolled_and_both_sides_read_the_same_words() {
    let province = Province::start().await;
    let (key, id) = device(1);
    let code = province.admin().new_code().unwrap().code;
    let asked = request(&code, &key, id);
    let offer: EnrolOffer = province.enrol(&asked).await.json().await.unwrap();
    assert_eq!(offer.root_der().unwrap(), province.running.root_der);
    assert_eq!(offer.counter_phone.as_deref(), Some("0219 386 0000"));
    let listed = province.admin().devices().unwrap();
    let words = wire::enrol::words(
        &key.verify_key(),
        &offer.root_der().unwrap(),
        &offer.signing_key,
        &offer.recipients,
    );
    assert_eq!(listed[0].words, words);
    let state = |offer: &EnrolOffer| {
        province
            .client
            .get(province.url(&path::enrol_state(&offer.ticket)))
            .send()
    };
    assert_eq!(
        state(&offer).await.unwrap().json::<EnrolState>().await.unwrap(),
        EnrolState::Waiting
    );
    assert_eq!(
        province.sign_in(&key, id).await.unwrap_err().code,
        ProblemCode::DeviceRefused,
        "not approved yet"
    );
    // The first answer may be lost: the same request again is the same request, with a new ticket.
    let again: EnrolOffer = province.enrol(&asked).await.json().await.unwrap();
    assert_eq!(code_of(state(&offer).await.unwrap()).await, ProblemCode::NotFound);
    assert_eq!(province.admin().devices().unwrap().len(), 1);
    province.admin().approve_device(&id).unwrap();
    assert!(matches!(
        state(&again).await.unwrap().json().await.unwrap(),
        EnrolState::Approved { .. }
    ));
    assert!(province.sign_in(&key, id).await.is_ok());
    assert!(province.admin().approve_device(&id).is_err(), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn used_expired_and_wrong_codes_are_refused_alike() {
    let province = Province::start().await;
    let refused = async |code: &str, n: u8| {
        let (key, id) = device(n);
        let response = province.enrol(&request(code, &key, id)).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        response.text().await.unwrap()
    };
    let used = province.admin().new_code().unwrap().code;
    let (key, id) = device(1);
    assert_eq!(
        province.enrol(&request(&used, &key, id)).await.status(),
        StatusCode::OK
    );
    let expired = province.admin().new_code().unwrap().code;
    let burnt = province.admin().new_code().unwrap().code;
    let wrong = format!("{}222222", &burnt[..4]);
    let first = refused(&wrong, 2).await;
    for _ in 0..4 {
        assert_eq!(refused(&wrong, 2).await, first);
    }
    assert_eq!(refused(&burnt, 2).await, first, "five wrong tries burn it");
    assert_eq!(refused(&used, 3).await, first, "used");
    province.clock.forward(SignedDuration::from_mins(16));
    assert_eq!(refused(&expired, 4).await, first, "expired");
    assert_eq!(refused("", 5).await, first);
    let fresh = province.admin().new_code().unwrap().code;
    province.admin().refuse_device(&id).unwrap();
    assert_eq!(
        province.enrol(&request(&fresh, &key, id)).await.status(),
        StatusCode::OK,
        "it may ask again"
    );
    assert_eq!(province.admin().devices().unwrap().len(), 1);
    let again = province.admin().new_code().unwrap().code;
    let response = province
        .enrol(&request(&again, &SigningKey::from_seed(&[9; 32]), id))
        .await;
    assert_eq!(
        code_of(response).await,
        ProblemCode::DeviceRefused,
        "an id that asked before, with another key"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_enrolled_key_gets_a_session_and_only_once_for_a_nonce() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let wrong = province
        .sign_in(&SigningKey::from_seed(&[2; 32]), kiosk.id)
        .await
        .unwrap_err();
    assert_eq!(wrong.code, ProblemCode::DeviceRefused);
    let body = SessionRequest::sign(kiosk.id, province.challenge(kiosk.id).await, &kiosk.key);
    let sign_in = || {
        province
            .client
            .post(province.url(path::SESSION))
            .json(&body)
            .send()
    };
    assert_eq!(sign_in().await.unwrap().status(), StatusCode::OK);
    assert_eq!(
        code_of(sign_in().await.unwrap()).await,
        ProblemCode::ChallengeStale
    );
    let no_token = province
        .client
        .post(province.url(path::SYNC))
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(code_of(no_token).await, ProblemCode::SessionNeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_learns_it_at_once_and_only_with_its_key() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[]);
    province.admin().revoke_device(&kiosk.id).unwrap();
    let response = province
        .put(&kiosk, &dossier.id(), dossier.envelope.to_bytes().unwrap())
        .await;
    assert_eq!(
        code_of(response).await,
        ProblemCode::DeviceRevoked,
        "the open session ends too"
    );
    assert_eq!(
        province.sign_in(&kiosk.key, kiosk.id).await.unwrap_err().code,
        ProblemCode::DeviceRevoked
    );
    let stranger = province
        .sign_in(&SigningKey::from_seed(&[2; 32]), kiosk.id)
        .await
        .unwrap_err();
    assert_eq!(stranger.code, ProblemCode::DeviceRefused);
    assert!(province.admin().dossiers().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_root_another_tls_and_another_path_get_nothing() {
    let province = Province::start().await;
    let other = Province::start().await;
    let nonce = TimeRequest {
        nonce: Nonce([1; 32]),
    };
    let with_other_root = client(&other.running.root_der)
        .post(province.url(path::TIME))
        .json(&nonce)
        .send()
        .await;
    assert!(
        with_other_root.unwrap_err().is_connect(),
        "the pinned root is the only trust anchor"
    );
    let root = reqwest::Certificate::from_der(&province.running.root_der).unwrap();
    let old = reqwest::Client::builder()
        .tls_certs_only([root])
        .tls_version_max(reqwest::tls::Version::TLS_1_2);
    let with_old_tls = old
        .build()
        .unwrap()
        .post(province.url(path::TIME))
        .json(&nonce)
        .send()
        .await;
    assert!(
        with_old_tls.unwrap_err().is_connect(),
        "nothing older than TLS 1.3"
    );
    let nothing = province.client.get(province.url("/")).send().await.unwrap();
    assert_eq!(code_of(nothing).await, ProblemCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_signed_over_the_askers_nonce() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let body = TimeRequest {
        nonce: Nonce([7; 32]),
    };
    let signed: Signed = province
        .client
        .post(province.url(path::TIME))
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let time: TimeAnswer = signed.open(&kiosk.offer.signing_key, Context::Time).unwrap();
    assert_eq!((time.nonce, time.now), (body.nonce, (province.clock.clock())()));
    assert!(
        signed
            .open::<TimeAnswer>(&kiosk.offer.signing_key, Context::Events)
            .is_err()
    );
}
