//! Who did what to which dossier and why: append-only, each entry hashed together with the one before.

use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use wire::Sha256;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Open,
    RequestExport,
    Export,
    /// Whoever opened it was told that the same matter may lie in another dossier, too.
    DupSuspect,
    /// A clerk's name with a wrong passphrase, or a second act by the first person.
    Denied,
    EnterCode,
    ChangeStatus,
    ApproveDevice,
    RefuseDevice,
    RevokeDevice,
    /// A device's certificate came near its end. By the service, at the device's own asking.
    RenewCertificate,
    /// A copied disk was noticed. By nobody: the service saw it.
    FreezeDevice,
    ThawDevice,
    /// Whether durable means "on this disk" or "in the backup".
    SetDurable,
    NewEpoch,
    PublishCatalogue,
    /// A dossier came by a stick.
    Import,
    /// A counter took its dossier back; by the service, on the signed word of one of that counter's machines.
    Withdraw,
    /// A withdrawal that had come before its dossier was not one of that counter's.
    RefuseWithdrawal,
    /// A damaged or missing file was put back from the backup. By the service.
    PutBack,
    /// Neither here nor in the backup a file is whole: the acknowledgement was taken back and the kiosks were asked. By
    /// the service.
    AskAgain,
    /// An index said something else than its table and was made anew. By the service.
    MendIndexes,
    RequestRecovery,
    /// A counter's drafts key was given back to its machine.
    Recover,
}

/// One entry. `who` is a clerk's name, or "admin" for what the machine's administrator did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Timestamp,
    pub who: String,
    pub act: Act,
    /// The dossier or the device.
    pub on: Option<String>,
    pub why: String,
}

impl Entry {
    /// What a clerk does to a dossier.
    #[must_use]
    pub fn dossier(at: Timestamp, who: &str, act: Act, dossier: &DossierId, why: &str) -> Self {
        Self {
            at,
            who: who.to_owned(),
            act,
            on: Some(dossier.to_string()),
            why: why.to_owned(),
        }
    }
}

fn hash(previous: &[u8; 32], entry: &str) -> Sha256 {
    Sha256::of(&[b"donghanh/audit/1\0".as_slice(), previous, entry.as_bytes()].concat())
}

/// # Errors
/// The database's.
pub fn append(conn: &Connection, entry: &Entry) -> Result<(), ServiceError> {
    let last: Option<(i64, [u8; 32])> = conn
        .query_row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", [], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
        .optional()?;
    let (seq, previous) = last.unwrap_or((0, [0; 32]));
    let json = serde_json::to_string(entry).map_err(|_| ServiceError::Damaged("audit"))?;
    let sql = "INSERT INTO audit (seq, entry, previous, hash) VALUES (?1, ?2, ?3, ?4)";
    conn.execute(sql, (seq + 1, &json, previous, hash(&previous, &json).0))?;
    Ok(())
}

/// Every entry, oldest first, once the whole chain has been checked.
///
/// # Errors
/// [`Refusal::AuditBroken`] where an entry was changed, removed from the middle, or put in; the database's.
/// Entries cut off at the end are not seen: the last hash has to be kept elsewhere for that.
pub fn verified(conn: &Connection) -> Result<Vec<Entry>, ServiceError> {
    let mut statement = conn.prepare("SELECT seq, entry, previous, hash FROM audit ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut chain = [0_u8; 32];
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let (seq, entry): (i64, String) = (row.get(0)?, row.get(1)?);
        let (previous, stored): ([u8; 32], [u8; 32]) = (row.get(2)?, row.get(3)?);
        let expected = hash(&chain, &entry).0;
        let in_order = usize::try_from(seq) == Ok(entries.len() + 1);
        if !in_order || previous != chain || stored != expected {
            return Err(Refusal::AuditBroken.into());
        }
        chain = expected;
        entries.push(serde_json::from_str(&entry).map_err(|_| Refusal::AuditBroken)?);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_or_missing_entry_shows() {
        let dir = tempfile::tempdir().unwrap();
        let conn = crate::store::open(&dir.path().join("p.db")).unwrap();
        let at: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        for why in ["kiểm tra", "in lại", "đối chiếu"] {
            let entry = Entry {
                at,
                who: "an".into(),
                act: Act::Open,
                on: None,
                why: why.into(),
            };
            append(&conn, &entry).unwrap();
        }
        assert_eq!(verified(&conn).unwrap().len(), 3);
        assert!(
            conn.execute("UPDATE audit SET entry = '{}' WHERE seq = 2", [])
                .is_err(),
            "append only"
        );
        assert!(
            conn.execute("DELETE FROM audit WHERE seq = 2", []).is_err(),
            "append only"
        );
        // Somebody with the file in hand drops the triggers first.
        conn.execute_batch("DROP TRIGGER audit_is_never_changed").unwrap();
        conn.execute(
            "UPDATE audit SET entry = replace(entry, 'in lại', 'xxx') WHERE seq = 2",
            [],
        )
        .unwrap();
        assert!(matches!(
            verified(&conn),
            Err(ServiceError::Refused(Refusal::AuditBroken))
        ));
    }
}
