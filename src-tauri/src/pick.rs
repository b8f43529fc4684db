//! Choosing a paper from disk: the system's dialog, or the next file of a rehearsal's folder.
//!
//! **Invariant:** the answer is a path and nothing of the file; what it holds is judged by the core.

use rfd::AsyncFileDialog;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use tauri::{State, WebviewWindow};

/// The rehearsal's folder, and how many of its files were taken.
pub struct Rehearsal {
    folder: Option<PathBuf>,
    taken: AtomicUsize,
}

impl Rehearsal {
    pub const fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            taken: AtomicUsize::new(0),
        }
    }

    pub const fn is_on(&self) -> bool {
        self.folder.is_some()
    }

    /// The next file in order of name; none once all were taken.
    fn next(&self, folder: &Path) -> Option<PathBuf> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .ok()?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        files.into_iter().nth(self.taken.fetch_add(1, Ordering::Relaxed))
    }
}

/// The paths of the files that the operator chose, in the order of their names; none where they closed the dialog.
#[tauri::command]
pub async fn pick_files(
    window: WebviewWindow,
    rehearsal: State<'_, Rehearsal>,
    many: bool,
) -> Result<Vec<String>, ()> {
    if let Some(folder) = &rehearsal.folder {
        return Ok(rehearsal.next(folder).map(text).into_iter().collect());
    }
    let dialog = AsyncFileDialog::new()
        .set_parent(&window)
        .set_title("Chọn giấy tờ")
        .add_filter(
            "Giấy tờ (JPEG, PNG, TIFF, PDF)",
            &[
                "jpg", "jpeg", "png", "tif", "tiff", "pdf", "JPG", "JPEG", "PNG", "TIF", "TIFF", "PDF",
            ],
        );
    let chosen = if many {
        dialog.pick_files().await.unwrap_or_default()
    } else {
        dialog.pick_file().await.into_iter().collect()
    };
    let mut paths: Vec<PathBuf> = chosen.iter().map(|file| file.path().to_path_buf()).collect();
    paths.sort();
    Ok(paths.into_iter().map(text).collect())
}

/// The folder that the operator chose; none where they closed the dialog.
#[tauri::command]
pub async fn pick_folder(
    window: WebviewWindow,
    rehearsal: State<'_, Rehearsal>,
) -> Result<Option<String>, ()> {
    if rehearsal.is_on() {
        // A rehearsal has no dialogs, and its own folder is no scanner's.
        return Ok(None);
    }
    let chosen = AsyncFileDialog::new()
        .set_parent(&window)
        .set_title("Chọn thư mục của máy quét")
        .pick_folder()
        .await;
    Ok(chosen.map(|folder| text(folder.path().to_path_buf())))
}

fn text(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Rehearsal;
    use std::path::Path;

    #[test]
    fn a_rehearsal_takes_its_files_in_order_and_each_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.jpg", "a.jpg"] {
            std::fs::write(folder.path().join(name), b"x").unwrap();
        }
        std::fs::create_dir(folder.path().join("0")).unwrap();
        let rehearsal = Rehearsal::new(Some(folder.path().to_path_buf()));
        let taken = || {
            rehearsal
                .next(folder.path())
                .and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()))
        };
        assert_eq!(taken().as_deref(), Some("a.jpg"));
        assert_eq!(taken().as_deref(), Some("b.jpg"));
        assert_eq!(taken(), None, "no file is given twice");
        assert_eq!(Rehearsal::new(None).next(Path::new("/nonexistent")), None);
    }
}
