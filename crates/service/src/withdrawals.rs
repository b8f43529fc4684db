//! Taking a dossier back on the word of its counter.
//!
//! **Invariants:** a withdrawal is refused inside the transaction that would have taken it, so that an acknowledged one
//! has taken effect, or takes effect in the transaction in which its dossier comes; it never undoes an official code,
//! because the same transaction reads whether there is one; the same withdrawal again, and a second one, move nothing.

use crate::ServiceError;
use crate::decide::{self, Asked, Withdrawal};
use crate::store::audit::{self, Act, Entry};
use crate::store::cases;
use crate::store::devices::{self, DeviceState};
use crate::store::dossiers::{self, DossierRow};
use domain::ids::{DeviceId, DossierId};
use jiff::Timestamp;
use rusqlite::Connection;
use wire::{Problem, ProblemCode};

const WHO: &str = "service";

/// A withdrawal that has just been stored: withdraws its dossier, or leaves it for the day on which that comes.
///
/// # Errors
/// [`ProblemCode::NotThisCounters`], [`ProblemCode::WithdrawalTooLate`], [`ProblemCode::ManifestRefused`]; nothing is
/// kept of what is refused.
pub(crate) fn take(
    conn: &Connection,
    withdrawal: &DossierId,
    dossier: &DossierId,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let asking = dossiers::find(conn, withdrawal)?.ok_or(ProblemCode::NotFound)?;
    // A thief with a revoked machine and a stick could take back what the counter sealed.
    let approved = devices::find(conn, &asking.device)?.is_some_and(|d| d.state == DeviceState::Approved);
    if !approved {
        return Err(ProblemCode::NotThisCounters.into());
    }
    let Some(row) = dossiers::find(conn, dossier)? else {
        // It may still lie on a stick: the dossier is withdrawn the moment it comes.
        return Ok(());
    };
    if row.takes_back.is_some() {
        let why = "a withdrawal cannot be withdrawn";
        return Err(ServiceError::Problem(Problem::because(
            ProblemCode::ManifestRefused,
            why,
        )));
    }
    match judge(conn, &asking, &row)? {
        Withdrawal::Take => withdraw(conn, &asking, dossier, now),
        Withdrawal::Already => Ok(()),
        Withdrawal::TooLate => Err(ProblemCode::WithdrawalTooLate.into()),
        Withdrawal::NotThisCounters => {
            tracing::warn!(device = %asking.device, "a machine of another counter asked to withdraw a dossier");
            Err(ProblemCode::NotThisCounters.into())
        }
    }
}

/// A dossier that has just been stored: what came before it to take it back does so now.
///
/// # Errors
/// The database's.
pub(crate) fn came_before(
    conn: &Connection,
    dossier: &DossierId,
    now: Timestamp,
) -> Result<(), ServiceError> {
    for asking in dossiers::withdrawals_of(conn, dossier)? {
        let row = dossiers::find(conn, dossier)?.ok_or(ProblemCode::NotFound)?;
        match judge(conn, &asking, &row)? {
            Withdrawal::Take => withdraw(conn, &asking, dossier, now)?,
            Withdrawal::Already => {}
            Withdrawal::TooLate | Withdrawal::NotThisCounters => {
                // It was acknowledged before anybody could tell; the machine that asked hears of it.
                cases::refuse_withdrawal(conn, &asking.id, now)?;
                let why = format!("withdrawal {} of another counter", asking.id);
                audit::append(
                    conn,
                    &Entry::dossier(now, WHO, Act::RefuseWithdrawal, dossier, &why),
                )?;
            }
        }
    }
    Ok(())
}

fn judge(conn: &Connection, asking: &DossierRow, row: &DossierRow) -> Result<Withdrawal, ServiceError> {
    let case = cases::find(conn, &row.id)?;
    Ok(decide::withdrawal(Asked {
        same_counter: same_counter(conn, &asking.device, &row.device)?,
        status: case.status,
        has_code: case.code.is_some(),
    }))
}

/// Two machines stand at one counter where the province certified both under one name.
fn same_counter(conn: &Connection, asking: &DeviceId, sealer: &DeviceId) -> Result<bool, ServiceError> {
    let asking = devices::find(conn, asking)?;
    let sealer = devices::find(conn, sealer)?;
    Ok(asking
        .zip(sealer)
        .is_some_and(|(a, s)| a.id == s.id || a.counter_name == s.counter_name))
}

fn withdraw(
    conn: &Connection,
    asking: &DossierRow,
    dossier: &DossierId,
    now: Timestamp,
) -> Result<(), ServiceError> {
    cases::withdraw(conn, dossier, now)?;
    let why = format!("withdrawal {} sealed by device {}", asking.id, asking.device);
    audit::append(conn, &Entry::dossier(now, WHO, Act::Withdraw, dossier, &why))
}
