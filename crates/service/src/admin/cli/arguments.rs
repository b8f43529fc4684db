//! The words of the `admin` commands.

use crate::Refusal;
use clap::{Args, Subcommand};
use domain::ids::{DeviceId, DossierId};
use domain::province::CaseStatus;
use domain::receipt_number::ReceiptNumber;
use std::path::PathBuf;

/// Work on a province's directory, also while `serve` runs on it.
#[derive(Args)]
pub struct AdminArgs {
    /// The province's directory.
    #[arg(long, global = true, default_value = "donghanh-data")]
    pub data: PathBuf,
    /// One JSON document instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Enrolment codes and official codes.
    #[command(subcommand)]
    Code(CodeCommand),
    /// Kiosks.
    #[command(subcommand)]
    Devices(DeviceCommand),
    /// Dossiers, from outside.
    #[command(subcommand)]
    Dossiers(DossierCommand),
    /// Clerks who may open dossiers.
    #[command(subcommand)]
    Clerk(ClerkCommand),
    /// Move a dossier's case to another status.
    Status {
        id: DossierId,
        /// new, accepted, not_accepted, processing, supplement_wanted, payment_due, withdrawn, stopped, done, handed_over
        #[arg(long, value_parser = status)]
        to: CaseStatus,
        /// For the counter: what is wanted. Never a name.
        #[arg(long)]
        note: Option<String>,
    },
    /// Decrypt a dossier's form to standard output. The clerk's passphrase is read from standard input.
    Open {
        id: DossierId,
        #[arg(long)]
        clerk: String,
        #[arg(long)]
        why: String,
        #[arg(long)]
        intake_key: PathBuf,
    },
    /// Ask for an export in the clear. The clerk's passphrase is read from standard input.
    Export {
        id: DossierId,
        #[arg(long)]
        clerk: String,
        #[arg(long)]
        why: String,
        #[arg(long)]
        to: PathBuf,
    },
    /// Approve another clerk's export and write it. The passphrase is read from standard input.
    ExportApprove {
        request: i64,
        #[arg(long)]
        clerk: String,
        #[arg(long)]
        intake_key: PathBuf,
    },
    /// Check a catalogue, sign it and publish it to every counter.
    Publish {
        /// A folder laid out as `assets/`: procedures/, units/, holidays.json, paper/.
        #[arg(required_unless_present = "built_in", conflicts_with = "built_in")]
        folder: Option<PathBuf>,
        /// What this program was built with.
        #[arg(long)]
        built_in: bool,
        /// Days until counters say that it is old.
        #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=1000))]
        days: u32,
    },
    /// Take sealed dossiers in from a stick; their acknowledgements are left on it.
    Import {
        /// Where the stick is: the folder that holds DONGHANH.
        #[arg(long)]
        from: PathBuf,
    },
    /// A counter forgot every PIN: read its request from a stick. The clerk's passphrase is read from standard input.
    Recover {
        device: DeviceId,
        #[arg(long)]
        from: PathBuf,
        #[arg(long)]
        clerk: String,
        #[arg(long)]
        why: String,
    },
    /// Approve another clerk's recovery and leave the answer on the stick. The passphrase is read from standard input.
    RecoverApprove {
        request: i64,
        #[arg(long)]
        clerk: String,
        #[arg(long)]
        recovery_key: PathBuf,
        #[arg(long)]
        to: PathBuf,
    },
    /// Copy database, files and keys to a folder on another disk. What it covers is durable from then on.
    Backup {
        #[arg(long)]
        to: PathBuf,
        /// Read every file through, here and there, and not only the share whose turn it is.
        #[arg(long)]
        read_all: bool,
    },
    /// What kiosks are told to be durable: what is on this `disk`, or only what is in the `backup`.
    Durable {
        #[arg(value_enum)]
        means: DurableMeans,
    },
    /// Check and show the record of who did what and why.
    Audit,
    /// Call once after restoring the database from a backup: kiosks then offer again what was forgotten.
    Restored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DurableMeans {
    Disk,
    Backup,
}

#[derive(Subcommand)]
pub enum CodeCommand {
    /// A one-time enrolment code, good for a quarter of an hour.
    New,
    /// Enter an official code with the source that gave it.
    Set {
        id: DossierId,
        #[arg(long)]
        code: String,
        #[arg(long)]
        source: String,
    },
}

#[derive(Subcommand)]
pub enum DeviceCommand {
    /// Every device, with its six words.
    List,
    /// Approve a device once its six words were compared with its screen.
    Approve {
        id: DeviceId,
    },
    Refuse {
        id: DeviceId,
    },
    /// Takes effect with the device's next request.
    Revoke {
        id: DeviceId,
    },
    /// Lets a frozen device seal again, once the copy of its disk was found and wiped.
    Thaw {
        id: DeviceId,
        #[arg(long)]
        why: String,
    },
    /// The province's key and every certificate it gave: what `donghanh-verify` believes. Public.
    Certificates,
}

#[derive(Subcommand)]
pub enum DossierCommand {
    /// The last that came, the newest first.
    List {
        #[arg(long, default_value_t = 100)]
        newest: u32,
    },
    /// By the number on a slip, as it is read over the telephone.
    Find {
        number: ReceiptNumber,
    },
    Show {
        id: DossierId,
    },
}

#[derive(Subcommand)]
pub enum ClerkCommand {
    /// The passphrase is read from standard input.
    Add { name: String },
}

fn status(text: &str) -> Result<CaseStatus, Refusal> {
    CaseStatus::parse(text).ok_or(Refusal::CaseStatus)
}
