//! Publishing a catalogue: everything is checked, then signed, then offered to every counter.

use super::{ADMIN, Admin};
use crate::store::audit::{self, Act, Entry};
use crate::store::catalogue;
use crate::{Refusal, ServiceError};
use ::catalogue::check::{Finding, check_parts};
use ::catalogue::{Bundle, Catalogue, Parts};
use jiff::ToSpan;
use serde::Serialize;

/// What became of it.
#[derive(Debug, Serialize)]
pub struct PublishedView {
    pub version: u64,
    pub sha256: String,
    pub procedures: usize,
    pub parts: usize,
    /// As it travels.
    pub bytes: usize,
    pub expires_at: jiff::Timestamp,
}

/// Every mistake, or what was published.
#[derive(Debug)]
pub enum Publication {
    Faulty(Vec<Finding>),
    Published(PublishedView),
}

impl Admin {
    /// Checks, signs and publishes. The version is one more than the last; what was published before stays.
    ///
    /// # Errors
    /// [`Refusal::CatalogueFaulty`] where the whole does not hold together, the key's and the database's.
    pub fn publish(&mut self, parts: Parts, good_for_days: u32) -> Result<Publication, ServiceError> {
        let findings = check_parts(&parts);
        if !findings.is_empty() {
            return Ok(Publication::Faulty(findings));
        }
        let key = self.dir.signing_key()?;
        let refused = |e: &dyn std::fmt::Display| {
            tracing::error!(error = %e, "catalogue");
            ServiceError::from(Refusal::CatalogueFaulty)
        };
        self.write(|tx, now| {
            let version = catalogue::current(tx)?.map_or(0, |(version, _)| version) + 1;
            let until = now
                .checked_add((i64::from(good_for_days) * 24).hours())
                .map_err(|e| refused(&e))?;
            let bundle = Bundle::sign(parts, version, (now, until), &key).map_err(|e| refused(&e))?;
            // The same reading as a kiosk's: what cannot be read there is not published here.
            let read = Catalogue::of(&bundle).map_err(|e| refused(&e))?;
            let bytes = bundle.to_bytes().map_err(|e| refused(&e))?;
            catalogue::publish(tx, version, &read.sha256, &bytes)?;
            let sha256 = wire::Sha256(read.sha256).to_string();
            let entry = Entry {
                at: now,
                who: ADMIN.into(),
                act: Act::PublishCatalogue,
                on: Some(sha256.clone()),
                why: format!("version {version}"),
            };
            audit::append(tx, &entry)?;
            Ok(Publication::Published(PublishedView {
                version,
                sha256,
                procedures: read.entries().count(),
                parts: bundle.parts.len(),
                bytes: bytes.len(),
                expires_at: until,
            }))
        })
    }
}
