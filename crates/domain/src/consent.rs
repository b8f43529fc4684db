//! The citizen's consent, in one act, with everything needed to prove it later.
//!
//! Law on personal data protection 91/2025/QH15 and Decree 356/2025: the holder must be able to prove who,
//! when, content and scope; nothing is pre-ticked and silence is no consent.

use crate::text::Words;
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
    /// Drawn with a finger or a pen on the screen: evidence of consent, not a digital signature.
    Signature,
    /// Said aloud before a witness, who pressed because the person cannot sign.
    Witness,
}

impl ConsentAct {
    /// For the printed line.
    #[must_use]
    pub fn vi(self) -> &'static str {
        match self {
            Self::OwnScreen | Self::TurnedScreen => "bấm trên màn hình",
            Self::Signature => "ký trên màn hình",
            Self::Witness => "nói trước người làm chứng",
        }
    }
}

/// One point of a drawn line, in thousandths of the box's width.
pub type Point = (u16, u16);

/// A signature as the hand drew it: lines of points. Kept encrypted, sealed inside the form, never a picture file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(transparent)]
pub struct Signature(#[ts(type = "Array<Array<[number, number]>>")] pub Vec<Vec<Point>>);

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signature(…)")
    }
}

/// Why a drawing is not taken for a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotASignature {
    #[error("nothing was drawn, or only a dot")]
    TooLittle,
    #[error("more was drawn than any name needs")]
    TooMuch,
}

impl Signature {
    /// Points of the longest signature that is taken: far above any name, far below the form's own limit.
    pub const POINTS_MAX: usize = 1_500;
    const POINTS_MIN: usize = 6;
    /// A resting finger moves less than this.
    const WIDTH_MIN: u16 = 40;

    /// # Errors
    /// [`NotASignature`].
    pub fn check(&self) -> Result<(), NotASignature> {
        let points = || self.0.iter().flatten();
        let count = points().count();
        if count > Self::POINTS_MAX {
            return Err(NotASignature::TooMuch);
        }
        let left = points().map(|(x, _)| *x).min().unwrap_or(0);
        let right = points().map(|(x, _)| *x).max().unwrap_or(0);
        if count < Self::POINTS_MIN || right - left < Self::WIDTH_MIN {
            return Err(NotASignature::TooLittle);
        }
        Ok(())
    }
}

/// Who stood by where the person cannot sign. Not the officer who helps.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Witness {
    pub name: String,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Witness(…)")
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
}

/// The second act: "this is what I file", before sealing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingConfirmed {
    pub act: ConsentAct,
    pub at: jiff::Timestamp,
}

/// What a consent reaches: one dossier, from its first key to its end.
pub const SCOPE: &str = "dossier";

/// The notice that a citizen reads or hears before the first scan or key.
pub const NOTICE_VERSION: &str = "2026-11-2";

/// What one line of the notice answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeTopic {
    Data,
    Purpose,
    Who,
    HowLong,
    Rights,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct NoticeLine {
    pub topic: NoticeTopic,
    pub title: Words,
    pub text: Words,
}

fn line(topic: NoticeTopic, title: (&str, &str), text: (&str, &str)) -> NoticeLine {
    let words = |(vi, en): (&str, &str)| Words::new(vi, en);
    NoticeLine {
        topic,
        title: words(title),
        text: words(text),
    }
}

/// The notice, one short line for each question that a person may ask. `keeps_copy`: this machine may keep a readable
/// copy until the dossier is accepted.
#[must_use]
pub fn notice_lines(keeps_copy: bool) -> Vec<NoticeLine> {
    let how_long = if keeps_copy {
        (
            "Máy quầy giữ bản đọc được tới khi hồ sơ được tiếp nhận, nhiều nhất 30 ngày, rồi xóa. Cơ quan giải quyết giữ theo quy định của họ.",
            "The counter keeps a readable copy until the dossier is accepted, 30 days at most, then deletes it. The deciding agency keeps its own by its rules.",
        )
    } else {
        (
            "Máy quầy xóa bản đọc được ngay khi hồ sơ khóa kín. Cơ quan giải quyết giữ theo quy định của họ.",
            "The counter deletes the readable copy as soon as the dossier is locked. The deciding agency keeps its own by its rules.",
        )
    };
    vec![
        line(
            NoticeTopic::Data,
            ("Ghi những gì", "What is recorded"),
            (
                "Họ tên, ngày sinh, số giấy tờ, nơi ở và giấy tờ của ông/bà.",
                "Your name, date of birth, ID number, address and papers.",
            ),
        ),
        line(
            NoticeTopic::Purpose,
            ("Để làm gì", "What for"),
            ("Chỉ để nộp hồ sơ này.", "Only to file this dossier."),
        ),
        line(
            NoticeTopic::Who,
            ("Ai được xem", "Who may read it"),
            (
                "Người đang giúp ông/bà ở quầy và cơ quan giải quyết hồ sơ. Mỗi lần mở đều được ghi lại.",
                "Whoever helps you at this counter, and the agency that decides. Every opening is recorded.",
            ),
        ),
        line(NoticeTopic::HowLong, ("Giữ bao lâu", "For how long"), how_long),
        line(
            NoticeTopic::Rights,
            ("Quyền của ông/bà", "Your rights"),
            (
                "Xem lại, sửa, hoặc dừng và xóa bất cứ lúc nào. Không đồng ý thì vẫn nộp được bằng giấy.",
                "Review, correct, or stop and delete at any time. If you do not agree, you can still file on paper.",
            ),
        ),
    ]
}

/// The whole notice in one text: what is kept with the consent, and what is read aloud.
#[must_use]
pub fn notice(keeps_copy: bool) -> Words {
    let lines = notice_lines(keeps_copy);
    let join = |pick: fn(&Words) -> &str| {
        let each = lines
            .iter()
            .map(|l| format!("{}: {}", pick(&l.title), pick(&l.text)));
        each.collect::<Vec<_>>().join(" ")
    };
    Words {
        vi: join(|w| &w.vi),
        en: join(|w| &w.en),
    }
}

/// The line on the receipt: how, when, on which notice, and how to take it back.
#[must_use]
pub fn printed_line(consent: &Consent, at: &str) -> String {
    format!(
        "Người dân đồng ý lúc {at} ({}, bản thông báo {}) và đã xác nhận nộp. Muốn rút lại: mang phiếu này tới quầy",
        consent.act.vi(),
        consent.notice_version
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_is_no_signature_and_a_wall_of_ink_is_none_either() {
        let line = |n: u16, step: u16| Signature(vec![(0..n).map(|i| (i * step, 100)).collect()]);
        for (drawn, taken) in [
            (Signature(vec![]), Err(NotASignature::TooLittle)),
            (line(20, 1), Err(NotASignature::TooLittle)),
            (line(3, 100), Err(NotASignature::TooLittle)),
            (line(20, 10), Ok(())),
            (line(1_501, 1), Err(NotASignature::TooMuch)),
        ] {
            assert_eq!(
                drawn.check(),
                taken,
                "{} points",
                drawn.0.iter().flatten().count()
            );
        }
    }

    #[test]
    fn the_notice_answers_all_five_questions_in_few_words() {
        for keeps_copy in [false, true] {
            let lines = notice_lines(keeps_copy);
            assert_eq!(lines.len(), 5);
            let words = notice(keeps_copy).vi.split_whitespace().count();
            assert!(words < 130, "read aloud in under a minute: {words} words");
        }
        assert!(
            !notice(false).vi.contains("30 ngày"),
            "nothing is promised of another machine"
        );
    }
}
