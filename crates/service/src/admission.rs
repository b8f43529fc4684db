//! Who is let in, lane by lane: a few at work, some waiting with their bodies unread, the others sent away with a time.
//!
//! **Invariants:** no lane can take another's room, so that scans never hold up forms nor forms the small questions; what
//! waits is bounded; whoever is sent away is told when to come again, the later the more were sent away before.

use crate::ServiceError;
use crate::limits::{
    AWAY_SECONDS_MAX, AWAY_SECONDS_MIN, CATALOGUES_MAX, FORMS_AT_WORK_MAX, FORMS_WAITING_MAX,
    QUESTIONS_AT_WORK_MAX, QUESTIONS_WAITING_MAX, TURN_TIME_MAX,
};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The doors of the kiosks' listener. Scans have theirs in `uploads`, which also counts by device.
pub struct Doors {
    pub questions: Arc<Door>,
    pub forms: Arc<Door>,
    pub catalogue: Arc<Door>,
}

impl Default for Doors {
    fn default() -> Self {
        Self {
            questions: Arc::new(Door::new(QUESTIONS_AT_WORK_MAX, QUESTIONS_WAITING_MAX)),
            forms: Arc::new(Door::new(FORMS_AT_WORK_MAX, FORMS_WAITING_MAX)),
            catalogue: Arc::new(Door::new(CATALOGUES_MAX, 0)),
        }
    }
}

/// The door of one lane.
pub struct Door {
    at_work: Semaphore,
    waiting: AtomicUsize,
    waiting_max: usize,
    away: Away,
}

/// One more that waits, until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Door {
    fn new(at_work_max: usize, waiting_max: usize) -> Self {
        Self {
            at_work: Semaphore::new(at_work_max),
            waiting: AtomicUsize::new(0),
            waiting_max,
            away: Away::new(at_work_max),
        }
    }

    /// In the order of coming.
    ///
    /// # Errors
    /// [`ServiceError::SentAway`].
    async fn enter(&self) -> Result<SemaphorePermit<'_>, ServiceError> {
        if let Ok(turn) = self.at_work.try_acquire() {
            self.away.one_came();
            return Ok(turn);
        }
        let place = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if place >= self.waiting_max {
            return Err(self.away.send());
        }
        match tokio::time::timeout(TURN_TIME_MAX, self.at_work.acquire()).await {
            Ok(Ok(turn)) => {
                self.away.one_came();
                Ok(turn)
            }
            Ok(Err(_)) | Err(_) => Err(self.away.send()),
        }
    }
}

/// Middleware: through a door, and back to it with the answer.
pub async fn through(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    match door.enter().await {
        Ok(_turn) => next.run(request).await,
        Err(away) => away.into_response(),
    }
}

/// Counts who was sent away and has not come again, and spreads their coming.
pub struct Away {
    out: AtomicU64,
    /// Let in at once.
    room: u64,
}

impl Away {
    #[must_use]
    pub fn new(room: usize) -> Self {
        Self {
            out: AtomicU64::new(0),
            room: room.max(1) as u64,
        }
    }

    /// Somebody found room: if one of those who were sent away, one less is out.
    pub fn one_came(&self) {
        let _ = self.out.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
            Some(n.saturating_sub(1))
        });
    }

    /// A later time for each that is sent away: so many seconds as rooms could be filled with those before.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        let before = self.out.fetch_add(1, Ordering::Relaxed);
        AWAY_SECONDS_MIN
            .saturating_add(before / self.room)
            .min(AWAY_SECONDS_MAX)
    }

    /// As [`Self::seconds`], as a refusal.
    #[must_use]
    pub fn send(&self) -> ServiceError {
        ServiceError::SentAway {
            seconds: self.seconds(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(error: &ServiceError) -> u64 {
        match error {
            ServiceError::SentAway { seconds } => *seconds,
            other => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn those_at_work_those_waiting_and_those_sent_away() {
        let door = Arc::new(Door::new(1, 1));
        let at_work = door.enter().await.unwrap();
        let waits = tokio::spawn({
            let door = Arc::clone(&door);
            async move { door.enter().await.map(drop) }
        });
        while door.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        let away = door.enter().await.err().unwrap();
        assert_eq!(seconds(&away), AWAY_SECONDS_MIN);
        drop(at_work);
        assert!(waits.await.unwrap().is_ok(), "who waited gets the room");
        assert!(door.enter().await.is_ok());
        assert_eq!(door.waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_more_are_out_the_later_they_are_asked_to_come() {
        let away = Away::new(10);
        let told: Vec<u64> = (0..2000).map(|_| seconds(&away.send())).collect();
        assert_eq!((told[0], told[9], told[10], told[25]), (2, 2, 3, 4));
        assert_eq!(told[1999], AWAY_SECONDS_MAX);
        (0..2000).for_each(|_| away.one_came());
        assert_eq!(seconds(&away.send()), AWAY_SECONDS_MIN);
    }
}
