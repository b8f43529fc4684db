//! A day away from the counter as one thing with a name: prepared on a stick, taken by the machine that goes, told by it
//! afterwards, and counted at the counter.
//!
//! **Invariants:** what is told is believed only of a day that this counter prepared, under the province's certificate of
//! the machine that tells it; a dossier and an assist are counted by their own id, so that the same stick twice, or the
//! same dossier by two roads, counts once; what belongs to a day is what was written down after it was taken, by the order
//! of this machine's own books and never by a clock; all of it is told, in as many parts as it takes; nothing of a person
//! is in a day or in what is told of it. Absent on purpose: drafts and statuses of the counter's own dossiers, which nobody
//! in a village needs (decision 0052).

use crate::kiosk::{App, Enrolment};
use crate::problem::{Problem, ProblemCode};
use crate::waiting;
use domain::day::{AssistKind, AssistOutcome, DayEvent};
use domain::delivery::Delivery;
use domain::ids::{DeviceId, DossierId, OperatorId};
use jiff::Timestamp;
use seal::certificate::DeviceCertificate;
use seal::keys::Context;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::tables::assist::{self, AssistRow};
use store::tables::item;
use store::tables::setting::{self, Name};
use store::{Outbox, StoreError};
use uuid::Uuid;
use wire::parcel::{self, ROOT};

const FOLDER: &str = "day";
const BUNDLE: &str = "bundle.json";
const REPORT: &str = "report";
const BUNDLE_BYTES_MAX: usize = 64 * 1024;
/// A report that is full, bytes.
const REPORT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Assists, and dossiers, of one report: what is more goes into another.
const ROWS_MAX: usize = 5000;
/// Days that are remembered at the counter.
const DAYS_MAX: usize = 60;

/// The counter's side: "this day is ours".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bundle {
    pub day: Uuid,
    pub counter: DeviceId,
    pub counter_name: String,
    pub made_at: Timestamp,
}

/// On the machine that went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub bundle: Bundle,
    since: Since,
}

/// What stood last in this machine's own books when it took the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Since {
    device_seq: u64,
    assist: Option<Uuid>,
}

impl Since {
    fn now(outbox: &Outbox) -> Result<Self, StoreError> {
        Ok(Self {
            device_seq: outbox.chain()?.device_seq,
            assist: assist::last(outbox.db())?,
        })
    }
}

/// At the counter: a day that it prepared, and which dossiers other machines sealed on it, each with when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    bundle: Bundle,
    dossiers: BTreeMap<DossierId, i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct ToldAssist {
    id: Uuid,
    at_ms: i64,
    who: OperatorId,
    kind: AssistKind,
    outcome: AssistOutcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct ToldDossier {
    dossier: DossierId,
    sealed_ms: i64,
}

/// What one machine did since it took the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    day: Uuid,
    device: DeviceId,
    assists: Vec<ToldAssist>,
    dossiers: Vec<ToldDossier>,
}

/// What came of the reports on a stick.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    /// By machine and day, whatever number of reports told of it.
    pub machines: BTreeMap<(DeviceId, Uuid), Back>,
    pub new_dossiers: u32,
    pub new_assists: u32,
    pub foreign: u32,
}

/// One machine's day.
#[derive(Debug)]
pub(crate) struct Back {
    /// Its certified name.
    pub counter_name: String,
    pub bundle: Bundle,
    /// By the id of what they are: a report that lies there twice tells nothing twice.
    pub events: BTreeMap<Uuid, DayEvent>,
}

fn folder(at: &Path) -> PathBuf {
    at.join(ROOT).join(FOLDER)
}

fn write(at: &Path, name: &str, bytes: &[u8]) -> Result<(), Problem> {
    std::fs::create_dir_all(folder(at))
        .and_then(|()| parcel::write_durably(&folder(at).join(name), bytes))
        .map_err(|e| waiting::trouble(&e))
}

/// A new day, on the stick and remembered here. The stick's day of before gives way.
pub(crate) fn prepare(app: &App, enrolment: &Enrolment, at: &Path) -> Result<Bundle, Problem> {
    let bundle = Bundle {
        day: seal::random::uuid()?,
        counter: enrolment.certificate.device,
        counter_name: enrolment.certificate.counter_name.clone(),
        made_at: app.clock.now(),
    };
    let bytes = waiting::under_device(app, enrolment, Context::VillageDay, &bundle)?;
    let outbox = app.outbox();
    let mut days = given(&outbox)?;
    days.push(Given {
        bundle: bundle.clone(),
        dossiers: BTreeMap::new(),
    });
    let many = days.len().saturating_sub(DAYS_MAX);
    days.drain(..many);
    // Remembered first: a stick whose day nobody knows would be brought back for nothing.
    setting::set(outbox.db(), Name::VillageDays, &days)?;
    drop(outbox);
    write(at, BUNDLE, &bytes)?;
    Ok(bundle)
}

/// The day on the stick, where a machine that the province knows prepared it.
pub(crate) fn on_stick(enrolment: &Enrolment, at: &Path) -> Option<Bundle> {
    let path = folder(at).join(BUNDLE);
    let (device, bundle) =
        waiting::proven::<Bundle>(enrolment, &path, Context::VillageDay, BUNDLE_BYTES_MAX)?;
    let own_word = device.device == bundle.counter && device.counter_name == bundle.counter_name;
    let from_elsewhere = device.device != enrolment.certificate.device;
    (own_word && from_elsewhere).then_some(bundle)
}

/// Keeps the day; the same one again keeps its beginning. What was done on the day before it is told first, so that a day
/// that nobody closed is not lost.
pub(crate) fn keep(app: &App, enrolment: &Enrolment, bundle: &Bundle, at: &Path) -> Result<(), Problem> {
    let known: Option<Taken> = setting::get(app.outbox().db(), Name::VillageDay)?;
    match known {
        Some(taken) if taken.bundle == *bundle => return Ok(()),
        Some(before) => tell(app, enrolment, &before, at).map(drop)?,
        None => {}
    }
    let outbox = app.outbox();
    let taken = Taken {
        bundle: bundle.clone(),
        since: Since::now(&outbox)?,
    };
    Ok(setting::set(outbox.db(), Name::VillageDay, &taken)?)
}

/// The day that this machine was prepared for.
///
/// # Errors
/// `no_counter_known` where it took none.
pub(crate) fn taken(app: &App) -> Result<Taken, Problem> {
    let taken = setting::get(app.outbox().db(), Name::VillageDay)?;
    taken.ok_or_else(|| ProblemCode::NoCounterKnown.into())
}

/// Writes what was done here since the day was taken. Answers it, whole.
pub(crate) fn tell(app: &App, enrolment: &Enrolment, day: &Taken, at: &Path) -> Result<Report, Problem> {
    let report = Report::of(&app.outbox(), enrolment.certificate.device, day)?;
    for (part, of_it) in report.parts().into_iter().enumerate() {
        let bytes = waiting::under_device(app, enrolment, Context::VillageReport, &of_it)?;
        write(at, &report.file(part), &bytes)?;
    }
    Ok(report)
}

impl Report {
    fn of(outbox: &Outbox, device: DeviceId, day: &Taken) -> Result<Self, StoreError> {
        let assists = assist::after(outbox.db(), day.since.assist)?.into_iter();
        let dossiers = item::after(outbox.db(), day.since.device_seq)?.into_iter();
        Ok(Self {
            day: day.bundle.day,
            device,
            assists: assists.map(ToldAssist::from).collect(),
            dossiers: dossiers
                .map(|row| ToldDossier {
                    dossier: row.dossier,
                    sealed_ms: row.sealed_ms,
                })
                .collect(),
        })
    }

    /// As readers take it. The rows keep their order, so that each part only grows when the day is told again.
    fn parts(&self) -> Vec<Self> {
        let rows = self.assists.len().max(self.dossiers.len());
        let part = |n| Self {
            assists: nth(&self.assists, n),
            dossiers: nth(&self.dossiers, n),
            ..*self
        };
        (0..rows.div_ceil(ROWS_MAX).max(1)).map(part).collect()
    }

    fn fits(&self) -> bool {
        self.assists.len() <= ROWS_MAX && self.dossiers.len() <= ROWS_MAX
    }

    /// A name for each day: one that nobody has merged yet does not give way to the next.
    fn file(&self, part: usize) -> String {
        let Self { device, day, .. } = self;
        match part {
            0 => format!("{device}.{day}.{REPORT}"),
            _ => format!("{device}.{day}.{}.{REPORT}", part + 1),
        }
    }

    pub(crate) fn dossiers(&self) -> u32 {
        u32::try_from(self.dossiers.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn assists(&self) -> Vec<DayEvent> {
        self.assists.iter().map(ToldAssist::event).collect()
    }
}

fn nth<T: Clone>(rows: &[T], part: usize) -> Vec<T> {
    rows.chunks(ROWS_MAX).nth(part).unwrap_or_default().to_vec()
}

impl From<AssistRow> for ToldAssist {
    fn from(row: AssistRow) -> Self {
        Self {
            id: row.id,
            at_ms: row.at_ms,
            who: row.who,
            kind: row.kind,
            outcome: row.outcome,
        }
    }
}

impl ToldAssist {
    fn event(&self) -> DayEvent {
        DayEvent::Assist {
            kind: self.kind,
            outcome: self.outcome,
        }
    }
}

/// When it was, as far as this counter can know: not before the day was prepared and not after now, wherever the clock of
/// the machine that tells it stood.
fn when(told_ms: i64, bundle: &Bundle, now_ms: i64) -> i64 {
    let from = bundle.made_at.as_millisecond();
    told_ms.clamp(from, now_ms.max(from))
}

fn given(outbox: &Outbox) -> Result<Vec<Given>, StoreError> {
    Ok(setting::get(outbox.db(), Name::VillageDays)?.unwrap_or_default())
}

/// Takes in every report on the stick, in one transaction.
pub(crate) fn merge(app: &App, enrolment: &Enrolment, at: &Path) -> Result<Merged, Problem> {
    let mut merged = Merged::default();
    let now_ms = app.clock.now_ms();
    let outbox = app.outbox();
    let tx = outbox.db().unchecked_transaction().map_err(StoreError::from)?;
    let mut days = given(&outbox)?;
    for path in waiting::files(&folder(at), REPORT) {
        let told = waiting::proven::<Report>(enrolment, &path, Context::VillageReport, REPORT_BYTES_MAX);
        let ours = told.as_ref().filter(|(device, report)| is_sound(device, report));
        let day = ours.and_then(|(_, report)| days.iter_mut().find(|d| d.bundle.day == report.day));
        let (Some((device, report)), Some(day)) = (ours, day) else {
            merged.foreign += 1;
            continue;
        };
        merged.new_assists += count_assists(&outbox, &day.bundle, report, now_ms)?;
        merged.new_dossiers += count_dossiers(&outbox, day, report, now_ms)?;
        let back = merged.machines.entry((device.device, report.day));
        let back = back.or_insert_with(|| Back {
            counter_name: device.counter_name.clone(),
            bundle: day.bundle.clone(),
            events: BTreeMap::new(),
        });
        for told in &report.assists {
            back.events.insert(told.id, told.event());
        }
        for told in &report.dossiers {
            back.events
                .insert(told.dossier.0, dossier_event(&outbox, &told.dossier)?);
        }
    }
    setting::set(&tx, Name::VillageDays, &days)?;
    tx.commit().map_err(StoreError::from)?;
    Ok(merged)
}

fn is_sound(device: &DeviceCertificate, report: &Report) -> bool {
    device.device == report.device && report.fits()
}

/// Assists keep the id under which they were written down, so a known one is not counted again.
fn count_assists(outbox: &Outbox, bundle: &Bundle, report: &Report, now_ms: i64) -> Result<u32, StoreError> {
    let mut new = 0;
    for told in &report.assists {
        let row = AssistRow {
            id: told.id,
            at_ms: when(told.at_ms, bundle, now_ms),
            who: told.who,
            kind: told.kind,
            outcome: told.outcome,
        };
        new += u32::from(assist::insert(outbox.db(), &row)?);
    }
    Ok(new)
}

fn count_dossiers(outbox: &Outbox, day: &mut Given, report: &Report, now_ms: i64) -> Result<u32, StoreError> {
    let mut new = 0;
    for told in &report.dossiers {
        let is_known = is_own(outbox, &told.dossier)? || day.dossiers.contains_key(&told.dossier);
        if !is_known {
            let at_ms = when(told.sealed_ms, &day.bundle, now_ms);
            day.dossiers.insert(told.dossier, at_ms);
            new += 1;
        }
    }
    Ok(new)
}

/// Sealed on this machine, and so counted by its own row.
fn is_own(outbox: &Outbox, dossier: &DossierId) -> Result<bool, StoreError> {
    let row = item::get(outbox.db(), dossier)?;
    Ok(row.is_some_and(|row| row.carried_from.is_none()))
}

/// As far as this machine has heard of it.
fn dossier_event(outbox: &Outbox, dossier: &DossierId) -> Result<DayEvent, StoreError> {
    let row = item::get(outbox.db(), dossier)?;
    let acknowledged = row
        .as_ref()
        .is_some_and(|row| matches!(row.delivery, Delivery::Durable { .. } | Delivery::Purged { .. }));
    Ok(DayEvent::Dossier {
        acknowledged,
        accepted: row.is_some_and(|row| row.official_code.is_some()),
    })
}

/// Dossiers that other machines sealed on this counter's days away, each once, with when.
pub(crate) fn dossiers(outbox: &Outbox, from_ms: i64) -> Result<Vec<(i64, DayEvent)>, StoreError> {
    let days = given(outbox)?;
    let all: BTreeMap<DossierId, i64> = days.into_iter().flat_map(|day| day.dossiers).collect();
    let mut events = Vec::new();
    for (dossier, at_ms) in all.into_iter().filter(|(_, at_ms)| *at_ms >= from_ms) {
        if !is_own(outbox, &dossier)? {
            events.push((at_ms, dossier_event(outbox, &dossier)?));
        }
    }
    Ok(events)
}

#[cfg(test)]
#[path = "village_tests.rs"]
mod tests;
