//! The service's own limits, by name. Those that kiosks must know too stand in `wire::limits`.

use std::time::Duration;

/// An enrolment code is good for this long, minutes.
pub const ENROL_CODE_MINUTES_MAX: i64 = 15;
/// Wrong tries that burn an enrolment code.
pub const ENROL_WRONG_TRIES_MAX: i64 = 5;
/// Enrolment requests a minute, all together: enough for a morning's roll-out, too few to guess with.
pub const ENROL_PER_MINUTE_MAX: u32 = 60;
/// A device certificate's life, hours (400 days).
pub const CERTIFICATE_HOURS_MAX: i64 = 400 * 24;
/// A challenge is good for this long.
pub const CHALLENGE_AGE_MAX: Duration = Duration::from_secs(60);
/// Challenges open at once.
pub const CHALLENGES_MAX: usize = 10_000;
/// A session ends after this long: a working day, so that a kiosk's quiet polls do not sign in anew. Every request looks
/// the device up again, so that revoking one does not wait for this.
pub const SESSION_AGE_MAX: Duration = Duration::from_secs(12 * 60 * 60);
/// Sessions open at once.
pub const SESSIONS_MAX: usize = 20_000;
/// Any request but an upload is answered within this.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// Headers have arrived within this.
pub const HEADER_TIME_MAX: Duration = Duration::from_secs(15);
/// TLS sessions remembered, so that a kiosk that comes again does without the certificates.
pub const RESUMPTIONS_MAX: usize = 20_000;
/// Uploads open at once, all devices together.
pub const UPLOADS_MAX: usize = 64;
/// A place is kept for a device that sends nothing for this long: between two files, and until the first after its forms.
pub const TURN_IDLE_MAX: Duration = Duration::from_secs(10);
/// Devices that stand in the line for a place; who comes behind them asks again and is not remembered.
pub const LINE_MAX: usize = 4096;
/// Whoever stands in the line asks again after this at the latest, seconds.
pub const LINE_SECONDS_MAX: u64 = 30;
/// Requests with sealed forms that are worked on at once, and those that wait for them, their bodies unread.
pub const FORMS_AT_WORK_MAX: usize = 128;
pub const FORMS_WAITING_MAX: usize = 4096;
/// Small questions (sign-in, time, status, inventory) at once, and waiting.
pub const QUESTIONS_AT_WORK_MAX: usize = 256;
pub const QUESTIONS_WAITING_MAX: usize = 4096;
/// Catalogues on their way out at once, each whole in memory; nobody waits for one.
pub const CATALOGUES_MAX: usize = 16;
/// A request waits this long for its turn.
pub const TURN_TIME_MAX: Duration = Duration::from_secs(10);
/// Whoever is sent away comes again after this at the earliest, and after at most the other, seconds.
pub const AWAY_SECONDS_MIN: u64 = 2;
pub const AWAY_SECONDS_MAX: u64 = 120;
/// Uploaded bytes after which an fsync is begun: bounds what a power cut costs.
pub const UNSYNCED_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How long requests under way may go on once the service is told to stop.
pub const STOP_TIME_MAX: Duration = Duration::from_secs(5);
/// Failed look-ups of one receipt number a day.
pub const LOOKUP_TRIES_PER_DAY_MAX: i64 = 5;
/// Look-ups from one address at once, and one more for every [`LOOKUP_ADDRESS_REFILL`].
pub const LOOKUP_ADDRESS_BURST_MAX: u32 = 20;
pub const LOOKUP_ADDRESS_REFILL: Duration = Duration::from_secs(6);
/// Look-ups of everybody at once, and one more for every [`LOOKUP_ALL_REFILL`].
pub const LOOKUP_ALL_BURST_MAX: u32 = 200;
pub const LOOKUP_ALL_REFILL: Duration = Duration::from_millis(100);
/// Addresses remembered.
pub const LOOKUP_ADDRESSES_MAX: usize = 10_000;
/// Look-ups that stretch a secret at the same time: each takes 19 MiB.
pub const LOOKUP_STRETCHING_MAX: usize = 2;
/// Dossiers that share one receipt number and are compared in a look-up.
pub const LOOKUP_SAME_NUMBER_MAX: usize = 4;
/// A look-up form's body, bytes.
pub const LOOKUP_BYTES_MAX: usize = 4 * 1024;
/// A clerk's passphrase has at least this many characters.
pub const PASSPHRASE_CHARS_MIN: usize = 10;
/// Dossiers of one matter whose comings lie further apart than this are two matters, days.
pub const SAME_MATTER_DAYS_MAX: i64 = 30;
