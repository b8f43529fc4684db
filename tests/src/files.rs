//! What lies readable on a disk.

use anyhow::Result;
use std::path::{Path, PathBuf};

/// Every file under a folder that holds these bytes.
///
/// # Errors
/// Where the folder cannot be read.
pub fn holding(folder: &Path, needle: &[u8]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(holding(&path, needle)?);
        } else if path.is_file() && std::fs::read(&path)?.windows(needle.len()).any(|w| w == needle) {
            found.push(path);
        }
    }
    Ok(found)
}
