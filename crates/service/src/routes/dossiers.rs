//! Sealed dossiers come in.

use super::caller::Caller;
use crate::ServiceError;
use crate::app::App;
use crate::intake::{self, Taken};
use crate::store::carriers;
use crate::store::devices::DeviceRow;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::Context;
use seal::signed::Signed;
use std::sync::Arc;
use wire::batch::{self, BatchAnswer, BatchItem};
use wire::header::CBOR;
use wire::{Problem, ProblemCode};

fn is_cbor(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes() == CBOR.as_bytes())
}

fn cbor_only(headers: &HeaderMap) -> Result<(), ServiceError> {
    if is_cbor(headers) {
        Ok(())
    } else {
        Err(ServiceError::Problem(Problem::because(
            ProblemCode::Malformed,
            "the body is application/cbor",
        )))
    }
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
    cbor_only(&headers)?;
    let envelope = SealedDossier::from_bytes(&body?)?;
    let (status, answer) = take_in(&app, device, envelope, Some(id)).await?;
    Ok((status, Json(answer)).into_response())
}

/// `POST /v1/dossiers`: each as if it had come by itself. All are on their way to the one writer at once, so that one
/// commit takes them; one that is refused undoes nothing of its neighbours.
pub(super) async fn put_all(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<BatchAnswer>, ServiceError> {
    cbor_only(&headers)?;
    let body = body?;
    let coming: Vec<_> = batch::envelopes(&body)?
        .into_iter()
        .map(|bytes| {
            let (app, device) = (Arc::clone(&app), device.clone());
            let envelope = SealedDossier::from_bytes(bytes);
            tokio::spawn(async move { take_in(&app, device, envelope?, None).await })
        })
        .collect();
    let mut items = Vec::with_capacity(coming.len());
    for one in coming {
        let taken = one
            .await
            .unwrap_or(Err(ServiceError::Damaged("a request of several")));
        items.push(match taken {
            Ok((_, answer)) => BatchItem::Taken(answer),
            Err(refused) => BatchItem::Refused(refused.problem()),
        });
    }
    Ok(Json(BatchAnswer { items }))
}

/// Verifies and takes one envelope. `named` is the id that its path says; without one the manifest's own counts.
async fn take_in(
    app: &Arc<App>,
    device: DeviceRow,
    envelope: SealedDossier,
    named: Option<DossierId>,
) -> Result<(StatusCode, Signed), ServiceError> {
    let asking = device.id;
    let named_device = intake::sealed_by(&envelope)?;
    let sealer = if named_device == asking {
        (device.id, device.key)
    } else {
        app.readers
            .read(move |conn| intake::sealer(conn, &named_device))
            .await?
    };
    let manifest = intake::verify(&envelope, named.as_ref(), &sealer.0, &sealer.1)?;
    let (id, at, shared) = (manifest.dossier_id(), app.now(), Arc::clone(app));
    let taken = app
        .writer
        .write(move |conn| {
            let (files, key) = (&shared.files, &shared.signing_key);
            let taken = intake::take(conn, files, key, &manifest, &envelope, Some(&asking), at)?;
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
    Ok((status, Signed::seal(&app.signing_key, Context::Events, &answer)?))
}
