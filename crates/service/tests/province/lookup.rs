//! The citizens' page: alike for unknown and wrong, limited, with no name, and readable on a small telephone.

use crate::common::{Kiosk, Province, SECRET, Sealed};
use domain::ids::DeviceNo;
use domain::receipt_number::ReceiptNumber;
use jiff::SignedDuration;
use reqwest::{Response, StatusCode};
use std::path::{Path, PathBuf};
use std::process::Command;

async fn ask(province: &Province, number: &str, secret: &str, from: &str) -> Response {
    let encode = |text: &str| text.replace(' ', "+");
    let body = format!("number={}&secret={}", encode(number), encode(secret));
    let request = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("{}/", province.running.lookup_url));
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", from);
    request.body(body).send().await.unwrap()
}

async fn get(province: &Province, path: &str) -> Response {
    reqwest::get(format!("{}{path}", province.running.lookup_url))
        .await
        .unwrap()
}

async fn with_dossier(lengths: &[usize]) -> (Province, Kiosk, Sealed) {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, lengths);
    province.put_dossier(&kiosk, &dossier).await;
    (province, kiosk, dossier)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_word_a_state_from_the_counter_to_the_official_code() {
    let (province, kiosk, dossier) = with_dossier(&[1000]).await;
    let number = dossier.manifest.receipt_number.clone();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let said = async |number: &str| {
        let response = ask(&province, number, SECRET, "192.0.2.1").await;
        assert_eq!(response.status(), StatusCode::OK);
        response.text().await.unwrap()
    };
    assert!(said(&number).await.contains("<h1>Đã lưu ở máy quầy</h1>"));
    province.deliver(&kiosk, &dossier).await;
    assert!(
        said(&digits).await.contains("<h1>Tỉnh đã nhận bản điện tử</h1>"),
        "digits alone are enough"
    );
    province
        .admin()
        .set_code(&dossier.id(), "H21.129-250812-0035", "Cổng Dịch vụ công quốc gia")
        .unwrap();
    let page = said(&number).await;
    assert!(
        page.contains("<h1>Đã tiếp nhận</h1>") && page.contains("H21.129-250812-0035"),
        "{page}"
    );
    assert!(!page.contains("Lò"), "never a name");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_and_wrong_answer_alike_to_the_byte() {
    let (province, _kiosk, dossier) = with_dossier(&[]).await;
    let unknown = ReceiptNumber::new(DeviceNo(99), 7).unwrap().to_string();
    let mut answers = Vec::new();
    for (number, secret) in [
        (unknown.as_str(), SECRET),
        (dossier.manifest.receipt_number.as_str(), "000000"),
    ] {
        let response = ask(&province, number, secret, "192.0.2.1").await;
        let mut headers: Vec<String> = response
            .headers()
            .iter()
            .map(|(k, v)| format!("{k}: {v:?}"))
            .collect();
        headers.retain(|h| !h.starts_with("date:"));
        answers.push((response.status(), headers, response.text().await.unwrap()));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(
        answers[0]
            .2
            .contains("Hồ sơ có thể còn ở máy quầy, hoặc mã sai. Đừng nộp lại; xin gọi")
    );
    assert!(answers[0].2.contains("0219 386 0000"));
    // Negative control: the right secret does answer differently.
    let right = ask(&province, &dossier.manifest.receipt_number, SECRET, "192.0.2.1").await;
    assert_ne!(right.text().await.unwrap(), answers[0].2);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_tries_a_number_a_day_known_or_not() {
    let (province, _kiosk, dossier) = with_dossier(&[]).await;
    let known = dossier.manifest.receipt_number.clone();
    let unknown = ReceiptNumber::new(DeviceNo(99), 7).unwrap().to_string();
    let status =
        async |number: &str, secret: &str, from: &str| ask(&province, number, secret, from).await.status();
    for number in [&known, &unknown] {
        for _ in 0..2 {
            let right = status(&known, SECRET, "192.0.2.9").await;
            assert_eq!(
                right,
                if number == &known {
                    StatusCode::OK
                } else {
                    StatusCode::TOO_MANY_REQUESTS
                }
            );
        }
        for n in 0..5 {
            assert_eq!(
                status(number, "000000", &format!("192.0.2.{n}")).await,
                StatusCode::OK,
                "try {n}"
            );
        }
        assert_eq!(
            status(number, "000001", "192.0.2.7").await,
            StatusCode::TOO_MANY_REQUESTS
        );
    }
    assert_eq!(
        status(&known, SECRET, "192.0.2.8").await,
        StatusCode::TOO_MANY_REQUESTS,
        "the right one too"
    );
    province.clock.forward(SignedDuration::from_hours(24));
    assert_eq!(
        status(&known, SECRET, "192.0.2.8").await,
        StatusCode::OK,
        "a new day"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_is_slowed_down_and_the_next_is_not() {
    let (province, _kiosk, _dossier) = with_dossier(&[]).await;
    let mut cut = 0;
    for _ in 0..=service::limits::LOOKUP_ADDRESS_BURST_MAX {
        // A malformed number costs a turn as well, and no stretching.
        cut += u32::from(
            ask(&province, "1", "1", "198.51.100.1").await.status() == StatusCode::TOO_MANY_REQUESTS,
        );
    }
    assert!(cut >= 1, "the burst has an end");
    let page = ask(&province, "1", "1", "198.51.100.1").await;
    assert!(
        page.status() != StatusCode::TOO_MANY_REQUESTS
            || page.text().await.unwrap().contains("quá nhiều lần")
    );
    assert_eq!(
        ask(&province, "1", "1", "198.51.100.2").await.status(),
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_protected_and_slips_are_told() {
    let (province, _kiosk, dossier) = with_dossier(&[]).await;
    let number = &dossier.manifest.receipt_number;
    for path in [
        "/",
        &format!("/T/{number}"),
        &format!("/t/{}", number.to_lowercase()),
    ] {
        let response = get(&province, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").contains("default-src 'none'"));
        assert_eq!(
            (header("x-content-type-options"), header("referrer-policy")),
            ("nosniff".into(), "no-referrer".into())
        );
        assert_eq!(header("cache-control"), "no-store");
        let page = response.text().await.unwrap();
        assert_eq!(page.contains(number.as_str()), path != "/", "{path}");
        assert!(!page.contains("<script"));
    }
    assert!(
        get(&province, "/T/DH-00001-00001-00")
            .await
            .text()
            .await
            .unwrap()
            .contains("Số phiếu chưa đúng")
    );
    assert!(
        ask(&province, "12", SECRET, "192.0.2.1")
            .await
            .text()
            .await
            .unwrap()
            .contains("Số phiếu chưa đúng")
    );
    assert!(
        ask(&province, number, "12", "192.0.2.1")
            .await
            .text()
            .await
            .unwrap()
            .contains("Mã tra cứu có 6 chữ số")
    );
    assert_eq!(get(&province, "/nothing").await.status(), StatusCode::NOT_FOUND);
}

/// A page as a telephone of 360 × 640 shows it. `None` where no Chromium is installed.
fn picture(url: &str, to: &Path) -> Option<Vec<u8>> {
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| {
            Command::new(name)
                .arg("--version")
                .output()
                .is_ok_and(|out| out.status.success())
        })?;
    let profile = tempfile::tempdir().unwrap();
    let status = Command::new(found)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("--window-size=360,640")
        .arg(format!("--screenshot={}", to.display()))
        .arg(url)
        .output()
        .unwrap();
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
    Some(std::fs::read(to).unwrap())
}

/// Where pictures stay for a person to look at.
fn pictures() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lookup");
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Chromium asks with GET only; so a page that comes by POST is saved and shown from a file beside its style.
async fn saved(name: &str, page: &str) -> String {
    let file = pictures().join(format!("{name}.html"));
    std::fs::write(
        pictures().join("tra-cuu.css"),
        include_str!("../../src/lookup/page.css"),
    )
    .unwrap();
    std::fs::write(
        &file,
        page.replace("href=\"/tra-cuu.css\"", "href=\"tra-cuu.css\""),
    )
    .unwrap();
    format!("file://{}", file.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_stands_in_chromium_at_360_by_640() {
    let (province, kiosk, dossier) = with_dossier(&[1000]).await;
    let number = dossier.manifest.receipt_number.clone();
    let url = format!("{}/T/{number}", province.running.lookup_url);
    let Some(png) = picture(&url, &pictures().join("ask-for.png")) else {
        eprintln!("skipped: no Chromium here; `cargo xtask test` installs it");
        return;
    };
    let size = |png: &[u8]| {
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (side(16), side(20))
    };
    assert_eq!(size(&png), (360, 640));
    picture(&province.running.lookup_url, &pictures().join("ask.png")).unwrap();
    province.deliver(&kiosk, &dossier).await;
    for (name, secret) in [("not-found", "000000"), ("received", SECRET)] {
        let page = ask(&province, &number, secret, "192.0.2.1")
            .await
            .text()
            .await
            .unwrap();
        picture(&saved(name, &page).await, &pictures().join(format!("{name}.png"))).unwrap();
    }
    province
        .admin()
        .set_code(&dossier.id(), "H21.129-250812-0035", "Cổng Dịch vụ công quốc gia")
        .unwrap();
    let page = ask(&province, &number, SECRET, "192.0.2.1")
        .await
        .text()
        .await
        .unwrap();
    picture(&saved("accepted", &page).await, &pictures().join("accepted.png")).unwrap();
}
