//! Signed time, for anybody who sends a nonce.

use super::answer::Body;
use crate::ServiceError;
use crate::app::App;
use crate::store::meta;
use axum::Json;
use axum::extract::State;
use seal::keys::Context;
use seal::signed::Signed;
use std::sync::Arc;
use wire::time::{TimeAnswer, TimeRequest};

/// `POST /v1/time`.
pub(super) async fn tell(
    State(app): State<Arc<App>>,
    Body(asked): Body<TimeRequest>,
) -> Result<Json<Signed>, ServiceError> {
    let epoch = app.readers.read(meta::watermark).await?.epoch;
    app.signed(
        Context::Time,
        &TimeAnswer {
            nonce: asked.nonce,
            now: app.now(),
            epoch,
        },
    )
}
