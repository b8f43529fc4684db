//! Papers that come in, at a real kiosk: a birth with four papers, the same page upside down and twice, and a bomb.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use stories::counter::all_acknowledged;
use stories::photo::{BIRTH_ANNA, BIRTH_MINH, Photo, WITNESS};
use stories::{Books, Counter, Kiosk, form, wait};

const PAPER: &str = "birth_certificate_hospital";

struct Desk {
    counter: Counter,
    kiosk: Kiosk,
    dossier: String,
    folder: PathBuf,
}

impl Desk {
    /// A birth with every answer given and no paper captured.
    fn open() -> Result<Self> {
        let (counter, kiosk) = Counter::open()?;
        Self::at(counter, kiosk)
    }

    fn at(counter: Counter, mut kiosk: Kiosk) -> Result<Self> {
        let dossier = form::start(&mut kiosk)?;
        form::answer(&mut kiosk, &dossier, 0)?;
        let folder = counter.data().with_file_name("picked");
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            counter,
            kiosk,
            dossier,
            folder,
        })
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes)?;
        Ok(path)
    }

    fn add(&mut self, component: &str, path: &Path) -> Result<Value> {
        self.kiosk.call(
            "add_file",
            json!({ "dossier": self.dossier, "component": component, "path": path }),
        )
    }

    /// The last page of a paper, as the officer sees it.
    fn last(view: &Value, component: &str) -> Result<Value> {
        files(view)
            .into_iter()
            .rfind(|f| f.get("component") == Some(&json!(component)))
            .with_context(|| format!("no page of {component}"))
    }
}

fn files(view: &Value) -> Vec<Value> {
    view.get("files")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn of_paper(view: &Value, component: &str) -> Vec<Value> {
    let mut own = files(view);
    own.retain(|f| f.get("component") == Some(&json!(component)));
    own
}

fn is(value: &Value, at: &str, wanted: Value) -> Result<()> {
    let found = value.get(at).cloned().unwrap_or(Value::Null);
    ensure!(found == wanted, "{at}: {found} instead of {wanted}");
    Ok(())
}

/// Four papers of seven pages, photographed, scanned and as PDF, one with three pages: sealed as four files,
/// opened by the province; and what the counter must not keep is said.
#[test]
fn birth_with_four_papers() -> Result<()> {
    let mut desk = Desk::open()?;
    let photo = Photo {
        quarters: 0,
        ..Photo::small()
    };
    for (n, page) in [BIRTH_ANNA, BIRTH_MINH, WITNESS].into_iter().enumerate() {
        let path = desk.put(&format!("p{n}.jpg"), &photo.of(page))?;
        let view = desk.add(PAPER, &path)?;
        let page = Desk::last(&view, PAPER)?;
        is(&page, "warnings", json!([]))?;
        is(&page, "same_as", Value::Null)?;
        let bytes = page.get("bytes").and_then(Value::as_u64).context("no size")?;
        ensure!(bytes <= 350 * 1024, "{bytes} bytes");
    }
    // The last page is the first: pages have an order, and it is kept.
    let before = desk
        .kiosk
        .call("open_dossier", json!({ "dossier": desk.dossier }))?;
    let moved = Desk::last(&before, PAPER)?;
    let view = desk.kiosk.call(
        "move_file",
        json!({ "dossier": desk.dossier, "file": moved.get("id"), "to": 0 }),
    )?;
    let order: Vec<Value> = files(&view).iter().filter_map(|f| f.get("id").cloned()).collect();
    ensure!(
        order.first() == moved.get("id"),
        "the page did not move: {order:?}"
    );
    for (component, page) in [("identity_document", WITNESS), ("residence_proof", BIRTH_MINH)] {
        let path = desk.put(&format!("{component}.png"), page)?;
        desk.add(component, &path)?;
    }
    // The fourth comes as a file: a PDF of two pages, made of pictures as an office's copier does.
    let sheet = paper::prepare(WITNESS, paper::Taken::Glass)?.bytes;
    let pdf = paper::pdf_of(paper::Sheets {
        title: "Giấy chứng nhận kết hôn",
        made: jiff::Timestamp::UNIX_EPOCH,
        pages: &[sheet.clone(), sheet],
    })?;
    let path = desk.put("ket-hon.pdf", &pdf)?;
    let view = desk.add("marriage_certificate", &path)?;
    let sheets = of_paper(&view, "marriage_certificate");
    ensure!(sheets.len() == 2, "the scan did not come apart: {sheets:?}");
    // Scanned twice, and told.
    is(
        sheets.last().context("no sheet")?,
        "same_as",
        sheets
            .first()
            .and_then(|f| f.get("id").cloned())
            .unwrap_or_default(),
    )?;
    // A paper that has to be shown only: the counter is told that it goes back.
    let original = |component: &str, place: &str| json!({ "dossier": desk.dossier, "component": component, "original": place });
    let (kept, shown) = (
        original("identity_document", "kept_by_counter"),
        original("identity_document", "shown_only"),
    );
    let view = desk.kiosk.call("set_original", kept)?;
    ensure!(
        view.pointer("/paper_remarks/identity_document") == Some(&json!("give_back")),
        "nobody says that it must go back: {:?}",
        view.get("paper_remarks")
    );
    let view = desk.kiosk.call("set_original", shown)?;
    ensure!(view.get("paper_remarks") == Some(&json!({})), "the remark stays");
    form::confirm(&mut desk.kiosk, &desk.dossier)?;
    let sealed = form::seal(&mut desk.kiosk, &desk.dossier)?;
    all_acknowledged(&mut desk.kiosk, 1)?;
    desk.kiosk.close()?;
    let books = Books::read(&desk.counter.data(), &desk.counter.province)?;
    books.balance(&[sealed])?;
    let there = books
        .province
        .first()
        .and_then(|d| d.get("files")?.as_array().cloned());
    let there = there.context("the province has no files")?;
    ensure!(
        there.len() == 4,
        "a PDF of three pages, two pictures and a PDF of the two that were picked were meant: {there:?}"
    );
    Ok(())
}

/// What an office scanner delivers as one PDF comes in page by page: each is judged, turned and moved for itself, and the
/// paper takes as many as it has. A PDF that a program wrote stays byte for byte, and says what is on it.
#[test]
fn a_scanned_pdf_comes_apart_and_a_written_one_stays() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let written = receipt(&mut kiosk)?;
    let mut desk = Desk::at(counter, kiosk)?;
    let upright = paper::prepare(BIRTH_ANNA, paper::Taken::Glass)?.bytes;
    let wrong = paper::turn(&paper::prepare(WITNESS, paper::Taken::Glass)?.bytes, 2)?.bytes;
    let minh = paper::prepare(BIRTH_MINH, paper::Taken::Glass)?.bytes;
    let pages = [upright.clone(), wrong, minh, upright];
    let scan = paper::pdf_of(paper::Sheets {
        title: "Quét",
        made: jiff::Timestamp::UNIX_EPOCH,
        pages: &pages,
    })?;
    let path = desk.put("quet.pdf", &scan)?;
    let view = desk.add(PAPER, &path)?;
    let sheets = of_paper(&view, PAPER);
    let [first, second, third, fourth] = sheets.as_slice() else {
        anyhow::bail!("four pages were meant: {sheets:?}");
    };
    for sheet in &sheets {
        is(sheet, "media", json!("image/jpeg"))?;
        is(sheet, "pages", json!(1))?;
    }
    is(second, "warnings", json!(["upside_down"]))?;
    is(third, "warnings", json!([]))?;
    is(fourth, "same_as", first.get("id").cloned().unwrap_or_default())?;
    let turned = desk.kiosk.call(
        "turn_file",
        json!({ "dossier": desk.dossier, "file": second.get("id"), "quarters": 2 }),
    )?;
    let sheets = of_paper(&turned, PAPER);
    is(sheets.get(1).context("no second page")?, "warnings", json!([]))?;
    // The paper may have four files; five pages and more are one.
    let view = desk.add(PAPER, &path)?;
    ensure!(of_paper(&view, PAPER).len() == 8, "a feeder's stack is cut off");
    // In the place of one page: the others keep their order.
    let path = desk.put(
        "hai.pdf",
        &paper::pdf_of(paper::Sheets {
            title: "Quét",
            made: jiff::Timestamp::UNIX_EPOCH,
            pages: pages.get(..2).context("two pages")?,
        })?,
    )?;
    let ids = |view: &Value| -> Vec<Value> {
        of_paper(view, PAPER)
            .iter()
            .filter_map(|f| f.get("id").cloned())
            .collect()
    };
    let before = ids(&view);
    let view = desk.kiosk.call(
        "add_file",
        json!({ "dossier": desk.dossier, "component": PAPER, "path": path, "replaces": before.get(1) }),
    )?;
    let after = ids(&view);
    ensure!(
        after.len() == 9 && after.first() == before.first() && after.get(3..) == before.get(2..),
        "{before:?} became {after:?}"
    );

    // Written by a program: our own receipt, with its two codes.
    let path = desk.put("phieu.pdf", &written)?;
    let view = desk.add("identity_document", &path)?;
    let kept = Desk::last(&view, "identity_document")?;
    is(&kept, "media", json!("application/pdf"))?;
    is(&kept, "bytes", json!(written.len()))?;
    let codes = kept.get("codes").and_then(Value::as_array).map_or(0, Vec::len);
    ensure!(codes > 0, "the codes on it were not read: {kept}");
    let view = desk.add("identity_document", &path)?;
    is(
        &Desk::last(&view, "identity_document")?,
        "same_as",
        kept.get("id").cloned().unwrap_or_default(),
    )?;
    // Its pages are looked at in processes of their own, and none is left behind.
    ensure!(
        readers(desk.kiosk.pid()).is_empty(),
        "a reading process is left behind"
    );
    Ok(())
}

/// Our own receipt of another dossier: a PDF that a program wrote, with codes on it.
fn receipt(kiosk: &mut Kiosk) -> Result<Vec<u8>> {
    let dossier = form::start(kiosk)?;
    form::fill(kiosk, &dossier, 0)?;
    form::confirm(kiosk, &dossier)?;
    form::seal(kiosk, &dossier)?;
    let view = kiosk.call("print_receipt", json!({ "dossier": dossier }))?;
    let saved = view.get("saved_pdf").and_then(Value::as_str);
    let bytes = std::fs::read(saved.context("a printer took it")?)?;
    kiosk.call("finish_visit", json!({}))?;
    Ok(bytes)
}

/// A page upside down is told and mended; the same page once more is told, and not once the first is gone.
#[test]
fn upside_down_and_twice() -> Result<()> {
    let mut desk = Desk::open()?;
    let wrong = Photo {
        quarters: 2,
        ..Photo::small()
    };
    let path = desk.put("nguoc.jpg", &wrong.of(BIRTH_ANNA))?;
    let view = desk.add(PAPER, &path)?;
    let page = Desk::last(&view, PAPER)?;
    is(&page, "warnings", json!(["upside_down"]))?;
    let turned = desk.kiosk.call(
        "turn_file",
        json!({ "dossier": desk.dossier, "file": page.get("id"), "quarters": 2 }),
    )?;
    let page = Desk::last(&turned, PAPER)?;
    is(&page, "warnings", json!([]))?;
    let again = Photo {
        corners: [(0.05, 0.1), (0.86, 0.06), (0.92, 0.9), (0.1, 0.94)],
        ..Photo::small()
    };
    let path = desk.put("lan-nua.jpg", &again.of(BIRTH_ANNA))?;
    let view = desk.add(PAPER, &path)?;
    is(
        &Desk::last(&view, PAPER)?,
        "same_as",
        page.get("id").cloned().unwrap_or_default(),
    )?;
    // Another child's form, on the same print, is another page.
    let path = desk.put("khac.jpg", &again.of(BIRTH_MINH))?;
    let view = desk.add(PAPER, &path)?;
    is(&Desk::last(&view, PAPER)?, "same_as", Value::Null)?;
    let view = desk.kiosk.call(
        "remove_file",
        json!({ "dossier": desk.dossier, "file": page.get("id") }),
    )?;
    ensure!(
        files(&view)
            .iter()
            .all(|f| f.get("same_as") == Some(&Value::Null)),
        "a page is told to be there twice and is not"
    );
    Ok(())
}

/// A PNG of one colour, 9,990 by 9,990 dots of eight bytes: small on disk, 800 MB opened, and within the pixels allowed.
fn bomb() -> Result<Vec<u8>> {
    let side = 9_990_u32;
    let mut bytes = Vec::new();
    let row = vec![0_u8; side as usize * 8];
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    for _ in 0..side {
        std::io::Write::write_all(&mut stream, &row)?;
    }
    stream.finish()?;
    drop(writer);
    Ok(bytes)
}

/// The largest memory that the kiosk's own process ever had, in KiB.
fn peak(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:"))
        .context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}

/// Children of a process, by what they were started for.
fn readers(pid: u32) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let child = |entry: std::fs::DirEntry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
        let parent: u32 = status
            .lines()
            .find_map(|l| l.strip_prefix("PPid:"))?
            .trim()
            .parse()
            .ok()?;
        let command = std::fs::read(entry.path().join("cmdline")).ok()?;
        (parent == pid && command.windows(12).any(|w| w == b"--read-paper")).then_some(id)
    };
    entries.filter_map(|e| child(e.ok()?)).collect()
}

/// A file that would take the machine's memory costs a process of its own and a sentence; the kiosk keeps its size, its
/// dossier and its life. So does a reading process that is killed at its work.
#[test]
fn bomb_costs_only_itself() -> Result<()> {
    let mut desk = Desk::open()?;
    let good = desk.put("tot.png", WITNESS)?;
    desk.add(PAPER, &good)?;
    let before = files(
        &desk
            .kiosk
            .call("open_dossier", json!({ "dossier": desk.dossier }))?,
    );
    let path = desk.put("bom.png", &bomb()?)?;
    let params = json!({ "dossier": desk.dossier, "component": PAPER, "path": path });
    let small = peak(desk.kiosk.pid())?;
    let (code, layer, sentence) = desk.kiosk.refused("add_file", params)?.told();
    ensure!(
        ["picture_too_big", "file_dangerous", "file_broken"].contains(&code.as_str()) && layer == "paper",
        "{code} {layer}"
    );
    ensure!(sentence.contains("Xin chụp"), "no way on: {sentence}");
    let grown = peak(desk.kiosk.pid())?.saturating_sub(small);
    ensure!(grown < 64 * 1024, "the kiosk itself took {grown} KiB more");
    // Killed at its work: the largest picture that is allowed gives time to strike.
    let photo = Photo {
        width: 3000,
        height: 4000,
        ..Photo::small()
    };
    let path = desk.put("to.jpg", &photo.of(BIRTH_ANNA))?;
    let pid = desk.kiosk.pid();
    let killer = std::thread::spawn(move || {
        for _ in 0..2_000 {
            if let Some(reader) = readers(pid).first() {
                return std::process::Command::new("kill")
                    .args(["-9", &reader.to_string()])
                    .status()
                    .is_ok();
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        false
    });
    let params = json!({ "dossier": desk.dossier, "component": PAPER, "path": path });
    let (code, ..) = desk.kiosk.refused("add_file", params.clone())?.told();
    ensure!(
        killer.join().is_ok_and(|struck| struck),
        "no reading process was there to kill"
    );
    ensure!(code == "file_dangerous", "{code}");
    ensure!(readers(pid).is_empty(), "a reading process is left behind");
    let after = files(
        &desk
            .kiosk
            .call("open_dossier", json!({ "dossier": desk.dossier }))?,
    );
    ensure!(after == before, "a bad file changed the dossier");
    // The same file, left alone, is taken.
    desk.kiosk.call("add_file", params)?;
    Ok(())
}

/// Every file under a folder that holds these bytes.
fn holding(folder: &Path, needle: &[u8]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(holding(&path, needle)?);
        } else if path.is_file() && std::fs::read(&path)?.windows(needle.len()).any(|w| w == needle) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The head of every JPEG that we draw: its tables are the same in each.
fn our_jpegs_mark() -> &'static [u8] {
    b"JFIF"
}

/// Two pages as a copier writes black and white: TIFF, CCITT group 4.
const STACK_TIFF: &[u8] = include_bytes!("../fixtures/pages/stack_g4.tif");

/// From the scanner's folder to the tray to the dossier: the file goes only once its sheet is stored, a half-written one
/// stays, and no byte of a paper lies plainly in the kiosk's folder, killed in the middle or not.
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
        let sheets = tray.get("sheets").and_then(Value::as_array).map_or(0, Vec::len);
        let refused = tray.get("refused").and_then(Value::as_array).map_or(0, Vec::len);
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
        let sheets = tray.get("sheets").and_then(Value::as_array).map_or(0, Vec::len);
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
        let sheets = tray.get("sheets").and_then(Value::as_array).map_or(0, Vec::len);
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
