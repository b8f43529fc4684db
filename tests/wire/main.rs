//! The real engine and the real service on either side of a bad or counted line, in one process.

mod forms_first;
mod idle;
mod no_room;
mod poison;
mod resume_question;

use anyhow::{Context as _, Result};
use domain::ids::DossierId;
use std::path::Path;
use store::Outbox;
use store::tables::item::{self, ItemRow};

/// The kiosk's own row of a dossier, read beside the running engine.
fn row(kiosk: &Path, dossier: &DossierId) -> Result<ItemRow> {
    let outbox = Outbox::open(kiosk)?;
    item::get(outbox.db(), dossier)?.context("the dossier is not in the queue")
}
