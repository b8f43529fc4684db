//! The simulated kiosk: a disk that survives, a pass that does not. The order of a pass is that of `sync::pass`,
//! `sync::delivery` and `sync::upload`; what is decided is decided by [`super::rules::Rules`], `sync::plan` and
//! `sync::breaker`.
//!
//! **Invariant:** each change of the disk is one transaction; between two of them the machine may die.

use super::province::{Answer, Manifest, Told};
use super::rules::Mutant;
use super::world::{Ask, Ev, Said, World};
use domain::delivery::{Delivery, Event, HeldReason, QuarantineReason, Watermark};
use domain::ids::DossierId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use sync::breaker::Breaker;
use sync::decide::{self, Believed, CRASHES_MAX, Identity, SeenEpoch};
use sync::plan::{self, LinkState, Load, Queue};
use sync::{Failure, Scope, backoff};
use wire::Sha256;
use wire::acknowledgement::AckFile;

/// As in `sync::delivery`, `sync::upload` and `sync::pass`.
const ROUNDS_MAX: u32 = 3;
const STUCK_MAX: u32 = 3;
const ITEMS_MAX: usize = 200;

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
    /// Nobody will try it again (a mutant's).
    pub given_up: bool,
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
    pub signed_ms: i64,
    pub sealed: u64,
    /// A draft that has its id and is not sealed.
    pub draft: Option<DossierId>,
}

/// Where a pass stands.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Probe,
    Ask,
    Stock(SeenEpoch),
    Register,
    Deliver,
}

#[derive(Debug)]
struct Pass {
    stage: Stage,
    queue: VecDeque<DossierId>,
    loads: Vec<Load>,
    open: BTreeMap<DossierId, Vec<(AckFile, u64)>>,
    current: Option<DossierId>,
    wanted: VecDeque<(AckFile, u64)>,
    sending: Option<(AckFile, u64)>,
    last: Option<Answer>,
    rounds: u32,
    stuck: u32,
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
    /// The call that is waited for asks for an offset.
    pub asks_offset: bool,
    breaker: Breaker,
    pass: Option<Pass>,
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

impl World {
    fn local_ms(&self, k: usize) -> i64 {
        self.now + self.kiosks[k].skew_ms
    }

    fn item(&mut self, k: usize, id: &DossierId) -> Option<&mut Item> {
        self.kiosks[k].disk.items.get_mut(id)
    }

    /// One event on one item, through the state machine.
    fn step(&mut self, k: usize, id: &DossierId, event: Event) {
        let rules = self.rules;
        if let Some(item) = self.item(k, id)
            && let Ok(next) = rules.step(item.delivery, event)
        {
            item.delivery = next;
        }
    }

    /// `sync::pass::begin`.
    pub fn start(&mut self, k: usize) {
        let kiosk = &mut self.kiosks[k];
        kiosk.up = true;
        kiosk.life += 1;
        kiosk.call += 1;
        kiosk.pass = None;
        kiosk.breaker = Breaker::default();
        kiosk.floor_ms = kiosk.disk.signed_ms;
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

    pub fn wake_in(&mut self, k: usize, ms: i64) {
        let at = self.now + ms.max(1);
        self.kiosks[k].wake_at = at;
        let life = self.kiosks[k].life;
        self.at(at, Ev::Wake(k, life, at));
    }

    /// `sync::pass::pass`, its first step.
    pub fn wake(&mut self, k: usize) {
        if self.kiosks[k].pass.is_some() {
            return;
        }
        let now = self.local_ms(k);
        let waiting = |i: &&mut Item| i.delivery.is_waiting();
        let kiosk = &mut self.kiosks[k];
        let turn = kiosk
            .disk
            .items
            .values()
            .filter(|i| i.delivery.is_waiting())
            .map(|i| i.next_try_ms)
            .min();
        if turn.is_some_and(|turn| plan::clock_went_back(turn, now)) {
            for item in kiosk.disk.items.values_mut().filter(waiting) {
                item.next_try_ms = 0;
            }
        }
        let stage = if kiosk.breaker.is_open() {
            Stage::Probe
        } else {
            Stage::Ask
        };
        kiosk.pass = Some(Pass {
            stage,
            queue: VecDeque::new(),
            loads: Vec::new(),
            open: BTreeMap::new(),
            current: None,
            wanted: VecDeque::new(),
            sending: None,
            last: None,
            rounds: 0,
            stuck: 0,
        });
        if matches!(stage, Stage::Probe) {
            self.call(k, Ask::Time);
        } else {
            self.ask(k);
        }
    }

    fn ask(&mut self, k: usize) {
        if let Some(pass) = &mut self.kiosks[k].pass {
            pass.stage = Stage::Ask;
        }
        let cursor = self.kiosks[k].disk.cursor;
        self.call(k, Ask::Sync { cursor });
    }

    /// An answer, or what came instead of one.
    pub fn heard(&mut self, k: usize, said: Said) {
        let Some(stage) = self.kiosks[k].pass.as_ref().map(|p| p.stage) else {
            return;
        };
        let next = match (stage, said) {
            (Stage::Register | Stage::Deliver, Said::Failed(failure)) => {
                self.item_failed(k, stage, failure);
                return;
            }
            (_, Said::Failed(failure)) => Err(failure),
            (Stage::Probe, Said::Time) => {
                self.kiosks[k].floor_ms = self.kiosks[k].floor_ms.max(self.now);
                self.ask(k);
                Ok(())
            }
            (
                Stage::Ask,
                Said::Sync {
                    epoch,
                    durable,
                    events,
                    next_cursor,
                    more,
                },
            ) => {
                let kiosk = &mut self.kiosks[k];
                kiosk.floor_ms = kiosk.floor_ms.max(self.now);
                if self.rules.was_restored(kiosk.disk.seen, epoch) {
                    self.take_stock(
                        k,
                        SeenEpoch {
                            epoch,
                            since_ms: self.now,
                        },
                    );
                    return;
                }
                self.page(k, epoch, durable, &events, next_cursor);
                if !self.kiosks[k].up {
                    return;
                }
                self.kiosks[k].breaker.worked();
                if more {
                    self.ask(k)
                } else {
                    self.send_due(k)
                }
                Ok(())
            }
            (Stage::Stock(seen), Said::Inventory(unknown)) => {
                self.restored(k, seen, &unknown);
                if self.dies(k) {
                    return;
                }
                self.ask(k);
                Ok(())
            }
            (Stage::Register, Said::Dossier(answer)) => {
                self.registered(k, &answer);
                return;
            }
            (Stage::Deliver, said) => {
                self.delivering(k, said);
                return;
            }
            (_, _) => Err(Failure::NotTheService),
        };
        if let Err(failure) = next {
            self.end_pass(k, Some(failure));
        }
    }

    /// `sync::apply::events`.
    fn page(&mut self, k: usize, epoch: u64, durable: Watermark, events: &[Told], next_cursor: u64) {
        let rules = self.rules;
        if rules.is(Mutant::CursorBeforeEvents) {
            let disk = &mut self.kiosks[k].disk;
            let before = disk.cursor;
            disk.cursor = decide::cursor_after(disk.cursor, next_cursor);
            if !events.is_empty() && self.rng.below(8) == 0 && !self.healed && self.config.faults.crash {
                self.crash(k);
                return;
            }
            self.kiosks[k].disk.cursor = before;
        }
        let now = self.now;
        let disk = &mut self.kiosks[k].disk;
        let mut twice = None;
        for told in events.iter().filter(|e| decide::is_news(e.seq, disk.cursor)) {
            if let Some(item) = disk.items.get_mut(&told.dossier) {
                if item.told.0 == epoch && told.version <= item.told.1 {
                    twice = Some(told.dossier);
                }
                item.told = (epoch, told.version);
            }
        }
        for item in disk.items.values_mut() {
            if let Some(next) = rules.covered(&item.delivery, durable) {
                item.delivery = next;
                item.durable_ms = item.durable_ms.or(Some(now));
            }
        }
        disk.cursor = decide::cursor_after(disk.cursor, next_cursor);
        disk.seen = disk.seen.or(Some(SeenEpoch { epoch, since_ms: now }));
        disk.signed_ms = now;
        if let Some(id) = twice {
            self.oracle
                .broken("a status came twice or out of order", Some(id));
        }
    }

    fn take_stock(&mut self, k: usize, seen: SeenEpoch) {
        if let Some(pass) = &mut self.kiosks[k].pass {
            pass.stage = Stage::Stock(seen);
        }
        let list = self.kiosks[k].disk.items.values();
        let list: Vec<Identity> = list
            .filter(|i| decide::in_inventory(&i.delivery))
            .map(|i| i.manifest.identity)
            .collect();
        self.call(k, Ask::Inventory(list));
    }

    /// `sync::apply::restored`.
    fn restored(&mut self, k: usize, seen: SeenEpoch, unknown: &[DossierId]) {
        let rules = self.rules;
        let again: Vec<DossierId> = self.kiosks[k]
            .disk
            .items
            .iter()
            .filter(|(id, item)| unknown.contains(id) || rules.is_void(&item.delivery, seen.epoch))
            .map(|(id, _)| *id)
            .collect();
        for id in &again {
            self.step(k, id, Event::Forgotten);
            if let Some(item) = self.item(k, id) {
                (item.durable_ms, item.acknowledged_ms, item.next_try_ms) = (None, None, 0);
            }
        }
        let disk = &mut self.kiosks[k].disk;
        disk.cursor = 0;
        disk.seen = Some(seen);
    }

    fn send_due(&mut self, k: usize) {
        let now = self.local_ms(k);
        let fifo = self.rules.is(Mutant::FirstInFirstOut);
        let disk = &self.kiosks[k].disk;
        let mut due: Vec<(i64, u64, DossierId)> = disk
            .items
            .values()
            .filter(|i| plan::is_sendable(&i.delivery) && i.next_try_ms <= now && !i.given_up)
            .map(|i| {
                (
                    if fifo { 0 } else { i.next_try_ms },
                    i.seq,
                    i.manifest.identity.dossier,
                )
            })
            .collect();
        due.sort_unstable();
        due.truncate(ITEMS_MAX);
        if let Some(pass) = &mut self.kiosks[k].pass {
            pass.stage = Stage::Register;
            pass.queue = due.into_iter().map(|(_, _, id)| id).collect();
        }
        self.next_item(k);
    }

    fn begin_turn(&mut self, k: usize, id: &DossierId) -> bool {
        if let Some(item) = self.item(k, id) {
            item.in_attempt = true;
        }
        !self.dies(k)
    }

    fn next_item(&mut self, k: usize) {
        let Some(pass) = &mut self.kiosks[k].pass else {
            return;
        };
        let Some(id) = pass.queue.pop_front() else {
            if matches!(pass.stage, Stage::Register) {
                plan::order(&mut pass.loads);
                pass.queue = pass.loads.drain(..).map(|l| l.dossier).collect();
                pass.stage = Stage::Deliver;
                return self.next_item(k);
            }
            return self.purge(k);
        };
        pass.current = Some(id);
        let (stage, missing) = (pass.stage, pass.open.remove(&id).unwrap_or_default());
        if !self.begin_turn(k, &id) {
            return;
        }
        if matches!(stage, Stage::Deliver) {
            if let Some(pass) = &mut self.kiosks[k].pass {
                pass.rounds = 0;
            }
            return self.round(k, missing);
        }
        let disk = &self.kiosks[k].disk;
        let Some(item) = disk.items.get(&id) else { return };
        if item
            .manifest
            .files
            .iter()
            .any(|f| !disk.files.contains(&f.sha256))
        {
            return self.end_turn(k, Some(Failure::Local(QuarantineReason::FileDamaged)));
        }
        let manifest = item.manifest.clone();
        self.call(k, Ask::Put(manifest));
    }

    /// `sync::delivery::take`. `Ok(None)` where it is acknowledged.
    fn take(&mut self, k: usize, answer: &Answer) -> Result<Option<Vec<(AckFile, u64)>>, Failure> {
        let Some(id) = self.kiosks[k].pass.as_ref().and_then(|p| p.current) else {
            return Err(Failure::Stopped);
        };
        let Some(item) = self.kiosks[k].disk.items.get(&id) else {
            return Err(Failure::Stopped);
        };
        let ours = item.manifest.identity;
        let believed = self.rules.believe(
            &ours,
            &answer.identity,
            answer.acknowledgement.as_ref(),
            item.manifest.files.iter().copied(),
        );
        match believed {
            None => Err(Failure::Held(HeldReason::UnknownAnswer)),
            Some(Believed::Registered) => {
                self.kiosks[k].breaker.worked();
                self.step(k, &id, Event::Registered);
                Ok(Some(answer.missing.clone()))
            }
            Some(Believed::Acknowledged(at)) if !self.rules.is_current(at, self.kiosks[k].disk.seen) => {
                Err(Failure::Resume)
            }
            Some(Believed::Acknowledged(at)) => {
                self.kiosks[k].breaker.worked();
                self.step(k, &id, Event::Acknowledged { at });
                let (local, floor, rules) = (self.local_ms(k), self.kiosks[k].floor_ms, self.rules);
                if let Some(item) = self.item(k, &id) {
                    item.acknowledged_ms = item.acknowledged_ms.or(Some(local));
                    item.failures = 0;
                    if let Some(next) = rules.covered(&item.delivery, answer.durable) {
                        item.delivery = next;
                        item.durable_ms = item.durable_ms.or(Some(floor));
                    }
                }
                Ok(None)
            }
        }
    }

    fn registered(&mut self, k: usize, answer: &Answer) {
        match self.take(k, answer) {
            Err(failure) => self.end_turn(k, Some(failure)),
            Ok(missing) => {
                let kiosk = &mut self.kiosks[k];
                if let (Some(missing), Some(pass)) = (missing, &mut kiosk.pass)
                    && let Some(dossier) = pass.current
                {
                    pass.loads.push(Load {
                        dossier,
                        device_seq: kiosk.disk.items.get(&dossier).map_or(0, |i| i.seq),
                        bytes_left: missing.iter().map(|(f, at)| f.len.saturating_sub(*at)).sum(),
                    });
                    pass.open.insert(dossier, missing);
                }
                self.end_turn(k, None);
            }
        }
    }

    /// `sync::delivery::deliver`, one round.
    fn round(&mut self, k: usize, missing: Vec<(AckFile, u64)>) {
        let Some(pass) = &mut self.kiosks[k].pass else {
            return;
        };
        pass.rounds += 1;
        if pass.rounds > ROUNDS_MAX {
            return self.end_turn(k, Some(Failure::Resume));
        }
        (pass.wanted, pass.last) = (missing.into(), None);
        self.next_file(k);
    }

    fn next_file(&mut self, k: usize) {
        let Some(pass) = &mut self.kiosks[k].pass else {
            return;
        };
        pass.stuck = 0;
        pass.sending = pass.wanted.pop_front();
        if pass.sending.is_some() {
            return self.patch(k);
        }
        match pass.last.take() {
            Some(answer) => self.taken(k, &answer),
            None => self.put_again(k),
        }
    }

    fn put_again(&mut self, k: usize) {
        let id = self.kiosks[k].pass.as_ref().and_then(|p| p.current);
        let manifest = id
            .and_then(|id| self.kiosks[k].disk.items.get(&id))
            .map(|i| i.manifest.clone());
        if let Some(manifest) = manifest {
            self.call(k, Ask::Put(manifest));
        }
    }

    fn taken(&mut self, k: usize, answer: &Answer) {
        match self.take(k, answer) {
            Err(failure) => self.end_turn(k, Some(failure)),
            Ok(None) => self.end_turn(k, None),
            Ok(Some(missing)) => self.round(k, missing),
        }
    }

    fn patch(&mut self, k: usize) {
        let Some(pass) = &self.kiosks[k].pass else { return };
        if let (Some((file, offset)), Some(dossier)) = (pass.sending, pass.current) {
            self.call(
                k,
                Ask::Patch {
                    dossier,
                    file,
                    offset,
                },
            );
        }
    }

    /// `sync::upload::send`.
    fn delivering(&mut self, k: usize, said: Said) {
        let Some(pass) = &mut self.kiosks[k].pass else {
            return;
        };
        match (pass.sending, said) {
            (None, Said::Dossier(answer)) => self.taken(k, &answer),
            (Some(_), Said::Dossier(answer)) => {
                pass.last = Some(answer);
                self.next_file(k);
            }
            (Some((file, before)), Said::Offset(held)) => {
                pass.stuck = if held > before { 0 } else { pass.stuck + 1 };
                if pass.stuck >= STUCK_MAX || held > file.len {
                    return self.end_turn(k, Some(Failure::Network));
                }
                pass.sending = Some((file, held));
                if held == file.len {
                    pass.last = None;
                    return self.next_file(k);
                }
                self.patch(k);
            }
            (_, _) => self.end_turn(k, Some(Failure::NotTheService)),
        }
    }

    fn item_failed(&mut self, k: usize, stage: Stage, failure: Failure) {
        let pass = self.kiosks[k].pass.as_ref();
        let asked_offset = pass.is_some_and(|p| p.sending.is_some());
        let resumable = matches!(failure, Failure::Network | Failure::Slow | Failure::Resume);
        if matches!(stage, Stage::Deliver) && asked_offset && resumable && !self.kiosks[k].asks_offset {
            let pass = self.kiosks[k].pass.as_ref();
            if let Some((Some((file, _)), Some(dossier))) = pass.map(|p| (p.sending, p.current)) {
                return self.call(k, Ask::Head { dossier, file });
            }
        }
        self.end_turn(k, Some(failure));
    }

    /// `sync::pass::end_turn`.
    fn end_turn(&mut self, k: usize, failure: Option<Failure>) {
        let Some(id) = self.kiosks[k].pass.as_ref().and_then(|p| p.current) else {
            return self.end_pass(k, failure);
        };
        let (rules, local, random) = (self.rules, self.local_ms(k), self.rng.number());
        let blocked = rules.is(Mutant::FirstInFirstOut) && failure.is_some_and(|f| f.scope() == Scope::Item);
        if rules.is(Mutant::DropRefused) && matches!(failure, Some(Failure::Held(_))) {
            self.kiosks[k].disk.items.remove(&id);
        }
        let delivering = matches!(
            self.kiosks[k].pass.as_ref().map(|p| p.stage),
            Some(Stage::Deliver)
        );
        if rules.is(Mutant::AttachmentGivenUp)
            && delivering
            && failure.is_some()
            && let Some(item) = self.item(k, &id)
        {
            item.given_up = true;
        }
        if rules.is(Mutant::DuplicateIsSuccess) && failure == Some(Failure::Held(HeldReason::Fork)) {
            let at = Watermark { epoch: 1, lsn: 0 };
            self.step(k, &id, Event::Acknowledged { at });
            return self.end_turn(k, None);
        }
        let ended = decide::ended(failure.filter(|_| !blocked));
        if let Some(event) = ended.event {
            self.step(k, &id, event);
        }
        if let Some(item) = self.item(k, &id) {
            let wait = i64::try_from(backoff::wait(item.failures, random).as_millis()).unwrap_or(0);
            (item.in_attempt, item.crashes) = (false, 0);
            item.next_try_ms = if ended.waits { local + wait } else { 0 };
            item.failures = if ended.word.is_none() {
                0
            } else {
                item.failures + 1
            };
        }
        if let Some(pass) = &mut self.kiosks[k].pass {
            (pass.current, pass.sending) = (None, None);
        }
        if self.dies(k) {
            return;
        }
        match failure {
            Some(failure) if blocked || failure.scope() != Scope::Item => self.end_pass(k, Some(failure)),
            _ => self.next_item(k),
        }
    }

    /// `sync::apply::purge`.
    fn purge(&mut self, k: usize) {
        let Some(seen) = self.kiosks[k].disk.seen else {
            return self.end_pass(k, None);
        };
        let (floor, keep, rules) = (self.kiosks[k].floor_ms, self.config.keep_ms, self.rules);
        let going: Vec<Identity> = self.kiosks[k]
            .disk
            .items
            .values()
            .filter(|i| rules.may_go(&i.delivery, i.durable_ms, seen, floor, keep))
            .map(|i| i.manifest.identity)
            .collect();
        for identity in going {
            self.check_purge(&identity);
            if rules.is(Mutant::PurgeOnReceived)
                && let Some(item) = self.item(k, &identity.dossier)
                && let Delivery::Received { at } = item.delivery
            {
                item.delivery = Delivery::Purged { at };
            }
            if rules.is(Mutant::FilesBeforeRow) {
                self.delete_files(k, &identity.dossier);
                if self.dies(k) {
                    return;
                }
            }
            self.step(k, &identity.dossier, Event::PurgeDue);
            if self.dies(k) {
                return;
            }
            self.delete_files(k, &identity.dossier);
        }
        self.end_pass(k, None);
    }

    fn delete_files(&mut self, k: usize, dossier: &DossierId) {
        let disk = &mut self.kiosks[k].disk;
        if let Some(item) = disk.items.get(dossier) {
            for file in &item.manifest.files {
                disk.files.remove(&file.sha256);
            }
        }
    }

    /// `sync::apply::sweep`.
    fn sweep(&mut self, k: usize) {
        let disk = &mut self.kiosks[k].disk;
        for item in disk.items.values() {
            if matches!(item.delivery, Delivery::Purged { .. }) {
                for file in &item.manifest.files {
                    disk.files.remove(&file.sha256);
                }
            }
        }
    }

    /// `sync::engine`: how the pass ended, and when the next one comes.
    fn end_pass(&mut self, k: usize, failure: Option<Failure>) {
        let (now, random) = (self.local_ms(k), self.rng.number());
        let kiosk = &mut self.kiosks[k];
        kiosk.pass = None;
        if let Some(failure) = failure {
            kiosk.breaker.failed(failure);
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
            unsettled: items
                .clone()
                .any(|i| matches!(i.delivery, Delivery::Received { .. })),
            fresh: false,
            scans_rest: None,
        };
        let wait = plan::wait(link, queue, now, random);
        self.wake_in(k, i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    }

    /// A row that points at files that are not there, and does not say so.
    fn check_dangling(&mut self, k: usize) {
        let disk = &self.kiosks[k].disk;
        let bad = disk.items.values().find(|item| {
            let waiting = !matches!(
                item.delivery,
                Delivery::Purged { .. } | Delivery::Quarantined { .. }
            );
            waiting
                && !self.oracle.is_rotten(&item.manifest.identity)
                && item
                    .manifest
                    .files
                    .iter()
                    .any(|f| !disk.files.contains(&f.sha256))
        });
        let bad = bad.map(|i| i.manifest.identity.dossier);
        if bad.is_some() && !self.rules.is(Mutant::PurgeOnReceived) {
            self.oracle.broken("dangling: a row without its files", bad);
        }
    }
}
