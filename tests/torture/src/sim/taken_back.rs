//! The judgement over what was taken back: withdrawn once, never a case afterwards, never resurrected; and what the
//! province refused to give back is told, and settles like any other dossier.

use super::withdrawals::is_stopped;
use super::world::World;
use domain::delivery::{Delivery, HeldReason};
use domain::province::CaseStatus;
use domain::withdrawal::Withdrawal;
use sync::decide::Identity;

/// What there is to say about a receipt whose dossier somebody may have taken back.
pub(super) enum Judged {
    /// Taken back, and for ever.
    Settled,
    Broken(&'static str),
    /// Nobody took it back, or nothing came of it: it has to arrive like any other.
    AsAnyOther,
}

impl World {
    /// After each change of the province's books.
    pub(super) fn watch(&mut self) {
        if !self.config.faults.withdrawals {
            return;
        }
        let mut broken = None;
        for row in self.province.books.rows.values() {
            let id = row.identity.dossier;
            let withdrawn = row.status == CaseStatus::Withdrawn;
            if withdrawn && row.has_code {
                broken = Some(("withdrawn, and it has its code", id));
            } else if row.withdrawn > 1 {
                broken = Some(("withdrawn twice", id));
            } else if withdrawn {
                self.oracle.withdrawn.insert(id);
            } else if self.oracle.withdrawn.contains(&id) {
                broken = Some(("resurrected: withdrawn, and a case again", id));
            }
        }
        if let Some((what, id)) = broken {
            self.oracle.broken(what, Some(id));
        }
    }

    /// The province came back from a backup: what it withdrew since, it does not know.
    pub(super) fn withdrawals_of_the_backup(&mut self) {
        let rows = self.province.books.rows.values();
        self.oracle.withdrawn = rows
            .filter(|row| row.status == CaseStatus::Withdrawn)
            .map(|row| row.identity.dossier)
            .collect();
    }

    pub(super) fn judge_taken_back(&self, identity: &Identity, kiosk: usize) -> Judged {
        let dossier = identity.dossier;
        let items = &self.kiosks[kiosk].disk.items;
        let Some(item) = items
            .get(&dossier)
            .filter(|item| item.manifest.identity == *identity)
        else {
            return Judged::AsAnyOther;
        };
        let rows = || self.province.books.rows.values();
        if self.oracle.kept.contains(&(kiosk, dossier)) {
            // The same row on another disk went its own way.
            let went = rows().any(|row| row.identity == *identity) && !self.oracle.is_copied(&dossier);
            return match is_stopped(&item.delivery) {
                _ if went => Judged::Broken("taken back before it went, and the province has it"),
                false => Judged::Broken("taken back before it went, and stopped no more"),
                true => Judged::Settled,
            };
        }
        let Some(void) = self.oracle.asked.get(&(kiosk, dossier)) else {
            return Judged::AsAnyOther;
        };
        let Some(request) = items.get(void) else {
            return Judged::Broken("taken back, and the withdrawal's row is gone");
        };
        match Withdrawal::of(&item.delivery, item.case, self.void(kiosk, &dossier)) {
            Withdrawal::Taken => {
                let handled =
                    rows().any(|row| row.identity.dossier == dossier && row.status != CaseStatus::Withdrawn);
                if handled {
                    Judged::Broken("taken back, and the province handles it")
                } else if !is_settled(&request.delivery) {
                    Judged::Broken("taken back, and the withdrawal never settled")
                } else if is_stopped(&item.delivery) {
                    Judged::Settled
                } else {
                    Judged::AsAnyOther
                }
            }
            Withdrawal::Refused if is_stopped(&item.delivery) => Judged::Broken(
                "taken back too late, and the dossier waits for a person though the province has it",
            ),
            Withdrawal::Refused => Judged::AsAnyOther,
            Withdrawal::Asked | Withdrawal::Stuck => {
                Judged::Broken("taken back, and the withdrawal never arrived")
            }
            Withdrawal::None | Withdrawal::Kept => Judged::Broken("taken back, and nobody knows of it"),
        }
    }
}

/// Safe at the province and let go here; or refused, where the word rests on what another disk of the machine sent.
fn is_settled(request: &Delivery) -> bool {
    let reason = HeldReason::WithdrawalTooLate;
    matches!(request, Delivery::Purged { .. }) || *request == Delivery::Held { reason }
}
