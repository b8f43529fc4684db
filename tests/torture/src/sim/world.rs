//! One history: a heap of events, a network that loses, delays, doubles and mixes up, machines that die, a clerk, a
//! person who presses "Gửi lại", clocks that jump, backups, restores and cloned disks. All from one seed.
//!
//! **Invariant:** nothing here reads a real clock, and the same seed makes the same history. After the healing
//! nothing fails any more, so whatever is then not settled never would be.

use super::kiosk::{Disk, Item, Kiosk};
use super::oracle::{Oracle, Violation};
use super::province::{Answer, Key, Manifest, Province, Told};
use super::rules::{Mutant, Rules};
use domain::delivery::{Delivery, Event, HeldReason, QuarantineReason, Watermark};
use domain::ids::DossierId;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use stories::seeded::Seeded;
use sync::Failure;
use sync::decide::Identity;
use wire::Sha256;
use wire::acknowledgement::AckFile;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
/// A call without an answer fails after this long.
const CALL_MAX: i64 = 30 * SECOND;
/// Events of one page; small, so that pages follow each other.
const PAGE: usize = 3;
/// Where every history begins (2026-09).
const BEGIN: i64 = 1_790_000_000_000;

/// What may go wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    pub network: bool,
    pub crash: bool,
    pub restore: bool,
    pub clone: bool,
    pub clock: bool,
    pub rot: bool,
    pub refusals: bool,
}

/// The size and the trouble of a history.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    pub kiosks: usize,
    /// Dossiers of each kiosk.
    pub dossiers: u64,
    pub sealed_within_ms: i64,
    pub trouble_ms: i64,
    pub healed_ms: i64,
    pub keep_ms: i64,
    /// Bytes of one file at most.
    pub file_bytes: u64,
    pub faults: Faults,
    /// The one dossier (by its number) that the province refuses in words that nobody knows.
    pub poison: Option<u64>,
}

impl Config {
    /// Everything at once.
    pub const ALL: Self = Self {
        kiosks: 2,
        dossiers: 4,
        sealed_within_ms: 30 * MINUTE,
        trouble_ms: 50 * MINUTE,
        healed_ms: 65 * MINUTE,
        keep_ms: 12 * MINUTE,
        file_bytes: 2_000_000,
        faults: Faults {
            network: true,
            crash: true,
            restore: true,
            clone: true,
            clock: true,
            rot: true,
            refusals: true,
        },
        poison: None,
    };
}

/// What a kiosk asks.
#[derive(Debug, Clone)]
pub enum Ask {
    Time,
    Sync {
        cursor: u64,
    },
    Inventory(Vec<Identity>),
    Put(Manifest),
    Patch {
        dossier: DossierId,
        file: AckFile,
        offset: u64,
    },
    Head {
        dossier: DossierId,
        file: AckFile,
    },
}

/// What it hears.
#[derive(Debug, Clone)]
pub enum Said {
    Time,
    Sync {
        epoch: u64,
        durable: Watermark,
        events: Vec<Told>,
        next_cursor: u64,
        more: bool,
    },
    Inventory(Vec<DossierId>),
    Dossier(Answer),
    Offset(u64),
    Failed(Failure),
}

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Message {
    kiosk: usize,
    call: u64,
    ask: Ask,
    /// Bytes of a PATCH that arrive before the cut, in thousandths; 1000 is all.
    arrives: u64,
}

#[derive(Debug, Clone)]
enum Job {
    Take(Manifest),
    Settle(Key),
    Clerk,
}

/// What can happen.
#[derive(Debug)]
pub enum Ev {
    Wake(usize, u32, i64),
    Request(Message),
    Commit(u32),
    Response(usize, u64, Said),
    Timeout(usize, u64),
    Seal(usize),
    Start(usize),
    ProvinceStart,
    Trouble,
    BackUp,
    Clerk,
    Show(Told),
    Person(usize),
    Heal,
}

struct Due(i64, u64, Ev);

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// What came of a history.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub events: u64,
    pub receipts: usize,
    pub violation: Option<Violation>,
    /// When the last dossier was acknowledged, after the beginning.
    pub last_acknowledged_ms: i64,
    /// Simulated time from the healing to the last acknowledgement.
    pub converged_ms: i64,
    pub acknowledged: usize,
}

/// The whole of it.
pub struct World {
    pub config: Config,
    pub rules: Rules,
    pub rng: Seeded,
    pub now: i64,
    pub kiosks: Vec<Kiosk>,
    pub province: Province,
    pub oracle: Oracle,
    pub healed: bool,
    heap: BinaryHeap<Reverse<Due>>,
    order: u64,
    /// Jobs that wait for the commit, and whom to answer.
    jobs: Vec<(Job, Option<Message>)>,
    province_life: u32,
    /// The books before the first job that a mutant answered early.
    undo: Option<super::province::Books>,
    heard_before: Vec<Answer>,
    restored_times: u32,
    cloned: bool,
    seq_early: u64,
}

impl World {
    pub fn new(seed: u64, config: Config, rules: Rules) -> Self {
        let mut world = Self {
            config,
            rules,
            rng: Seeded::new(seed),
            now: BEGIN,
            kiosks: Vec::new(),
            province: Province::new(),
            oracle: Oracle::default(),
            healed: false,
            heap: BinaryHeap::new(),
            order: 0,
            jobs: Vec::new(),
            province_life: 0,
            undo: None,
            heard_before: Vec::new(),
            restored_times: 0,
            cloned: false,
            seq_early: 0,
        };
        for k in 0..config.kiosks {
            let device = u32::try_from(k).unwrap_or(0);
            world.kiosks.push(Kiosk::new(device, Disk::default()));
            world.at(BEGIN, Ev::Start(k));
            for _ in 0..config.dossiers {
                let at = BEGIN + world.up_to(config.sealed_within_ms);
                world.at(at, Ev::Seal(k));
            }
            world.at(BEGIN + 10 * MINUTE, Ev::Person(k));
        }
        world.at(BEGIN + MINUTE, Ev::BackUp);
        world.at(BEGIN + MINUTE, Ev::Clerk);
        world.at(BEGIN + MINUTE, Ev::Trouble);
        world.at(BEGIN + config.trouble_ms, Ev::Heal);
        world
    }

    fn up_to(&mut self, ms: i64) -> i64 {
        i64::try_from(self.rng.below(u64::try_from(ms).unwrap_or(0).max(1))).unwrap_or(0)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.rng.below(n) == 0
    }

    pub fn at(&mut self, ms: i64, ev: Ev) {
        self.order += 1;
        self.heap.push(Reverse(Due(ms, self.order, ev)));
    }

    /// To the end.
    pub fn run(mut self) -> Outcome {
        let end = BEGIN + self.config.trouble_ms + self.config.healed_ms;
        let mut out = Outcome::default();
        while let Some(Reverse(Due(at, _, ev))) = self.heap.pop() {
            if at > end || self.oracle.violation.is_some() {
                break;
            }
            self.now = at;
            out.events += 1;
            self.happen(ev);
        }
        if self.oracle.violation.is_none() {
            self.final_check();
        }
        out.receipts = self.oracle.receipts.len();
        let all = self.kiosks.iter().flat_map(|k| k.disk.items.values());
        let acked: Vec<i64> = all.filter_map(|i| i.acknowledged_ms).collect();
        out.acknowledged = acked.len();
        out.last_acknowledged_ms = acked.iter().copied().max().unwrap_or(BEGIN) - BEGIN;
        out.converged_ms = out.last_acknowledged_ms - self.config.trouble_ms;
        out.violation = self.oracle.violation;
        out
    }

    fn happen(&mut self, ev: Ev) {
        match ev {
            Ev::Wake(k, life, at) => {
                let kiosk = &self.kiosks[k];
                if kiosk.up && kiosk.life == life && kiosk.wake_at == at {
                    self.wake(k);
                }
            }
            Ev::Request(message) => self.arrives(message),
            Ev::Commit(life) => self.commit(life),
            Ev::Response(k, call, said) => {
                if self.kiosks[k].up && self.kiosks[k].call == call {
                    self.kiosks[k].call += 1;
                    self.heard(k, said);
                }
            }
            Ev::Timeout(k, call) => {
                if self.kiosks[k].up && self.kiosks[k].call == call {
                    self.kiosks[k].call += 1;
                    self.heard(k, Said::Failed(Failure::Network));
                }
            }
            Ev::Seal(k) => self.seal(k),
            Ev::Start(k) => self.start(k),
            Ev::ProvinceStart => self.province.up = true,
            Ev::Trouble => self.trouble(),
            Ev::BackUp => self.back_up(),
            Ev::Clerk => self.clerk(),
            Ev::Show(told) => self.show(told),
            Ev::Person(k) => self.person(k),
            Ev::Heal => self.heal(),
        }
    }

    // ---- the network -------------------------------------------------------------------------------------------

    fn bad(&self) -> bool {
        self.config.faults.network && !self.healed
    }

    fn delay(&mut self) -> i64 {
        if !self.bad() {
            return 20;
        }
        match self.rng.below(20) {
            0 => self.up_to(40 * SECOND),
            1..=4 => self.up_to(3 * SECOND),
            _ => 20 + self.up_to(200),
        }
    }

    /// Sends a request and waits for the answer.
    pub fn call(&mut self, k: usize, ask: Ask) {
        self.kiosks[k].call += 1;
        self.kiosks[k].asks_offset = matches!(ask, Ask::Head { .. });
        let call = self.kiosks[k].call;
        self.at(self.now + CALL_MAX, Ev::Timeout(k, call));
        if self.bad() && self.one_in(12) {
            let failure = match self.rng.below(4) {
                0 => Failure::NotTheService,
                1 => Failure::Slow,
                _ => Failure::Network,
            };
            let delay = self.delay();
            return self.at(self.now + delay, Ev::Response(k, call, Said::Failed(failure)));
        }
        let cut = self.bad() && self.one_in(4);
        let arrives = if cut { self.rng.below(1000) } else { 1000 };
        let message = Message {
            kiosk: k,
            call,
            ask,
            arrives,
        };
        let time = self.transfer_ms(&message);
        let delay = self.delay() + time;
        if self.bad() && self.one_in(15) {
            // Something on the way sends it again, perhaps much later.
            let later = delay + self.up_to(5 * MINUTE);
            self.at(self.now + later, Ev::Request(message.clone()));
        }
        if !(self.bad() && self.one_in(12)) {
            self.at(self.now + delay, Ev::Request(message));
        }
    }

    /// 2 MB/s, so that a file takes its time.
    fn transfer_ms(&self, message: &Message) -> i64 {
        match &message.ask {
            Ask::Patch { file, offset, .. } => {
                i64::try_from(file.len.saturating_sub(*offset) * message.arrives / 1000 / 2000).unwrap_or(0)
            }
            _ => 0,
        }
    }

    fn respond(&mut self, message: &Message, said: Said) {
        if self.bad() && self.one_in(10) {
            return;
        }
        let mut said = said;
        if let Said::Dossier(answer) = &mut said {
            // A proxy that mixes up its answers: still signed, and somebody else's.
            if self.bad() && self.one_in(60) && !self.heard_before.is_empty() {
                let which = usize::try_from(self.rng.below(self.heard_before.len() as u64)).unwrap_or(0);
                *answer = self.heard_before[which].clone();
            } else if self.heard_before.len() < 16 {
                self.heard_before.push(answer.clone());
            }
        }
        let delay = self.delay();
        self.at(self.now + delay, Ev::Response(message.kiosk, message.call, said));
    }

    // ---- the province ------------------------------------------------------------------------------------------

    fn arrives(&mut self, message: Message) {
        if !self.province.up {
            return;
        }
        let device = self.kiosks[message.kiosk].device;
        if self.rules.is(Mutant::ClockWindow) && self.kiosks[message.kiosk].skew_ms.abs() > 5 * MINUTE {
            return self.respond(&message, Said::Failed(Failure::Session));
        }
        if let Some(refused) = self.refuses(&message) {
            return self.respond(&message, Said::Failed(refused));
        }
        match &message.ask {
            Ask::Time => self.respond(&message, Said::Time),
            Ask::Sync { cursor } => {
                let said = self.feed(device, *cursor);
                self.respond(&message, said);
            }
            Ask::Inventory(list) => {
                let unknown = list
                    .iter()
                    .filter(|asked| !self.province.is_held(self.rules, device, asked));
                let unknown = unknown.map(|asked| asked.dossier).collect();
                self.respond(&message, Said::Inventory(unknown));
            }
            Ask::Put(manifest) => {
                let manifest = manifest.clone();
                self.job(Job::Take(manifest), Some(message));
            }
            Ask::Head { dossier, file } => {
                let stored = self
                    .province
                    .files
                    .get(&(*dossier, file.sha256))
                    .copied()
                    .unwrap_or_default();
                let held = if stored.whole { file.len } else { stored.held };
                self.respond(&message, Said::Offset(held));
            }
            Ask::Patch {
                dossier,
                file,
                offset,
            } => self.bytes_arrive(&message, *dossier, *file, *offset),
        }
    }

    fn refuses(&mut self, message: &Message) -> Option<Failure> {
        if let (Some(poison), Ask::Put(manifest)) = (self.config.poison, &message.ask)
            && manifest.number == poison
        {
            return Some(Failure::Held(HeldReason::UnknownAnswer));
        }
        if !self.config.faults.refusals || self.healed || !self.one_in(30) {
            return None;
        }
        let item = matches!(message.ask, Ask::Put(_) | Ask::Patch { .. });
        Some(match self.rng.below(4) {
            0 if item => Failure::Held(HeldReason::UnknownAnswer),
            1 if item => Failure::Held(HeldReason::FormRefused),
            2 => Failure::Session,
            _ => Failure::Server {
                retry_after: Some(std::time::Duration::from_secs(self.rng.below(60))),
            },
        })
    }

    fn feed(&mut self, device: u32, cursor: u64) -> Said {
        let books = &self.province.books;
        let mut events: Vec<Told> = books
            .feed
            .iter()
            .filter(|t| t.device == device && t.seq > cursor)
            .copied()
            .collect();
        events.sort_unstable_by_key(|t| t.seq);
        let more = events.len() > PAGE;
        events.truncate(PAGE);
        Said::Sync {
            epoch: books.epoch,
            durable: self.province.durable,
            next_cursor: events.last().map_or(cursor, |t| t.seq),
            events,
            more,
        }
    }

    fn bytes_arrive(&mut self, message: &Message, dossier: DossierId, file: AckFile, offset: u64) {
        // A file is found only through a dossier of the asking device.
        let Some(key) = self.province.keys_of(&dossier).into_iter().next_back() else {
            return self.respond(message, Said::Failed(Failure::Resume));
        };
        let arrived = file.len.saturating_sub(offset) * message.arrives / 1000;
        match self
            .province
            .append(self.rules, (dossier, file), offset, arrived, self.now)
        {
            Err(_) => self.respond(message, Said::Failed(Failure::Resume)),
            Ok(false) => self.respond(message, Said::Failed(Failure::Network)),
            Ok(true) => {
                let message = message.clone();
                self.job(Job::Settle(key), Some(message));
            }
        }
    }

    fn job(&mut self, job: Job, message: Option<Message>) {
        if self.rules.is(Mutant::AcknowledgeBeforeCommit) {
            self.undo.get_or_insert_with(|| self.province.books.clone());
            self.do_job(job, message);
            self.jobs.push((Job::Clerk, None));
        } else {
            self.jobs.push((job, message));
        }
        if self.jobs.len() == 1 {
            // Group commit: what comes meanwhile goes into the same transaction.
            let lazily = self.rules.is(Mutant::AcknowledgeBeforeCommit);
            let wait = 5 + self.up_to(if lazily { 20 * SECOND } else { 60 });
            self.at(self.now + wait, Ev::Commit(self.province_life));
        }
    }

    fn commit(&mut self, life: u32) {
        if life != self.province_life {
            return;
        }
        let jobs = std::mem::take(&mut self.jobs);
        if self.rules.is(Mutant::AcknowledgeBeforeCommit) {
            self.undo = None;
            return;
        }
        for (job, message) in jobs {
            self.do_job(job, message);
        }
    }

    fn do_job(&mut self, job: Job, message: Option<Message>) {
        let answer = match &job {
            Job::Take(manifest) => self.province.take(self.rules, manifest, self.now),
            Job::Settle(key) => self.province.settle(self.rules, *key),
            Job::Clerk => return self.clerk_writes(),
        };
        let Some(message) = message else { return };
        let said = answer.map_or(Said::Failed(Failure::Held(HeldReason::Fork)), Said::Dossier);
        self.respond(&message, said);
    }

    fn clerk(&mut self) {
        if self.province.up {
            self.job(Job::Clerk, None);
        }
        let next = 20 * SECOND + self.up_to(2 * MINUTE);
        if !self.healed {
            self.at(self.now + next, Ev::Clerk);
        }
    }

    /// A clerk writes a word on an acknowledged dossier: case and event in one transaction.
    fn clerk_writes(&mut self) {
        let keys: Vec<Key> = self
            .province
            .books
            .rows
            .iter()
            .filter(|(_, row)| row.acknowledgement.is_some())
            .map(|(key, _)| *key)
            .collect();
        if keys.is_empty() {
            return;
        }
        let which = usize::try_from(self.rng.below(keys.len() as u64)).unwrap_or(0);
        let books = &mut self.province.books;
        books.seq += 1;
        let seq = books.seq;
        let Some(row) = books.rows.get_mut(&keys[which]) else {
            return;
        };
        row.version += 1;
        let told = Told {
            seq,
            device: row.device,
            dossier: row.identity.dossier,
            version: row.version,
        };
        if self.rules.is(Mutant::SequenceBeforeCommit) {
            // The number is taken; its transaction shows later, perhaps after the next one's.
            self.seq_early += 1;
            let later = self.up_to(4 * MINUTE);
            self.at(self.now + later, Ev::Show(told));
        } else {
            books.feed.push(told);
        }
    }

    fn show(&mut self, told: Told) {
        self.province.books.feed.push(told);
    }

    fn back_up(&mut self) {
        // A backup is one transaction's view: it waits for the jobs under way.
        if self.province.up && self.undo.is_none() {
            self.province.back_up(self.now);
        }
        let next = if self.healed {
            2 * MINUTE
        } else {
            30 * SECOND + self.up_to(4 * MINUTE)
        };
        self.at(self.now + next, Ev::BackUp);
    }

    // ---- trouble -----------------------------------------------------------------------------------------------

    /// Does the machine die between these two transactions?
    pub fn dies(&mut self, k: usize) -> bool {
        let dies = self.config.faults.crash && !self.healed && self.one_in(150);
        if dies {
            self.crash(k);
        }
        dies
    }

    pub fn crash(&mut self, k: usize) {
        let (now, power) = (self.now, self.one_in(2));
        let kiosk = &mut self.kiosks[k];
        kiosk.up = false;
        kiosk.life += 1;
        let unsynced = std::mem::take(&mut kiosk.disk.unsynced);
        for (file, at) in unsynced {
            if power && now - at < CALL_MAX {
                kiosk.disk.files.remove(&file);
            }
        }
        let back = SECOND + self.up_to(3 * MINUTE);
        self.at(self.now + back, Ev::Start(k));
    }

    fn province_crash(&mut self) {
        self.province.up = false;
        self.province_life += 1;
        self.jobs.clear();
        if let Some(books) = self.undo.take() {
            self.province.books = books;
        }
        self.province.power_cut(self.now);
        let back = SECOND + self.up_to(3 * MINUTE);
        self.at(self.now + back, Ev::ProvinceStart);
    }

    fn trouble(&mut self) {
        if self.healed {
            return;
        }
        let faults = self.config.faults;
        let k = usize::try_from(self.rng.below(self.kiosks.len() as u64)).unwrap_or(0);
        match self.rng.below(12) {
            0..=2 if faults.crash && self.kiosks[k].up => self.crash(k),
            3..=5 if faults.crash && self.province.up => self.province_crash(),
            6 if faults.restore && self.restored_times < 2 => self.restore(),
            7 if faults.clone && !self.cloned => self.clone_disk(k),
            8 | 9 if faults.clock => self.jump(k),
            10 if faults.rot && self.one_in(4) => self.rot(k),
            _ => {}
        }
        let next = 20 * SECOND + self.up_to(3 * MINUTE);
        self.at(self.now + next, Ev::Trouble);
    }

    /// The province's disk dies and a backup comes back: one that is younger than the keeping time.
    fn restore(&mut self) {
        let youngest = self.now - self.config.keep_ms + 2 * MINUTE;
        let fit: Vec<usize> = (0..self.province.backups.len())
            .filter(|i| self.province.backups[*i].at_ms >= youngest)
            .collect();
        if fit.is_empty() {
            return;
        }
        let which = fit[usize::try_from(self.rng.below(fit.len() as u64)).unwrap_or(0)];
        self.province_crash();
        let epoch = 2 + self.rng.below(1 << 40);
        self.restored_times += u32::from(self.province.restore(which, epoch).is_some());
    }

    /// A technician clones the kiosk's disk for a second laptop; both go on.
    fn clone_disk(&mut self, k: usize) {
        self.cloned = true;
        let draft = self.rng.number();
        if self.one_in(2) {
            self.kiosks[k].disk.draft = Some(DossierId(uuid::Uuid::from_u64_pair(draft, 77)));
        }
        let copy = Kiosk::new(self.kiosks[k].device, self.kiosks[k].disk.clone());
        self.kiosks.push(copy);
        let new = self.kiosks.len() - 1;
        self.at(self.now + SECOND, Ev::Start(new));
        self.at(self.now + 5 * MINUTE, Ev::Person(new));
        for _ in 0..2 {
            let at = self.now + self.up_to(10 * MINUTE);
            self.at(at, Ev::Seal(new));
        }
    }

    fn jump(&mut self, k: usize) {
        let year = 365 * 24 * 60 * MINUTE;
        self.kiosks[k].skew_ms = match self.rng.below(5) {
            0 => -20 * year,
            1 => 10 * year,
            2 => 60 * MINUTE,
            3 => -60 * MINUTE,
            _ => 0,
        };
    }

    /// A sealed file rots on the kiosk's disk, before it was sent.
    fn rot(&mut self, k: usize) {
        let disk = &mut self.kiosks[k].disk;
        let waiting = disk.items.values().find(|i| i.delivery.is_waiting());
        let Some(item) = waiting else { return };
        let identity = item.manifest.identity;
        if let Some(file) = item.manifest.files.first() {
            disk.files.remove(&file.sha256);
            self.oracle.rotted(&identity);
        }
    }

    /// A person at the counter: what was held or set aside is sent again, where that can help.
    fn person(&mut self, k: usize) {
        let rules = self.rules;
        for item in self.kiosks[k].disk.items.values_mut() {
            let again = match item.delivery {
                Delivery::Held { reason } => reason != HeldReason::Fork,
                Delivery::Quarantined { reason } => reason == QuarantineReason::CrashedTwice,
                _ => false,
            };
            if again && let Ok(next) = rules.step(item.delivery, Event::Released) {
                item.delivery = next;
                item.next_try_ms = 0;
            }
        }
        self.at(self.now + 10 * MINUTE, Ev::Person(k));
    }

    fn heal(&mut self) {
        self.healed = true;
        for k in 0..self.kiosks.len() {
            if !self.kiosks[k].up {
                self.start(k);
            }
            // Clocks stay as wrong as they are.
            self.at(self.now + SECOND, Ev::Person(k));
        }
        self.province.up = true;
    }

    // ---- the counter -------------------------------------------------------------------------------------------

    /// The seal, with a death between any two of its steps.
    fn seal(&mut self, k: usize) {
        if !self.kiosks[k].up {
            let later = self.now + MINUTE;
            return self.at(later, Ev::Seal(k));
        }
        let dies_at = if self.config.faults.crash && !self.healed {
            self.rng.below(40)
        } else {
            40
        };
        let fresh = DossierId(uuid::Uuid::from_u64_pair(self.rng.number(), self.rng.number()));
        let disk = &mut self.kiosks[k].disk;
        let dossier = *disk.draft.get_or_insert(fresh);
        let files = self.make_files();
        if dies_at == 0 {
            return self.crash(k);
        }
        let (now, unsynced) = (self.now, self.rules.is(Mutant::KioskFilesUnsynced));
        let hash = self.hash();
        let device = self.kiosks[k].device;
        let disk = &mut self.kiosks[k].disk;
        for file in &files {
            disk.files.insert(file.sha256);
            if unsynced {
                disk.unsynced.push((file.sha256, now));
            }
        }
        if dies_at == 1 {
            return self.crash(k);
        }
        let disk = &mut self.kiosks[k].disk;
        disk.sealed += 1;
        let identity = Identity {
            dossier,
            manifest_sha256: hash,
        };
        let manifest = Manifest {
            identity,
            number: u64::from(device) * 100_000 + disk.sealed,
            device,
            files,
        };
        let item = Item {
            manifest,
            seq: disk.sealed,
            delivery: Delivery::Sealed,
            durable_ms: None,
            acknowledged_ms: None,
            failures: 0,
            next_try_ms: 0,
            in_attempt: false,
            crashes: 0,
            told: (0, 0),
            given_up: false,
        };
        disk.items.insert(dossier, item);
        disk.draft = None;
        // Committed: from here on it may not be lost, whether or not the receipt came out.
        self.oracle.printed(&identity, k);
        if dies_at == 2 || dies_at == 3 {
            return self.crash(k);
        }
        self.wake_in(k, 1);
    }

    fn hash(&mut self) -> Sha256 {
        let mut bytes = [0; 32];
        for part in bytes.as_chunks_mut::<8>().0 {
            *part = self.rng.number().to_le_bytes();
        }
        Sha256(bytes)
    }

    fn make_files(&mut self) -> Vec<AckFile> {
        (0..1 + self.rng.below(2))
            .map(|_| AckFile {
                sha256: self.hash(),
                len: 1000 + self.rng.below(self.config.file_bytes),
            })
            .collect()
    }

    // ---- judgement ---------------------------------------------------------------------------------------------

    /// Bytes may go only where the province holds the dossier whole now.
    pub fn check_purge(&mut self, identity: &Identity) {
        let held = self.province.books.rows.values().any(|row| {
            row.identity == *identity
                && row
                    .files
                    .iter()
                    .all(|f| self.province.is_whole(&identity.dossier, f))
        });
        if !held {
            self.oracle.broken(
                "purged, and the province does not hold it",
                Some(identity.dossier),
            );
        }
    }

    fn final_check(&mut self) {
        let receipts: Vec<_> = self.oracle.receipts.iter().map(|(id, r)| (*id, *r)).collect();
        for ((dossier, manifest_sha256), receipt) in receipts {
            let identity = Identity {
                dossier,
                manifest_sha256,
            };
            if let Some(what) = self.judge(&identity, receipt.kiosk) {
                let poisoned = self.config.poison.is_some() && what == "stuck: never arrived";
                // What rotted before it was sent cannot arrive; its row stays, for a person.
                let rotten = receipt.rotten && !what.contains("row") && !what.starts_with("dup");
                if !(rotten || poisoned) {
                    let kiosk = &self.kiosks[receipt.kiosk];
                    let detail = format!(
                        "{:?}; cursor {} seen {:?} up {}; province epoch {} durable {:?} fork {}",
                        kiosk.disk.items.get(&dossier),
                        kiosk.disk.cursor,
                        kiosk.disk.seen,
                        kiosk.up,
                        self.province.books.epoch,
                        self.province.durable,
                        self.province.books.forks.contains(&(dossier, manifest_sha256)),
                    );
                    self.oracle.broken(what, Some(dossier));
                    return self.oracle.explain(detail);
                }
            }
        }
    }

    /// One receipt at the end of everything.
    fn judge(&self, identity: &Identity, kiosk: usize) -> Option<&'static str> {
        let disk = &self.kiosks[kiosk].disk;
        let Some(item) = disk
            .items
            .get(&identity.dossier)
            .filter(|i| i.manifest.identity == *identity)
        else {
            return Some("lost: the counter's row is gone");
        };
        let books = &self.province.books;
        let rows: Vec<_> = books
            .rows
            .values()
            .filter(|row| row.identity.dossier == identity.dossier)
            .collect();
        let fork = books
            .forks
            .contains(&(identity.dossier, identity.manifest_sha256));
        let own: Vec<_> = rows.iter().filter(|row| row.identity == *identity).collect();
        if rows.len() > 1 {
            return Some("dup: more than one case");
        }
        let held_for_a_person = matches!(
            item.delivery,
            Delivery::Held {
                reason: HeldReason::Fork
            }
        );
        let here = item.manifest.files.iter().all(|f| disk.files.contains(&f.sha256));
        let contents = self.oracle.receipts.keys();
        let truly_forked = contents.filter(|(id, _)| *id == identity.dossier).count() > 1;
        if held_for_a_person && truly_forked && here {
            // Two contents under one id: whichever the province has after its restores, both wait for a person.
            return None;
        }
        let Some(row) = own.first() else {
            return match (fork, held_for_a_person, item.delivery.is_acknowledged()) {
                (true, true, _) => None,
                (_, _, true) => Some("lost: acknowledged, and the province does not have it"),
                (_, _, false) if here => Some("stuck: never arrived"),
                (_, _, false) => Some("lost: neither side has the files"),
            };
        };
        let whole = row
            .files
            .iter()
            .all(|f| self.province.is_whole(&identity.dossier, f));
        let garbled = row.files.iter().any(|f| {
            self.province
                .files
                .get(&(identity.dossier, f.sha256))
                .is_some_and(|f| f.garbled)
        });
        match item.delivery {
            _ if garbled => Some("lost: the bytes differ"),
            Delivery::Purged { .. } if !whole => Some("lost: purged, and the province has not every file"),
            // A word of before a restore that the province has forgotten stays as it was told.
            Delivery::Purged { .. } if row.version > 0 && item.told != (books.epoch, row.version) => {
                Some("never-read: a status was skipped")
            }
            Delivery::Purged { .. } => None,
            _ => Some("unsettled: not durable and let go long after the trouble"),
        }
    }
}
