//! From the scanner's folder to the tray to the dossier: the file goes only once its sheet is stored, a half-written one
//! stays, and no byte of a paper lies plainly in the kiosk's folder, killed in the middle or not.

use crate::papers_in::{Desk, PAPER, files};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::files::holding;
use stories::photo::{BIRTH_ANNA, BIRTH_MINH, WITNESS};
use stories::view::list;
use stories::wait;

/// The head of every JPEG that we draw: its tables are the same in each.
fn our_jpegs_mark() -> &'static [u8] {
    b"JFIF"
}

/// Two pages as a copier writes black and white: TIFF, CCITT group 4.
const STACK_TIFF: &[u8] = include_bytes!("../fixtures/pages/stack_g4.tif");

#[test]
fn the_scanners_folder_and_nothing_plain() -> Result<()> {
    let mut desk = Desk::open()?;
    let delivery = desk.counter.data().with_file_name("may-quet");
    std::fs::create_dir_all(&delivery)?;
    desk.kiosk.call("set_scan_folder", json!({ "path": delivery }))?;
    std::fs::write(delivery.join("a.png"), WITNESS)?;
    std::fs::write(delivery.join("b.jpg.part"), &WITNESS[..500])?;
    std::fs::write(delivery.join("c.jpg"), b"no paper at all")?;
    let tray = wait::until("the sheet to come into the tray", || {
        let tray = desk.kiosk.call("tray", json!({}))?;
        let sheets = list(&tray, "/sheets").len();
        let refused = list(&tray, "/refused").len();
        Ok((sheets == 1 && refused == 1).then_some(tray))
    })?;
    wait::until("the sheet's file to leave the folder", || {
        Ok((!delivery.join("a.png").exists()).then_some(()))
    })?;
    ensure!(delivery.join("b.jpg.part").exists() && delivery.join("c.jpg").exists());
    let sheet = tray.pointer("/sheets/0/id").cloned().context("no sheet")?;
    let view = desk.kiosk.call(
        "take_from_tray",
        json!({ "dossier": desk.dossier, "component": PAPER, "sheets": [sheet] }),
    )?;
    ensure!(files(&view).len() == 1, "the sheet became no page");
    ensure!(desk.kiosk.call("tray", json!({}))?.get("sheets") == Some(&json!([])));
    // A stack that the scanner delivers as one PDF lies there sheet by sheet.
    let scan = paper::pdf_of(paper::Sheets {
        title: "Quét",
        made: jiff::Timestamp::UNIX_EPOCH,
        pages: &[BIRTH_ANNA, BIRTH_MINH]
            .map(|png| paper::prepare(png, paper::Taken::Glass).map(|p| p.bytes))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?,
    })?;
    std::fs::write(delivery.join("d.pdf"), scan)?;
    wait::until("both sheets to come into the tray", || {
        let tray = desk.kiosk.call("tray", json!({}))?;
        let sheets = list(&tray, "/sheets").len();
        Ok((sheets == 2).then_some(()))
    })?;
    // Removed only once its sheets are stored, so a moment after they are seen.
    wait::until("the stack to leave the folder", || {
        Ok((!delivery.join("d.pdf").exists()).then_some(()))
    })?;
    // So do the pages of a copier's TIFF.
    std::fs::write(delivery.join("e.tif"), STACK_TIFF)?;
    wait::until("the two faxed sheets to come into the tray", || {
        let tray = desk.kiosk.call("tray", json!({}))?;
        let sheets = list(&tray, "/sheets").len();
        Ok((sheets == 4 && !delivery.join("e.tif").exists()).then_some(()))
    })?;
    // Turned off, the folder is nobody's any more, and the tray still answers.
    let off = desk.kiosk.call("set_scan_folder", json!({ "path": null }))?;
    ensure!(off.get("folder") == Some(&Value::Null), "{off}");
    ensure!(desk.kiosk.call("tray", json!({}))?.get("folder") == Some(&Value::Null));
    // The canary: with the databases open and after a kill, no picture of ours can be read from the disk.
    let data = desk.counter.data();
    let mark = our_jpegs_mark();
    ensure!(
        holding(&data, mark)?.is_empty(),
        "a plain picture: {:?}",
        holding(&data, mark)?
    );
    desk.kiosk.kill()?;
    ensure!(holding(&data, mark)?.is_empty(), "a plain picture after the kill");
    // The canary sings where there is something to find.
    let plain = data.join("planted");
    std::fs::write(&plain, [b"....".as_slice(), mark, b"...."].concat())?;
    ensure!(
        holding(&data, mark)? == [plain],
        "the search finds nothing at all"
    );
    Ok(())
}
