//! A counter that forgot every PIN gets its drafts key back: two clerks, the recovery key, and a stick.
//!
//! **Invariants:** the request is the machine's own, by its signature; the second clerk is another person; both acts are
//! in the record before anything is decrypted; what goes back opens on the asking machine alone.

use super::{Admin, reason};
use crate::store::audit::{self, Act, Entry};
use crate::store::devices::{self, DeviceState};
use crate::store::recoveries;
use crate::{Refusal, ServiceError};
use data_encoding::BASE64;
use domain::ids::DeviceId;
use seal::keys::{Context, OpeningKey};
use seal::signed::Signed;
use std::path::Path;
use wire::parcel::{self, ROOT};
use wire::recovery::{ANSWER, FOLDER, OnStick, REQUEST, RecoveryAnswer, RecoveryRequest};

/// A request is a few hundred bytes.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

fn entry(at: jiff::Timestamp, who: &str, act: Act, device: &DeviceId, why: &str) -> Entry {
    Entry {
        at,
        who: who.to_owned(),
        act,
        on: Some(device.to_string()),
        why: why.to_owned(),
    }
}

impl Admin {
    /// Reads a counter's request from a stick and asks for a second person.
    ///
    /// # Errors
    /// [`Refusal::NoRecoveryRequest`], [`Refusal::NoSuchDevice`], [`Refusal::DeviceState`], [`Refusal::ClerkUnknown`],
    /// [`Refusal::NoReason`].
    pub fn request_recovery(
        &mut self,
        device: &DeviceId,
        from: &Path,
        clerk: &str,
        passphrase: &str,
        why: &str,
    ) -> Result<i64, ServiceError> {
        let why = reason(why)?;
        let clerk = self.check_clerk(clerk, passphrase, Some(device.to_string()))?;
        let row = devices::find(&self.conn, device)?.ok_or(Refusal::NoSuchDevice)?;
        if row.state != DeviceState::Approved {
            return Err(Refusal::DeviceState.into());
        }
        let path = from.join(ROOT).join(FOLDER).join(format!("{device}.{REQUEST}"));
        let request = parcel::small(&path, REQUEST_BYTES_MAX)
            .ok()
            .flatten()
            .and_then(|bytes| serde_json::from_slice::<OnStick>(&bytes).ok())
            .and_then(|on| {
                on.document
                    .open::<RecoveryRequest>(&row.key, Context::Recovery)
                    .ok()
            })
            .filter(|request| request.device == *device)
            .ok_or(Refusal::NoRecoveryRequest)?;
        self.write(|tx, now| {
            audit::append(tx, &entry(now, &clerk, Act::RequestRecovery, device, &why))?;
            recoveries::request(tx, device, &request, &clerk, &why, now)
        })
    }

    /// Approves another clerk's request: the drafts key is opened with the recovery key and left on the stick, closed to
    /// everybody but the machine that asked.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRequest`], [`Refusal::SamePerson`], [`ServiceError::Seal`] with another key.
    pub fn approve_recovery(
        &mut self,
        id: i64,
        clerk: &str,
        passphrase: &str,
        key: &OpeningKey,
        to: &Path,
    ) -> Result<DeviceId, ServiceError> {
        let asked = recoveries::open(&self.conn, id)?;
        let device = asked.request.device;
        let clerk = self.check_clerk(clerk, passphrase, Some(device.to_string()))?;
        if clerk == asked.requested_by {
            let denied = entry(self.now(), &clerk, Act::Denied, &device, "second person");
            self.write(|tx, _| audit::append(tx, &denied))?;
            return Err(Refusal::SamePerson.into());
        }
        let kept = BASE64
            .decode(asked.request.kept.as_bytes())
            .map_err(|_| Refusal::NoRecoveryRequest)?;
        let why = format!("{} (request {id} by {})", asked.why, asked.requested_by);
        self.write(|tx, now| audit::append(tx, &entry(now, &clerk, Act::Recover, &device, &why)))?;
        let drafts_key = seal::form::decrypt(&kept, key)?;
        let answer = RecoveryAnswer {
            device,
            nonce: asked.request.nonce,
            key: BASE64.encode(&seal::form::encrypt_to_machines(
                &drafts_key,
                &[asked.request.answer_to.as_str()],
            )?),
        };
        let document = Signed::seal(&self.dir.signing_key()?, Context::Recovery, &answer)?;
        let json = serde_json::to_vec(&OnStick { document }).map_err(|_| ServiceError::Damaged("answer"))?;
        let folder = to.join(ROOT).join(FOLDER);
        std::fs::create_dir_all(&folder)
            .and_then(|()| parcel::write_durably(&folder.join(format!("{device}.{ANSWER}")), &json))
            .map_err(ServiceError::io("writing to the stick"))?;
        // Only now: a stick that could not be written leaves the request open.
        self.write(|tx, now| recoveries::approve(tx, id, &clerk, now))?;
        Ok(device)
    }
}
