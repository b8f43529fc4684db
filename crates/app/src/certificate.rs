//! What people are told of this machine's own certificate while it cannot be renewed.
//!
//! **Invariant:** nothing but this sentence depends on it: a machine whose certificate has ended seals and sends as ever.

use crate::kiosk::{App, Ground};
use crate::problem::{Problem, ProblemCode};
use jiff::Timestamp;
use store::tables::setting::{self, Name};
use sync::ProvinceTime;
use wire::sync::ends_soon;

/// `certificate_ending` or `certificate_ended`, by the province's last word and, where none comes for months, by the
/// certificate itself. A drill's is invented.
pub(crate) fn told(app: &App) -> Option<Problem> {
    if app.ground == Ground::Drill {
        return None;
    }
    let said = app.device_word().ok()?.and_then(|word| word.certificate_ends);
    let held = app.enrolment().ok()??.certificate.valid_until;
    let now = about_now(app)?;
    let ends = said.or(Some(held).filter(|ends| ends_soon(*ends, now)))?;
    let code = if ends <= now {
        ProblemCode::CertificateEnded
    } else {
        ProblemCode::CertificateEnding
    };
    Some(code.into())
}

/// The province's last signed time and what has passed here since: a clock that was always wrong changes nothing.
fn about_now(app: &App) -> Option<Timestamp> {
    let time: Option<ProvinceTime> = setting::get(app.outbox().db(), Name::ProvinceTime).ok()?;
    let time = time?;
    let since = app.clock.now_ms().saturating_sub(time.confirmed_ms).max(0);
    Timestamp::from_millisecond(time.signed_ms.saturating_add(since)).ok()
}
