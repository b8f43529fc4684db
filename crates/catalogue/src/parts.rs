//! The files of a catalogue, by path: `procedures/1.001193.json`, `units/units.json`, `holidays.json`,
//! `paper/receipt_a5.typ`. All of them are text.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Files that one catalogue may have.
pub const PARTS_MAX: usize = 2_000;
/// Characters of a path.
pub const PATH_MAX: usize = 120;
/// Folders that lie beside the data and are no part of it.
const LEFT_OUT: [&str; 2] = ["fonts", "schema"];

/// The files, in the order of their paths.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parts(BTreeMap<String, Vec<u8>>);

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parts({})", self.0.len())
    }
}

impl FromIterator<(String, Vec<u8>)> for Parts {
    fn from_iter<I: IntoIterator<Item = (String, Vec<u8>)>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}

impl Parts {
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// Puts a file in place of the one of its path, if there is one.
    pub fn put(&mut self, path: impl Into<String>, bytes: Vec<u8>) {
        self.0.insert(path.into(), bytes);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The files of one folder.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.iter().filter(move |(path, _)| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a folder that is laid out as `assets/` is.
    ///
    /// # Errors
    /// The file system's.
    pub fn from_folder(folder: &Path) -> io::Result<Self> {
        let mut parts = Self::default();
        read_folder(folder, "", &mut parts)?;
        Ok(parts)
    }
}

fn read_folder(folder: &Path, prefix: &str, into: &mut Parts) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if !LEFT_OUT.contains(&name.as_str()) {
                read_folder(&path, &format!("{prefix}{name}/"), into)?;
            }
        } else if is_data(&name) {
            into.put(format!("{prefix}{name}"), fs::read(&path)?);
        }
    }
    Ok(())
}

/// Only JSON and paper templates are data.
#[must_use]
pub fn is_data(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|end| end == "json" || end == "typ")
}

/// A path that names a file below one folder and nothing else: no `..`, no leading slash, no strange letter.
#[must_use]
pub fn is_path(path: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let step = |step: &str| !step.is_empty() && !step.starts_with('.') && step.chars().all(letters);
    path.len() <= PATH_MAX && is_data(path) && path.split('/').all(step)
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn a_path_stays_below_its_folder() {
        for good in [
            "holidays.json",
            "procedures/1.001193.json",
            "paper/receipt_a5.typ",
        ] {
            assert!(is_path(good), "{good}");
        }
        for bad in [
            "",
            "/etc/x.json",
            "../x.json",
            "a//b.json",
            "a/../b.json",
            ".x.json",
            "x.sh",
            "a\\b.json",
            "a\0.json",
            "ă.json",
        ] {
            assert!(!is_path(bad), "{bad}");
        }
    }
}
