//! The four roles of an assisted filing, recorded apart: whose dossier, who files, who helps, who receives.
//!
//! The person helped stays the one who transacts; a helper never takes their place.

use crate::answer::Answers;
use crate::ids::OperatorId;
use crate::interview::{InterviewView, Missing};
use crate::procedure::People;
use crate::text::clean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What somebody at the counter may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum OperatorRole {
    /// Cán bộ một cửa.
    Officer,
    /// Phụ trách quầy: also adds operators and resets PINs.
    Head,
    /// Đoàn viên, tình nguyện viên: captures, never seals.
    Volunteer,
}

impl OperatorRole {
    #[must_use]
    pub fn vi(self) -> &'static str {
        match self {
            Self::Officer => "cán bộ quầy",
            Self::Head => "phụ trách quầy",
            Self::Volunteer => "tình nguyện viên",
        }
    }

    #[must_use]
    pub fn may_seal(self) -> bool {
        match self {
            Self::Officer | Self::Head => true,
            Self::Volunteer => false,
        }
    }
}

/// A citizen in the roles record: the name and number as the interview holds them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub name: Option<String>,
    /// 9 or 12 digits, as text.
    pub id_number: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(…)")
    }
}

/// Close relatives who need no certified authorisation in civil status: ông, bà, cha, mẹ, con, vợ, chồng, anh, chị,
/// em ruột (portal listing of 1.001193, 1.000656, 1.004873, 2.000635, read July 2026).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum CloseRelation {
    Grandparent,
    Parent,
    Child,
    Spouse,
    Sibling,
}

impl CloseRelation {
    pub const ALL: [Self; 5] = [
        Self::Grandparent,
        Self::Parent,
        Self::Child,
        Self::Spouse,
        Self::Sibling,
    ];
}

/// In what standing the person at the counter files: for themselves or for somebody else. Said by them, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    Own,
    CloseRelative {
        relation: CloseRelation,
    },
    /// With a written authorisation.
    Authorised,
    /// Whom the law itself lets act for the owner: a guardian, the head of an organisation.
    Representative,
}

/// What the counter asks of somebody who files in a standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuthorisationNeed {
    /// None.
    None,
    /// Written and certified.
    Certified,
    /// This kind of procedure has its own rule, which the officer knows.
    AskOfficer,
}

impl Standing {
    /// `civil_status`: the procedure belongs to hộ tịch, where the rule is known.
    #[must_use]
    pub fn authorisation(self, civil_status: bool) -> AuthorisationNeed {
        match (self, civil_status) {
            (Self::Own, _) | (Self::CloseRelative { .. }, true) => AuthorisationNeed::None,
            (Self::Authorised, true) => AuthorisationNeed::Certified,
            (Self::Representative, _) | (Self::CloseRelative { .. } | Self::Authorised, false) => {
                AuthorisationNeed::AskOfficer
            }
        }
    }

    /// What the form's own answer on the relation says; none where it leaves open what matters here, as "somebody else"
    /// does, or "authorised, being a close relative".
    #[must_use]
    pub fn said_by_relation(relation: &str) -> Option<Self> {
        let close = |relation| Some(Self::CloseRelative { relation });
        match clean(relation).to_lowercase().as_str() {
            "self" | "holder" => Some(Self::Own),
            "mother" | "father" | "parent" | "cha" | "mẹ" | "bố" => close(CloseRelation::Parent),
            "child" | "con" => close(CloseRelation::Child),
            "spouse" | "vợ" | "chồng" => close(CloseRelation::Spouse),
            "agent" => Some(Self::Authorised),
            "guardian" | "legal" => Some(Self::Representative),
            _ => None,
        }
    }
}

/// Whether the filer is the owner, and in what standing they file if not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// The owner files, or nobody is named yet.
    Own,
    /// For somebody else, in a standing that was said.
    For(Standing),
    /// For somebody else, and nobody said in what standing.
    Unsaid,
}

impl Filing {
    /// `answers` are those that may leave the counter; `said` is what was pressed at the counter.
    ///
    /// A procedure that asks for no relation knows no filer but its owner, or several owners of whom one files.
    #[must_use]
    pub fn of(people: &People, answers: &Answers, said: Option<Standing>) -> Self {
        let Some(relation) = &people.relation else {
            return Self::Own;
        };
        let by_form = answers.text(relation).and_then(Standing::said_by_relation);
        if !is_somebody_else(people, answers) || by_form == Some(Standing::Own) {
            return Self::Own;
        }
        // "For themselves" is no standing of somebody who is another person.
        match said.filter(|said| *said != Standing::Own).or(by_form) {
            Some(standing) => Self::For(standing),
            None => Self::Unsaid,
        }
    }

    /// What is written down beside the two names.
    #[must_use]
    pub fn standing(self, said: Option<Standing>) -> Option<Standing> {
        match self {
            Self::Own => said,
            Self::For(standing) => Some(standing),
            Self::Unsaid => None,
        }
    }
}

/// Two numbers tell two people apart, and where one has none, their names do.
fn is_somebody_else(people: &People, answers: &Answers) -> bool {
    if people.subject_name == people.filer_name {
        return false;
    }
    let text = |id: Option<&crate::ids::QuestionId>| id.and_then(|id| answers.text(id));
    let numbers = (text(people.subject_id.as_ref()), text(people.filer_id.as_ref()));
    if let (Some(subject), Some(filer)) = numbers {
        return subject != filer;
    }
    match (
        answers.text(&people.subject_name),
        answers.text(&people.filer_name),
    ) {
        (Some(subject), Some(filer)) => subject.to_lowercase() != filer.to_lowercase(),
        (None, _) | (_, None) => false,
    }
}

/// The view with what the people at the counter still have to say. **Invariant:** a dossier is not complete while nobody
/// said in what standing its filer files for somebody else.
#[must_use]
pub fn with_standing(
    mut view: InterviewView,
    people: &People,
    answers: &Answers,
    said: Option<Standing>,
) -> InterviewView {
    if Filing::of(people, answers, said) == Filing::Unsaid {
        view.missing.insert(0, Missing::Standing);
        view.complete = false;
    }
    view
}

/// An operator in the roles record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Helper {
    pub operator: OperatorId,
    pub role: OperatorRole,
}

/// Who stood where. `relation` is the filer's relation to the subject, in the procedure's own values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Roles {
    /// Chủ hồ sơ.
    pub subject: Person,
    /// Người nộp.
    pub filer: Person,
    pub relation: Option<String>,
    /// In what standing the filer files: always there where the filer is not the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Người hỗ trợ.
    pub helpers: Vec<Helper>,
    /// Người tiếp nhận at the counter: who sealed.
    pub receiver: Helper,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Answer, AnswerSource, AnswerValue};

    #[test]
    fn close_relatives_need_no_certified_paper_in_civil_status() {
        let close = Standing::CloseRelative {
            relation: CloseRelation::Sibling,
        };
        for (standing, civil_status, need) in [
            (Standing::Own, true, AuthorisationNeed::None),
            (Standing::Own, false, AuthorisationNeed::None),
            (close, true, AuthorisationNeed::None),
            (close, false, AuthorisationNeed::AskOfficer),
            (Standing::Authorised, true, AuthorisationNeed::Certified),
            (Standing::Authorised, false, AuthorisationNeed::AskOfficer),
            (Standing::Representative, true, AuthorisationNeed::AskOfficer),
        ] {
            assert_eq!(
                standing.authorisation(civil_status),
                need,
                "{standing:?} {civil_status}"
            );
        }
    }

    const MOTHER: Standing = Standing::CloseRelative {
        relation: CloseRelation::Parent,
    };

    fn people(relation: bool) -> People {
        People {
            subject_name: "child".into(),
            subject_id: Some("child_id".into()),
            filer_name: "filer".into(),
            filer_id: Some("filer_id".into()),
            relation: relation.then(|| "relation".into()),
        }
    }

    fn answers(given: &[(&str, &str)]) -> Answers {
        let mut answers = Answers::default();
        for (question, text) in given {
            let value = AnswerValue::Text((*text).to_owned());
            answers.set((*question).into(), Answer::new(value, AnswerSource::Typed));
        }
        answers
    }

    #[test]
    fn who_files_for_somebody_else_says_in_what_standing() {
        let two = [("child", "Lò Thị Mây"), ("filer", "Lò Thị Hoa")];
        let of = |more: &[(&str, &str)], said| {
            let all: Vec<_> = two.iter().chain(more).copied().collect();
            Filing::of(&people(true), &answers(&all), said)
        };
        for (relation, said, filing) in [
            ("other", None, Filing::Unsaid),
            ("agent_close", None, Filing::Unsaid),
            ("other", Some(Standing::Own), Filing::Unsaid),
            ("other", Some(MOTHER), Filing::For(MOTHER)),
            ("mother", None, Filing::For(MOTHER)),
            ("Mẹ", None, Filing::For(MOTHER)),
            ("mother", Some(Standing::Own), Filing::For(MOTHER)),
            ("agent", None, Filing::For(Standing::Authorised)),
            ("guardian", None, Filing::For(Standing::Representative)),
            ("self", None, Filing::Own),
        ] {
            assert_eq!(of(&[("relation", relation)], said), filing, "{relation} {said:?}");
        }
        assert_eq!(of(&[], None), Filing::Unsaid, "no relation is no owner");
        let one = [("child_id", "011075000333"), ("filer_id", "011075000333")];
        assert_eq!(of(&one, None), Filing::Own, "one number is one person");
        let two_people = [("child_id", "011075000333"), ("filer_id", "011075000344")];
        assert_eq!(of(&two_people, None), Filing::Unsaid);
    }

    #[test]
    fn who_files_for_themselves_is_asked_nothing() {
        let same = answers(&[("child", "Lò Thị Mây"), ("filer", "LÒ THỊ MÂY")]);
        assert_eq!(Filing::of(&people(true), &same, None), Filing::Own);
        let tone = answers(&[("child", "Lò Thị Mây"), ("filer", "Lò Thị Mấy")]);
        assert_eq!(
            Filing::of(&people(true), &tone, None),
            Filing::Unsaid,
            "another tone is another name"
        );
        let bride = answers(&[("child", "Lò Văn An"), ("filer", "Lò Thị Hoa")]);
        assert_eq!(
            Filing::of(&people(false), &bride, None),
            Filing::Own,
            "a procedure of two owners, of whom one files"
        );
        assert_eq!(
            Filing::of(&people(true), &answers(&[]), None),
            Filing::Own,
            "nobody yet"
        );
    }
}
