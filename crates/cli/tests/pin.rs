//! An officer types the PIN of `step-back` at a terminal: it does not stand there, and the terminal shows again what is
//! typed once the program has ended, however it ended.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground is gone")]

use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

const PIN: &str = "274916";

/// The person's end of a terminal, and the one that a program is given.
fn terminal() -> (OwnedFd, OwnedFd) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let program = open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    (person, program)
}

/// Asked for a PIN on this terminal, on an empty folder: whatever it is, there is no such counter.
fn asked(program: &OwnedFd, folder: &std::path::Path) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_donghanh-cli"))
        .args(["step-back", "--outbox", "1", "--data"])
        .arg(folder)
        .stdin(Stdio::from(program.try_clone().unwrap()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut prompt = String::new();
    out.read_line(&mut prompt).unwrap();
    assert!(prompt.contains("PIN"), "{prompt}");
    (child, out)
}

fn types(person: &OwnedFd, keys: &[u8]) {
    let mut left = keys;
    while !left.is_empty() {
        let written = rustix::io::write(person, left).unwrap();
        left = left.get(written..).unwrap();
    }
}

/// What stands on the terminal since the last look, up to a mark that its own echo writes.
fn shown(person: &OwnedFd) -> String {
    types(person, b"#\n");
    let mut all = Vec::new();
    let mut piece = [0; 256];
    while !all.ends_with(b"#\r\n") {
        let read = rustix::io::read(person, &mut piece).unwrap();
        all.extend_from_slice(piece.get(..read).unwrap());
    }
    String::from_utf8(all).unwrap()
}

#[test]
fn a_pin_is_not_shown_while_it_is_typed_and_the_terminal_comes_back() {
    let (person, program) = terminal();
    let folder = tempfile::tempdir().unwrap();
    types(&person, format!("{PIN}\n").as_bytes());
    assert!(
        shown(&person).contains(PIN),
        "the control: this terminal shows what is typed"
    );

    let (mut child, _out) = asked(&program, folder.path());
    types(&person, format!("{PIN}\n").as_bytes());
    assert!(!child.wait().unwrap().success());
    let stands = shown(&person);
    assert!(
        !stands.contains('2') && !stands.contains(PIN),
        "the PIN stands on the terminal: {stands:?}"
    );
}

#[test]
fn leaving_it_with_ctrl_c_does_nothing_and_the_terminal_comes_back() {
    let (person, program) = terminal();
    let folder = tempfile::tempdir().unwrap();
    let (mut child, _out) = asked(&program, folder.path());
    types(&person, b"2749\x03");
    let left = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(
        left.code() == Some(1) && said.contains("nothing was done"),
        "{left:?} {said}"
    );
    assert!(!shown(&person).contains("2749"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_pipe_works_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_donghanh-cli"))
        .args(["step-back", "--outbox", "1", "--data"])
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdin.take());
    let came = child.wait_with_output().unwrap();
    assert!(!came.status.success());
    assert!(
        !String::from_utf8_lossy(&came.stderr).contains("terminal"),
        "{came:?}"
    );
}
