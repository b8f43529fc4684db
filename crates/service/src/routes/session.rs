//! Signing a device in by challenge and response.

use super::answer::Body;
use super::caller::approved;
use crate::ServiceError;
use crate::app::App;
use crate::limits::SESSION_AGE_MAX;
use crate::store::devices;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use std::time::Instant;
use wire::ProblemCode;
use wire::session::{ChallengeAnswer, ChallengeRequest, SessionAnswer, SessionRequest};

/// `POST /v1/challenge`. Answered for any id, so that it tells nobody which ones exist.
pub(super) async fn challenge(
    State(app): State<Arc<App>>,
    Body(asked): Body<ChallengeRequest>,
) -> Result<Json<ChallengeAnswer>, ServiceError> {
    Ok(Json(ChallengeAnswer {
        nonce: app.sessions.challenge(asked.device_id, Instant::now())?,
    }))
}

/// `POST /v1/session`. Only who holds the key learns whether the device was revoked.
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    Body(asked): Body<SessionRequest>,
) -> Result<Json<SessionAnswer>, ServiceError> {
    let now = Instant::now();
    app.sessions.use_up(&asked.nonce, &asked.device_id, now)?;
    let id = asked.device_id;
    let row = app
        .readers
        .read(move |conn| devices::find(conn, &id))
        .await?
        .ok_or(ProblemCode::DeviceRefused)?;
    asked.verify(&row.key).map_err(|_| ProblemCode::DeviceRefused)?;
    let row = approved(Some(row))?;
    let token = app.sessions.sign_in(row.id, now)?;
    Ok(Json(SessionAnswer {
        token,
        expires_in_s: SESSION_AGE_MAX.as_secs(),
    }))
}
