//! How long to wait: full jitter, `rand(0, min(15 min, 2 s · 2ⁿ))`. No last attempt, no expiry.

use std::time::Duration;

/// The longest wait between two attempts.
pub const WAIT_MAX: Duration = Duration::from_secs(15 * 60);
const FIRST: Duration = Duration::from_secs(2);

/// Full jitter after `failures` failures in a row; `random` is even over all of `u64`.
#[must_use]
pub fn wait(failures: u32, random: u64) -> Duration {
    spread(ceiling(failures), random)
}

/// Evenly within `0..=most`.
#[must_use]
pub fn spread(most: Duration, random: u64) -> Duration {
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX - 1);
    Duration::from_millis(random % (most + 1))
}

fn ceiling(failures: u32) -> Duration {
    let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
    FIRST.saturating_mul(factor).min(WAIT_MAX)
}

/// The system's randomness; where it fails, the middle is good enough for a wait.
pub(crate) fn system_random() -> u64 {
    let mut bytes = [0_u8; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        Err(_) => u64::MAX / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ceiling_doubles_to_fifteen_minutes() {
        let seconds: Vec<u64> = (0..12).map(|n| ceiling(n).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(ceiling(u32::MAX), WAIT_MAX);
    }

    proptest! {
        #[test]
        fn jitter_stays_below_the_ceiling_and_uses_all_of_it(failures in 0_u32..40, random: u64) {
            prop_assert!(wait(failures, random) <= ceiling(failures));
            let most = u64::try_from(ceiling(failures).as_millis()).unwrap();
            prop_assert_eq!(wait(failures, most), ceiling(failures), "the ceiling itself can be drawn");
            prop_assert_eq!(wait(failures, most + 1), Duration::ZERO);
        }
    }
}
