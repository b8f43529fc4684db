//! Played printers and scanners around a counter, and papers with print on them: what a picture needs that no machine
//! of a test has.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// `lpstat` reads how the printer is from a file; `lp` throws away what it is given and says that it took it.
const LPSTAT: &str = r#"
state=$(cat "$(dirname "$0")/printer")
[ "$state" = gone ] && exit 1
case "$1" in
  -e) echo Canon-LBP2900; echo Brother-HL-L2321D;;
  -d) echo 'system default destination: Canon-LBP2900';;
  -l) case "$state" in
        jam) printf 'printer Canon-LBP2900 now printing Canon-LBP2900-3.\n\tAlerts: media-jam-error\n';;
        empty) printf 'printer Canon-LBP2900 is idle.\n\tAlerts: media-empty-error\n';;
        *) echo 'printer Canon-LBP2900 is idle.  enabled since Wed';;
      esac;;
esac"#;
const LP: &str = "cat > /dev/null\necho 'request id is Canon-LBP2900-7 (0 file(s))'";

/// A disk that is not the counter's own, as a stick is.
const ANOTHER_DISK: &str = "/dev/shm";

pub struct Stage {
    folder: tempfile::TempDir,
    stick: tempfile::TempDir,
}

/// A stick that is plugged in nowhere else.
pub fn stick() -> tempfile::TempDir {
    tempfile::tempdir_in(ANOTHER_DISK).expect("a stick")
}

impl Stage {
    pub fn set() -> Self {
        let stage = Self {
            folder: tempfile::tempdir().expect("a folder"),
            stick: stick(),
        };
        for folder in ["programs", "papers", "tray"] {
            fs::create_dir(stage.folder.path().join(folder)).expect("a folder");
        }
        stage.program("lp", LP);
        stage.program("lpstat", LPSTAT);
        stage.scanner();
        stage.printer("gone");
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/pages");
        let cards = crate::story::papers();
        for (from, to) in [
            (pages.join("birth_anna.png"), "papers/1-giay-chung-sinh.png"),
            (cards.join("2-the-can-cuoc.jpg"), "papers/2-the-can-cuoc.jpg"),
        ] {
            fs::copy(from, stage.folder.path().join(to)).expect("a paper");
        }
        stage
    }

    pub fn programs(&self) -> PathBuf {
        self.folder.path().join("programs")
    }

    pub fn papers(&self) -> PathBuf {
        self.folder.path().join("papers")
    }

    pub fn stick(&self) -> PathBuf {
        self.stick.path().to_owned()
    }

    /// `gone`, `empty`, `jam` or `ready`.
    pub fn printer(&self, state: &str) {
        fs::write(self.programs().join("printer"), state).expect("the printer's state");
    }

    /// The office scanner delivers two sheets; answers its folder.
    pub fn deliver(&self) -> PathBuf {
        let tray = self.folder.path().join("tray");
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/pages");
        for name in ["birth_minh.png", "witness.png"] {
            fs::copy(pages.join(name), tray.join(name)).expect("a sheet");
        }
        tray
    }

    fn program(&self, name: &str, body: &str) {
        let path = self.programs().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may run");
    }

    /// SANE's own test device, which needs no scanner.
    fn scanner(&self) {
        let at = self.folder.path().join("sane");
        fs::create_dir(&at).expect("a folder");
        fs::write(at.join("dll.conf"), "test\n").expect("its drivers");
        let device = "number_of_devices 1\nsource \"Flatbed\"\ntest-picture \"Grid\"\ngeometry_max 300\nbr_x 210\nbr_y 297\n";
        fs::write(at.join("test.conf"), device).expect("its device");
        // Found past this folder, which stands before the machine's own.
        let body = format!(
            "PATH=${{PATH#*:}} SANE_CONFIG_DIR='{}' exec scanimage \"$@\"",
            at.display()
        );
        self.program("scanimage", &body);
    }
}
