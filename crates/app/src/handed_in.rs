//! Bytes that a window handed in (a picture of the camera, a dropped file) until the command that uses them comes.
//!
//! **Invariant:** in memory only, few, each used once, and gone when somebody locks. Large files never pass through JSON.

use crate::kiosk::{App, locked};
use crate::problem::{Problem, ProblemCode};
use domain::ids::PaperFileId;
use paper::INPUT_BYTES_MAX;
use std::collections::VecDeque;

/// More than a person can have under way; the oldest goes.
const WAITING_MAX: usize = 8;

#[derive(Default)]
pub(crate) struct HandedIn(VecDeque<(PaperFileId, Vec<u8>)>);

impl std::fmt::Debug for HandedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HandedIn({})", self.0.len())
    }
}

impl HandedIn {
    /// False where it is larger than any paper may be.
    pub fn put(&mut self, handle: PaperFileId, bytes: Vec<u8>) -> bool {
        if bytes.len() as u64 > INPUT_BYTES_MAX {
            return false;
        }
        if self.0.len() == WAITING_MAX {
            self.0.pop_front();
        }
        self.0.push_back((handle, bytes));
        true
    }

    pub fn take(&mut self, handle: PaperFileId) -> Option<Vec<u8>> {
        let at = self.0.iter().position(|(id, _)| *id == handle)?;
        self.0.remove(at).map(|(_, bytes)| bytes)
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl App {
    /// Keeps what a window handed in until a command uses it; answers the handle.
    ///
    /// # Errors
    /// `file_too_large`; `sign_in_first`.
    pub fn hand_in(&self, bytes: Vec<u8>) -> Result<PaperFileId, Problem> {
        if let Some(drill) = self.drill() {
            return drill.hand_in(bytes);
        }
        if self.role().is_none() {
            return Err(ProblemCode::SignInFirst.into());
        }
        let handle = PaperFileId(seal::random::uuid()?);
        if locked(&self.handed_in).put(handle, bytes) {
            Ok(handle)
        } else {
            Err(ProblemCode::FileTooLarge.into())
        }
    }

    pub(crate) fn handed_in(&self, handle: PaperFileId) -> Option<Vec<u8>> {
        locked(&self.handed_in).take(handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_used_once_and_few_wait() {
        let id = |n: u128| PaperFileId(uuid::Uuid::from_u128(n));
        let mut waiting = HandedIn::default();
        for n in 0..10 {
            assert!(waiting.put(id(n), vec![7]));
        }
        assert_eq!(waiting.take(id(0)), None, "the oldest went");
        assert_eq!(waiting.take(id(9)), Some(vec![7]));
        assert_eq!(waiting.take(id(9)), None);
        let limit = usize::try_from(INPUT_BYTES_MAX).unwrap();
        assert!(!waiting.put(id(99), vec![0; limit + 1]));
    }
}
