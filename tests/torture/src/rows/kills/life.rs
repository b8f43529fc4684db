//! One kiosk's life: an enrolled machine with an officer, a dossier on the screens and a queue, killed again and again
//! on the same disk; and what has been promised of it.
//!
//! **Invariant:** what stands in [`Book`] was promised to somebody, or was put on the disk before the kill.

use super::aim::{Aim, Fell};
use super::kiosk::Moment;
use super::{copy, hollow_reserve};
use anyhow::{Context as _, Result, ensure};
use domain::delivery::Event;
use domain::ids::{DeviceId, DossierId};
use seal::keys::{Recipients, SigningKey};
use seal::wrap::{self, Wrapped};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::Outbox;
use store::guard::{FileGuard, KeyGuard as _};
use store::tables::item;
use store::tables::setting::{self, Name};
use stories::counter::{self, PIN};
use stories::desk::{Desk, noise};
use stories::seeded::Seeded;
use stories::{Chaos, Kiosk, Province, Rule, form, wait};
use tempfile::TempDir;

/// What the programs say of the damage that is made here is no news.
const QUIET: [(&str, &str); 1] = [("RUST_LOG", "off")];

/// What was promised.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// Every dossier that was sealed, with its manifest's hash.
    pub sealed: BTreeMap<DossierId, [u8; 32]>,
    /// The officer was told that it is taken back.
    pub withdrawn: BTreeSet<DossierId>,
    /// The province's official codes.
    pub codes: BTreeMap<DossierId, String>,
    /// Found purged, and whole at the province.
    pub settled: BTreeSet<DossierId>,
    pub answers: super::typing::Answers,
    pub pages: super::papers::Pages,
    /// Set aside because the program died twice while sending them, and released by a person.
    pub released: u32,
}

/// What the machine seals with, read from its disk.
struct Machine {
    to: Recipients,
    seed: [u8; 32],
    id: DeviceId,
    epoch: u64,
}

#[derive(Deserialize)]
struct Enrolment {
    offer: wire::enrol::EnrolOffer,
    device_epoch: u64,
}

#[derive(Deserialize)]
struct DeviceKey {
    id: DeviceId,
    wrapped_seed: Wrapped,
}

impl Machine {
    fn of(data: &Path) -> Result<Self> {
        let outbox = Outbox::open(data)?;
        let enrolment: Enrolment = setting::get(outbox.db(), Name::Enrolment)?.context("not enrolled")?;
        let key: DeviceKey = setting::get(outbox.db(), Name::DeviceKey)?.context("no device key")?;
        let secret = FileGuard::new(data).held(&|_| true)?.context("no secret")?;
        let seed = wrap::open_with_machine(&secret, &key.wrapped_seed, key.id.as_bytes())?;
        Ok(Self {
            to: enrolment.offer.recipients,
            seed: seed.as_slice().try_into().context("no seed")?,
            id: key.id,
            epoch: enrolment.device_epoch,
        })
    }
}

/// A kiosk and its folder.
pub struct Life {
    folder: TempDir,
    /// Another disk.
    pub stick: TempDir,
    pub network: Chaos,
    officer: Value,
    machine: Machine,
    pub draft: String,
    pub book: Book,
    /// How long the program takes to open here.
    opens: Duration,
    aims: BTreeMap<Moment, Aim>,
}

impl Life {
    /// Enrols a machine. One at a time: two people compare six words.
    pub fn enrol(province: &Province, scratch: &Path) -> Result<Self> {
        let folder = tempfile::tempdir_in(scratch)?;
        let data = folder.path().join("kiosk");
        let network = Chaos::before(province.address())?;
        let mut kiosk = Kiosk::open(&data)?;
        counter::enrol(&mut kiosk, province, &network.url())?;
        kiosk.close()?;
        hollow_reserve(&data)?;
        Ok(Self {
            machine: Machine::of(&data)?,
            folder,
            stick: tempfile::tempdir()?,
            network,
            officer: Value::Null,
            draft: String::new(),
            book: Book::default(),
            opens: Duration::ZERO,
            aims: BTreeMap::new(),
        })
    }

    /// Gives it an officer, and answers the open kiosk with them signed in.
    pub fn people(&mut self) -> Result<Kiosk> {
        let began = Instant::now();
        let mut kiosk = self.open()?;
        self.opens = began.elapsed();
        self.officer = counter::head(&mut kiosk, "Cầm Thị Hoa")?;
        Ok(kiosk)
    }

    /// Signed in again, with nothing on the screens.
    pub fn people_again(&self) -> Result<Kiosk> {
        let mut kiosk = self.open()?;
        kiosk.call("sign_in", json!({ "operator": self.officer, "pin": PIN }))?;
        Ok(kiosk)
    }

    /// Begins the dossier that stays on the screens.
    pub fn begin_draft(&mut self, mut kiosk: Kiosk) -> Result<()> {
        (self.book.answers, self.book.pages) = Default::default();
        self.draft = form::start(&mut kiosk)?;
        kiosk.close()?;
        Ok(())
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("kiosk")
    }

    pub fn officer(&self) -> &Value {
        &self.officer
    }

    /// Starts the program and asks nothing.
    pub fn begin(&self) -> Result<Kiosk> {
        Kiosk::begin(&self.data(), &QUIET)
    }

    /// The program, open.
    pub fn open(&self) -> Result<Kiosk> {
        Kiosk::open_with(&self.data(), &[], &QUIET)
    }

    /// Open, signed in, with the dossier on the screens; what was promised of the dossier is there.
    pub fn at_desk(&mut self) -> Result<(Kiosk, Value)> {
        let mut kiosk = self.open()?;
        kiosk.call("sign_in", json!({ "operator": self.officer, "pin": PIN }))?;
        let view = kiosk
            .call("open_dossier", json!({ "dossier": self.draft }))
            .context("lost: the dossier on the screens")?;
        self.book.answers.judge(&view)?;
        self.book.pages.judge(&view)?;
        Ok((kiosk, view))
    }

    /// A desk with the machine's own keys, on its disk, while the program is closed.
    pub fn desk(&self) -> Result<Desk> {
        Desk::new(
            &self.data(),
            self.machine.to.clone(),
            SigningKey::from_seed(&self.machine.seed),
            *self.machine.id.as_bytes(),
            self.machine.epoch,
        )
    }

    /// Seals dossiers of noise while the program is closed, in the order of its own seal, with the machine's own keys.
    pub fn seal(&mut self, count: u64, random: &mut Seeded) -> Result<Vec<DossierId>> {
        let mut desk = self.desk()?;
        let mut fresh = Vec::new();
        for _ in 0..count {
            let mut papers = Vec::new();
            for _ in 0..1 + random.below(2) {
                let bytes = usize::try_from(500 + random.below(40_000)).unwrap_or(500);
                papers.push(noise(bytes, random.number()));
            }
            fresh.push(desk.seal(&papers)?);
        }
        for row in item::newest(desk.outbox.db(), u32::try_from(count).unwrap_or(1))? {
            self.book.sealed.insert(row.dossier, row.manifest_sha256);
        }
        Ok(fresh)
    }

    /// When the next kill falls.
    pub fn wait(&mut self, moment: Moment, random: &mut Seeded) -> Duration {
        let opens = self.opens;
        self.aims
            .entry(moment)
            .or_insert_with(|| moment.aim(opens))
            .wait(random)
    }

    /// What came of a kill.
    pub fn fell(&mut self, moment: Moment, wait: Duration, fell: Fell) {
        if let Some(aim) = self.aims.get_mut(&moment) {
            aim.fell(wait, fell);
        }
    }

    pub fn away(&self, away: bool) {
        self.network.rule(if away { Rule::Refuse } else { Rule::Pass });
        self.network.cut();
    }

    /// What the program died on twice waits for a person, who lets it go on. Answers how many there were.
    pub fn release(&mut self, outbox: &mut Outbox) -> Result<usize> {
        let waiting = item::in_state(outbox.db(), "quarantined")?;
        for row in &waiting {
            outbox.step(&row.dossier, Event::Released, |_| Ok(()))?;
            self.book.released += 1;
        }
        Ok(waiting.len())
    }

    /// Opens the program and waits, with nobody signed in, until nothing waits and all is durable: what it set aside at the
    /// opening too, once a person let it go.
    pub fn quiet(&mut self) -> Result<()> {
        self.drained()?;
        if self.release(&mut Outbox::open(&self.data())?)? > 0 {
            self.drained()?;
        }
        Ok(())
    }

    fn drained(&self) -> Result<()> {
        self.away(false);
        item::due_at_once(Outbox::open(&self.data())?.db())?;
        let kiosk = self.open()?;
        let db = rusqlite::Connection::open(self.data().join("outbox.db"))?;
        db.busy_timeout(Duration::from_secs(10))?;
        let done = wait::until("the queue to be empty and durable", || {
            let waiting: i64 = db.query_row(
                "SELECT count(*) FROM item WHERE state IN ('sealed', 'registered', 'received')",
                [],
                |r| r.get(0),
            )?;
            Ok((waiting == 0).then_some(()))
        });
        kiosk.kill()?;
        done
    }

    /// A copy of the whole kiosk.
    pub fn copied(&self, to: &Path) -> Result<()> {
        copy(&self.data(), to)
    }

    /// A stick that is nearly full of copies gives way to a new one.
    pub fn fresh_stick(&mut self, full: usize) -> Result<()> {
        if wire::parcel::list(self.stick.path())?.len() > full {
            self.stick = tempfile::tempdir()?;
        }
        Ok(())
    }

    /// The draft is finished, sealed by the program itself, and everything is sent.
    pub fn end(&mut self) -> Result<()> {
        self.quiet()?;
        let (mut kiosk, _) = self.at_desk()?;
        let draft = self.draft.clone();
        form::fill(&mut kiosk, &draft, 0)?;
        form::confirm(&mut kiosk, &draft)?;
        kiosk.call("seal_dossier", json!({ "dossier": draft }))?;
        kiosk.close()?;
        let id: DossierId = draft.parse()?;
        let row = item::get(Outbox::open(&self.data())?.db(), &id)?.context("lost: the sealed draft")?;
        ensure!(
            self.book.sealed.insert(id, row.manifest_sha256).is_none(),
            "dup: the draft was sealed before"
        );
        self.quiet()
    }
}
