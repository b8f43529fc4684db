//! The provincial service as a process, and its administrator at a terminal.

use crate::{programs, wait};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The clerk of every story.
pub const CLERK: &str = "Lê Văn Tám";
/// What clerks type.
pub const PASSPHRASE: &str = "một mật khẩu dài\n";

/// A province: its folder stays, its process comes and goes. Dropped, both go.
#[derive(Debug)]
pub struct Province {
    folder: TempDir,
    child: Option<Child>,
    kiosk: SocketAddr,
    lookup: SocketAddr,
}

impl Province {
    /// Makes a new province and serves it on free ports.
    ///
    /// # Errors
    /// Where the program is missing or does not start.
    pub fn start() -> Result<Self> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut province = Self {
            folder: tempfile::tempdir()?,
            child: None,
            kiosk: any,
            lookup: any,
        };
        province.serve()?;
        Ok(province)
    }

    /// Serves again, on the same ports.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn serve(&mut self) -> Result<()> {
        self.serve_with(None)
    }

    /// Serves again with a log of this level.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn serve_telling(&mut self, level: &str) -> Result<()> {
        self.serve_with(Some(level))
    }

    fn serve_with(&mut self, level: Option<&str>) -> Result<()> {
        let ready = self.folder.path().join("ready.json");
        let _ = std::fs::remove_file(&ready);
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("serve.log"))?;
        let mut command = Command::new(programs::find(programs::PROVINCE)?);
        command.arg("serve").arg("--data").arg(self.data());
        command
            .arg("--listen")
            .arg(self.kiosk.to_string())
            .arg("--lookup")
            .arg(self.lookup.to_string());
        command
            .arg("--ready-file")
            .arg(&ready)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        command.envs(level.map(|level| ("RUST_LOG", level)));
        let mut child = command.spawn().context("starting the province")?;
        let bound = wait::until("the province to listen", || {
            if let Some(status) = child.try_wait()? {
                bail!(
                    "the province ended with {status}: {}",
                    std::fs::read_to_string(self.folder.path().join("serve.log")).unwrap_or_default()
                );
            }
            let text = std::fs::read_to_string(&ready).unwrap_or_default();
            Ok(serde_json::from_str::<Value>(&text).ok())
        })?;
        self.child = Some(child);
        self.kiosk = address(&bound, "kiosk")?;
        self.lookup = address(&bound, "lookup")?;
        Ok(())
    }

    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("province")
    }

    /// A folder beside the province's own, for what a story writes.
    #[must_use]
    pub fn beside(&self) -> &Path {
        self.folder.path()
    }

    /// Where kiosks connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.kiosk
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.kiosk)
    }

    /// The look-up page of citizens.
    #[must_use]
    pub fn lookup_url(&self) -> String {
        format!("http://{}", self.lookup)
    }

    /// The process, where it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    #[must_use]
    pub fn is_running(&self) -> bool {
        self.child.is_some()
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().context("killing the province")?;
            child.wait().context("waiting for the province")?;
        }
        Ok(())
    }

    /// SIGTERM, as an administrator stops it.
    ///
    /// # Errors
    /// Where it does not end well.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let told = Command::new("kill")
            .arg("-TERM")
            .arg(child.id().to_string())
            .status()
            .context("running kill")?;
        let status = wait::until("the province to stop", || Ok(child.try_wait()?))?;
        if told.success() && status.success() {
            Ok(())
        } else {
            bail!("the province ended with {status}")
        }
    }

    /// Makes the province again out of a backup, where its folder was.
    ///
    /// # Errors
    /// With the program's own words.
    pub fn restore(&self, backup: &Path, key: &Path) -> Result<()> {
        let mut command = Command::new(programs::find(programs::PROVINCE)?);
        command.arg("restore").arg("--from").arg(backup);
        command.arg("--data").arg(self.data()).arg("--key").arg(key);
        let output = command.output()?;
        ensure!(
            output.status.success(),
            "restore: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// An administrator's command, answered in JSON. Works while the service runs and while it does not.
    ///
    /// # Errors
    /// With the program's own words.
    pub fn admin(&self, arguments: &[&str]) -> Result<Value> {
        self.admin_with(arguments, "")
    }

    /// With a passphrase on standard input.
    ///
    /// # Errors
    /// As [`Self::admin`].
    pub fn admin_with(&self, arguments: &[&str], input: &str) -> Result<Value> {
        let mut command = Command::new(programs::find(programs::PROVINCE)?);
        command
            .arg("admin")
            .arg("--data")
            .arg(self.data())
            .arg("--json")
            .args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!(
                "admin {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("admin {}: no JSON", arguments.join(" ")))
    }

    /// Every dossier that the province knows.
    ///
    /// # Errors
    /// As [`Self::admin`].
    pub fn dossiers(&self) -> Result<Vec<Value>> {
        Ok(self
            .admin(&["dossiers", "list", "--newest", "1000000"])?
            .as_array()
            .cloned()
            .unwrap_or_default())
    }

    /// Adds somebody who may open dossiers.
    ///
    /// # Errors
    /// As [`Self::admin`].
    pub fn add_clerk(&self, name: &str) -> Result<()> {
        self.admin_with(&["clerk", "add", name], PASSPHRASE).map(drop)
    }

    /// What is sealed in a dossier, or in a withdrawal, as [`CLERK`] reads it with this passphrase.
    ///
    /// # Errors
    /// As [`Self::admin`].
    pub fn open(&self, dossier: &str, passphrase: &str) -> Result<Value> {
        let key = self.data().join("keys/intake.key").display().to_string();
        let why = "thụ lý hồ sơ";
        let words = [
            "open",
            dossier,
            "--clerk",
            CLERK,
            "--why",
            why,
            "--intake-key",
            &key,
        ];
        self.admin_with(&words, passphrase)
    }

    /// The same, read by [`CLERK`] who is new here: once in a story.
    ///
    /// # Errors
    /// As [`Self::admin`].
    pub fn opened(&self, dossier: &str) -> Result<Value> {
        self.add_clerk(CLERK)?;
        self.open(dossier, PASSPHRASE)
    }

    /// A new enrolment code.
    ///
    /// # Errors
    /// As [`Self::admin`].
    pub fn new_code(&self) -> Result<String> {
        let new = self.admin(&["code", "new"])?;
        new.get("code")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .context("no code")
    }
}

fn address(bound: &Value, which: &str) -> Result<SocketAddr> {
    let url = bound
        .get(which)
        .and_then(Value::as_str)
        .context("no address in the ready file")?;
    let (_, address) = url.split_once("//").context("not a URL")?;
    Ok(address.parse()?)
}

impl Drop for Province {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
