//! The queue on screen: one word, one reason, and what a person can do.

use crate::access::Caller;
use crate::clock;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::second_copy;
use crate::views::{CopiesView, OutboxItemView, OutboxView};
use crate::withdrawal::{self, Standing};
use domain::delivery::{Delivery, Event, QuarantineReason};
use domain::ids::{DossierId, ProcedureCode};
use domain::next_step::NextStep;
use domain::text::Words;
use std::collections::BTreeSet;
use store::Outbox;
use store::tables::item::{self, ItemRow};
use store::tables::{audit, copy};
use sync::Failure;

/// The newest rows on the screen; what needs a person stands there however old it is.
const NEWEST_SHOWN: u32 = 500;

pub fn outbox(app: &App, _: Caller, _: Nothing) -> Result<OutboxView, Problem> {
    let rows = item::to_show(app.outbox().db(), NEWEST_SHOWN)?;
    let mut items = rows
        .into_iter()
        .map(|row| item_view(app, row))
        .collect::<Result<Vec<_>, _>>()?;
    // Of the link alone: what is wrong with the machine stands above every page.
    let network = app.network();
    let above = network.trouble.as_ref().map(|trouble| &trouble.words);
    for item in &mut items {
        // What stands above the list is not said again beside each of forty dossiers.
        item.reason.take_if(|reason| Some(&*reason) == above);
        if item.reason.is_none() && item.delivery.is_waiting() {
            item.reason = Some(waits());
        }
    }
    let field = second_copy::is_field(app)?;
    let outbox = app.outbox();
    Ok(OutboxView {
        items,
        network,
        lonely: u32::try_from(copy::only_here(outbox.db())?.len()).unwrap_or(u32::MAX),
        field,
        unreadable: item::unreadable(outbox.db())?,
        pass: None,
    })
}

/// On this machine until its bytes went or were found damaged, on sticks, and at the province from its acknowledgement on.
pub(crate) fn copies(app: &App, row: &ItemRow) -> Result<CopiesView, Problem> {
    Ok(CopiesView {
        here: second_copy::lies_here(&app.files, row),
        sticks: copy::count(app.outbox().db(), &row.dossier)?,
        province: row.acknowledgement.is_some(),
    })
}

/// How many dossiers wait for a person: those that the list shows with a press or a call. A withdrawal stands with the
/// dossier that it takes back, and both are one.
pub(crate) fn need_person(outbox: &Outbox) -> Result<usize, Problem> {
    let mut all = BTreeSet::new();
    for state in ["held", "quarantined"] {
        for row in item::in_state(outbox.db(), state)? {
            let taken = row.takes_back.map(|id| item::get(outbox.db(), &id)).transpose()?;
            // One with no dossier here came by a stick; the machine that made it shows it too.
            let row = taken.flatten().unwrap_or(row);
            let next = withdrawal::standing(outbox, &row)?
                .told(&row)
                .map(|told| told.next);
            if next.is_some_and(NextStep::needs_person) {
                all.insert(row.dossier);
            }
        }
    }
    Ok(all.len())
}

pub(crate) fn item_view(app: &App, row: ItemRow) -> Result<OutboxItemView, Problem> {
    let standing = withdrawal::standing(&app.outbox(), &row)?;
    let word = withdrawal::word(&app.outbox(), &app.files, &row)?;
    let copies = copies(app, &row)?;
    let (reason, next) = told(app, &row, &standing, copies.here);
    Ok(OutboxItemView {
        dossier: row.dossier,
        word,
        reason,
        next,
        needs_person: next.is_some_and(NextStep::needs_person),
        receipt_number: row.receipt_number,
        procedure: procedure_name(app, &row.procedure_code),
        sealed_at: clock::minute_and_day(row.sealed_ms),
        delivery: row.delivery,
        files: row.files,
        bytes: row.bytes,
        bytes_sent: row.bytes_sent,
        acknowledged: row.acknowledgement.is_some(),
        official_code: row.official_code.map(|c| c.code),
        withdrawn: standing.withdrawal.is_asked(),
        withdrawal: standing.withdrawal,
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

/// What is to be read beside the word, and the press that it names.
fn told(app: &App, row: &ItemRow, standing: &Standing, here: bool) -> (Option<Words>, Option<NextStep>) {
    let asks = row.delivery.is_waiting() && !here && !standing.withdrawal.is_asked();
    match standing.told(row) {
        // Whatever failed on the way says that the dossier is safe here.
        _ if asks => (Some(asks_the_province()), None),
        Some(told) => (Some(told.words), Some(told.next)),
        None => (goes_on(app, row), None),
    }
}

/// Beside a dossier whose files are gone from this machine, until the province has said whether it has them.
fn asks_the_province() -> Words {
    Words::new(
        "Tệp không còn ở máy này. Máy đang hỏi tỉnh đã có chưa, có mạng là biết. Chưa cần làm gì.",
        "Its files are no longer on this machine. It asks the province for them as soon as there is a network. Nothing to do yet.",
    )
}

/// Beside a dossier that only waits for what is told above the list.
fn waits() -> Words {
    Words::new(
        "Đang chờ gửi. Hồ sơ vẫn còn nguyên ở máy này.",
        "Waiting to be sent. The dossier is safe on this machine.",
    )
}

/// Beside a dossier that was just tried, where what stopped it is told above the list.
fn not_yet() -> Words {
    Words::new(
        "Vừa thử, chưa gửi được. Vẫn còn nguyên ở máy này.",
        "Just tried, not sent yet. It is safe on this machine.",
    )
}

/// Where nothing failed: what it waits for, or what the province said. Nothing is needed from a person.
fn goes_on(app: &App, row: &ItemRow) -> Option<Words> {
    match row.delivery {
        Delivery::Held { .. } | Delivery::Quarantined { .. } => None,
        Delivery::Received { .. } => Some(Words::new(
            "Tỉnh đã nhận đủ tệp, đang chép bản dự phòng.",
            "The province holds every file and is making its safe copy.",
        )),
        Delivery::Sealed | Delivery::Registered => Some(app.network().trouble.map_or_else(
            || {
                Words::new(
                    "Đang chờ đến lượt gửi. Không cần làm gì.",
                    "Waiting for its turn. Nothing to do.",
                )
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
        let mut withdrawals = Vec::new();
        let above = view.network.trouble.as_ref().map(|trouble| trouble.words.clone());
        for tried in &pass.items {
            let takes_back = item::get(app.outbox().db(), &tried.dossier)?.and_then(|row| row.takes_back);
            let shown_at = takes_back.unwrap_or(tried.dossier);
            if takes_back.is_some() {
                withdrawals.push(tried.dossier);
            }
            if let Some(item) = view.items.iter_mut().find(|i| i.dossier == shown_at) {
                // What waits for a person is told in the very sentence that names the press beside it.
                let of_press = tried.failure.is_some() && item.needs_person;
                let came = item
                    .reason
                    .take_if(|_| of_press)
                    .unwrap_or_else(|| came(tried, takes_back.is_some()));
                let came = Some(came).filter(|words| Some(words) != above.as_ref());
                let came = came.unwrap_or_else(|| {
                    if item.copies.here {
                        not_yet()
                    } else {
                        asks_the_province()
                    }
                });
                // It says why the dossier waits, and says it better than the row did.
                item.reason
                    .take_if(|reason| *reason == came || *reason == waits());
                item.just_now = Some(came);
            }
        }
        let why = pass.failure.map(|failure| Problem::from(failure).words);
        let why = why.filter(|words| Some(words) != above.as_ref());
        view.pass = Some(whole(&pass, &withdrawals, why));
    }
    Ok(view)
}

/// What came of one item: it is there, or why not, in the words of its layer.
fn came(tried: &sync::PassItem, withdrawal: bool) -> Words {
    match tried.failure {
        Some(failure) => Problem::from(failure).words,
        None if withdrawal && tried.delivery.is_acknowledged() => Words::new(
            "Vừa gửi yêu cầu rút, tỉnh đã ghi nhận.",
            "The withdrawal was just sent; the province has recorded it.",
        ),
        None if tried.delivery.is_acknowledged() => Words::new(
            "Vừa gửi xong, tỉnh đã nhận đủ tệp.",
            "Just sent; the province holds every file.",
        ),
        None => Words::new(
            "Tỉnh đã biết hồ sơ này, tệp còn đang gửi.",
            "The province knows of it; its files are still on their way.",
        ),
    }
}

/// The whole press in one sentence, and why it did not come through where that stands nowhere else.
fn whole(pass: &sync::Pass, withdrawals: &[DossierId], why: Option<Words>) -> Words {
    let (asked, dossiers): (Vec<&sync::PassItem>, Vec<_>) =
        pass.items.iter().partition(|i| withdrawals.contains(&i.dossier));
    let all = dossiers.len();
    let there = dossiers.iter().filter(|i| i.delivery.is_acknowledged()).count();
    let recorded = asked.iter().filter(|i| i.delivery.is_acknowledged()).count();
    let (vi, en) = match (pass.finished, all) {
        (false, _) => (
            "Vẫn đang gửi, xin đợi thêm.".to_owned(),
            "Still sending; please wait a little.".to_owned(),
        ),
        (true, 0) if recorded > 0 => (
            format!("Tỉnh đã ghi nhận {recorded} yêu cầu rút."),
            format!("The province has recorded {recorded} withdrawals."),
        ),
        (true, 0) if pass.failure.is_none() && asked.is_empty() => (
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
    match why {
        Some(why) => Words::new(format!("{vi} {}", why.vi), format!("{en} {}", why.en)),
        None => Words { vi, en },
    }
}

pub fn release_held(app: &App, caller: Caller, request: OneDossier) -> Result<OutboxView, Problem> {
    let who = app.with_session(|s| Ok(s.operator.id))?;
    // Pressed beside a dossier whose withdrawal is stuck, it is the withdrawal that goes again.
    let (target, failed) = {
        let outbox = app.outbox();
        let row = item::get(outbox.db(), &request.dossier)?.ok_or(ProblemCode::DossierUnknown)?;
        let standing = withdrawal::standing(&outbox, &row)?;
        let void = standing.stuck(&row);
        let damaged = QuarantineReason::FileDamaged;
        let is_damaged = void.is_none() && row.delivery == Delivery::Quarantined { reason: damaged };
        // Until it was read through once more it is as damaged as before.
        let failed = is_damaged.then(|| Failure::Local(damaged).as_str());
        (void.map_or(request.dossier, |void| void.dossier), failed)
    };
    let line = audit::Entry {
        at_ms: app.clock.now_ms(),
        what: "released",
        dossier: Some(target),
        who: Some(who),
        note: None,
    };
    app.outbox().step(&target, Event::Released, |db| {
        item::end_attempt(db, &target, failed, 0)?;
        audit::append(db, &line)
    })?;
    app.kick();
    outbox(app, caller, Nothing {})
}
