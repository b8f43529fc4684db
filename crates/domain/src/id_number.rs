//! Personal numbers: nine digits (the old CMND) or twelve (số định danh cá nhân), and what twelve digits say; and
//! the shape of a health insurance number.
//!
//! **Invariant:** a number is digits of the right count and stays text (it may begin with 0). What it says is
//! compared and *warned* about, never blocked: sexes and dates of birth are corrected in life. There is no
//! check digit, so a slip in the last six digits cannot be found here. Structure: TT 59/2021/TT-BCA Đ4.

use crate::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// Sex as the civil register and the personal number know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

/// A number of nine or twelve digits. Redacted in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct IdNumber(String);

/// Why a text is not a personal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    #[error("a personal number holds digits only")]
    NotDigits,
    #[error("a personal number has 9 or 12 digits, not {0}")]
    Length(usize),
}

/// What a twelve-digit number says of its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdStructure<'a> {
    /// Three digits: `0…` a province as of before July 2025, from `101` a country.
    pub place: &'a str,
    pub sex: Sex,
    pub birth_year: i16,
}

/// Where a number and the form disagree. A warning, never a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdWarning {
    /// The number says this sex.
    SexDiffers(Sex),
    /// The number says another year of birth.
    BirthYearDiffers,
    /// No province or country has the number's first three digits.
    PlaceUnknown,
}

impl IdNumber {
    /// Reads a number; spaces, dots and hyphens between digits are tolerated.
    ///
    /// # Errors
    /// [`IdFault`]: a number of a wrong length is worse than an empty box.
    pub fn parse(typed: &str) -> Result<Self, IdFault> {
        let digits: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '.' && *c != '-')
            .collect();
        if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(IdFault::NotDigits);
        }
        match digits.len() {
            9 | 12 => Ok(Self(digits)),
            other => Err(IdFault::Length(other)),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of three, as it is read out.
    #[must_use]
    pub fn grouped(&self) -> String {
        let digits: Vec<char> = self.0.chars().collect();
        digits
            .chunks(3)
            .map(|group| group.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// What the number says; `None` for nine digits, which say nothing.
    #[must_use]
    pub fn structure(&self) -> Option<IdStructure<'_>> {
        if self.0.len() != 12 {
            return None;
        }
        let place = self.0.get(..3)?;
        let century_and_sex: i16 = self.0.get(3..4)?.parse().ok()?;
        let year: i16 = self.0.get(4..6)?.parse().ok()?;
        let sex = if century_and_sex % 2 == 0 {
            Sex::Male
        } else {
            Sex::Female
        };
        Some(IdStructure {
            place,
            sex,
            birth_year: (19 + century_and_sex / 2) * 100 + year,
        })
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdNumber({} digits, redacted)", self.0.len())
    }
}

/// Compares a number with what the form says of its bearer. Unknown sex or year is not compared.
#[must_use]
pub fn cross_check(id: &IdNumber, sex: Option<Sex>, birth_year: Option<i16>) -> Vec<IdWarning> {
    let Some(says) = id.structure() else {
        return Vec::new();
    };
    let sex_differs = sex.is_some_and(|sex| sex != says.sex);
    let year_differs = birth_year.is_some_and(|year| year != says.birth_year);
    let mut warnings = Vec::new();
    if sex_differs {
        warnings.push(IdWarning::SexDiffers(says.sex));
    }
    if year_differs {
        warnings.push(IdWarning::BirthYearDiffers);
    }
    warnings
}

impl IdWarning {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SexDiffers(_) => "id_sex_differs",
            Self::BirthYearDiffers => "id_birth_year_differs",
            Self::PlaceUnknown => "id_place_unknown",
        }
    }

    #[must_use]
    pub fn words(self) -> Words {
        let (vi, en) = match self {
            Self::SexDiffers(Sex::Male) => (
                "Số định danh này theo cấu trúc là của nam. Xin xem lại số và giới tính trên thẻ.",
                "By its structure this number belongs to a man. Check the number and the sex on the card.",
            ),
            Self::SexDiffers(Sex::Female) => (
                "Số định danh này theo cấu trúc là của nữ. Xin xem lại số và giới tính trên thẻ.",
                "By its structure this number belongs to a woman. Check the number and the sex on the card.",
            ),
            Self::BirthYearDiffers => (
                "Năm sinh trong số định danh khác năm sinh đã ghi. Xin xem lại trên thẻ.",
                "The year of birth inside the number differs from the one given. Check the card.",
            ),
            Self::PlaceUnknown => (
                "Ba số đầu không phải mã tỉnh hay mã nước nào. Xin xem lại số trên thẻ.",
                "The first three digits are no province or country. Check the number on the card.",
            ),
        };
        Words::new(vi, en)
    }
}

/// A health insurance number in one of its three forms, upper case and without spaces: the 15 characters of a card
/// (two letters of the holder's group, a benefit level from 1 to 5, two digits of the province, ten of the social
/// insurance number), those ten digits alone, or the twelve of the personal number (since 1 August 2025).
#[must_use]
pub fn insurance_number(typed: &str) -> Option<String> {
    let bare: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-'))
        .collect();
    let number = bare.to_uppercase();
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let card = |number: &str| {
        let (letters, rest) = number.split_at_checked(2)?;
        let level = rest.chars().next()?;
        let shaped = letters.chars().all(|c| c.is_ascii_uppercase()) && ('1'..='5').contains(&level);
        (shaped && digits(rest)).then_some(())
    };
    let fits = match number.len() {
        10 | 12 => digits(&number),
        15 => card(&number).is_some(),
        _ => false,
    };
    fits.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_or_twelve_digits_and_nothing_else() {
        let check = |typed: &str, read: Result<&str, IdFault>| {
            let got = IdNumber::parse(typed);
            assert_eq!(
                got.as_ref().map(IdNumber::as_str),
                read.as_ref().copied(),
                "{typed:?}"
            );
        };
        check("001099012345", Ok("001099012345"));
        check("001 099 012 345", Ok("001099012345"));
        check("001.099.012.345", Ok("001099012345"));
        check("123456789", Ok("123456789"));
        check("12345678", Err(IdFault::Length(8)));
        check("00109901234", Err(IdFault::Length(11)));
        check("0010990123456", Err(IdFault::Length(13)));
        check("00109901234O", Err(IdFault::NotDigits));
        check("٠٠١٠٩٩٠١٢٣٤٥", Err(IdFault::NotDigits));
        check("", Err(IdFault::NotDigits));
    }

    #[test]
    fn twelve_digits_tell_place_sex_and_year() {
        for (digits, place, sex, year) in [
            ("001099012345", "001", Sex::Male, 1999),
            ("011185000001", "011", Sex::Female, 1985),
            ("066224000002", "066", Sex::Male, 2024),
            ("101301000003", "101", Sex::Female, 2001),
        ] {
            let id = IdNumber::parse(digits).unwrap();
            assert_eq!(
                id.structure(),
                Some(IdStructure {
                    place,
                    sex,
                    birth_year: year
                }),
                "{digits}"
            );
        }
        assert_eq!(IdNumber::parse("123456789").unwrap().structure(), None);
    }

    #[test]
    fn disagreement_warns() {
        // 0 + 99 says a man of 1999; the form says 1990.
        let id = IdNumber::parse("001099012345").unwrap();
        assert_eq!(
            cross_check(&id, Some(Sex::Male), Some(1990)),
            [IdWarning::BirthYearDiffers]
        );
        assert_eq!(
            cross_check(&id, Some(Sex::Female), Some(1999)),
            [IdWarning::SexDiffers(Sex::Male)]
        );
        assert_eq!(cross_check(&id, Some(Sex::Male), Some(1999)), []);
        assert_eq!(cross_check(&id, None, None), []);
        assert_eq!(
            cross_check(
                &IdNumber::parse("123456789").unwrap(),
                Some(Sex::Male),
                Some(1990)
            ),
            []
        );
    }

    #[test]
    fn a_number_is_read_out_in_threes_and_never_logged() {
        let id = IdNumber::parse("001099012345").unwrap();
        assert_eq!(id.grouped(), "001 099 012 345");
        assert!(!format!("{id:?}").contains("099"));
    }

    #[test]
    fn insurance_numbers_have_three_forms() {
        for (typed, read) in [
            ("te 1 11 0123456789", Some("TE1110123456789")),
            ("DN4010123456789", Some("DN4010123456789")),
            ("0123456789", Some("0123456789")),
            ("011 198 000 123", Some("011198000123")),
            ("DN6010123456789", None),
            ("D14010123456789", None),
            ("DN401012345678", None),
            ("ĐN4010123456789", None),
            ("012345678", None),
            ("", None),
        ] {
            assert_eq!(insurance_number(typed).as_deref(), read, "{typed}");
        }
    }
}
