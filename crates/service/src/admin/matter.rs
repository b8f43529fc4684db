//! Whose matter an opened dossier is, and what a clerk is told where it may lie at another counter, too.
//!
//! **The rule**: one matter is one procedure and one person, and the person is the subject of the dossier (chủ hồ sơ),
//! never who filed it: father and mother may each file for one child. The person is known by the personal number; where
//! the form has none, as at a birth, by name (tones and case dropped, so that a slip of one counter hides nothing) and
//! whole date of birth. The date is the answer that is named as the name is, `child_name` and `child_birth_date`; where
//! the form knows two dates beside that name, or none, there is no tag, nor for an organisation. So a number at one
//! counter and none at the other are not seen to be one person, and neither is a child that two counters name differently.
//!
//! **Invariants:** only the intake key makes a tag: under the recovery key the same matter would have another. What a
//! clerk was told stands in the record, by dossiers and slips, in the transaction that says that the dossier was opened.
//! It is a suspicion: nothing is merged, refused or held back, because two certified copies in one month are two
//! matters, and which of two is the right one is a clerk's to say, with `status`. The kiosk is not told either: one
//! counter would hear that a citizen was at another.

use super::Admin;
use crate::ServiceError;
use crate::store::audit::{self, Act, Entry};
use crate::store::matters::{self, SameMatter};
use domain::id_number::IdNumber;
use domain::ids::DossierId;
use domain::partial_date::PartialDate;
use domain::sealed_form::SealedForm;
use domain::text::fold;
use jiff::Timestamp;
use rusqlite::Transaction;
use seal::SealError;
use seal::keys::OpeningKey;
use seal::manifest::Kind;

impl Admin {
    /// The tag of an opened form; none where the rule names nobody, this is not the intake key, or the dossier only
    /// follows another one.
    ///
    /// # Errors
    /// As [`Admin::settings`], [`ServiceError::Seal`].
    pub(super) fn matter_tag(
        &self,
        kind: Kind,
        form: &SealedForm,
        key: &OpeningKey,
    ) -> Result<Option<[u8; 32]>, ServiceError> {
        if kind == Kind::New && key.recipient() == self.settings()?.recipients.intake {
            Ok(tag(form, key)?)
        } else {
            Ok(None)
        }
    }
}

/// Keeps the tag and answers where the same matter may lie, which is recorded where it lies anywhere.
///
/// # Errors
/// The database's.
pub(super) fn note(
    tx: &Transaction<'_>,
    now: Timestamp,
    clerk: &str,
    dossier: &DossierId,
    tag: Option<[u8; 32]>,
) -> Result<Vec<SameMatter>, ServiceError> {
    if let Some(tag) = tag {
        matters::set(tx, dossier, &tag)?;
    }
    let others = matters::others(tx, dossier)?;
    if !others.is_empty() {
        let named = others
            .iter()
            .map(|o| format!("{} ({})", o.receipt_number, o.dossier));
        let why = format!(
            "perhaps the same matter: {}",
            named.collect::<Vec<_>>().join(", ")
        );
        audit::append(tx, &Entry::dossier(now, clerk, Act::DupSuspect, dossier, &why))?;
    }
    Ok(others)
}

fn tag(form: &SealedForm, key: &OpeningKey) -> Result<Option<[u8; 32]>, SealError> {
    let (procedure, subject) = (form.procedure.as_str(), &form.roles.subject);
    let number = subject.id_number.as_deref();
    if let Some(number) = number.and_then(|typed| IdNumber::parse(typed).ok()) {
        return seal::matter::tag(key, &[procedure, "number", number.as_str()]).map(Some);
    }
    let Some(name) = subject.name.as_deref() else {
        return Ok(None);
    };
    let Some(born) = birth_date(form, name).map(String::from) else {
        return Ok(None);
    };
    seal::matter::tag(key, &[procedure, "name", &fold(name), &born]).map(Some)
}

/// The one whole date of birth that stands beside this name.
fn birth_date(form: &SealedForm, name: &str) -> Option<PartialDate> {
    let who = form.answers.iter().filter(|a| a.value.as_str() == Some(name));
    let who = who.filter_map(|a| a.question.as_str().strip_suffix("_name"));
    let mut dates = who.filter_map(|who| {
        let question = format!("{who}_birth_date");
        let answer = form.answers.iter().find(|a| a.question.as_str() == question)?;
        answer.value.as_date()
    });
    let born = dates.next().filter(|date| date.whole().is_some())?;
    dates.all(|other| other == born).then_some(born)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::answer::{AnswerSource, AnswerValue};
    use domain::sealed_form::SealedAnswer;

    type Changed<'a> = (&'a str, &'a dyn Fn(&mut SealedForm));

    const FORM: &str = include_str!("../../tests/province/form.json");

    fn answer(question: &str, value: AnswerValue) -> SealedAnswer {
        SealedAnswer {
            question: question.into(),
            value,
            source: AnswerSource::Typed,
            confirmed: true,
            upstream: None,
        }
    }

    fn person(form: &mut SealedForm, who: &str, name: &str, born: &str) {
        let (name, born) = (
            AnswerValue::Text(name.into()),
            AnswerValue::Date(born.parse().unwrap()),
        );
        form.answers.push(answer(&format!("{who}_name"), name));
        form.answers.push(answer(&format!("{who}_birth_date"), born));
    }

    /// A birth: a child without a number, whose mother files.
    fn birth(name: &str, born: &str) -> SealedForm {
        let mut form: SealedForm = serde_json::from_str(FORM).unwrap();
        form.answers.clear();
        form.roles.subject.name = Some(name.into());
        person(&mut form, "child", name, born);
        person(&mut form, "mother", "Vàng Thị Hoa", "1998-01-02");
        form
    }

    fn with_number(number: &str) -> SealedForm {
        let mut form = birth("Lò Thị Bông", "2026-11-20");
        form.roles.subject.id_number = Some(number.into());
        form
    }

    #[test]
    fn one_matter_is_one_procedure_and_one_subject() {
        let key = OpeningKey::generate();
        let tag = |form: &SealedForm| tag(form, &key).unwrap();
        let of = |change: &dyn Fn(&mut SealedForm)| {
            let mut form = birth("Lò Thị Bông", "2026-11-20");
            change(&mut form);
            tag(&form)
        };
        let child = of(&|_| {});
        assert!(child.is_some());
        let same: [Changed<'_>; 3] = [
            ("the father files", &|f| {
                f.roles.filer.name = Some("Lò Văn Pản".into())
            }),
            ("another dossier", &|f| {
                f.dossier = DossierId(uuid::Uuid::from_bytes([9; 16]))
            }),
            ("a date that is nobody's of that name", &|f| {
                person(f, "witness", "Hà Văn Sính", "1960-01-01")
            }),
        ];
        for (name, change) in same {
            assert_eq!(of(change), child, "{name}");
        }
        assert_eq!(
            tag(&birth("LÒ THỊ BỒNG", "2026-11-20")),
            child,
            "a tone and the case"
        );
        assert_ne!(tag(&birth("Lò Thị Bôn", "2026-11-20")), child);
        assert_ne!(tag(&birth("Lò Thị Bông", "2026-11-21")), child);
        assert_ne!(of(&|f| f.procedure = "2.002622".into()), child);
        let numbered = tag(&with_number("011 226 000123"));
        assert_eq!(numbered, tag(&with_number("011226000123")), "as it was typed");
        assert_ne!(numbered, tag(&with_number("011226000124")));
        assert_ne!(numbered, child);
        assert_eq!(tag(&with_number("không có")), child, "what is no number is none");
    }

    #[test]
    fn whom_the_rule_does_not_name_has_no_tag() {
        let key = OpeningKey::generate();
        let of = |change: &dyn Fn(&mut SealedForm)| {
            let mut form = birth("Lò Thị Bông", "2026-11-20");
            change(&mut form);
            tag(&form, &key).unwrap()
        };
        let nobody: [Changed<'_>; 4] = [
            ("no name", &|f| f.roles.subject.name = None),
            ("no date beside it", &|f| {
                f.answers.retain(|a| a.question.as_str() != "child_birth_date")
            }),
            ("two dates beside it", &|f| {
                person(f, "requester", "Lò Thị Bông", "1998-01-02")
            }),
            ("a year alone", &|f| {
                f.answers.clear();
                person(f, "holder", "Lò Thị Bông", "1950");
            }),
        ];
        for (name, change) in nobody {
            assert_eq!(of(change), None, "{name}");
        }
        let twice_the_same = of(&|f| person(f, "requester", "Lò Thị Bông", "2026-11-20"));
        assert!(
            twice_the_same.is_some(),
            "who files for themselves stands there twice"
        );
    }

    /// The rule leans on how questions are named: a procedure whose subject has no number says the date beside the name.
    #[test]
    fn every_built_in_procedure_names_its_subject() {
        let catalogue = catalogue::built_in::catalogue().unwrap();
        let mut without = Vec::new();
        for entry in catalogue.entries() {
            let people = &entry.procedure.people;
            let who = people
                .subject_name
                .as_str()
                .strip_suffix("_name")
                .unwrap_or_default();
            let born = format!("{who}_birth_date");
            let dated = entry.procedure.question(&born.as_str().into()).is_some();
            if people.subject_id.is_none() && !dated {
                without.push(entry.procedure.code.as_str().to_owned());
            }
        }
        assert_eq!(without, ["1.012753"], "an organisation's land, and no other");
    }
}
