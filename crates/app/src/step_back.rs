//! The way back to an older program: its databases are brought down by the newer one, before it is replaced or with its
//! `donghanh-cli` afterwards.
//!
//! **Invariants:** an officer's PIN opens it, and the try is counted, because the key of the drafts is behind it; nothing is
//! moved before everything was counted that the older schemas have no place for; work among that ends it with both
//! databases as they were. Absent on purpose: any word of the network, an engine, a window (decision 0051).

use crate::clock::Clock;
use crate::commands::people::{count_try, key_check, open_keys};
use crate::machine_key;
use crate::problem::{Problem, ProblemCode};
use domain::roles::OperatorRole;
use domain::text::Words;
use std::path::PathBuf;
use store::guard::FileGuard;
use store::instance::InstanceLock;
use store::tables::operator::{self, OperatorRow};
use store::tables::{audit, setting};
use store::{Card, Drafts, Outbox, SealedFiles, StepBackError, StoreError, Unheld};
use zeroize::Zeroizing;

/// What is asked.
#[derive(Debug, Clone)]
pub struct StepBack {
    pub data_dir: PathBuf,
    /// The schema of `outbox.db` that the older program knows; as it is where none is named.
    pub outbox: Option<u32>,
    /// The same of `drafts.db`.
    pub drafts: Option<u32>,
    /// The officer's name; the head of counter where none is named.
    pub officer: Option<String>,
    /// What only helps the memory may stay behind, in the copy.
    pub leave_behind: bool,
}

/// Why it was not done. Nothing was changed, unless [`Self::Half`] says so.
#[derive(Debug)]
pub enum NotDone {
    Problem(Problem),
    /// The older schemas have no place for these, each so many times.
    Left(Vec<(Unheld, u64)>),
    /// There is no such schema.
    NoSuchSchema {
        file: &'static str,
        found: u32,
        wanted: u32,
    },
    /// What came out was not whole, and was taken back.
    NotWhole(&'static str),
    /// `drafts.db` is down and `outbox.db` is not.
    Half(Box<Self>),
}

impl<E: Into<Problem>> From<E> for NotDone {
    fn from(e: E) -> Self {
        Self::Problem(e.into())
    }
}

fn not_done(e: StepBackError) -> NotDone {
    match e {
        StepBackError::Unheld(left) => NotDone::Left(left),
        StepBackError::NoSuchSchema { file, found, wanted } => NotDone::NoSuchSchema { file, found, wanted },
        StepBackError::NotWhole(file) => NotDone::NotWhole(file),
        StepBackError::Store(e) => NotDone::Problem(e.into()),
    }
}

/// The schemas that this program knows, of `outbox.db` and `drafts.db`.
#[must_use]
pub fn newest() -> (u32, u32) {
    (Outbox::newest_schema(), Drafts::newest_schema())
}

/// Brings the databases down; answers what stays behind in the copies.
///
/// # Errors
/// [`NotDone`]; nobody may have the data folder open.
pub fn step_back(asked: &StepBack, pin: &str, clock: &Clock) -> Result<Vec<(Unheld, u64)>, NotDone> {
    let dir = &asked.data_dir;
    if !Outbox::is_there(dir) {
        return Err(ProblemCode::FolderMissing.into());
    }
    let _instance = InstanceLock::take(dir)?;
    let outbox = Outbox::open(dir)?;
    outbox.check()?;
    let files = SealedFiles::as_they_lie(dir);
    let card = Card::read(dir);
    let machine = machine_key::find(&FileGuard::new(dir), Some(&outbox), card.as_ref(), &files)?;
    let (officer, key) = officer(&outbox, &machine, asked.officer.as_deref(), pin)?;
    let drafts = match asked.drafts {
        Some(to) if Drafts::are_there(dir) => Some((Drafts::open(dir, &key)?, to)),
        Some(_) | None => None,
    };
    let mut left = Vec::new();
    if let Some((drafts, to)) = &drafts {
        left.extend(drafts.left_by_step_back(*to).map_err(not_done)?);
    }
    if let Some(to) = asked.outbox {
        left.extend(outbox.left_by_step_back(to).map_err(not_done)?);
    }
    let stops = left.iter().any(|(what, _)| what.is_work());
    if stops || !(left.is_empty() || asked.leave_behind) {
        return Err(NotDone::Left(left));
    }
    let moved = drafts.is_some();
    if let Some((drafts, to)) = drafts {
        drafts.step_back(to).map_err(not_done)?;
    }
    let note = format!("outbox {:?}, drafts {:?}", asked.outbox, asked.drafts);
    let line = audit::Entry {
        at_ms: clock.now_ms(),
        what: "stepped_back",
        dossier: None,
        who: Some(officer.id),
        note: Some(&note),
    };
    let done = match asked.outbox {
        Some(to) => outbox
            .step_back(to, |tx| audit::append(tx, &line))
            .map_err(not_done),
        None => audit::append(outbox.db(), &line).map_err(NotDone::from),
    };
    match done {
        Ok(()) => Ok(left),
        Err(why) if moved => Err(NotDone::Half(Box::new(why))),
        Err(why) => Err(why),
    }
}

/// Who answers for it, and the counter's drafts key.
fn officer(
    outbox: &Outbox,
    machine: &[u8; 32],
    name: Option<&str>,
    pin: &str,
) -> Result<(OperatorRow, Zeroizing<[u8; 32]>), Problem> {
    let all = operator::all(outbox.db())?;
    let who = match name {
        Some(name) => all.iter().find(|one| one.name == name),
        None => all.iter().find(|one| one.role == OperatorRole::Head),
    };
    let id = who.map(|one| one.id).ok_or(ProblemCode::OperatorUnknown)?;
    let row = count_try(outbox, &id)?;
    let (key, _) = open_keys(machine, &row, pin)?;
    operator::set_wrong_pins(outbox.db(), &id, 0)?;
    if !row.role.may_seal() {
        return Err(ProblemCode::NotForThisRole.into());
    }
    let expected: Option<String> = setting::get(outbox.db(), setting::Name::DraftsKeyCheck)?;
    if expected.as_deref() != Some(key_check(&key).as_str()) {
        return Err(StoreError::WrongKey.into());
    }
    Ok((row, key))
}

/// What stops the way back or stays behind, and what to do about it.
#[must_use]
pub fn words(what: Unheld) -> Words {
    let (vi, en) = match what {
        Unheld::WithdrawalUnderWay => (
            "yêu cầu rút hồ sơ chưa tới tỉnh hẳn. Xin nối mạng, bấm “Gửi ngay” ở bản mới, đợi tới khi tỉnh đã lưu rồi làm lại",
            "withdrawals that the province does not hold durably. Connect the network, press “Send now” in the newer program, wait until the province holds them and try again",
        ),
        Unheld::WithdrawalDone => (
            "yêu cầu rút hồ sơ tỉnh đã nhận. Bản cũ sẽ coi là hồ sơ thường, nên xin ở lại bản mới tới khi chúng hết hạn lưu (90 ngày)",
            "withdrawals that the province holds. The older program would take them for dossiers: stay with the newer one until they have left the index (90 days)",
        ),
        Unheld::ConsentWithdrawn => (
            "hồ sơ giữ lại vì người dân rút đồng ý. Bản cũ không đọc được và sẽ dừng, nên xin ở lại bản mới",
            "dossiers held because consent was taken back. The older program cannot read them and would stop: stay with the newer one",
        ),
        Unheld::CarriedUnderWay => (
            "hồ sơ mang hộ máy khác chưa tới tỉnh hẳn. Xin gửi xong ở bản mới, hoặc đưa USB về máy cũ, rồi làm lại",
            "dossiers carried for another machine that the province does not hold durably. Send them with the newer program first",
        ),
        Unheld::UnreadableRow => (
            "dòng trong danh mục đọc không được. Bản cũ sẽ dừng ở đó, nên xin gọi kỹ thuật xem trước",
            "rows of the index that cannot be read. The older program would stop at them: ask support to look first",
        ),
        Unheld::TraySheet => (
            "tờ trong khay máy quét chưa xếp vào hồ sơ nào. Xin xếp hoặc bỏ ở bản mới rồi làm lại",
            "sheets in the scanner's tray. File or discard them in the newer program and try again",
        ),
        Unheld::CarriedDone => (
            "hồ sơ mang hộ đã tới tỉnh sẽ hiện như hồ sơ của máy này",
            "carried dossiers that the province holds will look like this machine's own",
        ),
        Unheld::CopyOnStick => (
            "ghi chú USB nào đã có bản chép: máy sẽ đề nghị chép lại",
            "notes of which stick holds a copy: another copy will be asked for",
        ),
        Unheld::Shift => (
            "ca của tình nguyện viên: cán bộ mở ca lại",
            "volunteers' shifts: an officer opens them anew",
        ),
        Unheld::Assist => (
            "lượt giúp không thành hồ sơ, chỉ để thống kê",
            "help that ended in no dossier, for the statistics",
        ),
        Unheld::PageNote => (
            "ghi chú về trang giấy (thứ tự, mờ, trùng): các trang vẫn còn, xếp theo lúc thêm vào",
            "notes about pages (order, blur, the same twice): the pages stay, in the order in which they came",
        ),
        Unheld::PracticeStep => (
            "bước mời người dân tự làm lần sau",
            "steps that people were to try next time",
        ),
        Unheld::DraftsCatalogue => (
            "hồ sơ dở dang quên đang theo danh mục nào; máy tìm lại theo thủ tục",
            "open drafts forget on which catalogue they stand; it is found again by the procedure",
        ),
    };
    Words::new(vi, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stops_says_what_to_do_and_nobody_is_told_the_same_twice() {
        let all = [
            Unheld::WithdrawalUnderWay,
            Unheld::WithdrawalDone,
            Unheld::ConsentWithdrawn,
            Unheld::CarriedUnderWay,
            Unheld::UnreadableRow,
            Unheld::TraySheet,
            Unheld::CarriedDone,
            Unheld::CopyOnStick,
            Unheld::Shift,
            Unheld::Assist,
            Unheld::PageNote,
            Unheld::PracticeStep,
            Unheld::DraftsCatalogue,
        ];
        let said: std::collections::BTreeSet<String> = all.iter().map(|one| words(*one).vi).collect();
        assert_eq!(said.len(), all.len());
        for one in all.into_iter().filter(|one| one.is_work()) {
            assert!(words(one).vi.to_lowercase().contains("xin "), "{one:?}");
        }
    }
}
