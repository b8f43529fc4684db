//! A bad day at the printer: no paper, a power cut, a jam half way, a printer that lies, a printer that is gone. The
//! receipt is safe through all of it, on the citizen's screen, and every paper that may be in somebody's hand is
//! counted. The printer system is played by two small scripts; everything else is real.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use stories::{Counter, Kiosk, form};

/// `lpstat` reads how the printer is from a file; `lp` keeps what it is given, or half of it.
const LPSTAT: &str = r#"
state=$(cat "$(dirname "$0")/state")
[ "$state" = gone ] && exit 1
case "$1" in
  -e) echo office;;
  -d) echo 'system default destination: office';;
  -l) case "$state" in
        empty) printf 'printer office is idle.\n\tAlerts: media-empty-error\n';;
        *) echo 'printer office is idle.  enabled since Wed';;
      esac;;
esac"#;
const LP: &str = r#"
dir=$(dirname "$0")
n=$(($(ls "$dir" | grep -c '^paper-') + 1))
if [ "$(cat "$dir/state")" = jams ]; then head -c 2000 > "$dir/paper-$n.pdf"; exit 1; fi
cat > "$dir/paper-$n.pdf"
echo "$@" > "$dir/title-$n"
echo "request id is office-$n (0 file(s))""#;

const CANCEL: &str = r#"echo "$1" >> "$(dirname "$0")/taken-back""#;

struct Printer(tempfile::TempDir);

impl Printer {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for (name, body) in [("lp", LP), ("lpstat", LPSTAT), ("cancel", CANCEL)] {
            let path = folder.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{body}\n"))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
        let printer = Self(folder);
        printer.is("empty")?;
        Ok(printer)
    }

    fn is(&self, state: &str) -> Result<()> {
        Ok(fs::write(self.0.path().join("state"), state)?)
    }

    fn papers(&self) -> Result<Vec<PathBuf>> {
        let mut all: Vec<PathBuf> = fs::read_dir(self.0.path())?
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "pdf"))
            .collect();
        all.sort();
        Ok(all)
    }

    /// The jobs that were taken out of the queue.
    fn taken_back(&self) -> Result<Vec<String>> {
        let path = self.0.path().join("taken-back");
        let told = if path.exists() {
            fs::read_to_string(path)?
        } else {
            String::new()
        };
        Ok(told.lines().map(str::to_owned).collect())
    }

    fn last_job(&self) -> Result<String> {
        Ok(format!("office-{}", self.papers()?.len()))
    }

    fn last_text(&self) -> Result<String> {
        text(self.papers()?.last().context("nothing was printed")?)
    }

    fn kiosk(&self, counter: &Counter) -> Result<Kiosk> {
        let path = format!(
            "{}:{}",
            self.0.path().display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let mut kiosk = Kiosk::open_with(&counter.data(), &[], &[("PATH", &path)])?;
        counter.sign_in(&mut kiosk)?;
        Ok(kiosk)
    }
}

fn text(pdf: &Path) -> Result<String> {
    let read = Command::new("pdftotext")
        .arg(pdf)
        .arg("-")
        .stderr(Stdio::null())
        .output()
        .context("pdftotext (package poppler-utils)")?;
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn number(view: &Value, at: &str) -> u64 {
    view.get(at).and_then(Value::as_u64).unwrap_or(u64::MAX)
}

fn shown(kiosk: &mut Kiosk, dossier: &str) -> Result<Value> {
    kiosk.call("show_receipt", json!({ "dossier": dossier }))
}

/// The citizen has it in front of them whatever the printer does.
fn on_the_citizens_screen(kiosk: &mut Kiosk, view: &Value) -> Result<()> {
    let screen = kiosk.citizen("citizen_screen", json!({}))?;
    ensure!(screen.get("screen") == Some(&json!("receipt")), "{screen}");
    ensure!(screen.get("number") == view.get("number"), "{screen}");
    ensure!(screen.get("secret") == view.get("secret"), "{screen}");
    Ok(())
}

#[test]
fn printer_out_of_paper() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    let printer = Printer::new()?;
    let mut kiosk = printer.kiosk(&counter)?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    forms_before_sealing(&mut kiosk, &printer, &counter, &dossier)?;
    form::confirm(&mut kiosk, &dossier)?;
    let one = json!({ "dossier": dossier });
    let sealed = kiosk.call("seal_dossier", one.clone())?;
    let before = printer.papers()?.len();

    // No paper: it is said, nothing is given to the printer, nothing is counted, and the receipt is on the screen.
    printer.is("empty")?;
    let refused = kiosk.refused("print_receipt", one.clone())?;
    let (code, layer, words) = refused.told();
    ensure!(
        (code.as_str(), layer.as_str()) == ("printer_no_paper", "printer"),
        "{refused}"
    );
    ensure!(words.contains("hết giấy"), "{words}");
    let view = shown(&mut kiosk, &dossier)?;
    ensure!(number(&view, "prints") == 0, "{view}");
    on_the_citizens_screen(&mut kiosk, &view)?;

    // The power goes. In the morning it is all there.
    kiosk.kill()?;
    let mut kiosk = printer.kiosk(&counter)?;
    let view = shown(&mut kiosk, &dossier)?;
    ensure!(view.get("number") == sealed.get("number"), "{view}");
    ensure!(printer.papers()?.len() == before, "something was printed");

    // Paper is put in: the first sheet is no re-print. The printer says that it printed, and lied.
    printer.is("ready")?;
    let view = kiosk.call("print_receipt", one.clone())?;
    ensure!(view.get("outcome") == Some(&json!("sent")), "{view}");
    ensure!(
        !printer.last_text()?.contains("BẢN IN LẠI"),
        "the first is no re-print"
    );
    let view = kiosk.call("printed", json!({ "dossier": dossier, "came_out": false }))?;
    ensure!(view.get("outcome") == Some(&json!("did_not_come_out")), "{view}");
    // What did not come out is taken out of the queue by its own name, so that it does not come out for somebody else.
    let taken_back = printer.taken_back()?;
    ensure!(
        taken_back.len() == 1 && taken_back.last() == Some(&printer.last_job()?),
        "{taken_back:?}"
    );

    // It jams half way: a part may be in somebody's hand, so it counts.
    printer.is("jams")?;
    let (code, ..) = kiosk.refused("print_receipt", one.clone())?.told();
    ensure!(code == "printer_failed", "{code}");
    let view = shown(&mut kiosk, &dossier)?;
    ensure!(number(&view, "prints") == 2, "{view}");
    on_the_citizens_screen(&mut kiosk, &view)?;

    // Mended: the next says that it is a re-print, the second one.
    printer.is("ready")?;
    kiosk.call("print_receipt", one.clone())?;
    let said = printer.last_text()?;
    ensure!(said.contains("BẢN IN LẠI, lần 2"), "{said}");
    let receipt_number = view.get("number").and_then(Value::as_str).context("no number")?;
    ensure!(said.contains(receipt_number), "{said}");
    let view = kiosk.call("printed", json!({ "dossier": dossier, "came_out": true }))?;
    ensure!(view.get("outcome") == Some(&json!("came_out")), "{view}");
    ensure!(number(&view, "prints") == 3, "{view}");
    ensure!(printer.taken_back()?.len() == 1, "what came out was taken back");

    // The list of papers handed over prints from the sealed dossier too; it knows the number now.
    kiosk.call(
        "print_form",
        json!({ "dossier": dossier, "form": "papers_handed_over" }),
    )?;
    ensure!(
        printer.last_text()?.contains(receipt_number),
        "the list has no number"
    );

    // No printer at all: the receipt is saved as a file, which a form never is.
    printer.is("gone")?;
    let view = kiosk.call("print_receipt", one)?;
    let saved = view
        .get("saved_pdf")
        .and_then(Value::as_str)
        .context("not saved")?;
    ensure!(
        text(Path::new(saved))?.contains("BẢN IN LẠI, lần 3"),
        "the saved one is counted"
    );
    let (code, ..) = kiosk
        .refused(
            "print_form",
            json!({ "dossier": dossier, "form": "papers_handed_over" }),
        )?
        .told();
    ensure!(code == "no_form_printer", "{code}");
    no_void_slip_without_withdrawal(&counter, &mut kiosk, &printer, &dossier)?;
    kiosk.close()?;
    Ok(())
}

/// Before sealing, the official form goes to the printer from the answers; the child's name in capitals is on the
/// paper and in no file of the kiosk.
fn forms_before_sealing(
    kiosk: &mut Kiosk,
    printer: &Printer,
    counter: &Counter,
    dossier: &str,
) -> Result<()> {
    let listed = kiosk.call("list_forms", json!({ "dossier": dossier }))?;
    let names: Vec<&str> = listed
        .get("forms")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|f| f.get("form")?.as_str())
        .collect();
    ensure!(
        names.contains(&"birth_declaration") && names.contains(&"papers_handed_over"),
        "{names:?}"
    );
    ensure!(
        !names.contains(&"reception_slip"),
        "the agency's slip needs the province's code"
    );
    let ask = json!({ "dossier": dossier, "form": "birth_declaration" });
    let (code, ..) = kiosk.refused("print_form", ask.clone())?.told();
    ensure!(code == "printer_no_paper", "{code}");
    printer.is("ready")?;
    let view = kiosk.call("print_form", ask)?;
    ensure!(view.get("sent") == Some(&Value::Bool(true)), "not sent");
    let said = printer.last_text()?;
    ensure!(!said.contains("In lại lần"), "the first is no re-print: {said}");
    for expected in [
        "TỜ KHAI ĐĂNG KÝ KHAI SINH",
        "VÀNG LÒ ANNA",
        "Độc lập – Tự do – Hạnh phúc",
    ] {
        ensure!(said.contains(expected), "{expected} is missing in {said}");
    }
    kiosk.call(
        "print_form",
        json!({ "dossier": dossier, "form": "birth_declaration" }),
    )?;
    let again = printer.last_text()?;
    ensure!(again.contains("In lại lần 1"), "{again}");
    let (code, ..) = kiosk
        .refused(
            "print_form",
            json!({ "dossier": dossier, "form": "reception_slip" }),
        )?
        .told();
    ensure!(code == "dossier_unknown" || code == "form_unknown", "{code}");
    for canary in ["VÀNG LÒ ANNA", "Vàng Lò Anna"] {
        let found = files_with(&counter.data(), canary.as_bytes())?;
        ensure!(found.is_empty(), "a name lies open in {found:?}");
    }
    // The control: the same search finds what is there.
    let script = files_with(printer.0.path(), b"request id is office")?;
    ensure!(script.len() == 1, "the search is blind: {script:?}");
    Ok(())
}

/// The sheet that both sides sign says what was entered about each paper, row by row, and what the counter keeps.
#[test]
fn the_sheet_of_papers_says_what_was_entered() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    let printer = Printer::new()?;
    printer.is("ready")?;
    let mut kiosk = printer.kiosk(&counter)?;
    let dossier = form::start(&mut kiosk)?;
    let view = form::fill(&mut kiosk, &dossier, 0)?;
    let papers = view.pointer("/interview/papers").and_then(Value::as_array);
    let papers: Vec<(String, String)> = papers
        .into_iter()
        .flatten()
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
        number(&sealed, "papers") >= 3,
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
    let papers = printer.papers()?;
    let read = Command::new("pdftotext")
        .arg("-layout")
        .arg(papers.last().context("nothing was printed")?)
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

fn files_with(folder: &Path, wanted: &[u8]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_with(&path, wanted)?);
        } else if fs::read(&path)?.windows(wanted.len()).any(|w| w == wanted) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The void slip needs the province's word that the dossier was withdrawn, and says it.
fn no_void_slip_without_withdrawal(
    counter: &Counter,
    kiosk: &mut Kiosk,
    printer: &Printer,
    dossier: &str,
) -> Result<()> {
    printer.is("ready")?;
    let one = json!({ "dossier": dossier });
    let (code, ..) = kiosk.refused("print_void", one.clone())?.told();
    ensure!(code == "not_withdrawn", "{code}");
    stories::counter::all_acknowledged(kiosk, 1)?;
    counter
        .province
        .admin(&["status", dossier, "--to", "withdrawn"])?;
    kiosk.call("send_now", json!({}))?;
    let view = shown(kiosk, dossier)?;
    ensure!(view.get("withdrawn") == Some(&Value::Bool(true)), "{view}");
    kiosk.call("print_void", one)?;
    let said = printer.last_text()?;
    ensure!(
        said.contains("PHIẾU HỦY HỒ SƠ") && said.contains("đã rút, tỉnh đã xác nhận"),
        "{said}"
    );
    Ok(())
}

/// Taken back before it went: the counter voids it by itself, with no word from the province.
#[test]
fn void_slip_of_what_was_taken_back() -> Result<()> {
    let (mut counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    counter.province.stop()?;
    let printer = Printer::new()?;
    printer.is("ready")?;
    let mut kiosk = printer.kiosk(&counter)?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    let one = json!({ "dossier": dossier });
    kiosk.call("seal_dossier", one.clone())?;
    kiosk.call("print_receipt", one.clone())?;
    let (code, ..) = kiosk.refused("print_void", one.clone())?.told();
    ensure!(code == "not_withdrawn", "{code}");

    kiosk.call("withdraw_consent", one.clone())?;
    let view = shown(&mut kiosk, &dossier)?;
    ensure!(view.get("withdrawn") == Some(&Value::Bool(true)), "{view}");
    let (code, ..) = kiosk.refused("print_receipt", one.clone())?.told();
    ensure!(code == "already_withdrawn", "{code}");
    let view = kiosk.call("print_void", one.clone())?;
    ensure!(
        view.get("outcome") == Some(&json!("sent")),
        "nobody is asked whether the slip came out: {view}"
    );
    let view = kiosk.call("printed", json!({ "dossier": dossier, "came_out": true }))?;
    ensure!(view.get("outcome") == Some(&json!("came_out")), "{view}");
    let said = printer.last_text()?;
    for expected in [
        "PHIẾU HỦY HỒ SƠ",
        "nằm lại ở máy quầy, không gửi đi",
        "Người dân đã rút hồ sơ này lúc",
    ] {
        ensure!(said.contains(expected), "{expected} is missing in {said}");
    }
    ensure!(!said.contains("BẢN IN LẠI"), "the first is no re-print: {said}");
    let view = kiosk.call("print_void", one.clone())?;
    let said = printer.last_text()?;
    ensure!(said.contains("BẢN IN LẠI, lần 1"), "{said}");
    // With a roll alone, as on a home visit, the slip comes out of that.
    let sheets = printer.papers()?.len();
    let roll = Roll::switched_on()?;
    printer.is("gone")?;
    kiosk.call(
        "choose_printer",
        json!({ "what": "receipt", "address": roll.address }),
    )?;
    kiosk.call("print_void", one)?;
    ensure!(
        printer.papers()?.len() == sheets,
        "a printer that is gone printed"
    );
    let rows = roll.rows()?;
    ensure!(rows > 400, "{rows} rows of dots are no slip");
    ensure!(
        number(&view, "prints") == 1,
        "the receipt keeps its own count: {view}"
    );
    kiosk.close()?;
    Ok(())
}

/// A played roll printer on the network: it says that it is ready, and keeps what it is given.
struct Roll {
    address: String,
    taken: std::sync::mpsc::Receiver<Vec<u8>>,
}

impl Roll {
    fn switched_on() -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let (sender, taken) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Nobody listens any more once the story is over.
                let _ = sender.send(answered(stream));
            }
        });
        Ok(Self { address, taken })
    }

    /// Rows of dots in what it was given: `GS v 0` tells how many follow (ESC/POS).
    fn rows(&self) -> Result<usize> {
        for _ in 0..20 {
            let given = self.taken.recv_timeout(std::time::Duration::from_secs(10))?;
            let pictures = given.windows(8).filter_map(|w| match w {
                [0x1d, 0x76, 0x30, _, _, _, low, high] => {
                    Some(usize::from(u16::from_le_bytes([*low, *high])))
                }
                _ => None,
            });
            match pictures.sum() {
                0 => (), // It was only asked how it is.
                rows => return Ok(rows),
            }
        }
        anyhow::bail!("the roll was given no picture")
    }
}

/// "Ready" to every `DLE EOT`, until the kiosk has nothing more to say.
fn answered(mut stream: std::net::TcpStream) -> Vec<u8> {
    use std::io::{Read as _, Write as _};
    let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        all.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if matches!(all.as_slice(), [.., 0x10, 0x04, _]) && stream.write_all(&[0b0001_0010]).is_err() {
            break;
        }
    }
    all
}

/// Somebody does not agree: nothing is kept, and the counter hands out the procedure's own form, empty, with no name on
/// it; both screens say what to bring.
#[test]
fn the_way_on_paper_after_a_refusal() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    let printer = Printer::new()?;
    printer.is("ready")?;
    let mut kiosk = printer.kiosk(&counter)?;
    // The control: with nobody who refused there is no such way.
    let (code, ..) = kiosk.refused("paper_path", json!({}))?.told();
    ensure!(code == "dossier_unknown", "{code}");
    kiosk.call("start_dossier", json!({ "procedure": form::PROCEDURE }))?;
    kiosk.citizen("give_consent", json!({ "agree": false }))?;
    let path = kiosk.call("paper_path", json!({}))?;
    let list = |at: &str| {
        path.get(at)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let forms = list("forms");
    let form = forms
        .iter()
        .find(|f| f.get("form") == Some(&json!("birth_declaration")))
        .with_context(|| format!("{forms:?}"))?;
    ensure!(form.get("name").is_some());
    let wanted = list("papers");
    ensure!(
        wanted.iter().any(|p| p.get("required") == Some(&json!(true))),
        "{wanted:?}"
    );
    let screen = kiosk.citizen("citizen_screen", json!({}))?;
    ensure!(screen.get("screen") == Some(&json!("refused")), "{screen}");
    ensure!(
        screen.get("papers") == path.get("papers"),
        "the two screens differ: {screen}"
    );
    kiosk.call("print_blank_form", json!({ "form": "birth_declaration" }))?;
    let said = printer.last_text()?;
    ensure!(said.contains("TỜ KHAI ĐĂNG KÝ KHAI SINH"), "{said}");
    ensure!(
        !said.contains("VÀNG"),
        "somebody's name is on an empty form: {said}"
    );
    let (code, ..) = kiosk
        .refused("print_blank_form", json!({ "form": "no_such" }))?
        .told();
    ensure!(code == "form_unknown", "{code}");
    kiosk.call("finish_visit", json!({}))?;
    let (code, ..) = kiosk
        .refused("print_blank_form", json!({ "form": "birth_declaration" }))?
        .told();
    ensure!(code == "dossier_unknown", "{code}");
    kiosk.close()?;
    Ok(())
}
