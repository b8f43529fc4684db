//! Enrolment: a one-time code, the province's keys, six words read aloud, a person's approval.
//!
//! The first request comes before the kiosk trusts anything: it accepts any certificate for this call only,
//! and the six words prove that what came back is the province's own.

use crate::Nonce;
use data_encoding::BASE64;
use domain::ids::DeviceId;
use seal::SealError;
use seal::certificate::DeviceClass;
use seal::keys::{Recipients, VerifyKey};
use seal::signed::Signed;
use serde::{Deserialize, Serialize};

/// `POST /v1/enrol`. Answered by an [`EnrolOffer`], or a problem `enrol_code_refused`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// Ten characters from the province's operator; case, spaces and hyphens do not matter.
    pub code: String,
    pub device_key: VerifyKey,
    pub device_id: DeviceId,
    pub class: DeviceClass,
    /// Such as "Bộ phận Một cửa phường An Bình, quầy 2".
    pub counter_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname_hint: Option<String>,
}

/// What the province hands over. Not trusted before a person has compared the six [`words`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolOffer {
    /// The root certificate, DER in base64: from here on the kiosk's only trust anchor.
    pub root_der_b64: String,
    /// Verifies acknowledgements, events, time and device certificates.
    pub signing_key: VerifyKey,
    /// What every dossier is sealed to.
    pub recipients: Recipients,
    /// Start of the address in the receipt's QR code, with no slash at its end: `HTTPS://TRACUU.EXAMPLE.VN`.
    pub lookup_base_url: String,
    /// The same site as a person reads and types it.
    pub lookup_site: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter_phone: Option<String>,
    pub province_name: String,
    /// Names this request in [`crate::path::ENROL_STATE`].
    pub ticket: Nonce,
}

/// `GET /v1/enrol/{ticket}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EnrolState {
    /// Nobody has compared the words yet.
    Waiting,
    Approved {
        /// A [`seal::certificate::DeviceCertificate`] under `Context::DeviceCertificate`.
        certificate: Signed,
        /// Random; stands in every manifest, so that a cloned disk shows. Below 2^53.
        device_epoch: u64,
    },
    Refused,
}

impl EnrolOffer {
    /// The root certificate's bytes.
    ///
    /// # Errors
    /// [`SealError::Malformed`].
    pub fn root_der(&self) -> Result<Vec<u8>, SealError> {
        BASE64
            .decode(self.root_der_b64.as_bytes())
            .map_err(|_| SealError::Malformed("root certificate"))
    }
}

/// The six pairs of words that both screens show: over the device's key and all that the province sent.
#[must_use]
pub fn words(
    device_key: &VerifyKey,
    root_der: &[u8],
    signing_key: &VerifyKey,
    recipients: &Recipients,
) -> [String; 6] {
    seal::words::six_words(&[
        device_key.as_bytes(),
        &seal::manifest::sha256(root_der),
        signing_key.as_bytes(),
        recipients.intake.as_bytes(),
        recipients.recovery.as_bytes(),
    ])
}
