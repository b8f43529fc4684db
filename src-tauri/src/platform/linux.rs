//! Linux: WebKitGTK on X11.

use super::Platform;
use crate::windows::OPERATOR;
use tauri::WebviewWindow;
use webkit2gtk::{InputMethodContextExt as _, SettingsExt as _, WebViewExt};

pub struct Linux;

impl Platform for Linux {
    fn has_display(&self) -> bool {
        ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    }

    fn prepare(&self, window: &WebviewWindow, automation: bool) -> tauri::Result<()> {
        // The citizen's page has no camera at all, whatever a permission would say.
        let sees = window.label() == OPERATOR;
        window.with_webview(move |webview| {
            let view = webview.inner();
            // The shell's library turns the input method's preedit off: with a Vietnamese input method the word being
            // composed is then invisible, and lost when the next thing is a click on a button.
            if let Some(context) = view.input_method_context() {
                context.set_enable_preedit(true);
            }
            if let Some(settings) = WebViewExt::settings(&view) {
                settings.set_enable_media_stream(sees);
                settings.set_enable_mock_capture_devices(sees && automation);
            }
            // A page whose process died comes back by itself: it holds nothing, the kiosk sends its screen again.
            view.connect_web_process_terminated(|view, _| view.reload());
        })
    }
}
