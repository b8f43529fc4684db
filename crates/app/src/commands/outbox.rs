//! The queue on screen: one word, one reason, and what a person can do.

use crate::access::Caller;
use crate::clock;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::views::{CopiesView, OutboxItemView, OutboxView};
use domain::delivery::{Delivery, Event, HeldReason, one_word};
use domain::ids::ProcedureCode;
use domain::text::Words;
use store::tables::item::{self, ItemRow};
use store::tables::{audit, copy};

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
    let field = app
        .enrolment()?
        .is_some_and(|e| e.certificate.class == seal::certificate::DeviceClass::Field);
    let outbox = app.outbox();
    Ok(OutboxView {
        items,
        network,
        lonely: copy::lonely(outbox.db())?,
        field,
        unreadable: item::unreadable(outbox.db())?,
        pass: None,
    })
}

/// On this machine until its bytes went, on sticks, and at the province from its acknowledgement on.
pub(crate) fn copies(app: &App, row: &ItemRow) -> Result<CopiesView, Problem> {
    Ok(CopiesView {
        here: !matches!(row.delivery, Delivery::Purged { .. }),
        sticks: copy::count(app.outbox().db(), &row.dossier)?,
        province: row.acknowledgement.is_some(),
    })
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
    let copies = copies(app, &row)?;
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
        carried: row.carried_from.is_some(),
        just_now: None,
        copies,
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
    let pass = app.engine().map(|engine| engine.send_now());
    let mut view = outbox(app, caller, Nothing {})?;
    if let Some(pass) = pass {
        for tried in &pass.items {
            if let Some(item) = view.items.iter_mut().find(|i| i.dossier == tried.dossier) {
                item.just_now = Some(came(tried));
            }
        }
        view.pass = Some(told(&pass));
    }
    Ok(view)
}

/// What came of one item: it is there, or why not, in the words of its layer.
fn came(tried: &sync::PassItem) -> Words {
    match tried.failure {
        // What only a person can mend has words of its own: the file is damaged, not the disk.
        Some(sync::Failure::Held(reason)) => reason.words(),
        Some(sync::Failure::Local(reason)) => reason.words(),
        Some(failure) => Problem::from(failure).words,
        None if tried.delivery.is_acknowledged() => Words {
            vi: "Vừa gửi xong, tỉnh đã nhận đủ tệp.".into(),
            en: "Just sent; the province holds every file.".into(),
        },
        None => Words {
            vi: "Tỉnh đã biết hồ sơ này, tệp còn đang gửi.".into(),
            en: "The province knows of it; its files are still on their way.".into(),
        },
    }
}

/// The whole press in one sentence, failure and all.
fn told(pass: &sync::Pass) -> Words {
    let all = pass.items.len();
    let there = pass.items.iter().filter(|i| i.delivery.is_acknowledged()).count();
    let (vi, en) = match (pass.finished, all) {
        (false, _) => (
            "Vẫn đang gửi, xin đợi thêm.".to_owned(),
            "Still sending; please wait a little.".to_owned(),
        ),
        (true, 0) if pass.failure.is_none() => (
            "Không còn hồ sơ nào chờ gửi.".to_owned(),
            "Nothing is waiting to be sent.".to_owned(),
        ),
        (true, 0) => (
            "Chưa gửi được hồ sơ nào.".to_owned(),
            "Nothing could be sent.".to_owned(),
        ),
        (true, _) => (
            format!(
                "Vừa thử {all} hồ sơ: {there} đã tới tỉnh, {} còn ở đây.",
                all - there
            ),
            format!(
                "Tried {all}: {there} reached the province, {} are still here.",
                all - there
            ),
        ),
    };
    let why = pass.failure.map(|f| Problem::from(f).words);
    match why {
        Some(why) => Words {
            vi: format!("{vi} {}", why.vi),
            en: format!("{en} {}", why.en),
        },
        None => Words { vi, en },
    }
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
