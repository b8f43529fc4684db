//! Drafts on a disk that fails, and drafts that are damaged while somebody works on them.
//!
//! **Invariants:** no command works on drafts over a connection that saw the disk fail; damage is believed only after the
//! file was opened anew and read through; then what is in hand is kept from memory, the damaged file is set aside and work
//! goes on in a new one. Nobody is told that a file was set aside before it was.

use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::session::Session;
use store::{Drafts, StoreError};

/// Before a command works with the session.
///
/// # Errors
/// `drafts_set_aside` where the drafts turned out to be damaged; `disk_trouble` while the disk fails.
pub(crate) fn make_sure(app: &App, session: &mut Session) -> Result<(), Problem> {
    match session.drafts.make_sure() {
        Err(StoreError::Damaged(_)) => Err(mend(app, session)),
        other => Ok(other?),
    }
}

/// What came of a command: where it failed on the disk, or on what it read, the drafts are looked at.
pub(crate) fn heed<T>(app: &App, session: &mut Session, came: Result<T, Problem>) -> Result<T, Problem> {
    let Err(problem) = came else { return came };
    if problem.code == ProblemCode::DiskTrouble {
        app.outbox().doubt();
    }
    // The cipher can also say "the disk" or "the key" of a page that is not what was written.
    let is_of_the_file = matches!(
        problem.code,
        ProblemCode::DiskTrouble | ProblemCode::DatabaseDamaged | ProblemCode::KeyUnreadable
    );
    if is_of_the_file && matches!(session.drafts.look(), Err(StoreError::Damaged(_))) {
        return Err(mend(app, session));
    }
    Err(problem)
}

/// Sets the damaged drafts aside and goes on in new ones. Answers what the person is told.
fn mend(app: &App, session: &mut Session) -> Problem {
    let in_hand = session.open.as_ref().filter(|row| !row.sealed);
    match Drafts::rescue(&app.dir, &session.drafts_key, app.clock.now_ms(), in_hand) {
        Ok((drafts, came)) => {
            session.drafts = drafts;
            told(app, came)
        }
        Err(error) => {
            tracing::error!(%error, "the damaged drafts could not be set aside");
            // As it was: the next command looks again.
            session.drafts.doubt();
            match error {
                StoreError::Damaged(_) => ProblemCode::DatabaseDamaged.into(),
                other => other.into(),
            }
        }
    }
}

/// Damaged drafts at the opening, with nothing in hand.
///
/// # Errors
/// The write errors.
pub(crate) fn open(app: &App, key: &[u8; 32]) -> Result<Drafts, Problem> {
    match Drafts::open(&app.dir, key) {
        Err(StoreError::Damaged(_)) => {
            let (drafts, came) = Drafts::rescue(&app.dir, key, app.clock.now_ms(), None)?;
            told(app, came);
            Ok(drafts)
        }
        other => Ok(other?),
    }
}

fn told(app: &App, came: store::Rescued) -> Problem {
    tracing::error!(
        kept = came.kept,
        lost = came.lost,
        "damaged drafts were set aside; work goes on in new ones"
    );
    let problem = Problem::new(ProblemCode::DraftsSetAside);
    app.set_trouble(Some(problem.clone()));
    app.tell(AppEvent::Kiosk);
    problem
}
