//! The table, row by row.

mod flips;
mod full;
mod kills;
mod leaks;
mod named;
mod power;
mod queue;
mod simulated;
mod sockets;

use crate::row::{Plan, Row};
use anyhow::Result;

type Work = fn(&Plan) -> Result<Row>;

/// In the order in which they are run.
pub const ALL: &[(&str, Work)] = &[
    ("simulation", simulated::everything),
    ("network", simulated::network),
    ("clock", simulated::clock),
    ("poison", simulated::poison),
    ("power-kiosk", power::kiosk),
    ("power-province", power::province),
    ("kill-kiosk", kills::kiosk),
    ("kill-province", kills::province),
    ("cuts", sockets::cuts),
    ("sockets", sockets::sockets),
    ("full-disk", full::everywhere),
    ("flips", flips::flips),
    ("queue-kiosk", queue::kiosk),
    ("held-province", queue::province),
    ("leaks", leaks::canaries_everywhere),
    ("named", named::all),
];

/// Where this program was started by itself to be watched or killed, does that work.
pub fn child() -> Option<Result<()>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (first, rest) = words.split_first()?;
    match first.as_str() {
        power::KIOSK => Some(power::as_kiosk(rest)),
        power::PROVINCE => Some(power::as_province(rest)),
        queue::KIOSK => Some(queue::as_kiosk(rest)),
        full::KIOSK => Some(full::as_kiosk(rest)),
        full::PROVINCE => Some(full::as_province(rest)),
        _ => None,
    }
}
