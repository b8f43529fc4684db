//! Times of day and amounts of money, as people write them at a counter.
//!
//! **Invariant:** what is read shows back as it was meant; what could mean two things is not read.

/// `HH:MM` of "14:05", "14h05", "14 giờ 5 phút", "14g" or "14h". Digits alone are not a time: 1405 may be a year.
pub(super) fn time(typed: &str) -> Option<String> {
    let typed = typed.to_lowercase();
    let plain = typed.trim_end_matches("phút").trim_end().trim_end_matches('p');
    let (hour, minute) = plain
        .split_once("giờ")
        .or_else(|| plain.split_once([':', 'h', 'g']))?;
    let minute = if minute.trim().is_empty() { "0" } else { minute };
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

fn two_digits(part: &str) -> Option<u8> {
    let part = part.trim();
    let short = (1..=2).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    short.then(|| part.parse().ok()).flatten()
}

/// Dong of "1500000", "1.500.000", "1 500 000 đồng". A dot or comma anywhere but between thousands is not read:
/// "1,5" may be a million and a half.
pub(super) fn dong(typed: &str) -> Option<i64> {
    let typed = typed.to_lowercase();
    let bare = ["đồng", "vnđ", "vnd", "đ"]
        .iter()
        .find_map(|unit| typed.strip_suffix(unit))
        .unwrap_or(&typed);
    let groups: Vec<&str> = bare.trim().split(['.', ',', ' ']).collect();
    let (first, rest) = groups.split_first()?;
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let thousands =
        rest.iter().all(|part| part.len() == 3 && digits(part)) && (rest.is_empty() || first.len() <= 3);
    if digits(first) && thousands {
        groups.concat().parse().ok()
    } else {
        None
    }
}

/// "1.500.000"
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_write_them() {
        for (typed, read) in [
            ("14:05", Some("14:05")),
            ("14h05", Some("14:05")),
            ("4g5", Some("04:05")),
            ("14 giờ 5 phút", Some("14:05")),
            ("23H", Some("23:00")),
            ("0:00", Some("00:00")),
            ("24:00", None),
            ("12:60", None),
            ("1405", None),
            ("14:05:06", None),
            ("-1:00", None),
            ("sáng", None),
            ("", None),
        ] {
            assert_eq!(time(typed).as_deref(), read, "{typed}");
        }
    }

    #[test]
    fn money_as_people_write_it() {
        for (typed, read) in [
            ("1500000", Some(1_500_000)),
            ("1.500.000", Some(1_500_000)),
            ("1,500,000 đ", Some(1_500_000)),
            ("12 000 đồng", Some(12_000)),
            ("0", Some(0)),
            ("1,5", None),
            ("1500.000", None),
            ("1.50.000", None),
            ("-5", None),
            ("1 triệu", None),
            ("99999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(dong(typed), read, "{typed}");
        }
        assert_eq!(
            [grouped(0), grouped(999), grouped(1_500_000), grouped(-12_000)],
            ["0", "999", "1.500.000", "-12.000"]
        );
    }
}
