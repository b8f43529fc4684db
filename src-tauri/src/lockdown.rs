//! What a person at the counter cannot do with the windows, on purpose or by a stray key.
//!
//! **Invariant:** in a program built for release nothing from outside can drive the windows: the variable that
//! would let it is taken away before the first web view reads it.

use crate::options::Options;

/// Runs in each page before its own scripts: no context menu, no reload, no print dialog, no dropped files, no page that
/// closes itself.
pub const PAGE_SCRIPT: &str = include_str!("lockdown.js");

const AUTOMATION_VARIABLE: &str = "TAURI_WEBVIEW_AUTOMATION";

/// Whether this program may be driven at all: while developing, or built to be measured.
const fn automation_known() -> bool {
    cfg!(any(debug_assertions, feature = "automation"))
}

/// Whether this run may be driven.
pub fn automation_wanted(options: &Options) -> bool {
    automation_known() && options.automation
}

/// Takes automation away unless this run asked for it and this program knows it.
#[expect(
    unsafe_code,
    reason = "changing the environment is sound only while one thread runs, as at the top of main"
)]
pub fn close_automation(options: &Options) {
    if !automation_wanted(options) {
        // SAFETY: called first in `main`, before any thread is started.
        unsafe { std::env::remove_var(AUTOMATION_VARIABLE) };
    }
}

/// Only our own pages are ever shown: the bundled interface, and nothing that a link could lead to.
pub fn is_ours(scheme: &str, host: Option<&str>) -> bool {
    matches!(
        (scheme, host),
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost"))
    )
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_the_bundled_pages_are_ours() {
        let cases = [
            ("tauri", Some("localhost"), true),
            ("http", Some("tauri.localhost"), true),
            ("https", Some("tauri.localhost"), true),
            ("http", Some("localhost"), false),
            ("https", Some("tauri.localhost.example.com"), false),
            ("tauri", Some("example.com"), false),
            ("file", None, false),
            ("data", None, false),
            ("about", None, false),
        ];
        for (scheme, host, ours) in cases {
            assert_eq!(is_ours(scheme, host), ours, "{scheme}://{host:?}");
        }
    }
}
