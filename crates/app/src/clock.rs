//! The counter's clock, handed in so that a test can set it, and the ways in which a person reads a time.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time. Numbers and order never depend on it.
#[derive(Clone)]
pub struct Clock {
    own: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What a person told, as a distance from the machine's own time, ms; 0 where nobody had to.
    told_ms: Arc<AtomicI64>,
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::from_fn(Timestamp::now)
    }
}

impl Clock {
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            own: Arc::new(now),
            told_ms: Arc::default(),
        }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        moved((self.own)(), self.offset_ms())
    }

    /// From here on the time is this far from the machine's own.
    pub(crate) fn tell(&self, offset_ms: i64) {
        self.told_ms.store(offset_ms, Ordering::Relaxed);
    }

    #[must_use]
    pub(crate) fn offset_ms(&self) -> i64 {
        self.told_ms.load(Ordering::Relaxed)
    }

    /// Does the date stand on somebody's word?
    #[must_use]
    pub(crate) fn is_told(&self) -> bool {
        self.offset_ms() != 0
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// The same clock in the form that sync takes.
    #[must_use]
    pub fn as_fn(&self) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

fn moved(own: Timestamp, by_ms: i64) -> Timestamp {
    own.checked_add(jiff::SignedDuration::from_millis(by_ms))
        .unwrap_or(own)
}

/// A date and time as people at the counter say it.
pub(crate) fn at(told: jiff::civil::DateTime) -> Option<Timestamp> {
    zone().to_timestamp(told).ok()
}

/// Việt Nam has one zone, UTC+7 without summer time; the machine's own setting is not asked.
fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(7))
}

/// Today and the hour at the counter.
#[must_use]
pub fn at_counter(now: Timestamp) -> (Date, Time) {
    let here = now.to_zoned(zone());
    (here.date(), here.time())
}

/// `HH:MM dd/MM/yyyy`.
#[must_use]
pub fn minute_and_day(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map(|t| t.to_zoned(zone()).strftime("%H:%M %d/%m/%Y").to_string())
        .unwrap_or_default()
}

/// `HH:MM:SS`.
#[must_use]
pub fn second(now: Timestamp) -> String {
    now.to_zoned(zone()).strftime("%H:%M:%S").to_string()
}

/// `HH:MM`.
#[must_use]
pub fn minute(now: Timestamp) -> String {
    now.to_zoned(zone()).strftime("%H:%M").to_string()
}

/// The first moment of the counter's day, milliseconds since 1970.
#[must_use]
pub fn day_start_ms(now: Timestamp) -> i64 {
    let here = now.to_zoned(zone());
    here.start_of_day()
        .map_or(0, |start| start.timestamp().as_millisecond())
}
