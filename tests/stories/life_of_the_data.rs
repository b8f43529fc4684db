//! How long things are kept, on a province whose clock is moved: a draft that nobody comes back for is warned of and
//! goes; the index of a dossier that the province holds ends after ninety days, and its receipt with it.

use anyhow::{Context, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::admin::Admin;
use service::{Running, ServeOptions, Service};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use stories::counter::{PIN, all_acknowledged, head, items, trouble};
use stories::{Chaos, Counter, Kiosk, Rule, form, wait};
use tokio::runtime::Runtime;

/// A province in this process, whose clock can be moved, and one enrolled kiosk.
pub struct Place {
    runtime: Runtime,
    running: Option<Running>,
    days: Arc<AtomicI64>,
    /// The network between the two.
    network: Chaos,
    pub folder: tempfile::TempDir,
    officer: Value,
}

fn after(days: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24 * days)
}

impl Place {
    pub fn open() -> Result<(Self, Kiosk)> {
        let runtime = Runtime::new()?;
        let folder = tempfile::tempdir()?;
        let days = Arc::new(AtomicI64::new(0));
        let moved = Arc::clone(&days);
        let options = ServeOptions {
            clock: Arc::new(move || after(moved.load(Ordering::Relaxed))),
            ..ServeOptions::local(folder.path().join("province"))
        };
        let running = runtime.block_on(Service::start(options))?;
        let address = running.kiosk_url.trim_start_matches("https://");
        let network = Chaos::before(address.trim_end_matches('/').parse()?)?;
        let url = network.url();
        let mut place = Self {
            runtime,
            running: Some(running),
            days,
            network,
            folder,
            officer: Value::Null,
        };
        let mut kiosk = Kiosk::open(&place.data())?;
        let mut admin = Admin::open(place.folder.path().join("province"))?;
        let code = admin.new_code()?.code;
        kiosk.call(
            "begin_enrolment",
            json!({ "service_url": url, "code": code, "counter_name": "Quầy 1, xã Na Sang" }),
        )?;
        let device = admin.devices()?.pop().context("no device")?.id;
        admin.approve_device(&device)?;
        kiosk.call("check_enrolment", json!({}))?;
        place.officer = head(&mut kiosk, "Cầm Thị Hoa")?;
        Ok((place, kiosk))
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("kiosk")
    }

    /// So many days after the beginning: the program is opened, hears the province's time, and an officer signs in.
    pub fn day(&self, days: i64) -> Result<Kiosk> {
        self.days.store(days, Ordering::Relaxed);
        self.network.rule(Rule::Pass);
        let mut kiosk = self.switched_on(days)?;
        wait::until("the province's time", || {
            let view = kiosk.call("kiosk_status", json!({}))?;
            let signed = view
                .pointer("/clock/last_signed")
                .and_then(Value::as_str)
                .map(str::to_owned);
            let today = after(days).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7)));
            let today = today.strftime("%d/%m/%Y").to_string();
            Ok(signed.is_some_and(|s| s.ends_with(&today)).then_some(()))
        })?;
        kiosk.call("sign_in", json!({ "operator": self.officer, "pin": PIN }))?;
        Ok(kiosk)
    }

    /// As [`Self::day`], with no network: only the machine's own clock has gone on.
    pub fn away(&self, days: i64) -> Result<Kiosk> {
        self.network.rule(Rule::Refuse);
        self.network.cut();
        let mut kiosk = self.switched_on(days)?;
        kiosk.call("sign_in", json!({ "operator": self.officer, "pin": PIN }))?;
        Ok(kiosk)
    }

    fn switched_on(&self, days: i64) -> Result<Kiosk> {
        Kiosk::open_with(&self.data(), &["--clock", &after(days).to_string()], &[])
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

/// A draft that is left to the counter.
fn left(kiosk: &mut Kiosk, child: usize) -> Result<String> {
    let dossier = form::start(kiosk)?;
    form::answer(kiosk, &dossier, child)?;
    kiosk.call(
        "hand_over",
        json!({ "dossier": dossier, "note": "Chờ bổ sung giấy tờ" }),
    )?;
    Ok(dossier)
}

/// When the draft is to go, by the home screen; `None` where there is no such draft.
fn goes_on(kiosk: &mut Kiosk, dossier: &str) -> Result<Option<Value>> {
    let home = kiosk.call("home", json!({}))?;
    let drafts = home
        .pointer("/drafts")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    Ok(drafts
        .into_iter()
        .find(|d| d.get("dossier") == Some(&json!(dossier)))
        .map(|d| d.get("goes_on").cloned().unwrap_or_default()))
}

#[test]
fn a_draft_is_warned_of_and_goes() -> Result<()> {
    let (place, mut kiosk) = Place::open()?;
    let (forgotten, remembered) = (left(&mut kiosk, 0)?, left(&mut kiosk, 1)?);
    kiosk.close()?;

    let mut kiosk = place.day(29)?;
    for draft in [&forgotten, &remembered] {
        ensure!(
            goes_on(&mut kiosk, draft)? == Some(Value::Null),
            "warned of before its time"
        );
    }
    kiosk.close()?;
    let mut kiosk = place.day(31)?;
    for draft in [&forgotten, &remembered] {
        let on = goes_on(&mut kiosk, draft)?.context("gone without a warning")?;
        ensure!(on.is_string(), "not warned of after a month: {on}");
    }
    kiosk.call("open_dossier", json!({ "dossier": remembered }))?;
    kiosk.call("hand_over", json!({ "dossier": remembered, "note": "Vẫn làm" }))?;
    ensure!(
        goes_on(&mut kiosk, &remembered)? == Some(Value::Null),
        "opening it takes the warning back"
    );
    kiosk.close()?;
    let mut kiosk = place.day(36)?;
    ensure!(
        goes_on(&mut kiosk, &forgotten)?.is_some(),
        "gone before the warning had stood for a week"
    );
    kiosk.close()?;
    let mut kiosk = place.day(39)?;
    ensure!(
        goes_on(&mut kiosk, &forgotten)?.is_none(),
        "a draft that nobody came back for is still here"
    );
    ensure!(
        goes_on(&mut kiosk, &remembered)?.is_some(),
        "the control: one that somebody came back for went too"
    );
    Ok(())
}

fn has_record(data: &Path, dossier: &str) -> Result<bool> {
    let names = std::fs::read_dir(data.join("sealed"))?;
    Ok(names
        .filter_map(Result::ok)
        .any(|f| f.file_name().to_string_lossy().starts_with(dossier)))
}

#[test]
fn the_index_ends_after_ninety_days() -> Result<()> {
    let (place, mut kiosk) = Place::open()?;
    let sealed = form::file(&mut kiosk, 0)?;
    wait::until("the dossier to be durable", || {
        kiosk.call("send_now", json!({}))?;
        let all = items(&mut kiosk)?;
        Ok(all
            .iter()
            .any(|i| i["delivery"]["state"] == json!("durable"))
            .then_some(()))
    })?;
    kiosk.close()?;

    let state = |kiosk: &mut Kiosk| -> Result<Option<Value>> {
        Ok(items(kiosk)?.first().map(|i| i["delivery"]["state"].clone()))
    };
    let mut kiosk = place.day(4)?;
    ensure!(
        state(&mut kiosk)? == Some(json!("purged")),
        "its files stay: {:?}",
        items(&mut kiosk)?
    );
    kiosk.close()?;
    let mut kiosk = place.day(89)?;
    ensure!(
        state(&mut kiosk)? == Some(json!("purged")),
        "the control: the index ends too early"
    );
    kiosk.call("print_receipt", json!({ "dossier": sealed.dossier }))?;
    ensure!(
        has_record(&place.data(), &sealed.dossier)?,
        "the record went before its row"
    );
    kiosk.call("finish_visit", json!({}))?;
    kiosk.close()?;

    let mut kiosk = place.day(92)?;
    ensure!(
        items(&mut kiosk)?.is_empty(),
        "the index is kept longer than it may be: {:?}",
        items(&mut kiosk)?
    );
    ensure!(!has_record(&place.data(), &sealed.dossier)?, "the record stays");
    let printed = kiosk.refused("print_receipt", json!({ "dossier": sealed.dossier }))?;
    ensure!(
        printed.told().0 == "dossier_unknown",
        "its receipt is still here: {printed}"
    );
    // The number is spent all the same.
    let next = form::file(&mut kiosk, 1)?;
    ensure!(next.number != sealed.number, "a number came twice");
    let there = Admin::open(place.folder.path().join("province"))?.dossiers()?;
    ensure!(
        there.iter().any(|d| d.receipt_number == sealed.number),
        "the province keeps what it holds"
    );
    Ok(())
}

/// Damaged drafts that were set aside are drafts: they go after thirty-seven days of the province's time, whatever the
/// machine's clock had called them.
#[test]
fn damaged_drafts_that_were_set_aside_go_like_drafts() -> Result<()> {
    let (place, kiosk) = Place::open()?;
    kiosk.close()?;
    let old = ["drafts.db.damaged-1", "drafts.db.damaged-1-wal"];
    let others = ["outbox.db.damaged-1", "drafts.db.damaged-mine"];
    for name in old.iter().chain(&others) {
        std::fs::write(place.data().join(name), b"noise")?;
    }
    let there = |name: &str| place.data().join(name).exists();
    place.day(0)?.close()?;
    place.day(36)?.close()?;
    ensure!(old.iter().all(|name| there(name)), "gone before their time");
    // One of later has its own time.
    std::fs::write(place.data().join("drafts.db.damaged-2"), b"noise")?;
    place.day(36)?.close()?;
    place.day(38)?.close()?;
    ensure!(
        old.iter().all(|name| !there(name)),
        "kept for longer than drafts are"
    );
    ensure!(
        there("drafts.db.damaged-2") && others.iter().all(|name| there(name)),
        "the control: what is young, or another's, went too"
    );
    Ok(())
}

/// With too little room on the disk no dossier begins, and it is said why; what is under way is finished, sealed and
/// sent. The control is the same kiosk with the room that every kiosk asks for.
#[test]
fn a_disk_that_runs_full_is_told_before_a_dossier_begins() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let dossier = form::start(&mut kiosk)?;
    ensure!(
        trouble(&mut kiosk)?.0.is_empty(),
        "this machine's own disk is nearly full"
    );
    kiosk.close()?;
    // More than any disk has: to this kiosk every disk is full.
    let mut kiosk = counter.reopen_with(&["--keep-free", "4611686018427387904"], &[])?;
    ensure!(trouble(&mut kiosk)?.0 == "disk_floor", "nobody is told");
    kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    form::seal(&mut kiosk, &dossier)?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.call("finish_visit", json!({}))?;
    let request = json!({ "procedure": form::PROCEDURE });
    let (code, layer, words) = kiosk.refused("start_dossier", request.clone())?.told();
    ensure!(
        (code.as_str(), layer.as_str()) == ("disk_floor", "disk"),
        "{code} {layer}"
    );
    ensure!(
        words.contains("còn nguyên") && words.contains("dọn đĩa"),
        "{words}"
    );
    kiosk.close()?;
    let mut kiosk = counter.reopen()?;
    kiosk.call("start_dossier", request)?;
    kiosk.close()?;
    Ok(())
}
