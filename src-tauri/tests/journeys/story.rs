//! A birth registered side by side: the acts of the officer, of the citizen, and of the province's operator.
//!
//! Everybody here is invented; the places are real ones, so that the lists of the interface are really searched.

use crate::display::Display;
use crate::kiosk::{Kiosk, Side, Start};
use crate::province::Province;
use crate::record::Record;
use jiff::ToSpan as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the citizen presses "Đúng hết" on a page that changes under their finger.
const PRESSES_MAX: usize = 5;
/// The operator's window saves within this of the last key.
const SAVED_WITHIN: Duration = Duration::from_millis(700);

pub const OFFICER: &str = "Phạm Thị Hoa Giấy";
pub const PIN: &str = "274916";
pub const PROCEDURE: &str = "1.001193";

/// How an answer is given.
enum Act {
    Type(&'static str),
    TypeDate(jiff::civil::Date),
    /// One of the large buttons.
    Press(&'static str),
    /// Typed into a list; the entry that it marks is taken.
    Find(&'static str),
    Place {
        province: &'static str,
        commune: &'static str,
        detail: &'static str,
    },
}

const HOME: Act = Act::Place {
    province: "Cần Thơ",
    commune: "Ninh Kiều",
    detail: "12 Bến Sông",
};

/// The interview, page by page, as this family answers it: the mother asks.
fn answers() -> Vec<(&'static str, Vec<(&'static str, Act)>)> {
    let born = jiff::Zoned::now()
        .date()
        .checked_sub(6.days())
        .expect("six days ago");
    vec![
        (
            "requester",
            vec![
                ("requester_relation", Act::Press("mother")),
                ("requester_name", Act::Type("Trần Thị Bông Súng")),
                ("requester_birth_date", Act::Type("20/3/1995")),
                ("requester_id", Act::Type("092195000001")),
            ],
        ),
        (
            "requester_papers",
            vec![
                ("requester_doc_type", Act::Press("identity_card")),
                ("requester_ethnicity", Act::Find("Kinh")),
            ],
        ),
        (
            "requester_home",
            vec![
                ("requester_residence_kind", Act::Press("permanent")),
                ("requester_residence", HOME),
            ],
        ),
        (
            "birth_case",
            vec![
                ("special_case", Act::Press("none")),
                ("birth_proof", Act::Press("paper")),
            ],
        ),
        (
            "child",
            vec![
                ("child_name", Act::Type("Lê Trần Hương Sen")),
                ("child_birth_date", Act::TypeDate(born)),
                ("child_sex", Act::Press("female")),
                ("child_ethnicity", Act::Find("Kinh")),
                ("child_nationality", Act::Find("Việt Nam")),
            ],
        ),
        (
            "child_places",
            vec![
                (
                    "child_birth_place",
                    Act::Place {
                        province: "Cần Thơ",
                        commune: "Cái Răng",
                        detail: "Bệnh viện Phụ sản Sông Nhỏ",
                    },
                ),
                (
                    "child_home_place",
                    Act::Place {
                        province: "Cần Thơ",
                        commune: "Phong Điền",
                        detail: "Ấp Rạch Sen",
                    },
                ),
            ],
        ),
        (
            "mother",
            vec![
                ("mother_recorded", Act::Press("yes")),
                ("mother_name", Act::Type("Trần Thị Bông Súng")),
                ("mother_birth_date", Act::Type("20/3/1995")),
                ("mother_ethnicity", Act::Find("Kinh")),
                ("mother_nationality", Act::Find("Việt Nam")),
            ],
        ),
        (
            "mother_details",
            vec![
                ("mother_residence_kind", Act::Press("permanent")),
                ("mother_residence", HOME),
            ],
        ),
        (
            "father",
            vec![
                ("father_recorded", Act::Press("yes")),
                ("father_name", Act::Type("Lê Văn Lục Bình")),
                ("father_birth_date", Act::Type("1993")),
                ("father_ethnicity", Act::Find("Kinh")),
                ("father_nationality", Act::Find("Việt Nam")),
            ],
        ),
        (
            "father_details",
            vec![
                ("father_residence_kind", Act::Press("permanent")),
                ("father_residence", HOME),
            ],
        ),
        (
            "registration",
            vec![
                ("parents_married", Act::Press("no")),
                ("registration_type", Act::Press("on_time")),
            ],
        ),
    ]
}

/// A counter: a display, a service and a kiosk, with everything they write in one folder.
pub struct Counter {
    pub display: Display,
    pub province: Province,
    pub kiosk: Kiosk,
    around: Around,
    folder: tempfile::TempDir,
}

pub fn papers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/papers")
}

/// What lies around a counter.
pub struct Around {
    /// How the windows are placed.
    pub layout: &'static str,
    /// The rehearsal's folder of papers.
    pub papers: PathBuf,
    /// Played printers and scanners.
    pub programs: Option<PathBuf>,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            layout: "desk",
            papers: papers(),
            programs: None,
        }
    }
}

impl Around {
    /// Each window fills a monitor of its own, as at a real counter.
    pub fn counter() -> Self {
        Self {
            layout: "counter",
            ..Self::default()
        }
    }
}

impl Counter {
    pub async fn open() -> Self {
        Self::open_on(Display::start(), Around::default()).await
    }

    pub async fn open_on(display: Display, around: Around) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let province = Province::start(folder.path());
        let kiosk = start(&display, folder.path(), &around).await;
        Self {
            display,
            province,
            kiosk,
            around,
            folder,
        }
    }

    /// Kills the kiosk and starts it again on the same data.
    pub async fn pull_the_plug(self) -> Self {
        self.pulled_while(|_| ()).await
    }

    /// The same, with something done to the data folder in between.
    pub async fn pulled_while(self, act: impl FnOnce(&Path)) -> Self {
        let Self {
            display,
            province,
            kiosk,
            around,
            folder,
        } = self;
        kiosk.kill();
        act(&folder.path().join("kiosk"));
        let kiosk = start(&display, folder.path(), &around).await;
        Self {
            display,
            province,
            kiosk,
            around,
            folder,
        }
    }

    /// Ends everything as people do.
    pub async fn close(self) {
        self.kiosk.close().await;
        self.province.stop();
    }
}

async fn start(display: &Display, folder: &Path, around: &Around) -> Kiosk {
    Kiosk::start(
        display,
        Start {
            data: &folder.join("kiosk"),
            papers: &around.papers,
            layout: around.layout,
            programs: around.programs.as_deref(),
        },
    )
    .await
}

/// The province gives a code, both sides compare the six words, the province approves; then the first name.
pub async fn enrol(counter: &Counter, record: &mut Record) {
    enrol_as(
        &counter.kiosk,
        &counter.province,
        "Phường Ninh Kiều, quầy 1",
        false,
        record,
    )
    .await;
}

/// The same for any machine of a counter; `field` is one that is carried to homes.
pub async fn enrol_as(kiosk: &Kiosk, province: &Province, name: &str, field: bool, record: &mut Record) {
    kiosk.see(Side::Operator, "screen-enrol").await;
    let code = province.admin(&["code", "new"]);
    kiosk
        .write(Side::Operator, "enrol-url", &province.kiosk_url)
        .await;
    kiosk
        .write(
            Side::Operator,
            "enrol-code",
            code["code"].as_str().expect("a code"),
        )
        .await;
    kiosk.write(Side::Operator, "enrol-counter", name).await;
    if field {
        kiosk.press(Side::Operator, "enrol-field").await;
    }
    record.step(kiosk, "enrol").await;
    kiosk.press(Side::Operator, "next").await;
    kiosk.see(Side::Operator, "screen-enrol-words").await;

    let mut words = Vec::new();
    for number in 1..=6 {
        words.push(
            kiosk
                .read(Side::Operator, &format!("enrol-word-{number}"), |word| {
                    !word.is_empty()
                })
                .await,
        );
    }
    let devices = province.admin(&["devices", "list"]);
    let waits = |device: &&Value| device["state"] == json!("pending");
    let device = devices.as_array().and_then(|all| all.iter().find(waits));
    let device = device.expect("a device waits");
    assert_eq!(
        device["words"],
        json!(words),
        "the province and the kiosk show the same six words"
    );
    record.step(kiosk, "six-words").await;
    province.admin(&["devices", "approve", device["id"].as_str().expect("a device")]);

    kiosk.see(Side::Operator, "screen-first-operator").await;
    kiosk.write(Side::Operator, "operator-name", OFFICER).await;
    kiosk.write(Side::Operator, "operator-pin", PIN).await;
    kiosk.write(Side::Operator, "operator-pin-again", PIN).await;
    record.step(kiosk, "first-operator").await;
    kiosk.press(Side::Operator, "next").await;
}

pub async fn sign_in(kiosk: &Kiosk, record: &mut Record) {
    kiosk.press(Side::Operator, &format!("operator-{OFFICER}")).await;
    record.step(kiosk, "sign-in").await;
    for digit in PIN.chars() {
        kiosk.press(Side::Operator, &format!("pin-digit-{digit}")).await;
    }
    kiosk.see(Side::Operator, "screen-home").await;
    record.step(kiosk, "home").await;
}

/// A name and a PIN; where it leads depends on what stood open.
pub async fn unlock(kiosk: &Kiosk, name: &str, pin: &str) {
    kiosk.press(Side::Operator, &format!("operator-{name}")).await;
    for digit in pin.chars() {
        kiosk.press(Side::Operator, &format!("pin-digit-{digit}")).await;
    }
}

/// The procedure, its offer, and the citizen's consent on their own screen.
pub async fn start_dossier(kiosk: &Kiosk, record: &mut Record) {
    kiosk
        .press(Side::Operator, &format!("procedure-{PROCEDURE}"))
        .await;
    kiosk.see(Side::Operator, "screen-consent").await;
    kiosk.see(Side::Citizen, "citizen-consent").await;
    record.step(kiosk, "consent").await;
    kiosk.press(Side::Citizen, "agree").await;
    kiosk.see(Side::Operator, "consent-given").await;
    kiosk.press(Side::Operator, "next").await;
}

/// Gives the answers of the pages from `from` (none: the first) up to and without `until`.
pub async fn fill(kiosk: &Kiosk, record: &mut Record, until: Option<&str>) {
    for (page, questions) in answers() {
        if Some(page) == until {
            return;
        }
        on_page(kiosk, page).await;
        for (question, act) in questions {
            give(kiosk, question, act).await;
        }
        confirm(kiosk).await;
        record.step(kiosk, page).await;
        kiosk.press(Side::Operator, "next").await;
    }
}

/// Waits until both screens are on a page.
pub async fn on_page(kiosk: &Kiosk, page: &str) {
    kiosk
        .script(
            Side::Operator,
            &format!("the page {page}"),
            &format!("return !!document.querySelector('[data-page=\"{page}\"]')"),
        )
        .await;
    kiosk.see(Side::Citizen, "citizen-page").await;
}

/// An answer that the procedure filled already stays as it is.
async fn give(kiosk: &Kiosk, question: &str, act: Act) {
    let field = format!("q-{question}");
    kiosk.see(Side::Operator, &field).await;
    let first = if matches!(act, Act::Place { .. }) {
        format!("{field}-detail")
    } else {
        field.clone()
    };
    if !kiosk.is_empty(Side::Operator, &first).await {
        return;
    }
    match act {
        Act::Type(text) => kiosk.write(Side::Operator, &field, text).await,
        Act::TypeDate(date) => {
            kiosk
                .write(Side::Operator, &field, &date.strftime("%d/%m/%Y").to_string())
                .await
        }
        Act::Press(value) => {
            // A page that moved between pressing and letting go took no press: whoever sees nothing marked presses again.
            for _ in 0..PRESSES_MAX {
                kiosk.press(Side::Operator, &format!("{field}-{value}")).await;
                if !kiosk.is_empty(Side::Operator, &field).await {
                    return;
                }
            }
            panic!("{field} took no press");
        }
        Act::Find(text) => kiosk.choose(Side::Operator, &field, text).await,
        Act::Place {
            province,
            commune,
            detail,
        } => {
            kiosk
                .choose(Side::Operator, &format!("{field}-province"), province)
                .await;
            kiosk
                .choose(Side::Operator, &format!("{field}-commune"), commune)
                .await;
            kiosk
                .write(Side::Operator, &format!("{field}-detail"), detail)
                .await;
        }
    }
}

/// The citizen reads: each typed name, date, number and address is right, and then the whole page is.
async fn confirm(kiosk: &Kiosk) {
    // The last field settles when the focus leaves it; the citizen's screen then shows what was saved.
    kiosk
        .script(
            Side::Operator,
            "leave the field",
            "document.activeElement.blur(); return true",
        )
        .await;
    kiosk
        .script(
            Side::Citizen,
            "nothing is being typed",
            "return !document.querySelector('li.typing')",
        )
        .await;
    for hook in kiosk.hooks(Side::Citizen, "right-").await {
        kiosk.press(Side::Citizen, &hook).await;
    }
    // A save that was still under way makes the page a new one: the citizen presses again, as a person would.
    for _ in 0..PRESSES_MAX {
        if kiosk.sees(Side::Citizen, "all-right").await {
            kiosk.press(Side::Citizen, "all-right").await;
        }
        if stays_confirmed(kiosk).await {
            return;
        }
    }
    kiosk.see(Side::Citizen, "all-right-done").await;
}

/// Is the page confirmed, and still so once any save of the operator's side must have come?
async fn stays_confirmed(kiosk: &Kiosk) -> bool {
    let began = Instant::now();
    let mut confirmed = false;
    while began.elapsed() < SAVED_WITHIN {
        confirmed = kiosk.sees(Side::Citizen, "all-right-done").await;
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    confirmed
}

/// Two papers from the rehearsal's folder, shown back, with where each original is; then on.
pub async fn add_papers(kiosk: &Kiosk, record: &mut Record) {
    take_papers(kiosk).await;
    record.step(kiosk, "papers").await;
    kiosk.press(Side::Operator, "next").await;
}

pub async fn take_papers(kiosk: &Kiosk) {
    kiosk.see(Side::Operator, "screen-papers").await;
    for (paper, original) in [
        ("birth_certificate_hospital", "kept_by_counter"),
        ("identity_document", "shown_only"),
    ] {
        if original == "shown_only" {
            // Not asked for by the procedure: the citizen wants it attached.
            kiosk.press(Side::Operator, &format!("anyway-{paper}")).await;
        }
        kiosk.press(Side::Operator, &format!("add-file-{paper}")).await;
        kiosk
            .press(Side::Operator, &format!("original-{paper}-{original}"))
            .await;
    }
    let shown = "const all = [...document.querySelectorAll('[data-testid^=file-] img')];
        return all.length === 2 && all.every((image) => image.complete && image.naturalWidth > 100)";
    kiosk
        .script(Side::Operator, "both papers are shown back", shown)
        .await;
    kiosk.see(Side::Citizen, "citizen-papers").await;
}

/// Everything together; one answer is looked at again, and the way on leads back.
pub async fn check(kiosk: &Kiosk, record: &mut Record) {
    kiosk.see(Side::Operator, "screen-check").await;
    kiosk.see(Side::Operator, "check-complete").await;
    record.step(kiosk, "check").await;
    kiosk.press(Side::Operator, "edit-child_name").await;
    on_page(kiosk, "child").await;
    kiosk.press(Side::Operator, "next").await;
    kiosk.see(Side::Operator, "screen-check").await;
    kiosk.press(Side::Operator, "next").await;
}

/// The citizen's second act, and the seal.
pub async fn file_and_seal(kiosk: &Kiosk, record: &mut Record) {
    kiosk.see(Side::Operator, "screen-filing").await;
    kiosk.see(Side::Citizen, "citizen-filing").await;
    // In what standing the mother files stands there too, large, before she agrees.
    kiosk
        .read(Side::Citizen, "standing", |text| text.contains("Là cha, mẹ"))
        .await;
    assert!(
        !kiosk.sees(Side::Operator, "filing-confirmed").await,
        "nothing is confirmed before the citizen's own act"
    );
    kiosk.press(Side::Citizen, "file-it").await;
    kiosk.see(Side::Operator, "filing-confirmed").await;
    record.step(kiosk, "filing").await;
    kiosk.press(Side::Operator, "seal").await;
    kiosk.see(Side::Operator, "screen-receipt").await;
    kiosk.see(Side::Citizen, "citizen-receipt").await;
    record.step(kiosk, "sealed").await;
}

/// The open dossier, whole, as the operator's window is shown it.
pub async fn open_dossier(kiosk: &Kiosk) -> Value {
    let home = kiosk.call(Side::Operator, "home", json!({})).await.expect("home");
    let dossier = home["drafts"][0]["dossier"].clone();
    kiosk
        .call(Side::Operator, "open_dossier", json!({ "dossier": dossier }))
        .await
        .expect("the draft opens")
}

/// The one item of the outbox.
pub async fn item(kiosk: &Kiosk) -> Value {
    let outbox = kiosk
        .call(Side::Operator, "outbox", json!({}))
        .await
        .expect("the outbox");
    let items = outbox["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "one dossier was sealed");
    items[0].clone()
}

/// The item of the outbox with this number.
pub async fn item_of(kiosk: &Kiosk, number: &str) -> Value {
    let outbox = kiosk
        .call(Side::Operator, "outbox", json!({}))
        .await
        .expect("the outbox");
    let items = outbox["items"].as_array().expect("items");
    let found = items.iter().find(|item| item["receipt_number"] == json!(number));
    found.expect("it is in the outbox").clone()
}
