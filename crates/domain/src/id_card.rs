//! The QR code of an identity card, as a scanner or a picture hands it over.
//!
//! `number | old number | name | ddMMyyyy | Nam/Nữ | residence | ddMMyyyy of issue`, UTF-8, and on cards since July 2024
//! more fields after those (parents, cancelled numbers): at least seven are read, the rest is left alone.
//!
//! **Invariant:** the text is a stranger's. It is bounded before it is read, it is never proof of anything (the code is
//! not signed), and no fault repeats what stood in it. The address is the one of the day of issue, nearly always with
//! names from before July 2025: it is kept as text and never turned into today's units.

use crate::id_number::{IdNumber, Sex};
use crate::partial_date::PartialDate;
use crate::text::{clean, fold};
use jiff::civil::Date;
use std::fmt;

/// Bytes that a card's code may have: a version 40 QR code at the level of cards holds less.
pub const CARD_BYTES_MAX: usize = 2_000;
/// Fields that are read.
const FIELDS_MIN: usize = 7;
/// Fields that a card may have: far above any known one.
const FIELDS_MAX: usize = 40;
/// Signs beside letters that real names hold.
const NAME_SIGNS: &str = " -'’‘ʼ.·";
/// Letters that a word of a Vietnamese or minority name is spoken with, folded.
const VOWELS: &str = "aeiouyw";

/// What a card says of its holder.
#[derive(Clone, PartialEq, Eq)]
pub struct IdCard {
    /// Twelve digits.
    pub number: IdNumber,
    /// The nine digits of an earlier card.
    pub old_number: Option<IdNumber>,
    pub name: String,
    pub born: PartialDate,
    pub sex: Sex,
    /// As printed on the day of issue.
    pub address: String,
    pub issued: Option<Date>,
}

impl fmt::Debug for IdCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdCard(redacted)")
    }
}

/// Why a text is no card that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardFault {
    #[error("longer than any card's code")]
    TooLong,
    #[error("holds control characters")]
    Control,
    #[error("fewer than seven fields: not a card, or cut off")]
    Fields,
    #[error("the number is not twelve digits")]
    Number,
    /// An input method stood between the scanner and us, or the scanner dropped what it could not type.
    #[error("the name came through a keyboard that changed it")]
    Garbled,
    #[error("the date of birth is no date")]
    Born,
    #[error("the sex is neither Nam nor Nữ")]
    Sex,
}

/// Reads a card's code.
///
/// # Errors
/// [`CardFault`], by what the officer can do about it.
pub fn read(text: &str) -> Result<IdCard, CardFault> {
    let text = text
        .trim_end_matches(['\r', '\n', '\t', '\0'])
        .trim_start_matches('\u{feff}');
    if text.len() > CARD_BYTES_MAX {
        return Err(CardFault::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(CardFault::Control);
    }
    let fields: Vec<String> = text.split('|').map(clean).collect();
    let [number, old_number, name, born, sex, address, issued, more @ ..] = fields.as_slice() else {
        return Err(CardFault::Fields);
    };
    if FIELDS_MIN + more.len() > FIELDS_MAX {
        return Err(CardFault::Fields);
    }
    #[cfg(feature = "planted-bug")]
    planted(more);
    let number = IdNumber::parse(number)
        .ok()
        .filter(|n| n.as_str().len() == 12)
        .ok_or(CardFault::Number)?;
    Ok(IdCard {
        number,
        old_number: IdNumber::parse(old_number).ok(),
        name: name_of(name)?,
        born: date_of(born).and_then(whole).ok_or(CardFault::Born)?,
        sex: sex_of(sex).ok_or(CardFault::Sex)?,
        address: address.chars().take(500).collect(),
        issued: date_of(issued),
    })
}

/// The mistake that the fuzz target has to find: the fields that only newer cards have are counted on.
#[cfg(feature = "planted-bug")]
#[expect(clippy::panic, reason = "a mistake on purpose")]
fn planted(more: &[String]) {
    if more.len() == 3 {
        panic!("planted");
    }
}

/// A name is letters and the few signs of names, and each of its words can be spoken.
fn name_of(field: &str) -> Result<String, CardFault> {
    let strange = |c: char| !(c.is_alphabetic() || NAME_SIGNS.contains(c)) || is_mojibake(c);
    let garbled = field.is_empty()
        || field.chars().any(strange)
        || field
            .split([' ', '-'])
            .any(|word| shouts_inside(word) || is_mute(word));
    if garbled {
        Err(CardFault::Garbled)
    } else {
        Ok(field.to_owned())
    }
}

/// UTF-8 that was read as Latin-1: "Nguyá»…n". None of these letters stands in a name on a card.
fn is_mojibake(c: char) -> bool {
    matches!(
        c,
        'Å' | 'Æ'
            | 'æ'
            | 'Ä'
            | 'ä'
            | 'º'
            | 'ª'
            | '\u{fffd}'
            | 'Ÿ'
            | 'ƒ'
            | 'œ'
            | 'Œ'
            | 'š'
            | 'Š'
            | 'ž'
            | 'Ž'
            | 'ß'
    )
}

/// A capital after a small letter: "NguyễN". An apostrophe begins a new part: "Ku'Ênuôl". A word in capitals throughout is fine.
fn shouts_inside(word: &str) -> bool {
    word.split(['\'', '’', '‘', 'ʼ']).any(|part| {
        let mut letters = part.chars();
        let mut before = letters.next();
        letters.any(|c| {
            let shouts = c.is_uppercase() && before.is_some_and(char::is_lowercase);
            before = Some(c);
            shouts
        })
    })
}

/// A word of two or more letters with no vowel: the scanner dropped the letters that it could not type ("Nguyễn Vn").
fn is_mute(word: &str) -> bool {
    let folded = fold(word);
    let letters = folded.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 2 && !word.contains(['\'', '’', '‘', 'ʼ']) && !folded.chars().any(|c| VOWELS.contains(c))
}

fn sex_of(field: &str) -> Option<Sex> {
    match fold(field).as_str() {
        "nam" => Some(Sex::Male),
        "nu" => Some(Sex::Female),
        _ => None,
    }
}

/// `ddMMyyyy`; anything between the digits is refused.
fn date_of(field: &str) -> Option<Date> {
    if field.len() != 8 || !field.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (day, month, year) = (field.get(..2)?, field.get(2..4)?, field.get(4..)?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn whole(date: Date) -> Option<PartialDate> {
    PartialDate::new(date.year(), Some(date.month()), Some(date.day())).ok()
}

#[cfg(test)]
#[path = "id_card_tests.rs"]
mod tests;
