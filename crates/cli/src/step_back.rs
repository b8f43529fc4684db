//! `donghanh-cli step-back`: before an older program is put back, for a technician with an officer of the counter beside them.
//!
//! The officer types the PIN into standard input: it stands in no list of processes, in no history of commands and on no
//! screen.

use crate::pin;
use anyhow::ensure;
use app::clock::Clock;
use app::step_back::{self, NotDone, StepBack};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct StepBackArgs {
    /// The kiosk's data folder. The program must be closed.
    #[arg(long)]
    data: PathBuf,
    /// The schema of outbox.db that the older program knows: it says so where it refuses the newer data.
    #[arg(long)]
    outbox: Option<u32>,
    /// The schema of drafts.db that the older program knows.
    #[arg(long)]
    drafts: Option<u32>,
    /// The officer whose PIN is typed; the head of counter where no name stands here.
    #[arg(long)]
    officer: Option<String>,
    /// Let stay behind, in the copy, what only helps the memory. Work never stays behind.
    #[arg(long)]
    leave_behind: bool,
}

pub fn run(args: StepBackArgs) -> anyhow::Result<ExitCode> {
    ensure!(
        args.outbox.is_some() || args.drafts.is_some(),
        "say the schema to go back to: --outbox N, --drafts N, or both"
    );
    let asked = StepBack {
        data_dir: args.data,
        outbox: args.outbox,
        drafts: args.drafts,
        officer: args.officer,
        leave_behind: args.leave_behind,
    };
    let mut out = std::io::stdout();
    let pin = pin::ask("Mã PIN của cán bộ (gõ không hiện) / the officer's PIN (not shown while typed):")?;
    match step_back::step_back(&asked, &pin, &Clock::default()) {
        Ok(left) => {
            for (what, times) in left {
                let words = step_back::words(what);
                writeln!(out, "{times} × {}\n    {times} × {}", words.vi, words.en)?;
            }
            writeln!(
                out,
                "Đã xuống xong, không hồ sơ nào bị mất; bản chép nguyên vẹn lúc trước nằm cạnh dữ liệu (*.backup). \
                 Nay cài lại bản cũ; mở bản mới thì dữ liệu lại lên như trước.\n\
                 Done, no dossier is lost; the whole copy of before lies beside the data (*.backup). \
                 Put the older program back now; opening the newer one brings the data up again."
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            say(&mut std::io::stderr(), &why)?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn say(out: &mut impl Write, why: &NotDone) -> std::io::Result<()> {
    match why {
        NotDone::Problem(problem) => writeln!(out, "{}\n{}", problem.words.vi, problem.words.en),
        NotDone::Left(left) => {
            for (what, times) in left {
                let words = step_back::words(*what);
                writeln!(out, "{times} × {}\n    {times} × {}", words.vi, words.en)?;
            }
            let stops = left.iter().any(|(what, _)| what.is_work());
            let (vi, en) = if stops {
                (
                    "Bản cũ không chứa được việc nêu trên nên không làm gì. Dữ liệu còn nguyên.",
                    "The older program has no place for work named above, so nothing was done. The data are untouched.",
                )
            } else {
                (
                    "Những điều trên chỉ còn trong bản chép. Chưa làm gì; nếu đồng ý, xin chạy lại với --leave-behind.",
                    "What is named above would stay in the copy alone. Nothing was done; if that is well, run it again with --leave-behind.",
                )
            };
            writeln!(out, "{vi}\n{en}")
        }
        NotDone::NoSuchSchema { file, found, wanted } => writeln!(
            out,
            "{file} đang ở lược đồ {found}, không có đường xuống {wanted}. Dữ liệu còn nguyên.\n\
             {file} stands at schema {found}: there is no way down to {wanted}. The data are untouched."
        ),
        NotDone::NotWhole(file) => writeln!(
            out,
            "{file} xuống không trọn vẹn nên đã trả lại như cũ. Xin gọi kỹ thuật, giữ bản mới.\n\
             {file} did not come down whole and was put back as it was. Call support and stay with the newer program."
        ),
        NotDone::Half(why) => {
            writeln!(
                out,
                "drafts.db đã xuống, outbox.db thì chưa. Không mất gì. Xin chạy lại lệnh này, hoặc mở bản mới để lên lại.\n\
                 drafts.db is down and outbox.db is not. Nothing is lost. Run this again, or open the newer program to come up again."
            )?;
            say(out, why)
        }
    }
}
