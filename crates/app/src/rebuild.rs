//! Opening the index, and making it again where it is damaged or gone: from the machine's card, and from the records
//! beside the sealed files.
//!
//! **Invariants:** a damaged file is set aside under a name of its own, never removed; a new index is made whole in a
//! folder of its own and only then put in its place, so that a cut in between leads here again; without the card
//! nothing is touched, because a machine that does not know who it is cannot send what it sealed.

use crate::kiosk::{App, DeviceKey, Enrolment};
use crate::machine_key;
use crate::problem::{Problem, ProblemCode};
use seal::keys::SigningKey;
use seal::wrap;
use std::fs;
use std::path::Path;
use store::guard::{KeyGuard, Secret};
use store::tables::setting::{self, Name};
use store::{Card, Outbox, SealedFiles, StoreError, records};
use sync::rebuild::{self, Keys, Rebuilt};

/// The folder in which a new index is made.
const MAKING: &str = "making-index";

/// What opening came to.
pub(crate) struct Opened {
    pub outbox: Outbox,
    pub files: SealedFiles,
    pub machine: Secret,
    /// Something that a person must know.
    pub told: Option<ProblemCode>,
}

/// Opens the index of a data folder and sees to it that index, records and card agree.
///
/// # Errors
/// `database_damaged` where it cannot be made again, `machine_key_lost`, `database_newer`, `disk_full`.
pub(crate) fn open(dir: &Path, guard: &dyn KeyGuard, now_ms: i64) -> Result<Opened, Problem> {
    match fs::remove_dir_all(dir.join(MAKING)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::from(e).into()),
        Ok(()) | Err(_) => {}
    }
    let files = SealedFiles::open(dir)?;
    let card = Card::read(dir);
    let is_gone = !Outbox::is_there(dir) && card.is_some();
    let opened = if is_gone {
        Err(StoreError::Damaged("outbox.db"))
    } else {
        Outbox::open(dir).and_then(|outbox| outbox.check().map(|()| outbox))
    };
    let index = match opened {
        Ok(outbox) => Some(outbox),
        Err(StoreError::Damaged(what)) if card.is_some() => {
            tracing::error!(what, "the index is damaged; it is made again");
            None
        }
        Err(other) => return Err(other.into()),
    };
    // Before anything asks for a key: what is rescued from a machine without one is rescued from the records. What is
    // missing beside a whole index is no reason not to open.
    if let Some(Err(error)) = index.as_ref().map(|outbox| records::complete(outbox, &files)) {
        tracing::error!(%error, "records beside the sealed files could not be written");
    }
    let machine = machine_key::find(guard, index.as_ref(), card.as_ref(), &files)?;
    let (outbox, made) = match (index, card) {
        (Some(outbox), _) => (outbox, None),
        (None, Some(card)) => {
            let (outbox, rebuilt) = make_again(dir, &machine, &card, &files, now_ms)?;
            (outbox, Some(rebuilt))
        }
        (None, None) => return Err(ProblemCode::DatabaseDamaged.into()),
    };
    let found = match made {
        Some(rebuilt) => Some(rebuilt),
        // A machine whose keys cannot be read says so elsewhere; its index is whole.
        None => keys(&outbox, &machine)
            .unwrap_or_default()
            .map(|keys| rebuild::take_in(&outbox, &files, &keys, now_ms))
            .transpose()?
            .filter(|found| found.dossiers > 0),
    };
    Ok(Opened {
        outbox,
        files,
        machine,
        told: found.map(|found| {
            if found.is_whole() {
                ProblemCode::IndexRebuilt
            } else {
                ProblemCode::IndexRebuiltInPart
            }
        }),
    })
}

fn make_again(
    dir: &Path,
    machine: &[u8; 32],
    card: &Card,
    files: &SealedFiles,
    now_ms: i64,
) -> Result<(Outbox, Rebuilt), Problem> {
    let making = dir.join(MAKING);
    fs::create_dir_all(&making).map_err(StoreError::from)?;
    let outbox = Outbox::open(&making)?;
    card.restore(outbox.db())?;
    let rebuilt = match keys(&outbox, machine)? {
        Some(keys) => rebuild::take_in(&outbox, files, &keys, now_ms)?,
        None => Rebuilt::default(),
    };
    rebuild::skip_numbers(&outbox, rebuilt.damaged)?;
    Outbox::set_aside(dir, now_ms)?;
    let outbox = outbox.put_in_place(&making, dir)?;
    // Empty but for what SQLite leaves beside a database that is open no more.
    let _ = fs::remove_dir_all(&making);
    tracing::warn!(%rebuilt, "the index was made again from what lies on the disk");
    Ok((outbox, rebuilt))
}

/// Whose seals and whose word: `None` on a machine that was never enrolled, which has sealed nothing.
fn keys(outbox: &Outbox, machine: &[u8; 32]) -> Result<Option<Keys>, Problem> {
    let enrolled: Option<Enrolment> = setting::get(outbox.db(), Name::Enrolment)?;
    let own: Option<DeviceKey> = setting::get(outbox.db(), Name::DeviceKey)?;
    let (Some(enrolled), Some(own)) = (enrolled, own) else {
        return Ok(None);
    };
    let seed = wrap::open_with_machine(machine, &own.wrapped_seed, own.id.as_bytes())?;
    let device = SigningKey::from_seed(&*crate::commands::people::fixed(&seed)?).verify_key();
    Ok(Some(Keys {
        device,
        province: enrolled.offer.signing_key,
    }))
}

/// Writes the machine's card where it says something new. A card that cannot be written ends nothing: the index is whole.
pub(crate) fn keep_card(app: &App) {
    if let Err(error) = app.outbox().keep_card() {
        tracing::error!(%error, "the machine's card could not be written");
    }
}
