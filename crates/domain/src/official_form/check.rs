//! A form's own check: every question that it names exists in every procedure that it is for.

use super::{DEPTH_MAX, FormFault, FormMap, OfficialForm, Part, Term};
use crate::ids::QuestionId;
use crate::procedure::{Procedure, Question};

impl OfficialForm {
    pub(super) fn check_depth(&self) -> Result<(), FormFault> {
        let terms = self.maps.iter().flat_map(FormMap::terms);
        if terms.into_iter().all(|term| depth(term) <= DEPTH_MAX) {
            Ok(())
        } else {
            Err(FormFault::TooDeep)
        }
    }

    /// Every question that this form names for `procedure` and that is not there.
    ///
    /// # Errors
    /// [`FormFault::Mistake`] naming the first.
    pub fn check_against(&self, procedure: &Procedure) -> Result<(), FormFault> {
        let Some(map) = self.map_for(&procedure.code) else {
            return Ok(());
        };
        let mistake = |what: String| FormFault::Mistake {
            form: self.id.clone(),
            what: format!("{}: {what}", procedure.code),
        };
        let mut named: Vec<&QuestionId> = map.when.iter().map(|is| &is.question).collect();
        map.fields.values().for_each(|term| questions(term, &mut named));
        let missing = named
            .into_iter()
            .find(|id| !id.as_str().starts_with('@') && procedure.question(id).is_none());
        if let Some(id) = missing {
            return Err(mistake(format!("there is no question {}", id.as_str())));
        }
        let Some(rows) = &map.rows else { return Ok(()) };
        let columns = procedure
            .question(&rows.from)
            .map(Question::columns)
            .unwrap_or_default();
        let mut named = Vec::new();
        rows.columns.values().for_each(|term| questions(term, &mut named));
        match named.into_iter().find(|id| columns.iter().all(|c| c.id != **id)) {
            Some(id) => Err(mistake(format!(
                "{} has no column {}",
                rows.from.as_str(),
                id.as_str()
            ))),
            None => Ok(()),
        }
    }
}

impl FormMap {
    fn terms(&self) -> Vec<&Term> {
        let columns = self.rows.iter().flat_map(|rows| rows.columns.values());
        self.fields.values().chain(columns).collect()
    }
}

fn depth(term: &Term) -> usize {
    let deepest = |terms: &mut dyn Iterator<Item = &Term>| 1 + terms.map(depth).max().unwrap_or(0);
    match term {
        Term::First(terms) => deepest(&mut terms.iter()),
        Term::Sentence(parts) => deepest(&mut parts.iter().map(|p: &Part| &p.term)),
        Term::Choose { of, .. } => deepest(&mut of.values()),
        Term::Name(_) | Term::Text(_) | Term::Digits(_) | Term::Date(_) | Term::LongDate(_) => 1,
        Term::DateWords(_) | Term::Time(_) | Term::Money(_) | Term::MoneyWords(_) | Term::NumberWords(_) => 1,
        Term::Is(_) | Term::Fixed(_) | Term::Procedure {} => 1,
    }
}

fn questions<'a>(term: &'a Term, into: &mut Vec<&'a QuestionId>) {
    match term {
        Term::Name(id) | Term::Text(id) | Term::Digits(id) | Term::Date(id) | Term::LongDate(id) => {
            into.push(id)
        }
        Term::DateWords(id) | Term::Time(id) | Term::Money(id) => into.push(id),
        Term::MoneyWords(id) | Term::NumberWords(id) => into.push(id),
        Term::Is(is) => into.push(&is.question),
        Term::First(terms) => terms.iter().for_each(|t| questions(t, into)),
        Term::Sentence(parts) => parts.iter().for_each(|p| questions(&p.term, into)),
        Term::Choose { question, of } => {
            into.push(question);
            of.values().for_each(|t| questions(t, into));
        }
        Term::Fixed(_) | Term::Procedure {} => {}
    }
}
