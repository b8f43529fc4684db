//! The canaries: marked words that stand nowhere but in what a family says, shows and hands over at the counter.

use serde_json::Value;
use std::collections::BTreeSet;
use stories::seeded::Seeded;

/// A number that is looked for: shorter ones stand in ordinary text by chance.
const DIGITS_MIN: usize = 9;
/// Bytes of a picture that are looked for together.
const SLICE: usize = 24;

/// What it is that must not be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Canary {
    /// A word of an answer, or of a file's name.
    Word(String),
    /// An identity, telephone or insurance number, or a PIN.
    Number(String),
    /// Bytes of a captured page.
    Bytes(&'static str, Vec<u8>),
}

impl Canary {
    /// As a file or a URL could hold it: UTF-8, UTF-16, and percent-encoded where that is another.
    pub fn encodings(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Word(text) => {
                let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let capitals = text.to_uppercase().into_bytes();
                let small = text.to_lowercase().into_bytes();
                vec![text.clone().into_bytes(), utf16, capitals, small, base64(text)]
            }
            Self::Number(text) => {
                let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                vec![text.clone().into_bytes(), utf16]
            }
            Self::Bytes(_, bytes) => vec![bytes.clone()],
        }
    }

    /// A number within a longer one is another number.
    pub fn stands_alone(&self, before: Option<&u8>, after: Option<&u8>) -> bool {
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        !matches!(self, Self::Number(_)) || !(digit(before) || digit(after))
    }

    /// The canary itself, for a control.
    pub fn told_whole(&self) -> String {
        match self {
            Self::Word(text) | Self::Number(text) => text.clone(),
            Self::Bytes(what, _) => (*what).to_owned(),
        }
    }

    pub fn told(&self) -> String {
        match self {
            Self::Word(word) => format!("a word of {} letters", word.len()),
            Self::Number(number) => format!("a number of {} digits", number.len()),
            Self::Bytes(what, _) => format!("bytes of {what}"),
        }
    }
}

/// The middle of a word as base64 has it, when it begins where three bytes begin.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |n: u32| LETTERS[usize::try_from(n & 63).unwrap_or(0)];
    let threes = text.as_bytes().chunks_exact(3);
    threes
        .flat_map(|three| {
            let n = three.iter().fold(0, |n, byte| n << 8 | u32::from(*byte));
            [letter(n >> 18), letter(n >> 12), letter(n >> 6), letter(n)]
        })
        .collect()
}

/// Makes words that nothing else says.
pub struct Mint(Seeded);

impl Mint {
    pub fn new(seed: u64) -> Self {
        Self(Seeded::new(seed))
    }

    /// Twelve letters that a name may have.
    pub fn word(&mut self) -> String {
        let (consonants, vowels) = (b"bdghklmnrs", b"aeou");
        let mut word = String::new();
        for _ in 0..6 {
            for letters in [consonants.as_slice(), vowels.as_slice()] {
                let at = usize::try_from(self.0.below(letters.len() as u64)).unwrap_or(0);
                word.push(char::from(letters[at]));
            }
        }
        let head = word.remove(0).to_ascii_uppercase();
        format!("{head}{word}")
    }

    /// The same answer with a word of its own behind every text that a person composes; the words go into `said`.
    pub fn mark(&mut self, raw: &Value, said: &mut Vec<String>) -> Value {
        match raw {
            Value::String(text) if !text.is_ascii() => {
                let word = self.word();
                said.push(word.clone());
                Value::String(format!("{text} {word}"))
            }
            Value::Array(all) => all.iter().map(|one| self.mark(one, said)).collect(),
            Value::Object(all) => all
                .iter()
                .map(|(name, one)| (name.clone(), self.mark(one, said)))
                .collect(),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => raw.clone(),
        }
    }
}

/// The long numbers of an answer.
pub fn numbers(raw: &Value, into: &mut BTreeSet<String>) {
    match raw {
        Value::String(text) => {
            let whole = text.len() >= DIGITS_MIN && text.bytes().all(|b| b.is_ascii_digit());
            if whole {
                into.insert(text.clone());
            }
        }
        Value::Array(all) => all.iter().for_each(|one| numbers(one, into)),
        Value::Object(all) => all.values().for_each(|one| numbers(one, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Slices of a picture, away from the head that every picture has.
pub fn slices(what: &'static str, picture: &[u8]) -> Vec<Canary> {
    (2..8)
        .filter_map(|part| {
            let at = picture.len() / 8 * part;
            picture.get(at..at + SLICE)
        })
        .map(|bytes| Canary::Bytes(what, bytes.to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_in_base64_and_a_number_only_by_itself() {
        assert_eq!(base64("Badohe"), b"QmFkb2hl");
        let number = Canary::Number("012345678901".into());
        assert!(number.stands_alone(Some(&b'"'), None));
        assert!(!number.stands_alone(Some(&b'1'), None) && !number.stands_alone(None, Some(&b'0')));
    }

    #[test]
    fn only_what_a_person_composes_is_marked() {
        let raw = serde_json::json!({ "kind": "text", "value": "Lò Thị Mây" });
        let (mut mint, mut said) = (Mint::new(1), Vec::new());
        let marked = mint.mark(&raw, &mut said);
        assert_eq!(marked["kind"], "text");
        assert_eq!(said.len(), 1);
        assert_eq!(marked["value"], format!("Lò Thị Mây {}", said[0]));
        assert_ne!(mint.word(), mint.word());
    }
}
