//! The printer system is played by two small scripts that write down what they were asked.

use super::super::{Job, PaperSize, PrintJob, Printer, PrinterState};
use super::{CupsPrinter, state_of};
use crate::press::Drawn;
use crate::{PaperError, Templates};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const LP: &str =
    r#"printf '%s\n' "$@" > "$0.args"; cat > "$0.in"; echo 'request id is office-12 (0 file(s))'"#;
const TWO: &str =
    r#"case "$1" in -e) echo office; echo back;; -d) echo 'system default destination: back';; esac"#;

fn desk(lp: &str, lpstat: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, body) in [("lp", lp), ("lpstat", lpstat)] {
        let path = dir.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    dir
}

fn printer(dir: &Path, queue: &str) -> CupsPrinter {
    CupsPrinter::named(queue).with_programs(dir.to_owned(), Duration::from_secs(10))
}

/// A sheet with more bytes than a pipe holds.
fn paper() -> Drawn {
    let mut drawn = crate::samples::receipt(&Templates::built_in(), crate::ReceiptSize::A5).unwrap();
    drawn.pdf.resize(300_000, b' ');
    drawn
}

fn job<'a>(drawn: &'a Drawn, title: &'a str) -> Job<'a> {
    Job {
        drawn,
        title,
        size: PaperSize::A5,
    }
}

#[test]
fn the_paper_goes_in_by_standard_input_and_the_title_as_one_word() {
    let dir = desk(LP, TWO);
    let paper = paper();
    let title = "DH-00001-00001-19; rm -rf $HOME";
    let job = printer(dir.path(), "office").print(&job(&paper, title)).unwrap();
    assert_eq!(
        job,
        PrintJob {
            printer: "office".into(),
            id: "office-12".into()
        }
    );
    assert_eq!(fs::read(dir.path().join("lp.in")).unwrap(), paper.pdf);
    let args = fs::read_to_string(dir.path().join("lp.args")).unwrap();
    assert_eq!(
        args.lines().collect::<Vec<_>>(),
        ["-d", "office", "-t", title, "-o", "media=A5", "-"]
    );
}

#[test]
fn each_way_to_fail_has_its_name() {
    let paper = paper();
    for (what, lp, expected) in [
        (
            "a refusal",
            "cat > /dev/null; echo 'no such printer' >&2; exit 1",
            PaperError::PrinterFailed,
        ),
        ("an unread paper", "exec 0<&-; exit 1", PaperError::PrinterFailed),
        (
            "an answer that names no job",
            "cat > /dev/null; echo ok",
            PaperError::PrinterFailed,
        ),
    ] {
        let dir = desk(lp, TWO);
        assert_eq!(
            printer(dir.path(), "office").print(&job(&paper, "DH")).err(),
            Some(expected),
            "{what}"
        );
    }
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(
        printer(nothing.path(), "office").print(&job(&paper, "DH")).err(),
        Some(PaperError::NoPrinter)
    );
}

#[test]
fn a_silent_printer_system_does_not_hold_the_counter() {
    let paper = paper();
    let dir = desk("exec sleep 60", TWO);
    let impatient =
        CupsPrinter::named("office").with_programs(dir.path().to_owned(), Duration::from_millis(200));
    let asked = std::time::Instant::now();
    assert_eq!(
        impatient.print(&job(&paper, "DH")).err(),
        Some(PaperError::PrinterSilent)
    );
    assert!(
        asked.elapsed() < Duration::from_secs(20),
        "it waited for the program"
    );
}

#[test]
fn the_default_printer_is_found_and_none_is_guessed() {
    let one = r#"[ "$1" = -e ] && echo office || echo 'no system default destination'"#;
    let two = r#"[ "$1" = -e ] && printf 'office\nback\n' || echo 'no system default destination'"#;
    for (what, lpstat, found) in [
        ("the default of two", TWO, Some("back")),
        ("the only one", one, Some("office")),
        ("two and no default", two, None),
        ("none", "exit 0", None),
        ("no server", "exit 1", None),
    ] {
        let dir = desk(LP, lpstat);
        let expected = found.map(|queue| printer(dir.path(), queue));
        assert_eq!(printer(dir.path(), "").found(), expected, "{what}");
    }
}

#[test]
fn the_queues_own_words_are_understood() {
    for (answer, state) in [
        (
            "printer office is idle.  enabled since Wed 25 Nov 2026",
            PrinterState::Ready,
        ),
        (
            "printer office now printing office-12.  enabled since Wed",
            PrinterState::Ready,
        ),
        (
            "printer office is idle.  enabled since Wed\n\tAlerts: media-empty-error",
            PrinterState::NoPaper,
        ),
        (
            "printer office now printing office-3.\n\tAlerts: media-jam-error",
            PrinterState::Jam,
        ),
        (
            "printer office is idle.\n\tAlerts: cover-open-warning",
            PrinterState::CoverOpen,
        ),
        (
            "printer office now printing office-3.\n\tAlerts: offline-report",
            PrinterState::Off,
        ),
        (
            "printer office disabled since Wed 25 Nov 2026 -\n\tPaused",
            PrinterState::Stopped,
        ),
        ("", PrinterState::Unknown),
    ] {
        assert_eq!(state_of(answer), state, "{answer}");
    }
    let dir = desk(LP, "exit 1");
    assert_eq!(printer(dir.path(), "office").state(), PrinterState::Gone);
}

#[test]
fn a_job_is_taken_back_by_its_own_name() {
    let dir = desk(LP, TWO);
    let cancel = dir.path().join("cancel");
    fs::write(
        &cancel,
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$0.args\"; [ \"$1\" = office-12 ]\n",
    )
    .unwrap();
    fs::set_permissions(&cancel, fs::Permissions::from_mode(0o755)).unwrap();
    let office = printer(dir.path(), "office");
    let job = office.print(&job(&paper(), "DH-00001-00001-19")).unwrap();
    assert_eq!(office.take_back(&job), Ok(()));
    assert_eq!(
        fs::read_to_string(dir.path().join("cancel.args")).unwrap(),
        "office-12\n"
    );
    let gone = PrintJob {
        id: "office-13".into(),
        ..job
    };
    assert_eq!(office.take_back(&gone), Err(PaperError::PrinterFailed));
}
