//! One small round trip: what happened to this device's dossiers since its cursor.

use crate::limits::CERTIFICATE_WARNING_DAYS;
use crate::{Nonce, Sha256};
use domain::delivery::Watermark;
use domain::ids::DossierId;
use domain::province::{CaseStatus, OfficialCode};
use seal::signed::Signed;
use serde::{Deserialize, Serialize};

/// `POST /v1/sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequest {
    pub nonce: Nonce,
    /// `next_cursor` of the last answer that was stored; 0 at first.
    pub cursor: u64,
    pub queue_depth: u32,
    /// Age of the oldest unsent dossier by the kiosk's own clock, seconds; a hint only.
    pub oldest_age_s: Option<u64>,
    pub app_version: String,
    /// Files wait to be sent, and nobody asked for rest from them: is there room?
    #[serde(default, skip_serializing_if = "is_no")]
    pub files_waiting: bool,
    /// This device's certificate ends soon, by the last answer: a renewed one, please.
    #[serde(default, skip_serializing_if = "is_no")]
    pub certificate_wanted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_no(word: &bool) -> bool {
    !word
}

/// Says inside the signed bytes what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SyncAnswerKind {
    #[serde(rename = "sync")]
    Sync,
}

/// Signed under `Context::Events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncAnswer {
    pub answer: SyncAnswerKind,
    pub nonce: Nonce,
    /// Changes when the province was restored from a backup: then ask with an inventory.
    pub epoch: u64,
    pub durable: Watermark,
    /// In the order of `seq`, at most [`crate::limits::EVENTS_MAX`].
    pub events: Vec<Event>,
    /// Never skips: a `seq` is given by the one writer and shows only once all before it show.
    pub next_cursor: u64,
    /// There are events behind `next_cursor` already.
    pub more: bool,
    pub now: jiff::Timestamp,
    /// Names the catalogue that is published: SHA-256 of its manifest. Absent where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<Sha256>,
    /// How the asking device stands; absent from provinces that do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceWord>,
    /// The permit to send files: 0 keeps a place for this device from file to file, for
    /// [`crate::limits::PERMIT_SECONDS_MAX`] while others wait, and not where nothing is sent; more says after how many seconds to ask again, and files rest until then. Absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_after_s: Option<u64>,
    /// Where the device asked and is in good standing: its newest certificate, a [`seal::certificate::DeviceCertificate`]
    /// under `Context::DeviceCertificate`. The same one again until that one ends soon, so that a lost answer costs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Signed>,
}

/// What the province says of the asking device itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceWord {
    /// Another disk claims to be this device: seal nothing new; what is sealed is still taken.
    pub frozen: bool,
    /// To stand in every manifest from here on. Changes when the device is let go on.
    pub epoch: u64,
    /// When the device's newest certificate ends: said from [`CERTIFICATE_WARNING_DAYS`] before on, and after it. The time of
    /// slips that are sealed later is not vouched for; sending goes on. The device asks for a renewed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_ends: Option<jiff::Timestamp>,
}

/// Is a certificate that ends then to be renewed?
#[must_use]
pub fn ends_soon(ends: jiff::Timestamp, now: jiff::Timestamp) -> bool {
    ends.duration_since(now) <= jiff::SignedDuration::from_hours(CERTIFICATE_WARNING_DAYS * 24)
}

/// One thing that happened at the province to a dossier of this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub seq: u64,
    pub dossier: DossierId,
    #[serde(flatten)]
    pub kind: EventKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// Where the case stands now; replaces what was known.
    Case {
        status: CaseStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        official_code: Option<OfficialCode>,
        /// For the operator, such as which paper is wanted. Never a name or an ID number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A file of it was lost at the province, and no backup has it: its acknowledgement at `at`, and any before it, stands
    /// no longer. Whoever still has the bytes offers the dossier again.
    OfferAgain { at: Watermark },
    /// It is whole at the province, by somebody else's hands or after its word was taken back: acknowledged at `at`. Whoever
    /// gave it up asks for its acknowledgement; by itself this says nothing that is believed.
    Whole { at: Watermark },
    /// A kind that this version does not know: step over it, keep the cursor going.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_a_later_version_is_stepped_over() {
        let json = r#"{"seq":4,"dossier":"00000000-0000-4000-8000-000000000001","kind":"recall","why":"x"}"#;
        let event: Event = serde_json::from_str(json).unwrap();
        assert_eq!((event.seq, event.kind), (4, EventKind::Unknown));
        let json =
            r#"{"seq":5,"dossier":"00000000-0000-4000-8000-000000000001","kind":"case","status":"accepted"}"#;
        let event: Event = serde_json::from_str(json).unwrap();
        assert_eq!(
            event.kind,
            EventKind::Case {
                status: CaseStatus::Accepted,
                official_code: None,
                note: None
            }
        );
        let json = r#"{"seq":6,"dossier":"00000000-0000-4000-8000-000000000001","kind":"offer_again","at":{"epoch":42,"lsn":7}}"#;
        let event: Event = serde_json::from_str(json).unwrap();
        let at = Watermark { epoch: 42, lsn: 7 };
        assert_eq!(event.kind, EventKind::OfferAgain { at });
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        let json = json.replace("offer_again", "whole");
        let event: Event = serde_json::from_str(&json).unwrap();
        assert_eq!(event.kind, EventKind::Whole { at });
    }
}
