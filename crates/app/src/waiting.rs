//! Dossiers that wait for an officer on another machine of the counter: packed to the keys of the counter's machines,
//! carried by a stick or a folder that both machines see, without the province.
//!
//! **Invariants:** a pack is encrypted to machines that an officer took the keys of, by an act of their own; a key is
//! believed only under the province's certificate of its device; while a dossier is packed nobody seals or changes it
//! here, and its draft goes only on the signed word of the machine that sealed it.

use crate::kiosk::{App, Enrolment};
use crate::problem::{Problem, ProblemCode};
use crate::session::Session;
use domain::ids::{DeviceId, DossierId};
use seal::certificate::DeviceCertificate;
use seal::keys::{Context, OpeningKey};
use seal::signed::Signed;
use seal::wrap::{self, Wrapped};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use store::tables::draft::{self, HandedOver};
use store::tables::pack::{self, Pack};
use store::tables::{audit, item, setting};
use wire::parcel::{self, ROOT};

const COUNTERS: &str = "counters";
const WAITING: &str = "waiting";
const PACKED: &str = "age";
const DONE: &str = "done";
/// A packed draft with all its papers, bytes: what a dossier may hold, and its base64.
const PACK_BYTES_MAX: usize = 400 * 1024 * 1024;
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// Machines of one counter.
const COUNTERS_MAX: usize = 20;

/// This machine's own key for what waits: the private side opens with the counter's drafts key only.
#[derive(Serialize, Deserialize)]
struct OwnKey {
    recipient: String,
    wrapped: Wrapped,
}

/// A machine whose key an officer took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CounterCard {
    pub device: DeviceId,
    pub counter_name: String,
    pub recipient: String,
}

/// "This dossier is sealed here": what lets another machine's draft go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SealedHere {
    dossier: DossierId,
    receipt_number: String,
}

/// A document under a device's signature, with the province's word on that device.
#[derive(Serialize, Deserialize)]
struct UnderDevice {
    certificate: Signed,
    document: Signed,
}

/// What lies inside the encryption.
#[derive(Serialize, Deserialize)]
struct Packed {
    pack: Pack,
    /// Who packed it: an operator's name of the other machine.
    by: String,
}

/// What came of a stick's waiting dossiers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WaitingCame {
    pub taken: u32,
    pub known: u32,
    pub foreign: u32,
}

/// Read to the citizen and printed: the first eight of the dossier's own id, which is random.
#[must_use]
pub(crate) fn code(dossier: &DossierId) -> String {
    let hex: String = dossier
        .to_string()
        .chars()
        .filter(|c| *c != '-')
        .take(8)
        .collect();
    let (a, b) = hex.split_at(hex.len().min(4));
    format!("{a}-{b}").to_uppercase()
}

pub(crate) fn trouble(e: &io::Error) -> Problem {
    let full = matches!(
        e.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    );
    tracing::warn!(kind = ?e.kind(), "waiting dossiers");
    let code = if full {
        ProblemCode::StickFull
    } else {
        ProblemCode::StickTrouble
    };
    code.into()
}

/// This machine's key, made at the first call.
fn own_key(app: &App, session: &Session) -> Result<OpeningKey, Problem> {
    let outbox = app.outbox();
    let label = b"donghanh/waiting-key/1";
    if let Some(own) = setting::get::<OwnKey>(outbox.db(), setting::Name::WaitingKey)? {
        let text = wrap::open_with_machine(&session.drafts_key, &own.wrapped, label)?;
        let text = std::str::from_utf8(&text).map_err(|_| ProblemCode::KeyUnreadable)?;
        return Ok(OpeningKey::from_text(text)?);
    }
    let key = OpeningKey::generate();
    let own = OwnKey {
        recipient: key.recipient(),
        wrapped: wrap::with_machine(&session.drafts_key, key.to_text().as_bytes(), label)?,
    };
    setting::set(outbox.db(), setting::Name::WaitingKey, &own)?;
    Ok(key)
}

/// The machines that this one packs to.
pub(crate) fn counters(app: &App) -> Result<Vec<CounterCard>, Problem> {
    Ok(setting::get(app.outbox().db(), setting::Name::Counters)?.unwrap_or_default())
}

pub(crate) fn under_device<T: Serialize>(
    app: &App,
    enrolment: &Enrolment,
    context: Context,
    of: &T,
) -> Result<Vec<u8>, Problem> {
    let (_, key) = app.device_key()?;
    let certificate = enrolment
        .signed_certificate
        .clone()
        .ok_or(ProblemCode::NotEnrolled)?;
    let whole = UnderDevice {
        certificate,
        document: Signed::seal(&key, context, of)?,
    };
    serde_json::to_vec(&whole).map_err(|_| ProblemCode::Internal.into())
}

/// A document of another device, once the province vouches for the device and the device for the document.
pub(crate) fn proven<T: DeserializeOwned>(
    enrolment: &Enrolment,
    path: &Path,
    context: Context,
    bytes_max: usize,
) -> Option<(DeviceCertificate, T)> {
    let bytes = parcel::small(path, bytes_max).ok()??;
    let read: UnderDevice = serde_json::from_slice(&bytes).ok()?;
    let province = &enrolment.offer.signing_key;
    let device: DeviceCertificate = read.certificate.open(province, Context::DeviceCertificate).ok()?;
    let document = read.document.open(&device.key, context).ok()?;
    Some((device, document))
}

/// Puts this machine's key on the stick, for a machine that is to pack to it.
pub(crate) fn leave_card(
    app: &App,
    enrolment: &Enrolment,
    session: &Session,
    at: &Path,
) -> Result<(), Problem> {
    if enrolment.signed_certificate.is_none() {
        return Ok(());
    }
    let card = CounterCard {
        device: enrolment.certificate.device,
        counter_name: enrolment.certificate.counter_name.clone(),
        recipient: own_key(app, session)?.recipient(),
    };
    let bytes = under_device(app, enrolment, Context::CounterCard, &card)?;
    let folder = at.join(ROOT).join(COUNTERS);
    fs::create_dir_all(&folder)
        .and_then(|()| parcel::write_durably(&folder.join(format!("{}.json", card.device)), &bytes))
        .map_err(|e| trouble(&e))
}

pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<_> = entries
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == extension))
        .take(parcel::PARCELS_MAX)
        .collect();
    found.sort();
    found
}

/// Takes the keys of the machines whose cards lie on the stick. The officer who presses vouches for the stick.
pub(crate) fn take_cards(app: &App, enrolment: &Enrolment, at: &Path) -> Result<Vec<CounterCard>, Problem> {
    let mut known = counters(app)?;
    for path in files(&at.join(ROOT).join(COUNTERS), "json") {
        let Some((device, card)) =
            proven::<CounterCard>(enrolment, &path, Context::CounterCard, DOCUMENT_BYTES_MAX)
        else {
            continue;
        };
        let own = card.device == enrolment.certificate.device;
        if own || card.device != device.device || card.counter_name != device.counter_name {
            continue;
        }
        known.retain(|c| c.device != card.device);
        known.push(card);
    }
    known.truncate(COUNTERS_MAX);
    setting::set(app.outbox().db(), setting::Name::Counters, &known)?;
    Ok(known)
}

/// Writes every dossier that waits here to the stick, encrypted to the counter's machines; answers how many.
pub(crate) fn write_packs(app: &App, session: &Session, at: &Path) -> Result<u32, Problem> {
    let rows = draft::open_ones(session.drafts.db())?;
    let waiting: Vec<_> = rows.iter().filter(|row| row.body.packed.is_some()).collect();
    if waiting.is_empty() {
        return Ok(0);
    }
    let machines = counters(app)?;
    let folder = at.join(ROOT).join(WAITING);
    fs::create_dir_all(&folder).map_err(|e| trouble(&e))?;
    for row in &waiting {
        let by = row.body.packed.as_ref().map(|p| p.by.clone()).unwrap_or_default();
        let packed = Packed {
            pack: pack::pack(session.drafts.db(), &row.dossier)?,
            by,
        };
        let json = zeroize::Zeroizing::new(serde_json::to_vec(&packed).map_err(|_| ProblemCode::Internal)?);
        let to: Vec<&str> = machines.iter().map(|m| m.recipient.as_str()).collect();
        let sealed = seal::form::encrypt_to_machines(&json, &to)?;
        let path = folder.join(format!("{}.{PACKED}", row.dossier));
        parcel::write_durably(&path, &sealed).map_err(|e| trouble(&e))?;
        if fs::read(&path).map_err(|e| trouble(&e))? != sealed {
            return Err(ProblemCode::StickLies.into());
        }
    }
    Ok(u32::try_from(waiting.len()).unwrap_or(u32::MAX))
}

fn dossier_of(path: &Path) -> Option<DossierId> {
    path.file_stem()?.to_str()?.parse().ok()
}

/// Takes in what waits for this machine; what is for another machine stays as it is.
pub(crate) fn take_packs(app: &App, session: &mut Session, at: &Path) -> Result<WaitingCame, Problem> {
    let mut came = WaitingCame::default();
    let key = own_key(app, session)?;
    for path in files(&at.join(ROOT).join(WAITING), PACKED) {
        let Some(dossier) = dossier_of(&path) else {
            continue;
        };
        // Sealed here already, or a draft of our own that goes out by this stick.
        let here = item::get(app.outbox().db(), &dossier)?.is_some()
            || draft::get(session.drafts.db(), &dossier)?.is_some();
        if here {
            came.known += 1;
            continue;
        }
        let opened = parcel::small(&path, PACK_BYTES_MAX)
            .ok()
            .flatten()
            .and_then(|sealed| seal::form::decrypt(&sealed, &key).ok())
            .and_then(|json| serde_json::from_slice::<Packed>(&json).ok())
            .filter(|packed| packed.pack.dossier == dossier);
        let Some(packed) = opened else {
            came.foreign += 1;
            continue;
        };
        if !pack::fits(session.drafts.db(), &packed.pack)? {
            return Err(ProblemCode::PackOtherVersion.into());
        }
        pack::load(session.drafts.db_mut(), &packed.pack)?;
        arrived(app, session, &dossier, &packed.by)?;
        came.taken += 1;
    }
    Ok(came)
}

/// It stands among the counter's drafts, as one that a colleague left.
fn arrived(app: &App, session: &Session, dossier: &DossierId, by: &str) -> Result<(), Problem> {
    let row = draft::get(session.drafts.db(), dossier)?.ok_or(ProblemCode::DossierUnknown)?;
    let mut body = row.body;
    body.packed = None;
    let helper = body.helpers.first().map(|h| h.operator);
    body.handed_over = Some(HandedOver {
        by: helper.unwrap_or(session.operator.id),
        at_ms: app.clock.now_ms(),
        note: format!("{by}: chờ cán bộ kiểm tra, mã {}", code(dossier)),
    });
    draft::save(session.drafts.db(), dossier, &body, row.saved_ms)?;
    session.note("taken_for_review", *dossier, "")
}

/// Says on the stick which of its waiting dossiers were sealed here.
pub(crate) fn leave_done(app: &App, enrolment: &Enrolment, at: &Path) -> Result<(), Problem> {
    for path in files(&at.join(ROOT).join(WAITING), PACKED) {
        let Some(dossier) = dossier_of(&path) else {
            continue;
        };
        let row = item::get(app.outbox().db(), &dossier)?.filter(|row| row.carried_from.is_none());
        let Some(row) = row else { continue };
        let word = SealedHere {
            dossier,
            receipt_number: row.receipt_number,
        };
        let bytes = under_device(app, enrolment, Context::SealedElsewhere, &word)?;
        parcel::write_durably(&path.with_extension(DONE), &bytes).map_err(|e| trouble(&e))?;
    }
    Ok(())
}

/// Lets the drafts go that a machine of the counter has sealed, on its signed word; then clears them off the stick.
pub(crate) fn take_done(
    app: &App,
    enrolment: &Enrolment,
    session: &mut Session,
    at: &Path,
) -> Result<u32, Problem> {
    let machines = counters(app)?;
    let mut done = 0;
    for path in files(&at.join(ROOT).join(WAITING), DONE) {
        let Some((device, word)) =
            proven::<SealedHere>(enrolment, &path, Context::SealedElsewhere, DOCUMENT_BYTES_MAX)
        else {
            continue;
        };
        let ours =
            dossier_of(&path) == Some(word.dossier) && machines.iter().any(|m| m.device == device.device);
        let row = draft::get(session.drafts.db(), &word.dossier)?;
        if !ours || row.is_none_or(|row| row.body.packed.is_none() || row.sealed) {
            continue;
        }
        audit::append(
            app.outbox().db(),
            &audit::Entry {
                at_ms: app.clock.now_ms(),
                what: "sealed_on_another_machine",
                dossier: Some(word.dossier),
                who: Some(session.operator.id),
                note: Some(&word.receipt_number),
            },
        )?;
        draft::mark_sealed(session.drafts.db_mut(), &word.dossier, false)?;
        done += 1;
        for gone in [path.with_extension(PACKED), path] {
            // What stays on the stick is sealed; the next visit clears it.
            let _ = fs::remove_file(gone);
        }
    }
    Ok(done)
}
