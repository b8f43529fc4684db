//! `procedures check` and `procedures preview`: what a clerk does before a procedure is published.

use anyhow::Context;
use app::preview;
use catalogue::check::{Finding, check_parts, check_procedure};
use catalogue::{Parts, built_in};
use clap::Subcommand;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The window program; it stands beside this one.
const WINDOWS: &str = if cfg!(windows) { "donghanh.exe" } else { "donghanh" };

#[derive(Subcommand)]
pub enum Procedures {
    /// Every mistake with its file and line, in Vietnamese and English. With no path: what this program was built with.
    Check {
        /// A procedure file, a folder of them, or a whole catalogue (procedures/, units/, holidays.json, paper/).
        path: Option<PathBuf>,
    },
    /// Opens the interview on a procedure: nothing is sealed, nothing is sent, nothing is kept.
    Preview {
        file: PathBuf,
        /// No window: the counter's commands as JSON-RPC on standard input and output.
        #[arg(long)]
        rpc: bool,
    },
}

pub fn run(command: Procedures) -> anyhow::Result<ExitCode> {
    match command {
        Procedures::Check { path } => check(path.as_deref()),
        Procedures::Preview { file, rpc } => look(&file, rpc),
    }
}

fn check(path: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (count, found) = match path {
        None => {
            let parts = built_in::parts();
            (parts.below("procedures").count(), check_parts(&parts))
        }
        Some(path) if path.is_dir() => check_folder(path)?,
        Some(path) => (1, check_file(path)?),
    };
    say(count, &found)
}

fn check_file(path: &Path) -> anyhow::Result<Vec<Finding>> {
    let bytes = read(path)?;
    Ok(check_procedure(&path.display().to_string(), &bytes)
        .err()
        .unwrap_or_default())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("Không đọc được tệp (cannot read) {}", path.display()))
}

/// A whole catalogue has its procedures in a folder of their own; anything else is a folder of procedures, which stand on
/// the lists that this program was built with.
fn check_folder(folder: &Path) -> anyhow::Result<(usize, Vec<Finding>)> {
    let read = Parts::from_folder(folder)
        .with_context(|| format!("Không đọc được thư mục (cannot read) {}", folder.display()))?;
    let whole = read.below("procedures").next().is_some();
    let parts = if whole { read } else { among_built_in(&read) };
    let count = parts.below("procedures").count();
    let mut found = check_parts(&parts);
    for finding in &mut found {
        let below = if whole {
            finding.file.as_str()
        } else {
            finding.file.trim_start_matches("procedures/")
        };
        finding.file = folder.join(below).display().to_string();
    }
    Ok((count, found))
}

fn among_built_in(procedures: &Parts) -> Parts {
    let built_in = built_in::parts();
    let lists = built_in
        .iter()
        .filter(|(path, _)| !path.starts_with("procedures/"))
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
    let own = procedures
        .iter()
        .filter(|(path, _)| !path.contains('/'))
        .map(|(path, bytes)| (format!("procedures/{path}"), bytes.to_vec()));
    lists.chain(own).collect()
}

fn say(count: usize, found: &[Finding]) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    for finding in found {
        writeln!(out, "{finding}")?;
    }
    if found.is_empty() {
        writeln!(
            out,
            "{count} thủ tục, không có lỗi. ({count} procedure(s), no mistake.)"
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let number = found.len();
    writeln!(out, "{number} lỗi. ({number} mistake(s).)")?;
    Ok(ExitCode::FAILURE)
}

fn look(file: &Path, rpc: bool) -> anyhow::Result<ExitCode> {
    let procedure = match check_procedure(&file.display().to_string(), &read(file)?) {
        Ok(procedure) => procedure,
        Err(found) => return say(1, &found),
    };
    if !rpc && let Some(windows) = windows() {
        let ended = Command::new(windows)
            .arg("--preview")
            .arg(file)
            .args(["--layout", "desk"])
            .status()
            .context("opening the windows")?;
        return Ok(if ended.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    if !rpc {
        eprintln!(
            "Không thấy cửa sổ chương trình; mở bằng dòng lệnh. (No window program or no display: JSON-RPC instead.)"
        );
    }
    let runtime = crate::runtime()?;
    let folder = tempfile::tempdir().context("a folder for the preview")?;
    match preview::open(procedure, folder.path()) {
        Ok(kiosk) => crate::answer_until_the_end(&kiosk, &runtime, &crate::From::Operator, false, false)
            .map(|()| ExitCode::SUCCESS),
        Err(problem) => {
            crate::say_why_not(&problem)?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The window program, where there is one and a display to show it on.
fn windows() -> Option<PathBuf> {
    let display = cfg!(windows)
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let beside = std::env::current_exe().ok()?.with_file_name(WINDOWS);
    (display && beside.is_file()).then_some(beside)
}
