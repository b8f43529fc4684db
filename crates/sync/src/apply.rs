//! Writes what happened, each in one transaction, through the domain's state machine.
//!
//! **Invariants:** only what was verified comes here; events and the cursor behind them are one transaction;
//! files go only after the row says so, and applying anything twice changes nothing.

use crate::backoff;
use crate::decide::{self, CRASHES_MAX, Came, SeenEpoch, WantedAgain, WordsTakenBack};
use crate::delivery::Word;
use crate::failure::Failure;
use crate::renewal::{self, Standing};
use crate::time::ProvinceTime;
use domain::delivery::{Delivery, Event, HeldReason, QuarantineReason, Watermark};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use domain::withdrawal::VoidItem;
use store::tables::audit::{self, Entry};
use store::tables::item::{self, ItemRow};
use store::tables::setting::{self, Name};
use store::{Outbox, SealedFiles, StoreError};
use wire::sync::{EventKind, SyncAnswer};

/// At start: sets aside what the program died on twice.
pub(crate) fn crashed(outbox: &mut Outbox) -> Result<Vec<DossierId>, StoreError> {
    let rows = item::count_crashes(outbox.db(), CRASHES_MAX)?;
    for row in &rows {
        let reason = QuarantineReason::CrashedTwice;
        // Ending the attempt clears the count, so that a person who releases it gives it two lives again.
        outbox.step(&row.dossier, Event::Unfit { reason }, |tx| {
            item::end_attempt(tx, &row.dossier, Some("crashed_twice"), 0)
        })?;
    }
    Ok(rows.into_iter().map(|r| r.dossier).collect())
}

/// A verified acknowledgement, as it came.
pub(crate) struct Acknowledged {
    pub at: Watermark,
    pub signed_json: String,
    /// What the province's backup covers.
    pub durable: Watermark,
    pub local_ms: i64,
    pub province_ms: i64,
}

pub(crate) fn acknowledged(
    outbox: &mut Outbox,
    dossier: &DossierId,
    ack: &Acknowledged,
) -> Result<Delivery, StoreError> {
    outbox.step(dossier, Event::Acknowledged { at: ack.at }, |tx| {
        item::set_acknowledgement(tx, dossier, &ack.signed_json, ack.local_ms)
    })?;
    covered(outbox, dossier, ack.durable, ack.province_ms)
}

fn covered(
    outbox: &mut Outbox,
    dossier: &DossierId,
    durable: Watermark,
    province_ms: i64,
) -> Result<Delivery, StoreError> {
    let row = item::get(outbox.db(), dossier)?.ok_or(StoreError::Missing)?;
    if decide::covered(&row.delivery, durable).is_none() {
        return Ok(row.delivery);
    }
    let event = Event::Watermark { durable };
    outbox.step(dossier, event, |tx| item::set_durable(tx, dossier, province_ms))
}

/// An attempt that has ended, and the province's word where one came.
pub(crate) struct Turn {
    pub row: ItemRow,
    /// `None` where its call was not made.
    pub word: Option<Result<Word, Failure>>,
    pub came: Came,
    pub random: u64,
}

/// Attempts that ended together: what was said and that they are over, in one commit.
pub(crate) fn turns(outbox: &mut Outbox, turns: Vec<Turn>, local_ms: i64) -> Result<(), StoreError> {
    outbox.together(|outbox| {
        for Turn {
            row,
            word,
            came,
            random,
        } in &turns
        {
            match word {
                Some(Ok(Word::Wants(_))) => {
                    outbox.step(&row.dossier, Event::Registered, |_| Ok(()))?;
                }
                Some(Ok(Word::Acknowledged(ack))) => {
                    acknowledged(outbox, &row.dossier, ack)?;
                }
                Some(Err(_)) | None => {}
            }
            ended(outbox, row, *came, local_ms, *random)?;
        }
        Ok(())
    })
}

/// How an attempt at an item ended.
pub(crate) fn ended(
    outbox: &mut Outbox,
    row: &ItemRow,
    came: impl Into<Came>,
    local_ms: i64,
    random: u64,
) -> Result<(), StoreError> {
    let came = came.into();
    let wait = i64::try_from(backoff::wait(row.failures, random).as_millis()).unwrap_or(i64::MAX);
    let decide::Ended {
        event,
        word,
        waits,
        clears,
    } = decide::ended(came);
    let next_try_ms = if waits { local_ms.saturating_add(wait) } else { 0 };
    match event {
        Some(event) => outbox.together(|outbox| {
            outbox.step(&row.dossier, event, |tx| {
                item::end_attempt(tx, &row.dossier, word, next_try_ms)
            })?;
            not_given_back(outbox, row, came, local_ms)
        }),
        None if word.is_none() && !clears => item::leave_attempt(outbox.db(), &row.dossier),
        None => item::end_attempt(outbox.db(), &row.dossier, word, next_try_ms),
    }
}

/// A withdrawal that comes too late tells that the province holds the dossier, whose own acknowledgement may never have
/// come here: it goes on from where it was stopped. What the province said of it while the withdrawal was on its way counts
/// from now on.
fn not_given_back(outbox: &mut Outbox, row: &ItemRow, came: Came, local_ms: i64) -> Result<(), StoreError> {
    let is_there = decide::is_not_given_back(came);
    let Some(dossier) = row.takes_back.filter(|_| is_there) else {
        return Ok(());
    };
    let Some(named) = item::get(outbox.db(), &dossier)? else {
        return Ok(());
    };
    let reason = HeldReason::ConsentWithdrawn;
    if named.delivery == (Delivery::Held { reason }) {
        let line = line(dossier, "not_given_back", local_ms);
        outbox.step(&dossier, Event::NotGivenBack, |tx| audit::append(tx, &line))?;
        return Ok(());
    }
    let words: WordsTakenBack = setting::get(outbox.db(), Name::WordsTakenBack)?.unwrap_or_default();
    if let Some(at) = words.0.get(&dossier) {
        want_again(outbox, &named, *at, local_ms)?;
    }
    // What was given up here the province has all the same, or other hands brought it meanwhile: the queue asks.
    let now = item::get(outbox.db(), &dossier)?;
    now.map_or(Ok(()), |row| whole_there(outbox, &row, local_ms))
}

/// What a page told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The dossiers that moved.
    pub moved: Vec<DossierId>,
    pub standing: Standing,
}

/// One page of events, the watermark, the cursor and what was said of this machine, in one transaction.
pub(crate) fn events(outbox: &Outbox, answer: &SyncAnswer, local_ms: i64) -> Result<Heard, StoreError> {
    let tx = outbox.db().unchecked_transaction()?;
    let cursor: u64 = setting::get(&tx, Name::EventCursor)?.unwrap_or(0);
    let mut moved = Vec::new();
    // What is asked for again leaves "received" before the watermark of the same answer is looked at.
    for event in answer.events.iter().filter(|e| decide::is_news(e.seq, cursor)) {
        if event.kind == EventKind::Unknown {
            continue;
        }
        let Some(row) = item::get(&tx, &event.dossier)? else {
            let note = format!("seq {}", event.seq);
            let line = Entry {
                at_ms: local_ms,
                what: "event_for_unknown_dossier",
                dossier: Some(event.dossier),
                who: None,
                note: Some(&note),
            };
            audit::append(&tx, &line)?;
            continue;
        };
        match &event.kind {
            EventKind::Case {
                status,
                official_code,
                note,
            } => {
                let (code, note) = (official_code.as_ref(), note.as_deref());
                item::set_case(&tx, &event.dossier, *status, code, note)?;
                // Nobody has a word on the case of what is not whole.
                whole_there(outbox, &row, local_ms)?;
            }
            EventKind::OfferAgain { at } => wanted_again(outbox, &row, *at, local_ms)?,
            EventKind::Whole { .. } => whole_there(outbox, &row, local_ms)?,
            EventKind::Unknown => {}
        }
        moved.push(event.dossier);
    }
    for row in item::in_state(&tx, "received")? {
        if let Some(next) = decide::covered(&row.delivery, answer.durable) {
            item::set_delivery(&tx, &row.dossier, &next)?;
            item::set_durable(&tx, &row.dossier, answer.now.as_millisecond())?;
            moved.push(row.dossier);
        }
    }
    setting::set(
        &tx,
        Name::EventCursor,
        &decide::cursor_after(cursor, answer.next_cursor),
    )?;
    let standing = renewal::hear(outbox, answer, local_ms)?;
    let signed_ms = answer.now.as_millisecond();
    if setting::get::<SeenEpoch>(&tx, Name::ProvinceEpoch)?.is_none() {
        setting::set(
            &tx,
            Name::ProvinceEpoch,
            &SeenEpoch {
                epoch: answer.epoch,
                since_ms: signed_ms,
            },
        )?;
    }
    setting::set(
        &tx,
        Name::ProvinceTime,
        &ProvinceTime {
            signed_ms,
            confirmed_ms: local_ms,
        },
    )?;
    tx.commit()?;
    Ok(Heard { moved, standing })
}

/// The province lost a file and took its word back: the dossier is offered again, and that word is not believed again. Where
/// its files are gone from here too, other hands may have brought it since; if not, the papers are wanted once more.
fn wanted_again(outbox: &Outbox, row: &ItemRow, at: Watermark, local_ms: i64) -> Result<(), StoreError> {
    let mut words: WordsTakenBack = setting::get(outbox.db(), Name::WordsTakenBack)?.unwrap_or_default();
    words.take_back(row.dossier, at);
    setting::set(outbox.db(), Name::WordsTakenBack, &words)?;
    want_again(outbox, row, at, local_ms)
}

fn want_again(outbox: &Outbox, row: &ItemRow, at: Watermark, local_ms: i64) -> Result<(), StoreError> {
    let seen = setting::get(outbox.db(), Name::ProvinceEpoch)?;
    match decide::wanted_again(&row.delivery, at, seen, void_of(outbox, &row.dossier)?) {
        WantedAgain::No => Ok(()),
        WantedAgain::Offered => offer_again(outbox, row, "lost_at_the_province", local_ms),
        WantedAgain::Papers => {
            let reason = QuarantineReason::FileDamaged;
            let Ok(next) = row.delivery.step(Event::Unfit { reason }) else {
                return Ok(());
            };
            item::set_delivery(outbox.db(), &row.dossier, &next)?;
            item::forget(outbox.db(), &row.dossier)?;
            let what = "lost_at_the_province_and_gone_here";
            audit::append(outbox.db(), &line(row.dossier, what, local_ms))?;
            let given_up = ItemRow {
                delivery: next,
                ..row.clone()
            };
            whole_there(outbox, &given_up, local_ms)
        }
    }
}

/// The province may hold what was given up here: it is asked, and gives its word like any other's; what is damaged here does
/// not go. Where it does not hold it, the queue gives it up again and says so.
fn whole_there(outbox: &Outbox, row: &ItemRow, local_ms: i64) -> Result<(), StoreError> {
    if !decide::asks_for_its_word(&row.delivery, void_of(outbox, &row.dossier)?) {
        return Ok(());
    }
    let Ok(next) = row.delivery.step(Event::Released) else {
        return Ok(());
    };
    item::set_delivery(outbox.db(), &row.dossier, &next)?;
    item::forget(outbox.db(), &row.dossier)?;
    audit::append(outbox.db(), &line(row.dossier, "asks_for_its_word", local_ms))
}

/// Back into the queue. What its owner took back is not offered again: there is nothing left to withdraw.
fn offer_again(outbox: &Outbox, row: &ItemRow, what: &str, local_ms: i64) -> Result<(), StoreError> {
    let Ok(forgotten) = row.delivery.step(Event::Forgotten) else {
        return Ok(());
    };
    let taken_back = decide::is_taken_back(void_of(outbox, &row.dossier)?);
    let next = decide::offered_again(forgotten, taken_back);
    item::set_delivery(outbox.db(), &row.dossier, &next)?;
    item::forget(outbox.db(), &row.dossier)?;
    audit::append(outbox.db(), &line(row.dossier, what, local_ms))
}

/// The withdrawal that names this dossier, where there is one.
fn void_of(outbox: &Outbox, dossier: &DossierId) -> Result<Option<VoidItem>, StoreError> {
    let void = item::withdrawal_of(outbox.db(), dossier)?;
    Ok(void.map(|void| VoidItem {
        delivery: void.delivery,
        case: void.case_status,
    }))
}

fn line(dossier: DossierId, what: &str, at_ms: i64) -> Entry<'_> {
    Entry {
        at_ms,
        what,
        dossier: Some(dossier),
        who: None,
        note: None,
    }
}

/// The province was restored: what it forgot, and what it acknowledged in an epoch that has ended, is offered again,
/// and its events are read from the start.
pub(crate) fn restored(
    outbox: &Outbox,
    seen: SeenEpoch,
    forgotten: &[DossierId],
    local_ms: i64,
) -> Result<(), StoreError> {
    let tx = outbox.db().unchecked_transaction()?;
    let mut rows = item::in_state(&tx, "received")?;
    rows.extend(item::in_state(&tx, "durable")?);
    for row in rows {
        let unknown = forgotten.contains(&row.dossier);
        if !unknown && !decide::is_void(&row.delivery, seen.epoch) {
            continue;
        }
        let what = if unknown {
            "forgotten_by_the_province"
        } else {
            "acknowledged_in_a_past_epoch"
        };
        offer_again(outbox, &row, what, local_ms)?;
    }
    // What was lost there may have come back with the backup.
    for row in item::in_state(&tx, "quarantined")? {
        whole_there(outbox, &row, local_ms)?;
    }
    for told in CaseStatus::ALL {
        let counts_as = decide::case_after_restore(told);
        if counts_as != told {
            item::every_case_becomes(&tx, told, counts_as)?;
        }
    }
    setting::set(&tx, Name::EventCursor, &0_u64)?;
    setting::set(&tx, Name::ProvinceEpoch, &seen)?;
    // Of the epoch that has ended no word is believed.
    setting::set(&tx, Name::WordsTakenBack, &WordsTakenBack::default())?;
    tx.commit()?;
    Ok(())
}

/// Says in the row that the files of what may go are gone, then deletes them. **Invariant:** a row that could be sent
/// again has its files: a crash in between leaves files, which the next start finds, and never a row without them.
///
/// # Errors
/// The disk's; what is due and was not let go is due again.
pub fn purge(
    outbox: &mut Outbox,
    files: &SealedFiles,
    province_ms: i64,
    keep_ms: i64,
) -> Result<Vec<DossierId>, StoreError> {
    let Some(seen) = setting::get::<SeenEpoch>(outbox.db(), Name::ProvinceEpoch)? else {
        return Ok(Vec::new());
    };
    let durable = item::in_state(outbox.db(), "durable")?;
    let mut gone = Vec::new();
    for row in durable
        .iter()
        .filter(|row| decide::may_go(&row.delivery, row.durable_ms, seen, province_ms, keep_ms))
    {
        // What says that the files went for a reason stands on the disk before they go.
        if let Some(word) = &row.acknowledgement {
            files.records().keep_word(&row.dossier, word)?;
        }
        files.records().mark_gone(&row.dossier)?;
        outbox.step(&row.dossier, Event::PurgeDue, |_| Ok(()))?;
        delete_files(outbox, files, &row.dossier)?;
        gone.push(row.dossier);
    }
    Ok(gone)
}

/// Who and what: the index of purged dossiers is kept for ninety days of the province's time, and no longer.
pub const INDEX_KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Drops what the index was kept for long enough. The record goes first: a record without a row would bring it back.
pub(crate) fn forget_old(
    outbox: &Outbox,
    files: &SealedFiles,
    province_ms: i64,
) -> Result<Vec<DossierId>, StoreError> {
    let old = item::purged_before(outbox.db(), province_ms.saturating_sub(INDEX_KEPT_MS))?;
    for dossier in &old {
        files.records().remove(dossier)?;
        let tx = outbox.db().unchecked_transaction()?;
        item::drop_purged(&tx, dossier)?;
        tx.commit()?;
    }
    Ok(old)
}

/// At start: deletes what a crash left of purged dossiers.
pub(crate) fn sweep(outbox: &mut Outbox, files: &SealedFiles) -> Result<(), StoreError> {
    for row in item::in_state(outbox.db(), "purged")? {
        delete_files(outbox, files, &row.dossier)?;
    }
    Ok(())
}

fn delete_files(outbox: &Outbox, files: &SealedFiles, dossier: &DossierId) -> Result<(), StoreError> {
    let envelope = item::envelope(outbox.db(), dossier)?;
    let sealed = seal::envelope::SealedDossier::from_bytes(&envelope).map_err(|_| StoreError::Content)?;
    let manifest = seal::manifest::Manifest::from_bytes(&sealed.manifest).map_err(|_| StoreError::Content)?;
    manifest
        .blobs
        .iter()
        .try_for_each(|blob| files.purge(&blob.name()))
}

#[cfg(test)]
#[path = "apply_tests.rs"]
pub(crate) mod tests;
