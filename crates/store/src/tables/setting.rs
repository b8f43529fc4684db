//! Named values of this machine, each typed by its reader.

use crate::StoreError;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The names there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// What enrolment gave: certificate, roots, keys of the province.
    Enrolment,
    /// An enrolment that waits for approval.
    PendingEnrolment,
    /// The device's id and its wrapped signing key.
    DeviceKey,
    /// Receipt count, device sequence, hash of the last manifest.
    Chain,
    /// Position in the province's feed of events.
    EventCursor,
    /// The last signed time of the province, ms, and when a signed answer last came.
    ProvinceTime,
    /// Digest of the drafts key: tells a wrong key from a damaged file.
    DraftsKeyCheck,
    /// The drafts key for the province's recovery key.
    DraftsKeyRecovery,
    Language,
    OneScreen,
    /// Contrast and motion of the windows.
    Look,
    /// The dossier on the screens, and whose session it is: after a crash it opens where it was.
    LeftOpen,
    /// The receipt on the screens: after a crash or a lock it stands there again.
    ReceiptShown,
    /// Seconds without a touch until the machine locks.
    IdleSeconds,
    /// Typing method and the keyboard on the screen.
    Typing,
    /// Which printer prints receipts, which forms.
    Printers,
    /// The epoch of the province that was seen last.
    ProvinceEpoch,
    /// Acknowledgements that the province took back, by dossier.
    WordsTakenBack,
    /// Version and hash of the province's catalogue that was taken last; the version never goes back.
    Catalogue,
    /// What the province last said of this device: frozen or not, and the epoch for its manifests.
    DeviceWord,
    /// Where the office scanner delivers its files.
    ScanFolder,
    /// This machine's key for dossiers that wait for an officer, wrapped with the drafts key.
    WaitingKey,
    /// Machines of the counter that this one packs to.
    Counters,
    /// A day away from the counter that this machine was prepared for.
    VillageDay,
    /// Days away that were prepared here, and the dossiers that were sealed on them.
    VillageDays,
    /// A recovery of the drafts key that waits for its answer.
    RecoveryAsked,
    /// How far the date that somebody told lies from the machine's clock, ms.
    ClockOffset,
    /// Damaged drafts that were set aside, by file name, each with the province's time when it was first seen.
    DamagedDraftsSeen,
}

impl Name {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Enrolment => "enrolment",
            Self::PendingEnrolment => "pending_enrolment",
            Self::DeviceKey => "device_key",
            Self::Chain => "chain",
            Self::EventCursor => "event_cursor",
            Self::ProvinceTime => "province_time",
            Self::DraftsKeyCheck => "drafts_key_check",
            Self::DraftsKeyRecovery => "drafts_key_recovery",
            Self::Language => "language",
            Self::OneScreen => "one_screen",
            Self::Look => "look",
            Self::LeftOpen => "left_open",
            Self::ReceiptShown => "receipt_shown",
            Self::IdleSeconds => "idle_seconds",
            Self::Typing => "typing",
            Self::Printers => "printers",
            Self::ProvinceEpoch => "province_epoch",
            Self::WordsTakenBack => "words_taken_back",
            Self::Catalogue => "catalogue",
            Self::DeviceWord => "device_word",
            Self::ScanFolder => "scan_folder",
            Self::WaitingKey => "waiting_key",
            Self::Counters => "counters",
            // "village_day" was written by programs that counted from a time: neither reads the other's.
            Self::VillageDay => "village_day_taken",
            Self::VillageDays => "village_days",
            Self::ClockOffset => "clock_offset",
            Self::RecoveryAsked => "recovery_asked",
            Self::DamagedDraftsSeen => "damaged_drafts_seen",
        }
    }
}

/// # Errors
/// [`StoreError::Content`] where the stored value is of another shape.
pub fn get<T: DeserializeOwned>(db: &Connection, name: Name) -> Result<Option<T>, StoreError> {
    let text: Option<String> = db
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
        .query_row([name.as_str()], |r| r.get(0))
        .optional()?;
    text.map(|t| serde_json::from_str(&t))
        .transpose()
        .map_err(StoreError::from)
}

/// # Errors
/// [`StoreError::Full`] and the other write errors.
pub fn set<T: Serialize>(db: &Connection, name: Name, value: &T) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute((name.as_str(), serde_json::to_string(value)?))?;
    Ok(())
}

/// # Errors
/// The write errors.
pub fn remove(db: &Connection, name: Name) -> Result<(), StoreError> {
    db.execute("DELETE FROM setting WHERE name = ?1", [name.as_str()])?;
    Ok(())
}
