//! A counter's disk without its people: seals dossiers of noise in the order of `app::seal_dossier`, with the real
//! store. For measurements and for the proof, where thousands of dossiers are wanted and no form is.

use domain::ids::{DeviceNo, DossierId, ProcedureCode};
use domain::receipt_number::ReceiptNumber;
use seal::envelope::SealedDossier;
use seal::keys::{Recipients, SigningKey};
use seal::manifest::{BlobRecord, CapturedAt, Kind, MANIFEST_VERSION, Manifest};
use std::path::Path;
use store::outbox::Chain;
use store::tables::audit;
use store::tables::item::NewItem;
use store::{Outbox, SealedFiles};

/// A counter's disk with the keys that a seal needs.
pub struct Desk {
    pub outbox: Outbox,
    pub files: SealedFiles,
    pub device: SigningKey,
    pub device_id: [u8; 16],
    pub device_epoch: u64,
    pub to: Recipients,
}

impl Desk {
    /// # Errors
    /// The store's.
    pub fn new(
        dir: &Path,
        to: Recipients,
        device: SigningKey,
        device_id: [u8; 16],
        device_epoch: u64,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            outbox: Outbox::open(dir)?,
            files: SealedFiles::open(dir)?,
            device,
            device_id,
            device_epoch,
            to,
        })
    }

    /// The seal in its order: files, envelope, folder, one transaction, read back.
    ///
    /// # Errors
    /// The store's; then nothing is in the queue.
    pub fn seal(&mut self, papers: &[Vec<u8>]) -> anyhow::Result<DossierId> {
        let blobs = papers
            .iter()
            .map(|p| Ok(self.files.seal(p, &self.to)?))
            .collect::<anyhow::Result<Vec<BlobRecord>>>()?;
        self.seal_with(blobs)
    }

    /// The same, where the sealed files lie there already.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn seal_with(&mut self, blobs: Vec<BlobRecord>) -> anyhow::Result<DossierId> {
        let chain = self.outbox.chain()?;
        let dossier = DossierId(seal::random::uuid()?);
        let envelope = self.envelope(dossier, &chain, blobs.clone())?;
        self.commit(dossier, &chain, &envelope, &blobs)?;
        blobs.iter().try_for_each(|b| self.files.verify(b))?;
        Ok(dossier)
    }

    fn envelope(
        &self,
        dossier: DossierId,
        chain: &Chain,
        blobs: Vec<BlobRecord>,
    ) -> anyhow::Result<SealedDossier> {
        let manifest = Manifest {
            version: MANIFEST_VERSION,
            dossier: *dossier.as_bytes(),
            device: self.device_id,
            device_epoch: self.device_epoch,
            device_seq: chain.device_seq + 1,
            previous: chain.last_manifest,
            receipt_number: number(chain)?,
            procedure_code: "1.001193".into(),
            procedure_version: "1".into(),
            procedure_sha256: [0; 32],
            captured_at: CapturedAt {
                wall_ms: 0,
                last_province_ms: 0,
                low_trust: false,
            },
            kind: Kind::New,
            sealed_form: seal::form::encrypt(&[7; 2000], &self.to)?,
            blobs,
            lookup_tag: [0; 32],
            operator: [1; 16],
            operator_key: *self.device.verify_key().as_bytes(),
            parent: None,
            catalogue_sha256: None,
        };
        Ok(SealedDossier::sign(&manifest, &self.device, &self.device)?)
    }

    fn commit(
        &mut self,
        dossier: DossierId,
        chain: &Chain,
        envelope: &SealedDossier,
        blobs: &[BlobRecord],
    ) -> anyhow::Result<()> {
        let sealed_files: Vec<_> = blobs.iter().map(|b| (b.name(), b.len)).collect();
        let code = ProcedureCode::from("1.001193");
        let bytes = envelope.to_bytes()?;
        let new = NewItem {
            dossier,
            device_seq: chain.device_seq + 1,
            receipt_number: &number(chain)?,
            procedure_code: &code,
            envelope: &bytes,
            manifest_sha256: envelope.sha256(),
            sealed_files: &sealed_files,
            sealed_ms: 0,
            takes_back: None,
        };
        let line = audit::Entry {
            at_ms: 0,
            what: "sealed",
            dossier: Some(dossier),
            who: None,
            note: None,
        };
        let record = self.files.records().write(&dossier, None, new.envelope)?;
        self.files.sync()?;
        self.outbox.commit_sealed(chain, &new, &line)?;
        Ok(record.name()?)
    }
}

/// The number that a kiosk with number 1 gives out next.
fn number(chain: &Chain) -> anyhow::Result<String> {
    Ok(ReceiptNumber::new(DeviceNo(1), chain.receipts + 1)?.to_string())
}

/// Bytes that do not compress, the same on every run.
#[must_use]
pub fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(len).collect()
}

/// A province that publishes no catalogue: for measurements and harnesses that are about dossiers alone.
pub struct NoCatalogue;

impl sync::CatalogueKeeper for NoCatalogue {
    fn held(&self) -> Option<[u8; 32]> {
        None
    }

    fn take(&self, _: &[u8], _: jiff::Timestamp) -> bool {
        false
    }
}
