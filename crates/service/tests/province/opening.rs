//! Opening and exporting: recorded, with a reason, and exported only by two.

use crate::common::Province;
use domain::province::Intake;
use seal::SealError;
use seal::keys::OpeningKey;
use service::admin::Opened;
use service::{Refusal, ServiceError};

const PASS_AN: &str = "mật khẩu của chị An";
const PASS_BINH: &str = "mật khẩu của anh Bình";

fn refusal<T>(result: Result<T, ServiceError>) -> Refusal {
    match result {
        Err(ServiceError::Refused(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("not refused"),
    }
}

fn intake_key(province: &Province) -> OpeningKey {
    OpeningKey::from_text(&std::fs::read_to_string(province.data().join("keys/intake.key")).unwrap()).unwrap()
}

fn acts(province: &Province) -> Vec<(String, String)> {
    let entries = province.admin().audit().unwrap().into_iter();
    entries
        .map(|e| {
            (
                e.who,
                serde_json::to_value(e.act).unwrap().as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_needs_a_clerk_a_reason_and_the_right_key_and_is_recorded_first() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[5000]);
    let (id, key) = (dossier.id(), intake_key(&province));
    let mut admin = province.admin();
    assert_eq!(refusal(admin.add_clerk("An", "ngắn")), Refusal::PassphraseShort);
    admin.add_clerk("An", PASS_AN).unwrap();
    assert_eq!(refusal(admin.add_clerk("An", PASS_BINH)), Refusal::ClerkExists);
    province.put_dossier(&kiosk, &dossier).await;
    assert_eq!(
        refusal(admin.open_dossier(&id, "An", PASS_AN, "kiểm tra", &key)),
        Refusal::NotComplete
    );
    province.deliver(&kiosk, &dossier).await;
    assert_eq!(
        refusal(admin.open_dossier(&id, "An", PASS_AN, " ", &key)),
        Refusal::NoReason
    );
    assert_eq!(
        refusal(admin.open_dossier(&id, "An", PASS_BINH, "kiểm tra", &key)),
        Refusal::ClerkUnknown
    );
    assert_eq!(
        refusal(admin.open_dossier(&id, "Bình", PASS_BINH, "kiểm tra", &key)),
        Refusal::ClerkUnknown
    );
    let other = admin.open_dossier(&id, "An", PASS_AN, "kiểm tra", &OpeningKey::generate());
    assert!(matches!(other, Err(ServiceError::Seal(SealError::Decrypt))));
    assert_eq!(
        admin.dossier(&id).unwrap().intake,
        Intake::Complete,
        "not opened yet"
    );
    let opened = admin.open_dossier(&id, "An", PASS_AN, "kiểm tra", &key).unwrap();
    let Opened::Dossier { form, .. } = opened else {
        panic!("a dossier")
    };
    assert_eq!(form.roles.subject.name.as_deref(), Some("Lò Thị Bông"));
    assert_eq!(admin.dossier(&id).unwrap().intake, Intake::Opened);
    let recovery =
        OpeningKey::from_text(&std::fs::read_to_string(province.data().join("keys/recovery.key")).unwrap());
    assert!(
        admin
            .open_dossier(&id, "An", PASS_AN, "diễn tập", &recovery.unwrap())
            .is_ok()
    );
    let recorded: Vec<_> = acts(&province)
        .into_iter()
        .filter(|(who, _)| who != "admin")
        .collect();
    let expected = [
        ("An", "denied"),
        ("Bình", "denied"),
        ("An", "open"),
        ("An", "open"),
        ("An", "open"),
    ];
    assert_eq!(
        recorded,
        expected.map(|(who, act)| (who.to_owned(), act.to_owned())),
        "also the try that failed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn exporting_needs_another_person() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[5000, 1_200_000]);
    province.deliver(&kiosk, &dossier).await;
    let (id, key) = (dossier.id(), intake_key(&province));
    let out = tempfile::tempdir().unwrap();
    let mut admin = province.admin();
    admin.add_clerk("An", PASS_AN).unwrap();
    admin.add_clerk("Bình", PASS_BINH).unwrap();
    let request = admin
        .request_export(&id, "An", PASS_AN, "chuyển hệ thống hộ tịch", out.path())
        .unwrap();
    assert_eq!(
        refusal(admin.approve_export(request, "An", PASS_AN, &key)),
        Refusal::SamePerson
    );
    assert_eq!(
        refusal(admin.approve_export(request + 1, "Bình", PASS_BINH, &key)),
        Refusal::NoSuchRequest
    );
    assert!(
        admin
            .approve_export(request, "Bình", PASS_BINH, &OpeningKey::generate())
            .is_err()
    );
    assert_eq!(
        std::fs::read_dir(out.path()).unwrap().count(),
        0,
        "nothing was written yet"
    );
    let exported = admin.approve_export(request, "Bình", PASS_BINH, &key).unwrap();
    assert_eq!(
        exported.files,
        ["form.json", "01-birth_paper.jpg", "02-birth_paper.jpg"]
    );
    for (name, readable) in exported.files[1..].iter().zip(&dossier.readable) {
        assert_eq!(&std::fs::read(exported.dir.join(name)).unwrap(), readable);
    }
    assert_eq!(
        refusal(admin.approve_export(request, "Bình", PASS_BINH, &key)),
        Refusal::NoSuchRequest,
        "once"
    );
    let recorded: Vec<_> = acts(&province)
        .into_iter()
        .filter(|(who, _)| who != "admin")
        .map(|(_, act)| act)
        .collect();
    assert_eq!(recorded, ["request_export", "denied", "export"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn serving_never_needs_the_opening_keys() {
    let province = Province::start().await;
    for name in ["intake.key", "recovery.key", "root.key.pem"] {
        std::fs::remove_file(province.data().join("keys").join(name)).unwrap();
    }
    let province = province.restart().await;
    let kiosk = province.kiosk(1).await;
    province.deliver(&kiosk, &kiosk.seal(1, &[1000])).await;
}
