//! The citizen's consent, in one act, with everything needed to prove it later.
//!
//! Law on personal data protection 91/2025/QH15 and Decree 356/2025: the holder must be able to prove who,
//! when, content and scope; nothing is pre-ticked and silence is no consent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the act was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAct {
    /// Pressed on the citizen's own screen.
    OwnScreen,
    /// Pressed on the shared screen turned to the citizen.
    TurnedScreen,
    /// Said aloud before a witness who pressed for them.
    Witness,
}

/// One consent: the exact notice that was shown, and when and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// Version of the notice, so that its text can be found again.
    pub notice_version: String,
    /// The words that were on the screen.
    pub notice: String,
    /// What the consent reaches: this dossier alone.
    pub scope: String,
    pub act: ConsentAct,
    pub given_at: jiff::Timestamp,
}

/// The second act: "this is what I file", before sealing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingConfirmed {
    pub act: ConsentAct,
    pub at: jiff::Timestamp,
}

/// The notice that a citizen reads or hears before the first scan or key.
pub const NOTICE_VERSION: &str = "2026-11-1";

/// The notice, short and concrete; the purpose, the receiver, the time and the rights.
#[must_use]
pub fn notice() -> crate::text::Words {
    crate::text::Words {
        vi: "Chúng tôi xin ghi họ tên, ngày sinh, số giấy tờ, nơi ở và giấy tờ của ông/bà để nộp hồ sơ này. \
             Chỉ cơ quan giải quyết hồ sơ được xem. Máy ở quầy khóa kín hồ sơ ngay khi ông/bà đồng ý nộp. \
             Ông/bà có quyền xem lại, sửa, hoặc dừng bất cứ lúc nào. Không đồng ý thì vẫn nộp được bằng giấy."
            .into(),
        en: "We ask to record your name, date of birth, ID number, address and papers to file this dossier. \
             Only the agency that decides it may read them. The counter locks the dossier as soon as you agree to file. \
             You may review, correct or stop at any time. If you do not agree, you can still file on paper."
            .into(),
    }
}
