//! One history: a heap of events, a network that loses, delays, doubles and mixes up, machines that die, a clerk, a
//! person who presses "Gửi lại", clocks that jump, backups, restores and cloned disks. All from one seed.
//!
//! **Invariant:** nothing here reads a real clock, and the same seed makes the same history. After the healing
//! nothing fails any more, so whatever is then not settled never would be.

use super::kiosk::{Disk, Kiosk};
use super::network::Line;
use super::oracle::{Oracle, Violation};
use super::province::{Answer, Books, Manifest, Province, Told};
use super::rules::Rules;
use super::service::Job;
use domain::delivery::Watermark;
use domain::ids::DossierId;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;
use stories::seeded::Seeded;
use sync::Failure;
use sync::decide::Identity;
use wire::Sha256;
use wire::acknowledgement::AckFile;

pub(super) const SECOND: i64 = 1000;
pub(super) const MINUTE: i64 = 60 * SECOND;
/// Where every history begins (2026-09).
pub(super) const BEGIN: i64 = 1_790_000_000_000;

/// What may go wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    pub network: bool,
    pub crash: bool,
    pub restore: bool,
    pub clone: bool,
    pub clock: bool,
    /// Sealed files rot on the kiosk's disk, and whole ones on both of the province's.
    pub rot: bool,
    pub refusals: bool,
    /// Citizens take back what they filed.
    pub withdrawals: bool,
    /// A kiosk's index is damaged, and made again from what lies beside the sealed files.
    pub rebuild: bool,
    /// Sealed dossiers go onto a stick, and from there to the province.
    pub stick: bool,
}

/// What a dossier that never gets through meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poison {
    /// The province refuses its form in words that nobody knows.
    FormHeld,
    /// The service fails over its form, and over no other.
    FormFails,
    /// Whatever carries its form breaks off.
    FormBreaks,
    /// The service fails over its file.
    FileFails,
    /// Whatever carries its file breaks off.
    FileBreaks,
}

impl Poison {
    pub const ALL: [Self; 5] = [
        Self::FormHeld,
        Self::FormFails,
        Self::FormBreaks,
        Self::FileFails,
        Self::FileBreaks,
    ];
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
    /// The one dossier (by its number) that never gets through, and how.
    pub poison: Option<(u64, Poison)>,
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
            withdrawals: true,
            rebuild: true,
            stick: true,
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
    /// Forms, several in one request.
    Put(Vec<Manifest>),
    Catalogue,
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
    Sync(Page),
    Inventory(Vec<DossierId>),
    /// To a file that became whole.
    Dossier(Answer),
    /// To a request of forms: a word for each.
    Dossiers(Vec<Result<Answer, Failure>>),
    Catalogue(u32),
    Offset(u64),
    Failed(Failure),
}

/// The answer to the small question.
#[derive(Debug, Clone)]
pub struct Page {
    pub epoch: u64,
    pub durable: Watermark,
    pub events: Vec<Told>,
    pub next_cursor: u64,
    pub more: bool,
    pub catalogue: u32,
    /// No room for files now: come again with them after this.
    pub files_rest: Option<Duration>,
}

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Message {
    pub kiosk: usize,
    pub call: u64,
    pub ask: Ask,
    /// Bytes of a PATCH that arrive before the cut, in thousandths; 1000 is all.
    pub arrives: u64,
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
    TakeBack(usize),
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
    /// Requests that were about the dossier that never gets through.
    pub about_poison: u64,
}

/// The whole of it.
pub struct World {
    pub config: Config,
    pub rules: Rules,
    pub rng: Seeded,
    /// What rots at the province; by itself, so that the rest of a history stays what it was.
    pub rot: Seeded,
    pub now: i64,
    pub kiosks: Vec<Kiosk>,
    pub province: Province,
    pub oracle: Oracle,
    pub healed: bool,
    /// What lies on the stick.
    pub stick: BTreeMap<(DossierId, Sha256), Manifest>,
    /// What the line is, and until when.
    pub line: (Line, i64),
    heap: BinaryHeap<Reverse<Due>>,
    order: u64,
    /// Jobs that wait for the commit, and whom to answer.
    pub jobs: Vec<(Job, Option<Message>)>,
    pub province_life: u32,
    /// The books before the first job that a mutant answered early.
    pub undo: Option<Books>,
    pub heard_before: Vec<Answer>,
    pub restored_times: u32,
    pub cloned: bool,
    pub seq_early: u64,
    pub about_poison: u64,
}

impl World {
    pub fn new(seed: u64, config: Config, rules: Rules) -> Self {
        let mut world = Self {
            config,
            rules,
            rng: Seeded::new(seed),
            rot: Seeded::new(seed ^ 0x0726_0726),
            now: BEGIN,
            kiosks: Vec::new(),
            province: Province::new(),
            oracle: Oracle::default(),
            healed: false,
            stick: BTreeMap::new(),
            line: (Line::Mixed, BEGIN),
            heap: BinaryHeap::new(),
            order: 0,
            jobs: Vec::new(),
            province_life: 0,
            undo: None,
            heard_before: Vec::new(),
            restored_times: 0,
            cloned: false,
            seq_early: 0,
            about_poison: 0,
        };
        for k in 0..config.kiosks {
            let device = u32::try_from(k).unwrap_or(0);
            world.kiosks.push(Kiosk::new(device, Disk::default()));
            world.at(BEGIN, Ev::Start(k));
            for _ in 0..config.dossiers {
                let at = BEGIN + world.up_to(config.sealed_within_ms);
                world.at(at, Ev::Seal(k));
            }
            if config.faults.withdrawals {
                for _ in 0..1 + world.rng.below(2) {
                    let at = BEGIN + world.up_to(config.trouble_ms);
                    world.at(at, Ev::TakeBack(k));
                }
            }
            world.at(BEGIN + 10 * MINUTE, Ev::Person(k));
        }
        world.at(BEGIN + MINUTE, Ev::BackUp);
        world.at(BEGIN + MINUTE, Ev::Clerk);
        world.at(BEGIN + MINUTE, Ev::Trouble);
        world.at(BEGIN + config.trouble_ms, Ev::Heal);
        world
    }

    pub(super) fn up_to(&mut self, ms: i64) -> i64 {
        i64::try_from(self.rng.below(u64::try_from(ms).unwrap_or(0).max(1))).unwrap_or(0)
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
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
        out.about_poison = self.about_poison;
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
            Ev::TakeBack(k) => self.take_back(k),
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
}
