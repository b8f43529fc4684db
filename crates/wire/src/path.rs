//! Every path, once. The constants with braces are route templates of the service.

use crate::Sha256;
use domain::ids::DossierId;
use domain::receipt_number::ReceiptNumber;

pub const ENROL: &str = "/v1/enrol";
pub const ENROL_STATE: &str = "/v1/enrol/{ticket}";
pub const CHALLENGE: &str = "/v1/challenge";
pub const SESSION: &str = "/v1/session";
pub const TIME: &str = "/v1/time";
pub const SYNC: &str = "/v1/sync";
/// The province's catalogue, whole; its entity tag is the hash of its manifest.
pub const CATALOGUE: &str = "/v1/catalogue";
pub const INVENTORY: &str = "/v1/inventory";
/// Several dossiers at once.
pub const DOSSIERS: &str = "/v1/dossiers";
pub const DOSSIER: &str = "/v1/dossiers/{id}";
pub const BLOB: &str = "/v1/dossiers/{id}/blobs/{sha256}";
/// Upper case, so that a QR code needs its alphanumeric mode only.
pub const LOOKUP: &str = "/T/{number}";

#[must_use]
pub fn enrol_state(ticket: &crate::Nonce) -> String {
    format!("{ENROL}/{ticket}")
}

#[must_use]
pub fn dossier(id: &DossierId) -> String {
    format!("/v1/dossiers/{id}")
}

#[must_use]
pub fn blob(id: &DossierId, sha256: &Sha256) -> String {
    format!("/v1/dossiers/{id}/blobs/{sha256}")
}

/// The look-up page of one receipt number; it stands behind the offer's `lookup_base_url`.
#[must_use]
pub fn lookup(number: &ReceiptNumber) -> String {
    format!("/T/{number}")
}
