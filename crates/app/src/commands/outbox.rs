//! The queue on screen: one word, one reason, and what a person can do.

use crate::access::Caller;
use crate::clock;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::views::{OutboxItemView, OutboxView};
use domain::delivery::{Delivery, Event, HeldReason, one_word};
use domain::ids::ProcedureCode;
use domain::text::Words;
use store::tables::audit;
use store::tables::item::{self, ItemRow};

/// Rows on the screen: more than a counter seals in months.
const ROWS_MAX: u32 = 500;

pub fn outbox(app: &App, _: Caller, _: Nothing) -> Result<OutboxView, Problem> {
    let rows = item::newest(app.outbox().db(), ROWS_MAX)?;
    let items = rows
        .into_iter()
        .map(|row| item_view(app, row))
        .collect::<Result<_, _>>()?;
    let mut network = app.network();
    // A frozen machine is told first: it is the one thing here that only a telephone mends.
    if let Some(trouble) = app.trouble() {
        network.trouble = Some(trouble);
    }
    Ok(OutboxView { items, network })
}

/// Nothing is left for a person to do where the citizen took their consent back: it stays, and is not sent.
pub(crate) fn needs_person(delivery: &Delivery) -> bool {
    match delivery {
        Delivery::Held { reason } => *reason != HeldReason::ConsentWithdrawn,
        Delivery::Quarantined { .. } => true,
        Delivery::Sealed
        | Delivery::Registered
        | Delivery::Received { .. }
        | Delivery::Durable { .. }
        | Delivery::Purged { .. } => false,
    }
}

pub(crate) fn item_view(app: &App, row: ItemRow) -> Result<OutboxItemView, Problem> {
    let withdrawn = audit::of_dossier(app.outbox().db(), &row.dossier, "consent_withdrawn", 1)?;
    Ok(OutboxItemView {
        dossier: row.dossier,
        word: one_word(&row.delivery, row.case_status, row.official_code.as_ref()),
        reason: reason(app, &row),
        needs_person: needs_person(&row.delivery),
        receipt_number: row.receipt_number,
        procedure: procedure_name(app, &row.procedure_code),
        sealed_at: clock::minute_and_day(row.sealed_ms),
        delivery: row.delivery,
        files: row.files,
        bytes: row.bytes,
        bytes_sent: row.bytes_sent,
        acknowledged: row.acknowledgement.is_some(),
        official_code: row.official_code.map(|c| c.code),
        withdrawn: !withdrawn.is_empty(),
    })
}

/// A procedure's name; its code where the catalogue no longer has it.
pub(crate) fn procedure_name(app: &App, code: &ProcedureCode) -> Words {
    let name = app.catalogue().get(code).map(|e| e.procedure.name.clone());
    name.unwrap_or_else(|| Words {
        vi: code.to_string(),
        en: code.to_string(),
    })
}

/// Why an item waits. Nothing is needed from a person while it only waits for a network.
fn reason(app: &App, row: &ItemRow) -> Option<Words> {
    match row.delivery {
        Delivery::Held { reason } => Some(reason.words()),
        Delivery::Quarantined { reason } => Some(reason.words()),
        Delivery::Received { .. } => Some(Words {
            vi: "Tỉnh đã nhận đủ tệp, đang chép bản dự phòng.".into(),
            en: "The province holds every file and is making its safe copy.".into(),
        }),
        Delivery::Sealed | Delivery::Registered => Some(app.network().trouble.map_or_else(
            || Words {
                vi: "Đang chờ đến lượt gửi. Không cần làm gì.".into(),
                en: "Waiting for its turn. Nothing to do.".into(),
            },
            |trouble| trouble.words,
        )),
        Delivery::Durable { .. } | Delivery::Purged { .. } => row.case_note.clone().map(|note| Words {
            vi: note.clone(),
            en: note,
        }),
    }
}

pub fn send_now(app: &App, caller: Caller, _: Nothing) -> Result<OutboxView, Problem> {
    if app.enrolment()?.is_none() {
        return Err(ProblemCode::NotEnrolled.into());
    }
    item::due_at_once(app.outbox().db())?;
    if let Some(engine) = app.engine() {
        // What came of each item stands in the rows that are shown next.
        let _pass = engine.send_now();
    }
    outbox(app, caller, Nothing {})
}

pub fn release_held(app: &App, caller: Caller, request: OneDossier) -> Result<OutboxView, Problem> {
    let who = app.with_session(|s| Ok(s.operator.id))?;
    let line = audit::Entry {
        at_ms: app.clock.now_ms(),
        what: "released",
        dossier: Some(request.dossier),
        who: Some(who),
        note: None,
    };
    app.outbox().step(&request.dossier, Event::Released, |db| {
        item::end_attempt(db, &request.dossier, None, 0)?;
        audit::append(db, &line)
    })?;
    app.kick();
    outbox(app, caller, Nothing {})
}
