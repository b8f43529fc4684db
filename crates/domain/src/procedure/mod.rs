//! A procedure as data: what is asked, which papers, how long, how much, and where each of these is written.
//!
//! [`format`] and [`question`] are the file's shape, `check` finds every mistake when it is loaded, `order`
//! puts questions after what they depend on, [`fault`] says mistakes in words. **Invariant:** a [`Procedure`]
//! in memory has passed the check, so the interview never meets an unknown question or a loop.

mod check;
mod check_expr;
mod check_group;
pub mod fault;
pub mod format;
pub mod legal;
mod order;
pub mod question;

pub use fault::{Mistake, MistakeKind, ProcedureFault};
pub use format::{
    CardBlock, FILES_MAX, Linked, PAGES_MAX, Page, Paper, PaperMark, PaperNeedRule, People, Procedure,
    QUESTIONS_MAX,
};
pub use legal::{Channel, ChannelRule, Deadline, ExtraFee, Route, RouteRule, Source, SourceId, Sure};
pub use question::{
    CONFIRM_MAX, Check, ChoiceOption, IdCheck, ListName, Prefill, PrefillFrom, Question, QuestionKind,
    ROWS_MAX, Severity, SexTerm,
};
