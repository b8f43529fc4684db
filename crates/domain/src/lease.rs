//! A volunteer's lease: opened by an officer for one shift at one counter, with an end, one dossier at a time.
//!
//! **Invariant:** without an open lease a volunteer can do nothing; inside it they reach the one dossier in front of
//! them and no other. A clock that goes back ends a lease: it never lengthens one.

use crate::ids::{DossierId, OperatorId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The longest shift.
pub const HOURS_MAX: u32 = 12;
/// A clock that is set right moves by less than this.
const CLOCK_SLACK_MS: i64 = 5 * 60 * 1_000;
const HOUR_MS: i64 = 60 * 60 * 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lease {
    pub volunteer: OperatorId,
    pub opened_by: OperatorId,
    pub opened_ms: i64,
    pub ends_ms: i64,
    pub closed_ms: Option<i64>,
    /// The dossier in front of them.
    pub dossier: Option<DossierId>,
}

/// Where a lease stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum LeaseState {
    Open,
    /// The shift is over, or the clock cannot be believed.
    Ended,
    /// An officer closed it early.
    Closed,
}

impl Lease {
    /// A new lease. Hours outside 1 to [`HOURS_MAX`] are brought inside.
    #[must_use]
    pub fn open(volunteer: OperatorId, opened_by: OperatorId, now_ms: i64, hours: u32) -> Self {
        Self {
            volunteer,
            opened_by,
            opened_ms: now_ms,
            ends_ms: now_ms + i64::from(hours.clamp(1, HOURS_MAX)) * HOUR_MS,
            closed_ms: None,
            dossier: None,
        }
    }

    #[must_use]
    pub fn state(&self, now_ms: i64) -> LeaseState {
        if self.closed_ms.is_some() {
            LeaseState::Closed
        } else if now_ms >= self.ends_ms || now_ms < self.opened_ms - CLOCK_SLACK_MS {
            LeaseState::Ended
        } else {
            LeaseState::Open
        }
    }

    /// May its holder open this dossier?
    #[must_use]
    pub fn reaches(&self, dossier: DossierId, now_ms: i64) -> bool {
        self.state(now_ms) == LeaseState::Open && self.dossier == Some(dossier)
    }

    /// May its holder start another?
    #[must_use]
    pub fn is_free(&self, now_ms: i64) -> bool {
        self.state(now_ms) == LeaseState::Open && self.dossier.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_lease_ends_by_its_hour_by_the_officer_and_by_a_clock_set_back() {
        let (who, officer) = (OperatorId(Uuid::from_u128(1)), OperatorId(Uuid::from_u128(2)));
        let lease = Lease::open(who, officer, 1_000 * HOUR_MS, 4);
        let closed = Lease {
            closed_ms: Some(1_001 * HOUR_MS),
            ..lease
        };
        for (lease, at, state) in [
            (lease, 1_000 * HOUR_MS, LeaseState::Open),
            (lease, 1_004 * HOUR_MS - 1, LeaseState::Open),
            (lease, 1_004 * HOUR_MS, LeaseState::Ended),
            (lease, 1_000 * HOUR_MS - 60_000, LeaseState::Open),
            (lease, 990 * HOUR_MS, LeaseState::Ended),
            (closed, 1_002 * HOUR_MS, LeaseState::Closed),
        ] {
            assert_eq!(lease.state(at), state, "at {at}");
        }
        assert_eq!(
            Lease::open(who, officer, 0, 400).ends_ms,
            i64::from(HOURS_MAX) * HOUR_MS
        );
    }

    #[test]
    fn one_dossier_and_no_other() {
        let (mine, other) = (DossierId(Uuid::from_u128(7)), DossierId(Uuid::from_u128(8)));
        let mut lease = Lease::open(
            OperatorId(Uuid::from_u128(1)),
            OperatorId(Uuid::from_u128(2)),
            0,
            1,
        );
        assert!(lease.is_free(1) && !lease.reaches(mine, 1));
        lease.dossier = Some(mine);
        assert!(lease.reaches(mine, 1) && !lease.reaches(other, 1) && !lease.is_free(1));
        assert!(!lease.reaches(mine, HOUR_MS), "not after its end");
    }
}
