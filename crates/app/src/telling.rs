//! What the windows are told, and that none of it comes late: the key that is newer than a view goes with it, and what is
//! being read aloud of a screen that has gone stops.

use crate::commands::voice::screen_key;
use crate::events::AppEvent;
use crate::keystroke::Keystroke;
use crate::kiosk::{App, locked};
use crate::views::CitizenView;
use domain::ids::QuestionId;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::broadcast;

/// Events that a slow window may fall behind before it is sent the whole view again.
const EVENTS_BUFFERED_MAX: usize = 256;

/// The way to the windows.
pub(crate) struct Telling {
    events: broadcast::Sender<AppEvent>,
    keystroke: Mutex<Keystroke>,
    /// The screen that is being read aloud.
    read_screen: Mutex<Option<String>>,
}

impl Default for Telling {
    fn default() -> Self {
        Self::over(broadcast::channel(EVENTS_BUFFERED_MAX).0)
    }
}

impl Telling {
    fn over(events: broadcast::Sender<AppEvent>) -> Self {
        Self {
            events,
            keystroke: Mutex::default(),
            read_screen: Mutex::default(),
        }
    }

    /// To the same windows, of another App.
    pub fn beside(&self) -> Self {
        Self::over(self.events.clone())
    }
}

impl App {
    pub fn subscribe(&self) -> broadcast::Receiver<AppEvent> {
        self.telling.events.subscribe()
    }

    pub(crate) fn events_sender(&self) -> broadcast::Sender<AppEvent> {
        self.telling.events.clone()
    }

    pub(crate) fn read_screen(&self) -> MutexGuard<'_, Option<String>> {
        locked(&self.telling.read_screen)
    }

    pub(crate) fn tell(&self, event: AppEvent) {
        let AppEvent::Citizen { view } = &event else {
            let _ = self.telling.events.send(event);
            return;
        };
        self.hush_on_another_screen(view);
        // Under the lock, so that no key comes between the view and the key that is newer.
        let mut keystroke = locked(&self.telling.keystroke);
        let again = keystroke.after(view);
        for event in std::iter::once(event).chain(again) {
            let _ = self.telling.events.send(event);
        }
    }

    /// Shows a keystroke to the citizen; it waits for nothing and saves nothing.
    pub(crate) fn show_keystroke(&self, question: QuestionId, text: String) {
        let mut keystroke = locked(&self.telling.keystroke);
        let _ = self.telling.events.send(keystroke.press(question, text));
    }

    /// An answer came to be saved.
    pub(crate) fn keystroke_is_in(&self, question: &QuestionId) {
        locked(&self.telling.keystroke).is_in(question);
    }

    /// What is still being said of a screen that has gone is for nobody's ears.
    fn hush_on_another_screen(&self, view: &CitizenView) {
        let mut reading = self.read_screen();
        if reading.as_ref().is_some_and(|key| *key != screen_key(view)) {
            *reading = None;
            self.voice.stop();
        }
    }
}
