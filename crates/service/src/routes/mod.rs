//! What kiosks may ask: the router, and what all routes share. Each noun has its file.
//!
//! **Invariants:** every body is bounded and every request has an end in time; every refusal is a problem
//! document; a line in the log names route and status, never a body, a token or an address.

mod answer;
mod blobs;
mod caller;
mod catalogue;
mod dossiers;
mod enrol;
mod inventory;
mod session;
mod sync;
mod time;

use crate::ServiceError;
use crate::admission::{Door, through};
use crate::app::App;
use crate::limits::REQUEST_TIME_MAX;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, head, post, put};
use seal::envelope::ENVELOPE_BYTES_MAX;
use std::sync::Arc;
use wire::limits::{BATCH_BYTES_MAX, JSON_BYTES_MAX};
use wire::{ProblemCode, path};

/// Everything on the kiosks' listener.
pub fn kiosk(app: Arc<App>) -> Router {
    // What a request waits for its turn counts as its time.
    let door = |door: &Arc<Door>| from_fn_with_state(Arc::clone(door), through);
    let small = Router::new()
        .route(path::ENROL, post(enrol::request))
        .route(path::ENROL_STATE, get(enrol::state))
        .route(path::CHALLENGE, post(session::challenge))
        .route(path::SESSION, post(session::sign_in))
        .route(path::TIME, post(time::tell))
        .route(path::SYNC, post(sync::sync))
        .route(path::INVENTORY, post(inventory::compare))
        .layer(DefaultBodyLimit::max(JSON_BYTES_MAX))
        .layer(door(&app.doors.questions))
        .layer(from_fn(in_time));
    let catalogue = Router::new()
        .route(path::CATALOGUE, get(catalogue::get))
        .layer(door(&app.doors.catalogue))
        .layer(from_fn(in_time));
    let dossiers = Router::new()
        .route(path::DOSSIER, put(dossiers::put))
        .layer(DefaultBodyLimit::max(ENVELOPE_BYTES_MAX))
        .merge(
            Router::new()
                .route(path::DOSSIERS, post(dossiers::put_all))
                .layer(DefaultBodyLimit::max(BATCH_BYTES_MAX)),
        )
        .layer(door(&app.doors.forms))
        .layer(from_fn(in_time));
    // Uploads take as long as they make progress; the length is bounded by the manifest.
    let blobs = Router::new()
        .route(path::BLOB, head(blobs::offset).patch(blobs::append))
        .layer(DefaultBodyLimit::disable());
    small
        .merge(catalogue)
        .merge(dossiers)
        .merge(blobs)
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(from_fn(log))
        .with_state(app)
}

async fn nothing() -> Response {
    ServiceError::from(ProblemCode::NotFound).into_response()
}

/// Cuts a request that takes too long.
pub async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!(seconds = REQUEST_TIME_MAX.as_secs(), "a request was cut");
            ServiceError::from(ProblemCode::TooSlow).into_response()
        }
    }
}

/// Route template and status: no id, no number, no address.
pub async fn log(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-".to_owned(), |p| p.as_str().to_owned());
    let method = request.method().clone();
    let response = next.run(request).await;
    tracing::info!(%method, route, status = response.status().as_u16());
    response
}
