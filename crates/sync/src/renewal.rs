//! This machine's certificate: when a renewed one is asked for, and which one is taken (PROTOCOL 7, decision 0053).
//!
//! **Invariants:** of a renewed certificate only the dates differ, and it ends later than the one that is held; it, the
//! line in the book and what was said of the end are written in the transaction of the answer that brought them. No
//! clock of this machine is asked: what ends soon is judged by the province's signed time.

use crate::enrol::Enrolment;
use seal::certificate::DeviceCertificate;
use seal::keys::Context;
use seal::signed::Signed;
use store::tables::audit::{self, Entry};
use store::tables::setting::{self, Name};
use store::{Outbox, StoreError};
use wire::sync::{DeviceWord, SyncAnswer, ends_soon};

/// How this machine stands after an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What people are shown of it is other than before.
    pub moved: bool,
    pub renewed: bool,
    /// The certificate that is held ends soon, or has ended.
    pub ends: bool,
}

/// Did the last answer leave a certificate that is to be renewed?
pub(crate) fn is_wanted(outbox: &Outbox) -> Result<bool, StoreError> {
    let word: Option<DeviceWord> = setting::get(outbox.db(), Name::DeviceWord)?;
    Ok(word.is_some_and(|word| word.certificate_ends.is_some()))
}

/// Takes what a signed answer says of this machine, in the caller's transaction.
pub(crate) fn hear(outbox: &Outbox, answer: &SyncAnswer, local_ms: i64) -> Result<Standing, StoreError> {
    let mut held: Option<Enrolment> = setting::get(outbox.db(), Name::Enrolment)?;
    let renewed = match (&mut held, &answer.certificate) {
        (Some(held), Some(signed)) => take(outbox, held, signed, local_ms)?,
        (None, _) | (_, None) => false,
    };
    let Some(word) = answer.device else {
        return Ok(Standing {
            moved: renewed,
            renewed,
            ends: false,
        });
    };
    // The province may have given one that never came here, or may have come back from before it gave it.
    let own = held.map(|held| held.certificate.valid_until);
    let own = own.filter(|ends| ends_soon(*ends, answer.now));
    let word = DeviceWord {
        certificate_ends: word.certificate_ends.or(own),
        ..word
    };
    let before: Option<DeviceWord> = setting::get(outbox.db(), Name::DeviceWord)?;
    setting::set(outbox.db(), Name::DeviceWord, &word)?;
    Ok(Standing {
        moved: renewed || before != Some(word),
        renewed,
        ends: word.certificate_ends.is_some(),
    })
}

/// Keeps a certificate that follows the one that is held; answers whether it did. Any other changes nothing.
fn take(outbox: &Outbox, held: &mut Enrolment, signed: &Signed, local_ms: i64) -> Result<bool, StoreError> {
    let opened = signed.open(&held.offer.signing_key, Context::DeviceCertificate);
    let Some(new) = opened.ok().filter(|new| follows(&held.certificate, new)) else {
        tracing::warn!("the certificate that came does not follow the one that is held: not taken");
        return Ok(false);
    };
    let until = new.valid_until.to_string();
    held.certificate = new;
    held.signed_certificate = Some(signed.clone());
    setting::set(outbox.db(), Name::Enrolment, held)?;
    let line = Entry {
        at_ms: local_ms,
        what: "certificate_renewed",
        dossier: None,
        who: None,
        note: Some(&until),
    };
    audit::append(outbox.db(), &line)?;
    Ok(true)
}

/// The same machine, number, key, class and counter, with a later end.
fn follows(held: &DeviceCertificate, new: &DeviceCertificate) -> bool {
    let same = DeviceCertificate {
        issued_at: held.issued_at,
        valid_until: held.valid_until,
        ..new.clone()
    };
    same == *held && new.valid_until > held.valid_until
}

#[cfg(test)]
#[path = "renewal_tests.rs"]
mod renewal_tests;
