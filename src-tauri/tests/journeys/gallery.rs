//! The gallery of the screens: the first dossier in the real windows, and the rooms beside it, kept as pictures in
//! `docs/gallery`. Ignored among the tests; run by `cargo xtask gallery`.

use crate::first_dossier::walk;
use crate::kiosk::Side;
use crate::record::Record;
use crate::story::Counter;
use std::path::{Path, PathBuf};

/// What the gallery keeps: whose window, at which step, and what is to be seen there.
const KEPT: &[(&str, &str, &str)] = &[
    (
        "operator",
        "six-words",
        "Ghi nhận máy với tỉnh: sáu cặp từ đọc qua điện thoại",
    ),
    ("operator", "sign-in", "Ai đang ngồi quầy"),
    ("operator", "home", "Trang đầu của cán bộ"),
    ("operator", "consent", "Trước khi ghi: đợi người dân đồng ý"),
    ("citizen", "consent", "Người dân: lời xin phép, lệ phí, thời gian"),
    ("operator", "child", "Một trang của tờ khai"),
    ("citizen", "child", "Người dân: cùng trang ấy, chữ lớn"),
    ("operator", "papers", "Giấy tờ"),
    ("citizen", "papers", "Người dân: giấy tờ đã chụp"),
    ("operator", "check", "Xem lại"),
    ("citizen", "filing", "Người dân: xem lại toàn bộ và đồng ý nộp"),
    ("operator", "sealed", "Hồ sơ đã khóa kín"),
    ("citizen", "sealed", "Người dân: số phiếu và mã để chụp lại"),
    ("operator", "acknowledged", "Hồ sơ chờ gửi"),
    ("operator", "look-up", "Tra cứu phiếu"),
    ("operator", "help", "Phím tắt"),
    ("operator", "settings", "Cài đặt"),
    ("operator", "contrast", "Tương phản cao"),
    ("citizen", "contrast", "Người dân: tương phản cao"),
    ("operator", "english", "Tiếng Anh"),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `cargo xtask gallery`, with DONGHANH_GALLERY_OUT set"]
async fn gallery() {
    let _alone = crate::alone().await;
    let out = PathBuf::from(
        std::env::var_os("DONGHANH_GALLERY_OUT").expect("DONGHANH_GALLERY_OUT names the folder"),
    );
    let counter = Counter::open().await;
    let shots = tempfile::tempdir().expect("a folder");
    let mut record = Record::kept_in(shots.path().to_owned());
    let outcome = walk(&counter, &mut record).await;
    rooms(&counter, &mut record, &outcome.number).await;
    keep(shots.path(), &out);
    counter.close().await;
}

async fn rooms(counter: &Counter, record: &mut Record, number: &str) {
    let kiosk = &counter.kiosk;
    kiosk.press(Side::Operator, "lookup").await;
    kiosk.write(Side::Operator, "lookup-text", number).await;
    kiosk.press(Side::Operator, "lookup-go").await;
    kiosk.see(Side::Operator, "lookup-answer").await;
    record.step(kiosk, "look-up").await;
    kiosk.press(Side::Operator, "home").await;
    kiosk.press(Side::Operator, "help").await;
    kiosk.see(Side::Operator, "help-close").await;
    record.step(kiosk, "help").await;
    kiosk.press(Side::Operator, "help-close").await;
    kiosk.press(Side::Operator, "settings").await;
    kiosk.see(Side::Operator, "screen-settings").await;
    record.step(kiosk, "settings").await;
    kiosk.press(Side::Operator, "contrast").await;
    kiosk.press(Side::Operator, "home").await;
    kiosk.see(Side::Operator, "screen-home").await;
    record.step(kiosk, "contrast").await;
    kiosk.press(Side::Operator, "settings").await;
    kiosk.press(Side::Operator, "contrast").await;
    kiosk.press(Side::Operator, "language-en").await;
    kiosk.press(Side::Operator, "home").await;
    kiosk.see(Side::Operator, "screen-home").await;
    record.step(kiosk, "english").await;
}

/// The chosen pictures and a page that shows them, in place of those before.
fn keep(shots: &Path, out: &Path) {
    if out.exists() {
        std::fs::remove_dir_all(out).expect("the gallery of before goes");
    }
    std::fs::create_dir_all(out).expect("the folder of the gallery");
    let taken: Vec<PathBuf> = std::fs::read_dir(shots)
        .expect("pictures")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    let mut page = String::from(
        "# The screens\n\nTaken in the real windows by `cargo xtask gallery`. Everybody in them is invented.\n",
    );
    for (at, (side, step, words)) in KEPT.iter().enumerate() {
        let shot = taken.iter().find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(side) && name.ends_with(&format!("-{step}.png"))
        });
        let shot = shot.unwrap_or_else(|| panic!("no picture of {side} at {step}"));
        let name = format!("{:02}-{side}-{step}.png", at + 1);
        std::fs::copy(shot, out.join(&name)).expect("a picture is kept");
        page.push_str(&format!("\n## {words}\n\n![{words}]({name})\n"));
    }
    std::fs::write(out.join("README.md"), page).expect("the page of the gallery");
}
