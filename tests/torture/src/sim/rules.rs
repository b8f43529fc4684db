//! What the simulated kiosk and province decide: the product's own pure functions, or a mutant of one.
//!
//! **Invariant:** without a mutant every answer comes from `domain::delivery`, `domain::withdrawal`, `sync::decide`,
//! `sync::plan`, `wire::acknowledgement` or `service::decide`. A mutant lives here only; nothing that is shipped can be switched.

use domain::delivery::{Delivery, Event, Refusal, Watermark};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use domain::withdrawal::{self, VoidItem};
use service::decide::{self as province, Arrival, Asked, Holding, Withdrawal, Word};
use sync::Failure;
use sync::decide::{self as kiosk, Believed, Came, Identity, SeenEpoch, WantedAgain, WordsTakenBack};
use wire::Sha256;
use wire::acknowledgement::{AckFile, Acknowledgement};

/// One safety property taken away. Each must be caught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// The kiosk deletes once the province has received.
    PurgeOnReceived,
    /// The kiosk deletes as soon as it is durable, with no keeping time.
    PurgeAtOnce,
    /// The province answers before its commit.
    AcknowledgeBeforeCommit,
    /// The kiosk takes any signed answer, whosever it is.
    BelieveAnybody,
    /// The province acknowledges with files missing and the kiosk does not compare the list.
    AcknowledgePart,
    /// The province makes a new case for each PUT.
    NoDeduplication,
    /// The province forgets after twenty minutes that it has seen a dossier (an idempotency key that expires).
    KeyExpires,
    /// The printed number is the province's key.
    ReceiptAsKey,
    /// The second content under an id replaces the first.
    ForkOverwrites,
    /// The kiosk knows no epochs: a watermark is a number, and a restored province is the same province.
    EpochsIgnored,
    /// The kiosk does not notice that the province was restored.
    RestoreUnnoticed,
    /// An old answer that comes again after a restore is believed.
    ReplayBelieved,
    /// The kiosk keeps acknowledgements of an epoch that has ended.
    KeepsPastEpoch,
    /// An acknowledgement of before a restore is given out again after it.
    AcknowledgementOutlivesEpoch,
    /// An event's number is given before its commit.
    SequenceBeforeCommit,
    /// The cursor is stored before the page's events.
    CursorBeforeEvents,
    /// A file whose upload failed is not tried again.
    AttachmentGivenUp,
    /// A refusal that says "already there" counts as success.
    DuplicateIsSuccess,
    /// A refusal that the kiosk does not know drops the item.
    DropRefused,
    /// The files go before the row says so.
    FilesBeforeRow,
    /// The kiosk does not fsync sealed files.
    KioskFilesUnsynced,
    /// The province does not fsync a whole file before it acknowledges.
    ProvinceFilesUnsynced,
    /// The province appends wherever the kiosk thinks it stands, and checks no hash.
    BlindAppend,
    /// Files go before forms.
    ScansFirst,
    /// Sessions are judged by the kiosk's own clock, in a window of five minutes.
    ClockWindow,
    /// A receipt's number is made from the local clock.
    NumberByClock,
    /// A blocked item blocks everything behind it.
    FirstInFirstOut,
    /// What a dossier's own call breaks off with is the link's: nothing counts on it, and the pass ends.
    AlwaysTheLink,
    /// An answer of the link that nobody knows is taken for a busy province, and asked for again soon.
    UnknownIsBusy,
    /// The kiosk forgets that an attempt was ever begun: what is taken back is taken for never sent.
    AttemptForgotten,
    /// An index that is made again knows nothing of what was taken back before it went.
    MarkForgotten,
    /// An index that is made again does not stop what a withdrawal beside it takes back, and the withdrawal is gone.
    RequestForgotten,
    /// The province forgets a withdrawal that comes before its dossier.
    EarlyRequestForgotten,
    /// The province withdraws whatever its case has come to.
    WithdrawsAfterCode,
    /// A clerk may give a withdrawn dossier its code.
    CodeAfterWithdrawal,
    /// A withdrawal that comes again withdraws again.
    WithdrawsTwice,
    /// A refusal as too late leaves the dossier stopped.
    TooLateStops,
    /// What the province refused to give back counts as taken back for ever.
    RefusedCountsAsTaken,
    /// A file that has its length is whole: nothing is read through before it is copied.
    DamageUnnoticed,
    /// The kiosk steps over the word that takes an acknowledgement back.
    OfferAgainUnheard,
    /// What the province lost after the kiosk let it go is told to nobody.
    GoneUntold,
    /// An acknowledgement that was taken back is believed when it comes again.
    TakenBackBelieved,
    /// The kiosk forgets what went onto a stick: what is taken back is taken for never gone.
    CopyForgotten,
    /// The kiosk steps over the word that other hands brought what it had given up.
    WholeUnheard,
}

impl Mutant {
    /// Those that the whole simulation must catch; the others belong to rows of their own.
    pub const SAFETY: [Self; 40] = [
        Self::PurgeOnReceived,
        Self::PurgeAtOnce,
        Self::AcknowledgeBeforeCommit,
        Self::BelieveAnybody,
        Self::AcknowledgePart,
        Self::NoDeduplication,
        Self::KeyExpires,
        Self::ReceiptAsKey,
        Self::ForkOverwrites,
        Self::EpochsIgnored,
        Self::RestoreUnnoticed,
        Self::KeepsPastEpoch,
        Self::ReplayBelieved,
        Self::AcknowledgementOutlivesEpoch,
        Self::SequenceBeforeCommit,
        Self::CursorBeforeEvents,
        Self::AttachmentGivenUp,
        Self::DuplicateIsSuccess,
        Self::DropRefused,
        Self::FilesBeforeRow,
        Self::KioskFilesUnsynced,
        Self::ProvinceFilesUnsynced,
        Self::BlindAppend,
        Self::ScansFirst,
        Self::UnknownIsBusy,
        Self::AttemptForgotten,
        Self::MarkForgotten,
        Self::RequestForgotten,
        Self::EarlyRequestForgotten,
        Self::WithdrawsAfterCode,
        Self::CodeAfterWithdrawal,
        Self::WithdrawsTwice,
        Self::TooLateStops,
        Self::RefusedCountsAsTaken,
        Self::DamageUnnoticed,
        Self::OfferAgainUnheard,
        Self::GoneUntold,
        Self::TakenBackBelieved,
        Self::CopyForgotten,
        Self::WholeUnheard,
    ];
}

/// The rules of one history.
#[derive(Debug, Clone, Copy)]
pub struct Rules(pub Option<Mutant>);

impl Rules {
    pub fn is(self, mutant: Mutant) -> bool {
        self.0 == Some(mutant)
    }

    pub fn step(self, state: Delivery, event: Event) -> Result<Delivery, Refusal> {
        if let (true, Event::Watermark { durable }, Delivery::Received { at }) =
            (self.is(Mutant::EpochsIgnored), event, state)
            && durable.lsn >= at.lsn % service::decide::RESTORE_LEAP
        {
            return Ok(Delivery::Durable { at });
        }
        state.step(event)
    }

    pub fn covered(self, state: &Delivery, durable: Watermark) -> Option<Delivery> {
        if self.is(Mutant::EpochsIgnored) {
            let next = self.step(*state, Event::Watermark { durable }).ok()?;
            return (next != *state).then_some(next);
        }
        kiosk::covered(state, durable)
    }

    pub fn believe(
        self,
        ours: &Identity,
        answer: &Identity,
        acknowledgement: Option<&Acknowledgement>,
        files: impl Iterator<Item = AckFile>,
    ) -> Option<Believed<Watermark>> {
        if self.is(Mutant::BelieveAnybody) {
            return Some(acknowledgement.map_or(Believed::Registered, |ack| Believed::Acknowledged(ack.at)));
        }
        kiosk::believe(ours, answer, acknowledgement, |ack| {
            let named = ack.answers(&ours.dossier, &ours.manifest_sha256, files);
            (named.is_ok() || self.is(Mutant::AcknowledgePart)).then_some(ack.at)
        })
    }

    pub fn is_void(self, state: &Delivery, epoch: u64) -> bool {
        let blind = self.is(Mutant::KeepsPastEpoch) || self.is(Mutant::EpochsIgnored);
        !blind && kiosk::is_void(state, epoch)
    }

    pub fn is_current(self, at: Watermark, seen: Option<SeenEpoch>) -> bool {
        self.is(Mutant::ReplayBelieved) || self.is(Mutant::EpochsIgnored) || kiosk::is_current(at, seen)
    }

    pub fn let_stand(self, words: &WordsTakenBack, dossier: &DossierId, at: Watermark) -> bool {
        self.is(Mutant::TakenBackBelieved) || words.let_stand(dossier, at)
    }

    pub fn wanted_again(
        self,
        state: &Delivery,
        at: Watermark,
        seen: Option<SeenEpoch>,
        void: Option<VoidItem>,
    ) -> WantedAgain {
        match (self.0, kiosk::wanted_again(state, at, seen, void)) {
            (Some(Mutant::OfferAgainUnheard), WantedAgain::Offered)
            | (Some(Mutant::GoneUntold), WantedAgain::Papers) => WantedAgain::No,
            (_, wanted) => wanted,
        }
    }

    pub fn was_restored(self, seen: Option<SeenEpoch>, epoch: u64) -> bool {
        let blind = self.is(Mutant::RestoreUnnoticed) || self.is(Mutant::EpochsIgnored);
        !blind && kiosk::was_restored(seen, epoch)
    }

    pub fn may_go(
        self,
        state: &Delivery,
        durable_ms: Option<i64>,
        seen: SeenEpoch,
        now_ms: i64,
        keep_ms: i64,
    ) -> bool {
        match self.0 {
            Some(Mutant::PurgeOnReceived) => {
                matches!(state, Delivery::Received { .. } | Delivery::Durable { .. })
            }
            Some(Mutant::PurgeAtOnce) => kiosk::may_go(state, durable_ms, seen, now_ms, 0),
            // It trusts what another epoch said, here too.
            Some(Mutant::EpochsIgnored) => {
                matches!(state, Delivery::Durable { .. })
                    && durable_ms.is_some_and(|ms| now_ms - ms >= keep_ms)
            }
            _ => kiosk::may_go(state, durable_ms, seen, now_ms, keep_ms),
        }
    }

    pub fn arrival(self, held: Option<&Sha256>, came: &Sha256, age_ms: i64) -> Arrival {
        const FORGOTTEN_AFTER_MS: i64 = 20 * 60 * 1000;
        match (self.0, province::arrival(held, came)) {
            (Some(Mutant::NoDeduplication), _) => Arrival::New,
            (Some(Mutant::KeyExpires), _) if age_ms > FORGOTTEN_AFTER_MS => Arrival::New,
            (_, arrival) => arrival,
        }
    }

    pub fn word(self, whole: bool, acknowledged_in: Option<u64>, epoch: u64) -> Word {
        match (self.0, acknowledged_in) {
            (Some(Mutant::AcknowledgePart), None) => Word::Acknowledge,
            (Some(Mutant::AcknowledgementOutlivesEpoch), Some(_)) => Word::Again,
            _ => province::word(whole, acknowledged_in, epoch),
        }
    }

    /// What the pass is taken to have ended with.
    pub fn ended_with(self, failure: Option<Failure>) -> Option<Failure> {
        match failure {
            Some(Failure::Unknown(_)) if self.is(Mutant::UnknownIsBusy) => {
                Some(Failure::Server { retry_after: None })
            }
            other => other,
        }
    }

    pub fn may_have_left(self, state: &Delivery, attempted: bool, copied: bool) -> bool {
        let attempted = attempted && !self.is(Mutant::AttemptForgotten);
        withdrawal::may_have_left(state, attempted, copied && !self.is(Mutant::CopyForgotten))
    }

    pub fn asks_for_its_word(self, state: &Delivery, void: Option<VoidItem>) -> bool {
        !self.is(Mutant::WholeUnheard) && kiosk::asks_for_its_word(state, void)
    }

    pub fn made_again(self, word: Option<Watermark>, gone: bool, withdrawn: bool) -> Delivery {
        kiosk::made_again(word, gone, withdrawn && !self.is(Mutant::MarkForgotten))
    }

    pub fn is_taken_back(self, void: Option<VoidItem>) -> bool {
        match void {
            Some(_) if self.is(Mutant::RefusedCountsAsTaken) => true,
            _ => kiosk::is_taken_back(void),
        }
    }

    pub fn case_after_restore(self, told: CaseStatus) -> CaseStatus {
        kiosk::case_after_restore(told)
    }

    pub fn is_not_given_back(self, came: Came) -> bool {
        !self.is(Mutant::TooLateStops) && kiosk::is_not_given_back(came)
    }

    pub fn withdrawal(self, asked: Asked) -> Withdrawal {
        match (self.0, province::withdrawal(asked)) {
            (Some(Mutant::WithdrawsAfterCode), Withdrawal::TooLate)
            | (Some(Mutant::WithdrawsTwice), Withdrawal::Already) => Withdrawal::Take,
            (_, word) => word,
        }
    }

    pub fn is_held(self, facts: Holding) -> bool {
        province::is_held(facts)
    }
}
