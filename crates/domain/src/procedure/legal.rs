//! What the law or the portal says about a procedure, each statement with its source and how sure it is.
//!
//! **Invariant:** a statement whose source is only remembered ([`Sure::M`]) is never shown as law.

use crate::calendar::Term;
use crate::expr::Expr;
use crate::ids::QuestionId;
use crate::text::Words;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Name of a source inside one procedure file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS)]
#[serde(transparent)]
pub struct SourceId(pub String);

/// How sure a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub enum Sure {
    /// Verified in a primary source.
    V,
    /// Verified in a secondary copy.
    V2,
    /// Computed or run by us.
    C,
    /// From memory. Never shown as law.
    M,
}

/// Where a statement is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// "Luật Hộ tịch 60/2014/QH13, Điều 15", as it is cited.
    pub title: String,
    /// The day on which the statement was read there.
    #[schemars(with = "String")]
    #[ts(type = "string")]
    pub read_on: Date,
    #[serde(default)]
    pub url: Option<String>,
    pub sure: Sure,
    /// For the clerk who keeps the file.
    #[serde(default)]
    pub note: Option<String>,
}

impl Source {
    /// May a statement from here be shown as law?
    #[must_use]
    pub fn is_law(&self) -> bool {
        self.sure != Sure::M
    }
}

/// How a dossier is handed in. It decides the fee and the time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Online,
    Direct,
    Post,
}

/// Time and fee on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelRule {
    pub channel: Channel,
    /// Working days from the official reception; 0 is the same day, `None` where the source does not say.
    pub working_days: Option<u32>,
    /// Calendar days, where the source counts those; never together with `working_days`.
    #[serde(default)]
    pub calendar_days: Option<u32>,
    /// `HH:MM`: what is received later counts from the next working day.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub cutoff: Option<jiff::civil::Time>,
    /// Dong; 0 is free of charge, `None` is not known (set by the province, say).
    pub fee_dong: Option<u32>,
    /// While this holds the fee is not asserted.
    #[serde(default)]
    pub fee_unknown_when: Option<Expr>,
    #[serde(default)]
    pub note: Option<Words>,
    pub source: SourceId,
}

impl ChannelRule {
    /// How long it takes, where the source says.
    #[must_use]
    pub fn term(&self) -> Option<Term> {
        let calendar = self.calendar_days.map(Term::CalendarDays);
        self.working_days.map(Term::WorkingDays).or(calendar)
    }
}

/// A fee beside the procedure's own, such as for copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraFee {
    pub label: Words,
    pub dong: u32,
    /// The number question that it is multiplied by.
    #[serde(default)]
    pub times: Option<QuestionId>,
    #[serde(default)]
    pub when: Option<Expr>,
    pub source: SourceId,
}

/// A statutory time limit, counted in days from a date that was answered, the day itself not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    pub days: u32,
    pub from: QuestionId,
    /// Days before the end from which the screen says "file on paper today" when there is no network.
    pub near_days: u32,
    pub say: Words,
    /// What is said once it has passed.
    pub passed: Words,
    pub source: SourceId,
}

/// Which system decides the dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Through the province's own system.
    Provincial,
    /// In the citizen's own session on the national portal.
    CitizenPortal,
    /// Only in person.
    InPerson,
}

/// A route from a day on; the latest that has begun is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteRule {
    #[schemars(with = "String")]
    pub from: Date,
    pub route: Route,
    pub source: SourceId,
}
