//! A tour of both windows: every room, dialog and state that a person can come to, seen in the real windows at one size.
//! `gallery` keeps the pictures; nothing here is asserted but that each thing is reached.

mod away;

use crate::display::Display;
use crate::kiosk::{Kiosk, Side};
use crate::people;
use crate::record::Record;
use crate::stage::Stage;
use crate::story::{self, Around, Counter};
use serde_json::json;
use std::path::{Path, PathBuf};
use store::Outbox;
use store::tables::setting;

const PAPER: &str = "birth_certificate_hospital";
/// The province signed this much later than the machine's clock stands: the laptop woke in the wrong year.
const AHEAD_MS: i64 = 400 * 24 * 3600 * 1000;

/// A finger writes a name into the frame.
const DRAW: &str = "const pad = document.querySelector('[data-testid=signature]');
    const box = pad.getBoundingClientRect();
    const finger = { bubbles: true, cancelable: true, pointerType: 'touch', isPrimary: true, pointerId: 9, button: 0 };
    const at = (x, y) => ({ ...finger, clientX: box.x + box.width * x, clientY: box.y + box.height * y });
    for (const [x, y] of [[0.2, 0.5], [0.42, 0.5], [0.6, 0.5]]) {
        pad.dispatchEvent(new PointerEvent('pointerdown', at(x, y)));
        for (let step = 1; step <= 40; step += 1) {
            const turn = step / 40 * Math.PI * 2.6;
            pad.dispatchEvent(new PointerEvent('pointermove', at(x + step / 40 * 0.16, y + Math.sin(turn) * 0.2 * (1 - step / 60))));
        }
        pad.dispatchEvent(new PointerEvent('pointerup', at(x + 0.16, y)));
    }
    return !document.querySelector('[data-testid=sign-done]').disabled;";

pub struct Tour {
    record: Record,
    stage: Stage,
    size: (u32, u32),
}

/// Walks through everything with windows of this size; leaves the pictures in `folder`.
pub async fn tour(size: (u32, u32), folder: PathBuf) {
    let stage = Stage::set();
    let around = Around {
        papers: stage.papers(),
        programs: Some(stage.programs()),
        ..Around::default()
    };
    let mut tour = Tour {
        record: Record::kept_in(folder),
        stage,
        size,
    };
    let counter = Counter::open_on(Display::of_size(size.0, size.1), around).await;
    story::enrol(&counter, &mut tour.record).await;
    story::sign_in(&counter.kiosk, &mut tour.record).await;
    tour.first(&counter.kiosk).await;
    tour.paper_out(&counter.kiosk).await;
    tour.rooms(&counter.kiosk).await;
    tour.beside(&counter.kiosk).await;
    tour.locked(&counter.kiosk).await;
    tour.drill(&counter.kiosk).await;
    tour.own_hand(&counter.kiosk).await;
    tour.volunteer(&counter).await;
    tour.village(&counter).await;
    tour.closing(&counter.kiosk).await;
    tour.no_network(&counter).await;
    tour.one_screen(&counter.kiosk).await;
    tour.looks(&counter.kiosk).await;
    tour.zoomed(&counter.kiosk).await;
    let counter = counter.pulled_while(clock_behind).await;
    tour.wrong_clock(&counter.kiosk).await;
    counter.kiosk.close().await;
}

/// As if the province had signed something in another year.
fn clock_behind(data: &Path) {
    let outbox = Outbox::open(data).expect("the outbox of a kiosk that has ended");
    let now = jiff::Timestamp::now().as_millisecond();
    let time = json!({ "signed_ms": now + AHEAD_MS, "confirmed_ms": now });
    setting::set(outbox.db(), setting::Name::ProvinceTime, &time).expect("the province's last word");
}

/// The operator's window, for short.
async fn press(kiosk: &Kiosk, testid: &str) {
    kiosk.press(Side::Operator, testid).await;
}

async fn see(kiosk: &Kiosk, testid: &str) {
    kiosk.see(Side::Operator, testid).await;
}

/// The first of the hooks that begin so.
async fn first_hook(kiosk: &Kiosk, beginning: &str) -> String {
    let found =
        format!("return document.querySelector('[data-testid^=\"{beginning}\"]')?.dataset.testid ?? false");
    let hook = kiosk.script(Side::Operator, beginning, &found).await;
    hook.as_str().unwrap_or_default().to_owned()
}

/// A quick procedure, agreed to: the kiosk goes on to its first page by itself.
async fn begin(kiosk: &Kiosk) {
    people::choose(kiosk).await;
    kiosk.press(Side::Citizen, "agree").await;
    story::on_page(kiosk, people::PAGES[0]).await;
}

/// What stands over the page goes by the key that everybody knows.
async fn escape(kiosk: &Kiosk) {
    kiosk.keys(Side::Operator, "\u{e00c}").await;
    let gone = "return !document.querySelector('dialog[open]')";
    kiosk.script(Side::Operator, "the dialog is gone", gone).await;
}

impl Tour {
    async fn see(&mut self, kiosk: &Kiosk, name: &str) {
        self.record.step(kiosk, name).await;
    }

    /// The first dossier, with what its papers can do.
    async fn first(&mut self, kiosk: &Kiosk) {
        let folder = self.stage.deliver();
        people::ok(
            kiosk,
            Side::Operator,
            "set_scan_folder",
            json!({ "path": folder }),
        )
        .await;
        story::start_dossier(kiosk, &mut self.record).await;
        story::on_page(kiosk, "requester").await;
        press(kiosk, &first_hook(kiosk, "card-").await).await;
        see(kiosk, "card-code").await;
        self.see(kiosk, "card").await;
        escape(kiosk).await;
        press(kiosk, "next").await;
        see(kiosk, "next-anyway").await;
        self.see(kiosk, "page-missing").await;
        story::fill(kiosk, &mut self.record, None).await;
        see(kiosk, "screen-papers").await;
        self.see(kiosk, "papers-empty").await;
        press(kiosk, &format!("scanner-{PAPER}")).await;
        see(kiosk, "scan-glass").await;
        self.see(kiosk, "scanner").await;
        press(kiosk, "scanner-close").await;
        press(kiosk, &format!("tray-{PAPER}")).await;
        let sheet = first_hook(kiosk, "sheet-").await;
        press(kiosk, &sheet).await;
        see(kiosk, "tray-take").await;
        self.see(kiosk, "tray").await;
        escape(kiosk).await;
        press(kiosk, &format!("camera-{PAPER}")).await;
        see(kiosk, "camera-view").await;
        self.see(kiosk, "camera").await;
        escape(kiosk).await;
        story::take_papers(kiosk).await;
        self.see(kiosk, "papers").await;
        self.print_on_paper(kiosk).await;
        press(kiosk, "next").await;
        story::check(kiosk, &mut self.record).await;
        story::file_and_seal(kiosk, &mut self.record).await;
    }

    async fn print_on_paper(&mut self, kiosk: &Kiosk) {
        press(kiosk, &first_hook(kiosk, "read-text-").await).await;
        see(kiosk, "text-line-0").await;
        self.see(kiosk, "text-lines").await;
        press(kiosk, "text-line-2").await;
        see(kiosk, "text-edit").await;
        self.see(kiosk, "text-compare").await;
        // The child's name is there already: both are shown, and what stands there stays.
        press(kiosk, "text-to-child_name").await;
        see(kiosk, "text-weigh").await;
        self.see(kiosk, "text-weigh").await;
        press(kiosk, "text-keep-old").await;
        escape(kiosk).await;
        press(kiosk, "print-sheet").await;
        see(kiosk, "form-picture").await;
        self.see(kiosk, "sheet-of-papers").await;
        escape(kiosk).await;
    }

    /// Every way in which printing can go, and the official form.
    async fn paper_out(&mut self, kiosk: &Kiosk) {
        press(kiosk, "finish").await;
        see(kiosk, "finish-anyway").await;
        self.see(kiosk, "receipt-unprinted").await;
        escape(kiosk).await;
        press(kiosk, "print").await;
        see(kiosk, "saved-pdf").await;
        self.see(kiosk, "receipt-no-printer").await;
        for (state, code, name) in [
            ("jam", "printer_jam", "receipt-jam"),
            ("empty", "printer_no_paper", "receipt-no-paper"),
        ] {
            self.stage.printer(state);
            press(kiosk, "print").await;
            let told =
                format!("return document.querySelector('[data-testid=problem][data-code={code}]') !== null");
            kiosk.script(Side::Operator, state, &told).await;
            self.see(kiosk, name).await;
        }
        self.stage.printer("ready");
        press(kiosk, "print").await;
        see(kiosk, "printed-yes").await;
        self.see(kiosk, "receipt-asked").await;
        press(kiosk, "printed-no").await;
        see(kiosk, "did-not-come-out").await;
        self.see(kiosk, "receipt-not-out").await;
        press(kiosk, "print").await;
        press(kiosk, "printed-yes").await;
        see(kiosk, "came-out").await;
        self.see(kiosk, "receipt-out").await;
        press(kiosk, "open-forms").await;
        let form = first_hook(kiosk, "form-").await;
        self.see(kiosk, "forms").await;
        press(kiosk, &form).await;
        see(kiosk, "form-picture").await;
        self.see(kiosk, "form").await;
        press(kiosk, "print-form").await;
        see(kiosk, "form-out").await;
        self.see(kiosk, "form-asked").await;
        press(kiosk, "form-out").await;
        escape(kiosk).await;
        people::finish(kiosk).await;
    }

    async fn rooms(&mut self, kiosk: &Kiosk) {
        press(kiosk, "outbox").await;
        see(kiosk, "screen-outbox").await;
        self.see(kiosk, "outbox").await;
        press(kiosk, "back").await;
        press(kiosk, "lookup").await;
        let item = story::item(kiosk).await;
        let number = item["receipt_number"].as_str().unwrap_or_default().to_owned();
        kiosk.write(Side::Operator, "lookup-text", &number).await;
        press(kiosk, "lookup-go").await;
        see(kiosk, "lookup-answer").await;
        self.see(kiosk, "look-up").await;
        press(kiosk, "home").await;
        press(kiosk, "help").await;
        see(kiosk, "help-close").await;
        self.see(kiosk, "help").await;
        press(kiosk, "help-close").await;
        press(kiosk, "settings").await;
        see(kiosk, "screen-settings").await;
        self.see(kiosk, "settings").await;
        press(kiosk, "open-printers").await;
        see(kiosk, "printer-receipt-default").await;
        self.see(kiosk, "printers").await;
        escape(kiosk).await;
        press(kiosk, "add-operator").await;
        see(kiosk, "operator-name").await;
        self.see(kiosk, "add-operator").await;
        escape(kiosk).await;
        press(kiosk, "home").await;
        kiosk.write(Side::Operator, "search", "cu tru").await;
        self.see(kiosk, "search").await;
        // Whatever stands there is marked and erased.
        kiosk.write(Side::Operator, "search", "\u{e003}").await;
        self.life_event(kiosk).await;
    }

    /// What belongs together is chosen together, and the dossiers of one event are seen from each of them.
    async fn life_event(&mut self, kiosk: &Kiosk) {
        press(kiosk, &first_hook(kiosk, "event-").await).await;
        see(kiosk, "event-start").await;
        self.see(kiosk, "life-event").await;
        press(kiosk, "event-start").await;
        kiosk.press(Side::Citizen, "agree").await;
        see(kiosk, "event-bar").await;
        self.see(kiosk, "life-event-page").await;
        press(kiosk, "event-look").await;
        see(kiosk, "event-close").await;
        self.see(kiosk, "life-event-dossiers").await;
        press(kiosk, "event-close").await;
        press(kiosk, "home").await;
        see(kiosk, "screen-home").await;
        self.see(kiosk, "home-drafts").await;
    }

    /// What stands beside filing: somebody is shown their telephone, somebody refuses, a dossier is handed over, nobody
    /// touches anything.
    async fn beside(&mut self, kiosk: &Kiosk) {
        press(kiosk, "coach").await;
        kiosk.see(Side::Citizen, "citizen-coaching").await;
        self.see(kiosk, "coaching").await;
        press(kiosk, "coach-stop").await;
        see(kiosk, "screen-home").await;
        people::choose(kiosk).await;
        kiosk.press(Side::Citizen, "disagree").await;
        see(kiosk, "screen-refused").await;
        kiosk.see(Side::Citizen, "citizen-refused").await;
        self.see(kiosk, "refused").await;
        press(kiosk, "finish").await;
        begin(kiosk).await;
        press(kiosk, "hand-over").await;
        see(kiosk, "hand-over-note").await;
        self.see(kiosk, "hand-over").await;
        press(kiosk, "hand-over-yes").await;
        see(kiosk, "screen-home").await;
        let lock = async |seconds: u32| {
            people::ok(
                kiosk,
                Side::Operator,
                "set_idle_lock",
                json!({ "seconds": seconds }),
            )
            .await
        };
        lock(15).await;
        see(kiosk, "idle-warning").await;
        self.see(kiosk, "idle-warning").await;
        press(kiosk, "idle-stay").await;
        lock(300).await;
    }

    async fn locked(&mut self, kiosk: &Kiosk) {
        people::add(kiosk, people::COLLEAGUE, "officer").await;
        press(kiosk, "home").await;
        begin(kiosk).await;
        press(kiosk, "lock").await;
        see(kiosk, "screen-signin").await;
        self.see(kiosk, "locked").await;
        press(kiosk, "recover").await;
        let folder = self.stage.stick();
        kiosk
            .write(Side::Operator, "recover-folder", &folder.to_string_lossy())
            .await;
        self.see(kiosk, "recovery").await;
        press(kiosk, "recover-ask").await;
        let asked = "return document.querySelector('dialog [role=status]') !== null";
        kiosk
            .script(Side::Operator, "the request is written", asked)
            .await;
        self.see(kiosk, "recovery-asked").await;
        press(kiosk, "cancel").await;
        people::unlock(kiosk, people::COLLEAGUE, people::OTHER_PIN).await;
        see(kiosk, "screen-take-over").await;
        self.see(kiosk, "take-over").await;
        press(kiosk, "take-over-no").await;
        press(kiosk, "lock").await;
        people::unlock(kiosk, story::OFFICER, story::PIN).await;
        see(kiosk, "screen-home").await;
    }

    async fn drill(&mut self, kiosk: &Kiosk) {
        press(kiosk, "settings").await;
        press(kiosk, "drill-start").await;
        see(kiosk, "drill").await;
        see(kiosk, "screen-home").await;
        self.see(kiosk, "drill").await;
        begin(kiosk).await;
        self.see(kiosk, "drill-page").await;
        press(kiosk, "drill-end").await;
        see(kiosk, "screen-home").await;
    }

    /// Who does not press signs, or a witness presses for them; they write with their own hand, and touch what is wrong.
    async fn own_hand(&mut self, kiosk: &Kiosk) {
        people::choose(kiosk).await;
        kiosk.press(Side::Citizen, "sign").await;
        kiosk.see(Side::Citizen, "sign-done").await;
        kiosk.script(Side::Citizen, "a name by finger", DRAW).await;
        self.see(kiosk, "signing").await;
        kiosk.press(Side::Citizen, "sign-back").await;
        press(kiosk, "witness-ask").await;
        kiosk
            .write(Side::Operator, "witness-name", "Sùng Thị Hàng Xóm")
            .await;
        press(kiosk, "witness-set").await;
        kiosk.see(Side::Citizen, "witness-words").await;
        self.see(kiosk, "witness").await;
        kiosk.press(Side::Citizen, "agree").await;
        story::on_page(kiosk, people::PAGES[0]).await;
        kiosk.press(Side::Citizen, "write-requester_name").await;
        kiosk.see(Side::Citizen, "citizen-writing").await;
        kiosk.write(Side::Citizen, "writing", "Thào A Chu").await;
        self.see(kiosk, "writing").await;
        kiosk.press(Side::Citizen, "writing-done").await;
        // The officer stands in that very field: it shows what the citizen wrote.
        kiosk
            .holds(Side::Operator, "q-requester_name", "Thào A Chu")
            .await;
        kiosk.press(Side::Citizen, "write-requester_birth_date").await;
        kiosk.see(Side::Citizen, "digit-1").await;
        self.see(kiosk, "writing-date").await;
        kiosk.write(Side::Citizen, "writing", "1/2/1975").await;
        kiosk.press(Side::Citizen, "writing-done").await;
        see(kiosk, "q-requester_birth_date").await;
        kiosk.settled().await;
        kiosk.press(Side::Citizen, "touch-requester_name").await;
        see(kiosk, "wrong-mark-requester_name").await;
        self.see(kiosk, "touched-wrong").await;
        press(kiosk, "leave").await;
        see(kiosk, "screen-home").await;
    }

    /// The way out, and a PIN that is none.
    async fn closing(&mut self, kiosk: &Kiosk) {
        press(kiosk, "settings").await;
        press(kiosk, "quit").await;
        press(kiosk, &format!("staff-{}", story::OFFICER)).await;
        see(kiosk, "pin-digit-1").await;
        self.see(kiosk, "quitting").await;
        for digit in "111213".chars() {
            press(kiosk, &format!("pin-digit-{digit}")).await;
        }
        let refused = "return document.querySelector('dialog [data-testid=problem]') !== null";
        kiosk.script(Side::Operator, "a wrong PIN", refused).await;
        self.see(kiosk, "quitting-wrong").await;
        press(kiosk, "cancel").await;
        press(kiosk, "home").await;
    }

    /// A dossier that cannot go: it waits, is carried by a stick, is taken back.
    async fn no_network(&mut self, counter: &Counter) {
        let kiosk = &counter.kiosk;
        counter.province.goes_away();
        begin(kiosk).await;
        people::fill_quickly(kiosk).await;
        people::file(kiosk).await;
        press(kiosk, "seal").await;
        see(kiosk, "screen-receipt").await;
        let number = kiosk
            .read(Side::Operator, "receipt-number", |text| text.starts_with("DH-"))
            .await;
        people::finish(kiosk).await;
        press(kiosk, "outbox").await;
        press(kiosk, "send-now").await;
        see(kiosk, "pass").await;
        self.see(kiosk, "outbox-waiting").await;
        press(kiosk, "stick").await;
        let folder = self.stage.stick();
        kiosk
            .write(Side::Operator, "stick-folder", &folder.to_string_lossy())
            .await;
        self.see(kiosk, "stick").await;
        press(kiosk, "stick-out").await;
        kiosk
            .read(Side::Operator, "stick-result", |text| !text.is_empty())
            .await;
        self.see(kiosk, "stick-copied").await;
        press(kiosk, "stick-close").await;
        press(kiosk, &format!("withdraw-{number}")).await;
        press(kiosk, "withdraw-ask").await;
        kiosk.see(Side::Citizen, "citizen-withdraw").await;
        self.see(kiosk, "withdraw-question").await;
        kiosk.press(Side::Citizen, "keep-it").await;
        press(kiosk, "outbox").await;
        press(kiosk, &format!("withdraw-{number}")).await;
        see(kiosk, "withdraw-yes").await;
        self.see(kiosk, "withdraw").await;
        press(kiosk, "withdraw-yes").await;
        press(kiosk, &format!("receipt-{number}")).await;
        see(kiosk, "withdrawn").await;
        self.see(kiosk, "receipt-withdrawn").await;
        press(kiosk, "print-void").await;
        see(kiosk, "printed-yes").await;
        self.see(kiosk, "void-printed").await;
        press(kiosk, "printed-yes").await;
        see(kiosk, "came-out").await;
        people::finish(kiosk).await;
        self.see(kiosk, "home-offline").await;
    }

    async fn one_screen(&mut self, kiosk: &Kiosk) {
        press(kiosk, "settings").await;
        press(kiosk, "one-screen").await;
        press(kiosk, "home").await;
        begin(kiosk).await;
        press(kiosk, "turn").await;
        see(kiosk, "citizen-page").await;
        self.see(kiosk, "turned").await;
        press(kiosk, "staff-back").await;
        see(kiosk, "pin-digit-1").await;
        self.see(kiosk, "turned-pin").await;
        for digit in story::PIN.chars() {
            press(kiosk, &format!("pin-digit-{digit}")).await;
        }
        see(kiosk, "screen-page").await;
        press(kiosk, "leave").await;
        press(kiosk, "settings").await;
        press(kiosk, "one-screen").await;
        press(kiosk, "home").await;
    }

    /// High contrast, and English: home, a page and the citizen's page in each.
    async fn looks(&mut self, kiosk: &Kiosk) {
        for (look, on, off) in [
            ("contrast", "contrast", "contrast"),
            ("english", "language-en", "language-vi"),
        ] {
            press(kiosk, "settings").await;
            press(kiosk, on).await;
            press(kiosk, "home").await;
            see(kiosk, "screen-home").await;
            self.see(kiosk, &format!("{look}-home")).await;
            begin(kiosk).await;
            self.see(kiosk, &format!("{look}-page")).await;
            press(kiosk, "leave").await;
            press(kiosk, "settings").await;
            self.see(kiosk, &format!("{look}-settings")).await;
            press(kiosk, off).await;
            press(kiosk, "home").await;
        }
    }

    /// Half the room: what a page at 200 % has.
    async fn zoomed(&mut self, kiosk: &Kiosk) {
        let (width, height) = self.size;
        for side in [Side::Operator, Side::Citizen] {
            kiosk.resize(side, width / 2, height / 2).await;
        }
        see(kiosk, "screen-home").await;
        self.see(kiosk, "zoomed-home").await;
        begin(kiosk).await;
        self.see(kiosk, "zoomed-page").await;
        press(kiosk, "leave").await;
        see(kiosk, "screen-home").await;
    }

    async fn wrong_clock(&mut self, kiosk: &Kiosk) {
        see(kiosk, "screen-signin").await;
        self.see(kiosk, "sign-in-two").await;
        people::unlock(kiosk, story::OFFICER, story::PIN).await;
        see(kiosk, "clock-banner").await;
        self.see(kiosk, "clock-behind").await;
        press(kiosk, "clock-ask").await;
        kiosk.write(Side::Operator, "clock-date", "hôm nay").await;
        kiosk.write(Side::Operator, "clock-time", "8").await;
        press(kiosk, "clock-yes").await;
        self.see(kiosk, "clock-asked").await;
    }
}
