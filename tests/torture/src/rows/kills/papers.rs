//! A page that is captured while the machine dies: answered, it is there; not answered, it is there whole or not at all,
//! and no other page has moved.

use super::aim::Fell;
use super::kiosk::Moment;
use super::life::Life;
use super::{Promises, answer};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use stories::page;
use stories::seeded::Seeded;

const PAPER: &str = "birth_certificate_hospital";
/// Pages that stay captured.
const PAGES_MAX: usize = 3;
/// Different sheets that are captured.
const SHEETS: u64 = 4;

/// The pages that were promised, and whether one more may be there.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    kept: BTreeSet<String>,
    /// Asked for and not answered.
    one_more: bool,
    /// The control: said to be there without an answer.
    promised_unseen: bool,
    /// Captures that were on the disk although nobody had been told.
    pub untold: u32,
}

fn shown(view: &Value) -> Result<BTreeSet<String>> {
    let files = view.get("files").and_then(Value::as_array).context("no files")?;
    files
        .iter()
        .map(|file| {
            let whole = file.get("bytes").and_then(Value::as_u64).is_some_and(|n| n > 0);
            ensure!(whole, "torn: a page without bytes");
            let id = file
                .get("id")
                .and_then(Value::as_str)
                .context("a page without id")?;
            Ok(id.to_owned())
        })
        .collect()
}

impl Pages {
    pub fn judge(&mut self, view: &Value) -> Result<()> {
        let found = shown(view)?;
        ensure!(found.is_superset(&self.kept), "lost: a page that was kept");
        let most = self.kept.len() + usize::from(self.one_more);
        ensure!(found.len() <= most, "dup: {} pages of {most}", found.len());
        ensure!(
            !self.promised_unseen || found.len() == most,
            "lost: a page that was said to be kept"
        );
        self.untold += u32::from(self.one_more && found.len() == most);
        self.kept = found;
        (self.one_more, self.promised_unseen) = (false, false);
        Ok(())
    }

    /// The control's promise is taken back.
    pub fn forgive(&mut self) {
        self.promised_unseen = false;
    }
}

/// Draws the sheets once.
pub fn draw(folder: &Path) -> Result<()> {
    for seed in 0..SHEETS {
        std::fs::write(folder.join(format!("{seed}.jpg")), page::scanned(seed)?)?;
    }
    Ok(())
}

/// Captures a page until the program dies.
pub fn kill(life: &mut Life, sheets: &Path, random: &mut Seeded, promises: Promises) -> Result<Fell> {
    let (mut kiosk, _) = life.at_desk()?;
    let draft = life.draft.clone();
    while life.book.pages.kept.len() >= PAGES_MAX {
        let first = life.book.pages.kept.first().cloned().context("no page")?;
        let view = kiosk.call("remove_file", json!({ "dossier": draft, "file": first }))?;
        life.book.pages.kept = shown(&view)?;
    }
    let sheet = sheets.join(format!("{}.jpg", random.below(SHEETS)));
    let id = kiosk.send(
        "operator",
        "add_file",
        json!({ "dossier": draft, "component": PAPER, "path": sheet }),
    )?;
    let mut wait = life.wait(Moment::Papers, random);
    if promises == Promises::WhenAsked {
        wait /= 8;
    }
    std::thread::sleep(wait);
    let heard = kiosk.kill_and_hear()?;
    let told = answer(&heard, id);
    match told {
        Some(view) => life.book.pages.kept = shown(view)?,
        None => {
            life.book.pages.one_more = true;
            life.book.pages.promised_unseen = promises == Promises::WhenAsked;
        }
    }
    // Most of it is a reader's work; what was written shows when the dossier is opened again.
    let fell = if told.is_some() { Fell::After } else { Fell::Within };
    life.fell(Moment::Papers, wait, fell);
    Ok(fell)
}
