//! The simulated kiosk: a disk that survives, a pass that does not. What goes next is asked of `sync::lane::next`, as the
//! real pass asks it; how each lane works is that of `sync::status`, `sync::forms` and `sync::scans`; what is decided is
//! decided by [`super::rules::Rules`], `sync::plan`, `sync::suspicion` and `sync::breaker`.
//!
//! **Invariant:** each change of the disk is one transaction; between two of them the machine may die.

use super::brought::Asked;
use super::forms::Forms;
use super::province::Manifest;
use super::rules::Mutant;
use super::scans::{Scans, Waiting};
use super::world::{Ask, Ev, Said, World};
use domain::delivery::{Delivery, Event, QuarantineReason, Watermark};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use sync::breaker::Breaker;
use sync::decide::{CRASHES_MAX, SeenEpoch, WordsTakenBack};
use sync::lane::{self, Due, Lane};
use sync::plan::{self, LinkState, Queue, Settling, Unsettled};
use sync::suspicion::Suspicion;
use sync::{Failure, backoff};
use wire::Sha256;

/// By itself nothing is asked for so long after an answer that nobody knows.
const UNKNOWN_RESTS_MS: i64 = 30 * 60 * 1000;
/// As in `sync::pass`.
const FORMS_MAX: usize = 50;

/// A sealed dossier on the kiosk's disk.
#[derive(Debug, Clone)]
pub struct Item {
    pub manifest: Manifest,
    pub seq: u64,
    pub delivery: Delivery,
    pub durable_ms: Option<i64>,
    pub acknowledged_ms: Option<i64>,
    pub failures: u32,
    pub next_try_ms: i64,
    pub in_attempt: bool,
    pub crashes: u32,
    /// The case's version as last told, and in which epoch.
    pub told: (u64, u32),
    /// The case as last told.
    pub case: CaseStatus,
    /// An attempt was ever begun.
    pub attempted: bool,
    /// Onto a stick.
    pub copied: bool,
    /// What lies beside the sealed files and outlives the index.
    pub record: Record,
    /// Nobody will try it again (a mutant's).
    pub given_up: bool,
}

/// As `store::records`, one of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Record {
    pub word: Option<Watermark>,
    pub gone: bool,
    /// It is never to be sent.
    pub withdrawn: bool,
}

/// What survives a crash.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub items: BTreeMap<DossierId, Item>,
    pub files: BTreeSet<Sha256>,
    /// Files whose bytes are in memory only, with the time they came (a mutant's).
    pub unsynced: Vec<(Sha256, i64)>,
    pub cursor: u64,
    pub seen: Option<SeenEpoch>,
    pub taken_back: WordsTakenBack,
    pub signed_ms: i64,
    /// Places of the device's chain that are taken, and receipt numbers.
    pub sealed: u64,
    pub receipts: u64,
    /// A draft that has its id and is not sealed.
    pub draft: Option<DossierId>,
    /// The version of the catalogue in use.
    pub catalogue: u32,
}

/// What the pass waits for.
#[derive(Debug)]
pub enum Step {
    Probe,
    /// The small question, and how many restores it met.
    Ask {
        restores: u32,
    },
    Stock {
        seen: SeenEpoch,
        restores: u32,
    },
    Forms(Forms),
    Asked(Box<Asked>),
    Scans(Box<Scans>),
    Catalogue,
    /// Nothing: something is being worked on.
    Between,
}

/// As `sync::pass::Worker`, for one pass.
#[derive(Debug)]
pub struct Pass {
    pub asked_ms: Option<i64>,
    pub more_status: bool,
    pub pages: u32,
    /// Whoever had a turn in this pass.
    pub had: BTreeSet<DossierId>,
    pub loads: Vec<Waiting>,
    pub suspicion: Suspicion,
    pub step: Step,
}

/// One machine.
#[derive(Debug, Default)]
pub struct Kiosk {
    pub device: u32,
    pub disk: Disk,
    pub up: bool,
    /// Raised by every start: what was under way before is nobody's.
    pub life: u32,
    /// The call that is waited for.
    pub call: u64,
    /// The local clock's error.
    pub skew_ms: i64,
    pub floor_ms: i64,
    pub wake_at: i64,
    /// Something was sealed while a pass was under way.
    pub kicked: bool,
    /// The service asked for rest; only a person disturbs it.
    pub rest_until: i64,
    pub scans_rest_until: i64,
    /// When an answer came that nobody knows; until a person presses, or the machine starts anew.
    pub unknown_at: Option<i64>,
    /// The catalogue that the province named last, and since when another than the one in use is known.
    pub published: u32,
    pub catalogue_since: Option<i64>,
    pub breaker: Breaker,
    /// As in `sync::pass::Worker`.
    pub bytes_left: BTreeMap<DossierId, u64>,
    pub durable: Option<Watermark>,
    pub settling: Settling,
    pub pass: Option<Pass>,
}

impl Item {
    /// As it stands in the queue the moment it was sealed.
    pub fn sealed(manifest: Manifest, seq: u64) -> Self {
        Self {
            manifest,
            seq,
            delivery: Delivery::Sealed,
            durable_ms: None,
            acknowledged_ms: None,
            failures: 0,
            next_try_ms: 0,
            in_attempt: false,
            crashes: 0,
            told: (0, 0),
            case: CaseStatus::New,
            attempted: false,
            copied: false,
            record: Record::default(),
            given_up: false,
        }
    }
}

impl Item {
    pub fn is_steady(&self) -> bool {
        plan::is_steady(self.crashes, self.failures)
    }
}

/// As in `sync::pass`.
fn unsettled(disk: &Disk, durable: Option<Watermark>) -> Option<Unsettled> {
    let received = disk.items.values().filter_map(|i| match i.delivery {
        Delivery::Received { at } => Some(at),
        _ => None,
    });
    let newest = received.clone().max_by_key(|at| (at.epoch, at.lsn))?;
    Some(Unsettled {
        dossiers: received.count(),
        newest,
        durable,
    })
}

impl Kiosk {
    pub fn new(device: u32, disk: Disk) -> Self {
        Self {
            device,
            disk,
            ..Self::default()
        }
    }
}

fn milliseconds(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

impl World {
    pub(super) fn local_ms(&self, k: usize) -> i64 {
        self.now + self.kiosks[k].skew_ms
    }

    pub(super) fn item(&mut self, k: usize, id: &DossierId) -> Option<&mut Item> {
        self.kiosks[k].disk.items.get_mut(id)
    }

    /// One event on one item, through the state machine.
    pub(super) fn step(&mut self, k: usize, id: &DossierId, event: Event) {
        let rules = self.rules;
        if let Some(item) = self.item(k, id)
            && let Ok(next) = rules.step(item.delivery, event)
        {
            item.delivery = next;
        }
    }

    /// `sync::pass::begin`.
    pub(super) fn start(&mut self, k: usize) {
        let kiosk = &mut self.kiosks[k];
        kiosk.up = true;
        kiosk.life += 1;
        kiosk.call += 1;
        kiosk.pass = None;
        kiosk.breaker = Breaker::default();
        (kiosk.durable, kiosk.settling) = (None, Settling::default());
        kiosk.bytes_left.clear();
        kiosk.floor_ms = kiosk.disk.signed_ms;
        (kiosk.kicked, kiosk.rest_until, kiosk.scans_rest_until) = (false, 0, 0);
        (kiosk.published, kiosk.catalogue_since, kiosk.unknown_at) = (0, None, None);
        let mut crashed = Vec::new();
        for item in kiosk.disk.items.values_mut() {
            if item.in_attempt {
                item.crashes += 1;
                item.in_attempt = false;
            }
            if item.crashes >= CRASHES_MAX && item.delivery.is_waiting() {
                crashed.push(item.manifest.identity.dossier);
            }
            if item.delivery.is_waiting() {
                item.next_try_ms = 0;
            }
        }
        for id in crashed {
            let reason = QuarantineReason::CrashedTwice;
            self.step(k, &id, Event::Unfit { reason });
            if let Some(item) = self.item(k, &id) {
                item.crashes = 0;
            }
        }
        self.sweep(k);
        self.check_dangling(k);
        let wait = i64::try_from(self.rng.below(5000)).unwrap_or(0);
        self.wake_in(k, wait);
    }

    pub(super) fn wake_in(&mut self, k: usize, ms: i64) {
        let at = self.now + ms.max(1);
        self.kiosks[k].wake_at = at;
        let life = self.kiosks[k].life;
        self.at(at, Ev::Wake(k, life, at));
    }

    /// Something was sealed: look now, or right after the pass that is under way.
    pub(super) fn kick(&mut self, k: usize) {
        if self.kiosks[k].pass.is_some() {
            self.kiosks[k].kicked = true;
        } else {
            let rest = self.kiosks[k].rest_until - self.now;
            self.wake_in(k, rest);
        }
    }

    /// A person who reads that the answer is not understood presses "Gửi ngay".
    pub(super) fn press(&mut self, k: usize) {
        let kiosk = &mut self.kiosks[k];
        if kiosk.up && kiosk.pass.is_none() && kiosk.unknown_at.take().is_some() {
            kiosk.rest_until = 0;
            self.wake_in(k, 1);
        }
    }

    /// `sync::pass::pass`.
    pub(super) fn wake(&mut self, k: usize) {
        if self.kiosks[k].pass.is_some() {
            return;
        }
        if self.kiosks[k]
            .unknown_at
            .take()
            .is_some_and(|at| self.now - at < UNKNOWN_RESTS_MS)
        {
            self.oracle
                .broken("an answer that nobody knows was asked for in a loop", None);
        }
        self.mend_turns(k);
        self.kiosks[k].pass = Some(Pass {
            asked_ms: None,
            more_status: false,
            pages: 0,
            had: BTreeSet::new(),
            loads: Vec::new(),
            suspicion: Suspicion::default(),
            step: Step::Between,
        });
        self.next_lane(k);
    }

    fn mend_turns(&mut self, k: usize) {
        let now = self.local_ms(k);
        for item in self.kiosks[k].disk.items.values_mut() {
            if item.delivery.is_waiting() && plan::clock_went_back(item.next_try_ms, now) {
                item.next_try_ms = 0;
            }
        }
    }

    /// What there is to do now: as `Worker::facts`.
    pub(super) fn facts(&self, k: usize) -> Due {
        let kiosk = &self.kiosks[k];
        let Some(pass) = &kiosk.pass else {
            return Due::default();
        };
        let scans = self.now >= kiosk.scans_rest_until
            && (!pass.loads.is_empty() || !self.due(k, Delivery::Registered).is_empty());
        Due {
            asked: pass.asked_ms.map(|at| milliseconds(self.now - at)),
            forms: !self.due(k, Delivery::Sealed).is_empty(),
            more_status: pass.more_status,
            scans,
            catalogue: kiosk.catalogue_since.map(|since| milliseconds(self.now - since)),
        }
    }

    /// Items of one state that have their turn and did not have it in this pass: in the order of their sealing, and what
    /// failed before behind.
    pub(super) fn due(&self, k: usize, state: Delivery) -> Vec<DossierId> {
        let (now, disk) = (self.local_ms(k), &self.kiosks[k].disk);
        let Some(pass) = &self.kiosks[k].pass else {
            return Vec::new();
        };
        let mut due: Vec<(u32, u64, DossierId)> = disk
            .items
            .values()
            .filter(|i| i.delivery == state && plan::is_sendable(&i.delivery))
            .filter(|i| i.next_try_ms <= now && !i.given_up)
            .filter(|i| !pass.suspicion.shaky_rest() || i.is_steady())
            .map(|i| (i.failures, i.seq, i.manifest.identity.dossier))
            .filter(|(_, _, id)| !pass.had.contains(id))
            .collect();
        due.sort_unstable();
        due.truncate(FORMS_MAX);
        due.into_iter().map(|(_, _, id)| id).collect()
    }

    /// Goes on with whatever goes next.
    pub(super) fn next_lane(&mut self, k: usize) {
        let due = self.facts(k);
        if self.rules.is(Mutant::ScansFirst) && due.asked.is_some() && due.scans {
            return self.send_scans(k);
        }
        match lane::next(due) {
            Some(Lane::Control) if self.kiosks[k].breaker.is_open() => {
                self.wait_for(k, Step::Probe, Ask::Time)
            }
            Some(Lane::Control | Lane::Status) => self.ask(k, 0),
            Some(Lane::Forms) => {
                let rows = self.due(k, Delivery::Sealed);
                self.put_rows(k, rows);
            }
            Some(Lane::Scans) => self.send_scans(k),
            Some(Lane::Catalogue) => {
                self.kiosks[k].catalogue_since = None;
                self.wait_for(k, Step::Catalogue, Ask::Catalogue);
            }
            None => self.purge(k),
        }
    }

    pub(super) fn wait_for(&mut self, k: usize, step: Step, ask: Ask) {
        if let Some(pass) = &mut self.kiosks[k].pass {
            pass.step = step;
            self.call(k, ask);
        }
    }

    /// An answer, or what came instead of one.
    pub(super) fn heard(&mut self, k: usize, said: Said) {
        let Some(pass) = &mut self.kiosks[k].pass else {
            return;
        };
        match (std::mem::replace(&mut pass.step, Step::Between), said) {
            (Step::Between, _) => {}
            (Step::Forms(forms), said) => self.forms_heard(k, forms, said),
            (Step::Asked(asked), said) => self.asked_heard(k, *asked, said),
            (Step::Scans(scans), said) => self.scans_heard(k, *scans, said),
            (Step::Catalogue, said) => {
                // Whatever came of it fails nothing else.
                if let Said::Catalogue(version) = said {
                    let disk = &mut self.kiosks[k].disk;
                    disk.catalogue = disk.catalogue.max(version);
                }
                self.next_lane(k);
            }
            (_, Said::Failed(failure)) => self.end_pass(k, Some(failure)),
            (Step::Probe, Said::Time) => {
                self.kiosks[k].floor_ms = self.kiosks[k].floor_ms.max(self.now);
                self.ask(k, 0);
            }
            (Step::Ask { restores }, Said::Sync(page)) => self.asked(k, restores, &page),
            (Step::Stock { seen, restores }, Said::Inventory(unknown)) => {
                self.stock_taken(k, seen, restores, &unknown);
            }
            (_, _) => self.end_pass(k, Some(Failure::NotTheService)),
        }
    }

    /// `sync::engine`: how the pass ended, and when the next one comes.
    pub(super) fn end_pass(&mut self, k: usize, failure: Option<Failure>) {
        let (now, random) = (self.local_ms(k), self.rng.number());
        let scans_rest = self.kiosks[k].scans_rest_until - self.now;
        let kiosk = &mut self.kiosks[k];
        let pass = kiosk.pass.take();
        let failure = failure.or(pass.as_ref().and_then(|pass| pass.suspicion.at_the_end()));
        if matches!(failure, Some(Failure::Unknown(_))) {
            kiosk.unknown_at = Some(self.now);
        }
        let failure = self.rules.ended_with(failure);
        match failure {
            Some(failure) => kiosk.breaker.failed(failure),
            None => kiosk.breaker.worked(),
        }
        if pass.is_some_and(|pass| pass.asked_ms.is_some()) {
            kiosk.settling.asked(unsettled(&kiosk.disk, kiosk.durable));
        }
        let link = LinkState {
            failure,
            failures: kiosk.breaker.failures(),
        };
        let items = kiosk.disk.items.values();
        let queue = Queue {
            next_turn_ms: items
                .clone()
                .filter(|i| i.delivery.is_waiting())
                .map(|i| i.next_try_ms)
                .min(),
            settles: kiosk.settling.wait(),
            fresh: false,
            scans_rest: (scans_rest > 0).then(|| milliseconds(scans_rest)),
        };
        let wait = plan::wait(link, queue, now, random);
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let rests = plan::rests(failure);
        if rests {
            kiosk.rest_until = self.now + wait;
        }
        let kicked = std::mem::take(&mut kiosk.kicked);
        self.wake_in(k, if kicked && !rests { 1 } else { wait });
    }

    /// How long an item waits for its next turn.
    pub(super) fn later(&mut self, k: usize, failures: u32) -> i64 {
        let random = self.rng.number();
        let wait = backoff::wait(failures, random).as_millis();
        self.local_ms(k) + i64::try_from(wait).unwrap_or(0)
    }

    /// Does the pass end at this? The mutant lets one blocked item block everything behind it.
    pub(super) fn is_blocked(&self, failure: Failure) -> bool {
        self.rules.is(Mutant::FirstInFirstOut) && failure.scope() == sync::Scope::Item
    }
}
