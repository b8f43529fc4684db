//! Every failure there is, one line each: its sentence in both languages, its layer, its press. The same lines are what the
//! windows' test renders (`ui/src/fixtures/failures.ts`); `UPDATE_BINDINGS=1` renews them.

use super::*;
use domain::delivery::UnknownAnswer;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use sync::Scope;

/// All of a closed list. Whoever adds a variant adds its line, or this does not compile.
macro_rules! every {
    ($name:ident: $type:ty = $($pattern:pat => $values:expr;)*) => {
        fn $name() -> Vec<$type> {
            let _named = |one: $type| match one { $($pattern => (),)* };
            [$(Vec::from($values)),*].concat()
        }
    };
}

every!(held: HeldReason =
    HeldReason::FormRefused => [HeldReason::FormRefused];
    HeldReason::TooLarge => [HeldReason::TooLarge];
    HeldReason::Fork => [HeldReason::Fork];
    HeldReason::CatalogueUnknown => [HeldReason::CatalogueUnknown];
    HeldReason::DamagedOnTheWay => [HeldReason::DamagedOnTheWay];
    HeldReason::UnknownAnswer => [HeldReason::UnknownAnswer];
    HeldReason::ConsentWithdrawn => [HeldReason::ConsentWithdrawn];
    HeldReason::WithdrawalTooLate => [HeldReason::WithdrawalTooLate];
    HeldReason::NotThisCounters => [HeldReason::NotThisCounters];
);

every!(set_aside: QuarantineReason =
    QuarantineReason::FileDamaged => [QuarantineReason::FileDamaged];
    QuarantineReason::CrashedTwice => [QuarantineReason::CrashedTwice];
);

every!(failures: Failure =
    Failure::Network => [Failure::Network];
    Failure::Slow => [Failure::Slow];
    Failure::NotTheService => [Failure::NotTheService];
    Failure::Certificate => [Failure::Certificate];
    Failure::Server { .. } => [Failure::Server { retry_after: None }];
    Failure::Unknown(_) => [Failure::Unknown(UnknownAnswer { status: 418 })];
    Failure::Resume => [Failure::Resume];
    Failure::Damaged => [Failure::Damaged];
    Failure::Session => [Failure::Session];
    Failure::Held(_) => held().into_iter().map(Failure::Held).collect::<Vec<_>>();
    Failure::DeviceRefused => [Failure::DeviceRefused];
    Failure::EnrolCode => [Failure::EnrolCode];
    Failure::Local(_) => set_aside().into_iter().map(Failure::Local).collect::<Vec<_>>();
    Failure::DiskFull => [Failure::DiskFull];
    Failure::Disk => [Failure::Disk];
    Failure::Stopped => [Failure::Stopped];
);

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Line {
    name: String,
    /// It stops this dossier; everything else stops the link and stands above the list.
    item: bool,
    /// The dossier's state with it.
    delivery: Delivery,
    problem: Problem,
    next: NextStep,
}

fn line(failure: Failure) -> Line {
    let (delivery, why) = match failure {
        Failure::Held(reason) => (Delivery::Held { reason }, format!("/{reason:?}")),
        Failure::Local(reason) => (Delivery::Quarantined { reason }, format!("/{reason:?}")),
        _ => (Delivery::Sealed, String::new()),
    };
    Line {
        name: format!("{}{why}", failure.as_str()),
        item: failure.scope() == Scope::Item,
        delivery,
        problem: failure.into(),
        next: next_step(failure),
    }
}

/// How the sentence has to name the press, in each language.
fn named(next: NextStep) -> (&'static [&'static str], &'static [&'static str]) {
    match next {
        NextStep::ByItself => (&["máy tự", "tự gửi"], &["by itself", "by themselves"]),
        NextStep::SendNow => (&["“gửi ngay”"], &["“send now”"]),
        NextStep::SendAgain => (&["“gửi lại”"], &["“send again”"]),
        NextStep::CopyToStick => (&["chép ra usb"], &["copy to a stick"]),
        NextStep::Call => (&["xin gọi tỉnh"], &["call the province"]),
        NextStep::NewCode => (&["cấp mã mới"], &["ask the province for a new one"]),
        NextStep::Nothing => (
            &["không cần làm gì", "không ai giải quyết"],
            &["nothing to do", "nobody handles"],
        ),
    }
}

/// A press that the sentence speaks of stands beside it.
const PRESSES: [(NextStep, &str); 3] = [
    (NextStep::SendNow, "gửi ngay"),
    (NextStep::SendAgain, "“gửi lại”"),
    (NextStep::CopyToStick, "chép ra usb"),
];

/// What failed, by name: people mend what is named. Nothing failed where the owner took it back.
fn layer(layer: Layer) -> (&'static str, &'static str) {
    match layer {
        Layer::Network => ("mạng", "network"),
        Layer::Certificate => ("chứng thư", "certificate"),
        Layer::Service => ("tỉnh", "province"),
        Layer::Disk => ("đĩa", "disk"),
        Layer::Program => ("chương trình", "program"),
        Layer::Form => ("hồ sơ", "dossier"),
        other => panic!("{other:?} does not lie on the way to the province"),
    }
}

/// How a sentence and the press beside it can differ.
pub(crate) fn differs(words: &Words, next: NextStep) -> Option<&'static str> {
    let (vi, en) = (words.vi.to_lowercase(), words.en.to_lowercase());
    let (next_vi, next_en) = named(next);
    if !next_vi.iter().any(|part| vi.contains(part)) || !next_en.iter().any(|part| en.contains(part)) {
        return Some("names no next step");
    }
    let other = PRESSES
        .iter()
        .any(|(press, part)| *press != next && vi.contains(part));
    other.then_some("names a press that is not there")
}

fn faults(table: &[Line]) -> Vec<String> {
    let mut out = Vec::new();
    let mut seen = BTreeMap::new();
    for one in table {
        let words = &one.problem.words;
        let (vi, en) = (words.vi.to_lowercase(), words.en.to_lowercase());
        let mut fault = |what: &str| out.push(format!("{}: {what}: {} / {}", one.name, words.vi, words.en));
        if !vi.ends_with('.') || !en.ends_with('.') {
            fault("no whole sentence");
        }
        if vi.chars().count() > 160 || en.chars().count() > 240 {
            fault("too long to be read at a glance");
        }
        let (layer_vi, layer_en) = layer(one.problem.layer);
        if !vi.contains(layer_vi) || !en.contains(layer_en) {
            fault("names no layer");
        }
        if let Some(what) = differs(words, one.next) {
            fault(what);
        }
        for words in [vi, en] {
            if let Some(other) = seen.insert(words, &one.name) {
                fault(&format!("the same sentence as {other}"));
            }
        }
    }
    out
}

/// Where an item can stand.
pub(crate) fn every_delivery() -> Vec<Delivery> {
    let at = domain::delivery::Watermark { epoch: 1, lsn: 5 };
    let mut all = vec![
        Delivery::Sealed,
        Delivery::Registered,
        Delivery::Received { at },
        Delivery::Durable { at },
        Delivery::Purged { at },
    ];
    all.extend(held().into_iter().map(|reason| Delivery::Held { reason }));
    all.extend(
        set_aside()
            .into_iter()
            .map(|reason| Delivery::Quarantined { reason }),
    );
    all
}

fn table() -> Vec<Line> {
    failures().into_iter().map(line).collect()
}

#[test]
fn every_failure_has_its_own_sentence_its_layer_and_its_press() {
    assert_eq!(faults(&table()), Vec::<String>::new());
}

#[test]
fn the_table_finds_what_is_wrong_with_a_line() {
    let spoilt = |spoil: fn(&mut Line)| {
        let mut lines = table();
        let cut_off = lines.iter_mut().find(|one| one.name == "resume");
        spoil(cut_off.expect("the line of what was cut off"));
        faults(&lines).join("\n")
    };
    let network = |one: &mut Line| one.problem = Problem::from(Failure::Network);
    assert!(spoilt(network).contains("the same sentence as network"));
    assert!(spoilt(|one| one.next = NextStep::SendNow).contains("names no next step"));
    assert!(spoilt(|one| one.problem.layer = Layer::Disk).contains("names no layer"));
    assert!(
        spoilt(|one| one.problem.words.vi.push_str(" Bấm “Gửi lại”.")).contains("a press that is not there")
    );
    assert!(spoilt(|one| one.problem.words.en.clear()).contains("no whole sentence"));
    assert!(spoilt(|one| one.problem.words.vi = "Mạng đứt. ".repeat(20)).contains("at a glance"));
}

/// Where the machine is not enrolled yet, no sentence speaks of dossiers or of a press that the page has not.
#[test]
fn at_the_enrolment_the_page_itself_is_the_press() {
    for failure in failures() {
        let words = at_enrolment(failure).words;
        let vi = words.vi.to_lowercase();
        let elsewhere = ["gửi ngay", "gửi lại", "chép ra usb", "tự gửi"];
        assert!(
            !elsewhere.iter().any(|part| vi.contains(part)),
            "{failure:?}: {vi}"
        );
        let next = ["bấm lại", "xin gọi", "gõ mã đó"];
        assert!(next.iter().any(|part| vi.contains(part)), "{failure:?}: {vi}");
        assert!(words.en.ends_with('.') && words.vi.ends_with('.'), "{failure:?}");
    }
    let there = Problem::from(Failure::Network).words;
    assert_ne!(at_enrolment(Failure::Network).words, there, "the control");
}

/// A dossier's own failure is told beside it, from its state or from the word in its row.
#[test]
fn what_stops_a_dossier_is_read_back_from_its_row() {
    for failure in failures().into_iter().filter(|one| one.scope() == Scope::Item) {
        let by_word = Failure::of_waiting_row(failure.as_str());
        let read = of_state(&line(failure).delivery).or(by_word);
        assert_eq!(read, Some(failure));
    }
    assert_eq!(of_state(&Delivery::Sealed), None);
}

#[test]
fn the_windows_are_tested_with_these_very_lines() {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/fixtures/failures.ts");
    let lines: Vec<String> = table()
        .iter()
        .map(|one| format!("  {},\n", serde_json::to_string(one).expect("plain values")))
        .collect();
    let fresh = format!(
        "// Every failure on the way to the province, as Rust words it. Written by `crates/app/src/trouble_tests.rs`; do not edit.\n\n\
         import type {{ Delivery, NextStep, Problem }} from \"../backend/types\";\n\n\
         export const failures: {{ name: string; item: boolean; delivery: Delivery; problem: Problem; next: NextStep }}[] = [\n{}];\n",
        lines.concat()
    );
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&at, &fresh).expect("the fixture is written");
    }
    let stored = std::fs::read_to_string(&at).unwrap_or_default();
    assert!(stored == fresh, "stale: run with UPDATE_BINDINGS=1");
}
