//! Three ways of doing the same thing: with a mouse, with the keyboard alone, with a finger alone.
//!
//! **Invariant:** keys never touch what Tab does not reach; a finger never touches what is not in sight, is covered by
//! something else, or is smaller than 64 px.

use crate::kiosk::{Kiosk, Side};
use fantoccini::key::Key;
use serde_json::json;

/// More stops than any screen has.
const TABS_MAX: usize = 140;

/// Whose hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hands {
    Mouse,
    Keys,
    Finger,
}

/// A word as it is typed on the keyboard of the screen: its letters, then the key of its tone.
pub type Spelled = (&'static str, Option<char>);

/// Where the focus is, as the hook of the element or of what holds it.
const FOCUSED: &str = "return document.activeElement?.closest('[data-testid]')?.dataset.testid ?? ''";
const FOCUSED_WITHIN: &str = "const wanted = arguments[0];
    for (let at = document.activeElement; at; at = at.parentElement) if (at.dataset?.testid === wanted) return true;
    return false;";

/// A tap: the finger comes down on the middle of what is really there, and goes up.
const TAP: &str = "const element = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);
    if (!element || element.disabled) return null;
    element.scrollIntoView({ block: 'center' });
    const target = element.matches('input[type=radio]') ? element.closest('label') : element;
    const box = target.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const hit = document.elementFromPoint(x, y);
    if (!hit || !(target.contains(hit) || hit.contains(target))) return null;
    if (box.height < 63.5 || box.width < 63.5) return `only ${Math.round(box.width)} x ${Math.round(box.height)} px`;
    const finger = { bubbles: true, cancelable: true, pointerType: 'touch', isPrimary: true, pointerId: 7, clientX: x, clientY: y };
    hit.dispatchEvent(new PointerEvent('pointerdown', finger));
    hit.dispatchEvent(new PointerEvent('pointerup', finger));
    const field = hit.closest('input:not([type=radio])');
    if (field) field.focus(); else if (!hit.closest('[data-keyboard]')) document.activeElement?.blur?.();
    hit.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, clientX: x, clientY: y, detail: 1 }));
    return true;";

const BLUR: &str = "document.activeElement.blur(); return true";

impl Hands {
    /// Presses a button.
    pub async fn press(self, kiosk: &Kiosk, side: Side, testid: &str) {
        match self {
            Self::Mouse => kiosk.press(side, testid).await,
            Self::Finger => tap(kiosk, side, testid).await,
            Self::Keys => {
                enabled(kiosk, side, testid).await;
                reach(kiosk, side, testid).await;
                kiosk.keys(side, &char::from(Key::Enter).to_string()).await;
            }
        }
    }

    /// Picks one of a few large buttons. `at` is its place in the group.
    pub async fn pick(self, kiosk: &Kiosk, group: &str, value: &str, at: usize) {
        match self {
            // What is saved above it may move it between the look and the press: a person would press again.
            Self::Mouse => {
                let testid = format!("{group}-{value}");
                let chosen =
                    format!("return document.querySelector('[data-testid=\"{testid}\"] input').checked");
                kiosk.press(Side::Operator, &testid).await;
                if !kiosk.soon(Side::Operator, &chosen).await {
                    kiosk.press(Side::Operator, &testid).await;
                    kiosk.script(Side::Operator, "it is chosen", &chosen).await;
                }
            }
            Self::Finger => tap(kiosk, Side::Operator, &format!("{group}-{value}")).await,
            Self::Keys => {
                reach(kiosk, Side::Operator, group).await;
                // Space takes the first; the arrows walk on from there.
                let steps = char::from(Key::Right).to_string().repeat(at);
                kiosk.keys(Side::Operator, &format!(" {steps}")).await;
            }
        }
    }

    /// Writes into a field.
    pub async fn write(self, kiosk: &Kiosk, side: Side, testid: &str, words: &[Spelled], text: &str) {
        match self {
            Self::Mouse => kiosk.write(side, testid, text).await,
            Self::Keys => {
                reach(kiosk, side, testid).await;
                kiosk.keys(side, text).await;
            }
            Self::Finger => {
                tap(kiosk, side, testid).await;
                spell(kiosk, side, words).await;
            }
        }
        kiosk.holds(side, testid, text).await;
    }

    /// Types the beginning of a name into a list and takes the entry that comes first.
    pub async fn choose(self, kiosk: &Kiosk, testid: &str, beginning: &'static str) {
        match self {
            Self::Mouse => kiosk.choose(Side::Operator, testid, beginning).await,
            Self::Keys => {
                reach(kiosk, Side::Operator, testid).await;
                kiosk.keys(Side::Operator, beginning).await;
                kiosk
                    .keys(Side::Operator, &char::from(Key::Enter).to_string())
                    .await;
            }
            Self::Finger => {
                tap(kiosk, Side::Operator, testid).await;
                spell(kiosk, Side::Operator, &[(beginning, None)]).await;
                let option = format!(
                    "const field = document.querySelector('[data-testid=\"{testid}\"]');
                     return document.getElementById(field.id + '-list')?.querySelector('[data-testid]')?.dataset.testid"
                );
                let first = kiosk.script(Side::Operator, "an entry", &option).await;
                tap(kiosk, Side::Operator, first.as_str().expect("its hook")).await;
            }
        }
    }

    /// Leaves the field that was written in.
    pub async fn leave(self, kiosk: &Kiosk) {
        match self {
            Self::Mouse | Self::Finger => {
                kiosk.script(Side::Operator, "leave the field", BLUR).await;
            }
            Self::Keys => {
                kiosk
                    .keys(Side::Operator, &char::from(Key::Tab).to_string())
                    .await;
            }
        }
    }

    /// On to the next place.
    pub async fn next(self, kiosk: &Kiosk) {
        match self {
            Self::Mouse | Self::Finger => self.press(kiosk, Side::Operator, "next").await,
            Self::Keys => {
                enabled(kiosk, Side::Operator, "next").await;
                let on = format!(
                    "{}{}{}",
                    char::from(Key::Alt),
                    char::from(Key::Right),
                    char::from(Key::Null)
                );
                kiosk.keys(Side::Operator, &on).await;
            }
        }
    }
}

async fn enabled(kiosk: &Kiosk, side: Side, testid: &str) {
    let there =
        format!("return document.querySelector('[data-testid=\"{testid}\"]:not(:disabled)') !== null");
    kiosk
        .script(side, &format!("{testid} can be pressed"), &there)
        .await;
}

/// Goes from stop to stop until the focus is there: what Tab does not reach, nobody reaches by keys.
pub async fn reach(kiosk: &Kiosk, side: Side, testid: &str) {
    kiosk.see(side, testid).await;
    let mut stops = Vec::new();
    for _ in 0..TABS_MAX {
        if kiosk.ask(side, FOCUSED_WITHIN, vec![json!(testid)]).await == json!(true) {
            return;
        }
        kiosk.keys(side, &char::from(Key::Tab).to_string()).await;
        stops.push(
            kiosk
                .ask(side, FOCUSED, vec![])
                .await
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    panic!("{}: Tab never reaches {testid}: {stops:?}", side.name());
}

/// One tap, once the thing is there and nothing covers it.
pub async fn tap(kiosk: &Kiosk, side: Side, testid: &str) {
    let said = kiosk
        .ask_until(side, &format!("tap {testid}"), TAP, vec![json!(testid)])
        .await;
    assert_eq!(said, json!(true), "{testid} is too small for a finger");
}

/// Every letter is a tap on the keyboard of the screen.
async fn spell(kiosk: &Kiosk, side: Side, words: &[Spelled]) {
    kiosk.see(side, "keyboard").await;
    for (at, (letters, tone)) in words.iter().enumerate() {
        if at > 0 {
            tap(kiosk, side, "key-space").await;
        }
        for letter in letters.chars() {
            if letter == ' ' {
                tap(kiosk, side, "key-space").await;
                continue;
            }
            if letter.is_uppercase() {
                tap(kiosk, side, "key-shift").await;
            }
            // An upper-case letter has the hook of its key.
            let key: String = letter.to_lowercase().collect();
            tap(kiosk, side, &format!("key-{key}")).await;
        }
        if let Some(tone) = tone {
            tap(kiosk, side, &format!("tone-{tone}")).await;
        }
    }
}
