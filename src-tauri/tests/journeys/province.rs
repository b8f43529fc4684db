//! A provincial service of our own, with its embedded database, and the operator at its terminal.

use crate::display::Owned;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub struct Province {
    pub kiosk_url: String,
    data: PathBuf,
    process: Owned,
}

/// Built beside the shell: `cargo build -p service` comes first.
fn program() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_donghanh")).with_file_name("donghanh-province");
    assert!(
        path.exists(),
        "{} is missing: run `cargo build -p service` first, or `cargo xtask test`",
        path.display()
    );
    path
}

impl Province {
    /// Starts on free ports and waits until it listens.
    pub fn start(folder: &Path) -> Self {
        let data = folder.join("province");
        let ready = folder.join("province-ready.json");
        let child = Command::new(program())
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--lookup",
                "127.0.0.1:0",
                "--name",
                "Tỉnh Sông Nhỏ (diễn tập)",
            ])
            .arg("--data")
            .arg(&data)
            .arg("--ready-file")
            .arg(&ready)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the service starts");
        let process = Owned(child);
        let began = Instant::now();
        let said: Value = loop {
            match std::fs::read(&ready) {
                Ok(bytes) => break serde_json::from_slice(&bytes).expect("its addresses are JSON"),
                Err(_) => assert!(
                    began.elapsed() < Duration::from_secs(30),
                    "the service does not listen"
                ),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let kiosk_url = said["kiosk"].as_str().expect("the address for kiosks").to_owned();
        Self {
            kiosk_url,
            data,
            process,
        }
    }

    /// One `admin` command; its answer as JSON.
    pub fn admin(&self, args: &[&str]) -> Value {
        let output = Command::new(program())
            .args(["admin", "--json", "--data"])
            .arg(&self.data)
            .args(args)
            .env("RUST_LOG", "error")
            .output()
            .expect("the service's program runs");
        assert!(
            output.status.success(),
            "admin {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("admin --json answers JSON")
    }

    /// It is not there any more, and nobody waits for it: the counter has no network.
    pub fn goes_away(&self) {
        let _ = Command::new("kill")
            .args(["-9", &self.process.0.id().to_string()])
            .status();
    }

    /// Asks it to end and waits, as a service manager does.
    pub fn stop(mut self) {
        let _ = Command::new("kill").arg(self.process.0.id().to_string()).status();
        let _ = self.process.0.wait();
    }
}
