//! Where the two windows go, worked out from the monitors there are. Pure: it moves nothing.
//!
//! **Invariant:** the operator always has a window; the citizen has one only on a monitor (or half) of their own,
//! so that nobody reads the operator's search over the citizen's page.

use crate::options::Layout;

/// A monitor. Measures are physical pixels of the whole desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// The system's name for it, unlike every other's, and the same after it was unplugged and plugged in again.
    pub name: String,
    pub area: Area,
    pub primary: bool,
}

/// A rectangle of the desktop in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
}

/// A counter's two monitors are often one model, and some systems name a monitor by its model: the second of a name is
/// numbered, from the left.
pub fn told_apart(mut screens: Vec<Screen>) -> Vec<Screen> {
    screens.sort_by_key(|screen| (screen.area.x, screen.area.y));
    let mut seen: Vec<String> = Vec::new();
    for screen in &mut screens {
        let before = seen.iter().filter(|name| **name == screen.name).count();
        seen.push(screen.name.clone());
        if before > 0 {
            screen.name = format!("{} #{}", screen.name, before + 1);
        }
    }
    screens
}

/// Both windows' places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement {
    pub operator: Area,
    /// The monitor that the operator's window is on.
    pub operator_screen: String,
    /// None: one-screen mode.
    pub citizen: Option<Area>,
}

/// On a desk, no window is made narrower than this: the screens are drawn for it.
const DESK_WIDTH_MIN: u32 = 1366;

/// Places both windows. `remembered` is the name of the monitor that was the citizen's before. None without a monitor.
pub fn arrange(screens: &[Screen], remembered: Option<&str>, layout: Layout) -> Option<Arrangement> {
    let first = screens
        .iter()
        .find(|screen| screen.primary)
        .or_else(|| screens.first())?;
    match layout {
        Layout::Desk => Some(desk(first)),
        Layout::Counter => Some(counter(screens, first, remembered)),
    }
}

fn counter(screens: &[Screen], first: &Screen, remembered: Option<&str>) -> Arrangement {
    let others = || screens.iter().filter(|screen| screen.name != first.name);
    let remembered = screens
        .iter()
        .find(|screen| Some(screen.name.as_str()) == remembered);
    let citizen = match others().next() {
        None => None,
        Some(second) => Some(remembered.unwrap_or(second)),
    };
    // Where the citizen has the first monitor, the operator has the other.
    let operator = match citizen {
        Some(citizen) if citizen.name == first.name => others().next().unwrap_or(first),
        _ => first,
    };
    Arrangement {
        operator: operator.area,
        operator_screen: operator.name.clone(),
        citizen: citizen.map(|screen| screen.area),
    }
}

fn desk(screen: &Screen) -> Arrangement {
    let whole = screen.area;
    let width = (whole.width / 2).max(DESK_WIDTH_MIN).min(whole.width);
    let right = i32::try_from(whole.width - width).unwrap_or(0);
    Arrangement {
        operator: Area { width, ..whole },
        operator_screen: screen.name.clone(),
        citizen: Some(Area {
            x: whole.x + right,
            width,
            ..whole
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Area, Arrangement, Screen, arrange, told_apart};
    use crate::options::Layout;

    fn screen(name: &str, x: i32, width: u32, primary: bool) -> Screen {
        Screen {
            name: name.to_owned(),
            area: Area {
                x,
                y: 0,
                width,
                height: 768,
            },
            primary,
        }
    }

    /// The left edges of the operator's and the citizen's window.
    fn edges(found: Option<Arrangement>) -> Option<(i32, Option<i32>)> {
        found.map(|found| (found.operator.x, found.citizen.map(|area| area.x)))
    }

    #[test]
    fn each_window_has_a_monitor_of_its_own() {
        let one = vec![screen("A", 0, 1366, true)];
        let two = vec![screen("A", 0, 1366, true), screen("B", 1366, 1280, false)];
        let three = vec![
            screen("A", 0, 1366, false),
            screen("B", 1366, 1280, true),
            screen("C", 2646, 1280, false),
        ];
        let cases = [
            ("no monitor", vec![], None, None),
            (
                "one monitor is the operator's",
                one.clone(),
                None,
                Some((0, None)),
            ),
            (
                "one monitor stays the operator's, whatever is remembered",
                one,
                Some("A"),
                Some((0, None)),
            ),
            (
                "the second is the citizen's",
                two.clone(),
                None,
                Some((0, Some(1366))),
            ),
            ("swapped", two.clone(), Some("A"), Some((1366, Some(0)))),
            (
                "the remembered one is gone",
                two,
                Some("Z"),
                Some((0, Some(1366))),
            ),
            (
                "the primary is the operator's",
                three.clone(),
                None,
                Some((1366, Some(0))),
            ),
            (
                "the third is remembered",
                three,
                Some("C"),
                Some((1366, Some(2646))),
            ),
        ];
        for (why, screens, remembered, want) in cases {
            assert_eq!(
                edges(arrange(&screens, remembered, Layout::Counter)),
                want,
                "{why}"
            );
        }
    }

    #[test]
    fn two_monitors_of_one_model_are_two() {
        let same = vec![
            screen("P2419H", 1366, 1280, false),
            screen("P2419H", 0, 1366, true),
            screen("", 2646, 800, false),
        ];
        let names: Vec<String> = told_apart(same.clone())
            .into_iter()
            .map(|screen| screen.name)
            .collect();
        assert_eq!(names, ["P2419H", "P2419H #2", ""]);
        let found = arrange(&told_apart(same.clone()), None, Layout::Counter);
        assert_eq!(edges(found), Some((0, Some(1366))), "each window has its own");
        assert_eq!(
            edges(arrange(&same, None, Layout::Counter)),
            Some((0, Some(2646))),
            "not told apart, one is overlooked"
        );
    }

    #[test]
    fn a_desk_puts_both_windows_on_one_monitor() {
        for (width, citizen) in [(2732, 1366), (3840, 1920), (1366, 0), (1024, 0), (1920, 554)] {
            let found = arrange(&[screen("A", 0, width, true)], None, Layout::Desk);
            assert_eq!(edges(found), Some((0, Some(citizen))), "{width} pixels wide");
        }
    }
}
