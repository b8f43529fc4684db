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

/// Close relatives who need no certified authorisation in civil status: ông, bà, cha, mẹ, con, vợ, chồng, anh, chị,
/// em ruột (portal listing of 1.001193, 1.000656, 1.004873, 2.000635, read July 2026).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum CloseRelation {
    Grandparent,
    Parent,
    Child,
    Spouse,
    Sibling,
}

/// In what standing the person at the counter files: for themselves or for somebody else. Said by them, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    Own,
    CloseRelative {
        relation: CloseRelation,
    },
    /// With a written authorisation.
    Authorised,
}

/// What the counter asks of somebody who files in a standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuthorisationNeed {
    /// None.
    None,
    /// Written and certified.
    Certified,
    /// This kind of procedure has its own rule, which the officer knows.
    AskOfficer,
}

impl Standing {
    /// `civil_status`: the procedure belongs to hộ tịch, where the rule is known.
    #[must_use]
    pub fn authorisation(self, civil_status: bool) -> AuthorisationNeed {
        match (self, civil_status) {
            (Self::Own, _) | (Self::CloseRelative { .. }, true) => AuthorisationNeed::None,
            (Self::Authorised, true) => AuthorisationNeed::Certified,
            (Self::CloseRelative { .. } | Self::Authorised, false) => AuthorisationNeed::AskOfficer,
        }
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
    /// In what standing the filer files, as they said it; none where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Người hỗ trợ.
    pub helpers: Vec<Helper>,
    /// Người tiếp nhận at the counter: who sealed.
    pub receiver: Helper,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_relatives_need_no_certified_paper_in_civil_status() {
        let close = Standing::CloseRelative {
            relation: CloseRelation::Sibling,
        };
        for (standing, civil_status, need) in [
            (Standing::Own, true, AuthorisationNeed::None),
            (Standing::Own, false, AuthorisationNeed::None),
            (close, true, AuthorisationNeed::None),
            (close, false, AuthorisationNeed::AskOfficer),
            (Standing::Authorised, true, AuthorisationNeed::Certified),
            (Standing::Authorised, false, AuthorisationNeed::AskOfficer),
        ] {
            assert_eq!(
                standing.authorisation(civil_status),
                need,
                "{standing:?} {civil_status}"
            );
        }
    }
}
