//! What an arriving manifest, and the files found on disk, mean for a dossier: pure.
//!
//! **Invariant:** every decision that could lose, double or wrongly acknowledge a dossier at the province is made here
//! from facts alone; `intake` fetches the facts and writes the outcome inside one transaction, and the simulation in
//! `tests/torture` runs these very functions.

use domain::province::CaseStatus;
use jiff::SignedDuration;
use wire::Sha256;

/// Kiosks keep a dossier's bytes at least this long after it was complete here.
pub const KEPT_BY_KIOSKS: SignedDuration = SignedDuration::from_hours(72);
/// Fewer bad files than this are never a disk that failed.
const DISK_FAILED_MIN: usize = 20;

/// Added to every counter at a restore, so that nothing given out before is given out again.
pub const RESTORE_LEAP: u64 = 1 << 32;

/// What an arriving manifest is to what is held under its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    New,
    /// The same content again: the answer is the same again.
    Known,
    /// Another content under a known id: both are kept, nobody chooses.
    Fork,
}

/// Identity is the id together with the manifest's hash, for ever; there is no key that expires.
#[must_use]
pub fn arrival(held: Option<&Sha256>, came: &Sha256) -> Arrival {
    match held {
        None => Arrival::New,
        Some(hash) if hash == came => Arrival::Known,
        Some(_) => Arrival::Fork,
    }
}

/// What is said about a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Files are missing.
    Wait,
    /// Files are missing that were there: the acknowledgement is taken back.
    Withdraw,
    /// The stored acknowledgement again, byte for byte.
    Again,
    /// Whole, and not acknowledged in this epoch: a new acknowledgement, stored in this transaction.
    Acknowledge,
}

/// `acknowledged_in`: the epoch of the stored acknowledgement, where there is one.
#[must_use]
pub fn word(every_file_whole: bool, acknowledged_in: Option<u64>, epoch: u64) -> Word {
    match (every_file_whole, acknowledged_in) {
        (false, None) => Word::Wait,
        (false, Some(_)) => Word::Withdraw,
        (true, Some(then)) if then == epoch => Word::Again,
        (true, _) => Word::Acknowledge,
    }
}

/// Where an upload goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Append {
    Here,
    /// The true offset is told; nothing is written.
    Elsewhere(u64),
}

/// Bytes are appended only at the very end of what is held.
#[must_use]
pub fn append(held: u64, offered: u64) -> Append {
    if held == offered {
        Append::Here
    } else {
        Append::Elsewhere(held)
    }
}

/// Facts about a dossier that a kiosk asks about after a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    pub same_device: bool,
    pub same_content: bool,
    pub acknowledged: bool,
    pub every_file_whole: bool,
}

/// Is it held whole, under that hash, for that device?
#[must_use]
pub fn is_held(facts: Holding) -> bool {
    facts.same_device && facts.same_content && facts.acknowledged && facts.every_file_whole
}

/// Which of the two copies of a file is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copies {
    pub here: bool,
    pub backup: bool,
}

/// What is done about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mending {
    Nothing,
    /// It is not in the backup, or not whole there.
    Copy,
    PutBack,
    /// Nobody here has it: the dossier's acknowledgement is taken back, and whoever sealed or brought it is asked.
    AskAgain,
}

/// One copy mends the other; a dossier of which a file is nowhere is not passed off as received.
#[must_use]
pub fn mending(copies: Copies) -> Mending {
    match (copies.here, copies.backup) {
        (true, true) => Mending::Nothing,
        (true, false) => Mending::Copy,
        (false, true) => Mending::PutBack,
        (false, false) => Mending::AskAgain,
    }
}

/// So many bad files of all are no bad sectors: the disk failed as a whole, or is not mounted. Nothing is mended then, and
/// no kiosk is asked: a person looks first.
#[must_use]
pub fn is_the_disk(bad: usize, all: usize) -> bool {
    bad >= DISK_FAILED_MIN && bad > all / 10
}

/// Can its kiosk have let go of its bytes by now? Before that it has them, whatever became of it here.
#[must_use]
pub fn may_be_let_go(since_complete: SignedDuration) -> bool {
    since_complete >= KEPT_BY_KIOSKS
}

/// Facts about a dossier that somebody asks to take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The asking machine sealed it, or stands at the same counter and is approved.
    pub same_counter: bool,
    pub status: CaseStatus,
    /// Its official code was given.
    pub has_code: bool,
}

/// What a withdrawal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    Take,
    /// It is withdrawn already, by whomever: the answer is the same again and nothing moves.
    Already,
    TooLate,
    NotThisCounters,
}

/// Nobody else's machine takes a dossier back, and none does once the province has given its code or ended the case.
#[must_use]
pub fn withdrawal(asked: Asked) -> Withdrawal {
    match asked {
        Asked {
            same_counter: false, ..
        } => Withdrawal::NotThisCounters,
        Asked {
            status: CaseStatus::Withdrawn,
            ..
        } => Withdrawal::Already,
        Asked {
            has_code: false,
            status,
            ..
        } if status.may_become(CaseStatus::Withdrawn) => Withdrawal::Take,
        Asked { .. } => Withdrawal::TooLate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_is_the_content() {
        let [a, b] = [1, 2].map(|n| Sha256([n; 32]));
        assert_eq!(arrival(None, &a), Arrival::New);
        assert_eq!(arrival(Some(&a), &a), Arrival::Known);
        assert_eq!(arrival(Some(&a), &b), Arrival::Fork);
    }

    #[test]
    fn one_copy_mends_the_other_and_a_dead_disk_is_not_mended() {
        let table = [
            (true, true, Mending::Nothing),
            (true, false, Mending::Copy),
            (false, true, Mending::PutBack),
            (false, false, Mending::AskAgain),
        ];
        for (here, backup, wanted) in table {
            assert_eq!(mending(Copies { here, backup }), wanted);
        }
        for (bad, all, wanted) in [
            (1, 1, false),
            (19, 19, false),
            (20, 20, true),
            (20, 1000, false),
            (101, 1000, true),
            (0, 0, false),
        ] {
            assert_eq!(is_the_disk(bad, all), wanted, "{bad} of {all}");
        }
        assert!(!may_be_let_go(SignedDuration::from_hours(71)) && may_be_let_go(KEPT_BY_KIOSKS));
    }

    #[test]
    fn a_dossier_is_taken_back_by_its_own_counter_before_its_code() {
        use CaseStatus as S;
        let table = [
            (true, S::New, false, Withdrawal::Take),
            (true, S::SupplementWanted, false, Withdrawal::Take),
            (true, S::Withdrawn, false, Withdrawal::Already),
            (true, S::Withdrawn, true, Withdrawal::Already),
            (true, S::Accepted, true, Withdrawal::TooLate),
            (true, S::SupplementWanted, true, Withdrawal::TooLate),
            (true, S::NotAccepted, false, Withdrawal::TooLate),
            (false, S::New, false, Withdrawal::NotThisCounters),
            (false, S::Withdrawn, false, Withdrawal::NotThisCounters),
        ];
        for (same_counter, status, has_code, wanted) in table {
            let asked = Asked {
                same_counter,
                status,
                has_code,
            };
            assert_eq!(withdrawal(asked), wanted, "{asked:?}");
        }
    }

    #[test]
    fn an_acknowledgement_stands_for_one_epoch_and_every_file() {
        let table = [
            (false, None, Word::Wait),
            (false, Some(1), Word::Withdraw),
            (true, Some(1), Word::Again),
            (true, Some(2), Word::Acknowledge),
            (true, None, Word::Acknowledge),
        ];
        for (whole, then, wanted) in table {
            assert_eq!(word(whole, then, 1), wanted, "{whole} {then:?}");
        }
    }
}
