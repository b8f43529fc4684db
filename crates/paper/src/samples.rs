//! One invented paper of each kind: what a set of templates is tried on before it is taken.

use crate::press::Drawn;
use crate::templates::{Blame, TemplateFault, Templates};
use crate::{
    AgencyForm, HandedOver, PaperError, Print, ReceiptSize, Reception, SlipPrint, Voided, WaitingSlip,
    draw_agency_form, draw_form, draw_handed_over, draw_receipt, draw_void, draw_waiting,
};
use domain::ids::{DeviceNo, DossierId};
use domain::official_form::{FilledForm, FormMap, OfficialForm};
use domain::province::OfficialCode;
use domain::receipt::{OriginalPlace, PaperMark, ReceiptContent, ReceiptPaperLine, TogetherLine};
use domain::receipt_number::ReceiptNumber;
use jiff::Timestamp;
use jiff::civil::date;

impl Templates {
    /// Draws every kind of paper, with everything that can stand on it: a set with a mistake in it is refused before it
    /// reaches a counter. Every paper that does not draw is told.
    #[must_use]
    pub fn check(&self) -> Vec<TemplateFault> {
        let set = &self.on_trial();
        let now = Timestamp::UNIX_EPOCH;
        let mut faults = Vec::new();
        let mut tried = |name: &str, drawn: Result<Drawn, PaperError>| {
            let Err(error) = drawn else { return };
            let blame = set.blamed().unwrap_or_else(|| Blame {
                file: name.to_owned(),
                line: None,
                said: error.to_string(),
            });
            let fault = TemplateFault::DoesNotDraw(blame);
            if !faults
                .iter()
                .any(|other: &TemplateFault| other.place() == fault.place())
            {
                faults.push(fault);
            }
        };
        for copy_no in [0, 2] {
            let receipt = |size| draw_receipt(set, &full(copy_no)?, size, now);
            tried("receipt_a5.typ", receipt(ReceiptSize::A5));
            tried("receipt_roll.typ", receipt(ReceiptSize::Roll80));
        }
        // With the mark of a print that is not the first.
        let again = Print { now, copy_no: 2 };
        let list = full(0).map(|c| handed_over(&c));
        tried(
            "papers_handed_over.typ",
            list.and_then(|l| draw_handed_over(set, &l, again)),
        );
        for (size, void, wait) in [
            (ReceiptSize::A5, "void_a5.typ", "waiting_slip.typ"),
            (ReceiptSize::Roll80, "void_roll.typ", "waiting_roll.typ"),
        ] {
            let print = SlipPrint { size, now };
            for certain in [true, false] {
                let slip = full(2).map(|c| Voided {
                    certain,
                    copy_no: 2,
                    ..voided(c)
                });
                tried(void, slip.and_then(|s| draw_void(set, &s, print)));
            }
            tried(wait, draw_waiting(set, &waiting(), print));
        }
        for form in AgencyForm::ALL {
            let drawn = full(0).and_then(|c| draw_agency_form(set, form, &reception(c), again));
            tried(&form.template(), drawn);
        }
        for form in set.forms() {
            tried(&form.template, draw_form(set, &blank(form), now));
            for map in &form.maps {
                tried(&form.template, draw_form(set, &filled(form, map), again));
            }
        }
        faults
    }
}

/// Every line that a receipt can have, and every place where an original can be.
fn full(copy_no: u32) -> Result<ReceiptContent, PaperError> {
    use {OriginalPlace as O, PaperMark as M};
    let places = [O::Returned, O::KeptByCounter, O::ShownOnly, O::CopyKept, O::None];
    let papers = places
        .into_iter()
        .zip([M::Original, M::Copy, M::Shown].into_iter().cycle());
    let other = |number: Option<&str>| TogetherLine {
        name: "Đăng ký thường trú".into(),
        number: number.map(str::to_owned),
        secret: number.map(|_| "204117".into()),
    };
    Ok(ReceiptContent {
        papers: papers
            .map(|(place, mark)| line("Giấy chứng sinh", 1, mark, place))
            .collect(),
        copy_no,
        calendar_days: (copy_no > 0).then_some(30),
        working_days: (copy_no == 0).then_some(5),
        practice: vec!["Chụp rõ giấy chứng sinh rồi gửi.".into()],
        practice_next: Some(0),
        together: vec![other(Some("DH-00001-00002-16")), other(None)],
        ..content()?
    })
}

/// A form with something in each of its fields and two rows.
fn filled(form: &OfficialForm, map: &FormMap) -> FilledForm {
    let something = || serde_json::Value::String("NGUYỄN THỊ ƯNG".into());
    let row = map.rows.as_ref().map(|rows| {
        let cells = rows.columns.keys().map(|name| (name.clone(), something()));
        cells.collect::<serde_json::Map<_, _>>()
    });
    FilledForm {
        fields: map
            .fields
            .keys()
            .map(|name| (name.clone(), something()))
            .collect(),
        rows: row.into_iter().cycle().take(2).collect(),
        ..blank(form)
    }
}

/// The sample receipt, drawn.
#[cfg(test)]
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

    fn faults(name: &str, text: &str) -> Vec<String> {
        let set = Templates::built_in()
            .with_files([(name.to_owned(), text.as_bytes().to_vec())])
            .unwrap();
        assert!(!set.is_built_in());
        set.check().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_built_in_set_draws_and_a_broken_one_is_named_with_its_line() {
        let built_in = Templates::built_in();
        assert!(built_in.is_built_in());
        let found = built_in.check();
        assert!(found.is_empty(), "{found:?}");
        let said = faults("ct01.typ", "#let x = 1\n\n#panic(\"hỏng\")");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with("ct01.typ:3: ") && said[0].contains("hỏng"),
            "{said:?}"
        );
        // A place of an original that the template does not know: it only shows with a copy that was kept.
        let roll = built_in.text("receipt_roll.typ").unwrap();
        let forgetful = roll.replace("copy_kept: \"quầy giữ bản sao\", ", "");
        assert_ne!(roll, forgetful);
        let said = faults("receipt_roll.typ", &forgetful);
        assert!(said.len() == 1 && said[0].contains("copy_kept"), "{said:?}");
        // A letter that no font has, and a mistake in what the forms share.
        let said = faults(
            "waiting_slip.typ",
            "#set document(title: \"x\")\n#set text(font: \"Tinos\", fallback: false)\n👶",
        );
        assert!(said.len() == 1 && said[0].contains("U+1F476"), "{said:?}");
        let said = faults("office.typ", "#let official = 1");
        assert!(!said.is_empty(), "every form leans on it");
    }
}
