//! Enrolment, the people of this counter, signing in and out, screens and language.

use crate::access::{Caller, Window};
use crate::events::AppEvent;
use crate::kiosk::{App, Enrolment, Ground, PendingEnrolment};
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::session::{Session, Watch};
use crate::views::{EnrolmentStage, EnrolmentView, KioskView, Language, LeaseView, LeftByView, OperatorCard};
use domain::ids::{DossierId, OperatorId};
use domain::lease::{Lease, LeaseState};
use domain::roles::OperatorRole;
use domain::text::clean;
use schemars::JsonSchema;
use seal::keys::SigningKey;
use seal::wrap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Outbox;
use store::tables::operator::{self, OperatorRow, WrappedKeys};
use store::tables::{lease, practice, setting};
use ts_rs::TS;
use zeroize::Zeroizing;

/// Characters of an operator's or a counter's name.
const NAME_MAX: usize = 80;
/// Digits of a PIN.
const PIN_DIGITS: usize = 6;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct BeginEnrolment {
    /// `https://…` of the provincial service.
    pub service_url: String,
    /// The one-time code from the province's operator.
    pub code: String,
    pub counter_name: String,
    /// The machine is carried to villages: no readable copy stays after sealing, and two copies are wanted.
    #[serde(default)]
    #[ts(optional)]
    pub field: Option<bool>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct AddOperator {
    pub name: String,
    pub role: OperatorRole,
    pub pin: String,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ResetPin {
    pub operator: OperatorId,
    pub pin: String,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SignIn {
    pub operator: OperatorId,
    pub pin: String,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetIdleLock {
    /// Seconds without a touch.
    pub seconds: u32,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct QuitProgram {
    pub operator: OperatorId,
    pub pin: String,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetLanguage {
    pub language: Language,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetOneScreen {
    pub on: bool,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct TurnScreen {
    pub turned: bool,
    /// Needed to turn it back: the citizen must not walk into the officer's work.
    pub pin: Option<String>,
}

/// A quarter of a minute at least: shorter, and nobody could read a page. Half an hour at most.
const IDLE_SECONDS_MIN: u32 = 15;
const IDLE_SECONDS_MAX: u32 = 1_800;
const IDLE_SECONDS_DEFAULT: u32 = 300;

pub(crate) fn card(row: &OperatorRow) -> OperatorCard {
    OperatorCard {
        id: row.id,
        name: row.name.clone(),
        role: row.role,
        locked: row.is_locked(),
    }
}

fn enrolment_view(app: &App) -> Result<EnrolmentView, Problem> {
    if app.preview {
        // Nothing to enrol at: the windows go straight to the interview.
        return Ok(EnrolmentView {
            stage: EnrolmentStage::Enrolled,
            words: Vec::new(),
            service_url: None,
        });
    }
    if let Some(enrolment) = app.enrolment()? {
        return Ok(EnrolmentView {
            stage: EnrolmentStage::Enrolled,
            words: Vec::new(),
            service_url: Some(enrolment.service_url),
        });
    }
    let pending: Option<PendingEnrolment> = setting::get(app.outbox().db(), setting::Name::PendingEnrolment)?;
    Ok(match pending {
        Some(p) if p.refused => EnrolmentView {
            stage: EnrolmentStage::Refused,
            words: Vec::new(),
            service_url: Some(p.service_url),
        },
        Some(p) => EnrolmentView {
            stage: EnrolmentStage::Waiting,
            words: p.words,
            service_url: Some(p.service_url),
        },
        None => EnrolmentView {
            stage: EnrolmentStage::NotEnrolled,
            words: Vec::new(),
            service_url: None,
        },
    })
}

pub fn kiosk_status(app: &App, _: Caller, _: Nothing) -> Result<KioskView, Problem> {
    let enrolment = enrolment_view(app)?;
    let certificate = app.enrolment()?.map(|e| e.certificate);
    let operators: Vec<OperatorCard> = operator::all(app.outbox().db())?.iter().map(card).collect();
    let language = app.language()?;
    let (signed_in, open, lease) = {
        let session = app.session();
        let session = session.as_ref();
        let open = session.and_then(|s| s.open.as_ref()).filter(|row| !row.sealed);
        (
            session.map(|s| card(&s.operator)),
            open.map(|row| row.dossier),
            session
                .and_then(|s| s.lease)
                .map(|l| LeaseView::of(&l, app.clock.now_ms())),
        )
    };
    // Whoever looks at a procedure stands in no database.
    let operators: Vec<OperatorCard> = match &signed_in {
        Some(card) if app.preview => vec![card.clone()],
        Some(_) | None => operators,
    };
    let (one_screen, turned, left, receipt) = {
        let screens = app.screens();
        (
            screens.one_screen || !screens.citizen_window,
            screens.turned,
            screens.left_open,
            screens.receipt,
        )
    };
    let left_by = left.filter(|left| {
        open.is_none() && lease.is_none() && signed_in.as_ref().is_some_and(|me| me.id != left.by)
    });
    let left_by = left_by.map(|left| LeftByView {
        name: name_of(&operators, &left.by),
        at: crate::clock::minute_and_day(left.at_ms),
    });
    let idle_seconds =
        setting::get(app.outbox().db(), setting::Name::IdleSeconds)?.unwrap_or(IDLE_SECONDS_DEFAULT);
    // Each look into the outbox ends before the next begins: inside one expression the lock would be held to its end.
    let look = setting::get(app.outbox().db(), setting::Name::Look)?.unwrap_or_default();
    let trouble = app
        .trouble()
        .or_else(|| crate::room::told(app))
        .or_else(|| app.certificate_told());
    let clock = super::clock::view(app)?;
    Ok(KioskView {
        clock,
        version: env!("CARGO_PKG_VERSION").into(),
        language,
        enrolment,
        counter_name: certificate.as_ref().map(|c| c.counter_name.clone()),
        device_number: certificate.as_ref().map(|c| format!("{:05}", c.number.0)),
        device_class: certificate
            .as_ref()
            .and_then(|c| serde_json::to_value(c.class).ok()?.as_str().map(str::to_owned)),
        operators,
        signed_in,
        one_screen,
        turned,
        look,
        reads_aloud: app.voice.speaks(),
        network: app.network(),
        catalogue: app.shelf.view(app.clock.now()),
        preview: app.preview,
        trouble,
        receipt: receipt.filter(|_| open.is_none() && lease.is_none()),
        open,
        left_by,
        lease,
        idle_seconds,
        drill: app.ground == Ground::Drill,
    })
}

fn name_of(operators: &[OperatorCard], id: &OperatorId) -> String {
    let found = operators.iter().find(|o| o.id == *id);
    found.map(|o| o.name.clone()).unwrap_or_default()
}

pub fn begin_enrolment(app: &App, _: Caller, request: BeginEnrolment) -> Result<EnrolmentView, Problem> {
    crate::preview::not_here(app)?;
    if app.enrolment()?.is_some() {
        return Err(ProblemCode::AlreadyEnrolled.into());
    }
    let counter_name = short(&request.counter_name)?;
    let (device_id, key) = app.device_key()?;
    let asked = wire::enrol::EnrolRequest {
        code: clean(&request.code),
        device_key: key.verify_key(),
        device_id,
        class: if request.field == Some(true) {
            seal::certificate::DeviceClass::Field
        } else {
            app.device_class()
        },
        counter_name,
        hostname_hint: None,
    };
    let service_url = request.service_url.trim().trim_end_matches('/').to_owned();
    let (offer, words) = sync::enrol::begin(&app.handle()?, &service_url, &asked)?;
    let pending = PendingEnrolment {
        service_url,
        offer,
        words: words.to_vec(),
        refused: false,
    };
    setting::set(app.outbox().db(), setting::Name::PendingEnrolment, &pending)?;
    enrolment_view(app)
}

pub fn check_enrolment(app: &App, _: Caller, _: Nothing) -> Result<EnrolmentView, Problem> {
    let pending: Option<PendingEnrolment> = setting::get(app.outbox().db(), setting::Name::PendingEnrolment)?;
    let Some(mut pending) = pending.filter(|p| !p.refused) else {
        return enrolment_view(app);
    };
    match sync::enrol::check(&app.handle()?, &pending.service_url, &pending.offer)? {
        sync::enrol::EnrolOutcome::Waiting => {}
        sync::enrol::EnrolOutcome::Refused => {
            pending.refused = true;
            setting::set(app.outbox().db(), setting::Name::PendingEnrolment, &pending)?;
        }
        sync::enrol::EnrolOutcome::Approved {
            signed,
            certificate,
            device_epoch,
        } => {
            let enrolment = Enrolment {
                service_url: pending.service_url,
                offer: pending.offer.offer,
                certificate,
                signed_certificate: Some(*signed),
                device_epoch,
            };
            let outbox = app.outbox();
            setting::set(outbox.db(), setting::Name::Enrolment, &enrolment)?;
            setting::remove(outbox.db(), setting::Name::PendingEnrolment)?;
            drop(outbox);
            crate::rebuild::keep_card(app);
            app.start_engine()?;
        }
    }
    enrolment_view(app)
}

fn short(name: &str) -> Result<String, Problem> {
    let name = clean(name);
    if name.is_empty() {
        return Err(ProblemCode::NameMissing.into());
    }
    if name.chars().count() > NAME_MAX {
        return Err(ProblemCode::TextTooLong.into());
    }
    Ok(name)
}

/// Six digits, not all alike and not a run up or down.
pub(crate) fn check_pin(pin: &str) -> Result<(), Problem> {
    let digits: Vec<i32> = pin
        .chars()
        .filter_map(|c| c.to_digit(10))
        .filter_map(|d| i32::try_from(d).ok())
        .collect();
    let steps: Vec<i32> = digits
        .windows(2)
        .filter_map(|w| Some(w.last()? - w.first()?))
        .collect();
    let easy = [0, 1, -1].iter().any(|step| steps.iter().all(|s| s == step));
    if digits.len() == PIN_DIGITS && pin.len() == PIN_DIGITS && !easy {
        Ok(())
    } else {
        Err(ProblemCode::PinTooWeak.into())
    }
}

pub fn add_operator(app: &App, caller: Caller, request: AddOperator) -> Result<KioskView, Problem> {
    let enrolment = app.enrolment()?.ok_or(ProblemCode::NotEnrolled)?;
    let name = short(&request.name)?;
    check_pin(&request.pin)?;
    let first = operator::all(app.outbox().db())?.is_empty();
    let (drafts_key, role) = if first {
        (new_drafts_key(app, &enrolment)?, OperatorRole::Head)
    } else {
        match app.session().as_ref() {
            Some(s) if s.operator.role == OperatorRole::Head => (s.drafts_key.clone(), request.role),
            Some(_) => return Err(ProblemCode::NotForThisRole.into()),
            None => return Err(ProblemCode::SignInFirst.into()),
        }
    };
    let id = OperatorId(seal::random::uuid()?);
    put_operator(app, id, name, role, &request.pin, &drafts_key)?;
    kiosk_status(app, caller, Nothing {})
}

/// The counter's one drafts key: kept for the province's recovery key, known by its digest.
fn new_drafts_key(app: &App, enrolment: &Enrolment) -> Result<Zeroizing<[u8; 32]>, Problem> {
    let key = Zeroizing::new(seal::random::bytes::<32>()?);
    let recovery = seal::form::encrypt_for_recovery(key.as_ref(), &enrolment.offer.recipients)?;
    let outbox = app.outbox();
    setting::set(
        outbox.db(),
        setting::Name::DraftsKeyRecovery,
        &data_encoding::BASE64.encode(&recovery),
    )?;
    setting::set(outbox.db(), setting::Name::DraftsKeyCheck, &key_check(&key))?;
    Ok(key)
}

pub(crate) fn key_check(key: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(&seal::manifest::sha256(
        &[b"donghanh/drafts-key-check/1".as_slice(), key].concat(),
    ))
}

pub(crate) fn put_operator(
    app: &App,
    id: OperatorId,
    name: String,
    role: OperatorRole,
    pin: &str,
    drafts_key: &[u8; 32],
) -> Result<(), Problem> {
    let signing = SigningKey::generate()?;
    let keys = WrappedKeys {
        drafts_key: wrap::with_pin(pin, &app.machine, drafts_key, id.as_bytes())?,
        signing_seed: wrap::with_pin(pin, &app.machine, signing.seed().as_ref(), id.as_bytes())?,
    };
    let row = OperatorRow {
        id,
        name,
        role,
        keys,
        wrong_pins: 0,
    };
    operator::put(app.outbox().db(), &row, app.clock.now_ms())?;
    crate::rebuild::keep_card(app);
    Ok(())
}

pub fn reset_pin(app: &App, caller: Caller, request: ResetPin) -> Result<KioskView, Problem> {
    check_pin(&request.pin)?;
    let drafts_key = app.with_session(|s| Ok(s.drafts_key.clone()))?;
    let row = operator::get(app.outbox().db(), &request.operator)?.ok_or(ProblemCode::OperatorUnknown)?;
    put_operator(app, row.id, row.name, row.role, &request.pin, &drafts_key)?;
    kiosk_status(app, caller, Nothing {})
}

pub(crate) fn fixed(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>, Problem> {
    Ok(Zeroizing::new(
        bytes.try_into().map_err(|_| ProblemCode::KeyUnreadable)?,
    ))
}

/// Opens an operator's keys with a PIN, counting the try first.
pub(crate) fn unlock(
    app: &App,
    id: &OperatorId,
    pin: &str,
) -> Result<(OperatorRow, Zeroizing<[u8; 32]>, SigningKey), Problem> {
    let mut row = count_try(&app.outbox(), id)?;
    let (drafts_key, signing) = open_keys(&app.machine, &row, pin)?;
    operator::set_wrong_pins(app.outbox().db(), id, 0)?;
    row.wrong_pins = 0;
    Ok((row, drafts_key, signing))
}

/// A try with a PIN counts before its answer is known. Answers the row as it was before.
pub(crate) fn count_try(outbox: &Outbox, id: &OperatorId) -> Result<OperatorRow, Problem> {
    let row = operator::get(outbox.db(), id)?.ok_or(ProblemCode::OperatorUnknown)?;
    if row.is_locked() {
        return Err(ProblemCode::OperatorLocked.into());
    }
    operator::set_wrong_pins(outbox.db(), id, row.wrong_pins + 1)?;
    Ok(row)
}

/// Both secrets of whoever [`count_try`] answered.
pub(crate) fn open_keys(
    machine: &[u8; 32],
    row: &OperatorRow,
    pin: &str,
) -> Result<(Zeroizing<[u8; 32]>, SigningKey), Problem> {
    let label = row.id.as_bytes();
    match wrap::open_with_pin(pin, machine, &row.keys.drafts_key, label) {
        Ok(drafts_key) => {
            let seed = wrap::open_with_pin(pin, machine, &row.keys.signing_seed, label)?;
            Ok((fixed(&drafts_key)?, SigningKey::from_seed(&*fixed(&seed)?)))
        }
        Err(_) if row.wrong_pins + 1 >= operator::WRONG_PINS_MAX => Err(ProblemCode::OperatorLocked.into()),
        Err(_) => Err(ProblemCode::WrongPin.into()),
    }
}

pub fn sign_in(app: &App, caller: Caller, request: SignIn) -> Result<KioskView, Problem> {
    let (operator, drafts_key, signing) = unlock(app, &request.operator, &request.pin)?;
    let expected: Option<String> = setting::get(app.outbox().db(), setting::Name::DraftsKeyCheck)?;
    if expected.as_deref() != Some(key_check(&drafts_key).as_str()) {
        return Err(ProblemCode::KeyUnreadable.into());
    }
    let lease = open_lease(app, &operator)?;
    // The old session's database is closed before it is opened again.
    app.set_session(None);
    let drafts = crate::mending::open(app, &drafts_key)?;
    let mut session = Session {
        operator,
        signing,
        drafts_key,
        drafts,
        open: None,
        lease,
        watch: Watch {
            outbox: Arc::clone(&app.outbox),
            clock: app.clock.clone(),
        },
    };
    let came = put_right(app, &mut session);
    match crate::mending::heed(app, &mut session, came) {
        // Damage that the opening did not meet: they are new ones now.
        Err(problem) if problem.code == ProblemCode::DraftsSetAside => put_right(app, &mut session)?,
        other => other?,
    }
    app.set_session(Some(session));
    super::citizen::show(app);
    kiosk_status(app, caller, Nothing {})
}

/// What is done with the drafts before anybody works on them.
fn put_right(app: &App, session: &mut Session) -> Result<(), Problem> {
    app.finish_interrupted_seals(session)?;
    app.shelf
        .keep_for(&store::tables::draft::open_ones(session.drafts.db())?)?;
    practice::forget_before(session.drafts.db(), app.clock.now_ms() - super::practice::KEEP_MS)?;
    if session.lease.is_none() {
        crate::expiry::sweep(app, session)?;
        crate::expiry::drop_receipts(app, session)?;
        crate::expiry::drop_damaged(app)?;
    }
    crate::rebuild::keep_card(app);
    resume(app, session)
}

/// A volunteer comes in through a lease that is open, and through nothing else.
fn open_lease(app: &App, operator: &OperatorRow) -> Result<Option<Lease>, Problem> {
    if operator.role != OperatorRole::Volunteer {
        return Ok(None);
    }
    let found = lease::of(app.outbox().db(), &operator.id)?;
    let open = found.filter(|l| l.state(app.clock.now_ms()) == LeaseState::Open);
    open.map(Some).ok_or_else(|| ProblemCode::LeaseNeeded.into())
}

/// Back to what stood open, for the same person. A colleague is asked for a reason first (`take_over`).
fn resume(app: &App, session: &mut Session) -> Result<(), Problem> {
    if let Some(lease) = session.lease {
        return resume_lease(session, lease.dossier);
    }
    let Some(left) = app.screens().left_open else {
        return receipt_again(app, session);
    };
    let there = store::tables::draft::get(session.drafts.db(), &left.dossier)?.is_some_and(|row| !row.sealed);
    if !there {
        return app.set_left_open(None);
    }
    if left.by != session.operator.id {
        return Ok(());
    }
    session.load(left.dossier, "resumed")
}

/// The citizen may still be photographing their receipt: whoever unlocks goes on with it.
fn receipt_again(app: &App, session: &Session) -> Result<(), Problem> {
    let Some(dossier) = app.receipt_shown()? else {
        return Ok(());
    };
    if !session.operator.role.may_seal()
        || store::tables::receipt::get(session.drafts.db(), &dossier)?.is_none()
    {
        return Ok(());
    }
    session.note(crate::session::OPENED, dossier, "receipt")?;
    app.screens().receipt = Some(dossier);
    Ok(())
}

/// A volunteer comes back to the one dossier of their shift, whatever stood on the screens in between.
fn resume_lease(session: &mut Session, dossier: Option<DossierId>) -> Result<(), Problem> {
    let Some(dossier) = dossier else { return Ok(()) };
    let there = store::tables::draft::get(session.drafts.db(), &dossier)?.is_some_and(|row| !row.sealed);
    if there {
        session.load(dossier, "resumed")
    } else {
        session.let_go(dossier)
    }
}

/// Locks: the keys are wiped, both screens show nothing of anybody, and what stood open is remembered by its id.
pub(crate) fn lock(app: &App) {
    app.set_session(None);
    super::scanner::forget(app);
    {
        let mut screens = app.screens();
        screens.turned = false;
        screens.receipt = None;
        screens.withdrawing = None;
        screens.refused = None;
        screens.coaching = None;
    }
    super::citizen::show(app);
}

pub fn sign_out(app: &App, caller: Caller, _: Nothing) -> Result<KioskView, Problem> {
    // There is nobody to sign in again.
    crate::preview::not_here(app)?;
    super::drill::stop(app)?;
    lock(app);
    kiosk_status(app, caller, Nothing {})
}

pub fn set_idle_lock(app: &App, caller: Caller, request: SetIdleLock) -> Result<KioskView, Problem> {
    let seconds = request.seconds.clamp(IDLE_SECONDS_MIN, IDLE_SECONDS_MAX);
    setting::set(app.outbox().db(), setting::Name::IdleSeconds, &seconds)?;
    app.tell(AppEvent::Kiosk);
    kiosk_status(app, caller, Nothing {})
}

/// Nobody leaves a full screen without an officer's PIN: behind it lies the whole machine.
pub fn quit_program(app: &App, _: Caller, request: QuitProgram) -> Result<Nothing, Problem> {
    let (row, _, _) = unlock(app, &request.operator, &request.pin)?;
    if !row.role.may_seal() {
        return Err(ProblemCode::NotForThisRole.into());
    }
    app.tell(AppEvent::Quit);
    Ok(Nothing {})
}

pub fn set_language(app: &App, caller: Caller, request: SetLanguage) -> Result<KioskView, Problem> {
    let citizens = caller.window == Window::Citizen || app.is_turned();
    if !citizens {
        setting::set(app.outbox().db(), setting::Name::Language, &request.language)?;
    }
    app.screens().language = citizens.then_some(request.language);
    app.tell(AppEvent::Kiosk);
    kiosk_status(app, caller, Nothing {})
}

pub fn set_one_screen(app: &App, caller: Caller, request: SetOneScreen) -> Result<KioskView, Problem> {
    setting::set(app.outbox().db(), setting::Name::OneScreen, &request.on)?;
    app.screens().one_screen = request.on;
    app.tell(AppEvent::Kiosk);
    kiosk_status(app, caller, Nothing {})
}

pub fn turn_screen(app: &App, caller: Caller, request: TurnScreen) -> Result<KioskView, Problem> {
    if !request.turned && app.is_turned() && !app.preview {
        let operator = app.with_session(|s| Ok(s.operator.id))?;
        unlock(app, &operator, request.pin.as_deref().unwrap_or_default())?;
    }
    app.screens().turned = request.turned;
    kiosk_status(app, caller, Nothing {})
}

#[cfg(test)]
mod tests {
    use super::check_pin;

    #[test]
    fn easy_pins_are_refused() {
        for (pin, taken) in [
            ("135790", true),
            ("111111", false),
            ("123456", false),
            ("654321", false),
            ("12345", false),
            ("13579a", false),
            ("١٢٣٤٥٧", false),
        ] {
            assert_eq!(check_pin(pin).is_ok(), taken, "{pin}");
        }
    }
}
