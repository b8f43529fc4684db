//! Numbers in Vietnamese words, as registers and receipts write them: "linh" for an empty ten, "mốt", "tư" and
//! "lăm" after a ten.

const DIGITS: [&str; 10] = [
    "không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín",
];
const BILLION: u64 = 1_000_000_000;

fn digit(n: u64) -> &'static str {
    usize::try_from(n)
        .ok()
        .and_then(|n| DIGITS.get(n))
        .copied()
        .unwrap_or("")
}

/// The number in words, small letters: 1,234 is "một nghìn hai trăm ba mươi tư".
#[must_use]
pub fn number_words_vi(number: u64) -> String {
    if number == 0 {
        return digit(0).to_owned();
    }
    let mut said = Vec::new();
    if number >= BILLION {
        said.push(format!("{} tỷ", number_words_vi(number / BILLION)));
    }
    for (unit, name) in [(1_000_000, " triệu"), (1_000, " nghìn"), (1, "")] {
        let group = number % BILLION / unit % 1_000;
        if group > 0 {
            // An empty hundred is said only where something larger stands before it.
            said.push(format!("{}{name}", below_thousand(group, !said.is_empty())));
        }
    }
    said.join(" ")
}

/// An amount of dong, with a capital as receipts begin it: "Tám nghìn đồng".
#[must_use]
pub fn dong_words_vi(dong: u64) -> String {
    let text = format!("{} đồng", number_words_vi(dong));
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn below_thousand(n: u64, within: bool) -> String {
    let (hundreds, rest) = (n / 100, n % 100);
    match (hundreds, rest) {
        (0, rest) if !within => below_hundred(rest),
        (hundreds, 0) => format!("{} trăm", digit(hundreds)),
        (hundreds, rest @ 1..=9) => format!("{} trăm linh {}", digit(hundreds), digit(rest)),
        (hundreds, rest) => format!("{} trăm {}", digit(hundreds), below_hundred(rest)),
    }
}

/// 1 to 99. The unit changes its word after a ten: mốt, tư, lăm.
pub(crate) fn below_hundred(n: u64) -> String {
    match (n / 10, n % 10) {
        (0, unit) => digit(unit).to_owned(),
        (1, 0) => "mười".to_owned(),
        (1, 5) => "mười lăm".to_owned(),
        (1, unit) => format!("mười {}", digit(unit)),
        (tens, 0) => format!("{} mươi", digit(tens)),
        (tens, 1) => format!("{} mươi mốt", digit(tens)),
        (tens, 4) => format!("{} mươi tư", digit(tens)),
        (tens, 5) => format!("{} mươi lăm", digit(tens)),
        (tens, unit) => format!("{} mươi {}", digit(tens), digit(unit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        for (number, words) in [
            (0, "không"),
            (1, "một"),
            (4, "bốn"),
            (5, "năm"),
            (10, "mười"),
            (11, "mười một"),
            (14, "mười bốn"),
            (15, "mười lăm"),
            (20, "hai mươi"),
            (21, "hai mươi mốt"),
            (24, "hai mươi tư"),
            (25, "hai mươi lăm"),
            (34, "ba mươi tư"),
            (91, "chín mươi mốt"),
            (100, "một trăm"),
            (101, "một trăm linh một"),
            (104, "một trăm linh bốn"),
            (105, "một trăm linh năm"),
            (110, "một trăm mười"),
            (111, "một trăm mười một"),
            (115, "một trăm mười lăm"),
            (121, "một trăm hai mươi mốt"),
            (155, "một trăm năm mươi lăm"),
            (1_000, "một nghìn"),
            (1_001, "một nghìn không trăm linh một"),
            (1_015, "một nghìn không trăm mười lăm"),
            (1_100, "một nghìn một trăm"),
            (2_026, "hai nghìn không trăm hai mươi sáu"),
            (8_000, "tám nghìn"),
            (10_000, "mười nghìn"),
            (21_005, "hai mươi mốt nghìn không trăm linh năm"),
            (105_000, "một trăm linh năm nghìn"),
            (150_000, "một trăm năm mươi nghìn"),
            (200_000, "hai trăm nghìn"),
            (1_000_000, "một triệu"),
            (1_000_005, "một triệu không trăm linh năm"),
            (1_050_000, "một triệu không trăm năm mươi nghìn"),
            (
                1_234_567,
                "một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi bảy",
            ),
            (54_321_000, "năm mươi tư triệu ba trăm hai mươi mốt nghìn"),
            (1_000_000_000, "một tỷ"),
            (2_015_000_000, "hai tỷ không trăm mười lăm triệu"),
            (1_000_000_000_000, "một nghìn tỷ"),
        ] {
            assert_eq!(number_words_vi(number), words, "{number}");
        }
        assert_eq!(dong_words_vi(8_000), "Tám nghìn đồng");
        assert_eq!(dong_words_vi(0), "Không đồng");
    }

    #[test]
    fn no_number_is_without_words() {
        for number in (0..3_000).chain([u64::MAX, u64::MAX / 7]) {
            let words = number_words_vi(number);
            assert!(!words.is_empty() && !words.contains("  "), "{number}: {words:?}");
        }
    }
}
