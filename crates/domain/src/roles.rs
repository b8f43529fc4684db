//! The four roles of an assisted filing, recorded apart: whose dossier, who files, who helps, who receives.
//!
//! The person helped stays the one who transacts; a helper never takes their place.

use crate::ids::OperatorId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What somebody at the counter may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum OperatorRole {
    /// Cán bộ một cửa.
    Officer,
    /// Phụ trách quầy: also adds operators and resets PINs.
    Head,
    /// Đoàn viên, tình nguyện viên: captures, never seals.
    Volunteer,
}

impl OperatorRole {
    #[must_use]
    pub fn vi(self) -> &'static str {
        match self {
            Self::Officer => "cán bộ quầy",
            Self::Head => "phụ trách quầy",
            Self::Volunteer => "tình nguyện viên",
        }
    }

    #[must_use]
    pub fn may_seal(self) -> bool {
        match self {
            Self::Officer | Self::Head => true,
            Self::Volunteer => false,
        }
    }
}

/// A citizen in the roles record: the name and number as the interview holds them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub name: Option<String>,
    /// 9 or 12 digits, as text.
    pub id_number: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(…)")
    }
}

/// An operator in the roles record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Helper {
    pub operator: OperatorId,
    pub role: OperatorRole,
}

/// Who stood where. `relation` is the filer's relation to the subject, in the procedure's own values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Roles {
    /// Chủ hồ sơ.
    pub subject: Person,
    /// Người nộp.
    pub filer: Person,
    pub relation: Option<String>,
    /// Người hỗ trợ.
    pub helpers: Vec<Helper>,
    /// Người tiếp nhận at the counter: who sealed.
    pub receiver: Helper,
}
