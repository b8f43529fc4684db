//! The types of questions as expressions see them, and the check of expressions against them.

use super::check::Checker;
use super::fault::MistakeKind;
use super::question::QuestionKind;
use crate::expr::{DateTerm, EXPR_DEPTH_MAX, EXPR_NODES_MAX, Expr, NumberTerm};
use crate::ids::QuestionId;

/// The type that a question answers with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Choice,
    Date,
    Number,
    Flag,
    Address,
    Rows,
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Choice => "choice",
            Self::Date => "date",
            Self::Number => "number",
            Self::Flag => "tick",
            Self::Address => "address",
            Self::Rows => "group",
        }
    }

    pub(super) const fn of(kind: &QuestionKind) -> Self {
        match kind {
            QuestionKind::Date { .. } => Self::Date,
            QuestionKind::Number { .. } | QuestionKind::Money { .. } => Self::Number,
            QuestionKind::Group { .. } => Self::Rows,
            QuestionKind::Flag {} => Self::Flag,
            QuestionKind::Address { .. } => Self::Address,
            QuestionKind::Choice { .. } | QuestionKind::ListChoice { .. } => Self::Choice,
            QuestionKind::PersonName {} | QuestionKind::Text { .. } | QuestionKind::IdNumber {} => Self::Text,
            QuestionKind::Phone {} | QuestionKind::Computed {} => Self::Text,
            QuestionKind::Time {} | QuestionKind::InsuranceNumber {} => Self::Text,
        }
    }

    /// An expression that compares text may also read a choice.
    fn reads_as(self, wanted: Self) -> bool {
        self == wanted || (self == Self::Choice && wanted == Self::Text)
    }
}

impl Checker<'_> {
    pub(super) fn wrong_type(&mut self, place: &str, question: &QuestionId, wanted: Type) {
        self.report(
            place,
            MistakeKind::WrongType {
                question: question.to_string(),
                wanted: wanted.name(),
            },
        );
    }

    pub(super) fn typed(&mut self, place: &str, question: &QuestionId, wanted: Type) {
        match self.kinds.get(question) {
            None => self.report(place, MistakeKind::UnknownQuestion(question.to_string())),
            Some(kind) if !Type::of(kind).reads_as(wanted) => self.wrong_type(place, question, wanted),
            Some(_) => {}
        }
    }

    /// What a fee is multiplied by: a number, or the rows of a group.
    pub(super) fn countable(&mut self, place: &str, question: &QuestionId) {
        let rows = matches!(self.kinds.get(question), Some(QuestionKind::Group { .. }));
        self.typed(place, question, if rows { Type::Rows } else { Type::Number });
    }

    /// A value taken by reference has to be of the very same type.
    pub(super) fn same_type(&mut self, place: &str, question: &QuestionId, wanted: Type) {
        match self.kinds.get(question) {
            Some(kind) if Type::of(kind) != wanted => self.wrong_type(place, question, wanted),
            _ => self.known(place, question),
        }
    }

    fn known(&mut self, place: &str, question: &QuestionId) {
        if !self.kinds.contains_key(question) {
            self.report(place, MistakeKind::UnknownQuestion(question.to_string()));
        }
    }

    /// Options of outside lists are not known here: only those in the file are checked.
    pub(super) fn option(&mut self, place: &str, question: &QuestionId, value: &str) {
        self.typed(place, question, Type::Text);
        let Some(QuestionKind::Choice { options }) = self.kinds.get(question) else {
            return;
        };
        if !options.iter().any(|option| option.value == value) {
            let kind = MistakeKind::UnknownOption {
                question: question.to_string(),
                value: value.to_owned(),
            };
            self.report(place, kind);
        }
    }

    pub(super) fn expr(&mut self, place: &str, expr: Option<&Expr>) {
        let Some(expr) = expr else { return };
        if expr.depth() > EXPR_DEPTH_MAX {
            self.report(place, MistakeKind::TooDeep(EXPR_DEPTH_MAX));
        } else if expr.nodes() > EXPR_NODES_MAX {
            self.report(place, MistakeKind::TooLong(EXPR_NODES_MAX));
        } else {
            self.node(place, expr);
        }
    }

    fn node(&mut self, place: &str, expr: &Expr) {
        match expr {
            Expr::Answered(question) => self.known(place, question),
            Expr::Ticked(question) => self.typed(place, question, Type::Flag),
            Expr::Is { question, value } => self.option(place, question, value),
            Expr::In { question, values } => values
                .iter()
                .for_each(|value| self.option(place, question, value)),
            Expr::Same { left, right } => [left, right]
                .into_iter()
                .for_each(|q| self.typed(place, q, Type::Text)),
            Expr::Compare { left, right, .. } => {
                [left, right].into_iter().for_each(|t| self.number(place, t))
            }
            Expr::Dates { left, right, .. } => [left, right].into_iter().for_each(|t| self.date(place, t)),
            Expr::All(parts) | Expr::Any(parts) if parts.is_empty() => self.report(place, MistakeKind::Empty),
            Expr::All(_) | Expr::Any(_) | Expr::Not(_) | Expr::Channel(_) => {}
        }
        expr.parts().iter().for_each(|part| self.node(place, part));
    }

    fn number(&mut self, place: &str, term: &NumberTerm) {
        match term {
            NumberTerm::Question(question) => self.typed(place, question, Type::Number),
            NumberTerm::Rows(question) => self.typed(place, question, Type::Rows),
            NumberTerm::Days { from, to } | NumberTerm::Years { from, to } => {
                [from, to].into_iter().for_each(|term| self.date(place, term));
            }
            NumberTerm::Files(paper) if !self.papers.contains(paper) => {
                self.report(place, MistakeKind::UnknownPaper(paper.to_string()));
            }
            NumberTerm::Number(_) | NumberTerm::Files(_) => {}
        }
    }

    fn date(&mut self, place: &str, term: &DateTerm) {
        if let DateTerm::Question(question) = term {
            self.typed(place, question, Type::Date);
        }
    }
}
