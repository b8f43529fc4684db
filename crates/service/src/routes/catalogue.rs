//! The published catalogue, whole, under its entity tag.

use super::caller::Caller;
use crate::ServiceError;
use crate::app::App;
use crate::store::catalogue;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use wire::{ProblemCode, header};

/// `GET /v1/catalogue`. The body proves itself: it carries the province's signature.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    Caller(_): Caller,
    headers: HeaderMap,
) -> Result<Response, ServiceError> {
    let held = headers
        .get(IF_NONE_MATCH)
        .and_then(|tag| tag.to_str().ok())
        .map(|tag| tag.trim_matches('"').to_owned());
    let now = app.readers.read(catalogue::current).await?;
    let (_, sha256) = now.ok_or(ProblemCode::NotFound)?;
    if held.is_some_and(|held| held == sha256.to_string()) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, format!("\"{sha256}\""))]).into_response());
    }
    let published = app.readers.read(catalogue::bundle).await?;
    let (sha256, bundle) = published.ok_or(ProblemCode::NotFound)?;
    let headers = [
        (CONTENT_TYPE, header::CATALOGUE.to_owned()),
        (ETAG, format!("\"{sha256}\"")),
    ];
    Ok((headers, bundle).into_response())
}
