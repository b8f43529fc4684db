//! The shim's record, read back.

use anyhow::{Context as _, Result};
use std::path::Path;

/// One change, in the order in which it was made.
#[derive(Debug, Clone)]
pub enum Change {
    Created(String),
    Written {
        path: String,
        at: u64,
        bytes: Vec<u8>,
    },
    Synced(String),
    FolderSynced(String),
    Cut {
        path: String,
        to: u64,
    },
    Renamed(String, String),
    Removed(String),
    FolderMade(String),
    /// What the program promised at this moment.
    Promised(String),
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn name(&mut self) -> Option<String> {
        let len = u16::from_le_bytes(self.take(2)?.try_into().ok()?);
        String::from_utf8(self.take(usize::from(len))?.to_vec()).ok()
    }

    fn change(&mut self) -> Option<Change> {
        let op = *self.take(1)?.first()?;
        let (a, b) = (self.name()?, self.name()?);
        let x = u64::from_le_bytes(self.take(8)?.try_into().ok()?);
        let len = u32::from_le_bytes(self.take(4)?.try_into().ok()?);
        let bytes = self.take(usize::try_from(len).ok()?)?.to_vec();
        Some(match op {
            1 => Change::Created(a),
            2 => Change::Written {
                path: a,
                at: x,
                bytes,
            },
            3 if x == 0 => Change::Synced(a),
            3 => Change::FolderSynced(a),
            4 => Change::Cut { path: a, to: x },
            5 => Change::Renamed(a, b),
            6 => Change::Removed(a),
            7 => Change::FolderMade(a),
            8 => Change::Promised(String::from_utf8(bytes).ok()?.trim().to_owned()),
            _ => return None,
        })
    }
}

/// Reads a record, with `root` cut off its names.
///
/// # Errors
/// Where the file is not a record.
pub fn read(log: &Path, root: &Path) -> Result<Vec<Change>> {
    let bytes = std::fs::read(log).context("reading the record")?;
    let prefix = format!("{}/", root.display());
    let mut reader = Reader(&bytes);
    let mut all = Vec::new();
    while !reader.0.is_empty() {
        let mut change = reader.change().context("the record is damaged")?;
        let short = |name: &mut String| {
            if let Some(rest) = name.strip_prefix(&prefix) {
                *name = rest.to_owned();
            } else if *name == prefix.trim_end_matches('/') {
                name.clear();
            }
        };
        match &mut change {
            Change::Created(a)
            | Change::Synced(a)
            | Change::FolderSynced(a)
            | Change::Removed(a)
            | Change::FolderMade(a) => short(a),
            Change::Written { path, .. } | Change::Cut { path, .. } => short(path),
            Change::Renamed(a, b) => {
                short(a);
                short(b);
            }
            Change::Promised(_) => {}
        }
        all.push(change);
    }
    Ok(all)
}
