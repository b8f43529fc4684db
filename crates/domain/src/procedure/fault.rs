//! Mistakes in a procedure file, each with its place, in words that a clerk can act on.

use thiserror::Error;

/// A procedure that cannot be used.
#[derive(Debug, Error)]
pub enum ProcedureFault {
    /// Not such a file; the message carries line and column.
    #[error("not a procedure file: {0}")]
    Json(#[from] serde_json::Error),
    /// Readable, but wrong. Every mistake is here, not only the first.
    #[error("{} mistake(s), the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Mistakes(Vec<Mistake>),
}

/// One mistake and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {kind}")]
pub struct Mistake {
    /// Path in the file, by ids: `pages.child.child_name.when`.
    pub place: String,
    pub kind: MistakeKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MistakeKind {
    #[error("the code is not of the form 1.001193")]
    Code,
    #[error("\"{0}\" stands twice")]
    Twice(String),
    #[error("there is no question \"{0}\"")]
    UnknownQuestion(String),
    #[error("there is no paper \"{0}\"")]
    UnknownPaper(String),
    #[error("there is no source \"{0}\"")]
    UnknownSource(String),
    #[error("question \"{question}\" does not answer with a {wanted}")]
    WrongType { question: String, wanted: &'static str },
    #[error("question \"{question}\" has no option \"{value}\"")]
    UnknownOption { question: String, value: String },
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    #[error("longer than {0} parts")]
    TooLong(usize),
    #[error("depends on itself")]
    Loop,
    #[error("more than {0}")]
    TooMany(usize),
    #[error("empty")]
    Empty,
    #[error("the bounds are the wrong way round or too wide")]
    Bounds,
    #[error("not in NFC, or with stray white space")]
    NotClean,
    #[error("a column of a group takes no condition, prefill, rule, confirmation or group of its own")]
    Column,
    #[error("working days and calendar days together, or more than {0} days")]
    Term(u32),
    #[error("\"{0}\" cannot hold this part of an identity card")]
    CardPart(String),
    #[error("a computed question needs a prefill and takes no \"required\"")]
    Computed,
}
