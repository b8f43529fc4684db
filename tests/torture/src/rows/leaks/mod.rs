//! Canaries: everything that families say, show and hand over at the counter, looked for in every file that both sides
//! leave, on a stick, in the programs' whole logs, in what goes over the wire outside the encrypted bodies, and in crash
//! dumps; while the programs run, after they were killed, and after the dossiers were taken in.
//!
//! **Invariant:** the same search finds them where they may be: in what a clerk exports in the clear.

mod canaries;
mod flow;
mod search;

use super::crash;
use crate::gateway::Gateway;
use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, ensure};
use canaries::{Canary, slices};
use flow::Desk;
use search::{Searcher, files_of};
use serde_json::json;
use std::path::Path;
use store::Outbox;
use store::tables::setting::{self, Name};
use stories::counter::all_acknowledged;
use stories::{Counter, Kiosk, Rule};

/// Fewer, and the families did not say what their examples say.
const CANARIES_MIN: u64 = 200;
/// The operator's name: it stands on receipts and in the counter's own list, and in no log.
const OPERATOR: &str = "Cầm Thị Hoa";

/// A gateway that knows the province's key and writes down how each request begins.
fn recorder(counter: &Counter) -> Result<Gateway> {
    let outbox = Outbox::open(&counter.data())?;
    let enrolment: serde_json::Value = setting::get(outbox.db(), Name::Enrolment)?.context("not enrolled")?;
    let offer = enrolment.get("offer").context("no offer")?.clone();
    let offer: wire::enrol::EnrolOffer = serde_json::from_value(offer)?;
    let (data, upstream) = (counter.province.data(), counter.province.address());
    Gateway::before(&data, &offer.root_der()?, upstream)
}

/// What the row has seen so far.
struct Looked<'a> {
    row: &'a mut Row,
    files: usize,
    canaries: usize,
}

impl Looked<'_> {
    /// Every file of the kiosk, the province, the stick and the logs.
    fn look(&mut self, when: &str, desk: &Desk, stick: &Path) -> Result<()> {
        let canaries = desk.canaries()?;
        let searcher = Searcher::new(&canaries);
        let (data, beside) = (desk.counter.data(), desk.counter.province.beside().to_owned());
        let (found, files) =
            searcher.folders(&[&data, &beside, stick, desk.logs.path(), desk.delivered.path()])?;
        if let Some(first) = found.first() {
            self.row
                .breaks(format!("{when}: {} times, such as {first}", found.len()));
        }
        let logs = [desk.logs.path().join("kiosk.log"), beside.join("serve.log")];
        let operator = [Canary::Word(OPERATOR.into())];
        for log in logs {
            let told = Searcher::new(&operator).within(&std::fs::read(&log).unwrap_or_default());
            if !told.is_empty() {
                self.row
                    .breaks(format!("{when}: the operator's name is in {}", log.display()));
            }
        }
        self.row.done += 1;
        (self.files, self.canaries) = (files, canaries.len());
        Ok(())
    }
}

/// Families through everything.
pub fn canaries_everywhere(plan: &Plan) -> Result<Row> {
    let mut row = Row::new("leaks", "looks at every file", plan, 6);
    let families = usize::try_from(plan.size(3, 45).min(45)).unwrap_or(4);
    let (mut counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    counter.province.stop()?;
    counter.province.serve_telling("debug")?;
    let gateway = recorder(&counter)?;
    counter.network.lead_to(gateway.address());
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let mut desk = Desk::new(counter, plan.seed)?;
    let stick = stick()?;
    let mut looked = Looked {
        row: &mut row,
        files: 0,
        canaries: 0,
    };
    let mut kiosk = desk.open()?;
    let mut dossiers = Vec::new();
    for (code, example) in flow::examples(&mut kiosk, families)? {
        let filled = desk.fill(&mut kiosk, &code, &example);
        dossiers.push(filled.with_context(|| format!("filling in {code}"))?);
    }
    looked.look("while the forms are filled in", &desk, stick.path())?;
    kiosk.kill()?;
    looked.look("after the kiosk was killed", &desk, stick.path())?;
    let last = dossiers.last().context("no dossier")?.clone();
    let crashed = crash::of_a_kiosk(&desk.counter, &last)?;
    let mut kiosk = desk.open()?;
    scanned(&mut desk, &mut kiosk, &mut dossiers)?;
    looked.look("after the scanner delivered", &desk, stick.path())?;
    for dossier in &dossiers {
        flow::seal(&mut kiosk, dossier).with_context(|| format!("sealing {dossier}"))?;
    }
    looked.look("after the seals and the receipts", &desk, stick.path())?;
    kiosk.call("export_sealed", json!({ "folder": stick.path() }))?;
    looked.look("after a stick was written", &desk, stick.path())?;
    desk.counter.network.rule(Rule::Pass);
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, dossiers.len())?;
    kiosk.close()?;
    looked.look("after the province has them", &desk, stick.path())?;
    let (files, canaries) = (looked.files, looked.canaries);
    if !plan.short && (canaries as u64) < CANARIES_MIN && plan.scale >= 1.0 {
        row.breaks(format!("only {canaries} canaries"));
    }
    row.note = format!(
        "{canaries} canaries of {} families, {files} files at the end",
        dossiers.len()
    );
    wire(&mut row, &desk, &gateway)?;
    dumps(&mut row, &desk, &crashed)?;
    // The last family's: it has papers, one of them by the scanner's folder.
    let exported = dossiers.last().context("no dossier")?;
    in_the_clear(&mut row, &desk, exported, stick.path())?;
    let planted = desk.counter.data().join("form.tmp");
    let canaries = desk.canaries()?;
    let words: Vec<_> = canaries.iter().map(Canary::told_whole).collect();
    std::fs::write(&planted, words.join("\n"))?;
    let (found, _) = Searcher::new(&canaries).folders(&[&desk.counter.data()])?;
    std::fs::remove_file(planted)?;
    row.control(
        "a plaintext temporary file",
        !found.is_empty(),
        format!("found {} times", found.len()),
    );
    Ok(row)
}

/// A stick is another disk than the kiosk's.
fn stick() -> Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() {
        tempfile::tempdir_in(memory)?
    } else {
        tempfile::tempdir()?
    })
}

/// One more family, whose hospital paper comes by the scanner's folder.
fn scanned(desk: &mut Desk, kiosk: &mut Kiosk, dossiers: &mut Vec<String>) -> Result<()> {
    let example: serde_json::Value = serde_json::from_str(include_str!(
        "../../../../../crates/domain/tests/fixtures/birth_anna.json"
    ))?;
    let dossier = desk.fill(kiosk, stories::form::PROCEDURE, &example)?;
    desk.scan(kiosk, &dossier, "birth_certificate_hospital")?;
    dossiers.push(dossier);
    Ok(())
}

/// What anybody on the way could read if the line were not encrypted: first lines and headers.
fn wire(row: &mut Row, desk: &Desk, gateway: &Gateway) -> Result<()> {
    let mut canaries = desk.canaries()?;
    canaries.push(Canary::Word(OPERATOR.into()));
    let searcher = Searcher::new(&canaries);
    let heads = gateway.heads();
    ensure!(heads.len() > 3, "only {} requests were seen", heads.len());
    let found: usize = heads.iter().map(|head| searcher.within(head).len()).sum();
    if found > 0 {
        row.breaks(format!("{found} times in a request's first line or headers"));
    }
    row.note
        .push_str(&format!(", {} requests over the wire", heads.len()));
    let word = canaries
        .iter()
        .find_map(|canary| match canary {
            Canary::Word(word) => Some(word.clone()),
            Canary::Number(_) | Canary::Bytes(..) => None,
        })
        .context("no word")?;
    gateway.ask(&format!("/v1/dossiers?name={word}"))?;
    let found = gateway
        .heads()
        .iter()
        .map(|head| searcher.within(head).len())
        .sum::<usize>();
    row.control(
        "a word of an answer in a URL",
        found > 0,
        format!("found {found} times"),
    );
    Ok(())
}

/// What a crash left, and what one leaves of a program that forbids nothing.
fn dumps(row: &mut Row, desk: &Desk, crashed: &crash::Crashed) -> Result<()> {
    let canaries = desk.canaries()?;
    let searcher = Searcher::new(&canaries);
    let (dumped, _) = searcher.folders(&[crashed.left.path()])?;
    if !crashed.forbidden || !files_of(&[crashed.left.path()])?.is_empty() {
        row.breaks(format!("a crash left a core dump, {} times", dumped.len()));
    }
    let words: Vec<_> = canaries.iter().map(Canary::told_whole).collect();
    match crash::of_another_program(&words)? {
        crash::Control::Dump(folder) => {
            let (found, _) = searcher.folders(&[folder.path()])?;
            let how = format!("found {} times in its core dump", found.len());
            row.control("a program that allows core dumps", !found.is_empty(), how);
        }
        crash::Control::Elsewhere(why) => row.note.push_str(&format!("; {why}")),
    }
    Ok(())
}

/// What a clerk exports holds the words; and the pages that stand there in the clear stand nowhere else.
fn in_the_clear(row: &mut Row, desk: &Desk, dossier: &str, stick: &Path) -> Result<()> {
    let exported = tempfile::tempdir()?;
    flow::export(&desk.counter, dossier, exported.path())?;
    let canaries = desk.canaries()?;
    let (found, _) = Searcher::new(&canaries).folders(&[exported.path()])?;
    row.control(
        "a dossier that a clerk exports in the clear",
        !found.is_empty(),
        format!("found {} times", found.len()),
    );
    let mut pages = Vec::new();
    for path in files_of(&[exported.path()])? {
        if path.extension().is_some_and(|end| end == "jpg" || end == "pdf") {
            pages.extend(slices("a page as it was sealed", &std::fs::read(path)?));
        }
    }
    ensure!(!pages.is_empty(), "no page was exported");
    let (data, beside) = (desk.counter.data(), desk.counter.province.beside().to_owned());
    let (found, _) = Searcher::new(&pages).folders(&[&data, &beside, stick, desk.logs.path()])?;
    if let Some(first) = found.first() {
        row.breaks(format!(
            "a page in the clear: {} times, such as {first}",
            found.len()
        ));
    }
    row.note
        .push_str(&format!(", {} slices of pages as they were sealed", pages.len()));
    Ok(())
}
