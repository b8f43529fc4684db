//! The seal while the machine dies: a dossier with a promised receipt is in the queue with its files, any other is still
//! a draft, and nothing is sealed twice.
//!
//! Each kill falls on a copy of one kiosk with several dossiers that wait for nothing but the seal, with the network
//! away: two copies are one machine to the province.

use super::aim::Fell;
use super::kiosk::Moment;
use super::life::Life;
use super::{Promises, ROWS_MAX, answer, judge};
use anyhow::{Context as _, Result, ensure};
use domain::ids::DossierId;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use store::Outbox;
use store::tables::item;
use stories::counter::{PIN, items};
use stories::seeded::Seeded;
use stories::{Kiosk, form, wait};
use tempfile::TempDir;

/// Dossiers that wait for the seal in one copy.
const WAITING: usize = 4;

/// The kiosk that is copied.
pub struct Ready {
    pub life: Life,
    dossiers: Vec<String>,
}

impl Ready {
    /// Fills in the dossiers and closes.
    pub fn make(mut life: Life, short: bool) -> Result<Self> {
        let mut kiosk = life.people()?;
        life.away(true);
        let mut dossiers = Vec::new();
        for child in 0..if short { 2 } else { WAITING } {
            let dossier = form::start(&mut kiosk)?;
            form::fill(&mut kiosk, &dossier, child)?;
            form::confirm(&mut kiosk, &dossier)?;
            dossiers.push(dossier);
        }
        kiosk.close()?;
        Ok(Self { life, dossiers })
    }
}

/// One copy, killed until everything in it is sealed.
pub struct Copy {
    _folder: TempDir,
    data: PathBuf,
    waiting: Vec<String>,
    sealed: BTreeSet<String>,
}

impl Copy {
    pub fn of(ready: &Ready, scratch: &Path) -> Result<Self> {
        let folder = tempfile::tempdir_in(scratch)?;
        let data = folder.path().join("kiosk");
        ready.life.copied(&data)?;
        Ok(Self {
            _folder: folder,
            data,
            waiting: ready.dossiers.clone(),
            sealed: BTreeSet::new(),
        })
    }

    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    fn open(&self, ready: &Ready) -> Result<Kiosk> {
        let mut kiosk = Kiosk::open_with(&self.data, &[], &[("RUST_LOG", "off")])?;
        kiosk.call("sign_in", json!({ "operator": ready.life.officer(), "pin": PIN }))?;
        let listed: Vec<_> = items(&mut kiosk)?;
        ensure!(
            listed.len() == self.sealed.len(),
            "dup: {} in the outbox, {} were sealed",
            listed.len(),
            self.sealed.len()
        );
        Ok(kiosk)
    }

    /// Everything that is in the queue, each with its files.
    fn queued(&self) -> Result<BTreeSet<String>> {
        let outbox = Outbox::open(&self.data)?;
        let rows = item::newest(outbox.db(), ROWS_MAX)?;
        for row in &rows {
            judge::files_are_there(&self.data, &outbox, &row.dossier)?;
        }
        Ok(rows.iter().map(|row| row.dossier.to_string()).collect())
    }

    /// Seals what is left, and everything a second time: nothing is there twice.
    pub fn once_only(mut self, ready: &Ready) -> Result<Self> {
        let mut kiosk = self.open(ready)?;
        while let Some(dossier) = self.waiting.pop() {
            kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
            kiosk.call("seal_dossier", json!({ "dossier": dossier }))?;
            self.sealed.insert(dossier);
        }
        for dossier in &self.sealed {
            let again = kiosk.call("seal_dossier", json!({ "dossier": dossier }));
            ensure!(
                items(&mut kiosk)?.len() == self.sealed.len(),
                "dup: sealed a second time: {again:?}"
            );
        }
        kiosk.kill()?;
        Ok(self)
    }

    /// The network comes back for one of the copies: what it sealed goes to the province.
    pub fn sent(self, ready: &Ready) -> Result<Vec<DossierId>> {
        ready.life.away(false);
        let mut kiosk = self.open(ready)?;
        wait::until("the sealed copies to be acknowledged", || {
            kiosk.call("send_now", json!({}))?;
            let all = items(&mut kiosk)?;
            let done = all.iter().all(|i| i.get("acknowledged") == Some(&json!(true)));
            Ok(done.then_some(()))
        })?;
        kiosk.close()?;
        self.sealed.iter().map(|id| Ok(id.parse()?)).collect()
    }
}

/// Seals the next dossier of a copy until the program dies.
pub fn kill(
    life: &mut Life,
    ready: &Ready,
    copy: &mut Copy,
    random: &mut Seeded,
    promises: Promises,
) -> Result<Fell> {
    let mut kiosk = copy.open(ready)?;
    let dossier = copy.waiting.last().context("nothing is left to seal")?.clone();
    kiosk
        .call("open_dossier", json!({ "dossier": dossier }))
        .context("lost: neither sealed nor a draft")?;
    let id = kiosk.send("operator", "seal_dossier", json!({ "dossier": dossier }))?;
    let mut wait = life.wait(Moment::Sealing, random);
    if promises == Promises::WhenAsked {
        wait /= 4;
    }
    std::thread::sleep(wait);
    let heard = kiosk.kill_and_hear()?;
    let told = answer(&heard, id).is_some();
    let queued = copy.queued()?;
    let there = queued.contains(&dossier);
    ensure!(
        there || !(told || promises == Promises::WhenAsked),
        "lost: a receipt without a row"
    );
    ensure!(
        queued.is_superset(&copy.sealed),
        "lost: a dossier that was sealed"
    );
    let expected = copy.sealed.len() + usize::from(there);
    ensure!(
        queued.len() == expected,
        "dup: {} rows of {expected}",
        queued.len()
    );
    if there {
        copy.waiting.pop();
        copy.sealed.insert(dossier);
    }
    let fell = match (told, there) {
        (true, _) => Fell::After,
        (false, true) => Fell::Within,
        (false, false) => Fell::Before,
    };
    life.fell(Moment::Sealing, wait, fell);
    Ok(fell)
}
