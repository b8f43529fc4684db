//! Reading connections, handed out one at a time. They never wait for the writer and never write.

use crate::ServiceError;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Connections kept open between reads: opening one costs more than what most of them read.
const IDLE_MAX: usize = 32;

/// A few idle connections; more are opened when needed and closed after use.
#[derive(Clone)]
pub struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Arc::default(),
        }
    }

    fn take(&self) -> Result<Connection, ServiceError> {
        if let Some(conn) = self.idle.lock().ok().and_then(|mut idle| idle.pop()) {
            return Ok(conn);
        }
        let conn = super::connect(&self.path)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    }

    /// Runs `work` on one snapshot, off the async threads.
    ///
    /// # Errors
    /// Those of `work`, and the database's.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let readers = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let mut conn = readers.take()?;
            let tx = conn.transaction()?;
            let out = work(&tx)?;
            drop(tx);
            if let Ok(mut idle) = readers.idle.lock()
                && idle.len() < IDLE_MAX
            {
                idle.push(conn);
            }
            Ok(out)
        });
        task.await.map_err(|_| ServiceError::Damaged("reading task"))?
    }
}
