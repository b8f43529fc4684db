//! Who asks: the device behind a bearer token, approved at this very moment.

use crate::ServiceError;
use crate::app::App;
use crate::store::devices::{self, DeviceRow, DeviceState};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::sync::Arc;
use std::time::Instant;
use wire::{Nonce, ProblemCode};

/// An approved device with a session. Revoking it takes effect with its next request.
pub(super) struct Caller(pub DeviceRow);

fn token(parts: &Parts) -> Option<Nonce> {
    parts
        .headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")?
        .parse()
        .ok()
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let token = token(parts).ok_or(ProblemCode::SessionNeeded)?;
        let id = app.sessions.device(&token, Instant::now())?;
        let row = app.readers.read(move |conn| devices::find(conn, &id)).await?;
        approved(row).map(Self)
    }
}

/// # Errors
/// [`ProblemCode::DeviceRevoked`], [`ProblemCode::DeviceRefused`].
pub(super) fn approved(row: Option<DeviceRow>) -> Result<DeviceRow, ServiceError> {
    let row = row.ok_or(ProblemCode::DeviceRefused)?;
    match row.state {
        DeviceState::Approved => Ok(row),
        DeviceState::Revoked => Err(ProblemCode::DeviceRevoked.into()),
        DeviceState::Pending | DeviceState::Refused => Err(ProblemCode::DeviceRefused.into()),
    }
}
