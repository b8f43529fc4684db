//! Time that the province signed: the floor under the local clock, which may be dead.
//!
//! **Invariant:** the floor never goes back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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

/// The counter's own clock, which may be wrong in either direction.
pub(crate) type LocalClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Shared between the engine, which raises it, and TLS, which reads it.
#[derive(Debug, Clone)]
pub(crate) struct Floor(Arc<AtomicI64>);

impl Floor {
    pub(crate) fn new(signed_ms: i64) -> Self {
        Self(Arc::new(AtomicI64::new(signed_ms.max(BUILT_AFTER_MS))))
    }

    pub(crate) fn raise(&self, signed: Timestamp) {
        self.0.fetch_max(signed.as_millisecond(), Ordering::Relaxed);
    }

    /// Not before the floor.
    pub(crate) fn lift(&self, local_ms: i64) -> i64 {
        local_ms.max(self.ms())
    }

    pub(crate) fn ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
