//! The names of things. Ids are made outside (UUIDv4, no clock in them) and never changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS)]
        #[serde(transparent)]
        pub struct $name(#[schemars(with = "String")] #[ts(type = "string")] pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }

        impl $name {
            /// The sixteen bytes, big-endian (RFC 9562).
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }
    };
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(s: &str) -> Self {
                Self(s.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

uuid_id!(
    /// A dossier, from its first keystroke to its end. The idempotency key of everything that is sent.
    DossierId
);
uuid_id!(
    /// A life event at the counter: what its dossiers have in common.
    EventId
);
uuid_id!(
    /// An officer, head of counter or volunteer on this kiosk.
    OperatorId
);
uuid_id!(
    /// One captured file (a page, a picture, a PDF) inside a dossier.
    PaperFileId
);
uuid_id!(
    /// A kiosk, as the province enrolled it.
    DeviceId
);
slug!(
    /// A procedure's national code, such as `1.001193`.
    ProcedureCode
);
slug!(
    /// A page of an interview.
    PageId
);
slug!(
    /// A question of an interview.
    QuestionId
);
slug!(
    /// A component of the dossier (thành phần hồ sơ): one kind of paper that a procedure asks for.
    ComponentId
);

/// The five-digit number that the province gives a kiosk; the first group of its receipt numbers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS,
)]
#[serde(transparent)]
pub struct DeviceNo(pub u32);

impl DeviceNo {
    pub const MAX: u32 = 99_999;
}
