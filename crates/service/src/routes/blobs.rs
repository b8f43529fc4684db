//! Encrypted files arrive, after the IETF draft on resumable uploads (interop version 8).
//!
//! HEAD tells the offset; one streaming PATCH brings the rest. Both end an older PATCH of the same file. What
//! arrived before a cut is fsynced and kept. A file is found only through a dossier of the asking device.

use super::caller::{Caller, approved};
use crate::ServiceError;
use crate::app::App;
use crate::arriving::Arriving;
use crate::blobs::Held;
use crate::decide::{self, Append};
use crate::intake;
use crate::store::{self, dossiers};
use crate::uploads::Place;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::{DeviceId, DossierId};
use http_body_util::BodyExt;
use seal::keys::Context;
use seal::manifest::BlobRecord;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use wire::header::{
    FALSE, PARTIAL_UPLOAD, TRUE, UPLOAD_COMPLETE, UPLOAD_INTEROP, UPLOAD_INTEROP_VERSION, UPLOAD_LENGTH,
    UPLOAD_OFFSET,
};
use wire::limits::NO_PROGRESS_SECONDS_MAX;
use wire::{Problem, ProblemCode, Sha256};

/// Pieces between the network and the disk.
const PIECES_WAITING_MAX: usize = 16;

/// The file that a path names, if its dossier is this device's or was brought by it.
struct Named {
    dossier: DossierId,
    record: BlobRecord,
}

async fn named(app: &App, device: DeviceId, path: (String, String)) -> Result<Named, ServiceError> {
    let dossier: DossierId = path.0.parse().map_err(|_| ProblemCode::NotFound)?;
    let sha256: Sha256 = path.1.parse().map_err(|_| ProblemCode::NotFound)?;
    let row = app
        .readers
        .read(move |conn| {
            let ours = dossiers::find(conn, &dossier)?.is_some_and(|row| row.device == device)
                || store::carriers::carries(conn, &dossier, &device)?;
            if ours {
                store::blobs::find(conn, &dossier, &sha256)
            } else {
                Ok(None)
            }
        })
        .await?;
    Ok(Named {
        dossier,
        record: row.ok_or(ProblemCode::NotFound)?.record,
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    spawn_blocking(work)
        .await
        .map_err(|_| ServiceError::Damaged("upload task"))?
}

async fn open(app: &App, named: &Named) -> Result<Held, ServiceError> {
    let (files, dossier, record) = (app.files.clone(), named.dossier, named.record.clone());
    blocking(move || files.open(&dossier, &record)).await
}

/// The upload headers on any answer.
fn with_offset(mut response: Response, offset: u64, complete: bool) -> Response {
    let headers = response.headers_mut();
    headers.insert(UPLOAD_OFFSET, HeaderValue::from(offset));
    headers.insert(
        UPLOAD_COMPLETE,
        HeaderValue::from_static(if complete { TRUE } else { FALSE }),
    );
    headers.insert(UPLOAD_INTEROP, HeaderValue::from_static(UPLOAD_INTEROP_VERSION));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn malformed(why: &'static str) -> ServiceError {
    ServiceError::Problem(Problem::because(ProblemCode::Malformed, why))
}

fn is(headers: &HeaderMap, name: &str, value: &str) -> bool {
    headers
        .get(name)
        .is_some_and(|v| v.as_bytes() == value.as_bytes())
}

/// `HEAD /v1/dossiers/{id}/blobs/{sha256}`.
pub(super) async fn offset(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ServiceError> {
    speaks_our_draft(&headers)?;
    let named = named(&app, device.id, path).await?;
    let _place = app
        .uploads
        .take_over(named.dossier, Sha256(named.record.sha256))
        .await?;
    let (offset, complete) = match open(&app, &named).await? {
        Held::Whole => (named.record.len, true),
        Held::Part(arriving) => (arriving.offset(), false),
    };
    let length = (UPLOAD_LENGTH, named.record.len.to_string());
    Ok(with_offset(
        (StatusCode::NO_CONTENT, [length]).into_response(),
        offset,
        complete,
    ))
}

fn speaks_our_draft(headers: &HeaderMap) -> Result<(), ServiceError> {
    if is(headers, UPLOAD_INTEROP, UPLOAD_INTEROP_VERSION) {
        Ok(())
    } else {
        Err(malformed("upload-draft-interop-version is 8"))
    }
}

/// What a PATCH says about itself.
struct Ask {
    offset: u64,
    complete: bool,
}

impl Ask {
    fn read(headers: &HeaderMap) -> Result<Self, ServiceError> {
        speaks_our_draft(headers)?;
        if !is(headers, header::CONTENT_TYPE.as_str(), PARTIAL_UPLOAD) {
            return Err(malformed("the body is application/partial-upload"));
        }
        let offset = headers
            .get(UPLOAD_OFFSET)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse().ok());
        let offset = offset.ok_or_else(|| malformed("upload-offset is a number"))?;
        let complete = is(headers, UPLOAD_COMPLETE, TRUE);
        if complete || is(headers, UPLOAD_COMPLETE, FALSE) {
            Ok(Self { offset, complete })
        } else {
            Err(malformed("upload-complete is ?0 or ?1"))
        }
    }
}

/// `PATCH /v1/dossiers/{id}/blobs/{sha256}`: 200 with the dossier's answer once the file is whole, 204 before.
pub(super) async fn append(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ServiceError> {
    let ask = Ask::read(&headers)?;
    let named = named(&app, device.id, path).await?;
    let mut place = app
        .uploads
        .take_over(named.dossier, Sha256(named.record.sha256))
        .await?;
    place.count(device.id, Instant::now())?;
    let arriving = match open(&app, &named).await? {
        Held::Whole if ask.offset == named.record.len => return whole(&app, &named, &device.id).await,
        Held::Whole => return Ok(mismatch(named.record.len, true)),
        Held::Part(arriving) => match decide::append(arriving.offset(), ask.offset) {
            Append::Here => arriving,
            Append::Elsewhere(truly) => return Ok(mismatch(truly, false)),
        },
    };
    let (arriving, place, received) = receive(arriving, place, body).await?;
    let offset = arriving.offset();
    if let Err(failure) = received {
        return Ok(with_offset(failure.into_response(), offset, false));
    }
    let response = match (ask.complete, arriving.is_full()) {
        (false, _) => with_offset(StatusCode::NO_CONTENT.into_response(), offset, false),
        // It said that this was the end, and bytes are missing: the truth, to go on from.
        (true, false) => mismatch(offset, false),
        // A stream may last for hours: whoever was revoked meanwhile finishes nothing. The bytes stay.
        (true, true) => match still_accepted(&app, device.id).await {
            Err(refused) => with_offset(refused.into_response(), offset, false),
            Ok(()) => match blocking(move || arriving.finish()).await {
                Ok(()) => whole(&app, &named, &device.id).await?,
                Err(failure) => with_offset(failure.into_response(), 0, false),
            },
        },
    };
    drop(place);
    Ok(response)
}

/// Asked again before a file is finished.
async fn still_accepted(app: &App, device: DeviceId) -> Result<(), ServiceError> {
    let row = app
        .readers
        .read(move |conn| store::devices::find(conn, &device))
        .await?;
    approved(row).map(drop)
}

fn mismatch(offset: u64, complete: bool) -> Response {
    with_offset(
        ServiceError::from(ProblemCode::MismatchingUploadOffset).into_response(),
        offset,
        complete,
    )
}

/// The file is whole: one transaction, and the dossier's answer with its acknowledgement if this was the last.
async fn whole(app: &Arc<App>, named: &Named, device: &DeviceId) -> Result<Response, ServiceError> {
    let (shared, id, now, asking) = (Arc::clone(app), named.dossier, app.now(), *device);
    let (answer, more) = app
        .writer
        .write(move |conn| {
            let (files, key) = (&shared.files, &shared.signing_key);
            let answer = intake::settle(conn, files, key, &id, Some(&asking), now)?;
            Ok((answer, dossiers::more_to_come(conn, &id, &asking)?))
        })
        .await?;
    // Else its place is kept: the next file follows at once.
    if !more {
        app.uploads.settled(device, Instant::now())?;
    }
    Ok(with_offset(
        app.signed(Context::Events, &answer)?.into_response(),
        named.record.len,
        true,
    ))
}

type Received = (Box<Arriving>, Place, Result<(), ServiceError>);

/// Lets the body flow to disk until it ends, fails, stands still or is overtaken. Whatever it was, what arrived is
/// fsynced when this returns; and if the caller is dropped meanwhile, the writing task does that by itself and
/// keeps the place until then.
async fn receive(arriving: Box<Arriving>, place: Place, mut body: Body) -> Result<Received, ServiceError> {
    let (pieces, waiting) = mpsc::channel(PIECES_WAITING_MAX);
    let overtaken = place.overtaken();
    let writing = spawn_blocking(move || write(arriving, place, waiting));
    let flowed = tokio::select! {
        () = overtaken => Err(ProblemCode::Busy),
        flowed = flow(&mut body, &pieces) => flowed,
    };
    drop(pieces);
    let (arriving, place, written) = writing.await.map_err(|_| ServiceError::Damaged("upload task"))?;
    // A failure to write comes first: the flow only stopped because of it.
    Ok((arriving, place, written.and(flowed.map_err(ServiceError::from))))
}

async fn flow(body: &mut Body, pieces: &mpsc::Sender<Bytes>) -> Result<(), ProblemCode> {
    let patience = Duration::from_secs(NO_PROGRESS_SECONDS_MAX);
    loop {
        match tokio::time::timeout(patience, body.frame()).await {
            Err(_) => return Err(ProblemCode::TooSlow),
            Ok(None) => return Ok(()),
            // The stream was cut: nobody is there to read the answer.
            Ok(Some(Err(_))) => return Err(ProblemCode::Malformed),
            Ok(Some(Ok(frame))) => {
                let Ok(bytes) = frame.into_data() else { continue };
                if pieces.send(bytes).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

fn write(mut arriving: Box<Arriving>, place: Place, mut pieces: mpsc::Receiver<Bytes>) -> Received {
    let mut written = Ok(());
    while let Some(bytes) = pieces.blocking_recv() {
        written = arriving.append(&bytes);
        if written.is_err() {
            break;
        }
    }
    let synced = arriving.sync();
    (arriving, place, written.and(synced))
}
