//! What the kiosk says unasked, carried to the window that it concerns.
//!
//! **Invariant:** the citizen's window gets its own screen and the keystrokes for it, and nothing else. Each window
//! has a channel of its own: on the shell's event bus any page can listen to what is meant for another.

use crate::windows::{CITIZEN, OPERATOR};
use app::{App, AppEvent, Caller, Problem};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _, State, WebviewWindow};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// The channel of each window that listens, by its label.
#[derive(Default)]
pub struct Listeners(Mutex<HashMap<String, Channel<serde_json::Value>>>);

impl Listeners {
    fn set(&self, label: &str, channel: Channel<serde_json::Value>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(label.to_owned(), channel);
    }

    /// Forgets a window that was taken down.
    pub fn forget(&self, label: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(label);
    }

    fn send(&self, label: &str, event: &serde_json::Value) {
        let listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A window that is just going away hears nothing more; it asks for its whole screen when it comes back.
        if let Some(channel) = listeners.get(label) {
            let _ = channel.send(event.clone());
        }
    }
}

/// The window wants to hear what concerns it; a page that was loaded again takes the place of the one before.
#[tauri::command]
pub fn subscribe(
    window: WebviewWindow,
    listeners: State<'_, Listeners>,
    channel: Channel<serde_json::Value>,
) {
    listeners.set(window.label(), channel);
}

/// Which windows an event goes to. The citizen's screen goes to the operator's window too: it shows it while turned.
fn destinations(event: &AppEvent) -> &'static [&'static str] {
    match event {
        AppEvent::Citizen { .. } | AppEvent::Kiosk | AppEvent::Reading { .. } => &[CITIZEN, OPERATOR],
        // Nobody types into a screen that is turned.
        AppEvent::Typing { .. } => &[CITIZEN],
        AppEvent::Dossier { .. } | AppEvent::SaidWrong { .. } | AppEvent::ConsentRefused { .. } => {
            &[OPERATOR]
        }
        AppEvent::CitizenThere
        | AppEvent::Outbox
        | AppEvent::Tray
        | AppEvent::PagesReady { .. }
        | AppEvent::Network { .. }
        | AppEvent::CloseAsked => &[OPERATOR],
        AppEvent::Quit => &[],
    }
}

/// Carries every event until the kiosk closes.
pub async fn carry(shell: AppHandle, kiosk: Arc<App>, mut events: Receiver<AppEvent>) {
    loop {
        match events.recv().await {
            Ok(AppEvent::Quit) => shell.exit(0),
            Ok(event) => deliver(&shell, &event),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "windows fell behind; sending whole screens");
                catch_up(&shell, &kiosk).await;
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn deliver(shell: &AppHandle, event: &AppEvent) {
    let Ok(payload) = serde_json::to_value(event) else {
        return;
    };
    for label in destinations(event) {
        shell.state::<Listeners>().send(label, &payload);
    }
}

/// Every view is whole, so that one fetch repairs whatever was missed.
async fn catch_up(shell: &AppHandle, kiosk: &Arc<App>) {
    let asked = Arc::clone(kiosk);
    let screen = tauri::async_runtime::spawn_blocking(move || citizen_screen(&asked)).await;
    if let Ok(Ok(view)) = screen {
        for label in [CITIZEN, OPERATOR] {
            shell
                .state::<Listeners>()
                .send(label, &json!({ "event": "citizen", "view": view }));
        }
    }
    deliver(shell, &AppEvent::Outbox);
}

fn citizen_screen(kiosk: &App) -> Result<serde_json::Value, Problem> {
    app::dispatch(kiosk, Caller::CITIZEN, "citizen_screen", json!({}))
}

#[cfg(test)]
mod tests {
    use super::{CITIZEN, OPERATOR, destinations};
    use app::AppEvent;
    use app::views::CitizenView;

    #[test]
    fn the_citizen_hears_only_their_own_screen() {
        let theirs = AppEvent::Citizen {
            view: Box::new(CitizenView::Locked),
        };
        assert!(
            destinations(&theirs).contains(&CITIZEN),
            "their screen reaches them"
        );
        let dossier: domain::ids::DossierId =
            serde_json::from_str("\"7c9e6679-7425-40de-944b-e07fc1f90ae7\"").unwrap();
        for operators in [
            AppEvent::Outbox,
            AppEvent::CloseAsked,
            AppEvent::ConsentRefused { dossier },
        ] {
            assert_eq!(
                destinations(&operators),
                [OPERATOR],
                "{operators:?} stays with the operator"
            );
        }
    }
}
