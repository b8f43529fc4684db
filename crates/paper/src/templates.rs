//! Templates and forms of every paper that goes out: data, built in and replaceable by the province's signed bundle.
//!
//! **Invariant:** a set of templates is whole: a bundle's files lie over the built-in ones, so that a name is never
//! missing. Whoever hands files in has verified where they come from; that they work is told by [`Templates::check`].

use crate::PaperError;
use domain::official_form::{FormFault, OfficialForm};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// Every file of `assets/paper/`.
        const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../assets/paper/", $name))),)*];
    };
}

built_in! {
    "address.typ",
    "authorisation.json",
    "authorisation.typ",
    "birth_declaration.json",
    "birth_declaration.typ",
    "control_slip.typ",
    "ct01.json",
    "ct01.typ",
    "death_declaration.json",
    "death_declaration.typ",
    "marital_status_declaration.json",
    "marital_status_declaration.typ",
    "marriage_declaration.json",
    "marriage_declaration.typ",
    "office.typ",
    "papers_handed_over.typ",
    "receipt_a5.typ",
    "receipt_roll.typ",
    "reception_slip.typ",
    "roll.typ",
    "void_a5.typ",
    "void_roll.typ",
    "waiting_roll.typ",
    "waiting_slip.typ",
}

/// Bytes that one file of a bundle may have.
const FILE_BYTES_MAX: usize = 256 * 1024;
/// Files that a set may hold.
const FILES_MAX: usize = 200;

/// Why a file handed in cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateFault {
    #[error("{0}: not a template or form of paper (a name such as receipt_a5.typ or ct01.json is wanted)")]
    Name(String),
    #[error("{0}: larger than {FILE_BYTES_MAX} bytes, or too many files")]
    TooLarge(String),
    #[error("{0}: not UTF-8 text")]
    NotText(String),
    #[error("{0}: {1}")]
    Form(String, FormFault),
    #[error("{}{}: {}", .0.file, .0.line.map(|n| format!(":{n}")).unwrap_or_default(), .0.said)]
    DoesNotDraw(Blame),
}

impl TemplateFault {
    /// The file, by its bare name, and the line where one is known.
    #[must_use]
    pub fn place(&self) -> (&str, Option<usize>) {
        match self {
            Self::Name(file) | Self::TooLarge(file) | Self::NotText(file) | Self::Form(file, _) => {
                (file, None)
            }
            Self::DoesNotDraw(blame) => (&blame.file, blame.line),
        }
    }
}

/// Where a template goes wrong, in the typesetter's own words: for whoever writes templates, never for a log, because it
/// may quote the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    pub file: String,
    /// Counted from 1.
    pub line: Option<usize>,
    pub said: String,
}

/// A whole set. Cheap to clone.
#[derive(Clone)]
pub struct Templates {
    texts: BTreeMap<String, Arc<str>>,
    forms: Arc<Vec<OfficialForm>>,
    /// Set while the set is tried: what the press says of a template that does not work.
    tried: Option<Arc<Mutex<Option<Blame>>>>,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Templates({} files)", self.texts.len())
    }
}

impl Templates {
    /// What the program was built with. Its forms are read by every test of this crate.
    #[must_use]
    pub fn built_in() -> Self {
        let texts = BUILT_IN
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Arc::from(*text)))
            .collect();
        // A built-in form that cannot be read would be a mistake of ours: it is not offered, and a test fails.
        let forms = BUILT_IN
            .iter()
            .filter_map(|(name, text)| form(name, text).ok().flatten());
        Self {
            forms: Arc::new(forms.collect()),
            texts,
            tried: None,
        }
    }

    /// This set with other files lying over it: `receipt_a5.typ`, `ct01.json` and so on, by their bare names.
    ///
    /// # Errors
    /// [`TemplateFault`] naming the file.
    pub fn with_files(
        &self,
        files: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Result<Self, TemplateFault> {
        let mut texts = self.texts.clone();
        for (name, bytes) in files {
            if !is_name(&name) {
                return Err(TemplateFault::Name(name));
            }
            if bytes.len() > FILE_BYTES_MAX || texts.len() >= FILES_MAX {
                return Err(TemplateFault::TooLarge(name));
            }
            let text = String::from_utf8(bytes).map_err(|_| TemplateFault::NotText(name.clone()))?;
            texts.insert(name, Arc::from(text));
        }
        let read = texts.iter().map(|(name, text)| form(name, text));
        let forms: Vec<OfficialForm> = read
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect();
        if let Some(form) = forms.iter().find(|form| !texts.contains_key(&form.template)) {
            return Err(TemplateFault::Name(form.template.clone()));
        }
        Ok(Self {
            texts,
            forms: Arc::new(forms),
            tried: None,
        })
    }

    /// Every file by its name: what a bundle is made from.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_bytes()))
    }

    /// The official forms that are mapped to procedures.
    #[must_use]
    pub fn forms(&self) -> &[OfficialForm] {
        &self.forms
    }

    /// Does it differ from what the program was built with? That set is tried by the tests of this crate.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.texts.len() == BUILT_IN.len()
            && BUILT_IN
                .iter()
                .all(|(name, text)| self.texts.get(*name).is_some_and(|own| **own == **text))
    }

    /// The same set, which listens to what the press says of it.
    pub(crate) fn on_trial(&self) -> Self {
        Self {
            tried: Some(Arc::default()),
            ..self.clone()
        }
    }

    /// Keeps what the press says; does nothing unless the set is on trial.
    pub(crate) fn blame(&self, blame: impl FnOnce() -> Blame) {
        if let Some(tried) = &self.tried {
            *tried.lock().unwrap_or_else(PoisonError::into_inner) = Some(blame());
        }
    }

    pub(crate) fn blamed(&self) -> Option<Blame> {
        let tried = self.tried.as_ref()?;
        tried.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, PaperError> {
        self.texts
            .get(name)
            .map(AsRef::as_ref)
            .ok_or(PaperError::BadTemplate)
    }
}

fn form(name: &str, text: &str) -> Result<Option<OfficialForm>, TemplateFault> {
    if !name.ends_with(".json") {
        return Ok(None);
    }
    OfficialForm::from_json(text.as_bytes())
        .map(Some)
        .map_err(|e| TemplateFault::Form(name.to_owned(), e))
}

/// A bare name with one of the two endings: no folder, nothing to climb with.
fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(".typ").or_else(|| name.strip_suffix(".json"));
    stem.is_some_and(|stem| {
        !stem.is_empty()
            && stem.len() <= 60
            && stem
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_built_in_and_every_form_is_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/paper");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        let named: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        assert_eq!(there, named, "the list in templates.rs follows assets/paper");
        let forms = named.iter().filter(|n| n.ends_with(".json")).count();
        assert_eq!(
            Templates::built_in().forms().len(),
            forms,
            "a form is not readable"
        );
        assert!(Templates::built_in().with_files([]).is_ok());
    }

    #[test]
    fn a_file_that_is_no_template_is_refused_by_name() {
        let with = |name: &str, bytes: &[u8]| {
            Templates::built_in()
                .with_files([(name.to_owned(), bytes.to_vec())])
                .err()
                .map(|e| e.to_string())
                .unwrap_or_default()
        };
        for name in [
            "../receipt_a5.typ",
            "a/b.typ",
            "receipt_a5.pdf",
            ".typ",
            "Receipt.typ",
            "",
        ] {
            assert!(with(name, b"x").contains("not a template"), "{name:?}");
        }
        assert!(with("a.typ", &[0xFF, 0xFE]).contains("not UTF-8"));
        assert!(with("a.typ", &vec![b'x'; FILE_BYTES_MAX + 1]).contains("larger"));
        assert!(with("ct01.json", b"{\"id\": 1}").starts_with("ct01.json: not a form file"));
        assert_eq!(with("a.typ", b"x"), "");
    }
}
