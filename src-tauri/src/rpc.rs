//! The single call of both windows.
//!
//! **Invariant:** who calls is read from the window that the call came out of, never from what it carries.

use crate::opening::Door;
use crate::windows::caller;
use app::{Problem, ProblemCode};
use serde_json::Value;
use std::time::Instant;
use tauri::{State, WebviewWindow};

/// When this program started, to tell how long the first picture took.
pub struct Started(pub Instant);

impl Started {
    /// Since then.
    pub fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Hands one command to the core on a thread that may wait, so that no window ever freezes.
#[tauri::command]
pub async fn rpc(
    window: WebviewWindow,
    door: State<'_, Door>,
    name: String,
    params: Value,
) -> Result<Value, Problem> {
    let Some(caller) = caller(window.label()) else {
        return Err(Problem::new(ProblemCode::NotForThisWindow));
    };
    let kiosk = door.kiosk().await?;
    tauri::async_runtime::spawn_blocking(move || app::dispatch(&kiosk, caller, &name, params))
        .await
        .unwrap_or_else(|_| Err(Problem::new(ProblemCode::Internal)))
}

/// The window has painted its first picture; `screen`: with what the kiosk answered in it.
#[tauri::command]
pub fn shell_ready(window: WebviewWindow, started: State<'_, Started>, screen: bool) {
    let milliseconds = started.milliseconds();
    let what = if screen { "first screen" } else { "first picture" };
    tracing::info!(window = window.label(), milliseconds, "{what}");
}
