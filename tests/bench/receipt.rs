//! A receipt from its content to the finished PDF/A, after a warm start, against the same sheet's picture.

use crate::sides::{Figure, Gate, timed};
use domain::ids::{DeviceNo, DossierId};
use domain::receipt::{OriginalPlace, PaperMark, ReceiptContent, ReceiptPaperLine};
use domain::receipt_number::ReceiptNumber;
use jiff::Timestamp;
use jiff::civil::date;
use paper::{ReceiptSize, Templates, draw_receipt};
use std::hint::black_box;

/// Receipts in one measurement.
const RECEIPTS: u32 = 5;

fn content(count: u32) -> anyhow::Result<ReceiptContent> {
    let line = |name: &str| ReceiptPaperLine {
        name: name.into(),
        count: 1,
        mark: PaperMark::Original,
        original: OriginalPlace::Returned,
    };
    let number = ReceiptNumber::new(DeviceNo(1), count)?;
    Ok(ReceiptContent {
        dossier: DossierId(seal::random::uuid()?),
        number,
        procedure_code: "1.001193".into(),
        procedure_name: "Đăng ký khai sinh".into(),
        counter_name: "Quầy 3, xã Hòa Bình Đông".into(),
        counter_phone: Some("0229 399 1022".into()),
        sealed_on: date(2026, 11, 22),
        sealed_at_time: "09:12".into(),
        papers: vec![
            line("Giấy chứng sinh"),
            line("Giấy chứng nhận kết hôn của cha mẹ"),
        ],
        working_days: Some(1),
        calendar_days: None,
        fee_line: Some("Không mất tiền".into()),
        come_back_on: date(2026, 11, 25),
        lookup_url: format!("HTTPS://TRACUU.TINH.EXAMPLE/T/{number}"),
        lookup_site: "tracuu.tinh.example".into(),
        secret: "482913".into(),
        proof: Some(format!("VN1:{count:05}{}", "6BF+70790T9WJWG.FKY*4GO0".repeat(8))),
        copy_no: 0,
        assisted_by: "cán bộ một cửa".into(),
        consent_line: "Người dân đã đồng ý".into(),
        practice: vec!["Vào dichvucong.gov.vn, đăng nhập bằng VNeID.".into()],
        practice_next: Some(0),
        event: None,
        together: vec![],
    })
}

/// Every receipt is another dossier's, so that nothing is remembered from the one before but the template.
pub fn receipt_to_pdf(rounds: usize) -> anyhow::Result<Figure> {
    let templates = Templates::built_in();
    let mut count = 0;
    let mut next = || {
        count += 1;
        content(count)
    };
    let warm = draw_receipt(&templates, &next()?, ReceiptSize::A5, Timestamp::UNIX_EPOCH)?;
    let ours = || {
        timed(|| {
            for _ in 0..RECEIPTS {
                black_box(draw_receipt(
                    &templates,
                    &next()?,
                    ReceiptSize::A5,
                    Timestamp::UNIX_EPOCH,
                )?);
            }
            Ok(())
        })
        .map(|t| t / RECEIPTS)
    };
    let other = || timed(|| Ok(black_box(warm.png()?)));
    Figure::measure(
        ("receipt to PDF, warm (target 30 ms)", Gate::None),
        ("an A5 receipt, laid out and written as PDF/A-2b", ours),
        ("the same sheet drawn as a picture at 150 dpi", other),
        rounds,
    )
}
