//! Approving kiosks, by the six words that both sides read.

use super::views::{CertificatesView, DeviceView};
use super::{ADMIN, Admin};
use crate::ServiceError;
use crate::store::audit::{self, Act, Entry};
use crate::store::devices::{self, DeviceRow, DeviceState};
use crate::store::past_certificates;
use data_encoding::BASE64;
use domain::ids::{DeviceId, DeviceNo};

impl Admin {
    /// Every device that ever asked, in that order.
    ///
    /// # Errors
    /// The database's.
    pub fn devices(&self) -> Result<Vec<DeviceView>, ServiceError> {
        let settings = self.settings()?;
        let root = BASE64
            .decode(settings.root_der_b64.as_bytes())
            .map_err(|_| ServiceError::Damaged("settings"))?;
        let view = |row: DeviceRow| {
            Ok(DeviceView {
                certificate_ends: row.certificate_ends()?,
                words: wire::enrol::words(&row.key, &root, &settings.signing_key, &settings.recipients),
                id: row.id,
                state: row.state,
                number: row.number.map(|n| n.0),
                class: row.class,
                counter_name: row.counter_name,
                hostname_hint: row.hostname_hint,
                requested_at: row.requested_at,
                frozen_at: row.frozen_at,
            })
        };
        devices::list(&self.conn)?.into_iter().map(view).collect()
    }

    /// The province's public key and the certificates that it signed, also of devices that were revoked since, and those
    /// that were renewed since: a receipt made before stays genuine.
    ///
    /// # Errors
    /// The database's.
    pub fn certificates(&self) -> Result<CertificatesView, ServiceError> {
        let mut certificates = Vec::new();
        for row in devices::list(&self.conn)? {
            certificates.extend(past_certificates::of(&self.conn, &row.id)?);
            certificates.extend(row.certificate);
        }
        Ok(CertificatesView {
            province_key: self.settings()?.signing_key,
            certificates,
        })
    }

    /// Gives the device its number and its certificate.
    ///
    /// # Errors
    /// [`crate::Refusal::NoSuchDevice`], [`crate::Refusal::DeviceState`].
    pub fn approve_device(&mut self, id: &DeviceId) -> Result<DeviceNo, ServiceError> {
        let key = self.dir.signing_key()?;
        self.write(|tx, now| {
            let number = devices::approve(tx, id, &key, now)?;
            record(tx, now, Act::ApproveDevice, id)?;
            Ok(number)
        })
    }

    /// # Errors
    /// [`crate::Refusal::NoSuchDevice`], [`crate::Refusal::DeviceState`].
    pub fn refuse_device(&mut self, id: &DeviceId) -> Result<(), ServiceError> {
        self.write(|tx, now| {
            devices::turn_away(tx, id, DeviceState::Refused, now)?;
            record(tx, now, Act::RefuseDevice, id)
        })
    }

    /// Takes effect with the device's next request.
    ///
    /// # Errors
    /// [`crate::Refusal::NoSuchDevice`], [`crate::Refusal::DeviceState`].
    pub fn revoke_device(&mut self, id: &DeviceId) -> Result<(), ServiceError> {
        self.write(|tx, now| {
            devices::turn_away(tx, id, DeviceState::Revoked, now)?;
            record(tx, now, Act::RevokeDevice, id)
        })
    }

    /// Lets a frozen device seal again once the copy of its disk was found; answers its new epoch.
    ///
    /// # Errors
    /// [`crate::Refusal::NoReason`], [`crate::Refusal::NoSuchDevice`], [`crate::Refusal::DeviceState`].
    pub fn thaw_device(&mut self, id: &DeviceId, why: &str) -> Result<u64, ServiceError> {
        let why = super::reason(why)?;
        self.write(|tx, at| {
            let epoch = devices::thaw(tx, id)?;
            let entry = Entry {
                at,
                who: ADMIN.into(),
                act: Act::ThawDevice,
                on: Some(id.to_string()),
                why,
            };
            audit::append(tx, &entry)?;
            Ok(epoch)
        })
    }
}

fn record(
    conn: &rusqlite::Connection,
    at: jiff::Timestamp,
    act: Act,
    id: &DeviceId,
) -> Result<(), ServiceError> {
    let entry = Entry {
        at,
        who: ADMIN.into(),
        act,
        on: Some(id.to_string()),
        why: "six words compared".into(),
    };
    let entry = if act == Act::ApproveDevice {
        entry
    } else {
        Entry {
            why: String::new(),
            ..entry
        }
    };
    audit::append(conn, &entry)
}
