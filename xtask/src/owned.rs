//! Processes that end with us.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long a process may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// A process that is asked to end, and then made to, when its owner goes.
pub struct Owned(pub Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let began = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && began.elapsed() < GRACE {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
