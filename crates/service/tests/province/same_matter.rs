//! The same matter of the same person at two counters: a clerk is told where both were opened, and nobody else is.

use crate::common::{Kiosk, Province, Sealed};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use domain::sealed_form::SealedForm;
use jiff::SignedDuration;
use seal::keys::OpeningKey;
use service::admin::{Admin, Opened, SameMatter};
use wire::Sha256;

const PASS: &str = "mật khẩu của cán bộ";
const ELSEWHERE: &str = "Bộ phận Một cửa xã Mường Lạn, quầy 1";
const NUMBER: &str = "011098000123";
const PROCEDURE: &str = "1.004873";

/// Clerks of a province, and the key that they present.
struct Office {
    admin: Admin,
    intake: OpeningKey,
    recovery: OpeningKey,
}

impl Office {
    fn of(province: &Province) -> Self {
        let key = |name: &str| service::admin::read_key(&province.data().join("keys").join(name)).unwrap();
        let mut admin = province.admin();
        admin.add_clerk("An", PASS).unwrap();
        admin.add_clerk("Bình", PASS).unwrap();
        Self {
            admin,
            intake: key("intake.key"),
            recovery: key("recovery.key"),
        }
    }

    /// What whoever opens it is told.
    fn open(&mut self, sealed: &Sealed) -> Vec<SameMatter> {
        let opened = self
            .admin
            .open_dossier(&sealed.id(), "An", PASS, "thụ lý", &self.intake);
        match opened.unwrap() {
            Opened::Dossier { same_matter, .. } => same_matter,
            Opened::Withdrawal(_) => Vec::new(),
        }
    }

    fn listed(&self, sealed: &Sealed) -> Vec<DossierId> {
        let all = self.admin.dossiers().unwrap();
        let row = all.into_iter().find(|d| d.id == sealed.id()).unwrap();
        ids(&row.same_matter)
    }

    fn suspicions(&self) -> Vec<(Option<String>, String)> {
        let entries = self.admin.audit().unwrap().into_iter();
        let told = entries.filter(|e| serde_json::to_value(e.act).unwrap() == "dup_suspect");
        told.map(|e| (e.on, e.why)).collect()
    }
}

fn ids(others: &[SameMatter]) -> Vec<DossierId> {
    others.iter().map(|o| o.dossier).collect()
}

fn about(procedure: &str, number: &str) -> impl FnOnce(&mut SealedForm) + use<> {
    let (procedure, number) = (procedure.into(), Some(number.to_owned()));
    move |form| {
        form.procedure = procedure;
        form.roles.subject.id_number = number;
    }
}

/// A dossier at the province, whole.
async fn sent(province: &Province, kiosk: &Kiosk, count: u32, procedure: &str, number: &str) -> Sealed {
    let id = DossierId(seal::random::uuid().unwrap());
    let sealed = kiosk.seal_form(id, count, &[1000], about(procedure, number));
    province.deliver(kiosk, &sealed).await;
    sealed
}

fn tag(province: &Province, sealed: &Sealed) -> Option<[u8; 32]> {
    let conn = rusqlite::Connection::open(province.data().join("province.db")).unwrap();
    let sql = "SELECT matter_tag FROM dossiers WHERE id = ?1";
    conn.query_row(sql, [sealed.id().to_string()], |r| r.get(0))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_is_told_and_both_are_listed_until_one_of_them_has_ended() {
    let province = Province::start().await;
    let (here, there) = (province.kiosk(1).await, province.kiosk_of(2, ELSEWHERE).await);
    let first = sent(&province, &here, 1, PROCEDURE, NUMBER).await;
    let second = sent(&province, &there, 1, PROCEDURE, NUMBER).await;
    let mut office = Office::of(&province);
    assert!(
        office.open(&second).is_empty(),
        "the other one was never opened: nobody can know"
    );
    assert!(office.listed(&second).is_empty() && office.suspicions().is_empty());

    let told = office.open(&first);
    assert_eq!(ids(&told), [second.id()]);
    assert_eq!(told[0].receipt_number, second.manifest.receipt_number);
    assert_eq!(told[0].counter_name, ELSEWHERE);
    assert_eq!(
        (office.listed(&first), office.listed(&second)),
        (vec![second.id()], vec![first.id()])
    );
    let why = format!(
        "perhaps the same matter: {} ({})",
        second.manifest.receipt_number,
        second.id()
    );
    assert_eq!(office.suspicions(), [(Some(first.id().to_string()), why)]);
    let before = tag(&province, &second);
    assert_eq!(
        ids(&office.open(&second)),
        [first.id()],
        "opened again it is told, too"
    );
    assert!(before.is_some() && tag(&province, &second) == before);

    // Whoever writes it out is told, and nothing is held back.
    let out = tempfile::tempdir().unwrap();
    let request = office
        .admin
        .request_export(&first.id(), "An", PASS, "chuyển hệ thống", out.path());
    let exported = office
        .admin
        .approve_export(request.unwrap(), "Bình", PASS, &office.intake)
        .unwrap();
    assert_eq!(ids(&exported.same_matter), [second.id()]);
    assert_eq!(exported.files.len(), 2);
    assert_eq!(office.suspicions().len(), 3);
    let new = [&first, &second].map(|d| office.admin.dossier(&d.id()).unwrap().case.status);
    assert_eq!(new, [CaseStatus::New; 2], "nobody decided anything");
    for kiosk in [&here, &there] {
        let heard = crate::feed::sync(&province, kiosk, 0).await;
        assert!(
            heard.events.is_empty(),
            "a counter does not hear where else a citizen was"
        );
    }

    office
        .admin
        .set_status(&second.id(), CaseStatus::NotAccepted, Some("đã nộp nơi khác"))
        .unwrap();
    assert!(office.listed(&first).is_empty() && office.listed(&second).is_empty());
    assert!(office.open(&first).is_empty());
    assert_eq!(office.suspicions().len(), 3, "what was told stays in the record");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_own_counter_took_back_is_no_second_one() {
    let province = Province::start().await;
    let (here, there) = (province.kiosk(1).await, province.kiosk_of(2, ELSEWHERE).await);
    let first = sent(&province, &here, 1, PROCEDURE, NUMBER).await;
    let second = sent(&province, &there, 1, PROCEDURE, NUMBER).await;
    let mut office = Office::of(&province);
    office.open(&first);
    assert_eq!(ids(&office.open(&second)), [first.id()]);
    let void = there.withdraw(2, &second);
    province.put_dossier(&there, &void).await;
    assert!(office.listed(&first).is_empty(), "one is left");
    assert!(office.open(&void).is_empty() && office.listed(&void).is_empty());
    assert_eq!(tag(&province, &void), None, "a withdrawal is nobody's matter");
    assert!(office.open(&second).is_empty(), "read after it was taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_matter_another_person_one_machine_and_another_month_are_no_suspicion() {
    let province = Province::start().await;
    let (here, there) = (province.kiosk(1).await, province.kiosk_of(2, ELSEWHERE).await);
    let first = sent(&province, &here, 1, PROCEDURE, NUMBER).await;
    let mut office = Office::of(&province);
    office.open(&first);
    for (count, kiosk, procedure, number, name) in [
        (1, &there, "2.000635", NUMBER, "another procedure"),
        (2, &there, PROCEDURE, "011098000124", "another person"),
        (3, &here, PROCEDURE, NUMBER, "the same machine"),
    ] {
        let other = sent(&province, kiosk, count, procedure, number).await;
        assert!(office.open(&other).is_empty(), "{name}");
        assert!(office.listed(&first).is_empty(), "{name}");
    }
    // The same machine's second one is there for whoever comes from elsewhere; in the last hour of the thirty days too.
    province.clock.forward(SignedDuration::from_hours(30 * 24 - 1));
    let late = sent(&province, &province.kiosk(3).await, 1, PROCEDURE, NUMBER).await;
    assert_eq!(office.open(&late).len(), 2);
    province.clock.forward(SignedDuration::from_hours(24));
    let later = sent(&province, &province.kiosk(4).await, 1, PROCEDURE, NUMBER).await;
    assert_eq!(
        ids(&office.open(&later)),
        [late.id()],
        "thirty-one days after the first"
    );
    assert_eq!(office.listed(&first), [late.id()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_the_database_cannot_try_numbers() {
    let province = Province::start().await;
    let (here, there) = (province.kiosk(1).await, province.kiosk_of(2, ELSEWHERE).await);
    let first = sent(&province, &here, 1, PROCEDURE, NUMBER).await;
    let second = sent(&province, &there, 1, PROCEDURE, NUMBER).await;
    let mut office = Office::of(&province);
    let drill = office
        .admin
        .open_dossier(&first.id(), "An", PASS, "diễn tập", &office.recovery);
    assert!(drill.is_ok());
    assert_eq!(
        tag(&province, &first),
        None,
        "the recovery key would make another tag"
    );
    office.open(&first);
    office.open(&second);
    let stored = tag(&province, &first).unwrap();
    assert_eq!(tag(&province, &second), Some(stored));
    let parts = [PROCEDURE, "number", NUMBER];
    assert_eq!(
        stored,
        seal::matter::tag(&office.intake, &parts).unwrap(),
        "the control: with the key"
    );
    assert_ne!(stored, seal::matter::tag(&office.recovery, &parts).unwrap());
    assert_ne!(
        stored,
        seal::matter::tag(&OpeningKey::generate(), &parts).unwrap()
    );
    for plain in [
        NUMBER.to_owned(),
        parts.concat(),
        parts.join("\0"),
        format!("{PROCEDURE}{NUMBER}"),
    ] {
        assert_ne!(stored, Sha256::of(plain.as_bytes()).0, "{plain}");
    }
    let told = serde_json::to_string(&office.admin.dossiers().unwrap()).unwrap();
    let recorded = serde_json::to_string(&office.admin.audit().unwrap()).unwrap();
    for (name, text) in [("list", told), ("record", recorded)] {
        assert!(
            !text.contains(NUMBER) && !text.contains("Bông"),
            "a person stands in the {name}"
        );
    }
}
