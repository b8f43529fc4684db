//! The 76 bytes that a proof signs, big-endian: version u8 = 1 · flags u8 · kiosk u24 · count u24 · minutes since 1970
//! u32 · files u8 · procedure code, 15 bytes ASCII padded with zeros · dossier id 16 · SHA-256 of the manifest 32.

use data_encoding::HEXLOWER;
use serde::Serialize;

/// What a receipt claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// As printed: `DH-DDDDD-NNNNN-CC`.
    pub number: String,
    pub device: u32,
    pub procedure_code: String,
    pub files: u8,
    pub sealed_at: jiff::Timestamp,
    /// The kiosk doubted its clock when it sealed.
    pub low_trust: bool,
    /// Hex, lower case.
    pub dossier: String,
    /// Hex, lower case: the province's copy has the same.
    pub manifest_sha256: String,
}

impl Claims {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let number = |at: std::ops::Range<usize>| {
            bytes
                .get(at)
                .map(|b| b.iter().fold(0_u64, |n, byte| (n << 8) | u64::from(*byte)))
        };
        let (device, count) = (number(2..5)?, number(5..8)?);
        let minutes = i64::try_from(number(8..12)?).ok()?;
        let code = std::str::from_utf8(bytes.get(13..28)?).ok()?;
        Some(Self {
            number: printed(device, count)?,
            device: u32::try_from(device).ok()?,
            procedure_code: code.trim_end_matches('\0').to_owned(),
            files: u8::try_from(number(12..13)?).ok()?,
            sealed_at: jiff::Timestamp::from_second(minutes * 60).ok()?,
            low_trust: number(1..2)? & 1 == 1,
            dossier: HEXLOWER.encode(bytes.get(28..44)?),
            manifest_sha256: HEXLOWER.encode(bytes.get(44..76)?),
        })
    }
}

/// Five digits, five digits, and two after ISO/IEC 7064 MOD 97-10.
fn printed(device: u64, count: u64) -> Option<String> {
    if device > 99_999 || count > 99_999 {
        return None;
    }
    let check = 98 - (device * 100_000 + count) * 100 % 97;
    Some(format!("DH-{device:05}-{count:05}-{check:02}"))
}
