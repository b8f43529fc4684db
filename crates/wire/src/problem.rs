//! Refusals, as RFC 9457 problem details with a closed list of codes. No personal data, ever.

use serde::{Deserialize, Serialize};

/// `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub code: ProblemCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// What went wrong, for a program. Beside each: its HTTP status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
            /// Read only: a code that this version does not know. An unknown 4xx is held for a person, an
            /// unknown 5xx is tried again.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl ProblemCode {
            /// Every code that is written.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* Self::Unknown => "unknown" }
            }

            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* Self::Unknown => 500 }
            }

            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* Self::Unknown => "Unknown problem" }
            }
        }
    };
}

codes! {
    /// The request is not what this path takes.
    Malformed = "malformed", 400, "The request cannot be read";
    /// No session, or it has ended: ask for a new challenge.
    SessionNeeded = "session_needed", 401, "A device session is needed";
    /// The nonce is unknown, used or old: ask for another, once.
    ChallengeStale = "challenge_stale", 401, "The challenge is used up";
    /// Not enrolled, not approved, or signed with another key.
    DeviceRefused = "device_refused", 403, "This device is not enrolled";
    /// An administrator revoked it. Keep everything, stop sending, export.
    DeviceRevoked = "device_revoked", 403, "This device was revoked";
    /// Wrong, used, burnt or expired: all alike.
    EnrolCodeRefused = "enrol_code_refused", 403, "The enrolment code is not valid";
    NotFound = "not_found", 404, "There is nothing here";
    /// Nothing arrived for too long; what was fsynced is kept.
    TooSlow = "too_slow", 408, "No progress";
    /// The same dossier id is held with another content. Both are kept.
    Fork = "fork", 409, "This dossier is held with another content";
    /// A withdrawal of a dossier that has its official code, or whose case has ended.
    WithdrawalTooLate = "withdrawal_too_late", 409, "This dossier can no longer be withdrawn";
    /// A withdrawal by a device of another counter, or by one that was revoked.
    NotThisCounters = "not_this_counters", 403, "This dossier is another counter's";
    /// PATCH at an offset that is not the held one; `Upload-Offset` says the true one.
    MismatchingUploadOffset = "mismatching_upload_offset", 409, "The upload continues elsewhere";
    TooLarge = "too_large", 413, "Larger than the province takes";
    /// A segment's hash does not fit the manifest; the upload was cut back to its last good segment.
    SegmentDamaged = "segment_damaged", 422, "Bytes were damaged on the way";
    /// A signature of the manifest does not verify, or it names another dossier or device.
    ManifestRefused = "manifest_refused", 422, "The manifest does not verify";
    /// Sealed by a newer program than this service.
    EnvelopeTooNew = "envelope_too_new", 422, "The envelope is newer than this service";
    TooManyRequests = "too_many_requests", 429, "Too many requests";
    Internal = "internal", 500, "The service failed";
    /// Try again after `Retry-After`.
    Busy = "busy", 503, "The service is busy";
    StorageFull = "storage_full", 507, "The service has no room";
}

impl Problem {
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        let kind = if code == ProblemCode::MismatchingUploadOffset {
            // The one type that the upload draft registers.
            "https://iana.org/assignments/http-problem-types#mismatching-upload-offset".to_owned()
        } else {
            format!("urn:donghanh:problem:{}", code.as_str())
        };
        Self {
            kind,
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: None,
        }
    }

    /// With a sentence for a technician. Never with personal data.
    #[must_use]
    pub fn because(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_a_new_one_is_unknown() {
        for code in ProblemCode::ALL {
            let json = serde_json::to_string(&Problem::new(*code)).unwrap();
            let read: Problem = serde_json::from_str(&json).unwrap();
            assert_eq!(read.code, *code, "{json}");
            assert!(
                json.contains(&format!("\"code\":\"{}\"", code.as_str())),
                "{json}"
            );
        }
        let later = r#"{"type":"x","title":"x","status":418,"code":"teapot","detail":"y"}"#;
        assert_eq!(
            serde_json::from_str::<Problem>(later).unwrap().code,
            ProblemCode::Unknown
        );
    }
}
