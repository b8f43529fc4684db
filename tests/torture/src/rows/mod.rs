//! The table, row by row.

mod crash;
mod cursor;
mod flips;
mod full;
mod kills;
mod leaks;
mod migration;
mod named;
mod power;
mod queue;
mod rebuild;
mod simulated;
mod sockets;
mod storm;
mod whole;

use crate::row::{Plan, Row};
use anyhow::Result;

type Work = fn(&Plan) -> Result<Row>;

/// In the order in which they are run, and whether `--short` runs them.
pub const ALL: &[(&str, Work, bool)] = &[
    ("simulation", simulated::everything, true),
    ("network", simulated::network, true),
    ("clock", simulated::clock, true),
    ("poison", simulated::poison, true),
    ("power-kiosk", power::kiosk, true),
    ("power-province", power::province, true),
    ("power-migration", migration::power, true),
    ("kill-kiosk", kills::kiosk, true),
    ("kill-province", kills::province, true),
    ("cuts", sockets::cuts, true),
    ("slow-sockets", sockets::sockets, true),
    ("storm", storm::storm, true),
    ("morning-after", storm::morning_after, true),
    ("rebuild", rebuild::rebuild, true),
    ("full-disk", full::everywhere, true),
    ("flips", flips::flips, true),
    ("cursor", cursor::cursor, true),
    ("queue-kiosk", queue::kiosk, true),
    ("held-province", queue::province, false),
    ("leaks", leaks::canaries_everywhere, true),
    ("named", named::all, true),
];

/// Where this program was started by itself to be watched or killed, does that work.
pub fn child() -> Option<Result<()>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (first, rest) = words.split_first()?;
    match first.as_str() {
        power::KIOSK => Some(power::as_kiosk(rest)),
        power::PROVINCE => Some(power::as_province(rest)),
        migration::MIGRATION => Some(migration::as_migration(rest)),
        queue::KIOSK => Some(queue::as_kiosk(rest)),
        full::KIOSK => Some(full::as_kiosk(rest)),
        full::PROVINCE => Some(full::as_province(rest)),
        _ => None,
    }
}
