//! The comparison behind a look-up: the same steps for a number that exists and one that does not.

use super::page::StateView;
use crate::ServiceError;
use crate::app::App;
use crate::limits::LOOKUP_SAME_NUMBER_MAX;
use crate::store::dossiers::{self, DossierRow};
use crate::store::{cases, lookup_tries, meta};
use domain::delivery::{Delivery, one_word};
use domain::ids::DossierId;
use domain::province::Intake;
use domain::receipt_number::ReceiptNumber;
use std::sync::Arc;

/// What a look-up came to.
pub(super) enum Found {
    State(StateView),
    /// No such number, or another secret: nobody is told which.
    Nothing,
    TooMany,
}

/// Stands in for the dossier that an unknown number does not have.
const NOBODY: DossierId = DossierId(uuid::Uuid::nil());

/// Takes a try, stretches the secret, compares in constant time, and gives the try back to who knew it.
pub(super) async fn compare(
    app: &Arc<App>,
    number: ReceiptNumber,
    secret: String,
) -> Result<Found, ServiceError> {
    let now = app.now();
    if !app
        .writer
        .write(move |conn| lookup_tries::take(conn, &number, now))
        .await?
    {
        return Ok(Found::TooMany);
    }
    let printed = number.to_string();
    let rows = app
        .readers
        .read(move |conn| dossiers::by_receipt_number(conn, &printed, LOOKUP_SAME_NUMBER_MAX))
        .await?;
    let Some(row) = matching(app, rows, secret).await? else {
        return Ok(Found::Nothing);
    };
    app.writer
        .write(move |conn| lookup_tries::give_back(conn, &number, now))
        .await?;
    let state = app.readers.read(move |conn| state(conn, number, &row)).await?;
    Ok(Found::State(state))
}

async fn matching(
    app: &App,
    rows: Vec<DossierRow>,
    secret: String,
) -> Result<Option<DossierRow>, ServiceError> {
    let busy = |_| ServiceError::Damaged("look-up limit");
    let _turn = app.lookups.stretching.acquire().await.map_err(busy)?;
    let task = tokio::task::spawn_blocking(move || {
        if rows.is_empty() {
            // The same work for a number that does not exist.
            let tag = seal::lookup::tag(&secret, &NOBODY)?;
            std::hint::black_box(seal::lookup::equal(&tag, &[0; 32]));
        }
        let mut found = None;
        for row in rows {
            let tag = seal::lookup::tag(&secret, &row.id)?;
            if seal::lookup::equal(&tag, &row.lookup_tag) {
                found = Some(row);
            }
        }
        Ok(found)
    });
    task.await.map_err(|_| ServiceError::Damaged("look-up task"))?
}

/// Received, or durable where the watermark covers the acknowledgement. What stood in the backup that a province was
/// restored from is durable whatever the new epoch says: it has just come back from there.
fn held(conn: &rusqlite::Connection, row: &DossierRow) -> Result<Delivery, ServiceError> {
    let durable = meta::durable(conn)?;
    let Some(at) = row.acknowledged_at() else {
        return Ok(Delivery::Registered);
    };
    let survived = at.epoch != durable.epoch;
    Ok(if survived || durable.covers(&at) {
        Delivery::Durable { at }
    } else {
        Delivery::Received { at }
    })
}

fn state(
    conn: &rusqlite::Connection,
    number: ReceiptNumber,
    row: &DossierRow,
) -> Result<StateView, ServiceError> {
    let case = cases::find(conn, &row.id)?;
    let (delivery, whole) = match row.state {
        Intake::Registered => (Delivery::Registered, false),
        Intake::Complete | Intake::Opened => (held(conn, row)?, true),
    };
    let words = one_word(&delivery, case.status, case.code.as_ref());
    Ok(StateView {
        number,
        words,
        status: case.status,
        whole,
        has_code: case.code.is_some(),
    })
}
