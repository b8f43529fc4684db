//! The counter seals, with a death between any two of its steps.

use super::kiosk::Item;
use super::province::Manifest;
use super::rules::Mutant;
use super::world::{Ev, MINUTE, World};
use domain::ids::DossierId;
use sync::decide::Identity;
use wire::Sha256;
use wire::acknowledgement::AckFile;

impl World {
    /// The seal, with a death between any two of its steps.
    pub(super) fn seal(&mut self, k: usize) {
        if !self.kiosks[k].up {
            let later = self.now + MINUTE;
            return self.at(later, Ev::Seal(k));
        }
        let dies_at = if self.config.faults.crash && !self.healed {
            self.rng.below(40)
        } else {
            40
        };
        let fresh = DossierId(uuid::Uuid::from_u64_pair(self.rng.number(), self.rng.number()));
        let disk = &mut self.kiosks[k].disk;
        let dossier = *disk.draft.get_or_insert(fresh);
        let files = self.make_files();
        if dies_at == 0 {
            return self.crash(k);
        }
        let (now, unsynced) = (self.now, self.rules.is(Mutant::KioskFilesUnsynced));
        let hash = self.hash();
        let (device, local_ms) = (self.kiosks[k].device, self.local_ms(k));
        let disk = &mut self.kiosks[k].disk;
        for file in &files {
            disk.files.insert(file.sha256);
            if unsynced {
                disk.unsynced.push((file.sha256, now));
            }
        }
        if dies_at == 1 {
            return self.crash(k);
        }
        let disk = &mut self.kiosks[k].disk;
        (disk.sealed, disk.receipts) = (disk.sealed + 1, disk.receipts + 1);
        let count = if self.rules.is(Mutant::NumberByClock) {
            // The minute of the day, as a careless book would count.
            u64::try_from(local_ms.rem_euclid(24 * 60 * MINUTE) / MINUTE).unwrap_or(0)
        } else {
            disk.receipts
        };
        let number = u64::from(device) * 100_000 + count;
        let identity = Identity {
            dossier,
            manifest_sha256: hash,
        };
        let manifest = Manifest {
            identity,
            number,
            device,
            files,
            takes_back: None,
        };
        let item = Item::sealed(manifest, disk.sealed);
        disk.items.insert(dossier, item);
        disk.draft = None;
        // Committed: from here on it may not be lost, whether or not the receipt came out.
        self.oracle.printed(&identity, number, k, self.cloned);
        if dies_at == 2 || dies_at == 3 {
            return self.crash(k);
        }
        self.kick(k);
    }

    pub(super) fn hash(&mut self) -> Sha256 {
        let mut bytes = [0; 32];
        for part in bytes.as_chunks_mut::<8>().0 {
            *part = self.rng.number().to_le_bytes();
        }
        Sha256(bytes)
    }

    pub(super) fn make_files(&mut self) -> Vec<AckFile> {
        (0..1 + self.rng.below(2))
            .map(|_| AckFile {
                sha256: self.hash(),
                len: 1000 + self.rng.below(self.config.file_bytes),
            })
            .collect()
    }
}
