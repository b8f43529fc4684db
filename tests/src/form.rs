//! A birth registration filled in as people do it: the officer types, the citizen reads and presses.
//!
//! The answers are the domain's own example of an invented family; the child's name and birthday are set here, so
//! that several dossiers differ and the story stays true on any day.

use crate::kiosk::Kiosk;
use crate::page;
use crate::view::list;
use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp, tz};
use serde_json::{Value, json};
use std::path::PathBuf;

const EXAMPLE: &str = include_str!("../../crates/domain/tests/fixtures/birth_anna.json");
/// The procedure of every story.
pub const PROCEDURE: &str = "1.001193";
/// Children of invented families.
const NAMES: [&str; 6] = [
    "Vàng Lò Anna",
    "Vàng Lò Bình Minh",
    "Vàng Lò Thảo My",
    "Vàng Lò Đức",
    "Vàng Lò Ước",
    "Vàng Lò Thủy Tiên",
];

/// A dossier that a citizen left the counter with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub dossier: String,
    pub number: String,
    pub secret: String,
    pub qr_texts: Vec<String>,
    /// The receipt on paper.
    pub pdf: Option<PathBuf>,
}

fn text<'a>(value: &'a Value, at: &str) -> Result<&'a str> {
    value
        .pointer(at)
        .and_then(Value::as_str)
        .with_context(|| format!("no {at} in {value}"))
}

/// Twenty days ago at the counter, as an officer types it.
fn birthday() -> String {
    let day = Timestamp::now() - SignedDuration::from_hours(20 * 24);
    day.to_zoned(tz::TimeZone::fixed(tz::offset(7)))
        .strftime("%d/%m/%Y")
        .to_string()
}

/// The example's answers for child number `child`.
///
/// # Errors
/// Where the example is not what it was.
pub fn answers(child: usize) -> Result<Vec<(String, Value)>> {
    let example: Value = serde_json::from_str(EXAMPLE)?;
    let pairs = example
        .get("answers")
        .and_then(Value::as_array)
        .context("the example has no answers")?;
    let mut all = Vec::new();
    for pair in pairs {
        let question = text(pair, "/0")?.to_owned();
        let raw = match question.as_str() {
            "child_name" => json!({ "kind": "text", "value": NAMES.get(child % NAMES.len()) }),
            "child_birth_date" => json!({ "kind": "text", "value": birthday() }),
            _ => pair.get(1).cloned().context("an answer without a value")?,
        };
        all.push((question, raw));
    }
    Ok(all)
}

/// Starts a dossier; the citizen agrees on their own screen.
///
/// # Errors
/// Where the kiosk refuses.
pub fn start(kiosk: &mut Kiosk) -> Result<String> {
    let view = kiosk.call("start_dossier", json!({ "procedure": PROCEDURE }))?;
    let dossier = text(&view, "/dossier")?.to_owned();
    kiosk.citizen("give_consent", json!({ "agree": true }))?;
    Ok(dossier)
}

/// Chooses a way of handing in where the procedure has more than one: online, or the first there is. Answers the
/// dossier as it then is.
///
/// # Errors
/// Where the kiosk refuses.
pub fn choose_way(kiosk: &mut Kiosk, view: &Value) -> Result<Value> {
    let channels: Vec<Value> = list(view, "/offer/ways")
        .iter()
        .filter_map(|way| way.get("channel").cloned())
        .collect();
    let online = channels.iter().find(|channel| *channel == "online");
    let Some(channel) = online.or(channels.first()) else {
        return Ok(view.clone());
    };
    let dossier = text(view, "/dossier")?;
    kiosk.call(
        "choose_channel",
        json!({ "dossier": dossier, "channel": channel }),
    )
}

/// Says in what standing somebody files who is not the owner, where the form leaves that open: as a close relative.
/// Answers the dossier as it then is.
///
/// # Errors
/// Where the kiosk refuses.
pub fn say_standing(kiosk: &mut Kiosk, view: &Value) -> Result<Value> {
    if !list(view, "/interview/missing").contains(&json!({ "kind": "standing" })) {
        return Ok(view.clone());
    }
    let dossier = text(view, "/dossier")?;
    let standing = json!({ "standing": "close_relative", "relation": "child" });
    kiosk.call(
        "set_standing",
        json!({ "dossier": dossier, "standing": standing }),
    )
}

/// Types every answer; no paper yet.
///
/// # Errors
/// Where the kiosk refuses.
pub fn answer(kiosk: &mut Kiosk, dossier: &str, child: usize) -> Result<Value> {
    let mut view = Value::Null;
    for (question, raw) in answers(child)? {
        view = kiosk.call(
            "give_answer",
            json!({ "dossier": dossier, "question": question, "raw": raw }),
        )?;
    }
    Ok(view)
}

/// Types every answer and adds the papers that are asked for.
///
/// # Errors
/// Where the kiosk refuses, or something is still missing.
pub fn fill(kiosk: &mut Kiosk, dossier: &str, child: usize) -> Result<Value> {
    let mut view = answer(kiosk, dossier, child)?;
    for paper in list(&view, "/interview/papers") {
        view = add_paper(kiosk, dossier, &paper, child)?.unwrap_or(view);
    }
    if view.pointer("/interview/complete") != Some(&Value::Bool(true)) {
        bail!(
            "still missing: {}",
            view.pointer("/interview/missing").unwrap_or(&Value::Null)
        );
    }
    Ok(view)
}

fn add_paper(kiosk: &mut Kiosk, dossier: &str, paper: &Value, child: usize) -> Result<Option<Value>> {
    let component = text(paper, "/id")?.to_owned();
    let wanted = paper.get("min_files").and_then(Value::as_u64).unwrap_or(0);
    let required = paper.get("required").and_then(Value::as_bool).unwrap_or(false);
    let mut view = None;
    for file in 0..if required { wanted } else { 0 } {
        let seed = u64::try_from(child).unwrap_or(0) * 100 + file;
        // The scanner leaves the picture beside the data folder; the kiosk takes it from there.
        let path = kiosk.data().with_file_name(format!("scan-{seed}.jpg"));
        std::fs::write(&path, page::scanned(seed)?)?;
        view = Some(kiosk.call(
            "add_file",
            json!({ "dossier": dossier, "component": component, "path": path }),
        )?);
    }
    if view.is_some() {
        view = Some(kiosk.call(
            "set_original",
            json!({ "dossier": dossier, "component": component, "original": "kept_by_counter" }),
        )?);
    }
    Ok(view)
}

/// The citizen reads every page on their own screen and presses "Đúng hết".
///
/// # Errors
/// Where the kiosk refuses.
pub fn confirm(kiosk: &mut Kiosk, dossier: &str) -> Result<()> {
    let view = kiosk.call(
        "go_to",
        json!({ "dossier": dossier, "place": { "place": "check" } }),
    )?;
    for page in list(&view, "/interview/pages") {
        let id = text(&page, "/id")?;
        kiosk.call(
            "go_to",
            json!({ "dossier": dossier, "place": { "place": "page", "page": id, "back_to_check": true } }),
        )?;
        for question in list(&page, "/confirm") {
            kiosk.citizen("confirm_answer", json!({ "question": question }))?;
        }
        kiosk.citizen("confirm_page", json!({ "page": id }))?;
    }
    kiosk.call(
        "go_to",
        json!({ "dossier": dossier, "place": { "place": "filing" } }),
    )?;
    kiosk.citizen("confirm_filing", json!({ "agree": true }))?;
    Ok(())
}

/// Seals, prints, and clears the screens for the next citizen.
///
/// # Errors
/// Where the kiosk refuses.
pub fn seal(kiosk: &mut Kiosk, dossier: &str) -> Result<Sealed> {
    kiosk.call("seal_dossier", json!({ "dossier": dossier }))?;
    let receipt = kiosk.call("print_receipt", json!({ "dossier": dossier }))?;
    kiosk.call("finish_visit", json!({}))?;
    Ok(Sealed {
        dossier: dossier.to_owned(),
        number: text(&receipt, "/number")?.to_owned(),
        secret: text(&receipt, "/secret")?.to_owned(),
        qr_texts: list(&receipt, "/qr_texts")
            .iter()
            .filter_map(|t| t.as_str().map(str::to_owned))
            .collect(),
        pdf: receipt
            .pointer("/saved_pdf")
            .and_then(Value::as_str)
            .map(PathBuf::from),
    })
}

/// The receipt of a sealed dossier, on both screens.
///
/// # Errors
/// Where the kiosk refuses.
pub fn shown(kiosk: &mut Kiosk, dossier: &str) -> Result<Value> {
    kiosk.call("show_receipt", json!({ "dossier": dossier }))
}

/// From the first key to the receipt in hand.
///
/// # Errors
/// Where the kiosk refuses.
pub fn file(kiosk: &mut Kiosk, child: usize) -> Result<Sealed> {
    let dossier = start(kiosk)?;
    fill(kiosk, &dossier, child)?;
    confirm(kiosk, &dossier)?;
    seal(kiosk, &dossier)
}
