//! Why an answer cannot stand: a stable code, and a sentence that says what to do.

use crate::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a person can do about an answer, by kind. Carries bounds, never the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    #[error("no such question")]
    UnknownQuestion,
    #[error("the question is worked out and cannot be typed")]
    NotEditable,
    #[error("the answer is of another kind than the question")]
    WrongKind,
    #[error("longer than {max} characters")]
    TooLong { max: u32 },
    #[error("holds a pictograph")]
    Pictograph,
    #[error("a name holds a sign that no name has")]
    NameSign,
    #[error("a personal number has 9 or 12 digits")]
    IdLength,
    #[error("a personal number holds digits only")]
    IdNotDigits,
    #[error("not a date that is understood")]
    DateUnreadable,
    #[error("no such day")]
    DateImpossible,
    #[error("the date is in the future")]
    DateInFuture,
    #[error("the whole date is needed")]
    DateIncomplete,
    #[error("not one of the options")]
    NotAnOption,
    #[error("not a whole number")]
    NumberUnreadable,
    #[error("outside {min} to {max}")]
    NumberOutOfRange { min: i64, max: i64 },
    #[error("not a telephone number")]
    PhoneShape,
    #[error("not a time of day")]
    TimeUnreadable,
    #[error("not an amount of money")]
    MoneyUnreadable,
    #[error("not a health insurance number")]
    InsuranceShape,
    #[error("row {row} of the group holds an answer that cannot stand")]
    RowFaulty { row: u32 },
    #[error("row {row} of the group lacks an answer")]
    RowIncomplete { row: u32 },
    #[error("the group has fewer than {min} or more than {max} rows")]
    RowCount { min: u32, max: u32 },
    #[error("province and commune are needed")]
    AddressIncomplete,
    #[error("the commune is not in the province")]
    CommuneNotInProvince,
    #[error("house, street or hamlet is needed")]
    AddressDetail,
}

impl AnswerFault {
    /// Stable, for tests, the wire and the screen.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownQuestion => "unknown_question",
            Self::NotEditable => "not_editable",
            Self::WrongKind => "wrong_kind",
            Self::TooLong { .. } => "too_long",
            Self::Pictograph => "pictograph",
            Self::NameSign => "name_sign",
            Self::IdLength => "id_length",
            Self::IdNotDigits => "id_not_digits",
            Self::DateUnreadable => "date_unreadable",
            Self::DateImpossible => "date_impossible",
            Self::DateInFuture => "date_in_future",
            Self::DateIncomplete => "date_incomplete",
            Self::NotAnOption => "not_an_option",
            Self::NumberUnreadable => "number_unreadable",
            Self::NumberOutOfRange { .. } => "number_out_of_range",
            Self::PhoneShape => "phone_shape",
            Self::TimeUnreadable => "time_unreadable",
            Self::MoneyUnreadable => "money_unreadable",
            Self::InsuranceShape => "insurance_shape",
            Self::RowFaulty { .. } => "row_faulty",
            Self::RowIncomplete { .. } => "row_incomplete",
            Self::RowCount { .. } => "row_count",
            Self::AddressIncomplete => "address_incomplete",
            Self::CommuneNotInProvince => "commune_not_in_province",
            Self::AddressDetail => "address_detail",
        }
    }

    /// What to do, in both languages.
    #[must_use]
    pub fn words(self) -> Words {
        let (vi, en) = self.sentences();
        Words { vi, en }
    }

    fn sentences(self) -> (String, String) {
        let pair = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
        match self {
            Self::UnknownQuestion => pair(
                "Thủ tục này không có mục đó.",
                "This procedure has no such question.",
            ),
            Self::NotEditable => pair(
                "Mục này máy tự tính, không gõ được.",
                "This is worked out and cannot be typed.",
            ),
            Self::WrongKind => pair(
                "Câu trả lời không hợp với mục này.",
                "The answer does not fit this question.",
            ),
            Self::TooLong { max } => (
                format!("Dài quá {max} ký tự. Xin rút gọn; những gì đã gõ vẫn còn."),
                format!("Longer than {max} characters. Please shorten it; what was typed is kept."),
            ),
            Self::Pictograph => pair(
                "Có hình biểu tượng (emoji) mà sổ hộ tịch không nhận. Xin xóa hình đó.",
                "It holds an emoji, which no register accepts. Please remove it.",
            ),
            Self::NameSign => pair(
                "Họ tên chỉ gồm chữ, dấu cách, dấu nối và dấu nháy. Xin xem lại.",
                "A name has letters, spaces, hyphens and apostrophes only. Please check.",
            ),
            Self::IdLength => pair(
                "Số định danh có 12 số (CMND cũ có 9 số). Xin đếm lại trên thẻ.",
                "A personal number has 12 digits (an old card 9). Please count again on the card.",
            ),
            Self::IdNotDigits => pair(
                "Số định danh chỉ gồm chữ số.",
                "A personal number has digits only.",
            ),
            Self::DateUnreadable => pair(
                "Chưa đọc được ngày. Xin gõ ngày/tháng/năm, năm đủ bốn số, ví dụ 5/3/1990.",
                "The date cannot be read. Type day/month/year with all four digits of the year, like 5/3/1990.",
            ),
            Self::DateImpossible => pair(
                "Lịch không có ngày này. Xin xem lại.",
                "There is no such day. Please check.",
            ),
            Self::DateInFuture => pair(
                "Ngày này chưa tới. Xin xem lại.",
                "This day has not come yet. Please check.",
            ),
            Self::DateIncomplete => pair(
                "Mục này cần đủ ngày, tháng, năm.",
                "Day, month and year are all needed here.",
            ),
            Self::NotAnOption => pair(
                "Xin chọn một mục trong danh sách.",
                "Please choose from the list.",
            ),
            Self::NumberUnreadable => pair("Xin gõ một số.", "Please type a number."),
            Self::NumberOutOfRange { min, max } => (
                format!("Xin gõ số từ {min} đến {max}."),
                format!("Please type a number from {min} to {max}."),
            ),
            Self::PhoneShape => pair(
                "Số điện thoại di động có 10 số, bắt đầu bằng 0. Không có điện thoại thì để trống.",
                "A mobile number has 10 digits and starts with 0. Leave it empty where there is none.",
            ),
            Self::TimeUnreadable => pair(
                "Chưa đọc được giờ. Xin gõ giờ:phút, ví dụ 14:05 (không giờ ghi 0:00).",
                "The time cannot be read. Type hour:minute, like 14:05 (midnight is 0:00).",
            ),
            Self::MoneyUnreadable => pair(
                "Chưa đọc được số tiền. Xin gõ bằng số, đơn vị đồng, ví dụ 1.500.000.",
                "The amount cannot be read. Type digits, in dong, like 1.500.000.",
            ),
            Self::InsuranceShape => pair(
                "Mã thẻ BHYT có 15 ký tự (2 chữ, 13 số); hoặc ghi mã số BHXH 10 số, số định danh 12 số.",
                "A health insurance card has 15 characters (2 letters, 13 digits); or give the 10-digit social insurance number or the 12-digit personal number.",
            ),
            Self::RowFaulty { row } => (
                format!("Dòng {row} có chỗ chưa đúng. Xin xem lại dòng này; những gì đã gõ vẫn còn."),
                format!(
                    "Row {row} holds something that cannot stand. Please check it; what was typed is kept."
                ),
            ),
            Self::RowIncomplete { row } => (
                format!("Dòng {row} còn thiếu. Xin điền đủ, hoặc bỏ dòng này."),
                format!("Row {row} is not filled in. Please complete it, or remove it."),
            ),
            Self::RowCount { min, max } => (
                format!("Xin ghi từ {min} đến {max} dòng."),
                format!("Please give {min} to {max} rows."),
            ),
            Self::AddressIncomplete => pair(
                "Xin chọn tỉnh và xã hiện nay (địa chỉ trên thẻ cũ được giữ kèm).",
                "Choose today's province and commune (the address of an old card is kept beside it).",
            ),
            Self::CommuneNotInProvince => pair(
                "Xã này không thuộc tỉnh đã chọn. Xin chọn lại.",
                "This commune is not in the chosen province. Please choose again.",
            ),
            Self::AddressDetail => pair(
                "Xin ghi thêm số nhà, đường hoặc thôn, bản.",
                "Please add house, street or hamlet.",
            ),
        }
    }
}

/// A fault or a warning as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Fault {
    pub code: String,
    pub words: Words,
}

impl From<AnswerFault> for Fault {
    fn from(fault: AnswerFault) -> Self {
        Self {
            code: fault.code().to_owned(),
            words: fault.words(),
        }
    }
}
