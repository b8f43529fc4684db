//! The windows' types are committed and fresh: written anew, they must be what stands in the repository.
//! `UPDATE_BINDINGS=1` renews them.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/backend/generated")
}

fn read(dir: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                out.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    out
}

#[test]
fn the_windows_types_are_fresh() {
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        let _ = std::fs::remove_dir_all(committed());
        app::bindings::export(&committed()).unwrap();
    }
    let fresh = tempfile::tempdir().unwrap();
    app::bindings::export(fresh.path()).unwrap();
    let (fresh, stored) = (read(fresh.path()), read(&committed()));
    assert!(fresh.len() > 30, "only {} types were written", fresh.len());
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&fresh), names(&stored), "run with UPDATE_BINDINGS=1");
    for (name, text) in fresh {
        assert_eq!(
            stored.get(&name),
            Some(&text),
            "{name} is stale: run with UPDATE_BINDINGS=1"
        );
    }
}

#[test]
fn every_command_is_listed_once_and_the_citizens_list_is_short() {
    let mut names: Vec<_> = app::COMMANDS.iter().map(|c| c.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    let citizens: Vec<_> = app::COMMANDS
        .iter()
        .filter(|c| {
            matches!(
                c.windows,
                app::access::Windows::Either | app::access::Windows::CitizenActs
            )
        })
        .map(|c| c.name)
        .collect();
    assert_eq!(
        citizens,
        [
            "kiosk_status",
            "set_language",
            "i_am_here",
            "citizen_screen",
            "give_consent",
            "stop_and_destroy",
            "tried_step",
            "confirm_page",
            "confirm_answer",
            "write_answer",
            "keep_writing",
            "say_wrong",
            "take_back_wrong",
            "confirm_filing",
            "confirm_withdrawal",
            "read_aloud",
            "stop_reading"
        ]
    );
}
