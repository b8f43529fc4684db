//! How offices write names and dates (Decree 30/2020: the day always in two digits, the month only for 1 and 2).

use crate::partial_date::PartialDate;

/// "ngày 05 tháng 3 năm 1990", as far as the date is known.
#[must_use]
pub fn long_date_vi(date: PartialDate) -> String {
    let month = |m: i8| if m <= 2 { format!("{m:02}") } else { m.to_string() };
    match (date.day(), date.month()) {
        (Some(day), Some(m)) => format!("ngày {day:02} tháng {} năm {}", month(m), date.year()),
        (None, Some(m)) => format!("tháng {} năm {}", month(m), date.year()),
        (_, None) => format!("năm {}", date.year()),
    }
}

/// A name in capitals: every Vietnamese letter in NFC has its capital.
#[must_use]
pub fn name_on_paper(name: &str) -> String {
    name.trim().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_names_as_offices_write_them() {
        for (iso, written) in [
            ("2026-02-05", "ngày 05 tháng 02 năm 2026"),
            ("2026-03-05", "ngày 05 tháng 3 năm 2026"),
            ("2026-11-25", "ngày 25 tháng 11 năm 2026"),
            ("1950-01", "tháng 01 năm 1950"),
            ("1950", "năm 1950"),
        ] {
            assert_eq!(long_date_vi(iso.parse().unwrap()), written);
        }
        assert_eq!(name_on_paper("Y H'Mia Niê Kđăm"), "Y H'MIA NIÊ KĐĂM");
        assert_eq!(name_on_paper(" Nguyễn Thị Phượng "), "NGUYỄN THỊ PHƯỢNG");
    }
}
