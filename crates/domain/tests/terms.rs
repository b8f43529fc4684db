//! What the published procedure states: papers, fee, time, deadline, sources, and the lists behind it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::{TODAY, anna, at, facts, fill, keeps, lists, procedure, shown, text};
use domain::interview::{Facts, view};
use domain::procedure::{Channel, ListName, Route};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn papers_follow_the_case() {
    let procedure = procedure();
    let need = |entries: &[(&str, &str)]| -> BTreeSet<String> {
        let entries: Vec<_> = entries.iter().map(|(q, v)| ((*q).into(), text(v))).collect();
        let answers = fill(&procedure, &entries, keeps);
        let files = BTreeMap::new();
        let now = view(&procedure, &answers, &facts(&files));
        now.papers
            .into_iter()
            .filter(|p| p.required && p.min_files > 0)
            .map(|p| p.id.0)
            .collect()
    };
    let check = |entries: &[(&str, &str)], wanted: &[&str]| {
        assert_eq!(
            need(entries),
            wanted.iter().map(|w| (*w).to_owned()).collect(),
            "{entries:?}"
        );
    };
    check(&[("birth_proof", "paper")], &["birth_certificate_hospital"]);
    check(&[("birth_proof", "electronic")], &[]);
    check(&[("birth_proof", "witness")], &["witness_statement"]);
    check(&[("birth_proof", "undertaking")], &["birth_undertaking"]);
    check(
        &[("special_case", "abandoned"), ("birth_proof", "paper")],
        &["abandonment_record"],
    );
    check(
        &[("special_case", "surrogacy"), ("birth_proof", "paper")],
        &["birth_certificate_hospital", "surrogacy_confirmation"],
    );
    let other = ("requester_relation", "other");
    check(
        &[
            other,
            ("requester_capacity", "agent"),
            ("birth_proof", "electronic"),
        ],
        &["authorisation_certified"],
    );
    check(
        &[
            other,
            ("requester_capacity", "agent_close"),
            ("birth_proof", "electronic"),
        ],
        &["authorisation_plain"],
    );
    check(
        &[
            other,
            ("requester_capacity", "relative"),
            ("birth_proof", "electronic"),
        ],
        &[],
    );
    check(
        &[
            ("requester_relation", "mother"),
            ("requester_capacity", "agent"),
            ("birth_proof", "electronic"),
        ],
        &[],
    );
}

#[test]
fn fee_time_and_cutoff() {
    let (procedure, anna) = (procedure(), anna());
    let answers = fill(&procedure, &anna.answers, keeps);
    let base = facts(&anna.files);
    let now = view(&procedure, &answers, &base);
    assert_eq!(
        (now.fee_dong, now.working_days),
        (Some(16_000), Some(1)),
        "free, and two copies"
    );
    let undecided = view(
        &procedure,
        &answers,
        &Facts {
            channel: None,
            ..base
        },
    );
    assert_eq!(undecided.fee_dong, Some(16_000), "all channels agree");
    assert_eq!(undecided.channels.len(), 3);
    for (hour, minute, next_day) in [(14, 59, false), (15, 0, false), (15, 1, true), (16, 30, true)] {
        let then = view(
            &procedure,
            &answers,
            &Facts {
                now_time: at(hour, minute),
                ..base
            },
        );
        assert_eq!(then.received_next_day, next_day, "{hour}:{minute}");
    }
    let mut late = answers.clone();
    keeps(
        &procedure,
        &mut late,
        &"child_birth_date".into(),
        &text("1/1/2026"),
    );
    let late = view(&procedure, &late, &base);
    assert_eq!(late.fee_dong, None, "a late fee is the province's: not asserted");
    assert_eq!(
        late.fee_lines.last().unwrap().dong,
        Some(16_000),
        "the copies' fee is known all the same"
    );
}

#[test]
fn sixty_days_are_counted_from_the_birth() {
    let procedure = procedure();
    let files = BTreeMap::new();
    for (born, left, passed, near, kind) in [
        ("22/11/2026", 60, false, false, "on_time"),
        ("1/10/2026", 8, false, false, "on_time"),
        ("30/9/2026", 7, false, true, "on_time"),
        ("23/9/2026", 0, false, true, "on_time"),
        ("22/9/2026", -1, true, false, "late"),
    ] {
        let answers = fill(&procedure, &[("child_birth_date".into(), text(born))], keeps);
        let now = view(&procedure, &answers, &facts(&files));
        let deadline = now.deadline.clone().unwrap();
        assert_eq!(
            (deadline.days_left, deadline.passed, deadline.near),
            (left, passed, near),
            "{born}"
        );
        let suggested = shown(&now, "registration_type").unwrap();
        assert_eq!(suggested.value.as_ref().unwrap().as_str(), Some(kind), "{born}");
        assert_eq!(
            suggested.review, passed,
            "a late registration is looked at by a person"
        );
    }
}

#[test]
fn what_is_only_remembered_is_not_shown_as_law() {
    let procedure = procedure();
    let route = procedure.route_rule_on(TODAY).unwrap();
    assert_eq!(route.route, Route::Provincial);
    assert!(procedure.law(&route.source).is_none(), "the route is from memory");
    let stated = procedure
        .papers
        .iter()
        .map(|p| &p.source)
        .chain(procedure.channels.iter().map(|c| &c.source));
    for source in stated.chain(procedure.deadline.iter().map(|d| &d.source)) {
        assert!(procedure.law(source).is_some(), "{}", source.0);
    }
    assert!(
        procedure
            .channels
            .iter()
            .all(|rule| rule.channel != Channel::Online || rule.note.is_some())
    );
}

#[test]
fn the_lists_are_whole() {
    let units = &lists().units;
    assert_eq!((units.provinces().count(), units.commune_count()), (34, 3321));
    let found = units.search("muong cha", Some("11"), 5);
    assert_eq!(
        found.first().map(|c| (c.code.as_str(), c.full_name.as_str())),
        Some(("03166", "Xã Mường Chà"))
    );
    let kinds = ["Phường ", "Xã ", "Đặc khu "];
    assert!(
        units
            .provinces()
            .flat_map(|p| units.communes_of(&p.code))
            .all(|c| kinds.iter().any(|k| c.full_name.starts_with(k)))
    );
    let relation = |code| {
        lists()
            .label(ListName::HouseholdRelations, code)
            .map(|words| words.vi.as_str())
    };
    assert_eq!(
        [relation("con_de"), relation("khac"), relation("nobody")],
        [Some("Con đẻ"), Some("Quan hệ khác"), None]
    );
    assert!(lists().is_birth_place("011") && lists().is_birth_place("101") && !lists().is_birth_place("097"));
}
