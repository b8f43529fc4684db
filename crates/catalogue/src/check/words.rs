//! Mistakes in words: what is wrong and what to do, Vietnamese first.

use domain::procedure::MistakeKind;
use domain::text::Words;

/// A kind of answer as a clerk calls it.
fn kind_vi(wanted: &str) -> &str {
    match wanted {
        "text" => "chữ",
        "choice" => "lựa chọn",
        "date" => "ngày",
        "number" => "số",
        "tick" => "ô đánh dấu",
        "address" => "địa chỉ",
        "group" => "nhóm nhiều dòng",
        other => other,
    }
}

/// A mistake that the check found.
pub(super) fn mistake(kind: &MistakeKind) -> Words {
    let vi = match kind {
        MistakeKind::Code => "Mã thủ tục phải có dạng 1.001193 (một chữ số, dấu chấm, sáu chữ số).".into(),
        MistakeKind::Twice(name) => format!("\"{name}\" có hai lần. Xin đổi tên một chỗ."),
        MistakeKind::UnknownQuestion(name) => {
            format!("Không có câu hỏi \"{name}\". Xin xem lại tên (id) của câu hỏi.")
        }
        MistakeKind::UnknownPaper(name) => format!("Không có giấy tờ \"{name}\" trong mục papers."),
        MistakeKind::UnknownSource(name) => {
            format!("Không có nguồn \"{name}\" trong mục sources. Mọi điều nói như luật đều phải có nguồn.")
        }
        MistakeKind::WrongType { question, wanted } => {
            format!("Câu hỏi \"{question}\" không trả lời bằng {}.", kind_vi(wanted))
        }
        MistakeKind::UnknownOption { question, value } => {
            format!("Câu hỏi \"{question}\" không có lựa chọn \"{value}\".")
        }
        MistakeKind::TooDeep(max) => format!("Điều kiện lồng nhau quá {max} tầng. Xin tách ra."),
        MistakeKind::TooLong(max) => format!("Điều kiện có hơn {max} phần. Xin tách ra."),
        MistakeKind::Loop => "Câu hỏi này phụ thuộc vòng tròn vào chính nó. Xin bỏ bớt một điều kiện.".into(),
        MistakeKind::TooMany(max) => format!("Nhiều hơn {max}."),
        MistakeKind::Empty => "Chỗ này đang để trống.".into(),
        MistakeKind::Bounds => "Giới hạn nhỏ nhất và lớn nhất bị ngược, hoặc quá rộng.".into(),
        MistakeKind::NotClean => {
            "Chữ chưa chuẩn: có dấu cách thừa hoặc dấu tiếng Việt tách rời (cần NFC).".into()
        }
        MistakeKind::Column => {
            "Cột trong nhóm không có điều kiện, điền sẵn, quy tắc, xác nhận hay nhóm con riêng.".into()
        }
        MistakeKind::Term(max) => {
            format!("Chỉ ghi một trong hai: ngày làm việc hoặc ngày lịch, và không quá {max} ngày.")
        }
        MistakeKind::CardPart(name) => {
            format!("Câu hỏi \"{name}\" không nhận được phần này của thẻ căn cước.")
        }
        MistakeKind::Computed => "Câu tự tính cần mục prefill và không được ghi required.".into(),
    };
    Words::new(vi, format!("{}.", capital(&kind.to_string())))
}

pub(super) fn twice(code: &str, other: &str) -> Words {
    Words::new(
        format!("Mã {code} đã có trong tệp {other}. Mỗi mã chỉ có một tệp."),
        format!("Code {code} stands in {other} already. One file a code."),
    )
}

pub(super) fn misnamed(wanted: &str) -> Words {
    Words::new(
        format!("Tên tệp phải theo mã: {wanted}."),
        format!("The file is named by its code: {wanted}."),
    )
}

pub(super) fn unreadable(said: &str) -> Words {
    Words::new(
        format!("Tệp không dùng được: {said}."),
        format!("The file cannot be used: {said}."),
    )
}

/// A paper that goes out; the typesetter's own words are English.
pub(super) fn paper(fault: &paper::TemplateFault) -> Words {
    match fault {
        paper::TemplateFault::DoesNotDraw(blame) => Words::new(
            format!(
                "Giấy này không in ra được, nên chưa công bố. Xin sửa tệp mẫu rồi thử lại. Máy báo: {}.",
                blame.said
            ),
            format!(
                "This paper does not draw and is not published. The typesetter says: {}.",
                blame.said
            ),
        ),
        paper::TemplateFault::Name(_) | paper::TemplateFault::TooLarge(_) => unreadable(&fault.to_string()),
        paper::TemplateFault::NotText(_) | paper::TemplateFault::Form(..) => unreadable(&fault.to_string()),
    }
}

/// The first name in backquotes.
pub(super) fn quoted(said: &str) -> Option<&str> {
    said.split('`').nth(1)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every further name in backquotes: what serde would have taken.
fn others(said: &str) -> String {
    said.split('`').skip(3).step_by(2).collect::<Vec<_>>().join(", ")
}

/// What serde says of a text that is not of the shape, as a clerk reads it.
pub(super) fn shape(said: &str) -> Words {
    let said = said.split(" at line ").next().unwrap_or(said);
    let name = quoted(said).unwrap_or_default();
    let others = others(said);
    let (vi_only, en_only) = if others.is_empty() {
        (String::new(), String::new())
    } else {
        (
            format!(" Ở đây chỉ được dùng: {others}."),
            format!(" Here only: {others}."),
        )
    };
    if said.starts_with("unknown field") {
        Words::new(
            format!("Không có trường \"{name}\". Xin xem lại chính tả.{vi_only}"),
            format!("There is no field \"{name}\". Check the spelling.{en_only}"),
        )
    } else if said.starts_with("unknown variant") {
        Words::new(
            format!("Không dùng được \"{name}\".{vi_only}"),
            format!("\"{name}\" is not known.{en_only}"),
        )
    } else if said.starts_with("missing field") {
        Words::new(
            format!("Thiếu trường \"{name}\" trong khối bắt đầu ở dòng này."),
            format!("Field \"{name}\" is missing in the block that begins on this line."),
        )
    } else if said.starts_with("duplicate field") {
        Words::new(
            format!("Trường \"{name}\" viết hai lần."),
            format!("Field \"{name}\" stands twice."),
        )
    } else if let Some(rest) = said.strip_prefix("invalid type: ") {
        Words::new(
            format!("Sai loại giá trị: {}.", rest.replace(", expected ", "; cần ")),
            format!("Wrong kind of value: {rest}."),
        )
    } else {
        Words::new(
            format!("Chỗ này viết chưa đúng JSON (thiếu dấu phẩy, dấu ngoặc hoặc dấu nháy?): {said}."),
            format!("This is not JSON here (a comma, bracket or quote missing?): {said}."),
        )
    }
}
