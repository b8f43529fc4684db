//! Enrolment: a request under a one-time code, and what a person decided about it.

use super::answer::Body;
use crate::ServiceError;
use crate::app::App;
use crate::store::devices::{self, DeviceState};
use crate::store::enrol_codes;
use axum::Json;
use axum::extract::{Path, State};
use domain::text::clean;
use std::sync::Arc;
use std::time::Instant;
use wire::enrol::{EnrolOffer, EnrolRequest, EnrolState};
use wire::limits::COUNTER_NAME_MAX;
use wire::{Nonce, ProblemCode};

/// `POST /v1/enrol`.
pub(super) async fn request(
    State(app): State<Arc<App>>,
    Body(asked): Body<EnrolRequest>,
) -> Result<Json<EnrolOffer>, ServiceError> {
    app.enrol_bucket()?
        .take(Instant::now())
        .then_some(())
        .ok_or(ProblemCode::TooManyRequests)?;
    let short = |text: &str| clean(text).chars().take(COUNTER_NAME_MAX).collect::<String>();
    let asked = EnrolRequest {
        counter_name: short(&asked.counter_name),
        hostname_hint: asked.hostname_hint.as_deref().map(short),
        ..asked
    };
    let (ticket, now) = (Nonce::random()?, app.now());
    let good = app
        .writer
        .write(move |conn| {
            let Some(code) = enrol_codes::check(conn, &asked.code, now)? else {
                return Ok(false);
            };
            devices::request(conn, &asked, &code, &ticket, now).map(|()| true)
        })
        .await?;
    if !good {
        return Err(ProblemCode::EnrolCodeRefused.into());
    }
    Ok(Json(app.offer(ticket)))
}

/// `GET /v1/enrol/{ticket}`.
pub(super) async fn state(
    State(app): State<Arc<App>>,
    Path(ticket): Path<String>,
) -> Result<Json<EnrolState>, ServiceError> {
    let ticket: Nonce = ticket.parse().map_err(|_| ProblemCode::NotFound)?;
    let row = app
        .readers
        .read(move |conn| devices::find_by_ticket(conn, &ticket))
        .await?;
    let row = row.ok_or(ProblemCode::NotFound)?;
    let state = match (row.state, row.certificate, row.device_epoch) {
        (DeviceState::Pending, ..) => EnrolState::Waiting,
        (DeviceState::Approved, Some(certificate), Some(device_epoch)) => EnrolState::Approved {
            certificate,
            device_epoch,
        },
        (DeviceState::Approved, ..) => return Err(ServiceError::Damaged("device")),
        (DeviceState::Refused | DeviceState::Revoked, ..) => EnrolState::Refused,
    };
    Ok(Json(state))
}
