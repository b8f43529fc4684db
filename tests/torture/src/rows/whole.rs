//! What a province calls whole, held against the names of its files, byte for byte.
//!
//! **Invariant:** a file's name is the SHA-256 of its bytes, and a length proves nothing: every byte is read. Each row
//! that judges by this carries [`with_a_byte_flipped`] as a control.

use anyhow::{Context as _, Result, ensure};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::manifest::Manifest;
use service::admin::{Admin, DossierView};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use store::Outbox;
use store::tables::item;

/// What a kiosk sealed.
pub fn manifest(outbox: &Outbox, dossier: &DossierId) -> Result<Manifest> {
    let sealed = SealedDossier::from_bytes(&item::envelope(outbox.db(), dossier)?)?;
    Ok(Manifest::from_bytes(&sealed.manifest)?)
}

/// The files of a dossier at the province, as it names them.
fn paths(province: &Path, view: &DossierView) -> Vec<PathBuf> {
    let folder = province.join("blobs").join(view.id.to_string());
    view.files
        .iter()
        .map(|file| folder.join(file.sha256.to_string()))
        .collect()
}

/// Every file of a dossier lies at the province and is what its name says.
pub fn files(province: &Path, view: &DossierView) -> Result<()> {
    for (path, file) in paths(province, view).into_iter().zip(&view.files) {
        let bytes = std::fs::read(path).with_context(|| format!("dangling: a file of {}", view.id))?;
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        ensure!(hash == file.sha256.0, "torn: a file of {}", view.id);
    }
    Ok(())
}

/// The province holds a dossier whole: completed, and every file is there as its name says.
pub fn holds(admin: &Admin, province: &Path, id: &DossierId) -> Result<DossierView> {
    let view = admin.dossier(id).with_context(|| format!("lost: {id}"))?;
    ensure!(
        view.completed_at.is_some(),
        "lost: {id} is acknowledged and not complete"
    );
    files(province, &view)?;
    Ok(view)
}

/// As [`holds`], and it is what this kiosk sealed: its content alone, its manifest, its files.
pub fn as_sealed(admin: &Admin, province: &Path, outbox: &Outbox, id: &DossierId) -> Result<()> {
    let view = holds(admin, province, id)?;
    let row = item::get(outbox.db(), id)?.context("lost: no row")?;
    ensure!(
        view.manifest_sha256.0 == row.manifest_sha256,
        "torn: {id} has another manifest"
    );
    ensure!(view.forks.is_empty(), "dup: {id} came with two contents");
    let names = |all: Vec<String>| all.into_iter().collect::<BTreeSet<_>>();
    let sealed = names(manifest(outbox, id)?.blobs.iter().map(|b| b.name()).collect());
    let there = names(view.files.iter().map(|file| file.sha256.to_string()).collect());
    ensure!(sealed == there, "torn: {id} has other files");
    Ok(())
}

/// The control: one byte in the middle of one whole file is another, the length is the same, and `judged` has to find it.
/// Afterwards the byte is what it was.
pub fn with_a_byte_flipped<T>(
    admin: &Admin,
    province: &Path,
    id: &DossierId,
    judged: impl FnOnce() -> Result<T>,
) -> Result<(bool, String)> {
    let view = admin.dossier(id)?;
    let path = paths(province, &view).into_iter().next().context("no file")?;
    let was = std::fs::read(&path)?;
    let mut other = was.clone();
    let middle = other.len() / 2;
    *other.get_mut(middle).context("an empty file")? ^= 1;
    std::fs::write(&path, other)?;
    let judged = judged();
    std::fs::write(path, was)?;
    Ok(match judged {
        Err(why) => {
            let why = format!("{why:#}");
            (why.contains("torn"), why)
        }
        Ok(_) => (false, "nothing was found".into()),
    })
}
