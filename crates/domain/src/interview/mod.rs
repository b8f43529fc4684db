//! The interview: answers in, view out.
//!
//! [`accept`] judges one answer, [`record`] puts it into the draft without ever losing what was typed,
//! [`view`] works out everything a screen shows, [`sendable`] what may leave the counter. **Invariants:** the
//! view depends on the set of answers, never on their order; a hidden answer is kept and never sent. Deliberately
//! absent: a clock, storage, the ledger of who pressed what.

pub mod accept;
mod address;
mod amounts;
pub mod build;
pub mod card;
pub mod facts;
pub mod fault;
mod kinds;
pub mod lists;
pub mod navigate;
pub mod papers;
pub mod record;
pub mod resolve;
mod rows;
pub mod shown;
pub mod terms;
pub mod upgrade;
pub mod view;
mod warnings;

pub use accept::{NAME_CHARS_MAX, RawAnswer, TEXT_CHARS_MAX, accept};
pub use build::view;
pub use card::fill_from_card;
pub use facts::Facts;
pub use fault::{AnswerFault, Fault};
pub use lists::{ListEntry, Lists, ListsFault};
pub use navigate::{next_page, previous_page};
pub use record::record;
pub use resolve::sendable;
pub use view::{
    CardTarget, ChannelView, DeadlineView, FeeLine, InterviewView, Missing, OptionView, PageState, PageView,
    PaperNeed, QuestionKindView, QuestionView, Warning,
};
