//! What every request shares. The clock stands here, so that a test can set it.

use crate::ServiceError;
use crate::admission::Doors;
use crate::blobs::BlobFiles;
use crate::bucket::Bucket;
use crate::limits::ENROL_PER_MINUTE_MAX;
use crate::lookup::LookupLimits;
use crate::province::{DataDir, Settings};
use crate::session::Sessions;
use crate::store::{self, Readers, Writer};
use crate::uploads::Uploads;
use jiff::Timestamp;
use seal::keys::SigningKey;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use wire::Nonce;
use wire::enrol::EnrolOffer;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// A running province.
pub struct App {
    pub(crate) settings: Settings,
    pub(crate) lookup_base_url: String,
    pub(crate) signing_key: SigningKey,
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    pub(crate) files: BlobFiles,
    pub(crate) sessions: Sessions,
    pub(crate) uploads: Uploads,
    pub(crate) doors: Doors,
    pub(crate) lookups: LookupLimits,
    clock: Clock,
    enrol: Mutex<Bucket>,
}

impl App {
    /// Opens the directory. `lookup_url` is the look-up listener's own address.
    ///
    /// # Errors
    /// Those of settings, keys and database.
    pub fn open(dir: &DataDir, lookup_url: &str, clock: Clock) -> Result<Self, ServiceError> {
        let settings = dir.settings()?;
        let per_minute = Duration::from_secs(60) / ENROL_PER_MINUTE_MAX;
        Ok(Self {
            lookup_base_url: settings
                .lookup_base_url
                .clone()
                .unwrap_or_else(|| lookup_url.to_owned()),
            settings,
            signing_key: dir.signing_key()?,
            writer: Writer::start(store::open(&dir.database())?)?,
            readers: Readers::new(dir.database()),
            files: BlobFiles::new(dir.blobs()),
            sessions: Sessions::default(),
            uploads: Uploads::default(),
            doors: Doors::default(),
            lookups: LookupLimits::default(),
            clock,
            enrol: Mutex::new(Bucket::new(ENROL_PER_MINUTE_MAX, per_minute, Instant::now())),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }

    pub(crate) fn enrol_bucket(&self) -> Result<MutexGuard<'_, Bucket>, ServiceError> {
        self.enrol
            .lock()
            .map_err(|_| ServiceError::Damaged("enrolment limit"))
    }

    /// What a kiosk that asks to be enrolled gets.
    pub(crate) fn offer(&self, ticket: Nonce) -> EnrolOffer {
        let base = self.lookup_base_url.trim_end_matches('/');
        let site = base.split_once("://").map_or(base, |(_, site)| site);
        EnrolOffer {
            root_der_b64: self.settings.root_der_b64.clone(),
            signing_key: self.settings.signing_key,
            recipients: self.settings.recipients.clone(),
            lookup_base_url: base.to_uppercase(),
            lookup_site: site.to_lowercase(),
            counter_phone: self.settings.counter_phone.clone(),
            province_name: self.settings.name.clone(),
            ticket,
        }
    }
}
