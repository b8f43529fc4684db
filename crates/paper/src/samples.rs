//! One invented paper of each kind: what a set of templates is tried on before it is taken.

use crate::press::Drawn;
use crate::templates::{TemplateFault, Templates};
use crate::{
    HandedOver, PaperError, ReceiptSize, Reception, Voided, WaitingSlip, draw_form, draw_handed_over,
    draw_receipt, draw_reception, draw_void, draw_waiting,
};
use domain::ids::{DeviceNo, DossierId};
use domain::official_form::{FilledForm, OfficialForm};
use domain::province::OfficialCode;
use domain::receipt::{OriginalPlace, PaperMark, ReceiptContent, ReceiptPaperLine};
use domain::receipt_number::ReceiptNumber;
use jiff::Timestamp;
use jiff::civil::date;

impl Templates {
    /// Draws one paper of each kind: a set with a mistake in it is refused before it reaches a counter.
    ///
    /// # Errors
    /// [`TemplateFault::DoesNotDraw`] naming the paper.
    pub fn check(&self) -> Result<(), TemplateFault> {
        let drawn = |name: &str, result: Result<Drawn, PaperError>| match result {
            Ok(_) => Ok(()),
            Err(e) => Err(TemplateFault::DoesNotDraw(name.to_owned(), e)),
        };
        let now = Timestamp::UNIX_EPOCH;
        drawn("receipt_a5.typ", receipt(self, ReceiptSize::A5))?;
        drawn("receipt_roll.typ", receipt(self, ReceiptSize::Roll80))?;
        let list = content().map(|c| handed_over(&c));
        drawn(
            "papers_handed_over.typ",
            list.and_then(|l| draw_handed_over(self, &l, now)),
        )?;
        drawn(
            "void_a5.typ",
            content().and_then(|c| draw_void(self, &voided(c), now)),
        )?;
        drawn("waiting_slip.typ", draw_waiting(self, &waiting(), now))?;
        drawn(
            "reception_slip.typ",
            content().and_then(|c| draw_reception(self, &reception(c), now)),
        )?;
        self.forms()
            .iter()
            .try_for_each(|form| drawn(&form.template, draw_form(self, &blank(form), now)))
    }
}

/// The sample receipt, drawn.
pub(crate) fn receipt(templates: &Templates, size: ReceiptSize) -> Result<Drawn, PaperError> {
    draw_receipt(templates, &content()?, size, Timestamp::UNIX_EPOCH)
}

/// A form with nothing in it.
pub(crate) fn blank(form: &OfficialForm) -> FilledForm {
    FilledForm {
        id: form.id.clone(),
        name: form.name.vi.clone(),
        template: form.template.clone(),
        note: (!form.basis.verified).then(|| form.basis.vi.clone()),
        fields: serde_json::Map::new(),
        rows: Vec::new(),
    }
}

pub(crate) fn handed_over(receipt: &ReceiptContent) -> HandedOver {
    HandedOver {
        procedure_name: receipt.procedure_name.clone(),
        counter_name: receipt.counter_name.clone(),
        number: Some(receipt.number.to_string()),
        papers: receipt.papers.clone(),
        on: receipt.sealed_on,
    }
}

pub(crate) fn waiting() -> WaitingSlip {
    WaitingSlip {
        code: "4D0C-6A52".into(),
        procedure: "Đăng ký khai sinh".into(),
        here: "Nhà văn hóa bản Nậm Pọng".into(),
        counter: vec!["Bộ phận Một cửa xã Na Sang, quầy 1".into()],
        at: "09:20 24/11/2026".into(),
    }
}

pub(crate) fn voided(receipt: ReceiptContent) -> Voided {
    Voided {
        certain: true,
        on: receipt.sealed_on,
        asked_at: Some("15:40 22/11/2026".into()),
        word: "nằm lại ở máy quầy, không gửi đi".into(),
        copy_no: 0,
        receipt,
    }
}

pub(crate) fn reception(receipt: ReceiptContent) -> Reception {
    Reception {
        code: OfficialCode {
            code: "H21.129-261122-0035".into(),
            source: "Cổng Dịch vụ công quốc gia".into(),
        },
        on: receipt.sealed_on,
        receipt,
    }
}

pub(crate) fn line(name: &str, count: u32, mark: PaperMark, original: OriginalPlace) -> ReceiptPaperLine {
    ReceiptPaperLine {
        name: name.into(),
        count,
        mark,
        original,
    }
}

/// An invented family's receipt.
pub(crate) fn content() -> Result<ReceiptContent, PaperError> {
    use {OriginalPlace as O, PaperMark as M};
    Ok(ReceiptContent {
        dossier: DossierId(uuid::Uuid::from_u128(7)),
        number: ReceiptNumber::new(DeviceNo(1), 1).map_err(|_| PaperError::BadTemplate)?,
        procedure_code: "1.001193".into(),
        procedure_name: "Đăng ký khai sinh".into(),
        counter_name: "Quầy 3, xã Hòa Bình Đông".into(),
        counter_phone: Some("0229 399 1022".into()),
        sealed_on: date(2026, 11, 22),
        sealed_at_time: "09:12".into(),
        papers: vec![
            line("Giấy chứng sinh", 1, M::Original, O::KeptByCounter),
            line("Giấy chứng nhận kết hôn của cha mẹ", 2, M::Copy, O::Returned),
            line("Thẻ căn cước của người đi đăng ký", 0, M::Shown, O::ShownOnly),
        ],
        working_days: Some(1),
        calendar_days: None,
        fee_line: Some("Lệ phí: miễn, vì khai sinh đúng hạn.".into()),
        come_back_on: date(2026, 11, 25),
        lookup_url: "HTTPS://TRACUU.TINH.EXAMPLE/T/DH-00001-00001-19".into(),
        lookup_site: "tracuu.tinh.example".into(),
        secret: "482913".into(),
        proof: Some(format!(
            "VN1:{}",
            "6BF+70790T9WJWG.FKY*4GO0"
                .repeat(9)
                .get(..210)
                .unwrap_or_default()
        )),
        copy_no: 0,
        assisted_by: "cán bộ một cửa".into(),
        consent_line: "Ông/bà đã đồng ý cho quầy dùng dữ liệu này để nộp hồ sơ".into(),
        practice: vec![],
        practice_next: None,
        event: None,
        together: vec![],
    })
}

/// The fullest ordinary day: nine papers and the longest name of a procedure.
#[cfg(test)]
pub(crate) fn nine_papers() -> Result<ReceiptContent, PaperError> {
    use {OriginalPlace as O, PaperMark as M};
    let names = [
        "Tờ khai liên thông",
        "Giấy chứng sinh",
        "Giấy chứng nhận kết hôn",
        "Thẻ căn cước của mẹ",
        "Thẻ căn cước của cha",
        "Văn bản đồng ý của chủ hộ",
        "Giấy tờ về chỗ ở hợp pháp",
        "Văn bản ủy quyền",
        "Ảnh của trẻ",
    ];
    Ok(ReceiptContent {
        papers: names
            .iter()
            .map(|name| line(name, 2, M::Original, O::KeptByCounter))
            .collect(),
        procedure_name:
            "Liên thông đăng ký khai sinh, đăng ký thường trú, cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi"
                .into(),
        ..content()?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_set_draws_and_a_broken_one_is_named() {
        let built_in = Templates::built_in();
        built_in.check().unwrap();
        let broken = built_in
            .with_files([("ct01.typ".to_owned(), b"#panic(\"x\")".to_vec())])
            .unwrap();
        assert_eq!(
            broken.check().unwrap_err().to_string(),
            "ct01.typ: does not draw: the paper's template does not work"
        );
    }
}
