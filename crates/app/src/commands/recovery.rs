//! Every PIN forgotten: the province gives the drafts key back, by a stick, and the head gets a new PIN. No draft is lost.

use crate::access::Caller;
use crate::commands::kiosk::kiosk_status;
use crate::commands::people::{check_pin, fixed, key_check, put_operator};
use crate::commands::stick::{AtFolder, enrolled};
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::{KioskView, RecoveryView};
use crate::{parcels, waiting};
use data_encoding::BASE64;
use domain::ids::OperatorId;
use domain::roles::OperatorRole;
use schemars::JsonSchema;
use seal::keys::{Context, OpeningKey};
use seal::signed::Signed;
use seal::wrap::{self, Wrapped};
use serde::{Deserialize, Serialize};
use store::tables::{audit, operator, setting};
use ts_rs::TS;
use wire::Nonce;
use wire::parcel::{self, ROOT};
use wire::recovery::{ANSWER, FOLDER, OnStick, REQUEST, RecoveryAnswer, RecoveryRequest};

const ANSWER_BYTES_MAX: usize = 64 * 1024;
const LABEL: &[u8] = b"donghanh/recovery-key/1";

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct FinishRecovery {
    pub folder: String,
    /// A head of this counter.
    pub operator: OperatorId,
    /// Their new PIN.
    pub pin: String,
}

/// What this machine waits for: one answer, to a key that opens nothing else.
#[derive(Serialize, Deserialize)]
struct Asked {
    nonce: Nonce,
    key: Wrapped,
}

pub fn ask_recovery(app: &App, _: Caller, request: AtFolder) -> Result<RecoveryView, Problem> {
    let enrolment = enrolled(app)?;
    let folder = parcels::folder(&request.folder)?;
    let (device, device_key) = app.device_key()?;
    let kept: String = setting::get(app.outbox().db(), setting::Name::DraftsKeyRecovery)?
        .ok_or(ProblemCode::KeyUnreadable)?;
    let key = OpeningKey::generate();
    let nonce = Nonce(seal::random::bytes()?);
    let asked = Asked {
        nonce,
        key: wrap::with_machine(&app.machine, key.to_text().as_bytes(), LABEL)?,
    };
    setting::set(app.outbox().db(), setting::Name::RecoveryAsked, &asked)?;
    let request = RecoveryRequest {
        device,
        nonce,
        kept,
        answer_to: key.recipient(),
    };
    let document = Signed::seal(&device_key, Context::Recovery, &request)?;
    let json = serde_json::to_vec(&OnStick { document }).map_err(|_| ProblemCode::Internal)?;
    let at = folder.join(ROOT).join(FOLDER);
    std::fs::create_dir_all(&at)
        .and_then(|()| parcel::write_durably(&at.join(format!("{device}.{REQUEST}")), &json))
        .map_err(|e| waiting::trouble(&e))?;
    note(app, "recovery_asked", None)?;
    Ok(RecoveryView {
        device: device.to_string(),
        counter_name: enrolment.certificate.counter_name,
    })
}

fn note(app: &App, what: &str, who: Option<OperatorId>) -> Result<(), Problem> {
    let line = audit::Entry {
        at_ms: app.clock.now_ms(),
        what,
        dossier: None,
        who,
        note: None,
    };
    Ok(audit::append(app.outbox().db(), &line)?)
}

pub fn finish_recovery(app: &App, caller: Caller, request: FinishRecovery) -> Result<KioskView, Problem> {
    let enrolment = enrolled(app)?;
    check_pin(&request.pin)?;
    let row = operator::get(app.outbox().db(), &request.operator)?
        .filter(|row| row.role == OperatorRole::Head)
        .ok_or(ProblemCode::OperatorUnknown)?;
    let asked: Asked = setting::get(app.outbox().db(), setting::Name::RecoveryAsked)?
        .ok_or(ProblemCode::NoRecoveryAnswer)?;
    let (device, _) = app.device_key()?;
    let path = parcels::folder(&request.folder)?
        .join(ROOT)
        .join(FOLDER)
        .join(format!("{device}.{ANSWER}"));
    let answer = parcel::small(&path, ANSWER_BYTES_MAX)
        .ok()
        .flatten()
        .and_then(|bytes| serde_json::from_slice::<OnStick>(&bytes).ok())
        .and_then(|on| {
            let key = &enrolment.offer.signing_key;
            on.document.open::<RecoveryAnswer>(key, Context::Recovery).ok()
        })
        .filter(|answer| answer.device == device && answer.nonce == asked.nonce)
        .ok_or(ProblemCode::NoRecoveryAnswer)?;
    let text = wrap::open_with_machine(&app.machine, &asked.key, LABEL)?;
    let text = std::str::from_utf8(&text).map_err(|_| ProblemCode::KeyUnreadable)?;
    let sealed = BASE64
        .decode(answer.key.as_bytes())
        .map_err(|_| ProblemCode::NoRecoveryAnswer)?;
    let drafts_key = fixed(&seal::form::decrypt(&sealed, &OpeningKey::from_text(text)?)?)?;
    let expected: Option<String> = setting::get(app.outbox().db(), setting::Name::DraftsKeyCheck)?;
    if expected.as_deref() != Some(key_check(&drafts_key).as_str()) {
        return Err(ProblemCode::KeyUnreadable.into());
    }
    put_operator(app, row.id, row.name, row.role, &request.pin, &drafts_key)?;
    setting::remove(app.outbox().db(), setting::Name::RecoveryAsked)?;
    note(app, "recovered", Some(row.id))?;
    kiosk_status(app, caller, Nothing {})
}
