//! A sealed dossier is taken back: on the officer's word that consent was taken back, or by the person's own act.

use super::consent;
use crate::access::{Caller, Window};
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::screens::Withdrawing;
use crate::session::Session;
use crate::views::{CitizenView, OutboxView, ReceiptView};
use crate::withdrawal::{self, Act};
use domain::consent::ConsentAct;
use domain::ids::DossierId;
use domain::withdrawal::{Ground, Withdrawal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::item;
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct AskToWithdraw {
    pub dossier: DossierId,
    /// Who stands by and presses, where the person themselves cannot.
    #[serde(default)]
    #[ts(optional)]
    pub witness: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ConfirmWithdrawal {
    pub agree: bool,
}

/// The counter writes down that consent was taken back.
pub fn withdraw_consent(app: &App, caller: Caller, request: OneDossier) -> Result<OutboxView, Problem> {
    let ground = Ground::ConsentWithdrawn;
    app.with_session(|session| withdrawal::take_back(app, session, &request.dossier, ground, None))?;
    app.kick();
    app.tell(AppEvent::Outbox);
    super::outbox::outbox(app, caller, Nothing {})
}

/// Puts the question on the citizen's screen, beside their receipt on the officer's.
pub fn ask_to_withdraw(app: &App, caller: Caller, request: AskToWithdraw) -> Result<ReceiptView, Problem> {
    let AskToWithdraw { dossier, witness } = request;
    let witness =
        app.with_session(|session| witness.map(|name| consent::witness(session, &name)).transpose())?;
    {
        let outbox = app.outbox();
        let row = item::get(outbox.db(), &dossier)?.ok_or(ProblemCode::DossierUnknown)?;
        if row.carried_from.is_some() || row.takes_back.is_some() {
            return Err(ProblemCode::DossierUnknown.into());
        }
        if withdrawal::standing(&outbox, &row)?.withdrawal != Withdrawal::None {
            return Err(ProblemCode::AlreadyWithdrawn.into());
        }
    }
    app.screens().withdrawing = Some(Withdrawing { dossier, witness });
    super::receipt::show_receipt(app, caller, OneDossier { dossier })
        .inspect_err(|_| app.screens().withdrawing = None)
}

/// The person's own act, or their second thought.
pub fn confirm_withdrawal(
    app: &App,
    caller: Caller,
    request: ConfirmWithdrawal,
) -> Result<CitizenView, Problem> {
    let asked = app.screens().withdrawing.clone();
    let Withdrawing {
        dossier: asked,
        witness,
    } = asked.ok_or(ProblemCode::DossierUnknown)?;
    let act = match (caller.window, &witness) {
        (_, Some(_)) => ConsentAct::Witness,
        (Window::Citizen, None) => ConsentAct::OwnScreen,
        (Window::Operator, None) => ConsentAct::TurnedScreen,
    };
    let act = Some(Act { act, witness });
    let view = app.with_session(|session| {
        if request.agree {
            withdrawal::take_back(app, session, &asked, Ground::Asked, act)?;
        }
        app.screens().withdrawing = None;
        super::receipt::citizen_receipt(app, session, &asked)
    })?;
    app.kick();
    app.tell(AppEvent::Citizen {
        view: Box::new(view.clone()),
    });
    app.tell(AppEvent::Outbox);
    Ok(view)
}

/// The question as the citizen reads it.
pub(crate) fn question(app: &App, session: &Session, asked: &Withdrawing) -> Result<CitizenView, Problem> {
    let receipt = super::receipt::receipt_view(app, session, &asked.dossier)?;
    Ok(CitizenView::Withdraw {
        number: receipt.number,
        procedure: receipt.procedure,
        word: receipt.word,
        witness: asked.witness.as_ref().map(|witness| witness.name.clone()),
    })
}
