//! Looks for many canaries in every file of a folder at once, and in what went over the wire.

use super::canaries::Canary;
use anyhow::Result;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// So many bytes of a canary are looked up; then it is compared whole.
const HEAD: usize = 6;

/// All canaries in their encodings.
pub struct Searcher<'a> {
    canaries: &'a [Canary],
    /// The first two bytes of any of them.
    first: Vec<bool>,
    by_head: HashMap<[u8; HEAD], Vec<(usize, Vec<u8>)>>,
}

fn two(bytes: &[u8]) -> Option<usize> {
    let (a, b) = (bytes.first()?, bytes.get(1)?);
    Some(usize::from(*a) << 8 | usize::from(*b))
}

impl<'a> Searcher<'a> {
    pub fn new(canaries: &'a [Canary]) -> Self {
        let mut first = vec![false; 1 << 16];
        let mut by_head: HashMap<[u8; HEAD], Vec<_>> = HashMap::new();
        for (at, canary) in canaries.iter().enumerate() {
            for bytes in canary.encodings() {
                let (Some(two), Some(head)) = (two(&bytes), bytes.first_chunk()) else {
                    continue;
                };
                first[two] = true;
                by_head.entry(*head).or_default().push((at, bytes));
            }
        }
        Self {
            canaries,
            first,
            by_head,
        }
    }

    /// What stands in some bytes.
    pub fn within(&self, bytes: &[u8]) -> Vec<&'a Canary> {
        let mut found = Vec::new();
        for at in 0..bytes.len() {
            let rest = &bytes[at..];
            if !two(rest).is_some_and(|two| self.first[two]) {
                continue;
            }
            let known = rest.first_chunk::<HEAD>().and_then(|head| self.by_head.get(head));
            for (which, whole) in known.into_iter().flatten() {
                let canary = &self.canaries[*which];
                let before = at.checked_sub(1).and_then(|at| bytes.get(at));
                let after = rest.get(whole.len());
                if rest.starts_with(whole) && canary.stands_alone(before, after) {
                    found.push(canary);
                }
            }
        }
        found
    }

    /// What stands in the files of some folders, or in their names; and how many files there are.
    pub fn folders(&self, folders: &[&Path]) -> Result<(Vec<String>, usize)> {
        let mut found = Vec::new();
        let all = files_of(folders)?;
        for path in &all {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let mut hits = self.within(&std::fs::read(path).unwrap_or_default());
            hits.extend(self.within(name.as_bytes()));
            found.extend(hits.iter().map(|canary| format!("{} in {name}", canary.told())));
        }
        Ok((found, all.len()))
    }
}

fn add(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add(&path, into)?;
        } else if path.is_file() {
            into.push(path);
        }
    }
    Ok(())
}

pub fn files_of(folders: &[&Path]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for folder in folders {
        add(folder, &mut all)?;
    }
    Ok(all)
}
