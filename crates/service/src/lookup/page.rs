//! The page as HTML: Vietnamese first, large, no script, nothing from elsewhere.

use domain::province::CaseStatus;
use domain::receipt_number::ReceiptNumber;
use domain::text::Words;
use std::fmt::Write;

pub(super) const STYLE: &str = include_str!("page.css");
pub(super) const STYLE_PATH: &str = "/tra-cuu.css";

/// What the person typed is not of the right shape; said before anything is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    Number,
    Secret,
}

/// Where one dossier stands.
#[derive(Debug, Clone)]
pub(super) struct StateView {
    pub number: ReceiptNumber,
    pub words: Words,
    pub status: CaseStatus,
    /// The province holds every byte.
    pub whole: bool,
    pub has_code: bool,
}

/// One of the pages.
#[derive(Debug, Clone)]
pub(super) enum Page {
    Ask {
        number: Option<ReceiptNumber>,
        hint: Option<Hint>,
    },
    State(StateView),
    NotFound,
    TooMany,
}

/// Text into HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// The same text, opened with a capital.
fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or(String::new(), |first| first.to_uppercase().chain(rest).collect())
}

/// "xin gọi …", or the counter where no telephone number is set.
fn call(phone: Option<&str>) -> (String, String) {
    match phone {
        Some(phone) => {
            let dial: String = phone
                .chars()
                .filter(|c| c.is_ascii_digit() || *c == '+')
                .collect();
            let link = format!(r#"<a class="phone" href="tel:{dial}">{}</a>"#, escape(phone));
            (
                format!("xin gọi {link}"),
                format!("please call {}", escape(phone)),
            )
        }
        None => (
            "xin hỏi quầy đã lập phiếu".into(),
            "please ask the counter that gave you the receipt".into(),
        ),
    }
}

impl Page {
    /// The whole document.
    pub(super) fn html(&self, province: &str, phone: Option<&str>) -> String {
        let (title, body) = match self {
            Self::Ask { number, hint } => ("Tra cứu hồ sơ", ask(number.as_ref(), *hint)),
            Self::State(state) => ("Kết quả tra cứu", state_body(state)),
            Self::NotFound => ("Chưa tra được", not_found(phone)),
            Self::TooMany => ("Xin đợi", too_many(phone)),
        };
        format!(
            r##"<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} – Đồng Hành</title>
<link rel="stylesheet" href="{STYLE_PATH}">
</head>
<body>
<header><p class="brand">Đồng Hành</p><p class="province">{province}</p></header>
<main>
{body}
</main>
<footer>
<p>Không ai gọi hỏi mã này hay OTP.</p>
<p lang="en">Nobody will ever call to ask for this code or an OTP.</p>
</footer>
</body>
</html>
"##,
            province = escape(province),
        )
    }
}

fn hint_line(id: &str, vi: &str, en: &str) -> String {
    format!(r#"<p class="wrong" id="{id}" role="alert">{vi}<span lang="en">{en}</span></p>"#)
}

fn number_field(number: Option<&ReceiptNumber>, hint: Option<Hint>) -> String {
    if let Some(number) = number {
        return format!(
            r#"<div class="known"><p class="label">Số phiếu</p><p class="number">{number}</p><input type="hidden" name="number" value="{number}"></div>"#
        );
    }
    let wrong = if hint == Some(Hint::Number) {
        hint_line(
            "number-wrong",
            "Số phiếu chưa đúng. Xin xem lại 12 chữ số in trên phiếu.",
            "This is not a receipt number. Please check its 12 digits.",
        )
    } else {
        String::new()
    };
    format!(
        r#"<div class="field"><label for="number">Số phiếu</label>
<p class="help" id="number-help">12 chữ số trên phiếu, sau chữ DH</p>{wrong}
<input id="number" name="number" inputmode="numeric" autocomplete="off" maxlength="24" aria-describedby="number-help" required></div>"#
    )
}

fn ask(number: Option<&ReceiptNumber>, hint: Option<Hint>) -> String {
    let wrong = if hint == Some(Hint::Secret) {
        hint_line(
            "secret-wrong",
            "Mã tra cứu có 6 chữ số.",
            "The look-up code has 6 digits.",
        )
    } else {
        String::new()
    };
    let other = if number.is_some() {
        r#"<p class="other"><a class="quiet" href="/">Tra số phiếu khác</a></p>"#
    } else {
        ""
    };
    format!(
        r#"<h1>Tra cứu hồ sơ <span lang="en">Look up a dossier</span></h1>
<form method="post" action="/" autocomplete="off">
{number}
<div class="field"><label for="secret">Mã tra cứu</label>
<p class="help" id="secret-help">6 chữ số in trên phiếu</p>{wrong}
<input id="secret" name="secret" class="secret" inputmode="numeric" autocomplete="off" maxlength="12" aria-describedby="secret-help" required></div>
<button type="submit">Xem hồ sơ</button>
</form>
{other}"#,
        number = number_field(number, hint),
    )
}

/// What the person does next, in one sentence each.
fn next_step(state: &StateView) -> (&'static str, &'static str) {
    match (state.status, state.has_code, state.whole) {
        (CaseStatus::SupplementWanted, ..) => (
            "Xin mang phiếu tới quầy để biết cần thêm giấy tờ gì.",
            "Please bring your receipt to the counter: it says which papers are needed.",
        ),
        (CaseStatus::NotAccepted, ..) => (
            "Xin mang phiếu tới quầy để được giải thích lý do.",
            "Please bring your receipt to the counter to learn why.",
        ),
        (CaseStatus::PaymentDue, ..) => (
            "Xin mang phiếu tới quầy để nộp phí, lệ phí.",
            "Please bring your receipt to the counter to pay the fee.",
        ),
        (CaseStatus::Done, ..) => (
            "Xin mang phiếu tới quầy nhận kết quả.",
            "Please bring your receipt to collect the result.",
        ),
        (CaseStatus::Withdrawn, ..) => (
            "Không ai giải quyết hồ sơ này nữa. Muốn nộp lại, xin mang giấy tờ tới quầy làm hồ sơ mới.",
            "Nobody handles this dossier any more. To file again, please bring your papers to the counter for a new one.",
        ),
        (CaseStatus::Stopped | CaseStatus::HandedOver, ..) => (
            "Cần hỏi thêm, xin mang phiếu tới quầy.",
            "If you have questions, please bring your receipt to the counter.",
        ),
        (CaseStatus::New | CaseStatus::Accepted | CaseStatus::Processing, true, _) => (
            "Hồ sơ đang được giải quyết. Không cần nộp lại.",
            "Your dossier is being handled. Do not file it again.",
        ),
        (CaseStatus::New | CaseStatus::Accepted | CaseStatus::Processing, false, true) => (
            "Khi có mã hồ sơ chính thức, trang này sẽ hiện mã. Không cần nộp lại.",
            "The official code will show here once it is given. Do not file it again.",
        ),
        (CaseStatus::New | CaseStatus::Accepted | CaseStatus::Processing, false, false) => (
            "Tệp đang được gửi lên tỉnh. Không cần nộp lại.",
            "The files are on their way to the province. Do not file it again.",
        ),
    }
}

/// The way that is still ahead; none for what was withdrawn, which goes nowhere.
fn steps(state: &StateView) -> String {
    if state.status == CaseStatus::Withdrawn {
        return String::new();
    }
    let reached = 1 + usize::from(state.whole) + usize::from(state.has_code);
    let names = [
        "Đã lưu ở máy quầy",
        "Tỉnh đã nhận bản điện tử",
        "Đã tiếp nhận, có mã",
    ];
    let mut out = String::from("<ol class=\"steps\">\n");
    for (at, name) in names.iter().enumerate() {
        let (class, mark, spoken) = if at < reached {
            ("done", "✓", "xong")
        } else {
            ("later", "", "chưa tới")
        };
        let current = if at + 1 == reached {
            " aria-current=\"step\""
        } else {
            ""
        };
        // Writing into a String cannot fail.
        let _ = writeln!(
            out,
            r#"<li class="{class}"{current}><span class="mark" aria-hidden="true">{mark}</span><span>{name}<span class="spoken"> ({spoken})</span></span></li>"#
        );
    }
    out.push_str("</ol>");
    out
}

fn state_body(state: &StateView) -> String {
    let (next_vi, next_en) = next_step(state);
    // The code stands on a line of its own, large enough to be read out.
    let (word, code) = match state.words.vi.split_once(", mã ") {
        Some((word, code)) => (
            word,
            format!(
                r#"<p class="label">Mã hồ sơ</p><p class="number">{}</p>"#,
                escape(code)
            ),
        ),
        None => (state.words.vi.as_str(), String::new()),
    };
    let en = state
        .words
        .en
        .split_once(", code ")
        .map_or(state.words.en.as_str(), |(word, _)| word);
    format!(
        r#"<p class="label">Số phiếu</p><p class="number">{number}</p>
<section class="state" role="status"><h1>{word}</h1><p lang="en">{en}</p>{code}</section>
{steps}
<p class="next">{next_vi}</p><p class="next" lang="en">{next_en}</p>
<p class="other"><a class="quiet" href="/">Tra số phiếu khác</a></p>"#,
        number = state.number,
        word = escape(&capital(word)),
        en = escape(&capital(en)),
        steps = steps(state),
    )
}

fn not_found(phone: Option<&str>) -> String {
    let (vi, en) = call(phone);
    format!(
        r#"<section class="state notice" role="status"><h1>Chưa tra được.</h1>
<p>Hồ sơ có thể còn ở máy quầy, hoặc mã sai. Đừng nộp lại; {vi}.</p>
<p lang="en">Nothing to show yet. The dossier may still be at the counter, or the code is wrong. Do not file again; {en}.</p></section>
<p class="other"><a class="button" href="/">Tra lại</a></p>"#
    )
}

fn too_many(phone: Option<&str>) -> String {
    let (vi, en) = call(phone);
    format!(
        r#"<section class="state notice" role="status"><h1>Đã tra quá nhiều lần.</h1>
<p>Xin đợi ít phút rồi tra lại. Nếu đã nhập sai nhiều lần trong hôm nay, xin đợi đến ngày mai, hoặc {vi}.</p>
<p lang="en">Too many tries. Please wait a few minutes; after many wrong codes today, wait until tomorrow, or {en}.</p></section>
<p class="other"><a class="button" href="/">Về trang tra cứu</a></p>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::DeviceNo;

    #[test]
    fn pages_say_what_they_should_and_escape_what_they_are_given() {
        let number = ReceiptNumber::new(DeviceNo(1), 42).unwrap();
        let ask = Page::Ask {
            number: Some(number),
            hint: None,
        }
        .html("<Tỉnh> & 'x'", None);
        assert!(ask.contains(&number.to_string()) && ask.contains("&lt;Tỉnh&gt; &amp; &#39;x&#39;"));
        let none = Page::NotFound.html("Tỉnh", Some("0219 000 000"));
        assert!(
            none.contains("Chưa tra được.</h1>") && none.contains("tel:0219000000"),
            "{none}"
        );
        assert!(none.contains("Hồ sơ có thể còn ở máy quầy, hoặc mã sai. Đừng nộp lại; xin gọi"));
        assert!(
            !none.contains("DH-"),
            "no number is echoed: the page is the same for all"
        );
        let state = StateView {
            number,
            words: Words::new("đã tiếp nhận, mã H21.129-250812-0035", "accepted"),
            status: CaseStatus::Accepted,
            whole: true,
            has_code: true,
        };
        let page = Page::State(state.clone()).html("Tỉnh", None);
        assert!(
            page.contains("<h1>Đã tiếp nhận</h1>") && page.contains("H21.129-250812-0035"),
            "{page}"
        );
        assert!(!page.contains("script"), "no script anywhere");
        let withdrawn = StateView {
            words: CaseStatus::Withdrawn.words(),
            status: CaseStatus::Withdrawn,
            has_code: false,
            ..state
        };
        let page = Page::State(withdrawn).html("Tỉnh", None);
        assert!(
            page.contains("<h1>Đã rút</h1>") && !page.contains("<ol"),
            "{page}"
        );
        assert!(page.contains("Không ai giải quyết hồ sơ này nữa"), "{page}");
    }
}
