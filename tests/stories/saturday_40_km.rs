//! Saturday, forty kilometres from the counter: a volunteer fills in, packs to the counter's key and brings a stick back;
//! an officer reviews and seals at the counter's machine. The province is not needed for any of it.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use stories::counter::{PIN, VOLUNTEER_PIN, all_acknowledged, volunteer};
use stories::{Counter, Kiosk, form, wait};

struct Laptop {
    kiosk: Kiosk,
    officer: Value,
    volunteer: Value,
}

impl Laptop {
    /// An enrolled machine with an officer, a volunteer and an open shift; the officer is signed in.
    fn open(counter: &Counter, name: &str) -> Result<Self> {
        let (mut kiosk, officer) = counter.another(name, &counter.province.url(), false)?;
        let volunteer = volunteer(&mut kiosk)?;
        kiosk.call("open_lease", json!({ "volunteer": volunteer, "hours": 8 }))?;
        Ok(Self {
            kiosk,
            officer,
            volunteer,
        })
    }

    fn as_officer(&mut self) -> Result<()> {
        let who = json!({ "operator": self.officer, "pin": PIN });
        self.kiosk.call("sign_in", who).map(drop)
    }

    fn as_volunteer(&mut self) -> Result<()> {
        let who = json!({ "operator": self.volunteer, "pin": VOLUNTEER_PIN });
        self.kiosk.call("sign_in", who).map(drop)
    }

    /// One family, filled in and confirmed by themselves.
    fn fill(&mut self, family: usize) -> Result<String> {
        let dossier = form::start(&mut self.kiosk)?;
        form::fill(&mut self.kiosk, &dossier, family)?;
        form::confirm(&mut self.kiosk, &dossier)?;
        Ok(dossier)
    }
}

fn at(stick: &tempfile::TempDir) -> Value {
    json!({ "folder": stick.path() })
}

fn drafts(kiosk: &mut Kiosk) -> Result<Vec<Value>> {
    let home = kiosk.call("home", json!({}))?;
    Ok(home["drafts"].as_array().cloned().unwrap_or_default())
}

fn packs(stick: &Path) -> Result<Vec<Vec<u8>>> {
    let files = std::fs::read_dir(stick.join("DONGHANH/waiting"))?;
    files.map(|f| Ok(std::fs::read(f?.path())?)).collect()
}

/// Of the catalogue that new dossiers begin on.
fn version(kiosk: &mut Kiosk) -> Result<Value> {
    Ok(kiosk.call("kiosk_status", json!({}))?["catalogue"]["version"].clone())
}

#[test]
fn saturday_40_km() -> Result<()> {
    let (mut counter, mut desk) = Counter::open()?;
    let mut laptop = Laptop::open(&counter, "laptop")?;
    let mut stranger = Laptop::open(&counter, "another commune")?;
    let stick = tempfile::tempdir_in("/dev/shm")?;
    // The law changed; the counter hears of it, the laptop is away. From here on nobody reaches the province.
    laptop.kiosk.close()?;
    counter.province.admin(&["publish", "--built-in"])?;
    wait::until("the counter to use what was published", || {
        desk.call("send_now", json!({}))?;
        Ok((version(&mut desk)? == json!(1)).then_some(()))
    })?;
    counter.province.stop()?;
    laptop.kiosk = Kiosk::open(&counter.province.beside().join("laptop"))?;
    ensure!(
        version(&mut laptop.kiosk)? == json!(0),
        "the control: no network told it"
    );

    // Friday: the counter's key goes onto the laptop, by an officer's act. Without it nothing can be packed.
    laptop.as_volunteer()?;
    let early = laptop.fill(0)?;
    let refused = laptop
        .kiosk
        .refused("pack_for_officer", json!({ "dossier": early }))?;
    ensure!(refused.told().0 == "no_counter_known", "{refused}");
    let barred = laptop.kiosk.refused("pair_counters", at(&stick))?;
    ensure!(
        barred.told().0 == "not_for_this_role",
        "a volunteer chose the key: {barred}"
    );
    let out = desk.call("export_sealed", at(&stick))?;
    ensure!(out["catalogue"] == json!(1), "{out}");
    laptop.as_officer()?;
    let day = laptop.kiosk.call("import_sealed", at(&stick))?;
    ensure!(
        day["catalogue"] == json!(1) && version(&mut laptop.kiosk)? == json!(1),
        "the day's bundle brought no catalogue: {day}"
    );
    let again = laptop.kiosk.call("import_sealed", at(&stick));
    ensure!(
        again.is_err(),
        "nothing new, and nothing else lies there: {again:?}"
    );
    let known = laptop.kiosk.call("pair_counters", at(&stick))?;
    ensure!(known["names"].as_array().is_some_and(|n| n.len() == 1), "{known}");

    // Saturday: two families, each with a slip; the stick carries both and tells nothing.
    laptop.as_volunteer()?;
    laptop.kiosk.call("open_dossier", json!({ "dossier": early }))?;
    let slip = laptop
        .kiosk
        .call("pack_for_officer", json!({ "dossier": early }))?;
    let code = slip["code"].as_str().context("no code")?.to_owned();
    ensure!(code.len() == 9, "{slip}");
    let paper = slip["saved_pdf"]
        .as_str()
        .context("no printer here, and no file")?;
    ensure!(std::fs::read(paper)?.starts_with(b"%PDF"), "the slip is no PDF");
    let second = laptop.fill(1)?;
    laptop
        .kiosk
        .call("pack_for_officer", json!({ "dossier": second }))?;
    let whole = laptop.kiosk.refused("export_sealed", at(&stick))?;
    ensure!(whole.told().0 == "not_for_this_role", "{whole}");
    let out = laptop.kiosk.call("export_waiting", at(&stick))?;
    ensure!(out["waiting"] == json!(2), "{out}");
    laptop.as_officer()?;
    let waits = drafts(&mut laptop.kiosk)?;
    let name = waits[0]["who"].as_str().context("no name")?.to_owned();
    for pack in packs(stick.path())? {
        let told = pack.windows(name.len()).any(|w| w == name.as_bytes());
        ensure!(pack.len() > 1_000 && !told, "a name lies open on the stick");
    }
    let locked = laptop
        .kiosk
        .refused("open_dossier", json!({ "dossier": early }))?;
    ensure!(
        locked.told().0 == "waiting_for_officer",
        "changed in two places: {locked}"
    );

    // A machine of another commune has the province's certificate too, and opens nothing.
    let foreign = stranger.kiosk.call("import_sealed", at(&stick))?;
    ensure!(
        foreign["to_review"] == json!(0) && foreign["foreign"] == json!(2),
        "another commune read it: {foreign}"
    );
    ensure!(drafts(&mut stranger.kiosk)?.is_empty());

    // Monday, at the counter: twice the same stick is once.
    let came = desk.call("import_sealed", at(&stick))?;
    ensure!(came["to_review"] == json!(2), "{came}");
    let again = desk.call("import_sealed", at(&stick))?;
    ensure!(
        again["to_review"] == json!(0) && again["known"] == json!(2),
        "{again}"
    );
    let list = drafts(&mut desk)?;
    ensure!(
        list.len() == 2 && json!(list).to_string().contains(&code),
        "the slip's code stands on the card: {list:?}"
    );
    let mut numbers = Vec::new();
    for dossier in [&early, &second] {
        desk.call("open_dossier", json!({ "dossier": dossier }))?;
        let receipt = desk.call("seal_dossier", json!({ "dossier": dossier }))?;
        numbers.push(receipt["number"].as_str().context("no number")?.to_owned());
        desk.call("finish_visit", json!({}))?;
    }
    ensure!(numbers[0] != numbers[1]);
    desk.call("export_sealed", at(&stick))?;

    // The laptop lets its drafts go on the counter's signed word, and not before.
    ensure!(drafts(&mut laptop.kiosk)?.len() == 2);
    let back = laptop.kiosk.call("import_sealed", at(&stick))?;
    ensure!(back["reviewed"] == json!(2), "{back}");
    ensure!(
        drafts(&mut laptop.kiosk)?.is_empty(),
        "a readable copy stayed on the laptop"
    );

    // The province hears of it as of any other: the officer received, the volunteer helped.
    counter.province.serve()?;
    desk.call("send_now", json!({}))?;
    all_acknowledged(&mut desk, 2)?;
    ensure!(counter.province.dossiers()?.len() == 2);
    Ok(())
}

#[test]
fn what_waits_can_be_taken_back() -> Result<()> {
    let (counter, mut desk) = Counter::open()?;
    let mut laptop = Laptop::open(&counter, "laptop")?;
    let stick = tempfile::tempdir_in("/dev/shm")?;
    desk.call("export_sealed", at(&stick))?;
    laptop.kiosk.call("pair_counters", at(&stick))?;
    let dossier = laptop.fill(0)?;
    laptop
        .kiosk
        .call("pack_for_officer", json!({ "dossier": dossier }))?;
    let sealed = laptop
        .kiosk
        .refused("seal_dossier", json!({ "dossier": dossier }))?;
    ensure!(sealed.told().0 == "waiting_for_officer", "{sealed}");
    laptop.kiosk.call("take_back", json!({ "dossier": dossier }))?;
    laptop.kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    laptop.kiosk.call("seal_dossier", json!({ "dossier": dossier }))?;
    laptop.kiosk.call("finish_visit", json!({}))?;
    all_acknowledged(&mut laptop.kiosk, 1)?;
    Ok(())
}

/// The same without a stick: two machines of one counter, on the counter's own network, with a folder that both see (a
/// share of the network's storage, another disk than both machines' own). Neither waits for the other, and a share
/// that is gone in the middle loses nothing.
#[test]
fn by_the_counters_own_network() -> Result<()> {
    let (mut counter, mut desk) = Counter::open()?;
    let mut second = Laptop::open(&counter, "second machine")?;
    let share = tempfile::tempdir_in("/dev/shm")?;
    counter.province.stop()?;
    desk.call("export_sealed", at(&share))?;
    second.kiosk.call("pair_counters", at(&share))?;
    second.as_volunteer()?;
    let dossier = second.fill(0)?;
    let slip = second
        .kiosk
        .call("pack_for_officer", json!({ "dossier": dossier }))?;
    ensure!(slip["code"].as_str().is_some_and(|c| c.len() == 9), "{slip}");
    second.kiosk.call("export_waiting", at(&share))?;

    // The network goes: the folder is not there, which is said, and nothing is lost on either side.
    let gone = json!({ "folder": share.path().join("not mounted") });
    let told = desk.refused("import_sealed", gone.clone())?;
    ensure!(told.told().0 == "stick_missing", "{told}");
    second.as_officer()?;
    let told = second.kiosk.refused("export_sealed", gone)?;
    ensure!(told.told().0 == "stick_missing", "{told}");
    ensure!(drafts(&mut second.kiosk)?.len() == 1);

    // It is back: the officer reviews and seals at the counter while the second machine goes on working.
    second.as_volunteer()?;
    let other = second.fill(1)?;
    let came = desk.call("import_sealed", at(&share))?;
    ensure!(came["to_review"] == json!(1), "{came}");
    desk.call("open_dossier", json!({ "dossier": dossier }))?;
    desk.call("seal_dossier", json!({ "dossier": dossier }))?;
    desk.call("finish_visit", json!({}))?;
    desk.call("export_sealed", at(&share))?;
    second.as_officer()?;
    let back = second.kiosk.call("import_sealed", at(&share))?;
    ensure!(back["reviewed"] == json!(1), "{back}");
    let left = drafts(&mut second.kiosk)?;
    ensure!(
        left.len() == 1 && left[0]["dossier"] == json!(other),
        "the reviewed one stayed, or the other went: {left:?}"
    );
    counter.province.serve()?;
    desk.call("send_now", json!({}))?;
    all_acknowledged(&mut desk, 1)?;
    ensure!(
        counter.province.dossiers()?.len() == 1,
        "once, whoever holds a copy"
    );
    Ok(())
}
