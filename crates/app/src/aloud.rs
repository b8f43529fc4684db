//! What stands on the citizen's screens beside answers and notices, in both languages: one file for the screen that shows it
//! and the voice that says it, so that the two never differ.
//!
//! **Invariant:** nothing of a person is in it; holes are filled by what speaks.

use crate::views::Language;
use domain::text::Words;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static WORDS: LazyLock<BTreeMap<String, Words>> = LazyLock::new(|| {
    // Built in and read by a test: what does not parse never leaves the workshop.
    serde_json::from_str(include_str!("../../../assets/words/aloud.json")).unwrap_or_default()
});

/// The words of a key; empty where there are none, and then nothing is said.
pub(crate) fn words(key: &str, language: Language) -> &'static str {
    WORDS.get(key).map_or("", |words| match language {
        Language::Vi => words.vi.as_str(),
        Language::En => words.en.as_str(),
    })
}

/// The same with its holes filled: `{name}` becomes what stands beside `name`.
pub(crate) fn filled(key: &str, language: Language, holes: &[(&str, &str)]) -> String {
    holes
        .iter()
        .fold(words(key, language).to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_words_in_both_languages_and_a_hole_is_filled() {
        assert!(WORDS.len() > 30, "{} keys", WORDS.len());
        for key in WORDS.keys() {
            assert!(
                !words(key, Language::Vi).is_empty() && !words(key, Language::En).is_empty(),
                "{key}"
            );
        }
        assert_eq!(words("no such key", Language::Vi), "");
        let site = filled("receipt_site", Language::Vi, &[("site", "tra-cuu.vn")]);
        assert_eq!(site, "Tra cứu tại tra-cuu.vn");
    }
}
