//! Sealing twenty megabytes of papers (encrypt, hash, sync, commit, read back) against a plain durable write of the
//! same bytes; and the seal's one transaction against overwriting a page with fdatasync.

use crate::sides::{Figure, Gate, timed};
use seal::keys::{OpeningKey, Recipients, SigningKey};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use stories::desk::{Desk, noise};

const FILES: usize = 58;
const FILE_BYTES: usize = 350 * 1024;

pub fn seal_of_twenty_megabytes(rounds: usize) -> anyhow::Result<Vec<Figure>> {
    let dir = tempfile::tempdir_in(".")?;
    let to = Recipients {
        intake: OpeningKey::generate().recipient(),
        recovery: OpeningKey::generate().recipient(),
    };
    let mut desk = Desk::new(dir.path(), to, SigningKey::generate()?, [9; 16], 7)?;
    let papers: Vec<Vec<u8>> = (0..FILES).map(|n| noise(FILE_BYTES, n as u64 + 3)).collect();
    let plain = dir.path().join("plain");
    let whole = Figure::measure(
        ("seal of 20 MB of papers (R10)", Gate::AtMost(2.5)),
        ("58 files encrypted, hashed, synced, committed, read back", || {
            timed(|| desk.seal(&papers))
        }),
        ("the same 58 files written plainly, synced, renamed", || {
            timed(|| write_plainly(&plain, &papers))
        }),
        rounds,
    )?;
    let mut page = File::create(dir.path().join("page"))?;
    page.write_all(&[1; 4096])?;
    page.sync_all()?;
    let commit = Figure::measure(
        ("durable enqueue of one dossier", Gate::None),
        ("the seal's transaction alone, no files", || {
            timed(|| desk.seal(&[]))
        }),
        ("4 KiB overwritten and fdatasync", || {
            timed(|| overwrite(&mut page))
        }),
        rounds.max(5) * 10,
    )?;
    Ok(vec![whole, commit])
}

fn write_plainly(folder: &Path, papers: &[Vec<u8>]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (n, paper) in papers.iter().enumerate() {
        let tmp = folder.join(format!("{n}.tmp"));
        let mut file = File::create(&tmp)?;
        file.write_all(paper)?;
        file.sync_data()?;
        std::fs::rename(&tmp, folder.join(n.to_string()))?;
    }
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn overwrite(page: &mut File) -> anyhow::Result<()> {
    page.seek(SeekFrom::Start(0))?;
    page.write_all(&[2; 4096])?;
    page.sync_data()?;
    Ok(())
}
