//! How the windows look on this machine: kept over a restart.

use crate::access::Caller;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::Problem;
use crate::schema::Nothing;
use crate::views::{KioskView, LookView};
use store::tables::setting;

pub fn set_look(app: &App, caller: Caller, request: LookView) -> Result<KioskView, Problem> {
    setting::set(app.outbox().db(), setting::Name::Look, &request)?;
    app.tell(AppEvent::Kiosk);
    super::kiosk::kiosk_status(app, caller, Nothing {})
}
