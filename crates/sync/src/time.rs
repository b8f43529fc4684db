//! Time that the province signed: the floor under the local clock, which may be dead.
//!
//! **Invariant:** the floor never goes back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

/// This program was not built before 2026-06-01, so now is not before it either.
const BUILT_AFTER_MS: i64 = 1_780_272_000_000;

/// Stored under `setting::Name::ProvinceTime`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvinceTime {
    /// The last time that the province signed, ms since 1970; 0 where none came.
    pub signed_ms: i64,
    /// When a signed answer last came, by the local clock, ms since 1970.
    pub confirmed_ms: i64,
}

/// A clock that was further off when the province was last heard is wrong.
const OFF_BY_MAX_MS: i64 = 10 * 60 * 1000;
/// No machine is away for longer: a clock that says so has run ahead, or nobody has looked after it.
const AWAY_MAX_MS: i64 = 45 * 24 * 60 * 60 * 1000;

impl ProvinceTime {
    /// Is the time that this machine shows to be doubted? It lies before what the province signed, or far behind it, or the
    /// clock was wrong when the two were last compared.
    #[must_use]
    pub fn doubts(&self, wall_ms: i64) -> bool {
        let since = wall_ms.saturating_sub(self.signed_ms);
        let off_by = self.confirmed_ms.saturating_sub(self.signed_ms).saturating_abs();
        self.signed_ms > 0 && (!(0..=AWAY_MAX_MS).contains(&since) || off_by > OFF_BY_MAX_MS)
    }
}

/// The counter's own clock, which may be wrong in either direction.
pub(crate) type LocalClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Shared between the engine, which raises it, and TLS, which reads it.
#[derive(Debug, Clone)]
pub(crate) struct Floor {
    signed_ms: Arc<AtomicI64>,
    /// When that was heard, ms after `origin`.
    heard_ms: Arc<AtomicI64>,
    origin: Instant,
}

impl Floor {
    pub(crate) fn new(signed_ms: i64) -> Self {
        Self {
            signed_ms: Arc::new(AtomicI64::new(signed_ms.max(BUILT_AFTER_MS))),
            heard_ms: Arc::default(),
            origin: Instant::now(),
        }
    }

    pub(crate) fn raise(&self, signed: Timestamp) {
        self.signed_ms
            .fetch_max(signed.as_millisecond(), Ordering::Relaxed);
        self.heard_ms.store(self.passed_ms(), Ordering::Relaxed);
    }

    /// What the province's clock shows about now: its last signed time and what has passed since, by no calendar.
    pub(crate) fn province_now(&self) -> Option<Timestamp> {
        let since = self.passed_ms() - self.heard_ms.load(Ordering::Relaxed);
        Timestamp::from_millisecond(self.ms().saturating_add(since)).ok()
    }

    fn passed_ms(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Not before the floor.
    pub(crate) fn lift(&self, local_ms: i64) -> i64 {
        local_ms.max(self.ms())
    }

    pub(crate) fn ms(&self) -> i64 {
        self.signed_ms.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_doubted_where_it_cannot_be_right() {
        let (hour, day) = (60 * 60 * 1000, 24 * 60 * 60 * 1000);
        let signed_ms = 1_790_000_000_000;
        for (name, confirmed_ms, wall_ms, wanted) in [
            ("an hour later", signed_ms + 400, signed_ms + hour, false),
            ("a month in the village", signed_ms, signed_ms + 30 * day, false),
            ("woke up in 2009", signed_ms, 1_240_000_000_000, true),
            ("jumped ten years ahead", signed_ms, signed_ms + 3650 * day, true),
            (
                "ran ahead when last compared",
                signed_ms + hour,
                signed_ms + 2 * hour,
                true,
            ),
            (
                "behind when last compared",
                signed_ms - hour,
                signed_ms + hour,
                true,
            ),
        ] {
            let time = ProvinceTime {
                signed_ms,
                confirmed_ms,
            };
            assert_eq!(time.doubts(wall_ms), wanted, "{name}");
        }
        assert!(!ProvinceTime::default().doubts(signed_ms), "never compared");
    }

    #[test]
    fn what_the_province_shows_now_goes_on_without_a_calendar() {
        let floor = Floor::new(0);
        let signed: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        floor.raise(signed);
        let now = floor.province_now().unwrap();
        assert!(now >= signed && now.duration_since(signed).as_secs() < 5);
    }

    #[test]
    fn a_dead_clock_is_lifted_and_the_floor_never_sinks() {
        let floor = Floor::new(0);
        assert_eq!(
            floor.lift(1_262_304_000_000),
            BUILT_AFTER_MS,
            "a laptop that woke up in 2010"
        );
        floor.raise("2026-11-22T10:00:00Z".parse().unwrap());
        floor.raise("2026-11-21T10:00:00Z".parse().unwrap());
        let ms = "2026-11-22T10:00:00Z"
            .parse::<Timestamp>()
            .unwrap()
            .as_millisecond();
        assert_eq!(floor.ms(), ms);
        assert_eq!(floor.lift(ms + 5), ms + 5);
    }
}
