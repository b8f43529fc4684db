//! What can go wrong on the way to the province: a closed list, by what has to happen next.
//!
//! **Invariant:** a refusal that this version does not know is held for a person, be it of an item or of the link; it is
//! never dropped and never tried in a loop. Absent on purpose: words (the app and the domain own them) and personal data.

use domain::delivery::{HeldReason, QuarantineReason, UnknownAnswer};
use reqwest::StatusCode;
use std::error::Error as StdError;
use std::time::Duration;
use store::StoreError;
use wire::ProblemCode;

/// Why something did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Name, connection or stream: nobody answered, or the answer broke off.
    #[error("the province cannot be reached")]
    Network,
    /// Nothing moved for too long.
    #[error("the link is too slow")]
    Slow,
    /// Something answered that is not the province: a login page, another program.
    #[error("another service answered")]
    NotTheService,
    /// The certificate does not lead to the pinned root.
    #[error("the certificate is not the province's")]
    Certificate,
    /// The service is busy or failing. `retry_after` is its own wish and binds every automatic attempt.
    #[error("the service is in trouble")]
    Server { retry_after: Option<Duration> },
    /// An answer to sign-in, small question or inventory that this version does not know. Asking again soon would bring the
    /// same: a person asks again, and the machine by itself but seldom.
    #[error("an answer that this program does not know")]
    Unknown(UnknownAnswer),
    /// The upload stands elsewhere than thought: ask for the offset and go on.
    #[error("the upload continues elsewhere")]
    Resume,
    /// A segment did not arrive as it left. Once is the link; twice is for a person.
    #[error("bytes were damaged on the way")]
    Damaged,
    /// No session although a new one was asked for.
    #[error("no device session")]
    Session,
    /// Only a person can mend it; other items go on.
    #[error("held for a person")]
    Held(HeldReason),
    /// The province does not (or no longer) accept this device. Everything is kept.
    #[error("the device is refused")]
    DeviceRefused,
    /// Wrong, used or expired: ask the province for another enrolment code.
    #[error("the enrolment code is refused")]
    EnrolCode,
    /// What is stored here is not fit to be sent.
    #[error("the local copy is not fit")]
    Local(QuarantineReason),
    #[error("the disk is full")]
    DiskFull,
    /// The database or the disk failed.
    #[error("the disk failed")]
    Disk,
    /// The program is closing.
    #[error("stopped")]
    Stopped,
}

/// What a failure stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This item only; the pass goes on with the next.
    Item,
    /// The link or the service: the pass ends, every item stays as it is, all wait. Where a call for one dossier brings
    /// it, [`crate::suspicion`] says whose it is.
    Link,
    /// The device: as `Link`, and only the province can change it.
    Device,
    /// This machine: as `Link`, and the person at the counter must act.
    Machine,
}

/// Whose call was refused: the same status means another thing to one dossier than to the whole link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Link,
    Item,
    /// HEAD and PATCH of a file: "not there" means "register again".
    Upload,
}

/// A refusal, as far as it could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub status: StatusCode,
    /// `None` where the body is no problem document.
    pub code: Option<ProblemCode>,
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// How far it reaches.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Resume | Self::Damaged | Self::Held(_) | Self::Local(_) => Scope::Item,
            Self::Network
            | Self::Slow
            | Self::NotTheService
            | Self::Certificate
            | Self::Server { .. }
            | Self::Unknown(_)
            | Self::Session
            | Self::Stopped => Scope::Link,
            Self::DeviceRefused | Self::EnrolCode => Scope::Device,
            Self::DiskFull | Self::Disk => Scope::Machine,
        }
    }

    /// The word that is stored in the item's row. Stable.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Slow => "slow",
            Self::NotTheService => "not_the_service",
            Self::Certificate => "certificate",
            Self::Server { .. } => "server",
            Self::Unknown(_) => "unknown_answer",
            Self::Resume => "resume",
            Self::Damaged => "damaged_on_the_way",
            Self::Session => "session",
            Self::Held(_) => "held",
            Self::DeviceRefused => "device_refused",
            Self::EnrolCode => "enrol_code",
            Self::Local(_) => "local",
            Self::DiskFull => "disk_full",
            Self::Disk => "disk",
            Self::Stopped => "stopped",
        }
    }

    /// What stands in a row that goes on waiting after a failure of its own: the reader's half of [`Self::as_str`]. None
    /// for every other word: those belong to the link, or the row's state says more.
    #[must_use]
    pub fn of_waiting_row(word: &str) -> Option<Self> {
        let own = [Self::Resume, Self::Damaged];
        own.into_iter().find(|failure| failure.as_str() == word)
    }

    /// Brought by a call for one dossier it may be that dossier's and nobody else's: one that the service cannot store, or
    /// whose bytes do not get through. A service that asks for rest asks all.
    #[must_use]
    pub fn may_be_the_items(self) -> bool {
        matches!(
            self,
            Self::Network | Self::Slow | Self::Server { retry_after: None }
        )
    }

    /// Worth asking for the offset again at once: the connection broke, not the service.
    #[must_use]
    pub fn may_resume(self) -> bool {
        matches!(self, Self::Network | Self::Slow | Self::Resume | Self::Damaged)
    }
}

impl From<StoreError> for Failure {
    fn from(e: StoreError) -> Self {
        if matches!(e, StoreError::Full) {
            Self::DiskFull
        } else {
            Self::Disk
        }
    }
}

/// Reads a refusal, or an answer that came where none was expected.
pub(crate) fn of_refusal(refused: Refused, call: Call) -> Failure {
    let failure = of_code(refused, call);
    // What can be said of a dossier only means nothing here: taken as an item's failure it would not count as the link's,
    // and be asked again at once.
    if call == Call::Link && failure.scope() == Scope::Item {
        unknown(refused.status)
    } else {
        failure
    }
}

fn unknown(status: StatusCode) -> Failure {
    let status = status.as_u16();
    Failure::Unknown(UnknownAnswer { status })
}

fn of_code(refused: Refused, call: Call) -> Failure {
    let busy = Failure::Server {
        retry_after: refused.retry_after,
    };
    match refused.code {
        Some(ProblemCode::SessionNeeded | ProblemCode::ChallengeStale) => Failure::Session,
        Some(ProblemCode::DeviceRefused | ProblemCode::DeviceRevoked) => Failure::DeviceRefused,
        Some(ProblemCode::EnrolCodeRefused) => Failure::EnrolCode,
        Some(ProblemCode::Fork) => Failure::Held(HeldReason::Fork),
        Some(ProblemCode::MismatchingUploadOffset) => Failure::Resume,
        Some(ProblemCode::TooLarge) => Failure::Held(HeldReason::TooLarge),
        Some(ProblemCode::WithdrawalTooLate) => Failure::Held(HeldReason::WithdrawalTooLate),
        Some(ProblemCode::NotThisCounters) => Failure::Held(HeldReason::NotThisCounters),
        Some(ProblemCode::SegmentDamaged) => Failure::Damaged,
        Some(ProblemCode::ManifestRefused) => Failure::Held(HeldReason::FormRefused),
        Some(ProblemCode::EnvelopeTooNew) => Failure::Held(HeldReason::CatalogueUnknown),
        Some(
            ProblemCode::TooSlow
            | ProblemCode::TooManyRequests
            | ProblemCode::Internal
            | ProblemCode::Busy
            | ProblemCode::StorageFull,
        ) => busy,
        Some(ProblemCode::Malformed | ProblemCode::NotFound | ProblemCode::Unknown) | None => {
            of_status(refused.status, call, busy)
        }
    }
}

fn of_status(status: StatusCode, call: Call, busy: Failure) -> Failure {
    match (status.as_u16(), call) {
        // 2xx without a signature, 3xx: a portal speaks, not the province.
        (0..=399, _) => Failure::NotTheService,
        (401, _) => Failure::Session,
        (408 | 425 | 429 | 500.., _) => busy,
        (404 | 409 | 410 | 412, Call::Upload) => Failure::Resume,
        (413, Call::Item | Call::Upload) => Failure::Held(HeldReason::TooLarge),
        (_, Call::Item | Call::Upload) => Failure::Held(HeldReason::UnknownAnswer),
        (_, Call::Link) => unknown(status),
    }
}

/// Reads a failure of the connection itself.
pub(crate) fn of_transport(error: &reqwest::Error) -> Failure {
    match tls_cause(error) {
        Some(rustls::Error::InvalidCertificate(_)) => return Failure::Certificate,
        // What answered does not speak TLS, or not ours: a portal on the port, another program.
        Some(
            rustls::Error::InvalidMessage(_)
            | rustls::Error::PeerIncompatible(_)
            | rustls::Error::AlertReceived(_),
        ) => {
            return Failure::NotTheService;
        }
        Some(_) | None => {}
    }
    if error.is_timeout() {
        Failure::Slow
    } else {
        Failure::Network
    }
}

fn tls_cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(e) = next {
        if let Some(found) = e.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // An io::Error hides what it carries from `source()`.
        let carried = e
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if let Some(carried) = carried {
            let carried: &(dyn StdError + 'static) = carried;
            if let Some(found) = tls_cause(carried) {
                return Some(found);
            }
        }
        next = e.source();
    }
    None
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
