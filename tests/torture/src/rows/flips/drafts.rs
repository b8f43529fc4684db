//! Drafts and their log: the only readable personal data on the disk, and there once. What is damaged is found by the
//! cipher when it is read; then the file is set aside and what can be read goes on in a new one, as the kiosk does it.

use super::damage::{Kept, damage, keep, name};
use super::{Place, Seen};
use crate::row::Plan;
use anyhow::{Context as _, Result};
use domain::ids::{DossierId, PaperFileId, ProcedureCode};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::tables::draft::{self, DraftBody, DraftRow};
use store::tables::paper_file::{self, Content, PaperFileRow};
use store::{Drafts, StoreError};
use stories::desk::noise;
use stories::seeded::Seeded;

pub const DRAFTS: u64 = 20;
const FILE: &str = "drafts.db";
const LOG: &str = "drafts.db-wal";
const KEY: [u8; 32] = [7; 32];
/// Injections of the control: three of a hundred hit an answer, the others what is free, or what has a hash of its own.
pub const WITHOUT_THE_CIPHER: u64 = 1000;
/// A page of a paper in each.
const PAGE_BYTES: usize = 9000;

/// What a draft said at each of its commits, the newest last, and its page.
struct Was {
    states: Vec<String>,
    page: PaperFileId,
    bytes: Vec<u8>,
}

/// A counter's drafts.
pub struct Lying {
    _folder: tempfile::TempDir,
    dir: PathBuf,
    was: BTreeMap<DossierId, Was>,
    /// With the last commits in the log.
    open: Vec<Kept>,
    closed: Vec<u8>,
}

fn body(n: u64, state: u64) -> Result<DraftBody> {
    let text: String = noise(1500, n * 100 + state * 10)
        .iter()
        .map(|byte| char::from(b'a' + byte % 26))
        .collect();
    Ok(DraftBody {
        place: serde_json::to_value(text)?,
        ..DraftBody::default()
    })
}

fn page(id: PaperFileId, bytes: &[u8]) -> PaperFileRow {
    PaperFileRow {
        id,
        component: "birth_certificate_hospital".into(),
        media: "image/jpeg".into(),
        bytes: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        original_bytes: 1,
        pages: 1,
        sha256: wire::Sha256::of(bytes).to_string(),
        has_thumbnail: true,
        warnings: "[]".into(),
        codes: "[]".into(),
        same_as: None,
    }
}

/// Twenty drafts with a page each; half of them were saved once more, and that stands in the log.
pub fn drafts(plan: &Plan) -> Result<Lying> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let dir = folder.path().join("drafts");
    std::fs::create_dir(&dir)?;
    let mut was = BTreeMap::new();
    let mut db = Drafts::open(&dir, &KEY)?;
    for n in 0..DRAFTS {
        let dossier = DossierId(seal::random::uuid()?);
        let (first, bytes) = (body(n, 0)?, noise(PAGE_BYTES, n + 900));
        let id = PaperFileId(seal::random::uuid()?);
        let state = serde_json::to_string(&first)?;
        draft::insert(
            db.db(),
            &DraftRow {
                dossier,
                procedure_code: ProcedureCode::from("1.001193"),
                procedure_version: "1".into(),
                procedure_sha256: String::new(),
                catalogue_sha256: String::new(),
                body: first,
                sealed: false,
                started_ms: 1,
                saved_ms: 1,
            },
        )?;
        let content = Content {
            readable: &bytes,
            thumbnail: &[1; 100],
            fingerprint: &[2; 32],
        };
        paper_file::put(db.db_mut(), &dossier, None, &[(page(id, &bytes), content)], 1)?;
        let one = Was {
            states: vec![state],
            page: id,
            bytes,
        };
        was.insert(dossier, one);
    }
    db.empty_log()?;
    for (n, (dossier, one)) in (0..).zip(was.iter_mut()).filter(|(n, _)| n % 2 == 0) {
        let next = body(n, 1)?;
        draft::save(db.db(), dossier, &next, 2)?;
        one.states.push(serde_json::to_string(&next)?);
    }
    let mut open = Vec::new();
    keep(&dir, &mut open)?;
    db.empty_log()?;
    drop(db);
    let closed = std::fs::read(dir.join(FILE))?;
    Ok(Lying {
        _folder: folder,
        dir,
        was,
        open,
        closed,
    })
}

impl Lying {
    /// One injection: opened, read, and set aside where something cannot be read.
    pub fn inject(&self, place: Place, random: &mut Seeded) -> Result<Seen> {
        self.clear()?;
        if place == Place::Drafts {
            let mut content = self.closed.clone();
            damage(&mut content, random);
            std::fs::write(self.dir.join(FILE), content)?;
        } else {
            for (path, was) in &self.open {
                let mut content = was.clone();
                if name(path) == LOG {
                    damage(&mut content, random);
                }
                std::fs::write(path, content)?;
            }
        }
        let opened = match Drafts::open(&self.dir, &KEY) {
            Ok(mut drafts) => match self.read(&drafts) {
                Some(seen) => return Ok(seen),
                // As a command that could not read: every page is read, and then it is believed.
                None => drafts.look().map(|()| drafts),
            },
            Err(error) => Err(error),
        };
        match opened {
            Err(StoreError::Damaged(_)) => {
                let (drafts, came) = Drafts::rescue(&self.dir, &KEY, 1, None)?;
                let mut seen = self.read(&drafts).context("the new drafts cannot be read")?;
                seen.made_again = true;
                seen.found = seen.found.max(u64::from(came.lost));
                anyhow::ensure!(self.is_set_aside()?, "the damaged drafts were not set aside");
                Ok(seen)
            }
            Ok(_) => anyhow::bail!("it cannot be read, and every page of it can"),
            Err(other) => Err(other.into()),
        }
    }

    fn clear(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.is_dir() {
                std::fs::remove_dir_all(path)?;
            } else {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn is_set_aside(&self) -> Result<bool> {
        let mut names = std::fs::read_dir(&self.dir)?.filter_map(Result::ok);
        Ok(names.any(|e| name(&e.path()).starts_with("drafts.db.damaged-")))
    }

    /// `None` where something of it cannot be read.
    fn read(&self, drafts: &Drafts) -> Option<Seen> {
        let mut seen = Seen::default();
        for (dossier, was) in &self.was {
            let Some(row) = draft::get(drafts.db(), dossier).ok()? else {
                seen.found += 1;
                continue;
            };
            let state = serde_json::to_string(&row.body).ok()?;
            let files = paper_file::of_dossier(drafts.db(), dossier).ok()?;
            let page = match files.iter().find(|f| f.id == was.page) {
                Some(_) => Some(paper_file::content(drafts.db(), &was.page).ok()?),
                None => None,
            };
            was.judge(&state, page.as_deref(), &mut seen);
        }
        Some(seen)
    }

    /// The control: the same drafts in a database without the cipher, whose pages say nothing of their own content.
    pub fn without_the_cipher(&self, random: &mut Seeded) -> Result<u64> {
        self.clear()?;
        std::fs::write(self.dir.join(FILE), &self.closed)?;
        let plain = self.dir.join("plain.db");
        {
            let drafts = Drafts::open(&self.dir, &KEY)?;
            drafts
                .db()
                .execute("ATTACH DATABASE ?1 AS plain KEY ''", [plain.to_string_lossy()])?;
            drafts
                .db()
                .query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(()))?;
        }
        let whole = std::fs::read(&plain)?;
        let mut wrong = 0;
        for _ in 0..WITHOUT_THE_CIPHER {
            let mut content = whole.clone();
            damage(&mut content, random);
            std::fs::write(&plain, content)?;
            wrong += self.believed(&plain);
        }
        Ok(wrong)
    }

    fn believed(&self, plain: &Path) -> u64 {
        let Ok(db) = rusqlite::Connection::open(plain) else {
            return 0;
        };
        let mut seen = Seen::default();
        for (dossier, was) in &self.was {
            let row = draft::get(&db, dossier).ok().flatten();
            let state = row.and_then(|row| serde_json::to_string(&row.body).ok());
            let page = paper_file::content(&db, &was.page).ok();
            if let Some(state) = state {
                was.judge(&state, page.as_deref(), &mut seen);
            }
        }
        seen.wrong
    }
}

impl Was {
    fn judge(&self, state: &str, page: Option<&[u8]>, seen: &mut Seen) {
        let at = self.states.iter().rposition(|was| was == state);
        let whole = page.is_none_or(|bytes| bytes == self.bytes);
        match at {
            None => seen.wrong += 1,
            Some(_) if !whole => seen.wrong += 1,
            Some(_) if page.is_none() => seen.found += 1,
            Some(at) if at + 1 < self.states.len() => seen.older += 1,
            Some(_) => seen.good += 1,
        }
    }
}
