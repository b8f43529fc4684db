//! Whatever comes down the line, the counter goes on with what it holds.

use super::*;
use ::catalogue::Parts;
use domain::ids::{DossierId, ProcedureCode};
use seal::keys::SigningKey;
use store::tables::draft::DraftBody;

const BIRTH: &str = "procedures/1.001193.json";

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-25T02:00:00Z")
}

struct Counter {
    dir: tempfile::TempDir,
    outbox: Mutex<Outbox>,
}

impl Counter {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Mutex::new(Outbox::open(dir.path()).unwrap());
        Self { dir, outbox }
    }

    /// As the program opens it: everything anew from the disk.
    fn shelf(&self) -> Shelf {
        Shelf::open(self.dir.path(), &locked(&self.outbox), Some(&key().verify_key())).unwrap()
    }

    fn take(&self, shelf: &Shelf, bytes: &[u8]) -> Result<(), ProblemCode> {
        shelf.take(&self.outbox, &key().verify_key(), bytes, now())
    }
}

/// The built-in files with another name for the birth registration.
fn parts(name: &str) -> Parts {
    let mut parts = built_in::parts();
    let text = std::str::from_utf8(parts.get(BIRTH).unwrap()).unwrap().to_owned();
    parts.put(BIRTH, text.replacen("Đăng ký khai sinh", name, 1).into_bytes());
    parts
}

fn signed(version: u64, parts: Parts) -> Vec<u8> {
    let times = (at("2026-11-01T00:00:00Z"), at("2027-05-01T00:00:00Z"));
    Bundle::sign(parts, version, times, &key())
        .unwrap()
        .to_bytes()
        .unwrap()
}

fn name_of(catalogue: &Catalogue) -> String {
    let code = ProcedureCode::from("1.001193");
    catalogue.offered(&code).unwrap().procedure.name.vi.clone()
}

fn draft(catalogue: &Catalogue) -> DraftRow {
    let code = ProcedureCode::from("1.001193");
    let entry = catalogue.get(&code).unwrap();
    DraftRow {
        dossier: DossierId(seal::random::uuid().unwrap()),
        procedure_code: code,
        procedure_version: entry.procedure.version.clone(),
        procedure_sha256: HEXLOWER.encode(&entry.sha256),
        catalogue_sha256: HEXLOWER.encode(&catalogue.sha256),
        body: DraftBody::default(),
        sealed: false,
        started_ms: 0,
        saved_ms: 0,
    }
}

#[test]
fn what_the_province_publishes_is_used_and_is_there_after_a_restart() {
    let counter = Counter::new();
    let shelf = counter.shelf();
    assert_eq!(shelf.view(now()).source, CatalogueSource::BuiltIn);
    counter
        .take(&shelf, &signed(1, parts("Khai sinh, bản 1")))
        .unwrap();
    assert_eq!(name_of(&shelf.current()), "Khai sinh, bản 1");
    let shelf = counter.shelf();
    assert_eq!(name_of(&shelf.current()), "Khai sinh, bản 1");
    let view = shelf.view(now());
    assert_eq!(
        (view.version, view.source, view.expired),
        (1, CatalogueSource::Province, false)
    );
    assert_eq!(view.expires_on.as_deref(), Some("01/05/2027"));
    assert!(view.trouble.is_none());
}

#[test]
fn nothing_bad_is_taken_and_the_counter_goes_on_with_what_it_holds() {
    let counter = Counter::new();
    let shelf = counter.shelf();
    counter.take(&shelf, &signed(5, parts("Bản 5"))).unwrap();
    let good = signed(6, parts("Bản 6"));
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let other = SigningKey::from_seed(&[9; 32]);
    let times = (at("2026-11-01T00:00:00Z"), at("2027-05-01T00:00:00Z"));
    let stranger = Bundle::sign(parts("x"), 7, times, &other)
        .unwrap()
        .to_bytes()
        .unwrap();
    let times = (at("2026-10-01T00:00:00Z"), at("2026-11-25T01:59:59Z"));
    let stale = Bundle::sign(parts("x"), 7, times, &key())
        .unwrap()
        .to_bytes()
        .unwrap();
    let broken = |from: &str, to: &str| {
        let mut parts = built_in::parts();
        let text = String::from_utf8(parts.get(BIRTH).unwrap().to_vec()).unwrap();
        assert!(text.contains(from));
        parts.put(BIRTH, text.replacen(from, to, 1).into_bytes());
        signed(7, parts)
    };
    let mut twice = built_in::parts();
    let birth = twice.get(BIRTH).unwrap().to_vec();
    twice.put("procedures/again.json", birth);
    let cases: Vec<(&str, Vec<u8>, ProblemCode)> = vec![
        ("one flipped bit", flipped, ProblemCode::CatalogueDamaged),
        (
            "cut off",
            good[..good.len() / 2].to_vec(),
            ProblemCode::CatalogueDamaged,
        ),
        (
            "a login page",
            b"<html>Wi-Fi</html>".to_vec(),
            ProblemCode::CatalogueDamaged,
        ),
        ("nothing", Vec::new(), ProblemCode::CatalogueDamaged),
        ("signed by a stranger", stranger, ProblemCode::CatalogueNotSigned),
        ("older", signed(4, parts("Bản 4")), ProblemCode::CatalogueOlder),
        (
            "the same number, another content",
            signed(5, parts("Bản 5b")),
            ProblemCode::CatalogueOlder,
        ),
        ("expired before it came", stale, ProblemCode::CatalogueExpired),
        (
            "an unknown field",
            broken("\"result_code\"", "\"result_kode\""),
            ProblemCode::CatalogueFaulty,
        ),
        (
            "a condition on no question",
            broken("\"from\": \"child_birth_date\"", "\"from\": \"nobody\""),
            ProblemCode::CatalogueFaulty,
        ),
        (
            "a loop between conditions",
            broken(
                "\"id\": \"child_name\",",
                "\"id\": \"child_name\", \"when\": {\"answered\": \"child_name\"},",
            ),
            ProblemCode::CatalogueFaulty,
        ),
        (
            "an expression without end",
            broken(
                "\"id\": \"child_name\",",
                &format!(
                    "\"id\": \"child_name\", \"when\": {}{{\"answered\": \"child_sex\"}}{},",
                    "{\"not\": ".repeat(60),
                    "}".repeat(60)
                ),
            ),
            ProblemCode::CatalogueFaulty,
        ),
        (
            "a code that stands twice",
            signed(7, twice),
            ProblemCode::CatalogueFaulty,
        ),
    ];
    for (what, bytes, code) in cases {
        let refused = counter.take(&shelf, &bytes).unwrap_err();
        // A flipped bit may hit the deflated text so that another check notices first.
        let alike = what == "one flipped bit" && refused == ProblemCode::CatalogueNotSigned;
        assert!(refused == code || alike, "{what}: {refused:?}");
        assert_eq!(name_of(&shelf.current()), "Bản 5", "{what}");
        assert_eq!(
            name_of(&counter.shelf().current()),
            "Bản 5",
            "{what}, after a restart"
        );
    }
    counter.take(&shelf, &good).unwrap();
    assert_eq!(name_of(&shelf.current()), "Bản 6");
    assert!(
        counter.take(&shelf, &good).is_ok(),
        "the same again changes nothing"
    );
}

#[test]
fn an_expired_catalogue_goes_on_and_says_so() {
    let counter = Counter::new();
    let shelf = counter.shelf();
    counter.take(&shelf, &signed(1, parts("Bản 1"))).unwrap();
    let later = at("2027-05-02T00:00:00Z");
    assert!(shelf.view(later).expired && !shelf.view(now()).expired);
    assert_eq!(name_of(&counter.shelf().current()), "Bản 1");
}

#[test]
fn a_damaged_file_on_disk_leads_to_the_floor_and_is_taken_anew() {
    let counter = Counter::new();
    let bytes = signed(1, parts("Bản 1"));
    counter.take(&counter.shelf(), &bytes).unwrap();
    let sha256 = counter.shelf().current().sha256;
    BundleFiles::open(counter.dir.path())
        .unwrap()
        .put(&sha256, b"damaged")
        .unwrap();
    let shelf = counter.shelf();
    let view = shelf.view(now());
    assert_eq!(view.source, CatalogueSource::BuiltIn);
    assert_eq!(view.trouble.map(|p| p.code), Some(ProblemCode::CatalogueDamaged));
    counter.take(&shelf, &bytes).unwrap();
    assert_eq!(name_of(&counter.shelf().current()), "Bản 1");
}

#[test]
fn a_draft_stays_on_the_catalogue_that_it_began_on_for_as_long_as_it_is_there() {
    let counter = Counter::new();
    let shelf = counter.shelf();
    counter.take(&shelf, &signed(1, parts("Bản 1"))).unwrap();
    let row = draft(&shelf.current());
    counter.take(&shelf, &signed(2, parts("Bản 2"))).unwrap();
    counter.take(&shelf, &signed(3, parts("Bản 3"))).unwrap();
    assert_eq!(name_of(&shelf.of_draft(&row).unwrap()), "Bản 1");
    let second = shelf.files.clone();
    shelf.keep_for(std::slice::from_ref(&row)).unwrap();
    let shelf = counter.shelf();
    assert_eq!(
        name_of(&shelf.of_draft(&row).unwrap()),
        "Bản 1",
        "after a restart"
    );
    assert_eq!(
        std::fs::read_dir(counter.dir.path().join("catalogue"))
            .unwrap()
            .count(),
        3
    );
    shelf.keep_for(&[]).unwrap();
    assert_eq!(
        std::fs::read_dir(counter.dir.path().join("catalogue"))
            .unwrap()
            .count(),
        2
    );
    assert!(second.holds(&shelf.current().sha256));
    assert_eq!(
        name_of(&shelf.of_draft(&row).unwrap()),
        "Bản 3",
        "its own is gone: it opens all the same"
    );
}

#[test]
fn a_draft_of_before_finds_its_version_by_the_hash_of_its_file() {
    let counter = Counter::new();
    let shelf = counter.shelf();
    let row = DraftRow {
        catalogue_sha256: String::new(),
        ..draft(&shelf.current())
    };
    counter.take(&shelf, &signed(1, parts("Bản 1"))).unwrap();
    assert_eq!(name_of(&shelf.of_draft(&row).unwrap()), "Đăng ký khai sinh");
}
