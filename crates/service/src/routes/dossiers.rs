//! Sealed dossiers come in.

use super::caller::Caller;
use crate::ServiceError;
use crate::app::App;
use crate::intake::{self, Taken};
use crate::store::carriers;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::Context;
use std::sync::Arc;
use wire::header::CBOR;
use wire::{Problem, ProblemCode};

fn is_cbor(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes() == CBOR.as_bytes())
}

/// `PUT /v1/dossiers/{id}`: 201 new, 200 known, 409 another content under this id. A device
/// may bring what another one sealed.
pub(super) async fn put(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ServiceError> {
    let id: DossierId = id.parse().map_err(|_| ProblemCode::NotFound)?;
    if !is_cbor(&headers) {
        return Err(ServiceError::Problem(Problem::because(
            ProblemCode::Malformed,
            "the body is application/cbor",
        )));
    }
    let envelope = SealedDossier::from_bytes(&body?)?;
    let asking = device.id;
    let (envelope, sealer) = app
        .readers
        .read(move |conn| intake::sealer(conn, &envelope, &device).map(|sealer| (envelope, sealer)))
        .await?;
    let manifest = intake::verify(&envelope, &id, &sealer.0, &sealer.1)?;
    let (at, shared) = (app.now(), Arc::clone(&app));
    let taken = app
        .writer
        .write(move |conn| {
            let taken = intake::take(conn, &shared.files, &shared.signing_key, &manifest, &envelope, at)?;
            if sealer.0 != asking && !matches!(taken, Taken::Fork) {
                carriers::put(conn, &id, &asking)?;
            }
            Ok(taken)
        })
        .await?;
    let (status, answer) = match taken {
        Taken::New(answer) => (StatusCode::CREATED, answer),
        Taken::Known(answer) => (StatusCode::OK, answer),
        Taken::Fork => {
            tracing::warn!("a dossier id came with another content; both are kept");
            return Err(ProblemCode::Fork.into());
        }
    };
    Ok((status, app.signed(Context::Events, &answer)?).into_response())
}
