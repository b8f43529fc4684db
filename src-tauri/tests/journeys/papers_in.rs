//! Papers through the window: a made-up camera's picture becomes a page, beside one that was picked, one that was dropped
//! and one that a scanner put in the place of another; the citizen's page never sees through the camera.
//!
//! `DONGHANH_LOOK=folder` keeps pictures of both windows.

use crate::display::Display;
use crate::kiosk::Kiosk;
use crate::kiosk::Side;
use crate::record::Record;
use crate::stage::Stage;
use crate::story::{self, Around, Counter};
use serde_json::{Value, json};

const PAPER: &str = "birth_certificate_hospital";

#[tokio::test(flavor = "multi_thread")]
async fn papers_in() {
    let _alone = crate::alone().await;
    let stage = Stage::set();
    let around = Around {
        programs: Some(stage.programs()),
        ..Around::default()
    };
    let counter = Counter::open_on(Display::start(), around).await;
    let kiosk = &counter.kiosk;
    let quiet = &mut Record::none();
    story::enrol(&counter, quiet).await;
    story::sign_in(kiosk, quiet).await;
    story::start_dossier(kiosk, quiet).await;
    // The form is another journey's: here it says only which papers there are.
    let dossier = story::open_dossier(kiosk).await["dossier"].clone();
    for (question, value) in [("special_case", "none"), ("birth_proof", "paper")] {
        let raw = json!({ "kind": "text", "value": value });
        let given = json!({ "dossier": dossier, "question": question, "raw": raw });
        kiosk
            .call(Side::Operator, "give_answer", given)
            .await
            .expect("an answer is taken");
    }
    let there = json!({ "dossier": dossier, "place": { "place": "papers", "back_to_check": false } });
    kiosk
        .call(Side::Operator, "go_to", there)
        .await
        .expect("the papers are reached");
    // A page that comes back holds nothing: the kiosk sends it its screen again.
    kiosk
        .ask(Side::Operator, "location.reload(); return true", vec![])
        .await;

    let mut record =
        std::env::var_os("DONGHANH_LOOK").map_or_else(Record::none, |f| Record::kept_in(f.into()));
    kiosk.see(Side::Operator, "screen-papers").await;
    record.step(kiosk, "papers-empty").await;

    kiosk.press(Side::Operator, &format!("camera-{PAPER}")).await;
    let live = "const view = document.querySelector('[data-testid=camera-view]');
        return Boolean(view && view.videoWidth > 100 && view.currentTime > 0)";
    kiosk
        .script(Side::Operator, "the camera's picture moves", live)
        .await;
    record.step(kiosk, "papers-camera").await;
    kiosk.press(Side::Operator, "camera-take").await;
    kiosk.see(Side::Operator, "camera-taken").await;
    record.step(kiosk, "papers-taken").await;
    kiosk.press(Side::Operator, "camera-done").await;
    kiosk.press(Side::Operator, &format!("add-file-{PAPER}")).await;
    let shown = "const all = [...document.querySelectorAll('[data-testid^=file-] img')];
        return all.length === 2 && all.every((image) => image.complete && image.naturalWidth > 100)";
    kiosk.script(Side::Operator, "both pages are shown", shown).await;
    record.step(kiosk, "papers-two").await;

    let dossier = story::open_dossier(kiosk).await;
    let pages = dossier["files"].as_array().cloned().unwrap_or_default();
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert!(
        pages
            .iter()
            .all(|p| p["media"] == "image/jpeg" && p["bytes"].as_u64().is_some_and(|n| n <= 350 * 1024)),
        "{pages:?}"
    );
    dropped(kiosk).await;
    scanned_in_place(kiosk).await;
    record.step(kiosk, "papers-dropped").await;
    // The control: the same question from the citizen's page is refused.
    let asked = "window.camera ??= (navigator.mediaDevices?.getUserMedia({ video: true }) ?? Promise.reject(new Error('none')))
            .then(() => (window.camera_is = 'open'), () => (window.camera_is = 'closed'));
        return window.camera_is ?? false";
    let answer = kiosk
        .script(Side::Citizen, "the citizen's page asks for the camera", asked)
        .await;
    assert_eq!(answer, Value::from("closed"));
    counter.close().await;
}

/// The pages of the paper, as the kiosk has them, once there are so many.
async fn pages(kiosk: &Kiosk, many: usize) -> Vec<Value> {
    for _ in 0..300 {
        let files = story::open_dossier(kiosk).await["files"].clone();
        if let Some(files) = files.as_array().filter(|files| files.len() == many) {
            return files.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("{many} pages were meant");
}

/// A file dropped on the paper comes in like one that was picked; one that is no paper leaves a sentence and no page.
async fn dropped(kiosk: &Kiosk) {
    let drop = "const [testid, name, text] = arguments;
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], name));
        const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data });
        document.querySelector(`[data-testid=${testid}]`).dispatchEvent(event);
        return true";
    let page = include_bytes!("../../../tests/fixtures/pages/witness.png");
    let on = format!("add-{PAPER}");
    for (name, bytes) in [
        ("no-paper.jpg", b"no paper at all".as_slice()),
        ("witness.png", page),
    ] {
        let given = vec![json!(on), json!(name), json!(data_encoding::BASE64.encode(bytes))];
        kiosk.ask(Side::Operator, drop, given).await;
        if name == "no-paper.jpg" {
            kiosk.see(Side::Operator, "problem").await;
            pages(kiosk, 2).await;
        }
    }
    pages(kiosk, 3).await;
    // What an office's copier delivers as one file comes apart into its sheets.
    let sheet = include_bytes!("../fixtures/papers/2-the-can-cuoc.jpg");
    let given = vec![
        json!(on),
        json!("quet.pdf"),
        json!(data_encoding::BASE64.encode(&scanned(sheet, 2))),
    ];
    kiosk.ask(Side::Operator, drop, given).await;
    let all = pages(kiosk, 5).await;
    assert!(
        all.iter()
            .all(|page| page["media"] == "image/jpeg" && page["pages"] == 1),
        "{all:?}"
    );
    // The second sheet is the first once more, and is told.
    assert_eq!(all[4]["same_as"], all[3]["id"]);
    for page in &all[3..] {
        let gone = json!({ "dossier": story::open_dossier(kiosk).await["dossier"], "file": page["id"] });
        kiosk
            .call(Side::Operator, "remove_file", gone)
            .await
            .expect("a page is removed");
    }
    kiosk
        .ask(Side::Operator, "location.reload(); return true", vec![])
        .await;
    kiosk.forget_window();
    kiosk.see(Side::Operator, "screen-papers").await;
}

/// A PDF as scanners write it: on each page one photograph over the whole sheet and nothing else (ISO 32000-1, 7.5).
fn scanned(jpeg: &[u8], pages: usize) -> Vec<u8> {
    let (width, height) = size_of(jpeg);
    let kids: Vec<String> = (0..pages).map(|n| format!("{} 0 R", 5 + n)).collect();
    let look = b"q 595 0 0 842 0 0 cm /Sheet Do Q";
    let picture = format!(
        "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 \
         /Filter /DCTDecode /Length {} >>",
        jpeg.len()
    );
    let stream = |head: String, body: &[u8]| [head.as_bytes(), b"\nstream\n", body, b"\nendstream"].concat();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")).into_bytes(),
        stream(picture, jpeg),
        stream(format!("<< /Length {} >>", look.len()), look),
    ];
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /Sheet 3 0 R >> >> >>";
    objects.extend((0..pages).map(|_| page.as_bytes().to_vec()));
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n", n + 1).bytes());
        pdf.extend(object);
        pdf.extend(b"\nendobj\n");
    }
    let table = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        pdf.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let trailer = format!(
        "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    pdf.extend(trailer.bytes());
    pdf
}

/// Width and height, as the JPEG's frame says (ITU-T T.81, B.2.2).
fn size_of(jpeg: &[u8]) -> (u16, u16) {
    let frame = jpeg
        .windows(9)
        .find(|w| w[0] == 0xFF && matches!(w[1], 0xC0 | 0xC2) && w[2] == 0)
        .expect("a frame");
    let at = |n: usize| u16::from_be_bytes([frame[n], frame[n + 1]]);
    (at(7), at(5))
}

/// The sheet on a scanner's glass takes the place of one page; the others stay where they are.
async fn scanned_in_place(kiosk: &Kiosk) {
    let before = pages(kiosk, 3).await;
    let second = before[1]["id"].as_str().expect("a page").to_owned();
    kiosk.press(Side::Operator, &format!("replace-{second}")).await;
    // The same buttons stand on the page behind.
    let within = format!(
        "const button = document.querySelector('dialog[open] [data-testid=scanner-{PAPER}]');
        button?.click(); return Boolean(button)"
    );
    kiosk
        .script(Side::Operator, "the scanner of the dialog", &within)
        .await;
    kiosk.press(Side::Operator, "scan-glass").await;
    for _ in 0..300 {
        let after = pages(kiosk, 3).await;
        if after[1]["id"] != before[1]["id"] {
            assert_eq!(
                [&after[0]["id"], &after[2]["id"]],
                [&before[0]["id"], &before[2]["id"]]
            );
            let closed = "return !document.querySelector('dialog[open]')";
            kiosk
                .script(Side::Operator, "both dialogs are closed", closed)
                .await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the page was not replaced");
}
