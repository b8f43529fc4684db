//! What failed on the way to the province, as the officer reads it: for each failure of sync one problem (its layer, its
//! sentence) and the one press that comes next.
//!
//! **Invariants:** nothing here takes two failures for one where they ask for different presses; a failure that is added
//! to sync does not compile before it has its sentence and its step; beside a dossier both come as one [`Told`], so
//! that no button stands beside another's sentence. Absent on purpose: the words of what is held or set aside, which
//! the domain owns.

use crate::problem::{Layer, Problem, ProblemCode};
use domain::delivery::{Delivery, HeldReason, QuarantineReason};
use domain::next_step::NextStep;
use domain::text::Words;
use store::tables::item::ItemRow;
use sync::Failure;

/// A sentence beside a dossier and the press that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub words: Words,
    pub next: NextStep,
}

impl From<Failure> for Told {
    fn from(failure: Failure) -> Self {
        Self {
            words: Problem::from(failure).words,
            next: next_step(failure),
        }
    }
}

/// What keeps a dossier where it is, as far as its state tells.
pub(crate) fn of_state(delivery: &Delivery) -> Option<Failure> {
    match *delivery {
        Delivery::Held { reason } => Some(Failure::Held(reason)),
        Delivery::Quarantined { reason } => Some(Failure::Local(reason)),
        Delivery::Sealed
        | Delivery::Registered
        | Delivery::Received { .. }
        | Delivery::Durable { .. }
        | Delivery::Purged { .. } => None,
    }
}

/// The same for its row: one that waits can have failed on its own, while the link is well.
pub(crate) fn of_row(row: &ItemRow) -> Option<Failure> {
    let waits = || {
        let word = row
            .last_failure
            .as_deref()
            .filter(|_| row.delivery.is_waiting())?;
        Failure::of_waiting_row(word)
    };
    of_state(&row.delivery).or_else(waits)
}

/// What the officer does about it.
pub(crate) fn next_step(failure: Failure) -> NextStep {
    match failure {
        Failure::Network
        | Failure::Slow
        | Failure::Server { .. }
        | Failure::Resume
        | Failure::Damaged
        | Failure::Session
        | Failure::Stopped => NextStep::ByItself,
        // The machine tries these too, but a person has to do something first, or to see what came of it.
        Failure::NotTheService | Failure::Unknown(_) | Failure::DiskFull => NextStep::SendNow,
        // No network brings it there, so a stick does.
        Failure::Certificate | Failure::DeviceRefused | Failure::Disk => NextStep::CopyToStick,
        Failure::EnrolCode => NextStep::NewCode,
        Failure::Held(reason) => reason.next_step(),
        Failure::Local(reason) => reason.next_step(),
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let problem = Self::new(code(failure));
        match failure {
            // Its number is what the person reads out on the telephone.
            Failure::Unknown(answer) => Self {
                words: answer.words(),
                ..problem
            },
            Failure::Held(reason) => Self {
                words: reason.words(),
                layer: holder(reason),
                ..problem
            },
            Failure::Local(reason) => Self {
                words: reason.words(),
                layer: match reason {
                    // The dossier itself: its copy here may have been let go by the rules.
                    QuarantineReason::FileDamaged => Layer::Form,
                    QuarantineReason::CrashedTwice => Layer::Program,
                },
                ..problem
            },
            Failure::Network
            | Failure::Slow
            | Failure::NotTheService
            | Failure::Certificate
            | Failure::Server { .. }
            | Failure::Resume
            | Failure::Damaged
            | Failure::Session
            | Failure::DeviceRefused
            | Failure::EnrolCode
            | Failure::DiskFull
            | Failure::Disk
            | Failure::Stopped => problem,
        }
    }
}

/// The same before the machine has sent anything: there is no dossier to speak of, an address that may be mistyped, and the
/// press is that of the page.
pub(crate) fn at_enrolment(failure: Failure) -> Problem {
    let (vi, en) = match failure {
        Failure::Network | Failure::Slow | Failure::Resume | Failure::Damaged | Failure::Stopped => (
            "Chưa nối được tới tỉnh. Xin kiểm tra địa chỉ và mạng rồi bấm lại.",
            "The province cannot be reached. Check the address and the network, then press again.",
        ),
        Failure::NotTheService => (
            "Địa chỉ này không phải máy chủ tỉnh, hoặc mạng trả về một trang lạ. Xin kiểm tra địa chỉ và mạng rồi bấm lại.",
            "This is not the address of the province's server, or the network answered with another page. Check both, then press again.",
        ),
        Failure::Certificate => (
            "Không nhận ra chứng thư của tỉnh ở địa chỉ này. Xin xem lại địa chỉ và ngày giờ của máy rồi bấm lại; vẫn báo thì gọi kỹ thuật.",
            "The province's certificate was not recognised at this address. Check the address and this machine's date and time, then press again; if this stays, call support.",
        ),
        Failure::Server { .. }
        | Failure::Session
        | Failure::Unknown(_)
        | Failure::Held(_)
        | Failure::Local(_) => (
            "Máy chủ tỉnh đang bận hoặc có lỗi. Xin đợi một lúc rồi bấm lại; vẫn báo thì gọi tỉnh.",
            "The province's server is busy or failing. Wait a little and press again; if this stays, call the province.",
        ),
        Failure::DeviceRefused => (
            "Tỉnh không nhận máy này. Xin gọi tỉnh.",
            "The province does not accept this machine. Call the province.",
        ),
        Failure::EnrolCode => return Problem::from(failure),
        Failure::DiskFull => return Problem::new(ProblemCode::DiskFull),
        Failure::Disk => return Problem::new(ProblemCode::DiskTrouble),
    };
    Problem {
        words: Words::new(vi, en),
        ..Problem::new(code(failure))
    }
}

fn code(failure: Failure) -> ProblemCode {
    match failure {
        Failure::Network => ProblemCode::ServiceUnreachable,
        Failure::Slow => ProblemCode::ServiceSlow,
        Failure::NotTheService => ProblemCode::NotTheService,
        Failure::Certificate => ProblemCode::CertificateWrong,
        Failure::Server { .. } | Failure::Unknown(_) => ProblemCode::ServiceTrouble,
        Failure::Resume => ProblemCode::UploadCutOff,
        Failure::Damaged => ProblemCode::UploadDamaged,
        Failure::Session => ProblemCode::SessionRefused,
        Failure::Held(_) | Failure::Local(_) => ProblemCode::NeedsPerson,
        Failure::DeviceRefused => ProblemCode::DeviceRefused,
        Failure::EnrolCode => ProblemCode::EnrolmentCode,
        Failure::DiskFull => ProblemCode::SendingDiskFull,
        Failure::Disk => ProblemCode::SendingDiskTrouble,
        Failure::Stopped => ProblemCode::ProgramClosing,
    }
}

/// Who or what keeps it from going.
fn holder(reason: HeldReason) -> Layer {
    match reason {
        HeldReason::DamagedOnTheWay => Layer::Network,
        HeldReason::ConsentWithdrawn => Layer::Form,
        HeldReason::FormRefused
        | HeldReason::TooLarge
        | HeldReason::Fork
        | HeldReason::CatalogueUnknown
        | HeldReason::UnknownAnswer
        | HeldReason::WithdrawalTooLate
        | HeldReason::NotThisCounters => Layer::Service,
    }
}

#[cfg(test)]
#[path = "trouble_tests.rs"]
pub(crate) mod tests;
