//! What is believed: the province's key, and each kiosk's certificate that it signed.

use crate::signed;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;

const CERTIFICATE_CONTEXT: &[u8] = b"donghanh/device-certificate/1\0";

/// The file of `donghanh-province admin devices certificates`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// 43 characters of base64url.
    province_key: String,
    certificates: Vec<Stored>,
}

/// JSON bytes as they were signed, and the signature; both base64.
#[derive(Deserialize)]
struct Stored {
    bytes: String,
    signature: String,
}

#[derive(Deserialize)]
struct Content {
    number: u32,
    key: String,
    counter_name: String,
    issued_at: jiff::Timestamp,
    valid_until: jiff::Timestamp,
}

/// One kiosk, by the province's word.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub number: u32,
    pub(crate) key: VerifyingKey,
    pub counter_name: String,
    issued_at: jiff::Timestamp,
    valid_until: jiff::Timestamp,
}

/// The province's key and what it signed.
#[derive(Debug, Clone)]
pub struct Trust {
    certificates: Vec<Certificate>,
}

/// Why a file is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustFault {
    #[error("not a file of certificates")]
    Shape,
    #[error("certificate {0} is not signed by this province")]
    Foreign(usize),
    #[error("the file is of another province than the key that was given")]
    OtherProvince,
}

impl Certificate {
    pub(crate) fn covers(&self, at: jiff::Timestamp) -> bool {
        // A proof holds whole minutes, a certificate finer times.
        at.as_second() + 60 > self.issued_at.as_second() && at <= self.valid_until
    }
}

impl Trust {
    /// Reads the file and checks every signature in it. `province_key`, where given, must be the file's own: it comes
    /// by another way than the file (a poster, a letter), and then a forged file is found out.
    ///
    /// # Errors
    /// [`TrustFault`].
    pub fn read(json: &[u8], province_key: Option<&str>) -> Result<Self, TrustFault> {
        let file: File = serde_json::from_slice(json).map_err(|_| TrustFault::Shape)?;
        if province_key.is_some_and(|given| given.trim() != file.province_key) {
            return Err(TrustFault::OtherProvince);
        }
        let province = key(&file.province_key).ok_or(TrustFault::Shape)?;
        let read = file.certificates.iter().enumerate();
        let certificates = read
            .map(|(at, stored)| certificate(stored, &province).ok_or(TrustFault::Foreign(at + 1)))
            .collect::<Result<_, _>>()?;
        Ok(Self { certificates })
    }

    pub(crate) fn of_kiosk(&self, number: u32) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter().filter(move |c| c.number == number)
    }
}

fn key(text: &str) -> Option<VerifyingKey> {
    let bytes = BASE64URL_NOPAD.decode(text.trim().as_bytes()).ok()?;
    VerifyingKey::from_bytes(bytes.as_slice().try_into().ok()?).ok()
}

fn certificate(stored: &Stored, province: &VerifyingKey) -> Option<Certificate> {
    let bytes = BASE64.decode(stored.bytes.as_bytes()).ok()?;
    let signature = BASE64.decode(stored.signature.as_bytes()).ok()?;
    if !signed(province, CERTIFICATE_CONTEXT, &bytes, &signature) {
        return None;
    }
    let content: Content = serde_json::from_slice(&bytes).ok()?;
    Some(Certificate {
        number: content.number,
        key: key(&content.key)?,
        counter_name: content.counter_name,
        issued_at: content.issued_at,
        valid_until: content.valid_until,
    })
}
