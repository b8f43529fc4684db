//! What is particular to one system about windows and web views, behind one small trait.
//!
//! Deliberately absent: printers (crate `paper`) and the protection of keys (crate `app`).

use crate::placement::{Area, Screen};
use tauri::{AppHandle, Runtime, WebviewWindow};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub use linux::Linux as Current;
#[cfg(not(target_os = "linux"))]
pub use other::Other as Current;

/// One system's windows and web views.
pub trait Platform {
    /// The monitors that are plugged in now.
    fn screens<R: Runtime>(&self, shell: &AppHandle<R>) -> Vec<Screen> {
        let primary = shell.primary_monitor().ok().flatten().and_then(|monitor| monitor.name().cloned());
        let monitors = shell.available_monitors().unwrap_or_default();
        monitors
            .iter()
            .enumerate()
            .map(|(index, monitor)| Screen {
                name: monitor.name().cloned().unwrap_or_else(|| index.to_string()),
                area: Area {
                    x: monitor.position().x,
                    y: monitor.position().y,
                    width: monitor.size().width,
                    height: monitor.size().height,
                },
                primary: monitor.name().is_some() && monitor.name() == primary.as_ref(),
            })
            .collect()
    }

    /// Whether a message can be shown to a person before any window is open.
    fn has_display(&self) -> bool;

    /// What this system's web view needs besides the common settings.
    ///
    /// # Errors
    /// Where the web view is already gone.
    fn prepare(&self, window: &WebviewWindow) -> tauri::Result<()>;
}
