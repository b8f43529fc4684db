//! What the province knows of a dossier: intake states, business status, and the events that tell kiosks.
//!
//! **Invariant:** an official code enters only with its source; nothing here can make one.

use crate::text::{Words, clean};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How far the bytes of a dossier have come at the province.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Intake {
    /// The manifest is held; files are missing.
    Registered,
    /// Every file is held and its hash was checked: the signed acknowledgement exists.
    Complete,
    /// A clerk has opened it.
    Opened,
}

/// Where the dossier stands in its handling, after the national portal's status codes 1 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    /// 1 Mới đăng ký.
    New,
    /// 2 Được tiếp nhận: only with an official code.
    Accepted,
    /// 3 Không được tiếp nhận.
    NotAccepted,
    /// 4 Đang xử lý.
    Processing,
    /// 5 Yêu cầu bổ sung giấy tờ.
    SupplementWanted,
    /// 6 Yêu cầu thực hiện nghĩa vụ tài chính.
    PaymentDue,
    /// 7 Công dân yêu cầu rút hồ sơ.
    Withdrawn,
    /// 8 Dừng xử lý.
    Stopped,
    /// 9 Đã xử lý xong.
    Done,
    /// 10 Đã trả kết quả.
    HandedOver,
}

impl CaseStatus {
    /// Every status, in the order of the national codes.
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::Accepted,
        Self::NotAccepted,
        Self::Processing,
        Self::SupplementWanted,
        Self::PaymentDue,
        Self::Withdrawn,
        Self::Stopped,
        Self::Done,
        Self::HandedOver,
    ];

    /// The word in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Accepted => "accepted",
            Self::NotAccepted => "not_accepted",
            Self::Processing => "processing",
            Self::SupplementWanted => "supplement_wanted",
            Self::PaymentDue => "payment_due",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::HandedOver => "handed_over",
        }
    }

    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == s)
    }

    /// The national portal's words, for a person.
    #[must_use]
    pub fn words(self) -> Words {
        let (vi, en) = match self {
            Self::New => ("chưa có mã", "no official code yet"),
            Self::Accepted => ("đã tiếp nhận", "accepted"),
            Self::NotAccepted => ("không được tiếp nhận", "not accepted"),
            Self::Processing => ("đang xử lý", "being handled"),
            Self::SupplementWanted => ("cần bổ sung giấy tờ", "more papers are needed"),
            Self::PaymentDue => ("cần nộp phí, lệ phí", "a fee is due"),
            Self::Withdrawn => ("đã rút", "withdrawn"),
            Self::Stopped => ("đã dừng xử lý", "stopped"),
            Self::Done => ("đã xử lý xong", "done"),
            Self::HandedOver => ("đã trả kết quả", "result handed over"),
        };
        Words::new(vi, en)
    }

    /// May a case move from `self` to `to`? Work with an official code goes forward; a refused or
    /// withdrawn case ends.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        use CaseStatus as S;
        match self {
            S::New => matches!(
                to,
                S::Accepted | S::NotAccepted | S::SupplementWanted | S::Withdrawn
            ),
            S::Accepted | S::Processing | S::SupplementWanted | S::PaymentDue => {
                matches!(
                    to,
                    S::Processing | S::SupplementWanted | S::PaymentDue | S::Withdrawn | S::Stopped | S::Done
                ) || (self == S::SupplementWanted && matches!(to, S::Accepted | S::NotAccepted))
            }
            S::Done => to == S::HandedOver,
            S::NotAccepted | S::Withdrawn | S::Stopped | S::HandedOver => false,
        }
    }

    /// Does this status need an official code to be on record?
    #[must_use]
    pub fn needs_code(self) -> bool {
        matches!(
            self,
            Self::Accepted
                | Self::Processing
                | Self::PaymentDue
                | Self::Stopped
                | Self::Done
                | Self::HandedOver
        )
    }
}

/// The official code of a dossier and who gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct OfficialCode {
    pub code: String,
    /// The system or the person that gave it, such as "Cổng DVC quốc gia".
    pub source: String,
}

/// Why a text is not taken as an official code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOfficialCode {
    #[error("the shape is not that of an official dossier code")]
    Shape,
    #[error("an official code needs the source that gave it")]
    NoSource,
}

impl OfficialCode {
    /// `<agency code>-<YYMMDD>-<NNNN…>`: agency groups of letters, digits and dots (Decision 20/2020/QĐ-TTg
    /// art. 4), today's and the older reversed order alike.
    ///
    /// # Errors
    /// See [`NotAnOfficialCode`].
    pub fn new(code: &str, source: &str) -> Result<Self, NotAnOfficialCode> {
        let code = clean(code).to_uppercase();
        let source = clean(source);
        if source.is_empty() {
            return Err(NotAnOfficialCode::NoSource);
        }
        let parts: Vec<&str> = code.split('-').collect();
        let [agency, day, count] = parts.as_slice() else {
            return Err(NotAnOfficialCode::Shape);
        };
        let digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
        let agency_fits = (3..=35).contains(&agency.len())
            && agency
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '.')
            && agency.chars().any(|c| c.is_ascii_uppercase());
        if agency_fits && day.len() == 6 && digits(day) && (4..=8).contains(&count.len()) && digits(count) {
            Ok(Self { code, source })
        } else {
            Err(NotAnOfficialCode::Shape)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn official_codes_by_shape() {
        for good in [
            "H21.129-250812-0035",
            "h21.129-250812-0035",
            "000.00.01.H22-240131-0001",
            "G01.001.02-260701-120001",
        ] {
            assert!(OfficialCode::new(good, "Cổng DVC quốc gia").is_ok(), "{good}");
        }
        for bad in [
            "",
            "DH-00001-00042-17",
            "H21.129-2508-0035",
            "H21.129-250812-35",
            "123-250812-0035",
        ] {
            assert_eq!(
                OfficialCode::new(bad, "x"),
                Err(NotAnOfficialCode::Shape),
                "{bad}"
            );
        }
        assert_eq!(
            OfficialCode::new("H21.129-250812-0035", " "),
            Err(NotAnOfficialCode::NoSource)
        );
    }

    #[test]
    fn nothing_with_a_code_comes_from_nothing() {
        for status in CaseStatus::ALL {
            assert_eq!(CaseStatus::parse(status.as_str()), Some(status));
            assert!(!CaseStatus::HandedOver.may_become(status));
        }
        assert!(CaseStatus::New.may_become(CaseStatus::Accepted));
        assert!(!CaseStatus::New.may_become(CaseStatus::Done));
    }
}
