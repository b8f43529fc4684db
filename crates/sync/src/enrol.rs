//! Enrolment from the kiosk's side: ask once with any certificate, then only with the offered root.
//!
//! **Invariant:** nothing from the offer is used before a person has compared the six words, which cover all of
//! it; the one exception is to check that the offer's root and key are the ones that really answer.
//! These calls block: call them off the runtime's own threads.

use crate::failure::{Call, Failure};
use crate::http::{address, ask_time, http, plain, small};
use crate::tls::{self, Now};
use domain::ids::DeviceId;
use seal::certificate::DeviceCertificate;
use seal::keys::{Context, VerifyKey};
use seal::signed::Signed;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use wire::enrol::{EnrolOffer, EnrolRequest, EnrolState};
use wire::path;

/// What the province offered and to whom; stored while the approval is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub offer: EnrolOffer,
    pub device_key: VerifyKey,
    pub device_id: DeviceId,
}

/// What enrolment left at this machine, and every renewal since. Under `Name::Enrolment`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolment {
    pub service_url: String,
    pub offer: EnrolOffer,
    /// Verified with the province's key when it came.
    pub certificate: DeviceCertificate,
    /// As the province signed it; absent where an older program enrolled this machine.
    #[serde(default)]
    pub signed_certificate: Option<Signed>,
    pub device_epoch: u64,
}

/// What became of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one value, for a moment, once in a machine's life"
)]
pub enum EnrolOutcome {
    /// Nobody has compared the words yet.
    Waiting,
    Approved {
        /// As it was signed: it goes with every dossier that travels by a stick.
        signed: Box<Signed>,
        certificate: DeviceCertificate,
        device_epoch: u64,
    },
    Refused,
}

impl Offer {
    /// The six words that both sides read to each other.
    ///
    /// # Errors
    /// [`Failure::NotTheService`] where the offered root does not read back.
    pub fn words(&self) -> Result<[String; 6], Failure> {
        Ok(wire::enrol::words(
            &self.device_key,
            &self.root_der()?,
            &self.offer.signing_key,
            &self.offer.recipients,
        ))
    }

    /// # Errors
    /// [`Failure::NotTheService`].
    pub fn root_der(&self) -> Result<Vec<u8>, Failure> {
        self.offer.root_der().map_err(|_| Failure::NotTheService)
    }

    fn http(&self) -> Result<reqwest::Client, Failure> {
        http(tls::pinned(&self.root_der()?, Now::of_machine())?)
    }
}

/// Asks the province to enrol this device; answers its offer and the six words.
///
/// # Errors
/// [`Failure::EnrolCode`] for a code that is wrong, used or expired; [`Failure::Certificate`] where the offered
/// root is not the one that answers; the failures of the link.
pub fn begin(handle: &Handle, url: &str, request: &EnrolRequest) -> Result<(Offer, [String; 6]), Failure> {
    handle.block_on(async {
        let first = http(tls::first_contact()?)?;
        let response = small(first.post(address(url, path::ENROL)).json(request), Call::Link).await?;
        let offer = Offer {
            offer: plain(response).await?,
            device_key: request.device_key,
            device_id: request.device_id,
        };
        // The same address must prove itself with what it offered: a root without its server is no offer.
        ask_time(&offer.http()?, url, &offer.offer.signing_key).await?;
        let words = offer.words()?;
        Ok((offer, words))
    })
}

/// Asks whether the province has approved.
///
/// # Errors
/// [`Failure::NotTheService`] where the certificate is for another device; the failures of the link.
pub fn check(handle: &Handle, url: &str, offer: &Offer) -> Result<EnrolOutcome, Failure> {
    handle.block_on(async {
        let ask = offer
            .http()?
            .get(address(url, &path::enrol_state(&offer.offer.ticket)));
        match plain(small(ask, Call::Link).await?).await? {
            EnrolState::Waiting => Ok(EnrolOutcome::Waiting),
            EnrolState::Refused => Ok(EnrolOutcome::Refused),
            EnrolState::Approved {
                certificate: signed,
                device_epoch,
            } => {
                let opened = signed.open(&offer.offer.signing_key, Context::DeviceCertificate);
                let certificate: DeviceCertificate = opened.map_err(|_| Failure::NotTheService)?;
                let ours = certificate.key == offer.device_key && certificate.device == offer.device_id;
                if ours {
                    Ok(EnrolOutcome::Approved {
                        signed: Box::new(signed),
                        certificate,
                        device_epoch,
                    })
                } else {
                    Err(Failure::NotTheService)
                }
            }
        }
    })
}
