//! The kiosk on its way: it is opened on a thread of its own while the windows come up, and whatever a window asks
//! meanwhile waits here.
//!
//! **Invariant:** nowhere else in the shell is a kiosk kept, so that nothing reaches it before it is whole: opened, told
//! whether the citizen has a window, sending, and heard by the windows.

use app::{App, Problem, ProblemCode};
use std::sync::Arc;
use std::sync::mpsc;
use tokio::sync::watch;

/// A kiosk that is open, or why it is not.
type Opened = Result<Arc<App>, Problem>;

/// The way to the kiosk.
pub struct Door {
    opened: watch::Sender<Option<Opened>>,
}

impl Door {
    pub fn closed() -> Self {
        Self {
            opened: watch::Sender::new(None),
        }
    }

    /// From here on everybody who waited is let in, or told why not.
    pub fn open(&self, opened: Opened) {
        self.opened.send_replace(Some(opened));
    }

    /// The kiosk, as soon as it is open.
    ///
    /// # Errors
    /// Why it could not be opened.
    pub async fn kiosk(&self) -> Opened {
        let mut opened = self.opened.subscribe();
        let there = opened.wait_for(Option::is_some).await;
        match there.as_deref() {
            Ok(Some(opened)) => opened.clone(),
            Ok(None) | Err(_) => Err(ProblemCode::Internal.into()),
        }
    }

    /// The kiosk, where it is open already.
    pub fn now(&self) -> Option<Arc<App>> {
        self.opened.borrow().clone()?.ok()
    }

    /// Why it could not be opened, where that is known.
    pub fn refused(&self) -> Option<Problem> {
        self.opened.borrow().clone()?.err()
    }
}

/// A kiosk that is being opened.
pub struct Coming(mpsc::Receiver<Opened>);

impl Coming {
    /// Begins at once, beside whatever else is done to get the windows up.
    pub fn begin(open: impl FnOnce() -> Opened + Send + 'static) -> Self {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let _ = tell.send(open());
        });
        Self(told)
    }

    /// One that is open already.
    pub fn there(kiosk: Arc<App>) -> Self {
        let (tell, told) = mpsc::channel();
        let _ = tell.send(Ok(kiosk));
        Self(told)
    }

    /// Waits for it. A thread that died has told nothing but that.
    pub fn wait(self) -> Opened {
        self.0
            .recv()
            .unwrap_or_else(|_| Err(ProblemCode::Internal.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Coming, Door};
    use app::{App, KioskOptions, ProblemCode};
    use std::sync::Arc;
    use std::time::Duration;

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_gets_in_before_it_is_open() {
        let door = Arc::new(Door::closed());
        let asked = Arc::clone(&door);
        let mut waiting = tokio::spawn(async move { asked.kiosk().await.is_ok() });
        tokio::time::timeout(Duration::from_millis(200), &mut waiting)
            .await
            .expect_err("a closed door lets nobody in");
        assert!(door.now().is_none(), "nor past it");

        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        let coming = Coming::begin(move || App::open(KioskOptions::new(data)));
        door.open(coming.wait());
        assert!(waiting.await.unwrap(), "who waited is let in");
        assert!(door.now().is_some() && door.kiosk().await.is_ok());
    }

    #[tokio::test]
    async fn who_waited_in_vain_is_told_why() {
        let door = Door::closed();
        door.open(Err(ProblemCode::DatabaseDamaged.into()));
        assert_eq!(door.kiosk().await.unwrap_err().code, ProblemCode::DatabaseDamaged);
        assert_eq!(door.refused().unwrap().code, ProblemCode::DatabaseDamaged);
        assert!(door.now().is_none());
    }

    #[test]
    fn a_thread_that_died_is_a_problem_and_not_a_wait_for_ever() {
        let coming = Coming::begin(|| std::panic::resume_unwind(Box::new("planted")));
        assert_eq!(coming.wait().unwrap_err().code, ProblemCode::Internal);
    }
}
