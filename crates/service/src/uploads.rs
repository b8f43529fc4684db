//! Which files are arriving now, and for whom a place is kept. **Invariants:** one stream writes one file; a newer
//! request for the same file ends the older one, and waits until its last bytes are fsynced; places in use and places that
//! are kept are together never more than there are.

use crate::ServiceError;
use crate::admission::Away;
use crate::limits::UPLOADS_MAX;
use domain::ids::{DeviceId, DossierId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedMutexGuard, watch};
use wire::limits::{PERMIT_SECONDS_MAX, UPLOADS_PER_DEVICE_MAX};
use wire::{ProblemCode, Sha256};

type Key = (DossierId, Sha256);

/// One file's place in the queue: the turn that is being served may write, older ones leave.
struct Slot {
    turn: watch::Sender<u64>,
    file: Arc<tokio::sync::Mutex<()>>,
}

struct Table {
    slots: HashMap<Key, Arc<Slot>>,
    devices: HashMap<DeviceId, usize>,
    /// Until when a place is kept.
    permits: HashMap<DeviceId, Instant>,
    all: usize,
    all_max: usize,
    away: Away,
}

impl Default for Table {
    fn default() -> Self {
        Self::for_at_most(UPLOADS_MAX)
    }
}

impl Table {
    fn for_at_most(all_max: usize) -> Self {
        Self {
            slots: HashMap::new(),
            devices: HashMap::new(),
            permits: HashMap::new(),
            all: 0,
            all_max,
            away: Away::new(all_max),
        }
    }

    /// Places in use, and those kept for others who are not sending.
    fn taken(&mut self, but: &DeviceId, now: Instant) -> usize {
        self.permits.retain(|_, until| *until > now);
        let kept = self
            .permits
            .keys()
            .filter(|device| *device != but && !self.devices.contains_key(device));
        self.all + kept.count()
    }
}

/// Every upload under way.
#[derive(Clone, Default)]
pub struct Uploads(Arc<Mutex<Table>>);

/// The right to touch one file. Held by whoever writes, until the last fsync.
pub struct Place {
    uploads: Uploads,
    key: Key,
    slot: Arc<Slot>,
    turn: u64,
    _file: OwnedMutexGuard<()>,
    counted: Option<DeviceId>,
}

impl Uploads {
    /// So many at once, all devices together.
    #[must_use]
    pub fn for_at_most(all_max: usize) -> Self {
        Self(Arc::new(Mutex::new(Table::for_at_most(all_max))))
    }

    fn table(&self) -> Result<std::sync::MutexGuard<'_, Table>, ServiceError> {
        self.0.lock().map_err(|_| ServiceError::Damaged("upload table"))
    }

    /// Asks for a place for this device's files: 0 where one is kept from now on, otherwise the seconds after which to
    /// ask again. While others wait a permit runs out and is not renewed, so that places go round.
    ///
    /// # Errors
    /// A poisoned table.
    pub fn permit(&self, device: DeviceId, now: Instant) -> Result<u64, ServiceError> {
        let mut table = self.table()?;
        let taken = table.taken(&device, now);
        let until = now + Duration::from_secs(PERMIT_SECONDS_MAX);
        if table.permits.contains_key(&device) {
            if !table.away.is_anybody_out() {
                table.permits.insert(device, until);
            }
            return Ok(0);
        }
        if taken >= table.all_max {
            return Ok(table.away.seconds());
        }
        table.away.one_came();
        table.permits.insert(device, until);
        Ok(0)
    }

    /// A dossier of this device became whole, or none waits: the place goes to the next.
    ///
    /// # Errors
    /// A poisoned table.
    pub fn settled(&self, device: &DeviceId) -> Result<(), ServiceError> {
        self.table()?.permits.remove(device);
        Ok(())
    }

    /// Ends whoever has the file and waits for it.
    ///
    /// # Errors
    /// [`ProblemCode::Busy`] where a still newer request came meanwhile.
    pub async fn take_over(&self, dossier: DossierId, sha256: Sha256) -> Result<Place, ServiceError> {
        let key = (dossier, sha256);
        let new = || {
            Arc::new(Slot {
                turn: watch::Sender::new(0),
                file: Arc::default(),
            })
        };
        let slot = Arc::clone(self.table()?.slots.entry(key).or_insert_with(new));
        let mut turn = 0;
        slot.turn.send_modify(|t| {
            *t += 1;
            turn = *t;
        });
        let file = Arc::clone(&slot.file).lock_owned().await;
        let place = Place {
            uploads: self.clone(),
            key,
            slot,
            turn,
            _file: file,
            counted: None,
        };
        if place.is_overtaken() {
            Err(ProblemCode::Busy.into())
        } else {
            Ok(place)
        }
    }
}

impl Place {
    fn is_overtaken(&self) -> bool {
        *self.slot.turn.borrow() != self.turn
    }

    /// Counts this upload against the device and the whole service until it is dropped.
    ///
    /// # Errors
    /// [`ProblemCode::TooManyRequests`]; [`ServiceError::SentAway`] before a byte of the body is read.
    pub fn count(&mut self, device: DeviceId) -> Result<(), ServiceError> {
        let mut table = self.uploads.table()?;
        let taken = table.taken(&device, Instant::now());
        let permitted = table.permits.contains_key(&device);
        if taken >= table.all_max {
            return Err(table.away.send());
        }
        if !permitted {
            table.away.one_came();
        }
        let open = table.devices.entry(device).or_default();
        if *open >= UPLOADS_PER_DEVICE_MAX {
            return Err(ProblemCode::TooManyRequests.into());
        }
        *open += 1;
        table.all += 1;
        drop(table);
        self.counted = Some(device);
        Ok(())
    }

    /// Ends when somebody newer wants the file.
    pub fn overtaken(&self) -> impl Future<Output = ()> + use<> {
        let (mut turns, mine) = (self.slot.turn.subscribe(), self.turn);
        async move {
            // An error means that the slot is gone: nobody is left to be overtaken by.
            if turns.wait_for(|turn| *turn != mine).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Ok(mut table) = self.uploads.0.lock() else {
            return;
        };
        if let Some(device) = self.counted {
            table.all = table.all.saturating_sub(1);
            if table.all == 0 && table.permits.is_empty() {
                table.away.all_clear();
            }
            if let Some(open) = table.devices.get_mut(&device) {
                *open = open.saturating_sub(1);
                if *open == 0 {
                    table.devices.remove(&device);
                }
            }
        }
        // Nobody waits for it but this place and the table itself.
        if Arc::strong_count(&self.slot) <= 2 {
            table.slots.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newer_request_gets_the_file() {
        let uploads = Uploads::default();
        let [a, b, c] = [1, 2, 3].map(|n| Sha256([n; 32]));
        let dossier = DossierId(uuid::Uuid::from_bytes([1; 16]));
        let device = DeviceId(uuid::Uuid::from_bytes([2; 16]));
        let mut first = uploads.take_over(dossier, a).await.unwrap();
        first.count(device).unwrap();
        let ended = first.overtaken();
        let newer = tokio::spawn({
            let uploads = uploads.clone();
            async move { uploads.take_over(dossier, a).await }
        });
        ended.await;
        drop(first);
        let mut second = newer.await.unwrap().unwrap();
        second.count(device).unwrap();
        let mut third = uploads.take_over(dossier, b).await.unwrap();
        third.count(device).unwrap();
        let mut fourth = uploads.take_over(dossier, c).await.unwrap();
        assert!(fourth.count(device).is_err(), "two uploads for a device");
        drop(third);
        fourth.count(device).unwrap();
        drop((second, fourth));
        let table = uploads.table().unwrap();
        assert!(
            table.slots.is_empty() && table.devices.is_empty() && table.all == 0,
            "nothing is left behind"
        );
    }

    #[tokio::test]
    async fn a_permit_keeps_a_place_and_runs_out_while_others_wait() {
        let uploads = Uploads::for_at_most(1);
        let [first, second] = [1, 2].map(|n| DeviceId(uuid::Uuid::from_bytes([n; 16])));
        let dossier = DossierId(uuid::Uuid::from_bytes([1; 16]));
        let now = Instant::now();
        assert_eq!(uploads.permit(first, now).unwrap(), 0);
        assert!(
            uploads.permit(second, now).unwrap() > 0,
            "the one place is kept for another"
        );
        let mut stranger = uploads.take_over(dossier, Sha256([1; 32])).await.unwrap();
        assert!(
            stranger.count(second).is_err(),
            "and a stream without a permit does not get it"
        );
        let mut own = uploads.take_over(dossier, Sha256([2; 32])).await.unwrap();
        own.count(first).unwrap();
        drop(own);
        // While somebody waits it is not renewed, and then the place goes round.
        let (later, end) = [PERMIT_SECONDS_MAX / 2, PERMIT_SECONDS_MAX]
            .map(|s| now + Duration::from_secs(s))
            .into();
        assert_eq!(uploads.permit(first, later).unwrap(), 0);
        assert_eq!(uploads.permit(second, end).unwrap(), 0, "the first had its time");
        assert!(uploads.permit(first, end).unwrap() > 0, "and waits in its turn");
        uploads.settled(&second).unwrap();
        assert_eq!(uploads.permit(first, end).unwrap(), 0, "one dossier, one permit");
    }
}
