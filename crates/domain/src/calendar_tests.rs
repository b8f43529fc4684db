use super::*;
use jiff::civil::{date, time};
use proptest::prelude::*;

fn calendar() -> WorkCalendar {
    WorkCalendar::from_json(include_str!("../../../assets/holidays.json")).unwrap()
}

fn at(day: Date, hour: i8, minute: i8) -> DateTime {
    day.to_datetime(time(hour, minute, 0, 0))
}

const THREE: Option<Time> = Some(time(15, 0, 0, 0));

#[test]
fn due_days_by_the_table() {
    use Term::{CalendarDays as C, WorkingDays as W};
    let calendar = calendar();
    let table = [
        (
            "the same day",
            at(date(2026, 11, 25), 9, 0),
            W(0),
            THREE,
            date(2026, 11, 25),
            false,
        ),
        (
            "three o'clock sharp still counts",
            at(date(2026, 11, 27), 15, 0),
            W(0),
            THREE,
            date(2026, 11, 27),
            false,
        ),
        (
            "Friday 15:01",
            at(date(2026, 11, 27), 15, 1),
            W(0),
            THREE,
            date(2026, 11, 30),
            false,
        ),
        (
            "Friday 15:01, one day more",
            at(date(2026, 11, 27), 15, 1),
            W(1),
            THREE,
            date(2026, 12, 1),
            false,
        ),
        (
            "Friday 15:01 without the rule",
            at(date(2026, 11, 27), 15, 1),
            W(1),
            None,
            date(2026, 11, 30),
            false,
        ),
        (
            "after closing",
            at(date(2026, 11, 25), 18, 30),
            W(1),
            None,
            date(2026, 11, 27),
            false,
        ),
        (
            "before opening",
            at(date(2026, 11, 25), 6, 0),
            W(1),
            None,
            date(2026, 11, 26),
            false,
        ),
        (
            "Sunday",
            at(date(2026, 11, 29), 9, 0),
            W(1),
            None,
            date(2026, 12, 1),
            false,
        ),
        (
            "the last day before Tết",
            at(date(2026, 2, 13), 9, 0),
            W(1),
            None,
            date(2026, 2, 23),
            false,
        ),
        (
            "late on the last day before Tết",
            at(date(2026, 2, 13), 15, 1),
            W(1),
            THREE,
            date(2026, 2, 24),
            false,
        ),
        (
            "Tết of 2025",
            at(date(2025, 1, 24), 9, 0),
            W(3),
            None,
            date(2025, 2, 5),
            false,
        ),
        (
            "2/1/2026 is off and 10/1 is worked",
            at(date(2025, 12, 31), 9, 0),
            W(6),
            None,
            date(2026, 1, 10),
            false,
        ),
        (
            "received on the make-up Saturday",
            at(date(2026, 1, 10), 9, 0),
            W(0),
            THREE,
            date(2026, 1, 10),
            false,
        ),
        (
            "make-up Saturday 22/8",
            at(date(2026, 8, 21), 9, 0),
            W(1),
            None,
            date(2026, 8, 22),
            false,
        ),
        (
            "31/8 to 2/9 are off",
            at(date(2026, 8, 28), 9, 0),
            W(1),
            None,
            date(2026, 9, 3),
            false,
        ),
        (
            "an ordinary Saturday is not worked",
            at(date(2026, 8, 14), 9, 0),
            W(1),
            None,
            date(2026, 8, 17),
            false,
        ),
        (
            "2/5/2025 is off and 26/4 is worked",
            at(date(2025, 4, 25), 9, 0),
            W(4),
            None,
            date(2025, 5, 5),
            false,
        ),
        (
            "giỗ Tổ on a Sunday: Monday is off",
            at(date(2026, 4, 24), 9, 0),
            W(1),
            None,
            date(2026, 4, 28),
            false,
        ),
        (
            "calendar days",
            at(date(2026, 11, 25), 9, 0),
            C(30),
            None,
            date(2026, 12, 25),
            false,
        ),
        (
            "calendar days ending on a Sunday",
            at(date(2026, 11, 25), 9, 0),
            C(4),
            None,
            date(2026, 11, 30),
            false,
        ),
        (
            "calendar days ending in Tết",
            at(date(2026, 2, 9), 9, 0),
            C(9),
            None,
            date(2026, 2, 23),
            false,
        ),
        (
            "into a year without data",
            at(date(2026, 12, 30), 9, 0),
            W(3),
            None,
            date(2027, 1, 5),
            true,
        ),
        (
            "a year without data",
            at(date(2027, 4, 29), 9, 0),
            W(1),
            None,
            date(2027, 5, 3),
            true,
        ),
    ];
    for (what, received, term, cutoff, day, expected) in table {
        assert_eq!(
            calendar.due(received, term, cutoff),
            Some(DueView { day, expected }),
            "{what}"
        );
    }
}

#[test]
fn a_calendar_file_with_a_mistake_says_where() {
    let file = |off: &str, worked: &str| {
        format!(
            r#"{{"note":"","hours":{{"open":"07:30","close":"17:00"}},"years":{{"2026":{{"source":"x","sure":"V2","off":[{off}],"worked":[{worked}]}}}}}}"#
        )
    };
    let fault = |text: &str| WorkCalendar::from_json(text).unwrap_err();
    assert!(WorkCalendar::from_json(&file("\"2026-01-01\"", "\"2026-01-10\"")).is_ok());
    assert!(
        matches!(fault(&file("\"2025-01-01\"", "")), CalendarFault::Date(2026, _)),
        "another year"
    );
    assert!(
        matches!(fault(&file("", "\"2026-01-09\"")), CalendarFault::Date(2026, _)),
        "a Friday is worked anyway"
    );
    assert!(matches!(
        fault(&file("\"2026-02-30\"", "")),
        CalendarFault::Json(_)
    ));
    assert!(matches!(
        fault(&file("", "").replace("17:00", "06:00")),
        CalendarFault::Hours
    ));
    assert!(matches!(
        fault(&file("", "").replace("\"2026\"", "\"nay\"")),
        CalendarFault::Year(_)
    ));
    assert!(matches!(
        fault(&file("", "").replace("\"off\"", "\"of\"")),
        CalendarFault::Json(_)
    ));
}

#[test]
fn what_is_only_remembered_is_not_promised() {
    let text = include_str!("../../../assets/holidays.json").replace("\"V2\"", "\"M\"");
    let calendar = WorkCalendar::from_json(&text).unwrap();
    let due = calendar
        .due(at(date(2026, 11, 25), 9, 0), Term::WorkingDays(1), None)
        .unwrap();
    assert!(due.expected);
}

fn moments() -> impl Strategy<Value = DateTime> {
    (0..1500_i64, 0..24_i8, 0..60_i8)
        .prop_map(|(days, hour, minute)| at(date(2025, 1, 1).checked_add(days.days()).unwrap(), hour, minute))
}

fn terms() -> impl Strategy<Value = Term> {
    prop_oneof![
        (0..60_u32).prop_map(Term::WorkingDays),
        (0..90_u32).prop_map(Term::CalendarDays)
    ]
}

proptest! {
    #[test]
    fn a_due_day_is_worked_and_not_before_reception(received in moments(), term in terms()) {
        let calendar = calendar();
        let due = calendar.due(received, term, THREE).unwrap();
        prop_assert!(calendar.is_working(due.day));
        prop_assert!(due.day >= received.date());
    }

    #[test]
    fn later_in_is_never_earlier_out(received in moments(), more in 0..2000_i64, term in terms()) {
        let calendar = calendar();
        let later = received.checked_add(more.minutes()).unwrap();
        prop_assert!(calendar.due(received, term, THREE).unwrap().day <= calendar.due(later, term, THREE).unwrap().day);
    }

    #[test]
    fn one_working_day_more_is_the_next_working_day(received in moments(), days in 0..40_u32) {
        let calendar = calendar();
        let due = |days| calendar.due(received, Term::WorkingDays(days), None).unwrap().day;
        prop_assert_eq!(due(days + 1), calendar.next_working(due(days)));
    }
}
