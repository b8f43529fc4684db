//! A day in a village as two people live it, each before the windows of their own machine: prepared at the counter, taken by
//! the laptop, worked on without a network, ended on a stick, brought back, and counted once on the counter's own screen.

use crate::display::Display;
use crate::kiosk::{Kiosk, Side, Start};
use crate::people;
use crate::record::Record;
use crate::stage;
use crate::story::{self, Counter};
use std::path::Path;

const LAPTOP: &str = "Phường Ninh Kiều, máy xách tay";

#[tokio::test(flavor = "multi_thread")]
async fn village_day() {
    let _alone = crate::alone().await;
    let counter = people::counter().await;
    let desk = &counter.kiosk;
    let (display, beside) = (Display::start(), tempfile::tempdir().expect("a folder"));
    let laptop = laptop(&counter, &display, beside.path()).await;
    let stick = stage::stick();

    knows_by_f1(desk).await;
    // On the day before, at the counter; the laptop has no day yet, and says what to do.
    open(&laptop, stick.path()).await;
    press(&laptop, "village-close").await;
    reads(&laptop, "village-hint", "chưa nhận ngày đi bản nào").await;
    press(&laptop, "village-take").await;
    reads(&laptop, "village-hint", "USB chưa có ngày đi bản").await;
    open(desk, stick.path()).await;
    press(desk, "village-prepare").await;
    reads(desk, "village-result", "Không chép hồ sơ nào của quầy").await;
    reads(desk, "village-next", "cắm vào máy xách tay").await;
    press(desk, "village-close-result").await;
    press(&laptop, "village-take").await;
    reads(&laptop, "village-result", "Máy này đã sẵn sàng đi bản").await;
    press(&laptop, "village-close-result").await;

    // In the village: nobody reaches the province.
    counter.province.goes_away();
    press(&laptop, "home").await;
    let number = sealed(&laptop).await;
    press(&laptop, "assist-scanned").await;
    press(&laptop, "assist-done").await;
    reads(&laptop, "today-assist-scanned", "1").await;
    open(&laptop, stick.path()).await;
    press(&laptop, "village-close").await;
    reads(
        &laptop,
        "village-result",
        "1 hồ sơ khóa kín; giúp việc khác 1 lần",
    )
    .await;
    reads(&laptop, "village-result", "Đã chép 1 hồ sơ").await;
    reads(&laptop, "village-next", "mang USB về máy quầy").await;
    press(&laptop, "village-close-result").await;
    laptop.close().await;

    // Back at the counter, twice by mistake: once.
    open(desk, stick.path()).await;
    press(desk, "village-merge").await;
    reads(desk, "village-result", LAPTOP).await;
    reads(
        desk,
        "village-result",
        "Đếm thêm vào số liệu của quầy: 1 hồ sơ, 1 lần giúp việc khác",
    )
    .await;
    press(desk, "village-back").await;
    press(desk, "village-merge").await;
    reads(desk, "village-result", "Tất cả đã đếm từ trước").await;
    press(desk, "village-close-result").await;
    desk.see(Side::Operator, &format!("item-{number}")).await;
    press(desk, "home").await;
    reads(desk, "today-sealed", "1").await;
    reads(desk, "today-assist-scanned", "1").await;
    press(desk, "days").await;
    desk.read(Side::Operator, "days-table", |text| !text.is_empty())
        .await;
    press(desk, "days-close").await;
    counter.kiosk.close().await;
}

async fn press(kiosk: &Kiosk, testid: &str) {
    kiosk.press(Side::Operator, testid).await;
}

async fn reads(kiosk: &Kiosk, testid: &str, words: &str) {
    kiosk
        .read(Side::Operator, testid, |text| text.contains(words))
        .await;
}

/// A machine of the same commune that is carried, with its own windows on a display of its own.
async fn laptop(counter: &Counter, display: &Display, data: &Path) -> Kiosk {
    let papers = story::papers();
    let start = Start {
        data,
        papers: &papers,
        layout: "desk",
        programs: None,
    };
    let kiosk = Kiosk::start(display, start).await;
    let mut record = Record::none();
    story::enrol_as(&kiosk, &counter.province, LAPTOP, true, &mut record).await;
    story::sign_in(&kiosk, &mut record).await;
    kiosk
}

/// The dialog, from any room, with the stick as its folder.
async fn open(kiosk: &Kiosk, stick: &Path) {
    press(kiosk, "outbox").await;
    press(kiosk, "village").await;
    press(kiosk, "village-stick-other").await;
    kiosk
        .write(Side::Operator, "village-folder", &stick.to_string_lossy())
        .await;
}

/// A quick dossier; answers its number.
async fn sealed(kiosk: &Kiosk) -> String {
    people::start(kiosk).await;
    people::fill_quickly(kiosk).await;
    people::file(kiosk).await;
    press(kiosk, "seal").await;
    kiosk.see(Side::Operator, "screen-receipt").await;
    let number = kiosk
        .read(Side::Operator, "receipt-number", |text| text.starts_with("DH-"))
        .await;
    people::finish(kiosk).await;
    number
}

/// Whoever looks under F1 finds the way to it.
async fn knows_by_f1(kiosk: &Kiosk) {
    kiosk.keys(Side::Operator, "\u{e031}").await;
    kiosk.see(Side::Operator, "help-close").await;
    let tells = "return document.querySelector('dialog[open]').innerText.includes('Đi bản')";
    kiosk
        .script(Side::Operator, "help on a day in a village", tells)
        .await;
    press(kiosk, "help-close").await;
}
