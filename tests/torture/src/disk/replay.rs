//! Crash states: the record up to some moment, then the power goes. What was synced is there; of what was not, each
//! 512-byte sector is there or not, as the disk pleases; of the names changed in a folder since it was synced, some
//! first part is there (they go through one journal, in order).
//!
//! **Invariant:** syncing a new file keeps its name too (as every journaling file system does); a renaming is kept
//! only by syncing the folder.

use super::record::Change;
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use stories::seeded::Seeded;

const SECTOR: usize = 512;
/// The promise from which on states count: before it the folder is being set up.
pub const READY: &str = "ready";

#[derive(Debug, Clone)]
enum Unsynced {
    Write(usize, Vec<u8>),
    Cut(usize),
}

#[derive(Debug, Clone, Default)]
struct Inode {
    synced: Vec<u8>,
    unsynced: Vec<Unsynced>,
}

#[derive(Debug, Clone)]
enum Naming {
    Add(String, usize),
    Move(String, String, usize),
    Remove(String),
}

/// The disk as it follows the record.
#[derive(Debug, Clone, Default)]
struct Disk {
    inodes: Vec<Inode>,
    now: BTreeMap<String, usize>,
    synced: BTreeMap<String, usize>,
    unsynced: BTreeMap<String, Vec<Naming>>,
    folders: Vec<String>,
    promises: Vec<String>,
}

fn folder_of(path: &str) -> String {
    path.rsplit_once('/')
        .map_or_else(String::new, |(folder, _)| folder.to_owned())
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if content.len() < at + bytes.len() {
        content.resize(at + bytes.len(), 0);
    }
    if let Some(place) = content.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

fn rename(names: &mut BTreeMap<String, usize>, naming: &Naming) {
    match naming {
        Naming::Add(path, inode) => {
            names.insert(path.clone(), *inode);
        }
        Naming::Move(from, to, inode) => {
            names.remove(from);
            names.insert(to.clone(), *inode);
        }
        Naming::Remove(path) => {
            names.remove(path);
        }
    }
}

impl Disk {
    fn naming(&mut self, path: &str, naming: Naming) {
        rename(&mut self.now, &naming);
        self.unsynced.entry(folder_of(path)).or_default().push(naming);
    }

    fn inode(&mut self, path: &str) -> &mut Inode {
        let at = match self.now.get(path) {
            Some(at) => *at,
            None => {
                self.inodes.push(Inode::default());
                let at = self.inodes.len() - 1;
                self.naming(path, Naming::Add(path.to_owned(), at));
                at
            }
        };
        &mut self.inodes[at]
    }

    fn follow(&mut self, change: &Change) {
        match change {
            Change::Created(path) => {
                self.inode(path);
            }
            Change::Written { path, at, bytes } => {
                let at = usize::try_from(*at).unwrap_or(0);
                let write = Unsynced::Write(at, bytes.clone());
                self.inode(path).unsynced.push(write);
            }
            Change::Cut { path, to } => {
                let cut = Unsynced::Cut(usize::try_from(*to).unwrap_or(0));
                self.inode(path).unsynced.push(cut);
            }
            Change::Synced(path) => self.sync(path),
            Change::FolderSynced(path) => {
                for naming in self.unsynced.remove(path).unwrap_or_default() {
                    rename(&mut self.synced, &naming);
                }
            }
            Change::Renamed(from, to) => {
                if let Some(inode) = self.now.get(from).copied() {
                    self.naming(to, Naming::Move(from.clone(), to.clone(), inode));
                }
            }
            Change::Removed(path) => {
                if self.now.contains_key(path) {
                    self.naming(path, Naming::Remove(path.clone()));
                }
            }
            Change::FolderMade(path) => self.folders.push(path.clone()),
            Change::Promised(text) => {
                if text == READY {
                    // What set the folder up was written back long ago.
                    let paths: Vec<String> = self.now.keys().cloned().collect();
                    paths.iter().for_each(|path| self.sync(path));
                    self.synced = self.now.clone();
                    self.unsynced.clear();
                }
                self.promises.push(text.clone());
            }
        }
    }

    fn sync(&mut self, path: &str) {
        let inode = self.inode(path);
        for change in std::mem::take(&mut inode.unsynced) {
            match change {
                Unsynced::Write(at, bytes) => put(&mut inode.synced, at, &bytes),
                Unsynced::Cut(to) => inode.synced.resize(to, 0),
            }
        }
        let at = self.now.get(path).copied();
        if let (Some(at), Some(waiting)) = (at, self.unsynced.get_mut(&folder_of(path)))
            && let Some(place) = waiting
                .iter()
                .position(|n| matches!(n, Naming::Add(name, inode) if name == path && *inode == at))
        {
            let naming = waiting.remove(place);
            rename(&mut self.synced, &naming);
        }
    }

    /// One of the states that the power may leave.
    fn after_power_cut(&self, random: &mut Seeded) -> BTreeMap<String, Vec<u8>> {
        let mut names = self.synced.clone();
        for waiting in self.unsynced.values() {
            let kept = random.below(waiting.len() as u64 + 1);
            for naming in waiting.iter().take(usize::try_from(kept).unwrap_or(0)) {
                rename(&mut names, naming);
            }
        }
        names
            .into_iter()
            .map(|(path, inode)| (path, self.torn(inode, random)))
            .collect()
    }

    /// A file's content with each unsynced sector there or not.
    fn torn(&self, inode: usize, random: &mut Seeded) -> Vec<u8> {
        let inode = &self.inodes[inode];
        let mut content = inode.synced.clone();
        // None, all, half, nearly all: the extremes are where software breaks.
        let keep_of_ten = [0, 10, 5, 9][usize::try_from(random.below(4)).unwrap_or(0)];
        for change in &inode.unsynced {
            match change {
                Unsynced::Cut(to) => {
                    if random.below(10) < keep_of_ten {
                        content.resize(*to, 0);
                    }
                }
                Unsynced::Write(at, bytes) => {
                    let mut from = 0;
                    while from < bytes.len() {
                        // Sectors lie at fixed places of the file, wherever the write began.
                        let to = (from + SECTOR - (at + from) % SECTOR).min(bytes.len());
                        if random.below(10) < keep_of_ten
                            && let Some(part) = bytes.get(from..to)
                        {
                            put(&mut content, at + from, part);
                        }
                        from = to;
                    }
                }
            }
        }
        content
    }
}

/// Files as they lie in the scratch folder, so that what did not change is not written again.
struct Scratch<'a> {
    folder: &'a Path,
    /// Only of folders that the check does not write to.
    lies: BTreeMap<String, Vec<u8>>,
    still: &'static str,
}

impl Scratch<'_> {
    fn lay(&mut self, files: BTreeMap<String, Vec<u8>>, folders: &[String]) -> Result<()> {
        for folder in folders {
            std::fs::create_dir_all(self.folder.join(folder))?;
        }
        for entry in std::fs::read_dir(self.folder)? {
            let path = entry?.path();
            if path.is_file() {
                std::fs::remove_file(path)?;
            }
        }
        let gone: Vec<String> = self
            .lies
            .keys()
            .filter(|p| !files.contains_key(*p))
            .cloned()
            .collect();
        for path in gone {
            self.lies.remove(&path);
            let _ = std::fs::remove_file(self.folder.join(path));
        }
        for (path, content) in files {
            let still = path.starts_with(self.still);
            if still && self.lies.get(&path) == Some(&content) {
                continue;
            }
            std::fs::write(self.folder.join(&path), &content)?;
            if still {
                self.lies.insert(path, content);
            }
        }
        Ok(())
    }
}

/// What came of many states.
#[derive(Debug, Default)]
pub struct Verdict {
    pub states: u64,
    pub bad: u64,
    /// The first that was bad: its number and what was wrong.
    pub first: Option<(u64, String)>,
}

/// How many states, from which seed, where.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    pub states: u64,
    pub seed: u64,
    pub scratch: &'a Path,
    /// A folder whose files the check leaves as they are.
    pub still: &'static str,
    pub stop_at_first: bool,
}

/// Looks at `search.states` states, spread evenly over the record, each opened by `check` with what had been promised.
///
/// # Errors
/// Where a state cannot be laid out.
pub fn search(
    record: &[Change],
    search: Search<'_>,
    check: impl Fn(&Path, &[String]) -> Result<()> + Sync,
) -> Result<Verdict> {
    let ready = record
        .iter()
        .position(|c| matches!(c, Change::Promised(text) if text == READY))
        .unwrap_or(0);
    let moments = (record.len() - ready) as u64;
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let (verdict, stop, states) = (
        Mutex::new(Verdict::default()),
        AtomicBool::new(false),
        AtomicU64::new(0),
    );
    let one = |core: u64| -> Result<()> {
        let folder = tempfile::tempdir_in(search.scratch)?;
        let mut scratch = Scratch {
            folder: folder.path(),
            lies: BTreeMap::new(),
            still: search.still,
        };
        let mut disk = Disk::default();
        let mut state = core;
        for (moment, change) in record.iter().enumerate() {
            disk.follow(change);
            while state < search.states && (ready as u64 + state * moments / search.states) <= moment as u64 {
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let mut random = Seeded::new(search.seed.wrapping_add(state.wrapping_mul(0x9e37_79b9)));
                scratch.lay(disk.after_power_cut(&mut random), &disk.folders)?;
                states.fetch_add(1, Ordering::Relaxed);
                if let Err(why) = check(folder.path(), &disk.promises) {
                    let mut verdict = verdict.lock().map_err(|_| anyhow::anyhow!("a check panicked"))?;
                    verdict.bad += 1;
                    if verdict.first.as_ref().is_none_or(|(first, _)| state < *first) {
                        verdict.first = Some((state, format!("{why:#}")));
                    }
                    stop.store(search.stop_at_first, Ordering::Relaxed);
                }
                state += cores;
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| -> Result<()> {
        let one = &one;
        let all: Vec<_> = (0..cores).map(|core| scope.spawn(move || one(core))).collect();
        for thread in all {
            thread.join().map_err(|_| anyhow::anyhow!("a check panicked"))??;
        }
        Ok(())
    })?;
    let mut verdict = verdict
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a check panicked"))?;
    verdict.states = states.into_inner();
    Ok(verdict)
}
