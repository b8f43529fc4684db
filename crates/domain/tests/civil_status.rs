//! What the civil-status procedures must do beyond asking: deadlines, fees and exemptions, presence, witnesses.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the test, not the domain, reads the procedures"
)]

mod common;

use common::{Filled, facts, fill, keeps, shown, text};
use domain::answer::Answers;
use domain::interview::{InterviewView, Missing, RawAnswer, view};
use domain::procedure::Procedure;

struct Room {
    procedure: Procedure,
    filled: Filled,
    answers: Answers,
}

impl Room {
    fn new(code: &str) -> Self {
        let read = |path: String| std::fs::read(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let procedure = Procedure::from_json(&read(format!("../../assets/procedures/{code}.json")))
            .unwrap_or_else(|fault| panic!("{fault:#?}"));
        let filled: Filled =
            serde_json::from_slice(&read(format!("tests/fixtures/procedures/{code}.json"))).unwrap();
        let answers = fill(&procedure, &filled.answers, keeps);
        Self {
            procedure,
            filled,
            answers,
        }
    }

    fn with(mut self, question: &str, typed: &str) -> Self {
        keeps(&self.procedure, &mut self.answers, &question.into(), &text(typed));
        self
    }

    fn view(&self) -> InterviewView {
        view(&self.procedure, &self.answers, &facts(&self.filled.files))
    }

    fn warned(&self) -> Vec<String> {
        self.view()
            .warnings
            .into_iter()
            .map(|warning| warning.fault.code)
            .collect()
    }

    fn fault(&self, question: &str) -> Option<String> {
        shown(&self.view(), question)?
            .fault
            .clone()
            .map(|fault| fault.code)
    }

    fn wants(&self, paper: &str) -> bool {
        let missing =
            |m: &Missing| matches!(m, Missing::Paper { component, .. } if component.as_str() == paper);
        self.view().missing.iter().any(missing)
    }
}

#[test]
fn a_death_is_registered_within_fifteen_days() {
    let room = || Room::new("1.000656");
    for (died, left, near, passed) in [
        ("22/11/2026", 15, false, false),
        ("10/11/2026", 3, true, false),
        ("7/11/2026", 0, true, false),
        ("6/11/2026", -1, false, true),
    ] {
        let deadline = room()
            .with("death_date", died)
            .with("notice_date", died)
            .view()
            .deadline
            .unwrap();
        assert_eq!(
            (deadline.days_left, deadline.near, deadline.passed),
            (left, near, passed),
            "{died}"
        );
        assert!(deadline.source.is_some(), "the portal's page says so");
    }
    let late = room()
        .with("death_date", "1/6/2026")
        .with("notice_date", "1/6/2026");
    assert_eq!(
        shown(&late.view(), "registration_type").unwrap().shown,
        "Đăng ký quá hạn"
    );
    assert!(!late.view().complete, "a late one asks about the fee");
}

#[test]
fn a_fee_is_asserted_only_where_it_is_known() {
    let death = || Room::new("1.000656");
    assert_eq!(
        death().view().fee_dong,
        Some(40_000),
        "in time: free, five copies"
    );
    let late = || {
        death()
            .with("death_date", "1/6/2026")
            .with("notice_date", "1/6/2026")
    };
    assert_eq!(late().view().fee_dong, None, "not yet asked");
    assert_eq!(
        late().with("fee_exemption", "none").view().fee_dong,
        None,
        "set by the province"
    );
    assert_eq!(
        late().with("fee_exemption", "merit").view().fee_dong,
        Some(40_000)
    );

    let confirmation = || Room::new("2.002516");
    assert_eq!(confirmation().view().fee_dong, Some(0), "a poor household");
    assert_eq!(
        confirmation().with("fee_exemption", "none").view().fee_dong,
        Some(8_000),
        "one event"
    );
    assert_eq!(
        confirmation().view().working_days,
        None,
        "what is only remembered is not said"
    );
    assert_eq!(
        Room::new("2.000635").view().fee_dong,
        Some(24_000),
        "three copies"
    );
    assert_eq!(Room::new("1.000894").view().fee_dong, Some(0));
}

#[test]
fn marrying_takes_two_who_are_present_and_of_age() {
    let room = || Room::new("1.000894");
    assert_eq!(
        room().with("both_agree", "no").fault("both_agree").as_deref(),
        Some("both_present")
    );
    assert_eq!(
        room()
            .with("husband_birth_date", "23/11/2006")
            .with("husband_id", "011206000456")
            .warned(),
        ["husband_under_age"]
    );
    assert!(
        room()
            .with("husband_birth_date", "22/11/2006")
            .with("husband_id", "011206000456")
            .warned()
            .is_empty(),
        "twenty today"
    );
    assert_eq!(
        room().with("wife_marriages", "abroad").warned(),
        ["wife_foreign_divorce"]
    );
    assert_eq!(shown(&room().view(), "filer_name").unwrap().shown, "Lò Thị Mây");
    assert_eq!(
        shown(&room().with("filer", "husband").view(), "filer_name")
            .unwrap()
            .shown,
        "Vàng A Páo"
    );
    assert!(
        room()
            .procedure
            .papers
            .iter()
            .all(|paper| !paper.id.as_str().starts_with("authorisation")),
        "nobody marries by proxy"
    );
}

#[test]
fn one_certificate_to_marry_with_and_the_old_one_handed_back() {
    let room = || Room::new("1.004873");
    assert_eq!(
        room().with("copies", "2").fault("copies").as_deref(),
        Some("one_to_marry")
    );
    let other = room()
        .with("purpose", "other")
        .with("purpose_text", "Vay vốn ngân hàng")
        .with("copies", "2");
    assert!(other.view().complete);
    assert!(
        room()
            .with("purpose_case", "again_expired")
            .wants("earlier_certificate")
    );
    assert!(
        !room()
            .with("purpose_case", "again_lost")
            .wants("earlier_certificate")
    );
    assert!(
        room()
            .with("requester_relation", "agent")
            .wants("authorisation_certified")
    );
    assert!(
        room()
            .with("requester_relation", "agent_close")
            .wants("authorisation_plain")
    );
    assert_eq!(
        shown(&room().view(), "subject_name").unwrap().shown,
        "Lò Thị Mây",
        "taken from the applicant"
    );
}

#[test]
fn two_witnesses_or_an_expert() {
    let room = Room::new("1.001022");
    let Some(RawAnswer::Rows(rows)) = room
        .filled
        .answers
        .iter()
        .find(|(id, _)| id.as_str() == "witnesses")
        .map(|(_, raw)| raw.clone())
    else {
        panic!("the fixture has witnesses");
    };
    let mut alone = Room::new("1.001022");
    keeps(
        &alone.procedure,
        &mut alone.answers,
        &"witnesses".into(),
        &RawAnswer::Rows(rows.into_iter().take(1).collect()),
    );
    assert_eq!(alone.fault("witnesses").as_deref(), Some("row_count"));
    let expert = room.with("proof_kind", "expert");
    assert!(expert.wants("expert_paper") && shown(&expert.view(), "witnesses").is_none());
}

#[test]
fn a_lost_register_and_a_birth_never_registered_are_two_procedures() {
    let again = Room::new("1.004884");
    assert!(again.procedure.paper(&"undertaking".into()).is_none());
    let kind = again.procedure.question(&"registration_type".into()).unwrap();
    assert_eq!(kind.upstream_value("again"), Some("2"));
    let never = Room::new("1.004772");
    assert!(never.procedure.paper(&"undertaking".into()).is_some());
    assert!(never.procedure.question(&"registered_place".into()).is_none());
    assert_eq!(
        never
            .with("mother_birth_date", "1999")
            .fault("mother_birth_date")
            .as_deref(),
        Some("mother_born_after_child")
    );
}
