//! Vietnamese text at the border: one normal form in, one folded form to search by.
//!
//! **Invariant:** every text that enters a dossier has passed [`clean`], so it is NFC, single-spaced and
//! free of control characters. Tone placement ("hoà"/"hòa") is left as typed: only [`fold`] ignores it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The same words in Vietnamese (always) and English (always): data for a screen, never shown mixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub vi: String,
    pub en: String,
}

impl Words {
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            vi: vi.into(),
            en: en.into(),
        }
    }
}

/// Trims, joins runs of white space, drops control characters, and composes to NFC.
///
/// Unikey, macOS and some scanners hand over NFD; `"Huế"` in two forms is two different strings.
#[must_use]
pub fn clean(raw: &str) -> String {
    let composed: String = raw
        .nfc()
        .filter(|c| !c.is_control() || c.is_whitespace())
        .collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The search form: NFD, marks dropped, đ/Đ/Ð to d, lower case, single-spaced.
///
/// SQLite's `unicode61` never folds đ, so the fold happens here and is stored beside the text.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' | 'Đ' | 'Ð' | 'ð' => 'd',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// True where the text holds a pictograph or another sign that no civil register accepts.
#[must_use]
pub fn has_pictograph(text: &str) -> bool {
    text.chars().any(|c| {
        let code = u32::from(c);
        (0x1_F000..=0x1_FAFF).contains(&code)
            || (0x2600..=0x27BF).contains(&code)
            || code == 0xFE0F
            || code == 0x200D
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nfd_and_nfc_become_one_text() {
        assert_eq!(
            clean("Nguye\u{302}\u{303}n  Thi\u{323}\u{a0}Hue\u{302}\u{301} "),
            "Nguyễn Thị Huế"
        );
    }

    #[test]
    fn folding_covers_what_unicode61_leaves() {
        for (typed, folded) in [
            ("Đặng Thuỳ", "dang thuy"),
            ("Ðức", "duc"),
            ("hòa", "hoa"),
            ("hoà", "hoa"),
            ("ƯNG  VƯỢNG", "ung vuong"),
        ] {
            assert_eq!(fold(typed), folded, "{typed}");
        }
    }

    #[test]
    fn pictographs_are_seen_and_letters_are_not() {
        assert!(has_pictograph("Bé 👶"));
        assert!(!has_pictograph("Y Ku'Ênuôl – H’Mông (Ðắk)"));
    }
}
