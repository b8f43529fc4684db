//! Help that ends in no dossier: coaching on the person's own telephone, a scan, a look-up, advice. Nothing of the person
//! is written down, and no password is ever asked for here.

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::{CitizenView, HomeView};
use domain::day::{AssistKind, AssistOutcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::assist::{self, AssistRow};
use ts_rs::TS;

/// What a person is coached in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum CoachTopic {
    /// The e-ID application on their telephone.
    Eid,
    /// The national portal, entered with the e-ID.
    Portal,
}

impl CoachTopic {
    pub(crate) const ALL: [Self; 2] = [Self::Eid, Self::Portal];

    /// As its words are named.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Eid => "eid",
            Self::Portal => "portal",
        }
    }

    /// Steps of the topic; the windows have a picture and words for each.
    pub(crate) const fn steps(self) -> u32 {
        match self {
            Self::Eid => 5,
            Self::Portal => 5,
        }
    }
}

/// The step on both screens, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Coach {
    pub topic: CoachTopic,
    pub step: u32,
}

impl Coach {
    pub(crate) fn view(self) -> CitizenView {
        CitizenView::Coaching {
            topic: self.topic,
            step: self.step,
            of: self.topic.steps(),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ShowCoach {
    pub coach: Option<Coach>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct RecordAssist {
    pub kind: AssistKind,
    pub outcome: AssistOutcome,
}

pub fn coach(app: &App, _: Caller, request: ShowCoach) -> Result<Nothing, Problem> {
    let busy = app.with_session(|session| Ok(session.open.as_ref().is_some_and(|row| !row.sealed)))?;
    if busy && request.coach.is_some() {
        return Err(ProblemCode::FinishFirst.into());
    }
    let within = |c: &Coach| (1..=c.topic.steps()).contains(&c.step);
    if !request.coach.as_ref().is_none_or(within) {
        return Err(ProblemCode::BadRequest.into());
    }
    app.put_receipt(None)?;
    {
        let mut screens = app.screens();
        screens.coaching = request.coach;
        screens.refused = None;
    }
    super::citizen::show(app);
    Ok(Nothing {})
}

pub fn record_assist(app: &App, caller: Caller, request: RecordAssist) -> Result<HomeView, Problem> {
    let who = app.with_session(|s| Ok(s.operator.id))?;
    assist::insert(
        app.outbox().db(),
        &AssistRow {
            id: seal::random::uuid()?,
            at_ms: app.clock.now_ms(),
            who,
            kind: request.kind,
            outcome: request.outcome,
        },
    )?;
    app.screens().coaching = None;
    super::citizen::show(app);
    super::home::home(app, caller, Nothing {})
}
