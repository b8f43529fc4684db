//! The control and status lanes: what the province says of this device, of itself, and of dossiers.
//!
//! **Invariant:** a page of events and the cursor behind it are stored together; a province that came back from a backup
//! is asked what it forgot before anything else is believed.

use crate::apply;
use crate::backoff::WAIT_MAX;
use crate::catalogue::Published;
use crate::decide::{self, SeenEpoch};
use crate::failure::Failure;
use crate::http;
use crate::pass::{Worker, until_stopped};
use crate::renewal::{self, Standing};
use std::time::{Duration, Instant};
use store::Outbox;
use store::tables::item;
use store::tables::setting::{self, Name};
use wire::Sha256;
use wire::inventory::InventoryItem;
use wire::sync::SyncRequest;

/// Pages of events of one pass.
const PAGES_MAX: u32 = 100;
/// Restores that one question may meet.
const RESTORES_MAX: u32 = 3;

impl Worker {
    /// The first question of a pass. Where the link failed again and again it is the smallest one that there is.
    pub(crate) async fn take_control(&mut self) -> Result<(), Failure> {
        if self.breaker.is_open() {
            let answer = until_stopped(&mut self.stop, self.client.time()).await?;
            self.floor.raise(answer.now);
        }
        self.ask().await?;
        self.confirmed();
        Ok(())
    }

    /// The small round trip, one page of it; after a restore of the province, the inventory first.
    pub(crate) async fn ask(&mut self) -> Result<(), Failure> {
        for _ in 0..RESTORES_MAX {
            let now = self.now_ms();
            let nonce = http::nonce()?;
            let version = self.options.app_version.clone();
            let rests = self.scans_rest();
            let read = move |o: &mut Outbox| {
                let (queue_depth, oldest) = item::depth(o.db())?;
                let oldest_age_s = oldest.and_then(|ms| u64::try_from(now.saturating_sub(ms) / 1000).ok());
                let cursor = setting::get(o.db(), Name::EventCursor)?.unwrap_or(0);
                let seen: Option<SeenEpoch> = setting::get(o.db(), Name::ProvinceEpoch)?;
                Ok((
                    SyncRequest {
                        nonce,
                        cursor,
                        queue_depth,
                        oldest_age_s,
                        app_version: version,
                        files_waiting: !rests && item::files_wait(o.db())?,
                        certificate_wanted: renewal::is_wanted(o)?,
                    },
                    seen,
                ))
            };
            let (request, seen) = self.db.run(read).await?;
            let answer = until_stopped(&mut self.stop, self.client.sync(&request)).await?;
            self.floor.raise(answer.now);
            if decide::was_restored(seen, answer.epoch) {
                self.take_stock(SeenEpoch {
                    epoch: answer.epoch,
                    since_ms: answer.now.as_millisecond(),
                })
                .await?;
                continue;
            }
            self.name_catalogue(answer.catalogue.map(|sha256| Published {
                sha256,
                now: answer.now,
            }));
            self.pages += 1;
            self.asked = Some(Instant::now());
            self.durable = Some(answer.durable);
            self.take_permit(answer.files_after_s);
            let (now, more) = (self.now_ms(), answer.more);
            let heard = self.db.run(move |o| apply::events(o, &answer, now)).await?;
            // Heard just now that it ends: asked for at once, not at the next look.
            let renew = heard.standing.ends && !request.certificate_wanted;
            self.more_status = (more || renew) && self.pages < PAGES_MAX;
            self.stands(heard.standing).await?;
            self.shared.moved(&heard.moved);
            return Ok(());
        }
        // Restored again and again while it was asked: nothing here is sure, and the next pass begins anew.
        Err(Failure::NotTheService)
    }

    /// Tells what is new of this machine itself; a renewed certificate goes on the machine's card.
    async fn stands(&self, standing: Standing) -> Result<(), Failure> {
        if standing.renewed {
            tracing::info!("the certificate was renewed");
            // A card that cannot be written ends nothing: without it the same certificate is asked for again.
            let keep = |o: &mut Outbox| Ok(o.keep_card().err());
            if let Some(error) = self.db.run(keep).await? {
                tracing::error!(%error, "the machine's card could not be written");
            }
        }
        if standing.moved {
            self.shared.device();
        }
        Ok(())
    }

    /// A place is kept for our files, or they rest for a while. Nothing is said where nobody asked.
    fn take_permit(&mut self, files_after_s: Option<u64>) {
        match files_after_s {
            None => {}
            Some(0) => self.scans_rest_until = None,
            Some(seconds) => self.leave_alone(Duration::from_secs(seconds).min(WAIT_MAX)),
        }
    }

    /// Asks a restored province what it forgot.
    async fn take_stock(&mut self, seen: SeenEpoch) -> Result<(), Failure> {
        let list = |o: &mut Outbox| {
            let mut rows = item::in_state(o.db(), "received")?;
            rows.extend(item::in_state(o.db(), "durable")?);
            rows.retain(|row| decide::in_inventory(&row.delivery));
            Ok(rows)
        };
        let rows = self.db.run(list).await?;
        let items: Vec<_> = rows
            .iter()
            .map(|r| InventoryItem {
                dossier: r.dossier,
                manifest_sha256: Sha256(r.manifest_sha256),
            })
            .collect();
        let mut forgotten = Vec::new();
        for part in items.chunks(wire::limits::INVENTORY_MAX) {
            let answer = until_stopped(&mut self.stop, self.client.inventory(part.to_vec())).await?;
            forgotten.extend(answer.unknown);
        }
        tracing::warn!(
            forgotten = forgotten.len(),
            "the province was restored from a backup, or the index here was made again: stock was taken"
        );
        let now = self.now_ms();
        self.shared.moved(&forgotten);
        self.db
            .run(move |o| apply::restored(o, seen, &forgotten, now))
            .await
    }
}
