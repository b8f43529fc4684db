//! One folder of the interface talks to the web view's bridge; everything above it can be tested with no window.

use std::fs;
use std::path::{Path, PathBuf};

/// Files outside `backend/` that name the bridge's packages.
pub fn breaches(source: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(source, &mut found);
    found.retain(|path| !path.starts_with(source.join("backend")));
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found);
        } else if fs::read_to_string(&path).is_ok_and(|text| text.contains("@tauri-apps/")) {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::breaches;
    use std::fs;

    #[test]
    fn a_planted_import_is_seen() {
        let folder = std::env::temp_dir().join(format!("donghanh-bridge-{}", std::process::id()));
        let import = "import { invoke } from \"@tauri-apps/api/core\";\n";
        for (name, text) in [
            ("backend/bridge.ts", import),
            ("screens/Home.svelte", import),
            ("screens/Other.ts", "export {};\n"),
        ] {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = breaches(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, [folder.join("screens/Home.svelte")]);
    }
}
