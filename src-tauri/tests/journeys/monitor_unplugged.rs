//! The citizen's monitor is unplugged and plugged in again. Needs an X server with two monitors that exist in software
//! only (`xserver-xorg-core` and `xserver-xorg-video-dummy`); says so and passes where that is not installed.

use crate::display::Display;
use crate::kiosk::{Kiosk, Side};
use crate::record::Record;
use crate::story::{self, Around, Counter};
use serde_json::json;
use std::time::{Duration, Instant};

/// Both monitors: the left edge and the width.
const FIRST: (u64, u64) = (0, 1024);
const SECOND: (u64, u64) = (1024, 1280);

const PLUGGED: &[&str] = &["--output", "DUMMY1", "--mode", "1280x800", "--pos", "1024x0"];

#[tokio::test(flavor = "multi_thread")]
async fn monitor_unplugged() {
    let _alone = crate::alone().await;
    let display =
        Display::with_monitors().expect("xserver-xorg-video-dummy, which `cargo xtask setup` installs");
    display.run("xrandr", &["--addmode", "DUMMY0", "1024x768"]);
    display.run("xrandr", &["--addmode", "DUMMY1", "1280x800"]);
    display.run(
        "xrandr",
        &[
            "--output",
            "DUMMY0",
            "--mode",
            "1024x768",
            "--pos",
            "0x0",
            "--primary",
        ],
    );
    plug(&display);
    let counter = Counter::open_on(display, Around::counter()).await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(kiosk, &mut record).await;
    story::start_dossier(kiosk, &mut record).await;
    story::on_page(kiosk, "requester").await;
    assert_eq!(kiosk.windows().await, 2, "each has a monitor");
    stand(kiosk, &FIRST, &SECOND).await;

    counter.display.run("xrandr", &["--output", "DUMMY1", "--off"]);
    windows_become(&counter, 1).await;
    let status = kiosk
        .call(Side::Operator, "kiosk_status", json!({}))
        .await
        .expect("status");
    assert_eq!(status["one_screen"], true, "the kiosk works with one screen");
    kiosk
        .write(Side::Operator, "q-requester_name", "Trần Thị Bông Súng")
        .await;

    plug(&counter.display);
    windows_become(&counter, 2).await;
    kiosk
        .read(Side::Citizen, "answer-requester_name", |text| {
            text == "Trần Thị Bông Súng"
        })
        .await;
    stand(kiosk, &FIRST, &SECOND).await;

    // They change monitors; a start later it is still so, and the dossier stands where it stood.
    kiosk
        .invoke(Side::Operator, "swap_screens", json!({}))
        .await
        .expect("the officer swaps them");
    stand(kiosk, &SECOND, &FIRST).await;
    let counter = counter.pull_the_plug().await;
    story::unlock(&counter.kiosk, story::OFFICER, story::PIN).await;
    story::on_page(&counter.kiosk, "requester").await;
    stand(&counter.kiosk, &SECOND, &FIRST).await;
    counter.close().await;
}

/// Waits until each fills its monitor: the left edge and the width.
async fn stand(kiosk: &Kiosk, operator: &(u64, u64), citizen: &(u64, u64)) {
    let began = Instant::now();
    loop {
        let places = (
            kiosk.place(Side::Operator).await,
            kiosk.place(Side::Citizen).await,
        );
        if places == (*operator, *citizen) {
            return;
        }
        assert!(
            began.elapsed() < Duration::from_secs(15),
            "the windows stand at {places:?}, not at {operator:?} and {citizen:?}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The query after it makes the server look at its outputs, as a real one does when a plug goes in.
fn plug(display: &Display) {
    display.run("xrandr", PLUGGED);
    display.run("xrandr", &["--query"]);
}

async fn windows_become(counter: &Counter, count: usize) {
    let began = Instant::now();
    while counter.kiosk.windows().await != count {
        assert!(
            began.elapsed() < Duration::from_secs(15),
            "there are never {count} windows"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if count == 1 {
        counter.kiosk.forget_window();
    }
}
