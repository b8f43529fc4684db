//! The small round trip: a device's events since its cursor.

use super::answer::Body;
use super::caller::Caller;
use crate::ServiceError;
use crate::app::App;
use crate::store::devices::{self, DeviceRow};
use crate::store::{catalogue, events, meta};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use seal::keys::Context;
use seal::signed::Signed;
use std::sync::Arc;
use std::time::Instant;
use wire::limits::EVENTS_MAX;
use wire::sync::{DeviceWord, SyncAnswer, SyncAnswerKind, SyncRequest};

/// `POST /v1/sync`.
pub(super) async fn sync(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Body(asked): Body<SyncRequest>,
) -> Result<Json<Signed>, ServiceError> {
    tracing::info!(
        queue_depth = asked.queue_depth,
        oldest_age_s = asked.oldest_age_s,
        "sync"
    );
    let files_after_s = if asked.files_waiting {
        Some(app.uploads.permit(device.id, Instant::now())?)
    } else {
        app.uploads.settled(&device.id, Instant::now())?;
        None
    };
    let now = app.now();
    let certificate = if asked.certificate_wanted {
        renewed(&app, &device, now).await?
    } else {
        None
    };
    let device = DeviceRow {
        certificate: certificate.clone().or(device.certificate),
        ..device
    };
    let certificate_ends = device.certificate_ends_soon(now)?;
    if let Some(ends) = certificate_ends {
        tracing::warn!(device = %device.id, %ends, "a device's certificate ends and is not renewed yet");
    }
    let answer = app
        .readers
        .read(move |conn| {
            // One more than a page tells whether there is another page.
            let mut events = events::after(conn, &device.id, asked.cursor, EVENTS_MAX + 1)?;
            let more = events.len() > EVENTS_MAX;
            events.truncate(EVENTS_MAX);
            let durable = meta::durable(conn)?;
            Ok(SyncAnswer {
                answer: SyncAnswerKind::Sync,
                nonce: asked.nonce,
                epoch: durable.epoch,
                durable,
                next_cursor: events.last().map_or(asked.cursor, |e| e.seq),
                events,
                more,
                now,
                catalogue: catalogue::current(conn)?.map(|(_, sha256)| sha256),
                device: Some(DeviceWord {
                    frozen: device.frozen_at.is_some(),
                    epoch: device.device_epoch.unwrap_or_default(),
                    certificate_ends,
                }),
                files_after_s,
                certificate,
            })
        })
        .await?;
    app.signed(Context::Events, &answer)
}

/// The certificate for a device that asked for it. Only where there is something to write does it wait for the writer.
async fn renewed(app: &Arc<App>, device: &DeviceRow, now: Timestamp) -> Result<Option<Signed>, ServiceError> {
    if !device.is_in_good_standing() {
        return Ok(None);
    }
    if device.certificate_ends_soon(now)?.is_none() {
        return Ok(device.certificate.clone());
    }
    let (province, id) = (Arc::clone(app), device.id);
    app.writer
        .write(move |conn| devices::renew(conn, &id, &province.signing_key, now))
        .await
}
