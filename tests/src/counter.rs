//! A counter of an invented ward: an enrolled kiosk with one officer, and its province.

use crate::chaos::Chaos;
use crate::kiosk::Kiosk;
use crate::province::Province;
use crate::view::{list, problem};
use crate::wait;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::PathBuf;
use tempfile::TempDir;

/// The officer's PIN in every story.
pub const PIN: &str = "135790";
/// The volunteer's.
pub const VOLUNTEER_PIN: &str = "864209";
const COUNTER: &str = "Bộ phận Một cửa phường An Bình, quầy 1";
const OFFICER: &str = "Cầm Thị Hoa";

/// The whole place. The kiosk comes and goes; its folder stays.
#[derive(Debug)]
pub struct Counter {
    pub province: Province,
    /// The network between the two.
    pub network: Chaos,
    folder: TempDir,
    officer: Value,
}

impl Counter {
    /// A province that serves, and a kiosk that it has approved; answers the open kiosk, signed in.
    ///
    /// # Errors
    /// Where a program is missing or enrolment fails.
    pub fn open() -> Result<(Self, Kiosk)> {
        let province = Province::start()?;
        let network = Chaos::before(province.address())?;
        let mut counter = Self {
            province,
            network,
            folder: tempfile::tempdir()?,
            officer: Value::Null,
        };
        let mut kiosk = Kiosk::open(&counter.data())?;
        enrol(&mut kiosk, &counter.province, &counter.network.url())?;
        counter.officer = head(&mut kiosk, OFFICER)?;
        Ok((counter, kiosk))
    }

    /// The same, where the kiosk that is answered has more arguments and another environment.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(arguments: &[&str], environment: &[(&str, &str)]) -> Result<(Self, Kiosk)> {
        let (counter, kiosk) = Self::open()?;
        kiosk.close()?;
        let kiosk = counter.reopen_with(arguments, environment)?;
        Ok((counter, kiosk))
    }

    /// Another machine of the same province, that finds it at `url`; answers it with its own head signed in, and that
    /// head's id. `field` says whether it is carried to villages.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn another(&self, name: &str, url: &str, field: bool) -> Result<(Kiosk, Value)> {
        let mut kiosk = Kiosk::open(&self.province.beside().join(name))?;
        enrol_as(&mut kiosk, &self.province, url, field)?;
        let officer = head(&mut kiosk, "Lò Văn Pản")?;
        Ok((kiosk, officer))
    }

    /// The kiosk's data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("kiosk")
    }

    /// The officer's id, for sign-in.
    #[must_use]
    pub fn officer(&self) -> &Value {
        &self.officer
    }

    /// # Errors
    /// Where the kiosk refuses.
    pub fn sign_in(&self, kiosk: &mut Kiosk) -> Result<()> {
        kiosk.call("sign_in", json!({ "operator": self.officer, "pin": PIN }))?;
        Ok(())
    }

    /// Opens the kiosk again, with nobody signed in.
    ///
    /// # Errors
    /// Where it does not open.
    pub fn kiosk(&self) -> Result<Kiosk> {
        Kiosk::open(&self.data())
    }

    /// Opens the kiosk again and signs in.
    ///
    /// # Errors
    /// Where it does not open.
    pub fn reopen(&self) -> Result<Kiosk> {
        self.reopen_with(&[], &[])
    }

    /// With more arguments of `donghanh-cli rpc` and variables of its environment.
    ///
    /// # Errors
    /// As [`Self::reopen`].
    pub fn reopen_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Kiosk> {
        let mut kiosk = Kiosk::open_with(&self.data(), arguments, environment)?;
        self.sign_in(&mut kiosk)?;
        Ok(kiosk)
    }

    /// The files that the kiosk set aside in place of this database.
    ///
    /// # Errors
    /// Where its folder cannot be read.
    pub fn set_aside(&self, database: &str) -> Result<Vec<PathBuf>> {
        let begins = format!("{database}.damaged-");
        let mut found = Vec::new();
        for entry in std::fs::read_dir(self.data())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&begins) && !name.ends_with("-wal") && !name.ends_with("-shm") {
                found.push(entry.path());
            }
        }
        Ok(found)
    }
}

/// Gives a kiosk its first officer, who signs in; answers their id.
///
/// # Errors
/// Where the kiosk refuses.
pub fn head(kiosk: &mut Kiosk, name: &str) -> Result<Value> {
    let view = kiosk.call(
        "add_operator",
        json!({ "name": name, "role": "head", "pin": PIN }),
    )?;
    let id = view.pointer("/operators/0/id").cloned().context("no officer")?;
    kiosk.call("sign_in", json!({ "operator": id, "pin": PIN }))?;
    Ok(id)
}

/// Adds a volunteer, with no shift yet; answers their id.
///
/// # Errors
/// Where the kiosk refuses.
pub fn volunteer(kiosk: &mut Kiosk) -> Result<Value> {
    let view = kiosk.call(
        "add_operator",
        json!({ "name": "Quàng Văn Minh", "role": "volunteer", "pin": VOLUNTEER_PIN }),
    )?;
    let all = list(&view, "/operators");
    let found = all.iter().find(|o| o.get("role") == Some(&json!("volunteer")));
    found.and_then(|o| o.get("id").cloned()).context("no volunteer")
}

/// Code, layer and Vietnamese sentence of what the first page warns of; empty where it warns of nothing.
///
/// # Errors
/// Where the kiosk refuses.
pub fn trouble(kiosk: &mut Kiosk) -> Result<(String, String, String)> {
    let view = kiosk.call("kiosk_status", json!({}))?;
    Ok(problem(&view, "/trouble"))
}

/// Enrols a kiosk as two people do: a code, six words read aloud, an approval.
///
/// # Errors
/// Where the words differ or either side refuses.
pub fn enrol(kiosk: &mut Kiosk, province: &Province, url: &str) -> Result<()> {
    enrol_as(kiosk, province, url, false)
}

/// The same, where `field` says whether the machine is carried to villages.
///
/// # Errors
/// As [`enrol`].
pub fn enrol_as(kiosk: &mut Kiosk, province: &Province, url: &str, field: bool) -> Result<()> {
    let code = province.new_code()?;
    let asked = kiosk.call(
        "begin_enrolment",
        json!({ "service_url": url, "code": code, "counter_name": COUNTER, "field": field }),
    )?;
    let devices = province.admin(&["devices", "list"])?;
    let waiting = devices
        .as_array()
        .into_iter()
        .flatten()
        .find(|d| d.get("state") == Some(&json!("pending")));
    let device = waiting.with_context(|| format!("no device waits: {devices}"))?;
    ensure!(
        device.get("words") == asked.get("words"),
        "the six words differ: {device} against {asked}"
    );
    let id = device.get("id").and_then(Value::as_str).context("no device id")?;
    province.admin(&["devices", "approve", id])?;
    let approved = kiosk.call("check_enrolment", json!({}))?;
    ensure!(
        approved.pointer("/stage/stage") == Some(&json!("enrolled")),
        "not enrolled: {approved}"
    );
    Ok(())
}

/// The outbox as the officer sees it.
///
/// # Errors
/// Where the kiosk refuses.
pub fn items(kiosk: &mut Kiosk) -> Result<Vec<Value>> {
    let view = kiosk.call("outbox", json!({}))?;
    Ok(list(&view, "/items"))
}

/// Waits until the kiosk itself says that every dossier in its outbox is acknowledged, `count` of them.
///
/// # Errors
/// After the deadline, with the outbox as it then is.
pub fn all_acknowledged(kiosk: &mut Kiosk, count: usize) -> Result<Vec<Value>> {
    let mut last = Vec::new();
    let done = wait::until("every dossier to be acknowledged", || {
        last = items(kiosk)?;
        let acknowledged = last
            .iter()
            .filter(|i| i.get("acknowledged") == Some(&Value::Bool(true)))
            .count();
        Ok((acknowledged == count && last.len() == count).then(|| last.clone()))
    });
    done.with_context(|| format!("{last:#?}"))
}
