//! Every paper that goes out, as a picture and as text, judged by other programs: golden pictures, what was entered read
//! back, PDF/A, the dots of a roll. `DONGHANH_WRITE_GOLDEN=1` writes the pictures anew, and large ones to `target/papers/`:
//! look at these before the small ones are committed.
//!
//! **Invariant:** each check has a control: a paper with something lost, which it must not let through.

mod again;
mod archival;
mod entered;
mod golden;
mod letters;
mod likeness;
mod money;
mod papers;
mod said;
mod slips;

use crate::press::Drawn;
use image::GrayImage;
use jiff::Timestamp;
use std::io::Write;
use std::process::{Command, Stdio};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// Did it end well, and what it said on either way out.
fn piped(program: &str, args: &[&str], input: &[u8]) -> (bool, String) {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{program} (packages poppler-utils, qpdf): {e}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeding = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// The words in the order in which they were set: a cell of a table stays in one piece.
fn text(drawn: &Drawn) -> String {
    let (_, raw) = piped("pdftotext", &["-raw", "-", "-"], &drawn.pdf);
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Says the same whatever breaks the lines: text without white space.
fn run(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The pages at 150 dpi, in grey.
fn picture(drawn: &Drawn) -> GrayImage {
    let png = drawn.png().unwrap();
    image::load_from_memory(&png).unwrap().into_luma8()
}

/// The black and white dots that a thermal head gets.
fn dots(drawn: &Drawn) -> GrayImage {
    let raster = drawn.raster().unwrap();
    let height = u32::try_from(raster.height()).unwrap();
    GrayImage::from_raw(raster.width(), height, raster.to_luma()).unwrap()
}
