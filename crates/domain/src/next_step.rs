//! What an officer reads of something that did not go to the province, and the one press that comes next.
//!
//! **Invariants:** every reason has a sentence of its own, and each sentence names the press that [`NextStep`] offers,
//! or says that none is needed; a window draws the press and never decides it. Absent on purpose: the failures of the
//! link, which the app words.

use crate::delivery::{HeldReason, QuarantineReason, UnknownAnswer};
use crate::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What comes next, as the button beside the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The machine goes on by itself: no button, and the sentence says so.
    ByItself,
    /// "Gửi ngay": everything that waits, once more.
    SendNow,
    /// "Gửi lại": this dossier, which waits for a person.
    SendAgain,
    /// "Chép ra USB": it can go another way.
    CopyToStick,
    /// The telephone: no press on this machine mends it.
    Call,
    /// Another enrolment code; the field for it stands on the page that asked.
    NewCode,
    /// Nothing is left to do.
    Nothing,
}

impl NextStep {
    /// Does it hold up one dossier until a person acts? What stops the link is told above the list, of none of them.
    #[must_use]
    pub fn needs_person(self) -> bool {
        match self {
            Self::SendAgain | Self::Call => true,
            Self::ByItself | Self::SendNow | Self::CopyToStick | Self::NewCode | Self::Nothing => false,
        }
    }
}

impl HeldReason {
    /// What the officer reads, and what to do next.
    #[must_use]
    pub fn words(self) -> Words {
        let (vi, en) = match self {
            Self::FormRefused => (
                "Tỉnh chưa nhận tờ khai này. Xin gọi tỉnh, đọc số phiếu. Tỉnh xem xong thì bấm “Gửi lại”.",
                "The province has not taken this form. Call the province with the receipt number. Once they have looked at it, press “Send again”.",
            ),
            Self::TooLarge => (
                "Có tệp lớn hơn mức tỉnh nhận. Xin gọi tỉnh, đọc số phiếu. Tỉnh nâng mức xong thì bấm “Gửi lại”.",
                "A file is larger than the province takes. Call the province with the receipt number. Once they take larger ones, press “Send again”.",
            ),
            Self::Fork => (
                "Tỉnh đã có một bản khác cùng mã hồ sơ. Bản ở quầy vẫn được giữ, không gửi nữa. Xin gọi tỉnh, đọc số phiếu.",
                "The province holds another content under this id. The copy here is kept and not sent. Call the province with the receipt number.",
            ),
            Self::CatalogueUnknown => (
                "Tỉnh chưa biết phiên bản thủ tục này. Xin gọi tỉnh để cập nhật, xong thì bấm “Gửi lại”.",
                "The province does not know this version of the procedure. Call the province to have it updated, then press “Send again”.",
            ),
            Self::DamagedOnTheWay => (
                "Tệp bị hỏng trên đường truyền hai lần. Bấm “Gửi lại” khi mạng tốt hơn.",
                "A file was damaged on the way twice. Press “Send again” when the network is better.",
            ),
            Self::UnknownAnswer => (
                "Tỉnh trả lời về hồ sơ này điều máy chưa hiểu. Hồ sơ vẫn còn nguyên ở quầy. Bấm “Gửi lại”; vẫn báo thì gọi tỉnh.",
                "The province answered about this dossier what this kiosk does not know. The dossier is safe here. Press “Send again”; if it comes back, call the province.",
            ),
            Self::ConsentWithdrawn => (
                "Người dân đã rút đồng ý. Hồ sơ nằm lại ở quầy, không gửi nữa. Không cần làm gì.",
                "The person took their consent back. The dossier stays here and is not sent. Nothing to do.",
            ),
            Self::WithdrawalTooLate => (
                "Tỉnh đã cấp mã hoặc đã trả lời hồ sơ này nên không rút ở quầy được nữa. Xin gọi tỉnh, đọc số phiếu.",
                "The province has given a code or has answered, so it can no longer be withdrawn here. Call the province with the receipt number.",
            ),
            Self::NotThisCounters => (
                "Tỉnh không nhận yêu cầu rút từ máy này: hồ sơ do quầy khác làm, hoặc máy đã bị thu hồi. Xin gọi tỉnh, đọc số phiếu.",
                "The province takes no withdrawal from this machine: another counter made the dossier, or the machine was revoked. Call the province with the receipt number.",
            ),
        };
        Words::new(vi, en)
    }

    #[must_use]
    pub fn next_step(self) -> NextStep {
        match self {
            Self::FormRefused
            | Self::TooLarge
            | Self::CatalogueUnknown
            | Self::DamagedOnTheWay
            | Self::UnknownAnswer => NextStep::SendAgain,
            // The same again would only be refused again.
            Self::Fork | Self::WithdrawalTooLate | Self::NotThisCounters => NextStep::Call,
            Self::ConsentWithdrawn => NextStep::Nothing,
        }
    }
}

impl QuarantineReason {
    /// What the officer reads, and what to do next.
    #[must_use]
    pub fn words(self) -> Words {
        let (vi, en) = match self {
            // Also of what this machine let go by the rules and the province lost: nothing is wrong with this disk then.
            Self::FileDamaged => (
                "Bản điện tử của hồ sơ hỏng hoặc mất. Có bản trên USB thì bấm “USB”, “Nhận vào”; không thì mời người dân mang giấy lại. Tỉnh có rồi thì bấm “Gửi lại”.",
                "This dossier's electronic copy is damaged or gone. If a stick holds one, plug it in and press “USB”, “Take in”; if not, ask the person to bring the papers again. Once the province has it, press “Send again”.",
            ),
            Self::CrashedTwice => (
                "Chương trình bị dừng hai lần khi gửi hồ sơ này nên giữ riêng, hồ sơ khác vẫn gửi. Bấm “Gửi lại”; lại dừng thì gọi kỹ thuật.",
                "The program stopped twice while sending this dossier, so it is set aside; the others go on. Press “Send again”; if it stops again, call support.",
            ),
        };
        Words::new(vi, en)
    }

    #[must_use]
    pub fn next_step(self) -> NextStep {
        match self {
            Self::FileDamaged | Self::CrashedTwice => NextStep::SendAgain,
        }
    }
}

impl UnknownAnswer {
    /// What the officer reads: the layer, the number that whoever is called will ask for, the button.
    #[must_use]
    pub fn words(self) -> Words {
        let status = self.status;
        Words::new(
            format!(
                "Máy chủ tỉnh trả lời điều máy này không hiểu (mã {status}). Hồ sơ vẫn giữ an toàn trên máy. Bấm “Gửi ngay” để thử lại, hoặc gọi tỉnh và đọc mã này."
            ),
            format!(
                "The province's server gave an answer this kiosk does not know (code {status}). Dossiers are safe here. Press “Send now” to try again, or call the province and read out this code."
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_for_an_unknown_answer_name_layer_number_and_button() {
        let words = UnknownAnswer { status: 418 }.words();
        for part in ["Máy chủ tỉnh", "418", "an toàn", "Gửi ngay", "gọi tỉnh"] {
            assert!(words.vi.contains(part), "{part}: {}", words.vi);
        }
        assert!(
            words.en.contains("418") && words.en.contains("Send now"),
            "{}",
            words.en
        );
    }
}
