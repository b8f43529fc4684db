//! The number a citizen leaves with: `DH-DDDDD-NNNNN-CC`.
//!
//! **Invariant:** a label and never a key. Two cloned disks can print the same one; nothing in the system
//! finds a dossier by it alone. Digits only, so that it can be read over the telephone.

use crate::ids::DeviceNo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use ts_rs::TS;

/// Kiosk number, the kiosk's own count, and two check digits after ISO/IEC 7064 MOD 97-10.
///
/// MOD 97-10 misses no single, adjacent, jump or twin error on ten digits.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS,
)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
#[schemars(with = "String")]
pub struct ReceiptNumber {
    device: DeviceNo,
    count: u32,
}

/// Why a text is no receipt number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAReceiptNumber {
    #[error("a receipt number has twelve digits")]
    Shape,
    #[error("the two check digits do not fit")]
    CheckDigits,
    #[error("the count of this kiosk is used up")]
    UsedUp,
}

impl ReceiptNumber {
    pub const COUNT_MAX: u32 = 99_999;

    /// The number for the `count`-th dossier of a kiosk. Counts start at 1 and are never used again.
    ///
    /// # Errors
    /// [`NotAReceiptNumber::UsedUp`] past five digits on either side.
    pub fn new(device: DeviceNo, count: u32) -> Result<Self, NotAReceiptNumber> {
        if device.0 > DeviceNo::MAX || count > Self::COUNT_MAX {
            return Err(NotAReceiptNumber::UsedUp);
        }
        Ok(Self { device, count })
    }

    #[must_use]
    pub fn device(&self) -> DeviceNo {
        self.device
    }

    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    fn check_digits(&self) -> u64 {
        let body = u64::from(self.device.0) * 100_000 + u64::from(self.count);
        98 - (body * 100) % 97
    }
}

impl fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "DH-{:05}-{:05}-{:02}",
            self.device.0,
            self.count,
            self.check_digits()
        )
    }
}

impl FromStr for ReceiptNumber {
    type Err = NotAReceiptNumber;

    /// Takes the printed form, bare digits, and anything a person puts between them.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let digits: Vec<u64> = s.chars().filter_map(|c| c.to_digit(10)).map(u64::from).collect();
        let foreign = s.chars().any(|c| !(c.is_ascii_digit() || " .-–DHdh".contains(c)));
        if digits.len() != 12 || foreign {
            return Err(NotAReceiptNumber::Shape);
        }
        let all = digits.iter().fold(0_u64, |n, d| n * 10 + d);
        if all % 97 != 1 {
            return Err(NotAReceiptNumber::CheckDigits);
        }
        let body = all / 100;
        let part = |n: u64| u32::try_from(n).map_err(|_| NotAReceiptNumber::Shape);
        Self::new(DeviceNo(part(body / 100_000)?), part(body % 100_000)?)
    }
}

impl TryFrom<String> for ReceiptNumber {
    type Error = NotAReceiptNumber;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<ReceiptNumber> for String {
    fn from(n: ReceiptNumber) -> Self {
        n.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn printed_and_spoken_forms_are_one_number() {
        let n = ReceiptNumber::new(DeviceNo(1), 42).unwrap();
        let printed = n.to_string();
        assert_eq!(printed.len(), 17);
        for typed in [
            printed.clone(),
            printed.replace('-', ""),
            printed.replace("DH-", "dh ").replace('-', " "),
        ] {
            assert_eq!(typed.parse(), Ok(n), "{typed}");
        }
        assert_eq!(
            "DH-00001-00042-1x".parse::<ReceiptNumber>(),
            Err(NotAReceiptNumber::Shape)
        );
    }

    proptest! {
        #[test]
        fn no_single_or_adjacent_slip_passes(device in 1..99_999_u32, count in 1..99_999_u32, at in 0_usize..12, other in 0_u8..10) {
            let n = ReceiptNumber::new(DeviceNo(device), count).unwrap();
            let digits: Vec<char> = n.to_string().chars().filter(char::is_ascii_digit).collect();
            let slip = char::from(b'0' + other);
            let mut wrong = digits.clone();
            wrong[at] = slip;
            if wrong != digits {
                let typed: String = wrong.iter().collect();
                prop_assert_eq!(typed.parse::<ReceiptNumber>(), Err(NotAReceiptNumber::CheckDigits));
            }
            let mut swapped = digits.clone();
            swapped.swap(at, (at + 1).min(11));
            if swapped != digits {
                let typed: String = swapped.iter().collect();
                prop_assert_eq!(typed.parse::<ReceiptNumber>(), Err(NotAReceiptNumber::CheckDigits));
            }
        }
    }
}
