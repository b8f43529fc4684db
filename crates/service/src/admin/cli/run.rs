//! Runs the `admin` commands.

use super::arguments::{
    AdminArgs, ClerkCommand, CodeCommand, Command, DeviceCommand, DossierCommand, DurableMeans,
};
use super::said::{
    Said, audit_text, backup_text, devices_text, dossiers_text, older_text, opened_dossier, same_matter_text,
    value,
};
use crate::admin::{Admin, Opened, Publication, open};
use crate::mending::Reading;
use crate::{Refusal, ServiceError};
use ::catalogue::{Parts, built_in};
use serde_json::json;
use std::io::BufRead;
use std::path::Path;
use zeroize::Zeroizing;

/// The first line of standard input, with no line end.
fn passphrase(input: &mut impl BufRead) -> Result<Zeroizing<String>, ServiceError> {
    let mut line = Zeroizing::new(String::new());
    input
        .read_line(&mut line)
        .map_err(ServiceError::io("reading the passphrase"))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
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
            Ok(match opened {
                Opened::Dossier { form, same_matter } => opened_dossier(&form, &same_matter)?,
                Opened::Withdrawal(withdrawal) => {
                    let json = value(&withdrawal)?;
                    Said::new(format!("{json:#}"), json)
                }
            })
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
                "Đã xuất ra {}: {}{}",
                exported.dir.display(),
                exported.files.join(", "),
                same_matter_text(&exported.same_matter)
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
        Command::Backup { to, read_all } => {
            let reading = if read_all {
                Reading::Everything
            } else {
                Reading::InTurn
            };
            let made = admin.backup(&to, reading)?;
            Said::listing(backup_text(&made), &made)
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

fn dossiers(admin: &Admin, command: &DossierCommand) -> Result<Said, ServiceError> {
    match command {
        DossierCommand::List { newest } => {
            let dossiers = admin.newest_dossiers(*newest)?;
            let shown = u32::try_from(dossiers.len()).unwrap_or(u32::MAX);
            let older = admin.dossiers_held()?.saturating_sub(shown);
            let text = dossiers_text(&dossiers)? + &older_text(older, *newest);
            Said::listing(text, &dossiers)
        }
        DossierCommand::Find { number } => {
            let dossiers = admin.dossiers_under(number)?;
            let text = if dossiers.is_empty() {
                format!("Tỉnh chưa nhận hồ sơ nào mang số phiếu {number}.")
            } else {
                dossiers_text(&dossiers)?
            };
            Said::listing(text, &dossiers)
        }
        DossierCommand::Show { id } => {
            let dossier = admin.dossier(id)?;
            let json = value(&dossier)?;
            Ok(Said::new(format!("{json:#}"), json))
        }
    }
}

fn audit(admin: &Admin) -> Result<Said, ServiceError> {
    let entries = admin.audit()?;
    Said::listing(audit_text(&entries)?, &entries)
}
