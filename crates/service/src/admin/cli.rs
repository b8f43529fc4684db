//! The `admin` commands: words in, words out. With `--json` one JSON document, otherwise text for a person.

use super::table::table;
use super::{Admin, DeviceView, DossierView, Opened, Publication, open};
use crate::{Refusal, ServiceError};
use ::catalogue::{Parts, built_in};
use clap::{Args, Subcommand};
use domain::ids::{DeviceId, DossierId};
use domain::province::CaseStatus;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use wire::limits::CERTIFICATE_WARNING_DAYS;
use zeroize::Zeroizing;

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
    List,
    Show { id: DossierId },
}

#[derive(Subcommand)]
pub enum ClerkCommand {
    /// The passphrase is read from standard input.
    Add { name: String },
}

fn status(text: &str) -> Result<CaseStatus, Refusal> {
    CaseStatus::parse(text).ok_or(Refusal::CaseStatus)
}

/// The first line of standard input, with no line end.
fn passphrase(input: &mut impl BufRead) -> Result<Zeroizing<String>, ServiceError> {
    let mut line = Zeroizing::new(String::new());
    input
        .read_line(&mut line)
        .map_err(ServiceError::io("reading the passphrase"))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Text for a person, or JSON.
struct Said {
    text: String,
    json: serde_json::Value,
}

impl Said {
    fn new(text: impl Into<String>, json: serde_json::Value) -> Self {
        Self {
            text: text.into(),
            json,
        }
    }

    fn listing<T: Serialize>(text: String, items: &T) -> Result<Self, ServiceError> {
        Ok(Self {
            text,
            json: value(items)?,
        })
    }
}

fn value<T: Serialize>(item: &T) -> Result<serde_json::Value, ServiceError> {
    serde_json::to_value(item).map_err(|_| ServiceError::Damaged("answer"))
}

/// Runs one command; what it says is returned, to be printed.
///
/// # Errors
/// A [`Refusal`] in words for the person, or a failure of disk or database.
pub fn run(args: AdminArgs, input: &mut impl BufRead) -> Result<String, ServiceError> {
    let mut admin = Admin::open(args.data)?;
    let said = match args.command {
        Command::Code(command) => code(&mut admin, command),
        Command::Devices(command) => devices(&mut admin, &command),
        Command::Dossiers(command) => dossiers(&admin, &command),
        Command::Clerk(ClerkCommand::Add { name }) => {
            admin.add_clerk(&name, &passphrase(input)?)?;
            Ok(Said::new(
                format!("Đã thêm cán bộ {name}."),
                json!({ "clerk": name }),
            ))
        }
        Command::Status { id, to, note } => {
            let case = admin.set_status(&id, to, note.as_deref())?;
            Ok(Said::new(
                format!("{id}: {}", case.status.words().vi),
                json!({ "dossier": id, "status": case.status }),
            ))
        }
        Command::Open {
            id,
            clerk,
            why,
            intake_key,
        } => {
            let key = open::read_key(&intake_key)?;
            let opened = admin.open_dossier(&id, &clerk, &passphrase(input)?, &why, &key)?;
            let json = match opened {
                Opened::Dossier(form) => value(&form)?,
                Opened::Withdrawal(withdrawal) => value(&withdrawal)?,
            };
            Ok(Said::new(format!("{json:#}"), json))
        }
        Command::Export { id, clerk, why, to } => {
            let request = admin.request_export(&id, &clerk, &passphrase(input)?, &why, &to)?;
            let text =
                format!("Yêu cầu xuất số {request}. Cần một cán bộ khác duyệt: export-approve {request}");
            Ok(Said::new(text, json!({ "request": request, "dossier": id })))
        }
        Command::ExportApprove {
            request,
            clerk,
            intake_key,
        } => {
            let key = open::read_key(&intake_key)?;
            let exported = admin.approve_export(request, &clerk, &passphrase(input)?, &key)?;
            let text = format!(
                "Đã xuất ra {}: {}",
                exported.dir.display(),
                exported.files.join(", ")
            );
            Said::listing(text, &exported)
        }
        Command::Import { from } => {
            let came = admin.import(&from)?;
            let mut text = format!(
                "Nhận mới {} hồ sơ, đã có sẵn {}, không nhận {}.",
                came.taken.len(),
                came.known.len(),
                came.refused.len()
            );
            for one in &came.refused {
                text.push_str(&format!("\n{}: {}", one.dossier, one.why));
            }
            Said::listing(text, &came)
        }
        Command::Recover {
            device,
            from,
            clerk,
            why,
        } => {
            let request = admin.request_recovery(&device, &from, &clerk, &passphrase(input)?, &why)?;
            let text = format!(
                "Yêu cầu lấy lại khóa số {request}. Cần một cán bộ khác duyệt: recover-approve {request}"
            );
            Ok(Said::new(text, json!({ "request": request, "device": device })))
        }
        Command::RecoverApprove {
            request,
            clerk,
            recovery_key,
            to,
        } => {
            let key = open::read_key(&recovery_key)?;
            let device = admin.approve_recovery(request, &clerk, &passphrase(input)?, &key, &to)?;
            let text = "Đã ghi câu trả lời ra USB. Chỉ máy đã hỏi mở được.";
            Ok(Said::new(text, json!({ "device": device })))
        }
        Command::Backup { to } => {
            let made = admin.backup(&to)?;
            let text = format!(
                "Đã sao lưu tới vị trí {} ({} tệp mới). Từ đây các hồ sơ này là bền vững.",
                made.covers.lsn, made.files_copied
            );
            Said::listing(text, &made)
        }
        Command::Durable { means } => {
            let backup = means == DurableMeans::Backup;
            admin.set_durable(backup)?;
            let text = if backup {
                "Hồ sơ chỉ là bền vững khi đã nằm trong bản sao lưu."
            } else {
                "Hồ sơ là bền vững khi đã ghi xuống đĩa máy này. Không hứa có bản sao lưu."
            };
            Ok(Said::new(text, json!({ "durable_follows_backup": backup })))
        }
        Command::Audit => audit(&admin),
        Command::Publish { folder, days, .. } => publish(&mut admin, folder.as_deref(), days),
        Command::Restored => {
            let epoch = admin.restored()?;
            Ok(Said::new(
                format!("Kỷ nguyên mới: {epoch}."),
                json!({ "epoch": epoch }),
            ))
        }
    }?;
    Ok(if args.json {
        said.json.to_string()
    } else {
        said.text
    })
}

fn publish(admin: &mut Admin, folder: Option<&Path>, days: u32) -> Result<Said, ServiceError> {
    let parts = match folder {
        Some(folder) => Parts::from_folder(folder).map_err(|_| Refusal::CatalogueFolder)?,
        None => built_in::parts(),
    };
    match admin.publish(parts, days)? {
        Publication::Published(published) => {
            let text = format!(
                "Đã công bố danh mục bản {}: {} thủ tục, {} byte, dùng đến {}.\n{}",
                published.version,
                published.procedures,
                published.bytes,
                published.expires_at.strftime("%d/%m/%Y"),
                published.sha256,
            );
            Said::listing(text, &published)
        }
        Publication::Faulty(findings) => {
            for finding in &findings {
                eprintln!("{finding}");
            }
            Err(Refusal::CatalogueFaulty.into())
        }
    }
}

fn code(admin: &mut Admin, command: CodeCommand) -> Result<Said, ServiceError> {
    match command {
        CodeCommand::New => {
            let new = admin.new_code()?;
            let text = format!("Mã ghi danh: {}\nDùng một lần, trong 15 phút.", new.code);
            Said::listing(text, &new)
        }
        CodeCommand::Set { id, code, source } => {
            let case = admin.set_code(&id, &code, &source)?;
            let shown = case.code.as_ref().map_or("", |c| c.code.as_str());
            let json = json!({ "dossier": id, "status": case.status, "official_code": case.code });
            Ok(Said::new(
                format!("{id}: {}, mã {shown}", case.status.words().vi),
                json,
            ))
        }
    }
}

fn devices(admin: &mut Admin, command: &DeviceCommand) -> Result<Said, ServiceError> {
    match command {
        DeviceCommand::List => {
            let devices = admin.devices()?;
            Said::listing(devices_text(&devices)?, &devices)
        }
        DeviceCommand::Certificates => {
            let json = value(&admin.certificates()?)?;
            Ok(Said::new(format!("{json:#}"), json))
        }
        DeviceCommand::Approve { id } => {
            let number = admin.approve_device(id)?;
            Ok(Said::new(
                format!("Đã duyệt máy quầy số {:05}.", number.0),
                json!({ "device": id, "number": number }),
            ))
        }
        DeviceCommand::Refuse { id } => {
            admin.refuse_device(id)?;
            Ok(Said::new(
                "Đã từ chối máy quầy.",
                json!({ "device": id, "state": "refused" }),
            ))
        }
        DeviceCommand::Thaw { id, why } => {
            let epoch = admin.thaw_device(id, why)?;
            Ok(Said::new(
                "Máy quầy được khóa kín hồ sơ trở lại.",
                json!({ "device": id, "device_epoch": epoch }),
            ))
        }
        DeviceCommand::Revoke { id } => {
            admin.revoke_device(id)?;
            Ok(Said::new(
                "Đã thu hồi máy quầy.",
                json!({ "device": id, "state": "revoked" }),
            ))
        }
    }
}

/// An enum's word as it stands in JSON.
fn word<T: Serialize>(item: &T) -> Result<String, ServiceError> {
    Ok(value(item)?.as_str().unwrap_or_default().to_owned())
}

/// The day on which a certificate ends, with a word where somebody has to see to it.
fn certificate_text(ends: Timestamp) -> String {
    let left = ends.duration_since(Timestamp::now());
    let day = ends.strftime("%d/%m/%Y");
    if left <= SignedDuration::ZERO {
        format!("{day} ĐÃ HẾT HẠN")
    } else if left <= SignedDuration::from_hours(CERTIFICATE_WARNING_DAYS * 24) {
        format!("{day} SẮP HẾT HẠN")
    } else {
        day.to_string()
    }
}

fn devices_text(devices: &[DeviceView]) -> Result<String, ServiceError> {
    let row = |d: &DeviceView| -> Result<Vec<String>, ServiceError> {
        let number = d.number.map_or("-".into(), |n| format!("{n:05}"));
        Ok(vec![
            d.id.to_string(),
            d.frozen_at
                .map_or_else(|| word(&d.state), |_| Ok("ĐĨA BỊ SAO CHÉP".into()))?,
            number,
            word(&d.class)?,
            d.counter_name.clone(),
            d.certificate_ends.map_or("-".into(), certificate_text),
            d.words.join(" · "),
        ])
    };
    let rows = devices.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(table(
        &[
            "MÃ MÁY",
            "TRẠNG THÁI",
            "SỐ",
            "LOẠI",
            "QUẦY",
            "CHỨNG THƯ ĐẾN",
            "SÁU TỪ",
        ],
        &rows,
    ))
}

fn dossiers(admin: &Admin, command: &DossierCommand) -> Result<Said, ServiceError> {
    match command {
        DossierCommand::List => {
            let dossiers = admin.dossiers()?;
            Said::listing(dossiers_text(&dossiers)?, &dossiers)
        }
        DossierCommand::Show { id } => {
            let dossier = admin.dossier(id)?;
            let json = value(&dossier)?;
            Ok(Said::new(format!("{json:#}"), json))
        }
    }
}

fn dossiers_text(dossiers: &[DossierView]) -> Result<String, ServiceError> {
    let row = |d: &DossierView| -> Result<Vec<String>, ServiceError> {
        let held = d.files.iter().filter(|f| f.held).count();
        let code = d
            .case
            .official_code
            .as_ref()
            .map_or("-".into(), |c| c.code.clone());
        Ok(vec![
            d.id.to_string(),
            d.receipt_number.clone(),
            d.procedure_code.clone(),
            word(&d.intake)?,
            format!("{held}/{}", d.files.len()),
            d.takes_back
                .map_or_else(|| d.case.status.words().vi, |_| "yêu cầu rút".into()),
            code,
        ])
    };
    let rows = dossiers.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(table(
        &[
            "HỒ SƠ",
            "SỐ PHIẾU",
            "THỦ TỤC",
            "TIẾP NHẬN",
            "TỆP",
            "TRẠNG THÁI",
            "MÃ CHÍNH THỨC",
        ],
        &rows,
    ))
}

fn audit(admin: &Admin) -> Result<Said, ServiceError> {
    let entries = admin.audit()?;
    let rows = entries
        .iter()
        .map(|e| {
            Ok(vec![
                e.at.to_string(),
                e.who.clone(),
                word(&e.act)?,
                e.on.clone().unwrap_or_default(),
                e.why.clone(),
            ])
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    Said::listing(
        table(&["LÚC", "AI", "VIỆC", "HỒ SƠ / MÁY", "LÝ DO"], &rows),
        &entries,
    )
}
