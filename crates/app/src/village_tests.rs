//! What belongs to a day hangs on the order of the books alone, all of it is told, and the documents are what PROTOCOL says.

use super::*;
use domain::ids::ProcedureCode;
use seal::keys::SigningKey;
use seal::signed::Signed;
use store::outbox::Chain;
use store::tables::item::NewItem;

const MORNING: &str = "2026-11-24T00:05:00Z";
/// Where a laptop's clock stands whose battery is dead.
const DEAD_BATTERY: &str = "2009-01-01T00:00:00Z";

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn id(last: u8) -> Uuid {
    let mut bytes = [0; 16];
    bytes[6] = 0x40;
    bytes[8] = 0x80;
    bytes[15] = last;
    Uuid::from_bytes(bytes)
}

fn bundle() -> Bundle {
    Bundle {
        day: id(6),
        counter: DeviceId(id(2)),
        counter_name: "Bộ phận Một cửa phường An Bình, quầy 1".into(),
        made_at: MORNING.parse().unwrap(),
    }
}

fn books() -> (tempfile::TempDir, Outbox) {
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(dir.path()).unwrap();
    (dir, outbox)
}

fn help(outbox: &Outbox, last: u8, at: &str) {
    let row = AssistRow {
        id: id(last),
        at_ms: ms(at),
        who: OperatorId(id(3)),
        kind: AssistKind::Scanned,
        outcome: AssistOutcome::Done,
    };
    assert!(assist::insert(outbox.db(), &row).unwrap());
}

/// One more in the chain of this machine; a withdrawal takes its place there, too.
fn seal(outbox: &Outbox, last: u8, at: &str, takes_back: Option<u8>) {
    let seq = outbox.chain().unwrap().device_seq + 1;
    let chain = Chain {
        device_seq: seq,
        ..Chain::default()
    };
    setting::set(outbox.db(), Name::Chain, &chain).unwrap();
    item::insert(outbox.db(), &new(last, seq, at, takes_back)).unwrap();
}

fn new(last: u8, device_seq: u64, at: &str, takes_back: Option<u8>) -> NewItem<'static> {
    static CODE: std::sync::LazyLock<ProcedureCode> = std::sync::LazyLock::new(|| "1.001193".into());
    NewItem {
        dossier: DossierId(id(last)),
        device_seq,
        receipt_number: "DH-00007-00042-22",
        procedure_code: &CODE,
        envelope: b"envelope",
        manifest_sha256: [last; 32],
        sealed_files: &[],
        sealed_ms: ms(at),
        takes_back: takes_back.map(|of| DossierId(id(of))),
    }
}

fn taken(outbox: &Outbox) -> Taken {
    Taken {
        bundle: bundle(),
        since: Since::now(outbox).unwrap(),
    }
}

fn told(outbox: &Outbox, day: &Taken) -> (Vec<Uuid>, Vec<Uuid>) {
    let report = Report::of(outbox, DeviceId(id(5)), day).unwrap();
    let assists = report.assists.iter().map(|one| one.id).collect();
    (assists, report.dossiers.iter().map(|one| one.dossier.0).collect())
}

#[test]
fn a_clock_that_goes_back_to_2009_takes_nothing_from_the_day_and_adds_nothing() {
    let (_dir, outbox) = books();
    help(&outbox, 10, "2026-11-23T08:00:00Z");
    // The clock once ran ahead: what was done under it is still of before.
    help(&outbox, 11, "2031-01-01T00:00:00Z");
    seal(&outbox, 20, "2031-01-01T00:00:00Z", None);
    let day = taken(&outbox);
    assert_eq!(told(&outbox, &day), (vec![], vec![]));

    help(&outbox, 13, MORNING);
    help(&outbox, 12, DEAD_BATTERY);
    seal(&outbox, 22, DEAD_BATTERY, None);
    seal(&outbox, 23, MORNING, Some(20));
    seal(&outbox, 21, MORNING, None);
    item::insert_carried(outbox.db(), &new(24, 1, MORNING, None), "another").unwrap();
    assert_eq!(
        told(&outbox, &day),
        (vec![id(13), id(12)], vec![id(22), id(21)]),
        "in the order of the books, without a withdrawal and without what is only carried"
    );
    // The control: a clock would have said something else.
    let by_clock = assist::since(outbox.db(), ms(MORNING)).unwrap();
    assert_eq!(
        by_clock.iter().map(|row| row.id).collect::<Vec<_>>(),
        [id(13), id(11)]
    );
}

#[test]
fn an_index_made_again_tells_everything_that_is_in_it() {
    let (_dir, outbox) = books();
    for last in 10..14 {
        help(&outbox, last, MORNING);
    }
    seal(&outbox, 20, MORNING, None);
    let day = taken(&outbox);
    let (_dir, again) = books();
    setting::set(again.db(), Name::Chain, &outbox.chain().unwrap()).unwrap();
    help(&again, 14, DEAD_BATTERY);
    seal(&again, 21, DEAD_BATTERY, None);
    assert_eq!(told(&again, &day), (vec![id(14)], vec![id(21)]));
}

#[test]
fn a_day_of_more_rows_than_a_report_holds_is_told_in_parts_and_whole() {
    let one = ToldAssist {
        id: id(0),
        at_ms: ms(MORNING),
        who: OperatorId(id(3)),
        kind: AssistKind::LookedUp,
        outcome: AssistOutcome::SentElsewhere,
    };
    let dossier = ToldDossier {
        dossier: DossierId(id(1)),
        sealed_ms: ms(MORNING),
    };
    let own = |n: usize| Uuid::from_u128(id(0).as_u128() + u128::try_from(n).unwrap());
    let report = |assists: usize, dossiers: usize| Report {
        day: id(6),
        device: DeviceId(id(5)),
        assists: (0..assists).map(|n| ToldAssist { id: own(n), ..one }).collect(),
        dossiers: (0..dossiers)
            .map(|n| ToldDossier {
                dossier: DossierId(own(n)),
                ..dossier
            })
            .collect(),
    };
    for (assists, dossiers, parts) in [
        (0, 0, 1),
        (3, ROWS_MAX, 1),
        (ROWS_MAX + 1, 2, 2),
        (2, 2 * ROWS_MAX + 1, 3),
    ] {
        let whole = report(assists, dossiers);
        let told = whole.parts();
        assert_eq!(told.len(), parts, "{assists} {dossiers}");
        assert!(told.iter().all(Report::fits), "a reader refuses a part");
        let assists: Vec<_> = told.iter().flat_map(|part| part.assists.clone()).collect();
        let dossiers: Vec<_> = told.iter().flat_map(|part| part.dossiers.clone()).collect();
        assert_eq!(
            (assists, dossiers),
            (whole.assists.clone(), whole.dossiers.clone())
        );
        let names: std::collections::BTreeSet<_> = (0..parts).map(|part| whole.file(part)).collect();
        assert_eq!(names.len(), parts, "a part takes another's place: {names:?}");
    }
    let key = SigningKey::from_seed(&[4; 32]);
    let full = report(ROWS_MAX, ROWS_MAX);
    let signed = Signed::seal(&key, Context::VillageReport, &full).unwrap();
    let bytes = serde_json::to_vec(&signed).unwrap().len();
    assert!(
        bytes + 4096 < REPORT_BYTES_MAX,
        "a full report is too long to be read: {bytes}"
    );
    assert!(!report(ROWS_MAX + 1, 0).fits(), "the control");
}

#[test]
fn the_counter_puts_what_it_is_told_into_the_time_that_it_can_have_been() {
    let (made, now) = (ms(MORNING), ms("2026-11-24T10:00:00Z"));
    for (told, counted) in [
        (ms(DEAD_BATTERY), made),
        (ms("2026-11-24T05:00:00Z"), ms("2026-11-24T05:00:00Z")),
        (ms("2031-01-01T00:00:00Z"), now),
    ] {
        assert_eq!(when(told, &bundle(), now), counted);
    }
    assert_eq!(
        when(now, &bundle(), ms(DEAD_BATTERY)),
        made,
        "the counter's own clock is dead"
    );
}

#[test]
fn the_same_report_in_parts_or_twice_counts_each_thing_once() {
    let (_dir, outbox) = books();
    seal(&outbox, 20, MORNING, None);
    let assist = |last| ToldAssist {
        id: id(last),
        at_ms: ms(DEAD_BATTERY),
        who: OperatorId(id(3)),
        kind: AssistKind::Advised,
        outcome: AssistOutcome::Done,
    };
    let report = |assists: &[u8], dossiers: &[u8]| Report {
        day: id(6),
        device: DeviceId(id(5)),
        assists: assists.iter().copied().map(assist).collect(),
        dossiers: dossiers
            .iter()
            .map(|last| ToldDossier {
                dossier: DossierId(id(*last)),
                sealed_ms: ms(DEAD_BATTERY),
            })
            .collect(),
    };
    let mut given = Given {
        bundle: bundle(),
        dossiers: BTreeMap::new(),
    };
    let now = ms("2026-11-24T10:00:00Z");
    for (report, new) in [
        (report(&[10, 11], &[20, 21]), (2, 1)),
        (report(&[11, 12], &[21, 22]), (1, 1)),
        (report(&[10, 11, 12], &[20, 21, 22]), (0, 0)),
    ] {
        let assists = count_assists(&outbox, &bundle(), &report, now).unwrap();
        let dossiers = count_dossiers(&outbox, &mut given, &report, now).unwrap();
        assert_eq!((assists, dossiers), new);
    }
    let counted = assist::since(outbox.db(), ms(MORNING)).unwrap();
    assert_eq!(
        counted.len(),
        3,
        "the clock of 2009 hides them from the counter's days"
    );
    assert!(given.dossiers.values().all(|at_ms| *at_ms == ms(MORNING)));
}

const BEGIN: &str = "<!-- vectors of a day away: begin -->\n```text\n";
const END: &str = "```\n<!-- vectors of a day away: end -->";

fn vectors() -> String {
    let [counter, laptop] = [1, 4].map(|n| SigningKey::from_seed(&[n; 32]));
    let report = Report {
        day: id(6),
        device: DeviceId(id(5)),
        assists: vec![ToldAssist {
            id: id(7),
            at_ms: ms("2026-11-24T02:00:00Z"),
            who: OperatorId(id(3)),
            kind: AssistKind::LookedUp,
            outcome: AssistOutcome::NotFinished,
        }],
        dossiers: vec![ToldDossier {
            dossier: DossierId(id(1)),
            sealed_ms: ms("2026-11-24T03:00:00Z"),
        }],
    };
    let day = Signed::seal(&counter, Context::VillageDay, &bundle()).unwrap();
    let of_day = Signed::seal(&laptop, Context::VillageReport, &report).unwrap();
    let read: Bundle = day.open(&counter.verify_key(), Context::VillageDay).unwrap();
    assert_eq!(read, bundle());
    let read: Report = of_day.open(&laptop.verify_key(), Context::VillageReport).unwrap();
    assert_eq!(read, report);
    let other: Result<Report, _> = of_day.open(&laptop.verify_key(), Context::VillageDay);
    assert!(other.is_err(), "a signature of one kind stands for another");
    let mut out = String::new();
    for (name, signed) in [("day", &day), ("report", &of_day)] {
        let bytes = std::str::from_utf8(&signed.bytes).unwrap();
        let json = serde_json::to_string(signed).unwrap();
        out += &format!("{name}, bytes = {bytes}\n{name}, its document = {json}\n");
    }
    out += &format!(
        "report, the names of its files = {}, {}, …\n",
        report.file(0),
        report.file(1)
    );
    out
}

/// `WRITE_VECTORS=1` writes the block anew; a change of it is a change of the format.
#[test]
fn the_protocols_vectors_of_a_day_are_what_the_program_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PROTOCOL.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the block begins");
    let (written, after) = rest.split_once(END).expect("the block ends");
    let made = vectors();
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, made,
        "docs/PROTOCOL.md does not say what the program does"
    );
}
