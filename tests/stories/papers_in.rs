//! Papers that come in, at a real kiosk: a birth with four papers, scanned and written PDFs, the same page upside down and
//! twice.

use crate::paper_bomb::readers;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use stories::counter::all_acknowledged;
use stories::photo::{BIRTH_ANNA, BIRTH_MINH, Photo, WITNESS};
use stories::view::list;
use stories::{Books, Counter, Kiosk, form};

pub(crate) const PAPER: &str = "birth_certificate_hospital";

/// A counter with a birth whose papers are still to come, and a folder from which they are picked.
pub(crate) struct Desk {
    pub counter: Counter,
    pub kiosk: Kiosk,
    pub dossier: String,
    folder: PathBuf,
}

impl Desk {
    /// A birth with every answer given and no paper captured.
    pub fn open() -> Result<Self> {
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

    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes)?;
        Ok(path)
    }

    pub fn add(&mut self, component: &str, path: &Path) -> Result<Value> {
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

pub(crate) fn files(view: &Value) -> Vec<Value> {
    list(view, "/files")
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
