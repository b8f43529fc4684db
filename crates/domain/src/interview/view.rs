//! The shape of what a screen shows. Everything is worked out; the screen decides nothing.
//!
//! Views hold personal data, so their `Debug` prints ids and states only.

use super::fault::Fault;
use crate::answer::{AnswerSource, AnswerValue};
use crate::calendar::DueView;
use crate::ids::{ComponentId, PageId, QuestionId};
use crate::procedure::{Channel, ListName, PaperMark, Route, SourceId};
use crate::text::Words;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// Everything about a draft that depends on its answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct InterviewView {
    /// The pages that apply, in order.
    pub pages: Vec<PageView>,
    /// The papers that apply, in order.
    pub papers: Vec<PaperNeed>,
    /// Nothing is missing, nothing is faulty.
    pub complete: bool,
    pub missing: Vec<Missing>,
    /// Questions that the citizen still has to confirm one by one. They do not hold up `complete`, but for what the machine read.
    pub unconfirmed: Vec<QuestionId>,
    pub warnings: Vec<Warning>,
    /// The whole fee in dong on the chosen channel; `None` where some part is not known or channels differ.
    pub fee_dong: Option<u32>,
    pub fee_lines: Vec<FeeLine>,
    /// Working days on the chosen channel; `None` where not known or channels differ.
    pub working_days: Option<u32>,
    /// Calendar days on the chosen channel, where the source counts those.
    pub calendar_days: Option<u32>,
    /// Were it officially received now. For the officer: nothing is promised before the official code.
    pub due: Option<DueView>,
    /// Received now, it counts from the next working day (cut-off hour).
    pub received_next_day: bool,
    /// Time and fee side by side, for choosing a channel.
    pub channels: Vec<ChannelView>,
    pub route: Option<Route>,
    pub deadline: Option<DeadlineView>,
}

impl fmt::Debug for InterviewView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pages: Vec<_> = self
            .pages
            .iter()
            .map(|page| (page.id.as_str(), page.state))
            .collect();
        let mut out = f.debug_struct("InterviewView");
        out.field("pages", &pages)
            .field("complete", &self.complete)
            .field("missing", &self.missing);
        out.finish_non_exhaustive()
    }
}

/// How far a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PageState {
    /// Nobody has answered anything here.
    Empty,
    /// Something required is missing.
    Partial,
    /// An answer cannot stand as it is.
    Faulty,
    Complete,
}

/// One topic.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PageView {
    pub id: PageId,
    pub title: Words,
    /// For the citizen, also read aloud.
    pub say: Words,
    /// For the officer.
    pub help: Option<Words>,
    pub state: PageState,
    pub questions: Vec<QuestionView>,
    /// Whose identity cards may be scanned here.
    pub cards: Vec<CardTarget>,
    /// What the citizen confirms one by one on this page: typed, filled in and marked so in the procedure.
    pub confirm: Vec<QuestionId>,
}

impl fmt::Debug for PageView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("PageView");
        out.field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A person whose card fills their part of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct CardTarget {
    /// The question of their name stands for them.
    pub person: QuestionId,
    pub who: Words,
}

/// One visible question with its answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct QuestionView {
    pub id: QuestionId,
    pub kind: QuestionKindView,
    pub label: Words,
    pub hint: Option<Words>,
    pub required: bool,
    pub value: Option<AnswerValue>,
    /// The value as a person reads it; empty where there is none.
    pub shown: String,
    pub shown_en: String,
    pub source: Option<AnswerSource>,
    /// The question that the value is taken from, where it is taken by reference.
    pub taken_from: Option<QuestionId>,
    /// A suggested value that a person has to look at.
    pub review: bool,
    pub confirmed: bool,
    /// Read on a paper by the machine, and compared with it by whoever helps.
    pub compared: bool,
    /// It is one of those that the citizen confirms one by one, now.
    pub confirm: bool,
    pub fault: Option<Fault>,
    pub warnings: Vec<Fault>,
}

impl fmt::Debug for QuestionView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("QuestionView");
        out.field("id", &self.id)
            .field("value", &self.value)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

/// The widget that a question wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum QuestionKindView {
    PersonName {
        max: u32,
    },
    Text {
        max: u32,
        suggest: Vec<String>,
    },
    Choice {
        options: Vec<OptionView>,
    },
    /// One of an outside list, which is only named: it is long, the same in every view, and sent once.
    ListChoice {
        list: ListName,
    },
    IdNumber,
    /// A health insurance card, a social insurance number, or the personal number.
    InsuranceNumber,
    /// Hour and minute.
    Time,
    Date {
        partial_allowed: bool,
        not_future: bool,
    },
    Address {
        detail_required: bool,
    },
    Number {
        #[ts(type = "number")]
        min: i64,
        #[ts(type = "number")]
        max: i64,
    },
    /// Whole dong.
    Money {
        #[ts(type = "number")]
        min: i64,
        #[ts(type = "number")]
        max: i64,
    },
    Phone,
    Flag,
    /// Shown, never typed.
    Computed,
    /// Answered as a whole: every row is sent on each change. `columns` are empty cells, for the head and a new row.
    Group {
        columns: Vec<QuestionView>,
        /// Each with all its cells, in the order of the columns, faults and warnings beside them.
        rows: Vec<Vec<QuestionView>>,
        min: u32,
        max: u32,
    },
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct OptionView {
    pub value: String,
    pub label: Words,
}

/// One thing between here and a complete dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Missing {
    Question {
        page: PageId,
        question: QuestionId,
        label: Words,
    },
    /// Answered, but the answer cannot stand.
    Faulty {
        page: PageId,
        question: QuestionId,
        label: Words,
    },
    /// Read on a paper by the machine, and not agreed to yet: not compared, or the citizen was not asked.
    Suggested {
        page: PageId,
        question: QuestionId,
        label: Words,
        compared: bool,
    },
    Paper {
        component: ComponentId,
        name: Words,
    },
    /// How it is handed in, where fee or time depend on that.
    Channel,
    /// In what standing somebody files who is not the owner: said at the counter, no question of the form.
    Standing,
}

/// Something that does not block, and that a person should see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Warning {
    pub page: PageId,
    pub question: QuestionId,
    pub fault: Fault,
}

/// One paper that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PaperNeed {
    pub id: ComponentId,
    pub name: Words,
    pub mark: PaperMark,
    pub required: bool,
    /// Files captured so far.
    pub files: u32,
    pub min_files: u32,
    pub max_files: u32,
    /// Nothing more is wanted here.
    pub satisfied: bool,
    pub note: Option<Words>,
    /// Data that the authority can read stand in its place.
    pub replaced_by_data: bool,
    /// Where it is asked for; `None` where that is not verified enough to be shown.
    pub source: Option<SourceId>,
}

/// One line of the fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct FeeLine {
    pub label: Words,
    /// `None`: not known, set by the province.
    pub dong: Option<u32>,
}

/// Time and fee by one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ChannelView {
    pub channel: Channel,
    pub working_days: Option<u32>,
    pub calendar_days: Option<u32>,
    /// Were it officially received now.
    pub due: Option<DueView>,
    pub fee_dong: Option<u32>,
    pub received_next_day: bool,
    pub note: Option<Words>,
    pub source: Option<SourceId>,
}

/// The statutory time limit, once its first day is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DeadlineView {
    #[schemars(with = "String")]
    #[ts(type = "string")]
    pub last_day: Date,
    /// Negative once it has passed.
    pub days_left: i32,
    pub passed: bool,
    /// So near that a dossier without a network should go on paper today.
    pub near: bool,
    pub say: Words,
    pub source: Option<SourceId>,
}
