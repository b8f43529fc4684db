//! Where a case stands, and its official codes with their sources. Every change makes the kiosk's event in the
//! same transaction.

use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use domain::province::{CaseStatus, Intake, OfficialCode};
use domain::text::clean;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use wire::sync::EventKind;

/// The business side of one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub status: CaseStatus,
    pub code: Option<OfficialCode>,
    pub note: Option<String>,
}

/// A dossier with no row is new.
///
/// # Errors
/// The database's.
pub fn find(conn: &Connection, dossier: &DossierId) -> Result<Case, ServiceError> {
    let id = dossier.to_string();
    let row: Option<(String, Option<String>)> = conn
        .query_row("SELECT status, note FROM cases WHERE dossier = ?1", [&id], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
        .optional()?;
    let sql = "SELECT code, source FROM official_codes WHERE dossier = ?1 ORDER BY id DESC LIMIT 1";
    let code = conn
        .query_row(sql, [&id], |r| {
            Ok(OfficialCode {
                code: r.get(0)?,
                source: r.get(1)?,
            })
        })
        .optional()?;
    let (status, note) = row.unwrap_or_else(|| (CaseStatus::New.as_str().to_owned(), None));
    let status = CaseStatus::parse(&status).ok_or(ServiceError::Damaged("case status"))?;
    Ok(Case { status, code, note })
}

fn store(conn: &Connection, dossier: &DossierId, case: &Case, now: Timestamp) -> Result<u64, ServiceError> {
    let sql = "INSERT INTO cases (dossier, status, note, changed_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (dossier) DO UPDATE SET status = ?2, note = ?3, changed_at = ?4";
    conn.execute(
        sql,
        (
            dossier.to_string(),
            case.status.as_str(),
            &case.note,
            now.as_millisecond(),
        ),
    )?;
    let kind = EventKind::Case {
        status: case.status,
        official_code: case.code.clone(),
        note: case.note.clone(),
    };
    super::events::append(conn, dossier, &kind, now)
}

/// Withdraws a dossier that its own counter takes back, whole or not. The caller has decided that it may be.
///
/// # Errors
/// The database's.
pub fn withdraw(conn: &Connection, dossier: &DossierId, now: Timestamp) -> Result<u64, ServiceError> {
    let before = find(conn, dossier)?;
    let case = Case {
        status: CaseStatus::Withdrawn,
        // What was wanted of the person before is wanted no more.
        note: None,
        ..before
    };
    store(conn, dossier, &case, now)
}

/// Says of a withdrawal that came before its dossier that it is not one of this counter's to make, or came too late.
///
/// # Errors
/// The database's.
pub fn refuse_withdrawal(
    conn: &Connection,
    withdrawal: &DossierId,
    now: Timestamp,
) -> Result<u64, ServiceError> {
    let case = Case {
        status: CaseStatus::NotAccepted,
        code: None,
        note: None,
    };
    store(conn, withdrawal, &case, now)
}

/// Only a dossier that is whole has a case that moves, or one whose case began while it was; a withdrawal has none.
fn whole(conn: &Connection, dossier: &DossierId) -> Result<(), ServiceError> {
    let row = super::dossiers::find(conn, dossier)?.ok_or(Refusal::NoSuchDossier)?;
    if row.takes_back.is_some() {
        return Err(Refusal::IsWithdrawal.into());
    }
    match row.state {
        // A file that is lost later does not stop what its clerk is at.
        Intake::Registered if find(conn, dossier)?.code.is_none() => Err(Refusal::NotComplete.into()),
        Intake::Registered | Intake::Complete | Intake::Opened => Ok(()),
    }
}

/// Enters an official code with the source that gave it. The first code accepts the case; a later one (a
/// correction, another system's) becomes the shown one and the older stays as an alias.
///
/// # Errors
/// [`Refusal`]s, the database's.
pub fn set_code(
    conn: &Connection,
    dossier: &DossierId,
    code: OfficialCode,
    now: Timestamp,
) -> Result<(Case, u64), ServiceError> {
    whole(conn, dossier)?;
    let before = find(conn, dossier)?;
    let status = match (&before.code, before.status) {
        (Some(_), status) => status,
        (None, status) if status.may_become(CaseStatus::Accepted) => CaseStatus::Accepted,
        (None, _) => return Err(Refusal::CaseStatus.into()),
    };
    let id = dossier.to_string();
    conn.execute(
        "DELETE FROM official_codes WHERE dossier = ?1 AND code = ?2",
        (&id, &code.code),
    )?;
    let sql = "INSERT INTO official_codes (dossier, code, source, entered_at) VALUES (?1, ?2, ?3, ?4)";
    conn.execute(sql, (&id, &code.code, &code.source, now.as_millisecond()))?;
    let case = Case {
        status,
        code: Some(code),
        note: before.note,
    };
    let seq = store(conn, dossier, &case, now)?;
    Ok((case, seq))
}

/// Moves a case on. The note is for the operator at the counter: which paper, which field; never a name.
///
/// # Errors
/// [`Refusal`]s, the database's.
pub fn set_status(
    conn: &Connection,
    dossier: &DossierId,
    to: CaseStatus,
    note: Option<&str>,
    now: Timestamp,
) -> Result<(Case, u64), ServiceError> {
    whole(conn, dossier)?;
    let before = find(conn, dossier)?;
    if !before.status.may_become(to) {
        return Err(Refusal::CaseStatus.into());
    }
    if to.needs_code() && before.code.is_none() {
        return Err(Refusal::CodeMissing.into());
    }
    let note = note.map(clean).filter(|n| !n.is_empty());
    let case = Case {
        status: to,
        code: before.code,
        note,
    };
    let seq = store(conn, dossier, &case, now)?;
    Ok((case, seq))
}
