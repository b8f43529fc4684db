//! Challenges and sessions, in memory: a restart signs every kiosk out, and each signs in again by itself.
//!
//! **Invariants:** a nonce is good once; tokens are kept hashed; ages are counted by the monotonic clock, and no
//! kiosk's clock is ever asked.

use crate::ServiceError;
use crate::limits::{CHALLENGE_AGE_MAX, CHALLENGES_MAX, SESSION_AGE_MAX, SESSIONS_MAX};
use domain::ids::DeviceId;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use wire::{Nonce, ProblemCode, Sha256};

/// Entries with an age, never more than `max`.
struct Aging<K> {
    entries: HashMap<K, (DeviceId, Instant)>,
    age_max: Duration,
    max: usize,
}

impl<K: std::hash::Hash + Eq> Aging<K> {
    fn new(age_max: Duration, max: usize) -> Self {
        Self {
            entries: HashMap::new(),
            age_max,
            max,
        }
    }

    fn put(&mut self, key: K, device: DeviceId, now: Instant) -> Result<(), ServiceError> {
        if self.entries.len() >= self.max {
            let age_max = self.age_max;
            self.entries
                .retain(|_, (_, made)| now.duration_since(*made) < age_max);
        }
        if self.entries.len() >= self.max {
            return Err(ProblemCode::Busy.into());
        }
        self.entries.insert(key, (device, now));
        Ok(())
    }

    fn young(&self, entry: Option<&(DeviceId, Instant)>, now: Instant) -> Option<DeviceId> {
        entry
            .filter(|(_, made)| now.duration_since(*made) < self.age_max)
            .map(|(device, _)| *device)
    }
}

/// Who has asked and who is signed in.
pub struct Sessions {
    challenges: Mutex<Aging<Nonce>>,
    tokens: Mutex<Aging<Sha256>>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            challenges: Mutex::new(Aging::new(CHALLENGE_AGE_MAX, CHALLENGES_MAX)),
            tokens: Mutex::new(Aging::new(SESSION_AGE_MAX, SESSIONS_MAX)),
        }
    }
}

fn poisoned<T>(_: T) -> ServiceError {
    ServiceError::Damaged("session table")
}

impl Sessions {
    /// # Errors
    /// [`ProblemCode::Busy`], no randomness.
    pub fn challenge(&self, device: DeviceId, now: Instant) -> Result<Nonce, ServiceError> {
        let nonce = Nonce::random()?;
        self.challenges
            .lock()
            .map_err(poisoned)?
            .put(nonce, device, now)?;
        Ok(nonce)
    }

    /// Uses a nonce up, whatever comes of it.
    ///
    /// # Errors
    /// [`ProblemCode::ChallengeStale`]: unknown, used, too old, or another device's.
    pub fn use_up(&self, nonce: &Nonce, device: &DeviceId, now: Instant) -> Result<(), ServiceError> {
        let mut challenges = self.challenges.lock().map_err(poisoned)?;
        let entry = challenges.entries.remove(nonce);
        if challenges.young(entry.as_ref(), now) == Some(*device) {
            Ok(())
        } else {
            Err(ProblemCode::ChallengeStale.into())
        }
    }

    /// # Errors
    /// [`ProblemCode::Busy`], no randomness.
    pub fn sign_in(&self, device: DeviceId, now: Instant) -> Result<Nonce, ServiceError> {
        let token = Nonce::random()?;
        self.tokens
            .lock()
            .map_err(poisoned)?
            .put(Sha256::of(&token.0), device, now)?;
        Ok(token)
    }

    /// # Errors
    /// [`ProblemCode::SessionNeeded`].
    pub fn device(&self, token: &Nonce, now: Instant) -> Result<DeviceId, ServiceError> {
        let tokens = self.tokens.lock().map_err(poisoned)?;
        tokens
            .young(tokens.entries.get(&Sha256::of(&token.0)), now)
            .ok_or_else(|| ProblemCode::SessionNeeded.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_are_used_once_and_sessions_end() {
        let sessions = Sessions::default();
        let start = Instant::now();
        let [a, b] = [1, 2].map(|n| DeviceId(uuid::Uuid::from_bytes([n; 16])));
        let nonce = sessions.challenge(a, start).unwrap();
        assert!(sessions.use_up(&nonce, &a, start).is_ok());
        assert!(sessions.use_up(&nonce, &a, start).is_err(), "used");
        let nonce = sessions.challenge(a, start).unwrap();
        assert!(sessions.use_up(&nonce, &b, start).is_err(), "another device's");
        let nonce = sessions.challenge(a, start).unwrap();
        assert!(
            sessions.use_up(&nonce, &a, start + CHALLENGE_AGE_MAX).is_err(),
            "too old"
        );
        let token = sessions.sign_in(a, start).unwrap();
        assert_eq!(sessions.device(&token, start).unwrap(), a);
        assert!(sessions.device(&Nonce([0; 32]), start).is_err());
        assert!(sessions.device(&token, start + SESSION_AGE_MAX).is_err(), "ended");
    }

    #[test]
    fn tables_have_an_end() {
        let mut aging = Aging::new(Duration::from_secs(60), 2);
        let (device, start) = (DeviceId(uuid::Uuid::from_bytes([1; 16])), Instant::now());
        assert!(aging.put(1, device, start).is_ok() && aging.put(2, device, start).is_ok());
        assert!(aging.put(3, device, start).is_err());
        assert!(
            aging.put(3, device, start + Duration::from_secs(61)).is_ok(),
            "the old make room"
        );
    }
}
