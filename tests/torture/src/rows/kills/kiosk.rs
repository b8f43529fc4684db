//! The kiosk's headless program, killed over its whole life: typing, capturing, sealing, sending, clearing its disk,
//! writing a stick, making its index again, taking back.
//!
//! Several kiosks live beside each other, each on one disk from its enrolment to the last dossier at the province; all
//! of them send to one real province.

use super::aim::{Aim, Fell};
use super::judge::{There, at_the_end};
use super::life::Life;
use super::sealing::{Copy, Ready};
use super::{Promises, controls, index, papers, purge, sealing, sending, stick, typing as typed, withdrawal};
use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, anyhow};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use stories::Province;
use stories::seeded::Seeded;

/// What the kiosk is at when it dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    Typing,
    Papers,
    Sealing,
    Sending,
    Purge,
    Stick,
    Index,
    Withdrawal,
}

/// Each moment, how many of so many kills it gets, and between which hundredths of the program's opening they fall at
/// first.
const MOMENTS: [(Moment, usize, (u32, u32)); 8] = [
    (Moment::Typing, 4, (1, 50)),
    (Moment::Papers, 2, (10, 400)),
    (Moment::Sealing, 4, (1, 60)),
    (Moment::Sending, 4, (70, 130)),
    (Moment::Purge, 2, (70, 130)),
    (Moment::Stick, 2, (1, 60)),
    (Moment::Index, 2, (30, 120)),
    (Moment::Withdrawal, 2, (0, 4)),
];

impl Moment {
    /// Where its first kills fall, of a program that takes so long to open.
    pub fn aim(self, opens: Duration) -> Aim {
        let (from, to) = MOMENTS
            .iter()
            .find(|(moment, ..)| *moment == self)
            .map_or((0, 100), |(.., span)| *span);
        Aim::between(opens * from / 100, opens * to / 100)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Papers => "capture",
            Self::Sealing => "seal",
            Self::Sending => "sending and status",
            Self::Purge => "purge",
            Self::Stick => "stick",
            Self::Index => "index made again",
            Self::Withdrawal => "withdrawal",
        }
    }
}

/// One round of all moments, mixed.
fn deck(random: &mut Seeded) -> Vec<Moment> {
    let mut deck: Vec<_> = MOMENTS
        .iter()
        .flat_map(|(moment, count, _)| std::iter::repeat_n(*moment, *count))
        .collect();
    for at in (1..deck.len()).rev() {
        let with = usize::try_from(random.below(at as u64 + 1)).unwrap_or(0);
        deck.swap(at, with);
    }
    deck
}

/// How many kills fell before, within and after the act.
type Tally = BTreeMap<Moment, [u32; 3]>;

/// One life with what belongs to it.
struct Worker<'a> {
    life: Life,
    copy: Option<Copy>,
    there: There,
    random: Seeded,
    ready: &'a Ready,
    sheets: &'a Path,
    scratch: &'a Path,
    tally: Tally,
    done: u64,
}

impl Worker<'_> {
    fn kill(&mut self, moment: Moment) -> Result<Fell> {
        let (life, random, promises) = (&mut self.life, &mut self.random, Promises::WhenAnswered);
        match moment {
            Moment::Typing => typed::kill(life, random, promises),
            Moment::Papers => papers::kill(life, self.sheets, random, promises),
            Moment::Sending => sending::kill(life, &mut self.there, random),
            Moment::Purge => purge::kill(life, &self.there, random),
            Moment::Stick => stick::kill(life, &self.there, random, promises),
            Moment::Index => index::kill(life, &self.there, random),
            Moment::Withdrawal => withdrawal::kill(life, &self.there, random, promises),
            Moment::Sealing => {
                if let Some(done) = self.copy.take_if(|copy| copy.is_done()) {
                    done.once_only(self.ready)?;
                }
                let mut copy = match self.copy.take() {
                    Some(copy) => copy,
                    None => Copy::of(self.ready, self.scratch)?,
                };
                let fell = sealing::kill(life, self.ready, &mut copy, random, promises);
                self.copy = Some(copy);
                fell
            }
        }
    }

    /// Its share of the kills; the first fault ends it.
    fn live(&mut self, share: &[(u64, Moment)]) -> Result<()> {
        for (kill, moment) in share {
            let fell = self
                .kill(*moment)
                .with_context(|| format!("kill {kill}, {}", moment.name()))?;
            let at = match fell {
                Fell::Before => 0,
                Fell::Within => 1,
                Fell::After => 2,
            };
            self.tally.entry(*moment).or_default()[at] += 1;
            self.done += 1;
        }
        self.life.end().context("at the end of a life")
    }
}

/// Enrols the machines one by one and sets them up beside each other.
fn set_up(plan: &Plan, province: &Province, beside: usize) -> Result<(Vec<Life>, Ready)> {
    let mut lives = Vec::new();
    for _ in 0..=beside {
        lives.push(Life::enrol(province, &plan.scratch)?);
    }
    let to_copy = lives.pop().context("no life")?;
    std::thread::scope(|scope| {
        let ready = scope.spawn(|| Ready::make(to_copy, plan.short));
        let settled: Vec<_> = lives
            .into_iter()
            .map(|mut life| {
                scope.spawn(move || -> Result<Life> {
                    let kiosk = life.people()?;
                    life.begin_draft(kiosk)?;
                    Ok(life)
                })
            })
            .collect();
        let lives = settled.into_iter().map(joined).collect::<Result<Vec<_>>>()?;
        Ok((lives, joined(ready)?))
    })
}

fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().map_err(|_| anyhow!("a worker panicked"))?
}

/// The row.
pub fn kiosk(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(22, 2000);
    let mut row = Row::new("kill-kiosk", "kills", plan, wanted);
    let beside = if plan.short { 2 } else { 4 };
    let province = Province::start()?;
    let sheets = tempfile::tempdir_in(&plan.scratch)?;
    papers::draw(sheets.path())?;
    let (lives, ready) = set_up(plan, &province, beside)?;
    let mut random = Seeded::new(plan.seed);
    let all = std::iter::repeat_with(|| deck(&mut random)).flatten();
    let all: Vec<_> = (0..wanted).zip(all).collect();
    let mut workers = Vec::new();
    for (at, life) in lives.into_iter().enumerate() {
        workers.push(Worker {
            life,
            copy: None,
            there: There::open(province.data())?,
            random: Seeded::new(plan.seed + 1 + at as u64),
            ready: &ready,
            sheets: sheets.path(),
            scratch: &plan.scratch,
            tally: Tally::new(),
            done: 0,
        });
    }
    let faults: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = workers
            .iter_mut()
            .enumerate()
            .map(|(at, worker)| {
                let share: Vec<_> = all.iter().skip(at).step_by(beside).copied().collect();
                scope.spawn(move || worker.live(&share))
            })
            .collect();
        running.into_iter().filter_map(|one| joined(one).err()).collect()
    });
    for fault in &faults {
        row.breaks(format!("{fault:#}"));
    }
    row.done = workers.iter().map(|worker| worker.done).sum();
    if row.broken.is_none() {
        finish(plan, &mut row, workers, &ready)?;
    }
    Ok(row)
}

/// Everything at the province, what the kills fell on, and the controls.
fn finish(plan: &Plan, row: &mut Row, workers: Vec<Worker<'_>>, ready: &Ready) -> Result<()> {
    let (mut tally, mut lives, mut copies) = (Tally::new(), Vec::new(), Vec::new());
    let (mut released, mut untold) = (0, 0);
    let mut there = None;
    for worker in workers {
        for (moment, counts) in worker.tally {
            let all = tally.entry(moment).or_default();
            all.iter_mut().zip(counts).for_each(|(all, one)| *all += one);
        }
        released += worker.life.book.released;
        untold += worker.life.book.pages.untold;
        lives.push(worker.life);
        copies.extend(worker.copy);
        there = Some(worker.there);
    }
    let mut there = there.context("no worker")?;
    let copy = match copies.pop() {
        Some(copy) => copy,
        None => Copy::of(ready, &plan.scratch)?,
    };
    let sealed = copy.once_only(ready)?.sent(ready)?;
    match at_the_end(&mut lives, &there, &sealed) {
        Ok((dossiers, voids)) => {
            row.note = note(&tally, dossiers, voids, released, untold);
        }
        Err(why) => row.breaks(format!("at the end: {why:#}")),
    }
    let spare = lives.first_mut().context("no life")?;
    controls::all(plan, row, spare, ready, &mut there)
}

fn note(tally: &Tally, dossiers: usize, voids: usize, released: u32, untold: u32) -> String {
    let each: Vec<String> = tally
        .iter()
        .map(|(moment, [before, within, after])| {
            let all = before + within + after;
            format!("{} {all} ({within}, {after})", moment.name())
        })
        .collect();
    format!(
        "kills (in the middle of the act, after its answer): {}; {untold} pages were kept that nobody had been told of; {dossiers} \
         dossiers and {voids} withdrawals at the province, each once; {released} were set aside after two deaths and released",
        each.join(", ")
    )
}
