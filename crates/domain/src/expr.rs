//! Conditions in a procedure: a closed, typed expression tree, evaluated and never executed.
//!
//! **Invariant:** evaluation always ends (no loops, no calls, at most [`EXPR_NODES_MAX`] nodes and
//! [`EXPR_DEPTH_MAX`] levels, both checked when a procedure is loaded) and reads nothing but its [`Scope`].
//! What is not answered is *unknown*, and unknown is neither true nor false: a condition holds only when it is
//! surely true, a rule is broken only when it is surely false.

use crate::answer::AnswerValue;
use crate::ids::{ComponentId, QuestionId};
use crate::partial_date::PartialDate;
use crate::procedure::Channel;
use jiff::Unit;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Levels of nesting that an expression may have.
pub const EXPR_DEPTH_MAX: usize = 8;
/// Nodes that an expression may have.
pub const EXPR_NODES_MAX: usize = 64;

/// A condition. In JSON one key names the node: `{"is": {"question": "relation", "value": "father"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Expr {
    /// True when every part is.
    All(Vec<Expr>),
    /// True when some part is.
    Any(Vec<Expr>),
    Not(Box<Expr>),
    /// The question is visible and has a readable answer. Never unknown.
    Answered(QuestionId),
    /// The choice or text equals the value.
    Is {
        question: QuestionId,
        value: String,
    },
    /// The choice or text is one of the values.
    In {
        question: QuestionId,
        values: Vec<String>,
    },
    /// The box is ticked. An untouched box is not ticked, so this is never unknown.
    Ticked(QuestionId),
    /// Two texts or choices are the same.
    Same {
        left: QuestionId,
        right: QuestionId,
    },
    /// Compares numbers; a partial date gives a range, and only what holds for all of it is sure.
    Compare {
        left: NumberTerm,
        op: Op,
        right: NumberTerm,
    },
    /// Compares dates, with the same care for partial ones.
    Dates {
        left: DateTerm,
        op: Op,
        right: DateTerm,
    },
    /// The dossier goes by this channel.
    Channel(Channel),
}

/// An order between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Lt,
    Le,
    Eq,
    Ge,
    Gt,
}

/// A whole number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NumberTerm {
    Number(i64),
    Question(QuestionId),
    /// Whole days from one date to another; negative backwards.
    Days {
        from: DateTerm,
        to: DateTerm,
    },
    /// Whole years from one date to another, as a person's age is counted.
    Years {
        from: DateTerm,
        to: DateTerm,
    },
    /// Files captured for a paper.
    Files(ComponentId),
    /// Rows of a repeated group; none while nobody has added one.
    Rows(QuestionId),
}

/// A date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DateTerm {
    /// The day of the interview, passed in.
    Today,
    Question(QuestionId),
}

/// What an expression may read.
pub trait Scope {
    /// The readable answer of a visible question.
    fn value(&self, question: &QuestionId) -> Option<&AnswerValue>;
    fn today(&self) -> Date;
    /// `None` while no channel is chosen.
    fn channel(&self) -> Option<Channel>;
    fn files(&self, component: &ComponentId) -> usize;
}

/// From the least to the greatest that a value can be.
type Range<T> = (T, T);

impl Expr {
    /// True, false, or unknown.
    #[must_use]
    pub fn eval(&self, scope: &dyn Scope) -> Option<bool> {
        #[cfg(feature = "planted-bug")]
        self.planted();
        let text = |question| scope.value(question).and_then(AnswerValue::as_str);
        match self {
            Self::All(parts) => all(parts.iter().map(|part| part.eval(scope))),
            Self::Any(parts) => all(parts.iter().map(|part| part.eval(scope).map(|b| !b))).map(|b| !b),
            Self::Not(part) => part.eval(scope).map(|b| !b),
            Self::Answered(question) => Some(scope.value(question).is_some()),
            Self::Is { question, value } => text(question).map(|t| t == value),
            Self::In { question, values } => text(question).map(|t| values.iter().any(|v| v == t)),
            Self::Ticked(question) => {
                Some(scope.value(question).and_then(AnswerValue::as_flag) == Some(true))
            }
            Self::Same { left, right } => Some(text(left)? == text(right)?),
            Self::Compare { left, op, right } => compare(left.range(scope)?, *op, right.range(scope)?),
            Self::Dates { left, op, right } => compare(left.range(scope)?, *op, right.range(scope)?),
            Self::Channel(channel) => scope.channel().map(|chosen| chosen == *channel),
        }
    }

    /// The mistake that the fuzz target has to find: a double negation is thought to be impossible.
    #[cfg(feature = "planted-bug")]
    #[expect(clippy::panic, reason = "a mistake on purpose")]
    fn planted(&self) {
        if let Self::Not(part) = self
            && matches!(**part, Self::Not(_))
        {
            panic!("planted");
        }
    }

    /// Surely true.
    #[must_use]
    pub fn holds(&self, scope: &dyn Scope) -> bool {
        self.eval(scope) == Some(true)
    }

    /// Surely false.
    #[must_use]
    pub fn broken(&self, scope: &dyn Scope) -> bool {
        self.eval(scope) == Some(false)
    }

    /// The parts one level down.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::All(parts) | Self::Any(parts) => parts,
            Self::Not(part) => std::slice::from_ref(part),
            Self::Answered(_) | Self::Is { .. } | Self::In { .. } | Self::Ticked(_) | Self::Same { .. } => {
                &[]
            }
            Self::Compare { .. } | Self::Dates { .. } | Self::Channel(_) => &[],
        }
    }

    /// Nodes in this tree.
    #[must_use]
    pub fn nodes(&self) -> usize {
        1 + self.parts().iter().map(Self::nodes).sum::<usize>()
    }

    /// Levels of this tree.
    #[must_use]
    pub fn depth(&self) -> usize {
        1 + self.parts().iter().map(Self::depth).max().unwrap_or(0)
    }
}

/// Kleene's "and": one false is enough, one unknown spoils a true.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut sum = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => sum = None,
        }
    }
    sum
}

/// Sure only where every value of the left range stands so to every value of the right one.
fn compare<T: Ord + Copy>((a, b): Range<T>, op: Op, (c, d): Range<T>) -> Option<bool> {
    let sure = |yes: bool, no: bool| {
        if yes {
            Some(true)
        } else if no {
            Some(false)
        } else {
            None
        }
    };
    match op {
        Op::Lt => sure(b < c, a >= d),
        Op::Le => sure(b <= c, a > d),
        Op::Gt => sure(a > d, b <= c),
        Op::Ge => sure(a >= d, b < c),
        Op::Eq => sure(a == b && c == d && a == c, b < c || a > d),
    }
}

impl NumberTerm {
    fn range(&self, scope: &dyn Scope) -> Option<Range<i64>> {
        let one = |n: i64| (n, n);
        match self {
            Self::Number(n) => Some(one(*n)),
            Self::Question(question) => scope.value(question).and_then(AnswerValue::as_number).map(one),
            Self::Days { from, to } => span(from.range(scope)?, to.range(scope)?, days),
            Self::Years { from, to } => span(from.range(scope)?, to.range(scope)?, years),
            Self::Rows(group) => {
                let rows = scope
                    .value(group)
                    .and_then(AnswerValue::as_rows)
                    .map_or(0, <[_]>::len);
                i64::try_from(rows).ok().map(one)
            }
            Self::Files(component) => i64::try_from(scope.files(component)).ok().map(one),
        }
    }
}

/// The shortest and the longest that lies between two ranges of dates.
fn span(from: Range<Date>, to: Range<Date>, measure: fn(Date, Date) -> Option<i64>) -> Option<Range<i64>> {
    Some((measure(from.1, to.0)?, measure(from.0, to.1)?))
}

/// Whole days between two dates.
#[must_use]
pub fn days(from: Date, to: Date) -> Option<i64> {
    from.until(to).ok().map(|span| i64::from(span.get_days()))
}

fn years(from: Date, to: Date) -> Option<i64> {
    from.until((Unit::Year, to))
        .ok()
        .map(|span| i64::from(span.get_years()))
}

impl DateTerm {
    fn range(&self, scope: &dyn Scope) -> Option<Range<Date>> {
        match self {
            Self::Today => Some((scope.today(), scope.today())),
            Self::Question(question) => {
                let date: PartialDate = scope.value(question)?.as_date()?;
                Some((date.earliest(), date.latest()))
            }
        }
    }
}

#[cfg(test)]
#[path = "expr_tests.rs"]
mod tests;
