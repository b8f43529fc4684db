//! Kiosks: asked, approved, refused, revoked; their certificates, given and renewed.

use super::audit::{self, Act, Entry};
use super::past_certificates;
use crate::limits::CERTIFICATE_HOURS_MAX;
use crate::{Refusal, ServiceError};
use domain::ids::{DeviceId, DeviceNo};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};
use seal::certificate::{DeviceCertificate, DeviceClass};
use seal::keys::{Context, SigningKey, VerifyKey};
use seal::signed::Signed;
use serde::Serialize;
use wire::enrol::EnrolRequest;
use wire::{Nonce, ProblemCode, Sha256, sync::ends_soon};

/// Where a device stands with the province.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Asked; nobody has compared the words yet.
    Pending,
    Approved,
    Refused,
    /// Was approved; gets no session any more. What it sealed is still taken by other roads.
    Revoked,
}

impl DeviceState {
    const ALL: [Self; 4] = [Self::Pending, Self::Approved, Self::Refused, Self::Revoked];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Revoked => "revoked",
        }
    }
}

/// One device.
#[derive(Clone)]
pub struct DeviceRow {
    pub id: DeviceId,
    pub state: DeviceState,
    pub number: Option<DeviceNo>,
    pub key: VerifyKey,
    pub class: DeviceClass,
    pub counter_name: String,
    pub hostname_hint: Option<String>,
    pub code_id: i64,
    pub device_epoch: Option<u64>,
    pub certificate: Option<Signed>,
    pub requested_at: Timestamp,
    /// Since when a copy of its disk is known; such a device seals nothing new.
    pub frozen_at: Option<Timestamp>,
}

impl DeviceRow {
    /// When the certificate that was given ends.
    ///
    /// # Errors
    /// [`ServiceError::Damaged`].
    pub fn certificate_ends(&self) -> Result<Option<Timestamp>, ServiceError> {
        // What stands here this province signed itself.
        let read = |signed: &Signed| serde_json::from_slice::<DeviceCertificate>(&signed.bytes);
        let certificate = self.certificate.as_ref().map(read).transpose();
        let certificate = certificate.map_err(|_| ServiceError::Damaged("certificate"))?;
        Ok(certificate.map(|c| c.valid_until))
    }

    /// As [`Self::certificate_ends`], where it is to be renewed.
    ///
    /// # Errors
    /// As [`Self::certificate_ends`].
    pub fn certificate_ends_soon(&self, now: Timestamp) -> Result<Option<Timestamp>, ServiceError> {
        Ok(self.certificate_ends()?.filter(|ends| ends_soon(*ends, now)))
    }

    /// Approved, and nobody else claims to be it. A certificate that has ended takes nothing away from it.
    #[must_use]
    pub fn is_in_good_standing(&self) -> bool {
        self.state == DeviceState::Approved && self.frozen_at.is_none()
    }

    /// The province's word on this device under `number`, from `now` on; and as it is stored.
    fn certify(
        &self,
        number: DeviceNo,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<(Signed, String), ServiceError> {
        let certificate = DeviceCertificate {
            device: self.id,
            number,
            key: self.key,
            class: self.class,
            counter_name: self.counter_name.clone(),
            issued_at: now,
            valid_until: now + SignedDuration::from_hours(CERTIFICATE_HOURS_MAX),
        };
        let signed = Signed::seal(key, Context::DeviceCertificate, &certificate)?;
        let json = serde_json::to_string(&signed).map_err(|_| ServiceError::Damaged("certificate"))?;
        Ok((signed, json))
    }
}

const COLUMNS: &str = "id, state, number, key, class, counter_name, hostname_hint, code_id, device_epoch, certificate, requested_at, frozen_at";

pub(super) fn bad(what: &'static str) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(ServiceError::Damaged(what)))
}

fn class_text(class: DeviceClass) -> &'static str {
    match class {
        DeviceClass::CounterBound => "counter_bound",
        DeviceClass::CounterSoftware => "counter_software",
        DeviceClass::Field => "field",
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeviceRow> {
    let state: String = row.get(1)?;
    let class: String = row.get(4)?;
    let classes = [
        DeviceClass::CounterBound,
        DeviceClass::CounterSoftware,
        DeviceClass::Field,
    ];
    let certificate: Option<String> = row.get(9)?;
    Ok(DeviceRow {
        id: row.get::<_, String>(0)?.parse().map_err(|_| bad("device id"))?,
        state: DeviceState::ALL
            .into_iter()
            .find(|s| s.as_str() == state)
            .ok_or_else(|| bad("device state"))?,
        number: row.get::<_, Option<u32>>(2)?.map(DeviceNo),
        key: VerifyKey::from_bytes(&row.get::<_, [u8; 32]>(3)?).map_err(|_| bad("device key"))?,
        class: classes
            .into_iter()
            .find(|c| class_text(*c) == class)
            .ok_or_else(|| bad("device class"))?,
        counter_name: row.get(5)?,
        hostname_hint: row.get(6)?,
        code_id: row.get(7)?,
        device_epoch: row.get::<_, Option<i64>>(8)?.and_then(|n| u64::try_from(n).ok()),
        certificate: certificate
            .map(|c| serde_json::from_str(&c))
            .transpose()
            .map_err(|_| bad("certificate"))?,
        requested_at: Timestamp::from_millisecond(row.get(10)?).map_err(|_| bad("time"))?,
        frozen_at: row
            .get::<_, Option<i64>>(11)?
            .map(Timestamp::from_millisecond)
            .transpose()
            .map_err(|_| bad("time"))?,
    })
}

/// # Errors
/// The database's.
pub fn find(conn: &Connection, id: &DeviceId) -> Result<Option<DeviceRow>, ServiceError> {
    let sql = format!("SELECT {COLUMNS} FROM devices WHERE id = ?1");
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([id.to_string()], read)
        .optional()?)
}

/// # Errors
/// The database's.
pub fn find_by_ticket(conn: &Connection, ticket: &Nonce) -> Result<Option<DeviceRow>, ServiceError> {
    let sql = format!("SELECT {COLUMNS} FROM devices WHERE ticket_sha256 = ?1");
    Ok(conn.query_row(&sql, [Sha256::of(&ticket.0).0], read).optional()?)
}

/// In the order in which they asked.
///
/// # Errors
/// The database's.
pub fn list(conn: &Connection) -> Result<Vec<DeviceRow>, ServiceError> {
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS} FROM devices ORDER BY requested_at, id"
    ))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Records a request under a code that is good. The same device and key may ask again until somebody approves:
/// under its own code (the first answer may have been lost) or a fresh one. Another key under a known id, and a
/// device that was approved or revoked, are turned away: such a kiosk asks under a new id.
///
/// # Errors
/// [`ProblemCode::EnrolCodeRefused`], [`ProblemCode::DeviceRefused`], the database's.
pub fn request(
    conn: &Connection,
    request: &EnrolRequest,
    code: &super::enrol_codes::GoodCode,
    ticket: &Nonce,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let id = request.device_id.to_string();
    let ticket = Sha256::of(&ticket.0).0;
    let known = find(conn, &request.device_id)?;
    if let Some(row) = &known {
        let undecided = matches!(row.state, DeviceState::Pending | DeviceState::Refused);
        if row.key != request.device_key || !undecided {
            return Err(ProblemCode::DeviceRefused.into());
        }
        if row.state == DeviceState::Pending && row.code_id == code.id {
            conn.execute(
                "UPDATE devices SET ticket_sha256 = ?2 WHERE id = ?1",
                (id, ticket),
            )?;
            return Ok(());
        }
        // Asked anew: the row is written below as a first request is.
        conn.execute("DELETE FROM devices WHERE id = ?1", [&id])?;
    }
    super::enrol_codes::mark_used(conn, code.id, now)?;
    conn.execute(
        "INSERT INTO devices (id, state, key, class, counter_name, hostname_hint, code_id, ticket_sha256, requested_at)
         VALUES (?1, 'pending', ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            id,
            request.device_key.as_bytes(),
            class_text(request.class),
            &request.counter_name,
            &request.hostname_hint,
            code.id,
            ticket,
            now.as_millisecond(),
        ),
    )?;
    Ok(())
}

/// Gives the next number and signs the certificate.
///
/// # Errors
/// [`Refusal::NoSuchDevice`], [`Refusal::DeviceState`], [`Refusal::DeviceNumbersUsedUp`], the database's.
pub fn approve(
    conn: &Connection,
    id: &DeviceId,
    key: &SigningKey,
    now: Timestamp,
) -> Result<DeviceNo, ServiceError> {
    let row = find(conn, id)?.ok_or(Refusal::NoSuchDevice)?;
    if row.state != DeviceState::Pending {
        return Err(Refusal::DeviceState.into());
    }
    let number: u32 = conn.query_row("SELECT coalesce(max(number), 0) + 1 FROM devices", [], |r| {
        r.get(0)
    })?;
    if number > DeviceNo::MAX {
        return Err(Refusal::DeviceNumbersUsedUp.into());
    }
    let (_, json) = row.certify(DeviceNo(number), key, now)?;
    let epoch = i64::try_from(super::meta::random_whole()?).unwrap_or(1);
    conn.execute(
        "UPDATE devices SET state = 'approved', number = ?2, device_epoch = ?3, certificate = ?4, decided_at = ?5
         WHERE id = ?1",
        (id.to_string(), number, epoch, json, now.as_millisecond()),
    )?;
    Ok(DeviceNo(number))
}

/// The certificate that an asking device is to have: one for the same key, number and counter from now on where its own
/// ends soon or has ended, else the one it was given last, which may not have come there. `None` for a device that is not
/// in good standing, looked at inside the transaction that gives it.
///
/// # Errors
/// The database's.
pub fn renew(
    conn: &Connection,
    id: &DeviceId,
    key: &SigningKey,
    now: Timestamp,
) -> Result<Option<Signed>, ServiceError> {
    let Some(row) = find(conn, id)?.filter(DeviceRow::is_in_good_standing) else {
        return Ok(None);
    };
    let (Some(ends), Some(number)) = (row.certificate_ends_soon(now)?, row.number) else {
        return Ok(row.certificate);
    };
    let (signed, json) = row.certify(number, key, now)?;
    past_certificates::keep(conn, id)?;
    let sql = "UPDATE devices SET certificate = ?2 WHERE id = ?1";
    conn.execute(sql, (id.to_string(), json))?;
    let entry = Entry {
        at: now,
        who: "service".into(),
        act: Act::RenewCertificate,
        on: Some(id.to_string()),
        why: format!("the one before ends {ends}"),
    };
    audit::append(conn, &entry)?;
    Ok(Some(signed))
}

/// Pending → refused (it may ask again with a new code), or approved → revoked for ever.
///
/// # Errors
/// [`Refusal::NoSuchDevice`], [`Refusal::DeviceState`], the database's.
pub fn turn_away(
    conn: &Connection,
    id: &DeviceId,
    to: DeviceState,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let row = find(conn, id)?.ok_or(Refusal::NoSuchDevice)?;
    match (row.state, to) {
        (DeviceState::Pending, DeviceState::Refused) | (DeviceState::Approved, DeviceState::Revoked) => {}
        (DeviceState::Pending | DeviceState::Approved | DeviceState::Refused | DeviceState::Revoked, _) => {
            return Err(Refusal::DeviceState.into());
        }
    }
    let sql = "UPDATE devices SET state = ?2, decided_at = ?3 WHERE id = ?1";
    conn.execute(sql, (id.to_string(), to.as_str(), now.as_millisecond()))?;
    Ok(())
}

/// Two disks claim to be this device. What they sealed is taken all the same; nothing new is sealed until a person at
/// the province has found the second one.
///
/// # Errors
/// The database's.
pub fn freeze(conn: &Connection, id: &DeviceId, now: Timestamp) -> Result<bool, ServiceError> {
    let sql = "UPDATE devices SET frozen_at = ?2 WHERE id = ?1 AND frozen_at IS NULL";
    Ok(conn.execute(sql, (id.to_string(), now.as_millisecond()))? == 1)
}

/// Lets a device seal again, under a new epoch: what the copy still holds stands in the old one.
///
/// # Errors
/// [`Refusal::NoSuchDevice`], [`Refusal::DeviceState`] where it is not frozen, the database's.
pub fn thaw(conn: &Connection, id: &DeviceId) -> Result<u64, ServiceError> {
    let row = find(conn, id)?.ok_or(Refusal::NoSuchDevice)?;
    if row.frozen_at.is_none() || row.state != DeviceState::Approved {
        return Err(Refusal::DeviceState.into());
    }
    let epoch = super::meta::random_whole()?;
    conn.execute(
        "UPDATE devices SET frozen_at = NULL, device_epoch = ?2 WHERE id = ?1",
        (id.to_string(), i64::try_from(epoch).unwrap_or(1)),
    )?;
    Ok(epoch)
}
