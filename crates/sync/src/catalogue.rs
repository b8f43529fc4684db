//! Fetches the province's catalogue when the province names another than the one in use.
//!
//! **Invariant:** a catalogue that does not come, or is not taken, fails nothing else: dossiers go on. Absent on purpose:
//! what makes a catalogue believable (whoever keeps it decides).

use crate::pass::{Worker, until_stopped};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wire::Sha256;

/// One that was refused is asked for again after this: the province may mend the bytes under the same name.
const REFUSED_REST: Duration = Duration::from_secs(15 * 60);

/// What the province named in a signed answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Published {
    pub sha256: Sha256,
    pub now: Timestamp,
}

/// A catalogue that came and was not taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    sha256: Sha256,
    at: Instant,
}

impl Refusal {
    fn holds(&self, sha256: Sha256) -> bool {
        self.sha256 == sha256 && self.at.elapsed() < REFUSED_REST
    }
}

impl Worker {
    /// What the province publishes, as it said just now.
    pub(crate) fn name_catalogue(&mut self, published: Option<Published>) {
        self.published = published;
        let held = self.options.catalogue.held().map(Sha256);
        let wanted = published.is_some_and(|p| {
            held != Some(p.sha256)
                && !self
                    .refused_catalogue
                    .is_some_and(|refusal| refusal.holds(p.sha256))
        });
        self.catalogue_since = wanted.then(|| self.catalogue_since.unwrap_or_else(Instant::now));
    }

    /// How long another catalogue than the one in use has been known.
    pub(crate) fn catalogue_waits(&self) -> Option<Duration> {
        self.catalogue_since.map(|since| since.elapsed())
    }

    /// Once for each time that it is named, whatever comes of it.
    pub(crate) async fn pull_catalogue(&mut self) {
        self.catalogue_since = None;
        let Some(published) = self.published else { return };
        let held = self.options.catalogue.held().map(Sha256);
        match until_stopped(&mut self.stop, self.client.catalogue(held)).await {
            Ok(Some(bytes)) => self.hand_over(bytes, published).await,
            Ok(None) => {}
            Err(failure) => tracing::info!(why = failure.as_str(), "the catalogue did not come"),
        }
    }

    async fn hand_over(&mut self, bytes: Vec<u8>, published: Published) {
        let keeper = Arc::clone(&self.options.catalogue);
        let taken = tokio::task::spawn_blocking(move || keeper.take(&bytes, published.now)).await;
        self.refused_catalogue = (!taken.unwrap_or(false)).then(|| Refusal {
            sha256: published.sha256,
            at: Instant::now(),
        });
    }
}
