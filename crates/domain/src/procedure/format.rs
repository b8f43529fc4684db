//! The file of one procedure, field by field. One file a procedure, readable by a clerk, no unknown fields.

use super::check;
use super::fault::ProcedureFault;
use super::legal::{ChannelRule, Deadline, ExtraFee, Route, RouteRule, Source, SourceId};
use super::question::Question;
use crate::expr::Expr;
use crate::ids::{ComponentId, PageId, ProcedureCode, QuestionId};
use crate::text::Words;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Pages that one procedure may have.
pub const PAGES_MAX: usize = 40;
/// Questions that one procedure may have.
pub const QUESTIONS_MAX: usize = 300;
/// Files that one paper may have.
pub const FILES_MAX: u32 = 50;

/// One procedure, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// National code, such as `1.001193`.
    pub code: ProcedureCode,
    /// Where the code itself was read. Where absent it is the source of the channels.
    #[serde(default)]
    pub code_source: Option<SourceId>,
    /// Set to false, it is kept but no longer offered.
    #[serde(default = "yes")]
    pub offered: bool,
    pub name: Words,
    /// Who decides it.
    pub authority: Words,
    /// The field of government, such as "Hộ tịch".
    pub domain: Words,
    /// Code of the result on the portal, such as `KQ.G15.000031`.
    #[serde(default)]
    pub result_code: Option<String>,
    pub result: Words,
    /// Version of this file; a draft stays on the version that it started on.
    pub version: String,
    #[schemars(with = "String")]
    pub in_force_from: Date,
    /// One or two sentences for the citizen: who files it and what for.
    pub say: Words,
    pub sources: BTreeMap<SourceId, Source>,
    pub routes: Vec<RouteRule>,
    #[serde(default)]
    pub in_person_only: bool,
    pub channels: Vec<ChannelRule>,
    #[serde(default)]
    pub extra_fees: Vec<ExtraFee>,
    #[serde(default)]
    pub deadline: Option<Deadline>,
    /// Which answers say whose dossier it is and who files it.
    pub people: People,
    /// The people of the form whose identity card fills their questions.
    #[serde(default)]
    pub cards: Vec<CardBlock>,
    pub papers: Vec<Paper>,
    pub pages: Vec<Page>,
    /// What the citizen can do alone next time, printed on the practice slip.
    #[serde(default)]
    pub practice: Vec<Words>,
    #[serde(default)]
    pub linked: Vec<Linked>,
    /// Words that people use for it, with accents; searching folds them.
    #[serde(default)]
    pub search: Vec<String>,
    /// Life events that lead here, such as "sinh con".
    #[serde(default)]
    pub life_events: Vec<String>,
    /// Questions after everything that they depend on. Worked out when loaded, never in the file.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) order: Vec<(usize, usize)>,
}

const fn yes() -> bool {
    true
}

/// The questions that name the people of a dossier: its subject and its filer are recorded apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Whose dossier.
    pub subject_name: QuestionId,
    #[serde(default)]
    pub subject_id: Option<QuestionId>,
    /// Who files.
    pub filer_name: QuestionId,
    #[serde(default)]
    pub filer_id: Option<QuestionId>,
    /// The filer's relation to the subject.
    #[serde(default)]
    pub relation: Option<QuestionId>,
}

impl People {
    /// Every question that is named, for the check.
    pub fn questions(&self) -> impl Iterator<Item = &QuestionId> {
        let optional = [&self.subject_id, &self.filer_id, &self.relation];
        [&self.subject_name, &self.filer_name]
            .into_iter()
            .chain(optional.into_iter().flatten())
    }
}

/// One person of the form, and which questions the code of their identity card fills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardBlock {
    /// Whose card, as the button says it.
    pub who: Words,
    /// It also stands for the person: the button is on this question's page.
    pub name: QuestionId,
    #[serde(default)]
    pub number: Option<QuestionId>,
    #[serde(default)]
    pub birth_date: Option<QuestionId>,
    /// A choice with the values `male` and `female`.
    #[serde(default)]
    pub sex: Option<QuestionId>,
    /// An address of today: the card's own goes beside it as text.
    #[serde(default)]
    pub address: Option<QuestionId>,
    /// A choice with the value `identity_card`.
    #[serde(default)]
    pub document_type: Option<QuestionId>,
    #[serde(default)]
    pub document_number: Option<QuestionId>,
    #[serde(default)]
    pub document_date: Option<QuestionId>,
}

impl CardBlock {
    /// Each part of a card and the question that it fills.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &QuestionId)> {
        [
            ("name", Some(&self.name)),
            ("number", self.number.as_ref()),
            ("birth_date", self.birth_date.as_ref()),
            ("sex", self.sex.as_ref()),
            ("address", self.address.as_ref()),
            ("document_type", self.document_type.as_ref()),
            ("document_number", self.document_number.as_ref()),
            ("document_date", self.document_date.as_ref()),
        ]
        .into_iter()
        .filter_map(|(part, question)| question.map(|question| (part, question)))
    }
}

/// What the counter does with a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaperMark {
    Original,
    Copy,
    /// Checked and given back; no copy may be demanded.
    Shown,
}

/// Must it be there?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaperNeedRule {
    Required,
    Optional,
}

/// A component of the dossier (thành phần hồ sơ).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    pub id: ComponentId,
    pub name: Words,
    pub mark: PaperMark,
    pub need: PaperNeedRule,
    /// It applies while this holds; always where absent.
    #[serde(default)]
    pub when: Option<Expr>,
    /// Data that the authority can read stand in its place while this holds.
    #[serde(default)]
    pub replaced_when: Option<Expr>,
    /// Files wanted before it counts as there; 0 where showing it is enough.
    pub min_files: u32,
    pub max_files: u32,
    #[serde(default)]
    pub note: Option<Words>,
    pub source: SourceId,
}

/// One topic, one screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub id: PageId,
    pub title: Words,
    /// Plain words for the citizen, also read aloud.
    pub say: Words,
    /// For the officer.
    #[serde(default)]
    pub help: Option<Words>,
    #[serde(default)]
    pub when: Option<Expr>,
    pub questions: Vec<Question>,
}

/// A procedure that often follows or is the right one instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Linked {
    pub code: ProcedureCode,
    pub why: Words,
}

impl Procedure {
    /// Reads and checks a procedure file.
    ///
    /// # Errors
    /// [`ProcedureFault::Json`] with line and column, or [`ProcedureFault::Mistakes`] with every mistake found.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProcedureFault> {
        let procedure: Self = serde_json::from_slice(bytes)?;
        check::checked(procedure)
    }

    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.pages.iter().flat_map(|page| &page.questions)
    }

    #[must_use]
    pub fn question(&self, id: &QuestionId) -> Option<&Question> {
        self.questions().find(|question| question.id == *id)
    }

    #[must_use]
    pub fn page(&self, id: &PageId) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == *id)
    }

    /// The page that a question stands on.
    #[must_use]
    pub fn page_of(&self, question: &QuestionId) -> Option<&Page> {
        self.pages
            .iter()
            .find(|page| page.questions.iter().any(|q| q.id == *question))
    }

    #[must_use]
    pub fn paper(&self, id: &ComponentId) -> Option<&Paper> {
        self.papers.iter().find(|paper| paper.id == *id)
    }

    /// The source of a statement, if the statement may be shown as law.
    #[must_use]
    pub fn law(&self, source: &SourceId) -> Option<&Source> {
        self.sources.get(source).filter(|source| source.is_law())
    }

    /// May it be offered to the public? Not where its code is only remembered, and not once it is withdrawn.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        let coded = match &self.code_source {
            Some(source) => self.law(source).is_some(),
            None => self.channels.iter().any(|rule| self.law(&rule.source).is_some()),
        };
        self.offered && coded
    }

    /// The route in force on a day.
    #[must_use]
    pub fn route_on(&self, day: Date) -> Option<Route> {
        self.route_rule_on(day).map(|rule| rule.route)
    }

    /// The rule behind [`Self::route_on`], with its source.
    #[must_use]
    pub fn route_rule_on(&self, day: Date) -> Option<&RouteRule> {
        self.routes
            .iter()
            .filter(|rule| rule.from <= day)
            .max_by_key(|rule| rule.from)
    }

    pub(crate) fn in_order(&self) -> impl Iterator<Item = (&Page, &Question)> {
        self.order.iter().filter_map(|(page, question)| {
            let page = self.pages.get(*page)?;
            Some((page, page.questions.get(*question)?))
        })
    }
}
