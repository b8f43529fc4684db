//! `kill -9` at random moments: of the kiosk's real program over its whole life, of the province's while it takes in.
//!
//! One moment of the kiosk's life a file, each with what it promised before it was killed; `judge` holds every promise
//! against the kiosk's disk and the province's after each kill, by identity.

mod aim;
mod controls;
mod early;
mod index;
mod judge;
mod kiosk;
mod life;
mod papers;
mod province;
mod purge;
mod sealing;
mod sending;
mod stick;
mod typing;
mod withdrawal;

pub use kiosk::kiosk;
pub use life::Life;
pub use province::province;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const ROWS_MAX: u32 = 100_000;
/// Within so many kills a control loses something.
const CONTROL_KILLS_MAX: u32 = 25;
/// Set aside at every opening so that a commit can finish on a full disk; nothing here is about that.
const RESERVE: &str = "sealed/reserve";

/// When the person has been told that it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Promises {
    /// By the kiosk's own answer.
    WhenAnswered,
    /// The control: somebody in front of the kiosk says it as soon as it is asked for.
    WhenAsked,
}

/// The answer that the kiosk gave to one question before it died.
fn answer(heard: &[Value], asked: u64) -> Option<&Value> {
    heard
        .iter()
        .find(|m| m.get("id") == Some(&json!(asked)))
        .and_then(|m| m.get("result"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp")
        .args(["-a", "--sparse=always"])
        .arg(from)
        .arg(to)
        .status()?;
    ensure!(copied.success(), "cp ended with {copied}");
    Ok(())
}

/// Makes the reserve a file of the same length that takes no room: there are many of them in memory.
fn hollow_reserve(data: &Path) -> Result<()> {
    let reserve = std::fs::File::create(data.join(RESERVE))?;
    Ok(reserve.set_len(store::sealed_files::RESERVE_BYTES)?)
}
