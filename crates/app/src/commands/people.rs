//! The people of this counter, and what opens with their PINs.
//!
//! **Invariant:** a try with a PIN counts before its answer is known; the drafts key lies on the disk only wrapped, with a
//! PIN and the machine's secret, and encrypted to the province's recovery key.

use super::kiosk::kiosk_status;
use crate::access::Caller;
use crate::kiosk::{App, Enrolment};
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::{KioskView, OperatorCard};
use domain::ids::OperatorId;
use domain::roles::OperatorRole;
use domain::text::clean;
use schemars::JsonSchema;
use seal::keys::SigningKey;
use seal::wrap;
use serde::{Deserialize, Serialize};
use store::Outbox;
use store::tables::operator::{self, OperatorRow, WrappedKeys};
use store::tables::setting;
use ts_rs::TS;
use zeroize::Zeroizing;

/// Characters of an operator's or a counter's name.
const NAME_MAX: usize = 80;
/// Digits of a PIN.
const PIN_DIGITS: usize = 6;

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

pub(crate) fn card(row: &OperatorRow) -> OperatorCard {
    OperatorCard {
        id: row.id,
        name: row.name.clone(),
        role: row.role,
        locked: row.is_locked(),
    }
}

pub(crate) fn name_of(operators: &[OperatorCard], id: &OperatorId) -> String {
    let found = operators.iter().find(|o| o.id == *id);
    found.map(|o| o.name.clone()).unwrap_or_default()
}

/// A name of a person or a counter, as it is kept.
pub(crate) fn short(name: &str) -> Result<String, Problem> {
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
