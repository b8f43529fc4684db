//! How much room the disk has, and what is not begun without it.
//!
//! **Invariant:** below the floor no new dossier begins; one that is under way is finished, in what the floor and the
//! reserve keep for it. A disk that does not say how full it is counts as having room: the writes themselves tell.

use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use std::path::Path;

/// Bytes that must be free, on the disk of the data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// Below this the officer is told.
    pub warn: u64,
    /// Below this no dossier begins: the largest dossier, twice (draft and sealed), and its log.
    pub begin: u64,
}

impl Default for Floor {
    fn default() -> Self {
        Self::of(600 * 1024 * 1024)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Enough,
    Low,
    Full,
}

impl Floor {
    /// So much must stay free; the officer is told from three times as much on.
    #[must_use]
    pub const fn of(begin: u64) -> Self {
        Self {
            warn: begin.saturating_mul(3),
            begin,
        }
    }

    const fn judge(self, free: u64) -> Room {
        if free < self.begin {
            Room::Full
        } else if free < self.warn {
            Room::Low
        } else {
            Room::Enough
        }
    }
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

fn now(app: &App) -> Room {
    free(&app.dir).map_or(Room::Enough, |free| app.floor.judge(free))
}

/// What the officer is told of the disk.
pub(crate) fn told(app: &App) -> Option<Problem> {
    match now(app) {
        Room::Enough => None,
        Room::Low => Some(ProblemCode::DiskLow.into()),
        Room::Full => Some(ProblemCode::DiskFloor.into()),
    }
}

/// Asked before a dossier begins.
///
/// # Errors
/// `disk_floor`.
pub(crate) fn may_begin(app: &App) -> Result<(), Problem> {
    match now(app) {
        Room::Enough | Room::Low => Ok(()),
        Room::Full => Err(ProblemCode::DiskFloor.into()),
    }
}

/// Between two citizens: what a full disk took of the reserve is set aside again, once somebody made room.
pub(crate) fn refill(app: &App) {
    if now(app) != Room::Full
        && let Err(e) = app.files.fill_reserve()
    {
        tracing::warn!(error = %e, "the reserve was not filled");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_officer_is_told_before_nothing_begins_any_more() {
        let floor = Floor { warn: 100, begin: 10 };
        for (free, room) in [
            (0, Room::Full),
            (9, Room::Full),
            (10, Room::Low),
            (99, Room::Low),
            (100, Room::Enough),
        ] {
            assert_eq!(floor.judge(free), room, "{free}");
        }
        let told = Floor::default();
        assert!(told.warn > told.begin && Floor::of(u64::MAX).judge(u64::MAX) == Room::Enough);
        assert!(
            free(Path::new("/")).is_some_and(|bytes| bytes > 0),
            "this disk says nothing"
        );
        assert_eq!(free(Path::new("/nowhere at all")), None);
    }
}
