//! Families at the counter: several procedures filled in with marked answers, papers from a picked file and from the
//! scanner's folder, sealed, written to a stick and sent.

use super::canaries::{Canary, Mint, numbers, slices};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use stories::counter::PIN;
use stories::province::{CLERK, PASSPHRASE};
use stories::view::list;
use stories::{Counter, Kiosk, form, page, programs, wait};

/// The day on which the examples are true.
const DAY: &str = "2026-11-22T02:00:00Z";

/// The counter with everything that it leaves behind.
pub struct Desk {
    pub counter: Counter,
    pub mint: Mint,
    pub said: Vec<Canary>,
    numbers: BTreeSet<String>,
    /// Pictures before they are picked: no business of the kiosk's.
    picked: tempfile::TempDir,
    /// Where an office scanner delivers.
    pub delivered: tempfile::TempDir,
    /// The programs' whole logs.
    pub logs: tempfile::TempDir,
}

fn text(value: &Value, at: &str) -> Result<String> {
    let text = value.pointer(at).and_then(Value::as_str);
    Ok(text.with_context(|| format!("no {at}"))?.to_owned())
}

/// The filled examples of what this kiosk offers, by their procedures' codes; those that say the most first.
pub fn examples(kiosk: &mut Kiosk, most: usize) -> Result<Vec<(String, Value)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/domain/tests/fixtures/procedures");
    let mut all = Vec::new();
    for procedure in list(&kiosk.call("home", json!({}))?, "/procedures") {
        let code = text(&procedure, "/code")?;
        // The birth registration's lies elsewhere, and has its turn with the scanner.
        if let Ok(bytes) = std::fs::read(folder.join(format!("{code}.json"))) {
            all.push((bytes.len(), code, serde_json::from_slice(&bytes)?));
        }
    }
    all.sort_by_key(|(len, ..)| std::cmp::Reverse(*len));
    Ok(all
        .into_iter()
        .take(most)
        .map(|(_, code, example)| (code, example))
        .collect())
}

impl Desk {
    pub fn new(counter: Counter, seed: u64) -> Result<Self> {
        Ok(Self {
            counter,
            mint: Mint::new(seed),
            said: vec![Canary::Number(PIN.into())],
            numbers: BTreeSet::new(),
            picked: tempfile::tempdir()?,
            delivered: tempfile::tempdir()?,
            logs: tempfile::tempdir()?,
        })
    }

    /// The kiosk with its whole log kept, signed in.
    pub fn open(&self) -> Result<Kiosk> {
        let data = std::path::absolute(self.counter.data())?;
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.logs.path().join("kiosk.log"))?;
        let mut command = Command::new(programs::find(programs::KIOSK)?);
        command
            .args(["rpc", "--clock", DAY, "--data"])
            .arg(&data)
            .env("RUST_LOG", "debug")
            .stderr(log);
        let mut kiosk = Kiosk::run(command, &data)?;
        self.counter.sign_in(&mut kiosk)?;
        Ok(kiosk)
    }

    fn word(&mut self) -> String {
        let word = self.mint.word();
        self.said.push(Canary::Word(word.clone()));
        word
    }

    /// One family: every answer marked, every paper that is asked for; answers the dossier, not sealed yet.
    pub fn fill(&mut self, kiosk: &mut Kiosk, code: &str, example: &Value) -> Result<String> {
        let mut view = kiosk.call("start_dossier", json!({ "procedure": code }))?;
        let dossier = text(&view, "/dossier")?;
        form::choose_way(kiosk, &view)?;
        kiosk.citizen("give_consent", json!({ "agree": true }))?;
        let mut marked = Vec::new();
        let give = |kiosk: &mut Kiosk, question: &Value, raw: &Value| {
            let request = json!({ "dossier": dossier, "question": question, "raw": raw });
            kiosk.call("give_answer", request)
        };
        for pair in list(example, "/answers") {
            let (question, raw) = (&pair[0], &pair[1]);
            let mut words = Vec::new();
            let with = self.mint.mark(raw, &mut words);
            numbers(raw, &mut self.numbers);
            view = give(kiosk, question, &with)?;
            if !words.is_empty() {
                marked.push((question.clone(), raw.clone(), words));
            }
        }
        // A field that takes no such word gets the example's own answer.
        for (question, raw, words) in marked {
            if takes(&view, &question) {
                self.said.extend(words.into_iter().map(Canary::Word));
            } else {
                view = give(kiosk, &question, &raw)?;
            }
        }
        let view = form::say_standing(kiosk, &view)?;
        self.add_papers(kiosk, &dossier, &view, example)?;
        Ok(dossier)
    }

    fn add_papers(&mut self, kiosk: &mut Kiosk, dossier: &str, view: &Value, example: &Value) -> Result<()> {
        let picture = page::scanned(7)?;
        for paper in list(view, "/interview/papers") {
            let component = text(&paper, "/id")?;
            let count = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or(0);
            let required = paper.get("required") == Some(&json!(true));
            let asked = if required {
                count(paper.get("min_files"))
            } else {
                0
            };
            let there = count(example.pointer(&format!("/files/{component}")));
            for _ in 0..asked.max(there) {
                let name = format!("{}.jpg", self.word());
                let path = self.picked.path().join(name);
                std::fs::write(&path, &picture)?;
                kiosk.call(
                    "add_file",
                    json!({ "dossier": dossier, "component": component, "path": path }),
                )?;
            }
        }
        Ok(())
    }

    /// A sheet from the office's scanner becomes a page of a paper.
    pub fn scan(&mut self, kiosk: &mut Kiosk, dossier: &str, component: &str) -> Result<()> {
        let picture = page::scanned(8)?;
        self.said.extend(slices("a scanned sheet", &picture));
        let name = format!("{}.jpg", self.word());
        kiosk.call("set_scan_folder", json!({ "path": self.delivered.path() }))?;
        std::fs::write(self.delivered.path().join(name), &picture)?;
        let sheet = wait::until("the sheet to come into the tray", || {
            let tray = kiosk.call("tray", json!({}))?;
            Ok(tray.pointer("/sheets/0/id").cloned())
        })?;
        wait::until("the scanner's folder to be empty", || {
            let left = std::fs::read_dir(self.delivered.path())?.count();
            Ok((left == 0).then_some(()))
        })?;
        kiosk.call(
            "take_from_tray",
            json!({ "dossier": dossier, "component": component, "sheets": [sheet] }),
        )?;
        Ok(())
    }

    /// All canaries of now.
    pub fn canaries(&self) -> Result<Vec<Canary>> {
        let mut all = self.said.clone();
        all.extend(self.numbers.iter().cloned().map(Canary::Number));
        all.extend(slices("a captured page", &page::scanned(7)?));
        Ok(all)
    }
}

/// The field has no fault, in none of its cells, and no page misses it.
fn takes(view: &Value, question: &Value) -> bool {
    let pages = list(view, "/interview/pages");
    let fields = pages.iter().flat_map(|page| list(page, "/questions"));
    fields
        .filter(|field| field.get("id") == Some(question))
        .all(|field| !has_fault(&field))
}

fn has_fault(value: &Value) -> bool {
    match value {
        Value::Array(all) => all.iter().any(has_fault),
        Value::Object(all) => all
            .iter()
            .any(|(name, one)| (name == "fault" && !one.is_null()) || has_fault(one)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Confirms and seals.
pub fn seal(kiosk: &mut Kiosk, dossier: &str) -> Result<()> {
    kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    form::confirm(kiosk, dossier)?;
    form::seal(kiosk, dossier)?;
    Ok(())
}

/// A clerk asks for a dossier in the clear, and another one approves: the one place where everything may be read.
pub fn export(counter: &Counter, dossier: &str, to: &Path) -> Result<()> {
    let province = &counter.province;
    for clerk in [CLERK, "Trần Thị Chín"] {
        province.add_clerk(clerk)?;
    }
    let folder = to.display().to_string();
    let ask = [
        "export", dossier, "--clerk", CLERK, "--why", "thử", "--to", &folder,
    ];
    let asked = province.admin_with(&ask, PASSPHRASE)?;
    let request = asked
        .get("request")
        .map(ToString::to_string)
        .context("no request")?;
    let key = province.data().join("keys/intake.key").display().to_string();
    let approve = [
        "export-approve",
        &request,
        "--clerk",
        "Trần Thị Chín",
        "--intake-key",
        &key,
    ];
    let written = province.admin_with(&approve, PASSPHRASE)?;
    ensure!(written.get("files").is_some(), "{written}");
    Ok(())
}
