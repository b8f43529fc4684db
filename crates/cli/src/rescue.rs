//! `donghanh-cli rescue`: the sealed dossiers of a machine that does not open any more, on a stick for the province.

use anyhow::Context;
use app::rescue::{self, Fault, Rescued};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct RescueArgs {
    /// The kiosk's data folder, or a copy of it. The program must be closed. Nothing in it is changed.
    #[arg(long)]
    data: PathBuf,
    /// Where the stick is mounted, or a folder on another disk. The province reads it with `donghanh-province admin import`.
    #[arg(long)]
    to: PathBuf,
}

pub fn run(args: RescueArgs) -> anyhow::Result<ExitCode> {
    let to = std::path::absolute(args.to).context("the stick's folder")?;
    match rescue::rescue(&args.data, &to) {
        Ok(done) => {
            say(&mut std::io::stdout(), &done)?;
            let found = done.copied + done.there + done.withdrawn + done.gone;
            Ok(if found > 0 && done.faults.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Err(problem) => {
            writeln!(std::io::stderr(), "{}\n{}", problem.words.vi, problem.words.en)?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn say(out: &mut impl Write, done: &Rescued) -> std::io::Result<()> {
    let counted = [
        (
            done.copied,
            "hồ sơ đã chép và đọc lại đúng",
            "copied and read back",
        ),
        (
            done.there,
            "hồ sơ đã có sẵn trên USB, còn nguyên",
            "on the stick before, whole",
        ),
        (
            done.gone,
            "hồ sơ tỉnh đã lưu bền, không cần chép",
            "held durably by the province, nothing to copy",
        ),
        (
            done.withdrawn,
            "hồ sơ người dân đã rút, không chép",
            "taken back by the person, not copied",
        ),
    ];
    for (times, vi, en) in counted.into_iter().filter(|(times, _, _)| *times > 0) {
        writeln!(out, "{times} {vi} / {en}")?;
    }
    for (dossier, fault) in &done.faults {
        let (vi, en) = match fault {
            Fault::Record => (
                "bản ghi trên máy đọc không được",
                "its record here cannot be read",
            ),
            Fault::File => (
                "thiếu tệp hoặc tệp trên máy bị hỏng",
                "a file of it here is missing or damaged",
            ),
            Fault::OtherOnStick => (
                "trên USB có bản khác cùng mã, không ghi đè",
                "the stick holds another content under this id; it was left alone",
            ),
        };
        writeln!(out, "CHƯA CHÉP / NOT COPIED {dossier}: {vi} / {en}")?;
    }
    if done.strays > 0 {
        writeln!(
            out,
            "{} tệp khóa kín không rõ của hồ sơ nào: xin giữ nguyên đĩa này / sealed files of no dossier that is known here: keep this disk",
            done.strays
        )?;
    }
    if done.copied + done.there > 0 {
        writeln!(
            out,
            "Xin đưa USB lên tỉnh: donghanh-province admin import --from THƯ_MỤC. Giữ nguyên máy này tới khi tỉnh báo đã nhận đủ.\n\
             Take the stick to the province: donghanh-province admin import --from FOLDER. Keep this machine as it is until the province says that it has them all."
        )
    } else {
        writeln!(
            out,
            "Không có hồ sơ nào được chép sang USB.\nNo dossier was copied to the stick."
        )
    }
}
