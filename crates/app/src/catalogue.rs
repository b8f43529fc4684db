//! Which catalogue is in use: the province's newest that was believed here, else what the program was built with.
//!
//! **Invariants:** a catalogue is believed before it is stored and stored before it is used; the version never goes back;
//! whatever comes, the counter goes on with what it holds. A draft stays on the catalogue that it began on, and that one is
//! kept for as long as such a draft is there. Absent on purpose: how a bundle travels.

pub use ::catalogue::{Catalogue, CatalogueFault, Entry};

use crate::events::AppEvent;
use crate::kiosk::locked;
use crate::problem::{Problem, ProblemCode};
use crate::views::{CatalogueSource, CatalogueView};
use ::catalogue::{Bundle, BundleFault, Trust, built_in};
use data_encoding::HEXLOWER;
use domain::procedure::Procedure;
use jiff::Timestamp;
use seal::keys::VerifyKey;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use store::tables::draft::DraftRow;
use store::tables::setting;
use store::{BundleFiles, Outbox};
use tokio::sync::broadcast;

/// The province's catalogue that was taken last. Written after its file, so that the file is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    version: u64,
    sha256: String,
}

/// The catalogues of this machine.
pub struct Shelf {
    files: BundleFiles,
    built_in: Arc<Catalogue>,
    current: Mutex<Arc<Catalogue>>,
    /// Older ones that open drafts stand on, read once.
    older: Mutex<BTreeMap<[u8; 32], Arc<Catalogue>>>,
    trouble: Mutex<Option<ProblemCode>>,
    /// The papers of the catalogue that something was drawn from last, read once.
    papers: Mutex<Option<([u8; 32], paper::Templates)>>,
}

fn faulty(e: &CatalogueFault) -> Problem {
    tracing::error!(error = %e, "catalogue");
    ProblemCode::Internal.into()
}

fn sha_of(hex: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

fn papers_of(catalogue: &Catalogue) -> Result<paper::Templates, paper::TemplateFault> {
    let own = catalogue.papers();
    paper::Templates::built_in()
        .with_files(own.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())))
}

fn refused(fault: &BundleFault) -> ProblemCode {
    match fault {
        BundleFault::Signature => ProblemCode::CatalogueNotSigned,
        BundleFault::TooNew(_) => ProblemCode::CatalogueTooNew,
        BundleFault::TooLarge(_)
        | BundleFault::Packed
        | BundleFault::Shape(_)
        | BundleFault::Pinned
        | BundleFault::Manifest(_)
        | BundleFault::Part(_) => ProblemCode::CatalogueDamaged,
    }
}

impl Shelf {
    /// Opens the folder. `key` verifies the province's catalogue; without one there is only the built-in.
    pub(crate) fn open(dir: &Path, outbox: &Outbox, key: Option<&VerifyKey>) -> Result<Self, Problem> {
        let files = BundleFiles::open(dir)?;
        let bundle = built_in::bundle();
        let floor = Arc::new(Catalogue::of(&bundle).map_err(|e| faulty(&e))?);
        if !files.holds(&floor.sha256) {
            // A draft that begins on it must open after the program was replaced by a newer one.
            let bytes = bundle.to_bytes().map_err(|_| ProblemCode::Internal)?;
            files.put(&floor.sha256, &bytes)?;
        }
        let shelf = Self {
            files,
            current: Mutex::new(Arc::clone(&floor)),
            built_in: floor,
            older: Mutex::default(),
            trouble: Mutex::default(),
            papers: Mutex::default(),
        };
        shelf.bring_back(outbox, key)?;
        Ok(shelf)
    }

    /// One procedure alone, on the built-in lists: for a clerk who looks at it.
    pub(crate) fn show_alone(&mut self, procedure: Procedure) -> Result<(), Problem> {
        let alone = built_in::catalogue().map_err(|e| faulty(&e))?.alone(procedure);
        let alone = Arc::new(alone);
        *locked(&self.current) = Arc::clone(&alone);
        self.built_in = alone;
        Ok(())
    }

    /// What was taken before the program ended, believed anew.
    fn bring_back(&self, outbox: &Outbox, key: Option<&VerifyKey>) -> Result<(), Problem> {
        let taken: Option<Taken> = setting::get(outbox.db(), setting::Name::Catalogue)?;
        let (Some(taken), Some(key)) = (taken, key) else {
            return Ok(());
        };
        match self.stored(&taken, key) {
            Ok(catalogue) => *locked(&self.current) = Arc::new(catalogue),
            Err(code) => {
                tracing::error!(version = taken.version, ?code, "the stored catalogue");
                *locked(&self.trouble) = Some(code);
            }
        }
        Ok(())
    }

    fn stored(&self, taken: &Taken, key: &VerifyKey) -> Result<Catalogue, ProblemCode> {
        let sha256 = sha_of(&taken.sha256).ok_or(ProblemCode::CatalogueDamaged)?;
        let bytes = self.files.get(&sha256).ok().flatten();
        let bytes = bytes.ok_or(ProblemCode::CatalogueDamaged)?;
        let bundle = Bundle::from_bytes(&bytes, Trust::Province(key)).map_err(|e| refused(&e))?;
        if bundle.sha256() != sha256 {
            return Err(ProblemCode::CatalogueDamaged);
        }
        Catalogue::of(&bundle).map_err(|_| ProblemCode::CatalogueFaulty)
    }

    /// What new dossiers begin on.
    #[must_use]
    pub fn current(&self) -> Arc<Catalogue> {
        Arc::clone(&locked(&self.current))
    }

    /// The catalogue that a draft stands on, whatever is current by now.
    ///
    /// Where its own cannot be read any more, the current one that knows the procedure: a draft is never shut away.
    pub(crate) fn of_draft(&self, row: &DraftRow) -> Result<Arc<Catalogue>, Problem> {
        let pinned = sha_of(&row.catalogue_sha256).and_then(|sha256| self.pinned(&sha256));
        if let Some(catalogue) = pinned {
            return Ok(catalogue);
        }
        let knows = |catalogue: &Arc<Catalogue>| {
            catalogue
                .get(&row.procedure_code)
                .map(|e| HEXLOWER.encode(&e.sha256))
        };
        let held = [self.current(), Arc::clone(&self.built_in)];
        let same = held
            .iter()
            .find(|c| knows(c).as_deref() == Some(row.procedure_sha256.as_str()));
        let any = held.iter().find(|c| knows(c).is_some());
        same.or(any)
            .cloned()
            .ok_or_else(|| ProblemCode::ProcedureUnknown.into())
    }

    fn pinned(&self, sha256: &[u8; 32]) -> Option<Arc<Catalogue>> {
        let current = self.current();
        for held in [current, Arc::clone(&self.built_in)] {
            if held.sha256 == *sha256 {
                return Some(held);
            }
        }
        let mut older = locked(&self.older);
        if let Some(held) = older.get(sha256) {
            return Some(Arc::clone(held));
        }
        let bytes = self.files.get(sha256).ok()??;
        let read = Bundle::from_bytes(&bytes, Trust::Pinned(sha256)).map_err(|e| e.to_string());
        match read.and_then(|bundle| Catalogue::of(&bundle).map_err(|e| e.to_string())) {
            Ok(catalogue) => {
                let catalogue = Arc::new(catalogue);
                older.insert(*sha256, Arc::clone(&catalogue));
                Some(catalogue)
            }
            Err(error) => {
                tracing::error!(%error, "a catalogue that a draft stands on");
                None
            }
        }
    }

    /// Lets go what neither a draft nor a new dossier needs.
    pub(crate) fn keep_for(&self, drafts: &[DraftRow]) -> Result<(), Problem> {
        let mut needed: BTreeSet<[u8; 32]> = drafts
            .iter()
            .filter_map(|row| sha_of(&row.catalogue_sha256))
            .collect();
        locked(&self.older).retain(|sha256, _| needed.contains(sha256));
        needed.extend([self.current().sha256, self.built_in.sha256]);
        Ok(self.files.keep_only(&needed)?)
    }

    /// How the papers of a catalogue look: its own files over those that the program was built with.
    pub(crate) fn templates(&self, catalogue: &Catalogue) -> paper::Templates {
        let mut held = locked(&self.papers);
        if let Some((sha256, templates)) = held.as_ref()
            && *sha256 == catalogue.sha256
        {
            return templates.clone();
        }
        let templates = papers_of(catalogue).unwrap_or_else(|e| {
            // Refused when it came; a paper that looks as it used to is better than none.
            tracing::error!(error = %e, "the papers of a catalogue");
            paper::Templates::built_in()
        });
        *held = Some((catalogue.sha256, templates.clone()));
        templates
    }

    /// Believes, stores and uses what the province published.
    ///
    /// # Errors
    /// Why it is not taken; nothing has changed then.
    pub(crate) fn take(
        &self,
        outbox: &Mutex<Outbox>,
        key: &VerifyKey,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<(), ProblemCode> {
        let bundle = Bundle::from_bytes(bytes, Trust::Province(key)).map_err(|e| {
            tracing::warn!(error = %e, "a catalogue was refused");
            refused(&e)
        })?;
        let taken = Taken {
            version: bundle.manifest.version,
            sha256: HEXLOWER.encode(&bundle.sha256()),
        };
        let before: Option<Taken> = setting::get(locked(outbox).db(), setting::Name::Catalogue)
            .map_err(|_| ProblemCode::DiskTrouble)?;
        if before.is_some_and(|before| before != taken && before.version >= taken.version) {
            return Err(ProblemCode::CatalogueOlder);
        }
        if bundle.manifest.expires_at.is_none_or(|end| end <= now) {
            return Err(ProblemCode::CatalogueExpired);
        }
        let catalogue = Catalogue::of(&bundle).map_err(|e| {
            tracing::warn!(error = %e, "a catalogue was refused");
            ProblemCode::CatalogueFaulty
        })?;
        papers_of(&catalogue).map_err(|e| {
            tracing::warn!(error = %e, "a catalogue was refused");
            ProblemCode::CatalogueFaulty
        })?;
        let disk = |e: store::StoreError| Problem::from(e).code;
        self.files.put(&catalogue.sha256, bytes).map_err(disk)?;
        setting::set(locked(outbox).db(), setting::Name::Catalogue, &taken).map_err(disk)?;
        let before = std::mem::replace(&mut *locked(&self.current), Arc::new(catalogue));
        // The dossier on the screens may stand on it.
        locked(&self.older).insert(before.sha256, before);
        Ok(())
    }

    /// The province's catalogue in use, to be carried to a machine that no network reaches; `None` while it is what the
    /// program was built with.
    pub(crate) fn to_carry(&self) -> Option<(u64, Vec<u8>)> {
        let current = self.current();
        let bytes = self.files.get(&current.sha256).ok().flatten()?;
        (current.version > 0).then_some((current.version, bytes))
    }

    /// For the operator: which one, since when, until when, and what went wrong with the last one that came.
    pub(crate) fn view(&self, now: Timestamp) -> CatalogueView {
        let current = self.current();
        let day = |at: Timestamp| crate::clock::at_counter(at).0.strftime("%d/%m/%Y").to_string();
        CatalogueView {
            version: u32::try_from(current.version).unwrap_or(u32::MAX),
            source: if current.version == 0 {
                CatalogueSource::BuiltIn
            } else {
                CatalogueSource::Province
            },
            made_on: (current.version > 0).then(|| day(current.made_at)),
            expires_on: current.expires_at.map(day),
            expired: current.expires_at.is_some_and(|end| end <= now),
            trouble: locked(&self.trouble).map(Problem::new),
        }
    }
}

/// What sync hands a published catalogue to.
pub(crate) struct Keeper {
    pub shelf: Arc<Shelf>,
    pub outbox: Arc<Mutex<Outbox>>,
    pub key: VerifyKey,
    pub events: broadcast::Sender<AppEvent>,
}

impl sync::CatalogueKeeper for Keeper {
    fn held(&self) -> Option<[u8; 32]> {
        let current = self.shelf.current();
        (current.version > 0).then_some(current.sha256)
    }

    fn take(&self, bytes: &[u8], now: Timestamp) -> bool {
        let taken = self.shelf.take(&self.outbox, &self.key, bytes, now);
        match taken {
            Ok(()) => tracing::info!(version = self.shelf.current().version, "a catalogue was taken"),
            Err(code) => tracing::warn!(?code, "a catalogue was refused"),
        }
        *locked(&self.shelf.trouble) = taken.err();
        // Nobody listening is no failure: a window asks for the whole view when it opens.
        let _ = self.events.send(AppEvent::Kiosk);
        taken.is_ok()
    }
}

/// The version of a bundle that the province signed; 0 where it is none.
pub(crate) fn version_of(bytes: &[u8], key: &VerifyKey) -> u64 {
    Bundle::from_bytes(bytes, Trust::Province(key)).map_or(0, |bundle| bundle.manifest.version)
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
