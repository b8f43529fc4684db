//! After a restore: which of a device's dossiers are not held any more?

use super::answer::Body;
use super::caller::Caller;
use crate::app::App;
use crate::store::meta;
use crate::{ServiceError, intake};
use axum::Json;
use axum::extract::State;
use seal::keys::Context;
use seal::signed::Signed;
use std::sync::Arc;
use wire::ProblemCode;
use wire::inventory::{InventoryAnswer, InventoryAnswerKind, InventoryRequest};
use wire::limits::INVENTORY_MAX;

/// `POST /v1/inventory`.
pub(super) async fn compare(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Body(asked): Body<InventoryRequest>,
) -> Result<Json<Signed>, ServiceError> {
    if asked.items.len() > INVENTORY_MAX {
        return Err(ProblemCode::TooLarge.into());
    }
    let files = app.files.clone();
    let answer = app
        .readers
        .read(move |conn| {
            let mut unknown = Vec::new();
            for item in &asked.items {
                if !intake::is_held(conn, &files, &device.id, &item.dossier, &item.manifest_sha256)? {
                    unknown.push(item.dossier);
                }
            }
            let epoch = meta::watermark(conn)?.epoch;
            Ok(InventoryAnswer {
                answer: InventoryAnswerKind::Inventory,
                nonce: asked.nonce,
                epoch,
                unknown,
            })
        })
        .await?;
    app.signed(Context::Events, &answer)
}
