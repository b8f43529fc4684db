//! The gallery of the screens: the tour of both windows at both monitors' sizes, and the best of its pictures in
//! `docs/gallery`. Ignored among the tests; run by `cargo xtask gallery`.
//!
//! `DONGHANH_TOUR_OUT` keeps every picture, to be looked at; `DONGHANH_TOUR_SIZE=1920x1080` takes one size alone.

use crate::tour::tour;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const SMALL: (u32, u32) = (1366, 768);
const LARGE: (u32, u32) = (1920, 1080);

/// What the gallery keeps at the small size: whose window, at which step, and what is to be seen there. Not the dialogs
/// that name the disks of the machine which took the pictures.
const KEPT: &[(&str, &str, &str)] = &[
    (
        "operator",
        "six-words",
        "Ghi nhận máy với tỉnh: sáu cặp từ đọc qua điện thoại",
    ),
    ("operator", "sign-in", "Ai đang ngồi quầy"),
    ("operator", "home", "Trang đầu của cán bộ"),
    ("operator", "search", "Tìm thủ tục, không cần gõ dấu"),
    ("operator", "consent", "Trước khi ghi: đợi người dân đồng ý"),
    ("citizen", "consent", "Người dân: lời xin phép, lệ phí, thời gian"),
    ("operator", "card", "Đọc thẻ căn cước"),
    ("operator", "child", "Một trang của tờ khai"),
    ("citizen", "child", "Người dân: cùng trang ấy, chữ lớn"),
    ("operator", "scanner", "Máy quét"),
    ("operator", "tray", "Khay của máy quét"),
    ("operator", "papers", "Giấy tờ"),
    ("citizen", "papers", "Người dân: giấy tờ đã chụp"),
    (
        "operator",
        "text-compare",
        "Chữ đọc từ giấy: so với ảnh trước khi ghi",
    ),
    ("operator", "check", "Xem lại"),
    ("citizen", "filing", "Người dân: xem lại toàn bộ và đồng ý nộp"),
    ("operator", "sealed", "Hồ sơ đã khóa kín"),
    ("citizen", "sealed", "Người dân: số phiếu và mã để chụp lại"),
    ("operator", "receipt-asked", "Đã in ra chưa?"),
    ("operator", "receipt-no-paper", "Máy in hết giấy"),
    ("operator", "form", "Tờ khai chính thức, điền từ câu trả lời"),
    ("operator", "outbox-waiting", "Mất mạng: hồ sơ chờ gửi"),
    ("operator", "receipt-withdrawn", "Hồ sơ đã rút: phiếu hủy"),
    ("operator", "look-up", "Tra cứu phiếu"),
    ("operator", "locked", "Khóa máy, việc đang làm vẫn còn"),
    ("operator", "drill-page", "Diễn tập"),
    ("citizen", "signing", "Người dân: ký bằng ngón tay"),
    ("citizen", "witness", "Người dân: có người làm chứng"),
    ("citizen", "writing", "Người dân: tự ghi"),
    (
        "citizen",
        "touched-wrong",
        "Người dân: chạm vào câu sai, cán bộ được đưa tới đúng ô",
    ),
    ("operator", "volunteer-home", "Ca của tình nguyện viên"),
    ("operator", "seal-officer", "Tình nguyện viên mời cán bộ khóa kín"),
    (
        "operator",
        "pack",
        "Không có cán bộ: đóng gói, chờ cán bộ kiểm tra",
    ),
    ("operator", "home-waits-for-officer", "Hồ sơ chờ cán bộ"),
    ("operator", "days", "Số liệu từng ngày"),
    ("operator", "village", "Đi bản: bốn việc theo thứ tự của một ngày"),
    (
        "operator",
        "village-merged",
        "Đi bản: đã gộp về, mỗi việc đếm một lần",
    ),
    (
        "operator",
        "quitting",
        "Không thoát được nếu không có mã PIN của cán bộ",
    ),
    ("operator", "turned", "Một màn hình: xoay sang cho người dân"),
    ("operator", "clock-behind", "Đồng hồ của máy sai"),
    ("operator", "settings", "Cài đặt"),
    ("operator", "contrast-page", "Tương phản cao"),
    ("citizen", "contrast-page", "Người dân: tương phản cao"),
    ("operator", "english-home", "Tiếng Anh"),
    ("citizen", "zoomed-page", "Người dân: phóng 200 %"),
];

/// And at the large one.
const KEPT_LARGE: &[(&str, &str, &str)] = &[
    ("operator", "home", "Trang đầu, 1920×1080"),
    ("operator", "child", "Một trang của tờ khai, 1920×1080"),
    ("citizen", "child", "Người dân, 1920×1080"),
    ("citizen", "sealed", "Người dân: số phiếu, 1920×1080"),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `cargo xtask gallery`, with DONGHANH_GALLERY_OUT or DONGHANH_TOUR_OUT set"]
async fn gallery() {
    let _alone = crate::alone().await;
    let out = std::env::var_os("DONGHANH_GALLERY_OUT").map(PathBuf::from);
    let only = std::env::var("DONGHANH_TOUR_SIZE").ok();
    let own = tempfile::tempdir().expect("a folder");
    let all = std::env::var_os("DONGHANH_TOUR_OUT").map_or_else(|| own.path().to_owned(), PathBuf::from);
    for size in [SMALL, LARGE] {
        let name = format!("{}x{}", size.0, size.1);
        if only.as_ref().is_none_or(|only| *only == name) {
            tour(size, all.join(name)).await;
        }
    }
    if let Some(out) = out {
        keep(&all, &out);
    }
}

/// The chosen pictures and a page that shows them, in place of those before.
fn keep(all: &Path, out: &Path) {
    if out.exists() {
        std::fs::remove_dir_all(out).expect("the gallery of before goes");
    }
    std::fs::create_dir_all(out).expect("the folder of the gallery");
    let mut page = String::from(
        "# The screens\n\nTaken in the real windows by `cargo xtask gallery`. Everybody in them is invented.\n",
    );
    let small = KEPT.iter().map(|kept| (SMALL, kept));
    let large = KEPT_LARGE.iter().map(|kept| (LARGE, kept));
    for (at, ((width, height), (side, step, words))) in small.chain(large).enumerate() {
        let shots = all.join(format!("{width}x{height}"));
        let shot = picture(&shots, side, step);
        let name = format!("{:02}-{side}-{step}.png", at + 1);
        std::fs::copy(shot, out.join(&name)).expect("a picture is kept");
        let _ = write!(page, "\n## {words}\n\n![{words}]({name})\n");
    }
    std::fs::write(out.join("README.md"), page).expect("the page of the gallery");
}

fn picture(shots: &Path, side: &str, step: &str) -> PathBuf {
    std::fs::read_dir(shots)
        .expect("pictures")
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // side, number of the stop, step: there may be a hundred stops and more.
            let of_side = name.strip_prefix(side).and_then(|rest| rest.strip_prefix('-'));
            of_side
                .and_then(|rest| rest.split_once('-'))
                .is_some_and(|(_, rest)| rest == format!("{step}.png"))
        })
        .unwrap_or_else(|| panic!("no picture of {side} at {step}"))
}
