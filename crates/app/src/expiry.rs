//! Drafts that nobody came back for: warned of, then destroyed. Damaged ones that were set aside go after the same time.
//!
//! **Invariants:** only the province's signed time counts, so that a clock that leaps destroys nothing and a machine with
//! no network destroys nothing; nothing goes without a warning that stood on the home screen for [`WARNED_MS`] of that
//! time; what waits for an officer never goes. Opening a draft takes the warning back.

use crate::clock;
use crate::kiosk::App;
use crate::problem::Problem;
use crate::session::Session;
use domain::ids::DossierId;
use std::collections::BTreeMap;
use store::Drafts;
use store::tables::draft::{self, DraftRow};
use store::tables::{audit, item, receipt, setting};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A draft that nobody saved for this long is warned of.
const IDLE_MS: i64 = 30 * DAY_MS;
/// And goes this long after the warning.
const WARNED_MS: i64 = 7 * DAY_MS;

/// What becomes of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Warn,
    Goes,
}

fn fate(saved_ms: i64, warned_ms: Option<i64>, waits: bool, province_ms: i64) -> Fate {
    if waits || province_ms == 0 {
        return Fate::Stays;
    }
    match warned_ms {
        Some(warned) if province_ms.saturating_sub(warned) >= WARNED_MS => Fate::Goes,
        Some(_) => Fate::Stays,
        None if province_ms.saturating_sub(saved_ms) >= IDLE_MS => Fate::Warn,
        None => Fate::Stays,
    }
}

/// The last time that the province signed; 0 where none came.
pub(crate) fn province_ms(app: &App) -> Result<i64, Problem> {
    let time: Option<sync::ProvinceTime> = setting::get(app.outbox().db(), setting::Name::ProvinceTime)?;
    Ok(time.map_or(0, |t| t.signed_ms))
}

/// The day on which a draft goes, as people read it; none where it stays.
pub(crate) fn goes_on(row: &DraftRow) -> Option<String> {
    let at = row.body.warned_ms?.saturating_add(WARNED_MS);
    Some(clock::minute_and_day(at).split(' ').next_back()?.to_owned())
}

/// When an officer signs in: warns, and destroys what was warned of long enough.
pub(crate) fn sweep(app: &App, session: &Session) -> Result<(), Problem> {
    let now_ms = province_ms(app)?;
    for row in draft::open_ones(session.drafts.db())? {
        match fate(
            row.saved_ms,
            row.body.warned_ms,
            row.body.packed.is_some(),
            now_ms,
        ) {
            Fate::Stays => {}
            Fate::Warn => {
                let mut body = row.body;
                body.warned_ms = Some(now_ms);
                draft::save(session.drafts.db(), &row.dossier, &body, row.saved_ms)?;
            }
            Fate::Goes => {
                audit::append(
                    app.outbox().db(),
                    &audit::Entry {
                        at_ms: app.clock.now_ms(),
                        what: "draft_expired",
                        dossier: Some(row.dossier),
                        who: None,
                        note: None,
                    },
                )?;
                draft::discard(session.drafts.db(), &row.dossier)?;
            }
        }
    }
    Ok(())
}

/// When an officer signs in: the receipts of dossiers that the index knows no longer go with it. Counted from the day on
/// the receipt, and longer than the index is kept, because a dossier is durable only some time after it.
pub(crate) fn drop_receipts(app: &App, session: &Session) -> Result<(), Problem> {
    let now_ms = province_ms(app)?;
    if now_ms == 0 {
        return Ok(());
    }
    let Ok(limit) = jiff::Timestamp::from_millisecond(now_ms.saturating_sub(sync::INDEX_KEPT_MS)) else {
        return Ok(());
    };
    let (day, _) = clock::at_counter(limit);
    let known = item::dossiers(app.outbox().db())?;
    let drafts = draft::open_ones(session.drafts.db())?;
    let stays =
        |dossier: &DossierId| known.contains(dossier) || drafts.iter().any(|row| row.dossier == *dossier);
    let dropped = receipt::drop_before(session.drafts.db(), day, stays)?;
    if dropped > 0 {
        tracing::info!(dropped, "receipts that were kept for long enough");
    }
    Ok(())
}

/// Drafts that were set aside as damaged are drafts all the same: they go after the same time, counted from the province's
/// word at the first sign-in that saw them. Their names hold the machine's own time, which nothing goes by.
pub(crate) fn drop_damaged(app: &App) -> Result<(), Problem> {
    let now_ms = province_ms(app)?;
    let there = Drafts::damaged(&app.dir)?;
    let known: BTreeMap<String, i64> =
        setting::get(app.outbox().db(), setting::Name::DamagedDraftsSeen)?.unwrap_or_default();
    if now_ms == 0 || (there.is_empty() && known.is_empty()) {
        return Ok(());
    }
    let mut seen = BTreeMap::new();
    for name in there {
        let since = known.get(&name).copied().unwrap_or(now_ms);
        if now_ms.saturating_sub(since) < IDLE_MS + WARNED_MS {
            seen.insert(name, since);
            continue;
        }
        let line = audit::Entry {
            at_ms: app.clock.now_ms(),
            what: "damaged_drafts_expired",
            dossier: None,
            who: None,
            note: None,
        };
        audit::append(app.outbox().db(), &line)?;
        Drafts::remove_damaged(&app.dir, &name)?;
        tracing::info!("damaged drafts that were kept for long enough");
    }
    if seen != known {
        setting::set(app.outbox().db(), setting::Name::DamagedDraftsSeen, &seen)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_without_a_warning_and_signed_time() {
        let now = 1_800_000_000_000;
        for (name, saved, warned, waits, province, wanted) in [
            ("fresh", now - DAY_MS, None, false, now, Fate::Stays),
            ("a month", now - IDLE_MS, None, false, now, Fate::Warn),
            (
                "the clock stood in 2009",
                1_230_000_000_000,
                None,
                false,
                now,
                Fate::Warn,
            ),
            (
                "saved in the future",
                now + 900 * DAY_MS,
                None,
                false,
                now,
                Fate::Stays,
            ),
            ("warned just now", 0, Some(now - DAY_MS), false, now, Fate::Stays),
            (
                "warned a week ago",
                0,
                Some(now - WARNED_MS),
                false,
                now,
                Fate::Goes,
            ),
            ("no province yet", 0, None, false, 0, Fate::Stays),
            ("waits for an officer", 0, Some(0), true, now, Fate::Stays),
        ] {
            assert_eq!(fate(saved, warned, waits, province), wanted, "{name}");
        }
    }
}
