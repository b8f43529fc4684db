//! Which sticks and other disks are plugged in, each asked on a thread of its own.
//!
//! **Invariants:** a mount that does not answer, such as a share whose machine is gone, keeps nobody waiting longer than
//! [`PATIENCE`] and hides none of the others; it is not asked a second time while it owes its first answer.

use crate::kiosk::locked;
use crate::views::StickView;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Where a desktop mounts what is plugged in.
const MOUNTED_UNDER: [&str; 3] = ["/media/", "/run/media/", "/mnt/"];

/// A stick answers in milliseconds, a disk that slept in a second or two.
const PATIENCE: Duration = Duration::from_secs(2);

/// The mounts that owe an answer.
type Owing = Mutex<BTreeSet<String>>;

static OWING: Owing = Mutex::new(BTreeSet::new());

pub(crate) fn sticks() -> Vec<StickView> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    ask_each(
        mounts.lines().filter_map(mounted).collect(),
        &OWING,
        PATIENCE,
        look,
    )
}

/// The folder of a line of `/proc/self/mounts`, where a disk or another machine's folder is mounted there: `/dev/sdb1`,
/// `//may-chu/quay` or `may-chu:/quay`. What the system mounts there for itself has no such name.
fn mounted(line: &str) -> Option<String> {
    let mut words = line.split(' ');
    let (source, folder) = (words.next()?, words.next()?.replace("\\040", " "));
    let from_elsewhere = source.starts_with('/') || source.contains(":/");
    let plugged_in = MOUNTED_UNDER.iter().any(|under| folder.starts_with(under));
    (from_elsewhere && plugged_in).then_some(folder)
}

/// Those that answered in time, in the order in which they are mounted.
fn ask_each(
    folders: Vec<String>,
    owing: &'static Owing,
    patience: Duration,
    look: fn(String) -> Option<StickView>,
) -> Vec<StickView> {
    let until = Instant::now() + patience;
    let (answers, heard) = mpsc::channel();
    for (place, folder) in folders.into_iter().enumerate() {
        if !locked(owing).insert(folder.clone()) {
            continue;
        }
        let answers = answers.clone();
        thread::spawn(move || {
            let found = look(folder.clone());
            locked(owing).remove(&folder);
            // Nobody listens any more where it took too long.
            let _ = answers.send((place, found));
        });
    }
    drop(answers);
    let mut found = Vec::new();
    while let Ok((place, one)) = heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
        found.extend(one.map(|view| (place, view)));
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, view)| view).collect()
}

fn look(folder: String) -> Option<StickView> {
    let path = Path::new(&folder);
    let dossiers = wire::parcel::list(path).map_or(0, |found| found.len());
    Some(StickView {
        name: path.file_name()?.to_string_lossy().into_owned(),
        free_bytes: free_bytes(path)?,
        dossiers: u32::try_from(dossiers).unwrap_or(u32::MAX),
        folder,
    })
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    static TEST_OWING: Owing = Mutex::new(BTreeSet::new());
    static ASKED_THE_SHARE: AtomicU32 = AtomicU32::new(0);

    fn a_share_is_gone(folder: String) -> Option<StickView> {
        if folder == "/mnt/share" {
            ASKED_THE_SHARE.fetch_add(1, Ordering::SeqCst);
            loop {
                thread::park();
            }
        }
        if folder == "/media/slow" {
            thread::sleep(Duration::from_millis(50));
        }
        (folder != "/media/none").then(|| StickView {
            name: folder.clone(),
            free_bytes: 1,
            dossiers: 0,
            folder,
        })
    }

    #[test]
    fn sticks_and_shares_are_shown_and_the_systems_own_mounts_are_not() {
        for (line, folder) in [
            (
                "/dev/sdb1 /media/an/USB\\0401 vfat rw 0 0",
                Some("/media/an/USB 1"),
            ),
            ("//may-chu/quay /mnt/quay cifs rw 0 0", Some("/mnt/quay")),
            ("may-chu:/quay /mnt/quay nfs4 rw 0 0", Some("/mnt/quay")),
            ("tmpfs /mnt/work tmpfs ro 0 0", None),
            ("/dev/sda1 / ext4 rw 0 0", None),
            ("", None),
        ] {
            assert_eq!(mounted(line).as_deref(), folder, "{line}");
        }
    }

    #[test]
    fn a_mount_that_never_answers_keeps_nobody_and_hides_no_stick() {
        let folders = || {
            ["/mnt/share", "/media/slow", "/media/none", "/media/stick"]
                .map(str::to_owned)
                .to_vec()
        };
        for look in 1..=2 {
            let began = Instant::now();
            let found = ask_each(folders(), &TEST_OWING, Duration::from_secs(1), a_share_is_gone);
            assert!(began.elapsed() < Duration::from_secs(10), "look {look}");
            let names: Vec<_> = found.into_iter().map(|one| one.name).collect();
            assert_eq!(names, ["/media/slow", "/media/stick"], "look {look}");
        }
        assert_eq!(
            ASKED_THE_SHARE.load(Ordering::SeqCst),
            1,
            "one thread waits for it, however often somebody looks"
        );
    }
}
