//! Which files are arriving now, and for whom a place is kept. **Invariants:** one stream writes one file; a newer
//! request for the same file ends the older one, and waits until its last bytes are fsynced; places in use and places that
//! are kept are together never more than there are.
//!
//! A device has a *turn*: its place is kept from file to file and from dossier to dossier, so that what it costs to get a
//! place is paid once for many. A turn has an end, and a place that nothing goes through is not kept.

use crate::ServiceError;
use crate::limits::{AWAY_SECONDS_MIN, TURN_IDLE_MAX, UPLOADS_MAX};
use crate::line::Line;
use domain::ids::{DeviceId, DossierId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedMutexGuard, watch};
use wire::limits::{PERMIT_SECONDS_MAX, UPLOADS_PER_DEVICE_MAX};
use wire::{ProblemCode, Sha256};

type Key = (DossierId, Sha256);

/// A turn lasts this long at most while others wait.
const TURN_MAX: Duration = Duration::from_secs(PERMIT_SECONDS_MAX);

/// One file's place in the queue: the turn that is being served may write, older ones leave.
struct Slot {
    turn: watch::Sender<u64>,
    file: Arc<tokio::sync::Mutex<()>>,
}

/// A place that is kept for one device.
struct Turn {
    began: Instant,
    until: Instant,
    /// Since when no file of the device has been on its way, where none is.
    idle: Instant,
}

struct Table {
    slots: HashMap<Key, Arc<Slot>>,
    devices: HashMap<DeviceId, usize>,
    turns: HashMap<DeviceId, Turn>,
    line: Line,
    all: usize,
    all_max: usize,
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
            turns: HashMap::new(),
            line: Line::default(),
            all: 0,
            all_max,
        }
    }

    /// Ends the turns that are over.
    fn tidy(&mut self, now: Instant) {
        let (devices, line) = (&self.devices, &mut self.line);
        self.turns.retain(|device, turn| {
            let goes_on = devices.contains_key(device) || now < turn.idle + TURN_IDLE_MAX;
            let stays = now < turn.until && goes_on;
            if !stays {
                line.turn_ended(now.min(turn.until).saturating_duration_since(turn.began));
            }
            stays
        });
        self.line.forget(now);
    }

    fn end_turn(&mut self, device: &DeviceId, now: Instant) {
        if let Some(turn) = self.turns.remove(device) {
            self.line.turn_ended(now.saturating_duration_since(turn.began));
        }
    }

    /// Places in use, and those kept for others who are not sending.
    fn taken(&self, but: &DeviceId) -> usize {
        let kept = self
            .turns
            .keys()
            .filter(|device| *device != but && !self.devices.contains_key(device));
        self.all + kept.count()
    }

    /// A turn from now on, or a place in the line: the seconds after which to ask again.
    fn take_turn(&mut self, device: DeviceId, now: Instant) -> u64 {
        let free = self.all_max.saturating_sub(self.taken(&device));
        if free <= self.line.before(&device) {
            return self.line.join(device, now, self.all_max);
        }
        self.line.leave(&device);
        let turn = Turn {
            began: now,
            until: now + TURN_MAX,
            idle: now,
        };
        self.turns.insert(device, turn);
        0
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
    /// ask again. While others wait a turn is not made longer, so that places go round.
    ///
    /// # Errors
    /// A poisoned table.
    pub fn permit(&self, device: DeviceId, now: Instant) -> Result<u64, ServiceError> {
        let mut table = self.table()?;
        table.tidy(now);
        let alone = table.line.is_empty();
        match table.turns.get_mut(&device) {
            Some(turn) => {
                if alone {
                    turn.until = now + TURN_MAX;
                }
                Ok(0)
            }
            None => Ok(table.take_turn(device, now)),
        }
    }

    /// Nothing of this device is to come: the place goes to the next. One that only rests keeps where it stands in the
    /// line.
    ///
    /// # Errors
    /// A poisoned table.
    pub fn settled(&self, device: &DeviceId, now: Instant) -> Result<(), ServiceError> {
        self.table()?.end_turn(device, now);
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
    pub fn count(&mut self, device: DeviceId, now: Instant) -> Result<(), ServiceError> {
        let mut table = self.uploads.table()?;
        table.tidy(now);
        if table
            .devices
            .get(&device)
            .is_some_and(|open| *open >= UPLOADS_PER_DEVICE_MAX)
        {
            return Err(ProblemCode::TooManyRequests.into());
        }
        if !table.turns.contains_key(&device) {
            let seconds = table.take_turn(device, now);
            if seconds > 0 {
                return Err(ServiceError::SentAway { seconds });
            }
        }
        // A second stream needs a second place.
        if table.taken(&device) >= table.all_max {
            let seconds = AWAY_SECONDS_MIN;
            return Err(ServiceError::SentAway { seconds });
        }
        *table.devices.entry(device).or_default() += 1;
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
            let open = table.devices.entry(device).or_default();
            *open = open.saturating_sub(1);
            if *open == 0 {
                table.devices.remove(&device);
                if let Some(turn) = table.turns.get_mut(&device) {
                    turn.idle = Instant::now();
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
        first.count(device, Instant::now()).unwrap();
        let ended = first.overtaken();
        let newer = tokio::spawn({
            let uploads = uploads.clone();
            async move { uploads.take_over(dossier, a).await }
        });
        ended.await;
        drop(first);
        let mut second = newer.await.unwrap().unwrap();
        second.count(device, Instant::now()).unwrap();
        let mut third = uploads.take_over(dossier, b).await.unwrap();
        third.count(device, Instant::now()).unwrap();
        let mut fourth = uploads.take_over(dossier, c).await.unwrap();
        assert!(
            fourth.count(device, Instant::now()).is_err(),
            "two uploads for a device"
        );
        drop(third);
        fourth.count(device, Instant::now()).unwrap();
        drop((second, fourth));
        let table = uploads.table().unwrap();
        assert!(
            table.slots.is_empty() && table.devices.is_empty() && table.all == 0,
            "nothing is left behind"
        );
    }

    fn devices<const N: usize>() -> [DeviceId; N] {
        std::array::from_fn(|n| DeviceId(uuid::Uuid::from_u128(n as u128 + 1)))
    }

    async fn file(uploads: &Uploads, n: u8) -> Place {
        let dossier = DossierId(uuid::Uuid::from_bytes([n; 16]));
        uploads.take_over(dossier, Sha256([n; 32])).await.unwrap()
    }

    #[tokio::test]
    async fn a_turn_keeps_a_place_from_file_to_file_and_ends_while_others_wait() {
        let uploads = Uploads::for_at_most(1);
        let [first, second] = devices();
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        assert_eq!(uploads.permit(first, began).unwrap(), 0);
        assert!(
            uploads.permit(second, began).unwrap() > 0,
            "the one place is kept"
        );
        let mut stranger = file(&uploads, 1).await;
        assert!(
            stranger.count(second, began).is_err(),
            "and a stream without a turn does not get it"
        );
        for n in 2..6 {
            let mut own = file(&uploads, n).await;
            own.count(first, Instant::now()).unwrap();
            assert!(stranger.count(second, at(1)).is_err(), "file after file");
        }
        // A file is on its way until after the turn's end: the place is in use, and then it goes to who waited.
        let mut long = file(&uploads, 9).await;
        long.count(first, at(1)).unwrap();
        let end = at(PERMIT_SECONDS_MAX);
        assert!(
            uploads.permit(second, end).unwrap() > 0,
            "a file that is under way ends"
        );
        drop(long);
        assert!(
            uploads.permit(first, end).unwrap() > 0,
            "it had its time, and another waits"
        );
        assert_eq!(uploads.permit(second, end).unwrap(), 0);
        uploads.settled(&second, end).unwrap();
        assert_eq!(
            uploads.permit(first, end).unwrap(),
            0,
            "nothing more of the second"
        );
    }

    #[test]
    fn a_place_that_nothing_goes_through_is_not_kept() {
        let uploads = Uploads::for_at_most(1);
        let [first, second] = devices();
        let began = Instant::now();
        assert_eq!(uploads.permit(first, began).unwrap(), 0);
        let almost = began + TURN_IDLE_MAX - Duration::from_millis(1);
        assert!(uploads.permit(second, almost).unwrap() > 0);
        assert_eq!(uploads.permit(second, began + TURN_IDLE_MAX).unwrap(), 0);
    }

    #[test]
    fn alone_a_turn_has_no_end() {
        let uploads = Uploads::for_at_most(1);
        let [only] = devices();
        let began = Instant::now();
        let table = || uploads.table().unwrap();
        assert_eq!(uploads.permit(only, began).unwrap(), 0);
        table().devices.insert(only, 1);
        for minute in 1..10 {
            assert_eq!(
                uploads
                    .permit(only, began + Duration::from_secs(minute * 60))
                    .unwrap(),
                0
            );
            assert!(table().turns.contains_key(&only) && table().line.is_empty());
        }
    }

    /// A morning, played: `kiosks` with `dossiers` files of `each` milliseconds, who ask, are sent away and come again as
    /// kiosks do. Answers after how long all was there, and how often anybody asked.
    fn morning(kiosks: usize, dossiers: u32, each: u64, keeps: bool) -> (Duration, usize) {
        let uploads = Uploads::default();
        let began = Instant::now();
        let mut left: Vec<u32> = vec![dossiers; kiosks];
        let mut wakes: std::collections::BTreeSet<(u64, usize)> = (0..kiosks)
            .map(|k| (k as u64 * 10_000 / kiosks as u64, k))
            .collect();
        let (mut asked, mut seed) = (0, 7_u64);
        let mut sending = vec![false; kiosks];
        let mut last = 0;
        while let Some((at, kiosk)) = wakes.pop_first() {
            let device = DeviceId(uuid::Uuid::from_u128(kiosk as u128 + 1));
            let now = began + Duration::from_millis(at);
            let mut table = uploads.table().unwrap();
            if std::mem::take(&mut sending[kiosk]) {
                table.all -= 1;
                table.devices.remove(&device);
                left[kiosk] -= 1;
                if let Some(turn) = table.turns.get_mut(&device) {
                    turn.idle = now;
                }
                if left[kiosk] == 0 || !keeps {
                    table.end_turn(&device, now);
                }
                last = at;
            }
            if left[kiosk] == 0 {
                continue;
            }
            table.tidy(now);
            asked += 1;
            let has_turn = table.turns.contains_key(&device);
            let seconds = if has_turn { 0 } else { table.take_turn(device, now) };
            let next = if seconds == 0 {
                assert!(table.taken(&device) < UPLOADS_MAX, "more than there are");
                table.all += 1;
                table.devices.insert(device, 1);
                sending[kiosk] = true;
                at + each
            } else {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                at + seconds * 1000 + (seed >> 33) % (seconds * 250 + 1)
            };
            wakes.insert((next, kiosk));
        }
        assert!(left.iter().all(|left| *left == 0));
        (Duration::from_millis(last), asked)
    }

    #[test]
    fn a_morning_of_thousands_leaves_no_place_empty() {
        for (kiosks, dossiers, each) in [(200, 20, 500), (1000, 1, 500), (200, 20, 5000)] {
            let ideal = Duration::from_millis(each) * kiosks as u32 * dossiers / 64;
            let (took, asked) = morning(kiosks, dossiers, each, true);
            assert!(
                took < ideal * 5 / 4 + Duration::from_secs(15),
                "{kiosks} kiosks: {took:?} against {ideal:?}"
            );
            let files = kiosks * dossiers as usize;
            assert!(asked < files * 3, "{asked} questions for {files} files");
        }
        // The control: a place for one dossier only.
        let (took, asked) = morning(200, 20, 500, false);
        let (kept, fewer) = morning(200, 20, 500, true);
        assert!(asked * 2 > fewer * 3, "{took:?} {kept:?} {asked} {fewer}");
    }
}
