//! What a command says: text for a person, or JSON.

use crate::ServiceError;
use crate::admin::table::table;
use crate::admin::{DeviceView, DossierView, SameMatter};
use crate::backup::Made;
use crate::store::audit::Entry;
use domain::sealed_form::SealedForm;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde::Serialize;
use wire::sync::ends_soon;

/// Text for a person, or JSON.
pub(super) struct Said {
    pub text: String,
    pub json: serde_json::Value,
}

impl Said {
    pub fn new(text: impl Into<String>, json: serde_json::Value) -> Self {
        Self {
            text: text.into(),
            json,
        }
    }

    pub fn listing<T: Serialize>(text: String, items: &T) -> Result<Self, ServiceError> {
        Ok(Self {
            text,
            json: value(items)?,
        })
    }
}

pub(super) fn value<T: Serialize>(item: &T) -> Result<serde_json::Value, ServiceError> {
    serde_json::to_value(item).map_err(|_| ServiceError::Damaged("answer"))
}

/// An enum's word as it stands in JSON.
fn word<T: Serialize>(item: &T) -> Result<String, ServiceError> {
    Ok(value(item)?.as_str().unwrap_or_default().to_owned())
}

/// The day on which a certificate ends, with a word where its machine has not asked for a renewed one.
fn certificate_text(ends: Timestamp) -> String {
    let now = Timestamp::now();
    let day = ends.strftime("%d/%m/%Y");
    if ends <= now {
        format!("{day} ĐÃ HẾT HẠN")
    } else if ends_soon(ends, now) {
        format!("{day} SẮP HẾT HẠN")
    } else {
        day.to_string()
    }
}

pub(super) fn devices_text(devices: &[DeviceView]) -> Result<String, ServiceError> {
    let row = |d: &DeviceView| -> Result<Vec<String>, ServiceError> {
        let number = d.number.map_or("-".into(), |n| format!("{n:05}"));
        Ok(vec![
            d.id.to_string(),
            d.frozen_at
                .map_or_else(|| word(&d.state), |_| Ok("ĐĨA BỊ SAO CHÉP".into()))?,
            number,
            word(&d.class)?,
            d.counter_name.clone(),
            d.certificate_ends.map_or("-".into(), certificate_text),
            d.words.join(" · "),
        ])
    };
    let rows = devices.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(table(
        &[
            "MÃ MÁY",
            "TRẠNG THÁI",
            "SỐ",
            "LOẠI",
            "QUẦY",
            "CHỨNG THƯ ĐẾN",
            "SÁU TỪ",
        ],
        &rows,
    ))
}

/// The slips of the dossiers that may be about the same matter.
fn others(dossier: &DossierView) -> String {
    let numbers = dossier.same_matter.iter().map(|o| o.receipt_number.as_str());
    let joined = numbers.collect::<Vec<_>>().join(", ");
    if joined.is_empty() { "-".into() } else { joined }
}

/// The form as it was sealed; where the same matter may lie elsewhere, that is told beside it. For a person it stands
/// last: a form is longer than a screen.
pub(super) fn opened_dossier(form: &SealedForm, same_matter: &[SameMatter]) -> Result<Said, ServiceError> {
    #[derive(Serialize)]
    struct Told<'a> {
        #[serde(flatten)]
        form: &'a SealedForm,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        same_matter: &'a [SameMatter],
    }
    let text = format!("{:#}{}", value(form)?, same_matter_text(same_matter));
    Said::listing(text, &Told { form, same_matter })
}

/// What a clerk is told of it; nothing where there is none.
pub(super) fn same_matter_text(others: &[SameMatter]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let line = |other: &SameMatter| {
        let day = other.registered_at.to_zoned(TimeZone::fixed(offset(7)));
        let day = day.strftime("%d/%m/%Y");
        format!(
            "\n- phiếu {}, {}, tới tỉnh ngày {day}",
            other.receipt_number, other.counter_name
        )
    };
    let lines: String = others.iter().map(line).collect();
    format!(
        "\nViệc này có thể đã được nộp ở máy quầy khác, cho cùng một người:{lines}\nXin xem cả hai trước khi giải quyết. Máy không tự \
         gộp và không tự bỏ hồ sơ nào."
    )
}

/// What a list leaves out, and how to see more of it.
pub(super) fn older_text(older: u32, newest: u32) -> String {
    if older == 0 {
        return String::new();
    }
    let more = newest.saturating_mul(10);
    format!(
        "\nCòn {older} hồ sơ cũ hơn. Xem thêm: dossiers list --newest {more}; theo số phiếu: dossiers find <số phiếu>"
    )
}

pub(super) fn dossiers_text(dossiers: &[DossierView]) -> Result<String, ServiceError> {
    let row = |d: &DossierView| -> Result<Vec<String>, ServiceError> {
        let held = d.files.iter().filter(|f| f.held).count();
        let code = d
            .case
            .official_code
            .as_ref()
            .map_or("-".into(), |c| c.code.clone());
        Ok(vec![
            d.id.to_string(),
            d.receipt_number.clone(),
            d.procedure_code.clone(),
            word(&d.intake)?,
            format!("{held}/{}", d.files.len()),
            d.takes_back
                .map_or_else(|| d.case.status.words().vi, |_| "yêu cầu rút".into()),
            code,
            others(d),
        ])
    };
    let rows = dossiers.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(table(
        &[
            "HỒ SƠ",
            "SỐ PHIẾU",
            "THỦ TỤC",
            "TIẾP NHẬN",
            "TỆP",
            "TRẠNG THÁI",
            "MÃ CHÍNH THỨC",
            "CÓ THỂ TRÙNG VỚI",
        ],
        &rows,
    ))
}

pub(super) fn backup_text(made: &Made) -> String {
    let mended = &made.mended;
    let mut text = format!(
        "Đã sao lưu tới vị trí {} ({} tệp mới). Từ đây các hồ sơ này là bền vững.",
        made.covers.lsn, mended.files_copied
    );
    if mended.put_back > 0 {
        text.push_str(&format!(
            "\nĐã lấy lại {} tệp hỏng từ bản sao lưu.",
            mended.put_back
        ));
    }
    if mended.asked_again > 0 {
        text.push_str(&format!(
            "\n{} hồ sơ có tệp hỏng mà bản sao lưu chưa có: đã hỏi quầy gửi lại.",
            mended.asked_again
        ));
    }
    if !mended.wanted.is_empty() {
        text.push_str(&format!("\nCòn chờ quầy gửi lại {} hồ sơ.", mended.wanted.len()));
    }
    for one in &mended.perhaps_nowhere {
        text.push_str(&format!(
            "\nPhiếu {} ({}): quầy có thể không còn bản này. Nếu không thấy về, xin quét lại giấy tờ.",
            one.receipt_number, one.counter_name
        ));
    }
    text
}

pub(super) fn audit_text(entries: &[Entry]) -> Result<String, ServiceError> {
    let rows = entries
        .iter()
        .map(|e| {
            Ok(vec![
                e.at.to_string(),
                e.who.clone(),
                word(&e.act)?,
                e.on.clone().unwrap_or_default(),
                e.why.clone(),
            ])
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    Ok(table(&["LÚC", "AI", "VIỆC", "HỒ SƠ / MÁY", "LÝ DO"], &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clerk_is_told_by_slip_counter_and_day() {
        assert_eq!(
            same_matter_text(&[]),
            "",
            "nothing is said where there is nothing"
        );
        let other = SameMatter {
            dossier: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
            receipt_number: "DH-00007-00042-22".into(),
            counter_name: "Bộ phận Một cửa xã Mường Lạn, quầy 1".into(),
            // Already the next day at the counter.
            registered_at: "2026-11-21T18:00:00Z".parse().unwrap(),
        };
        assert_eq!(
            same_matter_text(&[other]),
            "\nViệc này có thể đã được nộp ở máy quầy khác, cho cùng một người:\n- phiếu DH-00007-00042-22, Bộ phận Một cửa xã \
             Mường Lạn, quầy 1, tới tỉnh ngày 22/11/2026\nXin xem cả hai trước khi giải quyết. Máy không tự gộp và \
             không tự bỏ hồ sơ nào."
        );
    }
}
