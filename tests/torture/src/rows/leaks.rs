//! Canaries: everything that a family says at the counter, looked for in every file that both sides leave, while the
//! programs run, after they were killed and after the dossier was taken in.

use super::crash;
use crate::row::{Plan, Row};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use stories::counter::all_acknowledged;
use stories::{Counter, form};

/// Shorter words stand in ordinary text by chance.
const CANARY_BYTES_MIN: usize = 6;

/// What the citizen says, as bytes that a file could hold: UTF-8, UTF-16, percent-encoded as in a URL.
fn canaries() -> Result<Vec<(String, Vec<u8>)>> {
    let mut said = BTreeSet::new();
    for (_, raw) in form::answers(0)? {
        texts(&raw, &mut said);
    }
    // A code or a unit of the published lists is in the program itself.
    said.retain(|text| text.len() >= CANARY_BYTES_MIN && !text.is_ascii() || is_number(text));
    ensure!(said.len() >= 5, "only {} canaries", said.len());
    let mut all = Vec::new();
    for text in said {
        let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let percent = text
            .bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() {
                    (b as char).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect::<String>();
        all.push((text.clone(), text.clone().into_bytes()));
        all.push((text.clone(), utf16));
        all.push((text, percent.into_bytes()));
    }
    Ok(all)
}

fn is_number(text: &str) -> bool {
    text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit())
}

fn texts(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|v| texts(v, into)),
        Value::Object(all) => all.values().for_each(|v| texts(v, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, into)?;
        } else if path.is_file() {
            into.push(path);
        }
    }
    Ok(())
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return false };
    let mut rest = haystack;
    while let Some(at) = rest.iter().position(|b| b == first) {
        rest = rest.get(at..).unwrap_or_default();
        if rest.starts_with(needle) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    files(folder, &mut all)?;
    Ok(all)
}

/// Every canary in every file of the folders; answers what was found, and how many files there were.
fn search(folders: &[&Path], canaries: &[(String, Vec<u8>)]) -> Result<(Vec<String>, usize)> {
    let mut all = Vec::new();
    for folder in folders {
        files(folder, &mut all)?;
    }
    let mut found = Vec::new();
    for path in &all {
        let content = std::fs::read(path).unwrap_or_default();
        let name = path.to_string_lossy();
        for (text, bytes) in canaries {
            if holds(&content, bytes) || name.contains(text.as_str()) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                found.push(format!(
                    "{} characters of an answer in {name}",
                    text.chars().count()
                ));
            }
        }
    }
    Ok((found, all.len()))
}

/// One dossier through everything, with the programs' full logs.
pub fn canaries_everywhere(plan: &Plan) -> Result<Row> {
    let canaries = canaries()?;
    let mut row = Row::new("leaks", "looks at every file", plan, 4);
    let (counter, mut kiosk) = Counter::open()?;
    let (data, beside) = (counter.data(), counter.province.beside().to_owned());
    let folders = [data.as_path(), beside.as_path()];
    let mut look = |when: &str| -> Result<()> {
        let (found, count) = search(&folders, &canaries)?;
        if let Some(first) = found.first() {
            row.breaks(format!("{when}: {} times, such as {first}", found.len()));
        }
        row.done += 1;
        row.note = format!(
            "{} canaries in three encodings, {count} files at the end",
            canaries.len() / 3
        );
        Ok(())
    };
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    look("while the form is filled in")?;
    kiosk.kill()?;
    look("after the kiosk was killed")?;
    let crashed = crash::of_a_kiosk(&counter, &dossier)?;
    let mut kiosk = counter.reopen()?;
    kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    form::confirm(&mut kiosk, &dossier)?;
    form::seal(&mut kiosk, &dossier)?;
    look("after the seal and the receipt")?;
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    look("after the province has it")?;
    let (dumped, _) = search(&[crashed.left.path()], &canaries)?;
    if !crashed.forbidden || !files_of(crashed.left.path())?.is_empty() {
        row.breaks(format!("a crash left a core dump, {} times", dumped.len()));
    }
    match crash::of_another_program(&canaries)? {
        crash::Control::Dump(folder) => {
            let (found, _) = search(&[folder.path()], &canaries)?;
            let how = format!("found {} times in its core dump", found.len());
            row.control("a program that allows core dumps", !found.is_empty(), how);
        }
        crash::Control::Elsewhere(why) => row.note.push_str(&format!("; {why}")),
    }
    let planted = data.join("form.tmp");
    std::fs::write(&planted, serde_json::to_vec(&json!(form::answers(0)?))?)?;
    let (found, _) = search(&[data.as_path()], &canaries)?;
    std::fs::remove_file(planted)?;
    row.control(
        "a plaintext temporary file",
        !found.is_empty(),
        format!("found {} times", found.len()),
    );
    Ok(row)
}
