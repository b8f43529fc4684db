//! Lists the procedure files, so that the program holds every one of `assets/procedures/` and a new file is one file.
//!
//! Writes `procedures.rs`: an array of (file name, bytes), in the order of names. The schema's folder is left out.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let home = env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let folder = home.join("../../assets/procedures").canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(out.join("procedures.rs"), listed(&folder)?)
}

fn listed(folder: &Path) -> io::Result<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    files.retain(|path| path.is_file() && path.extension().is_some_and(|end| end == "json"));
    files.sort();
    let line = |path: &PathBuf| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        format!(
            "    ({name:?}, include_bytes!({:?})),\n",
            path.display().to_string()
        )
    };
    Ok(format!("&[\n{}]\n", files.iter().map(line).collect::<String>()))
}
