//! Recording a voice as a person does it: what to say, one sentence recorded, the manifest, what is left; and a recording
//! that was damaged is named.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground is gone")]

use std::path::Path;
use std::process::Command;

fn voices(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_donghanh-cli"))
        .arg("voices")
        .args(arguments)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// The smallest WAV file: a head and no samples.
fn silence() -> Vec<u8> {
    let mut bytes = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    bytes.extend(8000_u32.to_le_bytes());
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data\0\0\0\0");
    bytes
}

#[test]
fn a_sentence_is_recorded_listed_and_damaged() {
    let (ok, before) = voices(&["missing"]);
    assert!(ok && before.lines().count() > 200, "{before}");
    let (file, words) = before.lines().next().unwrap().split_once('\t').unwrap();
    assert!(!words.is_empty() && file.starts_with("vi/"), "{file}");

    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_str().unwrap();
    std::fs::create_dir(folder.path().join("vi")).unwrap();
    std::fs::write(folder.path().join(file), silence()).unwrap();
    std::fs::write(folder.path().join("vi/0123456789abcdef.wav"), silence()).unwrap();
    let (ok, said) = voices(&[
        "manifest",
        at,
        "--speaker",
        "Lò Thị Giọng",
        "--licence",
        "CC0-1.0",
    ]);
    assert!(
        ok && said.contains("0123456789abcdef.wav"),
        "the stray is named: {said}"
    );

    let (_, after) = voices(&["missing", "--folder", at]);
    assert_eq!(after.lines().count() + 1, before.lines().count());
    assert!(!after.contains(file), "it is not asked for again");
    assert!(voices(&["check", at]).0, "the control: it is whole");

    damage(&folder.path().join(file));
    let (ok, told) = voices(&["check", at]);
    assert!(!ok && told.contains(file), "{told}");
    let (_, again) = voices(&["missing", "--folder", at]);
    assert!(again.contains(file), "what is damaged is wanted again");
}

fn damage(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    *bytes.get_mut(20).unwrap() ^= 1;
    std::fs::write(file, bytes).unwrap();
}
