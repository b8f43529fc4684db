//! `donghanh-cli`: the kiosk's one command list with no window, for tests and for a technician at a terminal.
//!
//! Absent on purpose: any command of its own at a counter. What can be done there is what `app::COMMANDS` lists;
//! `procedures` works on files, before any counter sees them, `step-back` on a counter that is closed, and `rescue` on one
//! that does not open any more.

mod pin;
mod procedures;
mod rescue;
mod rpc;
mod schema;
mod step_back;
mod voices;

use anyhow::Context;
use app::{App, Caller, Floor, KioskOptions, Problem, clock::Clock};
use clap::{Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock};
use tracing_subscriber::EnvFilter;

/// The commands of Đồng Hành without a window.
#[derive(Parser)]
#[command(version, long_version = LONG_VERSION.as_str())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// With the schemas that this program knows: what `step-back` of a newer one has to be told.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let (outbox, drafts) = app::step_back::newest();
    format!(
        "{}\noutbox.db: schema {outbox}\ndrafts.db: schema {drafts}",
        env!("CARGO_PKG_VERSION")
    )
});

#[derive(Subcommand)]
enum Command {
    /// JSON-RPC 2.0, one message a line, on standard input and output, until the input ends.
    Rpc(RpcArgs),
    /// Every command with its request and answer, as JSON Schema.
    Schema,
    /// For the clerk who writes procedures: check a file, look at it as a counter shows it.
    #[command(subcommand)]
    Procedures(procedures::Procedures),
    /// For whoever records what is read aloud: which sentences are missing, the manifest, what is damaged.
    #[command(subcommand)]
    Voices(voices::Voices),
    /// Before an older program is put back: brings the data of a closed kiosk down to its schemas, with nothing lost.
    StepBack(step_back::StepBackArgs),
    /// From a machine that does not open (its key or its index is gone): copies its sealed dossiers to a stick for the
    /// province. Needs no PIN and no key; what is sealed stays sealed.
    Rescue(rescue::RescueArgs),
}

#[derive(clap::Args)]
struct RpcArgs {
    /// The kiosk's data folder; made where it is not there.
    #[arg(long)]
    data: PathBuf,
    /// The window that a message without "from" comes from.
    #[arg(long = "as", value_enum, default_value_t = From::Operator)]
    from: From,
    /// Also send what the kiosk tells its windows, as notifications of the method "event".
    #[arg(long)]
    events: bool,
    /// No window of the citizen's own: one screen, turned by a command.
    #[arg(long)]
    one_screen: bool,
    /// Start with the clock at this moment instead of the machine's; it goes on from there.
    #[arg(long)]
    clock: Option<Timestamp>,
    /// Bytes that must stay free on the disk: below them no dossier begins, below three times as many it is told.
    #[arg(long)]
    keep_free: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum From {
    Operator,
    Citizen,
}

impl From {
    fn caller(self) -> Caller {
        match self {
            Self::Operator => Caller::OPERATOR,
            Self::Citizen => Caller::CITIZEN,
        }
    }
}

fn main() -> ExitCode {
    // Before anything else: this process may be the one that opens a stranger's file.
    if app::is_paper_reader() {
        return app::read_paper();
    }
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log that cannot be written (the disk is full) is no reason to end: left to itself the subscriber would say
        // so on the standard error stream, and panic where that cannot be written either.
        .log_internal_errors(false)
        .init();
    let done = match Cli::parse().command {
        Command::Rpc(args) => serve(args),
        Command::Schema => print_schema(),
        Command::Procedures(command) => procedures::run(command),
        Command::Voices(command) => voices::run(command),
        Command::StepBack(args) => step_back::run(args),
        Command::Rescue(args) => rescue::run(args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_schema() -> anyhow::Result<ExitCode> {
    writeln!(std::io::stdout(), "{:#}", schema::all())?;
    Ok(ExitCode::SUCCESS)
}

/// The machine's clock, or one that was set.
fn clock(set_to: Option<Timestamp>) -> Clock {
    match set_to {
        None => Clock::default(),
        Some(start) => {
            let began = std::time::Instant::now();
            Clock::from_fn(move || start.checked_add(began.elapsed()).unwrap_or(start))
        }
    }
}

pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("starting the runtime")
}

fn serve(args: RpcArgs) -> anyhow::Result<ExitCode> {
    let runtime = runtime()?;
    let kiosk = App::open(KioskOptions {
        clock: clock(args.clock),
        floor: args.keep_free.map_or_else(Floor::default, Floor::of),
        ..KioskOptions::new(args.data)
    })
    .and_then(|kiosk| kiosk.start(runtime.handle()).map(|()| kiosk));
    match kiosk {
        Ok(kiosk) => answer_until_the_end(&kiosk, &runtime, &args.from, args.events, args.one_screen)
            .map(|()| ExitCode::SUCCESS),
        Err(problem) => {
            say_why_not(&problem)?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// A kiosk that cannot open says so in the same form as a command that fails.
pub(crate) fn say_why_not(problem: &Problem) -> anyhow::Result<()> {
    // The answer below is what counts; this line is for a person at a terminal.
    let _ = writeln!(std::io::stderr(), "{}", problem.words.vi);
    Ok(writeln!(
        std::io::stdout(),
        "{}",
        rpc::refusal(&serde_json::Value::Null, problem)
    )?)
}

pub(crate) fn answer_until_the_end(
    kiosk: &Arc<App>,
    runtime: &tokio::runtime::Runtime,
    from: &From,
    events: bool,
    one_screen: bool,
) -> anyhow::Result<()> {
    kiosk.set_citizen_screen(!one_screen);
    if events {
        let told = kiosk.subscribe();
        runtime.spawn(rpc::forward(told));
    }
    let ended = rpc::answer_lines(kiosk, from.caller(), std::io::stdin().lock());
    kiosk.close();
    Ok(ended?)
}
