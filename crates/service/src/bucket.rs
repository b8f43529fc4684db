//! Token buckets: so many at once, one more every so often.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// One bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    burst: u32,
    refill: Duration,
    left: u32,
    since: Instant,
}

impl Bucket {
    #[must_use]
    pub fn new(burst: u32, refill: Duration, now: Instant) -> Self {
        Self {
            burst,
            refill,
            left: burst,
            since: now,
        }
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since).as_nanos() / self.refill.as_nanos().max(1);
        let gained = u32::try_from(passed).unwrap_or(u32::MAX);
        if gained > 0 {
            self.left = self.left.saturating_add(gained).min(self.burst);
            self.since = now;
        }
    }

    /// Takes one, if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        self.fill(now);
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }
}

/// A bucket for each key, and never more than `max` of them.
#[derive(Debug)]
pub struct Buckets<K> {
    of: HashMap<K, Bucket>,
    burst: u32,
    refill: Duration,
    max: usize,
}

impl<K: Hash + Eq> Buckets<K> {
    #[must_use]
    pub fn new(burst: u32, refill: Duration, max: usize) -> Self {
        Self {
            of: HashMap::new(),
            burst,
            refill,
            max,
        }
    }

    /// Takes one from this key's bucket. Where the table is full of keys that are in use, a new one waits.
    pub fn take(&mut self, key: K, now: Instant) -> bool {
        if !self.of.contains_key(&key) && self.of.len() >= self.max {
            // A bucket that is full again says no more than one that is not there.
            self.of.retain(|_, bucket| {
                bucket.fill(now);
                bucket.left < bucket.burst
            });
            if self.of.len() >= self.max {
                return false;
            }
        }
        let (burst, refill) = (self.burst, self.refill);
        self.of
            .entry(key)
            .or_insert_with(|| Bucket::new(burst, refill, now))
            .take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_empty_fill_and_have_an_end() {
        let start = Instant::now();
        let mut buckets = Buckets::new(2, Duration::from_secs(1), 2);
        assert_eq!(
            [1, 1, 1, 2].map(|key| buckets.take(key, start)),
            [true, true, false, true]
        );
        assert!(!buckets.take(3, start), "the table is full");
        assert!(buckets.take(1, start + Duration::from_secs(1)), "one came back");
        assert!(!buckets.take(1, start + Duration::from_secs(1)));
        assert!(
            buckets.take(3, start + Duration::from_secs(9)),
            "full buckets make room"
        );
    }
}
