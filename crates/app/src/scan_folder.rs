//! The scanner's folder: most office scanners deliver files into one. What lies there whole is taken into the tray,
//! encrypted, and only then removed from the folder.
//!
//! **Invariant:** a file is removed only after its sheet is durably stored; a file that is still being written, or that
//! cannot be opened, stays where it is. Nothing is taken while nobody is signed in. A drill looks at the folder in the
//! place of the counter and takes copies: every file is there when it ends.

use crate::commands::papers::read_bounded;
use crate::events::AppEvent;
use crate::intake;
use crate::kiosk::{App, Ground, locked};
use crate::problem::{Problem, ProblemCode};
use crate::session::Session;
use domain::ids::PaperFileId;
use paper::{PreparedFile, Taken};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};
use store::tables::setting::{self, Name};
use store::tables::tray_sheet::{self, TraySheetRow};

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Files looked at in one go: a folder of holiday pictures must not hold up the counter.
const FILES_MAX: usize = 200;
/// Sheets that may lie in the tray before no more are taken.
pub(crate) const TRAY_MAX: usize = 100;

/// The folder that was chosen; none where it was turned off, which older programs wrote down as a null.
pub(crate) fn chosen(app: &App) -> Result<Option<PathBuf>, Problem> {
    let stored: Option<Option<PathBuf>> = setting::get(app.outbox().db(), Name::ScanFolder)?;
    Ok(stored.flatten())
}

/// How a file looked: whole once two looks agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    len: u64,
    modified: Option<SystemTime>,
}

/// What was seen in the folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    looks: HashMap<PathBuf, Look>,
    /// Files that could not be opened, as they then were: not tried again until they change.
    refused: HashMap<PathBuf, (Look, Problem)>,
    /// Files that a drill has copied, as they then were.
    copied: HashMap<PathBuf, Look>,
}

impl Folder {
    /// Why files still lie there, one problem a file.
    pub fn refused(&self) -> Vec<Problem> {
        self.refused
            .values()
            .map(|(_, problem)| problem.clone())
            .collect()
    }

    /// Files that look as they did the last time and hold something, the oldest first.
    fn whole(&mut self, folder: &Path) -> Vec<(PathBuf, Look)> {
        let before = std::mem::take(&mut self.looks);
        let mut whole = Vec::new();
        for (path, look) in files(folder) {
            let settled = before.get(&path) == Some(&look) && look.len > 0;
            let tried = self.refused.get(&path).is_some_and(|(then, _)| *then == look);
            let copied = self.copied.get(&path) == Some(&look);
            if settled && !tried && !copied {
                whole.push((path.clone(), look));
            }
            self.looks.insert(path, look);
        }
        let looks = &self.looks;
        self.refused.retain(|path, _| looks.contains_key(path));
        self.copied.retain(|path, _| looks.contains_key(path));
        whole.sort_by(|a, b| a.1.modified.cmp(&b.1.modified).then(a.0.cmp(&b.0)));
        whole
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Look)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let one = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.ok()?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        // Names under which copiers and file servers write what is not whole yet.
        let unfinished = name.starts_with('.')
            || [".part", ".tmp", ".filepart"]
                .iter()
                .any(|end| name.ends_with(end));
        // The entry's own data, not those of what a link points to.
        let meta = entry.metadata().ok()?;
        (meta.is_file() && !unfinished).then(|| {
            let look = Look {
                len: meta.len(),
                modified: meta.modified().ok(),
            };
            (entry.path(), look)
        })
    };
    entries.take(FILES_MAX).filter_map(one).collect()
}

/// Looks at the folder for as long as the kiosk is open.
pub(crate) fn follow(app: &Arc<App>, handle: &tokio::runtime::Handle) {
    let app = Arc::downgrade(app);
    handle.spawn(async move {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            let at = Weak::clone(&app);
            let looked = tokio::task::spawn_blocking(move || match at.upgrade() {
                Some(app) => {
                    look(app.drill().as_deref().unwrap_or(&app));
                    true
                }
                None => false,
            });
            if !looked.await.unwrap_or(true) {
                return;
            }
        }
    });
}

/// One look: takes in what is whole.
pub(crate) fn look(app: &App) {
    if app.role().is_none() {
        return;
    }
    let folder = chosen(app).ok().flatten();
    let Some(folder) = folder else { return };
    let whole = locked(&app.scan_folder).whole(&folder);
    let mut moved = false;
    for (path, look) in whole {
        moved = true;
        let taken = take(app, &path);
        if app.ground == Ground::Drill && taken.is_ok() {
            locked(&app.scan_folder).copied.insert(path.clone(), look);
        }
        if let Err(problem) = taken {
            tracing::warn!(code = ?problem.code, "scanner's folder");
            locked(&app.scan_folder).refused.insert(path, (look, problem));
        }
    }
    if moved {
        app.tell(AppEvent::Tray);
    }
}

/// Stores the sheets of the file, then removes it; a drill leaves it.
fn take(app: &App, path: &Path) -> Result<(), Problem> {
    let prepared = app
        .reader
        .take_in(read_bounded(path)?, Taken::Glass, &|_, _| ())?;
    app.with_session(|session| store(app, session, &prepared))?;
    if app.ground == Ground::Drill {
        // It may be somebody's real paper: the drill is destroyed, the file is not.
        return Ok(());
    }
    // Stored for good. A file that cannot be removed now is known by its content the next time.
    std::fs::remove_file(path).map_err(store::StoreError::from)?;
    Ok(())
}

/// All sheets or none, so that a file that could not be taken is still one file in the folder.
fn store(app: &App, session: &mut Session, prepared: &[PreparedFile]) -> Result<(), Problem> {
    let mut there: Vec<String> = tray_sheet::all(session.drafts.db())?
        .into_iter()
        .map(|sheet| sheet.sha256)
        .collect();
    let lying = there.len();
    let mut rows = Vec::with_capacity(prepared.len());
    for sheet in prepared {
        let sha256 = intake::sha256_of(sheet);
        // One for one: a stack may hold the same blank side twice.
        if let Some(known) = there.iter().position(|before| *before == sha256) {
            there.swap_remove(known);
            continue;
        }
        rows.push((sheet_row(app, sheet, sha256)?, intake::content_of(sheet)));
    }
    if lying + rows.len() > TRAY_MAX {
        return Err(ProblemCode::TrayFull.into());
    }
    Ok(tray_sheet::insert(session.drafts.db_mut(), &rows)?)
}

fn sheet_row(app: &App, prepared: &PreparedFile, sha256: String) -> Result<TraySheetRow, Problem> {
    let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(TraySheetRow {
        id: PaperFileId(seal::random::uuid()?),
        media: intake::media(prepared).into(),
        bytes: small(prepared.bytes.len() as u64),
        original_bytes: small(prepared.original_bytes),
        pages: prepared.pages,
        sha256,
        warnings: intake::warnings_json(prepared),
        codes: intake::codes_json(prepared),
        added_ms: app.clock.now_ms(),
    })
}

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn only_a_file_that_has_settled_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let mut folder = Folder::default();
        let put = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
        put("growing.pdf", b"1");
        put("empty.jpg", b"");
        put("half.jpg.part", b"12345");
        put("whole.jpg", b"12345");
        let names = |folder: &mut Folder| {
            let found = folder.whole(dir.path());
            found
                .into_iter()
                .filter_map(|(path, _)| Some(path.file_name()?.to_string_lossy().into_owned()))
                .collect::<Vec<_>>()
        };
        assert!(names(&mut folder).is_empty(), "one look is not enough");
        put("growing.pdf", b"12");
        assert_eq!(names(&mut folder), ["whole.jpg"]);
        assert_eq!(
            names(&mut folder),
            ["whole.jpg", "growing.pdf"].map(str::to_owned)
        );
        std::fs::remove_file(dir.path().join("whole.jpg")).unwrap();
        assert_eq!(names(&mut folder), ["growing.pdf"]);
    }
}
