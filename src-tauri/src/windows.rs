//! The two windows: opened, placed, taken down when a monitor is unplugged and put back when it returns.
//!
//! **Invariant:** a window's label says who sits before it, and is given here alone. Without a monitor of their own the
//! citizen has no window, and the kiosk is told so (one-screen mode).

use crate::events::Listeners;
use crate::hand_in;
use crate::lockdown::{PAGE_SCRIPT, is_ours};
use crate::opening::Door;
use crate::options::Layout;
use crate::placement::{Area, Arrangement, arrange};
use crate::platform::{Current, Platform as _};
use app::{App, Caller, Problem};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tauri::webview::{Color, NewWindowResponse};
use tauri::{
    AppHandle, Manager as _, PhysicalPosition, PhysicalSize, State, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder,
};

pub const OPERATOR: &str = "operator";
pub const CITIZEN: &str = "citizen";

/// How often the monitors are looked at: no system tells of every change.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Shown before the first picture, so that no window flashes white.
const BEFORE_THE_FIRST_PICTURE: Color = Color(246, 243, 236, 255);

/// Who a window speaks for; none for a window that is not ours.
pub fn caller(label: &str) -> Option<Caller> {
    match label {
        OPERATOR => Some(Caller::OPERATOR),
        CITIZEN => Some(Caller::CITIZEN),
        _ => None,
    }
}

/// How the windows stand now, and which monitor was the citizen's.
pub struct Placed {
    layout: Layout,
    rehearsal: bool,
    /// A test drives the windows: cameras are made up.
    automation: bool,
    memory: PathBuf,
    now: Mutex<Option<Arrangement>>,
}

impl Placed {
    pub fn new(data: &Path, layout: Layout, rehearsal: bool, automation: bool) -> Self {
        Self {
            layout,
            rehearsal,
            automation,
            memory: data.join("citizen-screen.txt"),
            now: Mutex::new(None),
        }
    }

    /// At a counter the windows fill their monitors and nobody leaves them without an officer.
    pub fn is_counter(&self) -> bool {
        self.layout == Layout::Counter
    }

    fn now(&self) -> MutexGuard<'_, Option<Arrangement>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self) -> Option<String> {
        std::fs::read_to_string(&self.memory)
            .ok()
            .map(|name| name.trim().to_owned())
    }
}

/// Opens what there is room for.
///
/// # Errors
/// Where the system refuses a window.
pub fn settle(shell: &AppHandle) -> tauri::Result<()> {
    let placed = shell.state::<Placed>();
    // Held to the end: two looks at once would open two windows.
    let mut now = placed.now();
    let Some(wanted) = arrange(
        &Current.screens(shell),
        placed.remembered().as_deref(),
        placed.layout,
    ) else {
        return Ok(());
    };
    let had_citizen = now.as_ref().map(|before| before.citizen.is_some());
    if now.as_ref() == Some(&wanted) {
        return Ok(());
    }
    put(shell, OPERATOR, wanted.operator)?;
    match wanted.citizen {
        Some(area) => put(shell, CITIZEN, area)?,
        None => take_down(shell)?,
    }
    if had_citizen != Some(wanted.citizen.is_some()) {
        tracing::info!(citizen_window = wanted.citizen.is_some(), "monitors");
        // Until it is open it is told by whoever opens the door.
        if let Some(kiosk) = shell.state::<Door>().now() {
            kiosk.set_citizen_screen(wanted.citizen.is_some());
        }
    }
    *now = Some(wanted);
    Ok(())
}

/// The door opens while no window comes or goes: the kiosk knows from its first command on whether the citizen has one.
pub fn let_in(shell: &AppHandle, opened: Result<Arc<App>, Problem>) {
    let placed = shell.state::<Placed>();
    let now = placed.now();
    if let Ok(kiosk) = &opened {
        kiosk.set_citizen_screen(now.as_ref().is_some_and(|now| now.citizen.is_some()));
    }
    shell.state::<Door>().open(opened);
}

/// Follows the monitors for as long as the shell runs.
pub async fn follow(shell: AppHandle) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    loop {
        ticks.tick().await;
        let at = shell.clone();
        // Asking for monitors waits for the window thread.
        let settled = tauri::async_runtime::spawn_blocking(move || settle(&at)).await;
        if let Ok(Err(error)) = settled {
            tracing::warn!(%error, "windows");
        }
    }
}

/// The operator and the citizen change monitors; remembered for the next start.
#[tauri::command]
pub async fn swap_screens(shell: AppHandle, placed: State<'_, Placed>) -> Result<(), ()> {
    let for_citizen = placed
        .now()
        .as_ref()
        .filter(|now| now.citizen.is_some())
        .map(|now| now.operator_screen.clone());
    if let Some(name) = for_citizen {
        if let Err(error) = std::fs::write(&placed.memory, name) {
            tracing::warn!(%error, "the citizen's monitor is not remembered");
        }
        if let Err(error) = settle(&shell) {
            tracing::warn!(%error, "windows");
        }
    }
    Ok(())
}

fn put(shell: &AppHandle, label: &str, area: Area) -> tauri::Result<()> {
    let full = shell.state::<Placed>().layout == Layout::Counter;
    let window = match shell.get_webview_window(label) {
        Some(window) => {
            // A window that fills one monitor does not move to another.
            window.set_fullscreen(false)?;
            window
        }
        None => open(shell, label)?,
    };
    window.set_position(PhysicalPosition::new(area.x, area.y))?;
    window.set_size(PhysicalSize::new(area.width, area.height))?;
    window.set_fullscreen(full)?;
    window.show()
}

fn open(shell: &AppHandle, label: &str) -> tauri::Result<WebviewWindow> {
    let placed = shell.state::<Placed>();
    let page = WebviewUrl::App(format!("index.html?w={label}").into());
    let window = WebviewWindowBuilder::new(shell, label, page)
        .title(title(label, placed.rehearsal))
        .visible(false)
        .decorations(placed.layout == Layout::Desk)
        .background_color(BEFORE_THE_FIRST_PICTURE)
        .disable_drag_drop_handler()
        .zoom_hotkeys_enabled(false)
        .initialization_script(PAGE_SCRIPT)
        .on_navigation(|url| is_ours(url.scheme(), url.host_str()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_permission_request(|view, kind| hand_in::permission(view.label(), kind))
        .build()?;
    Current.prepare(&window, placed.automation)?;
    Ok(window)
}

fn take_down(shell: &AppHandle) -> tauri::Result<()> {
    shell.state::<Listeners>().forget(CITIZEN);
    match shell.get_webview_window(CITIZEN) {
        Some(window) => window.destroy(),
        None => Ok(()),
    }
}

fn title(label: &str, rehearsal: bool) -> String {
    let whose = if label == CITIZEN {
        "người dân"
    } else {
        "cán bộ"
    };
    let mode = if rehearsal {
        " (chế độ diễn tập)"
    } else {
        ""
    };
    format!("Đồng Hành – {whose}{mode}")
}

#[cfg(test)]
mod tests {
    use super::{CITIZEN, OPERATOR, caller};
    use app::Caller;

    #[test]
    fn a_label_says_who_calls_and_no_other_label_does() {
        let cases = [
            (OPERATOR, Some(Caller::OPERATOR)),
            (CITIZEN, Some(Caller::CITIZEN)),
            ("main", None),
            ("", None),
            ("Operator", None),
        ];
        for (label, want) in cases {
            assert_eq!(caller(label), want, "{label:?}");
        }
    }
}
