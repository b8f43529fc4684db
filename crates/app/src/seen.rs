//! What stood on the citizen's screen when they pressed (decision 0047).
//!
//! **Invariant:** two screens that read differently have different tokens, so a press on the older one confirms nothing.
//! A token goes from Rust to a window and back; it is never stored, logged or sent.

use crate::problem::{Problem, ProblemCode};
use crate::views::{CitizenAnswer, CitizenPage, CitizenPaper};
use domain::roles::Standing;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use ts_rs::TS;

/// Sixteen hexadecimal digits over what a person could read, without what they said about it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Seen(String);

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seen")
    }
}

impl Seen {
    /// Each part is counted before it, so that no two lists of parts run into one.
    fn over<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let all = hash.finalize();
        Self(all.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    /// One answer, as it is read.
    #[must_use]
    pub fn answer(question: &str, shown: &str, shown_en: &str) -> Self {
        Self::over([question, shown, shown_en])
    }

    #[must_use]
    pub fn page(page: &str, answers: &[CitizenAnswer]) -> Self {
        Self::over(std::iter::once(page).chain(answers.iter().map(|a| a.seen.0.as_str())))
    }

    #[must_use]
    pub fn papers(papers: &[CitizenPaper]) -> Self {
        let own = papers.iter().map(|paper| {
            let (files, place) = (paper.files.to_string(), format!("{:?}", paper.original));
            let pictures = paper.pictures.iter().map(String::as_str);
            Self::over(
                [paper.name.vi.as_str(), &files, &place]
                    .into_iter()
                    .chain(pictures),
            )
        });
        let own: Vec<Self> = own.collect();
        Self::over(own.iter().map(|one| one.0.as_str()))
    }

    /// The whole dossier, before the second act.
    #[must_use]
    pub fn filing(pages: &[CitizenPage], papers: &[CitizenPaper], standing: Option<Standing>) -> Self {
        let papers = Self::papers(papers);
        let standing = format!("{standing:?}");
        let pages = pages.iter().map(|page| page.seen.0.as_str());
        Self::over(pages.chain([papers.0.as_str(), &standing]))
    }

    /// # Errors
    /// `changed_meanwhile` where this is not what was read: the person reads it again.
    pub fn still(&self, now: &Self) -> Result<(), Problem> {
        if self == now {
            Ok(())
        } else {
            Err(ProblemCode::ChangedMeanwhile.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_differently_has_another_token() {
        let one = Seen::answer("name", "Lò Thị Mây", "Lò Thị Mây");
        assert_eq!(one.0.len(), 16);
        assert_eq!(one, Seen::answer("name", "Lò Thị Mây", "Lò Thị Mây"));
        for other in [
            Seen::answer("name", "Lò Thị Mẩy", "Lò Thị Mây"),
            Seen::answer("name", "Lò Thị Mây", "Lò Thị Mẩy"),
            Seen::answer("nam", "eLò Thị Mây", "Lò Thị Mây"),
        ] {
            assert!(one.still(&other).is_err());
        }
    }

    #[test]
    fn it_prints_nothing_of_what_was_read() {
        assert_eq!(format!("{:?}", Seen::answer("name", "Lò Thị Mây", "")), "Seen");
    }
}
