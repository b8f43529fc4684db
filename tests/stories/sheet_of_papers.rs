//! The sheet that both sides sign says what was entered about each paper, row by row, and what the counter keeps.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::process::Command;
use stories::printer::Printer;
use stories::view::{list, number};
use stories::{Counter, form};

#[test]
fn the_sheet_of_papers_says_what_was_entered() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    let printer = Printer::new()?;
    printer.is("ready")?;
    let mut kiosk = printer.kiosk(&counter)?;
    let dossier = form::start(&mut kiosk)?;
    let view = form::fill(&mut kiosk, &dossier, 0)?;
    let papers: Vec<(String, String)> = list(&view, "/interview/papers")
        .into_iter()
        .filter(|need| need.get("replaced_by_data") == Some(&Value::Bool(false)))
        .filter_map(|need| {
            let name = need.pointer("/name/vi")?.as_str()?.to_owned();
            Some((need.get("id")?.as_str()?.to_owned(), name))
        })
        .collect();
    // One of each kind: what the officer enters, and what the sheet has to say in that row.
    let kinds = [
        ("kept_by_counter", "Bản chính", "Quầy giữ"),
        ("copy_kept", "Bản sao", "Quầy giữ bản sao"),
        ("shown_only", "Xuất trình", "Chỉ xem, đã trả lại"),
    ];
    ensure!(papers.len() >= kinds.len(), "too few papers: {papers:?}");
    let mut expected = Vec::new();
    for (n, ((id, name), (place, brought, where_now))) in papers.iter().zip(kinds).enumerate() {
        kiosk.call(
            "set_original",
            json!({ "dossier": dossier, "component": id, "original": place }),
        )?;
        expected.push((n + 1, name.clone(), brought, where_now));
    }
    let sheet = json!({ "dossier": dossier, "form": "papers_handed_over" });
    kiosk.call("print_form", sheet.clone())?;
    says(&printer, &expected, None)?;
    form::confirm(&mut kiosk, &dossier)?;
    let sealed = kiosk.call("seal_dossier", json!({ "dossier": dossier }))?;
    // With the receipt, the same, and its number.
    kiosk.call("print_form", sheet)?;
    let receipt_number = sealed.get("number").and_then(Value::as_str);
    says(&printer, &expected, receipt_number)?;
    ensure!(
        number(&sealed, "/papers") >= Some(3),
        "the receipt counts its papers: {sealed}"
    );
    // The control: a row that nobody entered is not there.
    let wrong = vec![(1, expected[0].1.clone(), "Bản sao", "Đã xem, đã trả lại")];
    ensure!(
        says(&printer, &wrong, None).is_err(),
        "the reader of the sheet takes anything"
    );
    kiosk.close()?;
    Ok(())
}

/// Each row with its words in order, the sum below them, and the lines for both hands.
fn says(printer: &Printer, rows: &[(usize, String, &str, &str)], receipt: Option<&str>) -> Result<()> {
    let read = Command::new("pdftotext")
        .arg("-layout")
        .arg(printer.last()?)
        .arg("-")
        .output()?;
    let layout = String::from_utf8_lossy(&read.stdout).into_owned();
    for (n, name, brought, place) in rows {
        // A long name or place takes two lines: its first word and the whole kind stand in the row that has the number.
        let first = name.split_whitespace().next().unwrap_or_default();
        let begins = place.split_whitespace().next().unwrap_or_default();
        let row = layout.lines().any(|line| {
            let mut at = 0;
            let mut after = |wanted: &str| {
                let found = line.get(at..).and_then(|rest| rest.find(wanted));
                found.is_some_and(|found| {
                    at += found + wanted.len();
                    true
                })
            };
            line.trim_start().starts_with(&n.to_string()) && after(brought) && after(begins)
        });
        let whole = layout.split_whitespace().collect::<Vec<_>>().join(" ");
        ensure!(row, "row {n}: {brought}, {place} is not in {layout}");
        ensure!(whole.contains(first), "{name} is missing in {layout}");
    }
    let run: String = layout.chars().filter(|c| !c.is_whitespace()).collect();
    for expected in [
        "DANHMỤCGIẤYTỜGIAO,NHẬN",
        "Quầygiữ2giấytờ(trongđó1bảnsao).",
        "Ngườigiao",
        "Ngườinhận",
        "Khiquầytrảlại1giấytờđanggiữ:",
        receipt.unwrap_or_default(),
    ] {
        ensure!(run.contains(expected), "{expected} is missing in {layout}");
    }
    Ok(())
}
