//! No network at all: sealed dossiers go out on a stick and come in from one.

use crate::access::Caller;
use crate::catalogue::version_of;
use crate::events::AppEvent;
use crate::kiosk::{App, Enrolment, Ground};
use crate::parcels::{self, Stick};
use crate::plugged_in;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::second_copy;
use crate::views::{ExportView, ImportView, ParcelFault, SticksView};
use crate::waiting;
use crate::withdrawal;
use ::catalogue::BUNDLE_BYTES_MAX;
use domain::delivery::Event;
use domain::ids::{DossierId, ProcedureCode};
use domain::text::Words;
use schemars::JsonSchema;
use seal::certificate::DeviceCertificate;
use seal::keys::Context;
use seal::signed::Signed;
use serde::{Deserialize, Serialize};
use std::path::Path;
use store::StoreError;
use store::tables::audit;
use store::tables::item::{self, ItemRow, NewItem};
use ts_rs::TS;
use wire::parcel::{CATALOGUE, Parcel, ROOT};

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct AtFolder {
    /// Where the stick is mounted, or a folder of another disk that both machines see.
    pub folder: String,
}

pub fn sticks(_: &App, _: Caller, _: Nothing) -> Result<SticksView, Problem> {
    Ok(SticksView {
        sticks: plugged_in::sticks(),
    })
}

pub(crate) fn enrolled(app: &App) -> Result<Enrolment, Problem> {
    crate::preview::not_here(app)?;
    if app.ground == Ground::Drill {
        return Err(ProblemCode::DrillOnly.into());
    }
    app.enrolment()?.ok_or_else(|| ProblemCode::NotEnrolled.into())
}

pub fn export_sealed(app: &App, caller: Caller, request: AtFolder) -> Result<ExportView, Problem> {
    let enrolment = enrolled(app)?;
    let folder = parcels::folder(&request.folder)?;
    let stick = Stick::open(&folder, app.data_dir())?;
    let who = app.with_session(|s| Ok(s.operator.id))?;
    // Only the list is read under the lock: copying takes as long as the stick does.
    let rows = second_copy::going_out(&app.outbox())?;
    let came = second_copy::copy_out(app, &enrolment, &stick, who, rows)?;
    let catalogue = leave_what_helps(app, &enrolment, &stick, &folder)?;
    let waiting = app.with_session(|session| waiting::write_packs(app, session, &folder))?;
    app.tell(AppEvent::Outbox);
    Ok(ExportView {
        copied: came.copied,
        there: came.there,
        waiting,
        catalogue,
        faults: came.faults,
        outbox: super::outbox::outbox(app, caller, Nothing {})?,
    })
}

/// What any machine that reads the stick is helped by: the province's words, the catalogue, this machine's card, and
/// which of the stick's packs were sealed here. Answers the catalogue's version.
pub(crate) fn leave_what_helps(
    app: &App,
    enrolment: &Enrolment,
    stick: &Stick,
    folder: &Path,
) -> Result<Option<u32>, Problem> {
    leave_words(app, stick, folder)?;
    let catalogue = catalogue_out(app, enrolment, folder);
    app.with_session(|session| waiting::leave_card(app, enrolment, session, folder))?;
    waiting::leave_done(app, enrolment, folder)?;
    Ok(catalogue)
}

/// The stick goes back with the province's word for everything on it that this machine has the word of.
fn leave_words(app: &App, stick: &Stick, folder: &Path) -> Result<(), Problem> {
    for (dossier, at) in wire::parcel::list(folder).unwrap_or_default() {
        let held = item::get(app.outbox().db(), &dossier)?.and_then(|row| {
            let signed: Signed = serde_json::from_str(row.acknowledgement.as_deref()?).ok()?;
            Some((row.manifest_sha256, signed))
        });
        let Some((sha256, signed)) = held else { continue };
        let there = Parcel::read(dossier, at).ok();
        let same = there
            .is_some_and(|p| p.envelope.sha256() == sha256 && p.acknowledgement.as_ref() != Some(&signed));
        if same {
            stick.leave_word(&dossier, &signed);
        }
    }
    Ok(())
}

/// The province's catalogue goes along, for a machine that no network reaches. It is not what the stick is for: one that
/// cannot be left there fails nothing. Answers its version where it lies there now.
fn catalogue_out(app: &App, enrolment: &Enrolment, folder: &Path) -> Option<u32> {
    let (version, bytes) = app.shelf.to_carry()?;
    let at = folder.join(ROOT).join(CATALOGUE);
    let there = wire::parcel::small(&at, BUNDLE_BYTES_MAX).ok().flatten();
    if there.as_ref() != Some(&bytes) {
        let newer = there.is_some_and(|b| version_of(&b, &enrolment.offer.signing_key) > version);
        if newer {
            return None;
        }
        if let Err(e) = wire::parcel::write_durably(&at, &bytes) {
            tracing::warn!(kind = ?e.kind(), "the catalogue could not be left on the stick");
            return None;
        }
    }
    u32::try_from(version).ok()
}

/// Takes the catalogue on the stick where it is the province's and newer. Answers its version where it is in use now.
fn catalogue_in(app: &App, enrolment: &Enrolment, folder: &Path) -> Option<u32> {
    let at = folder.join(ROOT).join(CATALOGUE);
    let bytes = wire::parcel::small(&at, BUNDLE_BYTES_MAX).ok().flatten()?;
    let key = enrolment.offer.signing_key;
    let version = version_of(&bytes, &key);
    if version <= app.shelf.current().version {
        return None;
    }
    let taken = sync::CatalogueKeeper::take(&app.keeper(key), &bytes, app.clock.now());
    taken.then(|| u32::try_from(version).ok()).flatten()
}

/// What came of one parcel.
enum Came {
    Taken,
    Known,
    Fault(Words),
}

pub fn import_sealed(app: &App, caller: Caller, request: AtFolder) -> Result<ImportView, Problem> {
    let enrolment = enrolled(app)?;
    let folder = parcels::folder(&request.folder)?;
    let (view, is_empty) = import(app, caller, &enrolment, &folder)?;
    if is_empty {
        return Err(ProblemCode::StickEmpty.into());
    }
    Ok(view)
}

/// Everything on the stick that is for this machine, and whether there was nothing at all.
pub(crate) fn import(
    app: &App,
    caller: Caller,
    enrolment: &Enrolment,
    folder: &Path,
) -> Result<(ImportView, bool), Problem> {
    let found = wire::parcel::list(folder).map_err(|_| ProblemCode::StickTrouble)?;
    let (waits, reviewed) = app.with_session(|session| {
        let came = waiting::take_packs(app, session, folder)?;
        Ok((came, waiting::take_done(app, enrolment, session, folder)?))
    })?;
    let catalogue = catalogue_in(app, enrolment, folder);
    let packs = waits.taken + waits.known + waits.foreign + reviewed;
    let is_empty = found.is_empty() && catalogue.is_none() && packs == 0;
    let (mut taken, mut known, mut acknowledged, mut faults) = (0, 0, 0, Vec::new());
    for (dossier, at) in found {
        let came = match Parcel::read(dossier, at) {
            Ok(parcel) => {
                let came = take(app, enrolment, &parcel)?;
                let word = parcel
                    .acknowledgement
                    .as_ref()
                    .filter(|_| !matches!(came, Came::Fault(_)));
                if let Some(signed) = word {
                    acknowledged += u32::from(take_word(app, enrolment, &dossier, signed)?);
                }
                came
            }
            Err(_) => Came::Fault(Words::new(
                "Thư mục hồ sơ này không đọc được.",
                "This dossier's folder cannot be read.",
            )),
        };
        match came {
            Came::Taken => taken += 1,
            Came::Known => known += 1,
            Came::Fault(why) => faults.push(ParcelFault {
                dossier,
                receipt_number: None,
                why,
            }),
        }
    }
    app.kick();
    app.tell(AppEvent::Outbox);
    let view = ImportView {
        taken,
        known: known + waits.known,
        acknowledged,
        to_review: waits.taken,
        foreign: waits.foreign,
        reviewed,
        catalogue,
        faults,
        outbox: super::outbox::outbox(app, caller, Nothing {})?,
    };
    Ok((view, is_empty))
}

fn take_word(
    app: &App,
    enrolment: &Enrolment,
    dossier: &DossierId,
    signed: &Signed,
) -> Result<bool, Problem> {
    let key = enrolment.offer.signing_key;
    let now_ms = app.clock.now_ms();
    Ok(sync::carried::acknowledgement(
        &mut app.outbox(),
        &key,
        dossier,
        signed,
        now_ms,
    )?)
}

/// Takes a parcel in: the province must know the machine that sealed it, and every byte must be as it was sealed. Of a
/// dossier that is known here its files are taken where they are wanted.
fn take(app: &App, enrolment: &Enrolment, parcel: &Parcel) -> Result<Came, Problem> {
    let held = item::get(app.outbox().db(), &parcel.dossier)?;
    match &held {
        Some(row) if row.manifest_sha256 != parcel.envelope.sha256() => {
            return Ok(Came::Fault(Words::new(
                "Máy này đã có bản khác cùng mã hồ sơ. Giữ cả hai, xin gọi tỉnh.",
                "This machine holds another content under this id. Both are kept; call the province.",
            )));
        }
        Some(row) if !second_copy::wants_its_files(&app.files, row) || is_taken_back(app, row)? => {
            return Ok(Came::Known);
        }
        Some(_) | None => {}
    }
    let stranger = || {
        Came::Fault(Words::new(
            "Không rõ máy nào đã khóa kín hồ sơ này nên không nhận ở quầy. Xin đưa USB lên tỉnh.",
            "The machine that sealed this is not known here, so it is not taken at a counter. Take the stick to the province.",
        ))
    };
    let proved = parcel.certificate.as_ref().and_then(|signed| {
        let key = &enrolment.offer.signing_key;
        let sealer: DeviceCertificate = signed.open(key, Context::DeviceCertificate).ok()?;
        let manifest = parcel.envelope.verify(&sealer.key).ok()?;
        (manifest.device_id() == sealer.device && manifest.dossier_id() == parcel.dossier)
            .then_some((sealer, manifest))
    });
    let Some((sealer, manifest)) = proved.filter(|(_, manifest)| manifest.kind_fits()) else {
        return Ok(stranger());
    };
    for blob in &manifest.blobs {
        let came = parcel
            .open(blob)
            .map_err(StoreError::from)
            .and_then(|file| app.files.take_in(file, blob));
        match came {
            Ok(()) => {}
            Err(StoreError::Full) => return Err(ProblemCode::DiskFull.into()),
            Err(_) => {
                return Ok(Came::Fault(Words::new(
                    "Tệp trên USB bị hỏng hoặc thiếu. Bản gốc ở máy kia vẫn còn; xin chép lại.",
                    "A file on the stick is damaged or missing. The original is on the other machine; copy it again.",
                )));
            }
        }
    }
    app.files.sync()?;
    match held {
        None => commit(app, parcel, &manifest, &String::from(sealer.key)),
        Some(row) => mend(app, &row),
    }
}

fn is_taken_back(app: &App, row: &ItemRow) -> Result<bool, Problem> {
    Ok(withdrawal::standing(&app.outbox(), row)?.withdrawal.is_asked())
}

/// Its files lie here again: it goes like any other.
fn mend(app: &App, row: &ItemRow) -> Result<Came, Problem> {
    let line = audit::Entry {
        at_ms: app.clock.now_ms(),
        what: "files_taken_from_stick",
        dossier: Some(row.dossier),
        who: Some(app.with_session(|s| Ok(s.operator.id))?),
        note: None,
    };
    app.files.records().are_back(&row.dossier)?;
    app.outbox().step(&row.dossier, Event::Released, |db| {
        item::end_attempt(db, &row.dossier, None, 0)?;
        audit::append(db, &line)
    })?;
    Ok(Came::Taken)
}

fn commit(
    app: &App,
    parcel: &Parcel,
    manifest: &seal::manifest::Manifest,
    sealed_by: &str,
) -> Result<Came, Problem> {
    let who = app.with_session(|s| Ok(s.operator.id))?;
    let sealed_files: Vec<_> = manifest.blobs.iter().map(|b| (b.name(), b.len)).collect();
    let new = NewItem {
        dossier: parcel.dossier,
        device_seq: 0,
        receipt_number: &manifest.receipt_number,
        procedure_code: &ProcedureCode(manifest.procedure_code.clone()),
        envelope: &parcel.envelope.to_bytes()?,
        manifest_sha256: parcel.envelope.sha256(),
        sealed_files: &sealed_files,
        sealed_ms: manifest.captured_at.wall_ms,
        takes_back: manifest.takes_back(),
    };
    let line = audit::Entry {
        at_ms: app.clock.now_ms(),
        what: "taken_from_stick",
        dossier: Some(parcel.dossier),
        who: Some(who),
        note: None,
    };
    let record = app
        .files
        .records()
        .write(&parcel.dossier, Some(sealed_by), new.envelope)?;
    let new_here = app.outbox().commit_carried(&new, sealed_by, &line)?;
    if new_here && let Err(error) = record.name() {
        tracing::error!(%error, "a record has no name yet");
    }
    Ok(if new_here { Came::Taken } else { Came::Known })
}
