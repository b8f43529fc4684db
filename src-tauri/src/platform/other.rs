//! Every other system: what the common code does is enough. Windows composes Vietnamese in the web view by itself.

use super::Platform;
use tauri::WebviewWindow;

pub struct Other;

impl Platform for Other {
    fn has_display(&self) -> bool {
        true
    }

    fn prepare(&self, _window: &WebviewWindow, _: bool) -> tauri::Result<()> {
        Ok(())
    }
}
