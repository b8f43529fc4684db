//! A PostgreSQL of our own for the time of a figure: a new cluster beside the other side's files, durable as it comes
//! (`fsync` and `synchronous_commit` on), reached over its socket alone.
//!
//! As root it runs under another user's rights, for it refuses root's.

use anyhow::{Context as _, Result, ensure};
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Without rights of its own on any Linux.
const NOBODY: &str = "nobody";

pub struct Postgres {
    programs: PathBuf,
    dir: TempDir,
    as_root: bool,
}

impl Postgres {
    /// A running server with a table of rows of this length; none where it is not installed.
    pub fn start(row_bytes: usize) -> Result<Option<Self>> {
        let Some(programs) = programs() else {
            return Ok(None);
        };
        let dir = tempfile::tempdir_in(".")?;
        let who = Command::new("id").arg("-u").output()?.stdout;
        let postgres = Self {
            programs,
            dir,
            as_root: who.trim_ascii() == b"0",
        };
        if postgres.as_root {
            std::fs::set_permissions(postgres.dir.path(), std::fs::Permissions::from_mode(0o755))?;
        }
        let home = postgres.home();
        std::fs::create_dir(&home)?;
        if postgres.as_root {
            done(Command::new("chown").arg(NOBODY).arg(&home))?;
        }
        let data = home.join("data");
        done(
            postgres
                .program("initdb")?
                .args(["--auth=trust", "--username=bench", "-D"])
                .arg(&data),
        )?;
        let options = format!("-c listen_addresses='' -k {}", home.display());
        done(
            postgres
                .program("pg_ctl")?
                .args(["-w", "-s", "-D"])
                .arg(&data)
                .arg("-l")
                .arg(home.join("log"))
                .args(["-o", &options, "start"]),
        )?;
        // Noise: compressed, or in a table beside, the rows would not be what the service writes.
        let table = format!(
            "CREATE TABLE measured (id bigserial PRIMARY KEY, body bytea NOT NULL);
             ALTER TABLE measured ALTER body SET STORAGE PLAIN;
             CREATE TABLE one AS SELECT decode(string_agg(md5(n::text), ''), 'hex') AS body
             FROM generate_series(1, {}) AS n;",
            row_bytes / 16
        );
        done(
            postgres
                .program("psql")?
                .arg("-h")
                .arg(&home)
                .args(["-U", "bench", "-q", "-c", &table, "postgres"]),
        )?;
        std::fs::write(
            home.join("commit.sql"),
            "INSERT INTO measured (body) SELECT body FROM one;\n",
        )?;
        Ok(Some(postgres))
    }

    /// How long so many clients take for so many commits each, connections already made.
    pub fn commits(&self, clients: usize, each: usize) -> Result<Duration> {
        let home = self.home();
        // Many times as many, for a run of pgbench has a beginning and an end.
        let many = each * 20;
        let output = self
            .program("pgbench")?
            .arg("-h")
            .arg(&home)
            .args(["-U", "bench", "-n", "-M", "prepared", "-j", "2", "-c"])
            .args([clients.to_string(), "-t".into(), many.to_string(), "-f".into()])
            .arg(home.join("commit.sql"))
            .arg("postgres")
            .output()?;
        ensure!(
            output.status.success(),
            "pgbench: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout)?;
        let tps: f64 = text
            .lines()
            .find_map(|line| line.strip_prefix("tps = "))
            .and_then(|rest| rest.split(' ').next())
            .context("pgbench gives no rate")?
            .parse()?;
        let commits = u32::try_from(clients * each)?;
        Ok(Duration::from_secs_f64(f64::from(commits) / tps))
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("postgres")
    }

    fn program(&self, name: &str) -> Result<Command> {
        let path = std::path::absolute(self.programs.join(name))?;
        let mut command = if self.as_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", NOBODY, "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.dir.path());
        Ok(command)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.home().join("data");
        if let Ok(mut stop) = self.program("pg_ctl") {
            stop.args([
                OsStr::new("-w"),
                OsStr::new("-s"),
                OsStr::new("-m"),
                OsStr::new("immediate"),
                OsStr::new("-D"),
            ])
            .arg(data)
            .arg("stop")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok();
        }
    }
}

/// The newest version's folder of programs, where Debian puts them.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("pgbench").is_file() && bin.join("initdb").is_file())
        .collect();
    versions.sort_by_key(|bin| number(bin));
    versions.pop()
}

fn number(bin: &Path) -> u32 {
    let version = bin.parent().and_then(Path::file_name).and_then(OsStr::to_str);
    version.and_then(|v| v.parse().ok()).unwrap_or_default()
}

fn done(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
