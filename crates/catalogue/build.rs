//! Lists the data files, so that the program holds every one of `assets/` and a new file is one file.
//!
//! Writes `parts.rs`: an array of (path below `assets/`, bytes), in the order of paths. Fonts, the schema's folder and
//! what is neither JSON nor a paper template are left out.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders that are no part of the catalogue.
const LEFT_OUT: [&str; 2] = ["fonts", "schema"];

fn main() -> io::Result<()> {
    let home = env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let folder = home.join("../../assets").canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut found = Vec::new();
    list(&folder, &folder, &mut found)?;
    found.sort();
    let line = |(name, path): &(String, PathBuf)| {
        format!(
            "    ({name:?}, include_bytes!({:?})),\n",
            path.display().to_string()
        )
    };
    let lines: String = found.iter().map(line).collect();
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(out.join("parts.rs"), format!("&[\n{lines}]\n"))
}

fn list(root: &Path, folder: &Path, found: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !LEFT_OUT.contains(&&*name) {
                list(root, &path, found)?;
            }
        } else if path.extension().is_some_and(|end| end == "json" || end == "typ") {
            let below = path.strip_prefix(root).unwrap_or(&path);
            found.push((below.to_string_lossy().replace('\\', "/"), path.clone()));
        }
    }
    Ok(())
}
