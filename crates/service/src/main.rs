//! `donghanh-province`: the program. It reads the command line and translates; the library does the rest.

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use serde_json::json;
use service::admin::cli::AdminArgs;
use service::limits::UPLOADS_MAX;
use service::{BackupOptions, DataDir, InitOptions, Running, ServeOptions, Service, system_clock};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// The provincial service of Đồng Hành.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a province: keys, certificates, database.
    Init {
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        province: Province,
    },
    /// Answer kiosks and citizens. Makes the province first where the directory is empty.
    Serve {
        #[arg(long)]
        data: PathBuf,
        /// For kiosks, TLS 1.3; port 0 picks a free one.
        #[arg(long, default_value = "127.0.0.1:8443")]
        listen: SocketAddr,
        /// For citizens, plain HTTP behind a reverse proxy.
        #[arg(long, default_value = "127.0.0.1:8080")]
        lookup: SocketAddr,
        /// The bound addresses are written here too, once both listen.
        #[arg(long)]
        ready_file: Option<PathBuf>,
        /// A folder on another disk: a backup is made there again and again, and only what is in it counts as durable.
        #[arg(long)]
        backup_to: Option<PathBuf>,
        /// Seconds between two backups.
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        backup_every: u64,
        /// Files that may arrive at once, all kiosks together.
        #[arg(long, default_value_t = UPLOADS_MAX)]
        uploads_max: usize,
        #[command(flatten)]
        province: Province,
    },
    /// Make a province again out of a backup, in an empty directory.
    Restore {
        #[arg(long)]
        from: PathBuf,
        #[arg(long)]
        data: PathBuf,
        /// The intake or the recovery key.
        #[arg(long)]
        key: PathBuf,
    },
    /// Enrol, look, open, export, enter codes.
    Admin(AdminArgs),
}

#[derive(Args)]
struct Province {
    /// Shown to citizens and kiosks.
    #[arg(long, default_value = "Tỉnh thử nghiệm")]
    name: String,
    /// A name or address by which kiosks reach this service; may be given again.
    #[arg(long)]
    host: Vec<String>,
    /// The telephone number that citizens are told to call.
    #[arg(long)]
    phone: Option<String>,
    /// Where citizens reach the look-up page, such as https://tracuu.example.vn
    #[arg(long)]
    lookup_url: Option<String>,
}

impl Province {
    fn options(self) -> InitOptions {
        let mut hosts = InitOptions::default().hosts;
        hosts.extend(
            self.host
                .into_iter()
                .filter(|host| host != "127.0.0.1" && host != "localhost"),
        );
        InitOptions {
            name: self.name,
            hosts,
            counter_phone: self.phone,
            lookup_base_url: self.lookup_url,
        }
    }
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log that cannot be written (the disk is full) is no reason to end: left to itself the subscriber would say
        // so on the standard error stream, and panic where that cannot be written either.
        .log_internal_errors(false)
        .init();
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Init { data, province } => init(&data, &province.options()),
        Command::Serve {
            data,
            listen,
            lookup,
            ready_file,
            backup_to,
            backup_every,
            uploads_max,
            province,
        } => {
            let options = ServeOptions {
                data,
                listen,
                lookup,
                init: province.options(),
                clock: system_clock(),
                backup: backup_to.map(|to| BackupOptions {
                    to,
                    every: Duration::from_secs(backup_every),
                }),
                uploads_max,
            };
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(serve(options, ready_file.as_deref()))
        }
        Command::Restore { from, data, key } => restore(&from, data, &key),
        Command::Admin(args) => {
            let said = service::admin::cli::run(args, &mut std::io::stdin().lock())?;
            Ok(writeln!(std::io::stdout(), "{said}")?)
        }
    }
}

fn init(data: &Path, options: &InitOptions) -> anyhow::Result<()> {
    let dir = DataDir::new(data);
    service::init(&dir, options)?;
    let recovery = dir.key_file(service::province::RECOVERY_KEY);
    let intake = dir.key_file(service::province::INTAKE_KEY);
    writeln!(
        std::io::stdout(),
        "Đã tạo tỉnh \"{}\" ở {}.\n\
         Hãy chuyển khóa dự phòng ra khỏi máy này, cất nơi an toàn: {}\n\
         Khóa mở hồ sơ chỉ cần cho bước mở, dịch vụ không đọc tới: {}\n\
         (Move the recovery key off this machine. The service never reads the intake key.)",
        options.name,
        dir.path().display(),
        recovery.display(),
        intake.display(),
    )?;
    Ok(())
}

fn restore(from: &Path, data: PathBuf, key: &Path) -> anyhow::Result<()> {
    let key = service::admin::read_key(key)?;
    let done = service::backup::restore(from, &DataDir::new(data), &key, system_clock()())?;
    writeln!(
        std::io::stdout(),
        "Đã khôi phục từ bản sao lưu: {} tệp, thiếu {}. Các máy quầy sẽ gửi lại những gì bản sao lưu chưa có.\n\
         (Restored. Kiosks will offer again what the backup does not hold.)",
        done.files,
        done.files_missing,
    )?;
    Ok(())
}

/// One line of JSON: where both listeners are, once they are bound.
fn announce(running: &Running, ready_file: Option<&Path>) -> anyhow::Result<()> {
    let line = json!({ "kiosk": running.kiosk_url, "lookup": running.lookup_url, "pid": std::process::id() });
    if let Some(path) = ready_file {
        // Renamed into place: whoever waits for the file reads it whole.
        let beside = path.with_extension("new");
        std::fs::write(&beside, format!("{line}\n")).context("writing the ready file")?;
        std::fs::rename(&beside, path).context("writing the ready file")?;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

async fn serve(options: ServeOptions, ready_file: Option<&Path>) -> anyhow::Result<()> {
    let running = Service::start(options).await?;
    // Listened for before anybody is told: who stops it the moment that it is ready, stops it well.
    let told = told_to_stop()?;
    announce(&running, ready_file)?;
    told.await?;
    running.stop().await;
    Ok(())
}

#[cfg(unix)]
fn told_to_stop() -> anyhow::Result<impl Future<Output = std::io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
        }
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> anyhow::Result<impl Future<Output = std::io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}
