//! What is particular to one system about windows and web views, behind one small trait.
//!
//! Deliberately absent: printers (crate `paper`) and the protection of keys (crate `app`).

use crate::placement::{Area, Screen, told_apart};
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
        let primary = shell
            .primary_monitor()
            .ok()
            .flatten()
            .map(|monitor| *monitor.position());
        let monitors = shell.available_monitors().unwrap_or_default();
        let found = monitors.iter().map(|monitor| Screen {
            name: monitor.name().cloned().unwrap_or_default(),
            area: Area {
                x: monitor.position().x,
                y: monitor.position().y,
                width: monitor.size().width,
                height: monitor.size().height,
            },
            primary: Some(*monitor.position()) == primary,
        });
        told_apart(found.collect())
    }

    /// Whether a message can be shown to a person before any window is open.
    fn has_display(&self) -> bool;

    /// What this system's web view needs besides the common settings. Under `automation` its cameras are made up.
    ///
    /// # Errors
    /// Where the web view is already gone.
    fn prepare(&self, window: &WebviewWindow, automation: bool) -> tauri::Result<()>;
}
