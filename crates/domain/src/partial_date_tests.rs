//! Dates as they are typed, printed and written in words.

use super::*;

fn check(typed: &str, iso: Result<&str, DateFault>) {
    let read = PartialDate::parse(typed).map(String::from);
    assert_eq!(read.as_deref(), iso.as_ref().copied(), "{typed:?}");
}

#[test]
fn counters_type_dates_in_many_ways() {
    check("5/3/1990", Ok("1990-03-05"));
    check("05031990", Ok("1990-03-05"));
    check("05-03-1990", Ok("1990-03-05"));
    check(" 5. 3. 1990 ", Ok("1990-03-05"));
    check("1990-03-05", Ok("1990-03-05"));
    check("3/1990", Ok("1990-03"));
    check("1990-03", Ok("1990-03"));
    check("1990", Ok("1990"));
    check("29/2/2024", Ok("2024-02-29"));
}

#[test]
fn what_is_no_date_is_said_to_be_none() {
    check("29/2/2025", Err(DateFault::Impossible));
    check("31/4/1990", Err(DateFault::Impossible));
    check("5/13/1990", Err(DateFault::Impossible));
    check("0/3/1990", Err(DateFault::Impossible));
    check("1/1/1690", Err(DateFault::Impossible));
    check("5/3/90", Err(DateFault::Unreadable));
    check("050390", Err(DateFault::Unreadable));
    check("hôm qua", Err(DateFault::Unreadable));
    check("005/3/1990", Err(DateFault::Unreadable));
    check("1/2/3/1990", Err(DateFault::Unreadable));
    check("", Err(DateFault::Unreadable));
    check("+5/3/1990", Err(DateFault::Unreadable));
    check("٥/3/1990", Err(DateFault::Unreadable));
}

#[test]
fn shown_as_written_by_hand() {
    for (iso, shown) in [
        ("1990-03-05", "05/03/1990"),
        ("1990-03", "03/1990"),
        ("1990", "1990"),
    ] {
        let date: PartialDate = iso.parse().unwrap();
        assert_eq!(date.to_string(), shown);
        assert_eq!(serde_json::to_string(&date).unwrap(), format!("\"{iso}\""));
        assert!(
            !format!("{date:?}").contains("1990"),
            "a birth date is not for logs"
        );
    }
    assert!(serde_json::from_str::<PartialDate>("\"1990-13-01\"").is_err());
    assert!(
        serde_json::from_str::<PartialDate>("\"05/03/1990\"").is_err(),
        "files hold the ISO form only"
    );
}

#[test]
fn written_in_words_as_a_register_does() {
    for (iso, words) in [
        (
            "1990-03-05",
            "Ngày mồng năm tháng ba năm một nghìn chín trăm chín mươi",
        ),
        (
            "2026-04-10",
            "Ngày mồng mười tháng tư năm hai nghìn không trăm hai mươi sáu",
        ),
        (
            "2015-12-15",
            "Ngày mười lăm tháng mười hai năm hai nghìn không trăm mười lăm",
        ),
        (
            "2005-11-21",
            "Ngày hai mươi mốt tháng mười một năm hai nghìn không trăm linh năm",
        ),
        (
            "1984-01-31",
            "Ngày ba mươi mốt tháng một năm một nghìn chín trăm tám mươi tư",
        ),
        ("2000-02-24", "Ngày hai mươi tư tháng hai năm hai nghìn"),
        ("1900-10-11", "Ngày mười một tháng mười năm một nghìn chín trăm"),
        ("1955", "Năm một nghìn chín trăm năm mươi lăm"),
        ("1941-05", "Tháng năm năm một nghìn chín trăm bốn mươi mốt"),
    ] {
        assert_eq!(iso.parse::<PartialDate>().unwrap().in_words_vi(), words, "{iso}");
    }
}

#[test]
fn a_partial_date_spans_what_it_can_mean() {
    let year: PartialDate = "2024".parse().unwrap();
    assert_eq!(
        (year.earliest().to_string(), year.latest().to_string()),
        ("2024-01-01".into(), "2024-12-31".into())
    );
    let month: PartialDate = "2024-02".parse().unwrap();
    assert_eq!(month.latest().to_string(), "2024-02-29");
    assert_eq!(month.whole(), None);
}
