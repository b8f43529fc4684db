//! What a disk does to bytes: a bit, a sector or a page, turned to noise or to zeroes.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use stories::seeded::Seeded;

/// Damages the content in one place. Answers whether it is another now: a page of zeroes can be zeroed again.
pub fn damage(content: &mut [u8], random: &mut Seeded) -> bool {
    let was = content.to_vec();
    let len = content.len() as u64;
    let at = usize::try_from(random.below(len)).unwrap_or(0);
    let (from, to) = match random.below(3) {
        0 => {
            if let Some(byte) = content.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
            return true;
        }
        1 => (at / 512 * 512, 512),
        _ => (at / 4096 * 4096, 4096),
    };
    let zeroed = random.below(2) == 0;
    for byte in content.iter_mut().skip(from).take(to) {
        *byte = if zeroed {
            0
        } else {
            random.number().to_le_bytes()[0]
        };
    }
    was != content
}

/// One file as it was.
pub type Kept = (PathBuf, Vec<u8>);

/// Every file of a folder, not of those in it; an index of shared memory is made anew by whoever opens.
pub fn keep(folder: &Path, into: &mut Vec<Kept>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && !path.to_string_lossy().ends_with("-shm") {
            into.push((path.clone(), std::fs::read(&path)?));
        }
    }
    Ok(())
}

/// One of the files whose path fits.
pub fn one_of<'a>(files: &'a [Kept], random: &mut Seeded, fits: impl Fn(&Path) -> bool) -> Result<&'a Kept> {
    let fit: Vec<&Kept> = files.iter().filter(|(path, _)| fits(path)).collect();
    let which = usize::try_from(random.below(fit.len() as u64)).unwrap_or(0);
    fit.get(which).copied().context("no file to damage")
}

pub fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A sealed file's name is its hash.
pub fn is_sealed_file(path: &Path) -> bool {
    name(path).len() == 64
}
