//! Look-up at the counter: a receipt number typed or read from QR 1, or the proof in QR 2, against this kiosk's own
//! outbox and key.
//!
//! **Invariant:** the answer never names a person; where nothing is found it never says that there is nothing.

use crate::access::Caller;
use crate::clock;
use crate::commands::card::CardPicture;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::views::{LookUpOutcome, LookUpView, ProofVerdict, ProofView};
use domain::receipt_number::ReceiptNumber;
use domain::text::Words;
use schemars::JsonSchema;
use seal::proof::ReceiptProof;
use serde::{Deserialize, Serialize};
use store::tables::item;
use ts_rs::TS;

/// Longer than any code on a receipt.
const TEXT_MAX: usize = 600;
/// How a proof begins.
const PROOF: &str = "VN1:";

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct LookUp {
    /// What was typed or scanned.
    pub text: String,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct LookUpPicture {
    pub picture: CardPicture,
}

impl std::fmt::Debug for LookUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LookUp(…)")
    }
}

pub fn look_up(app: &App, _: Caller, request: LookUp) -> Result<LookUpView, Problem> {
    let text = request.text.trim();
    if text.len() > TEXT_MAX {
        return Err(ProblemCode::ReceiptNumberWrong.into());
    }
    if text.to_uppercase().starts_with(PROOF) {
        return proof(app, &text.to_uppercase());
    }
    let number = number_in(text).ok_or(ProblemCode::ReceiptNumberWrong)?;
    by_number(app, number, None)
}

/// A slip held before the camera, or a picture of one. Where both codes are on it the proof is taken: it says more.
pub fn look_up_picture(app: &App, caller: Caller, request: LookUpPicture) -> Result<LookUpView, Problem> {
    let texts = request.picture.codes(app)?;
    let proof = texts.iter().find(|text| text.to_uppercase().starts_with(PROOF));
    let number = || texts.iter().find(|text| number_in(text).is_some());
    let text = proof.or_else(number).ok_or(ProblemCode::SlipNoCode)?;
    look_up(app, caller, LookUp { text: text.clone() })
}

/// The number itself, or the one at the end of QR 1's link.
fn number_in(text: &str) -> Option<ReceiptNumber> {
    let last = text.rsplit(['/', '=']).next().unwrap_or(text);
    last.trim().parse().ok()
}

fn by_number(app: &App, number: ReceiptNumber, proof: Option<ProofView>) -> Result<LookUpView, Problem> {
    let own = app
        .enrolment()?
        .is_some_and(|e| e.certificate.number == number.device());
    let row = item::of_receipt(app.outbox().db(), &number.to_string())?;
    let outcome = match (&row, own) {
        (Some(_), _) => LookUpOutcome::Here,
        (None, true) => LookUpOutcome::NotHere,
        (None, false) => LookUpOutcome::AnotherCounter,
    };
    Ok(LookUpView {
        number: number.to_string(),
        outcome,
        words: advice(outcome),
        item: row.map(|row| super::outbox::item_view(app, row)).transpose()?,
        proof,
    })
}

/// What to tell the person who asks.
fn advice(outcome: LookUpOutcome) -> Words {
    let (vi, en) = match outcome {
        LookUpOutcome::Here => (
            "Hồ sơ này làm ở máy quầy này.",
            "This dossier was made at this counter.",
        ),
        LookUpOutcome::NotHere => (
            "Chưa tra được. Hồ sơ có thể còn ở nơi khác, hoặc số bị gõ nhầm. Đừng nộp lại; xin gọi tỉnh để hỏi.",
            "Not found yet. The dossier may be elsewhere, or the number mistyped. Do not file again; please call the province.",
        ),
        LookUpOutcome::AnotherCounter => (
            "Phiếu này do quầy khác cấp, máy này không giữ hồ sơ đó. Đừng nộp lại; xin tra trên mạng hoặc hỏi quầy đã cấp phiếu.",
            "Another counter issued this slip; its dossier is not kept here. Do not file again; look it up online or ask that counter.",
        ),
    };
    Words::new(vi, en)
}

/// QR 2: signed by this very kiosk, or by one whose key is not here, or by nobody.
fn proof(app: &App, text: &str) -> Result<LookUpView, Problem> {
    let (_, key) = app.device_key()?;
    let own = app.enrolment()?.map(|e| e.certificate.number);
    let claims = ReceiptProof::peek(text).ok_or(ProblemCode::ReceiptNumberWrong)?;
    let verdict = match ReceiptProof::verify(text, &key.verify_key()) {
        Ok(_) => ProofVerdict::Genuine,
        Err(_) if own == Some(claims.number.device()) => ProofVerdict::Forged,
        Err(_) => ProofVerdict::AnotherDevice,
    };
    let name = app
        .catalogue()
        .get(&claims.procedure_code.as_str().into())
        .map(|e| e.procedure.name.clone());
    let view = ProofView {
        verdict,
        words: verdict_words(verdict),
        procedure: name.unwrap_or(Words {
            vi: claims.procedure_code.clone(),
            en: claims.procedure_code.clone(),
        }),
        sealed_at: clock::minute_and_day(claims.sealed_at.as_millisecond()),
        files: claims.files.into(),
        clock_doubted: claims.low_trust,
    };
    by_number(app, claims.number, Some(view))
}

fn verdict_words(verdict: ProofVerdict) -> Words {
    let (vi, en) = match verdict {
        ProofVerdict::Genuine => (
            "Chữ ký đúng: phiếu do máy quầy này in, nội dung không bị sửa.",
            "The signature is right: this counter printed the slip, and nothing was changed.",
        ),
        ProofVerdict::Forged => (
            "Chữ ký SAI: phiếu ghi là của máy này nhưng máy này không ký. Xin giữ phiếu lại và báo phụ trách quầy.",
            "The signature is WRONG: the slip claims to be this counter's, which did not sign it. Keep it and tell the head of counter.",
        ),
        ProofVerdict::AnotherDevice => (
            "Phiếu của máy khác: máy này không có khóa của máy đó nên chưa kiểm được chữ ký.",
            "Another machine's slip: its key is not here, so the signature cannot be checked.",
        ),
    };
    Words::new(vi, en)
}

#[cfg(test)]
mod tests {
    use super::number_in;

    #[test]
    fn a_number_is_found_however_it_comes() {
        let printed = domain::receipt_number::ReceiptNumber::new(domain::ids::DeviceNo(10_293), 17)
            .unwrap()
            .to_string();
        for text in [
            printed.clone(),
            format!(" {} ", printed.to_lowercase()),
            printed.replace("DH-", "").replace('-', " "),
            format!("HTTPS://TRACUU.EXAMPLE.VN/T/{printed}"),
        ] {
            assert_eq!(
                number_in(&text).map(|n| n.to_string()),
                Some(printed.clone()),
                "{text}"
            );
        }
        for text in ["", "DH-10293-00017-00", "https://example.vn/T/", "Lò Thị Mây"] {
            assert_eq!(number_in(text), None, "{text}");
        }
    }
}
