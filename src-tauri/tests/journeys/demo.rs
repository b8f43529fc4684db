//! The first dossier kept as pictures, the printed receipt and a summary: what `cargo xtask demo` shows where there is
//! no display. Ignored among the tests: `first_dossier` checks the same walk.

use crate::first_dossier::{Outcome, walk};
use crate::record::Record;
use crate::story::Counter;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `cargo xtask demo`, with DONGHANH_DEMO_OUT set"]
async fn demo() {
    let _alone = crate::alone().await;
    let out =
        PathBuf::from(std::env::var_os("DONGHANH_DEMO_OUT").expect("DONGHANH_DEMO_OUT names the folder"));
    let counter = Counter::open().await;
    let mut record = Record::kept_in(out.clone());
    let outcome = walk(&counter, &mut record).await;
    std::fs::copy(&outcome.receipt_pdf, out.join("receipt.pdf")).expect("the receipt is kept");
    let read = read_codes(&out);
    assert!(
        read.contains(&outcome.qr_texts[0]),
        "the printed code reads back: {read:?}"
    );
    write_summary(&out, &outcome, &read, &record);
    counter.close().await;
}

/// Draws the page and reads its codes with a decoder that knows nothing of us.
fn read_codes(out: &Path) -> Vec<String> {
    for (name, dots) in [("receipt", "150"), ("receipt-300", "300")] {
        let drawn = Command::new("pdftoppm")
            .args(["-r", dots, "-png", "-singlefile"])
            .arg(out.join("receipt.pdf"))
            .arg(out.join(name))
            .status();
        assert!(
            drawn.is_ok_and(|status| status.success()),
            "pdftoppm (package poppler-utils) draws the receipt"
        );
    }
    // Twice the dots for the decoder: a camera sees more of the paper than a screen shows of it.
    let fine = out.join("receipt-300.png");
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(&fine)
        .output();
    std::fs::remove_file(&fine).expect("the drawing for the decoder is not kept");
    let read = read.expect("zbarimg (package zbar-tools) reads the receipt");
    String::from_utf8_lossy(&read.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

fn write_summary(out: &Path, outcome: &Outcome, read: &[String], record: &Record) {
    let summary = json!({
        "dossier_id": outcome.dossier,
        "receipt_number": outcome.number,
        "qr_texts": read,
        "files": outcome.files,
        "states": outcome.states,
        "acknowledged": outcome.acknowledged,
        "seconds": record.seconds,
    });
    std::fs::write(out.join("summary.json"), format!("{summary:#}\n")).expect("the summary is written");
}
