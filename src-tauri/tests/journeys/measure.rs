//! What only real windows can tell: how soon the first picture is there beside an empty window's, and how soon a
//! keystroke is on the citizen's screen beside one frame and beside a bare text. Run by `cargo xtask bench`; prints one
//! JSON array. `DONGHANH_BENCH_ONLY=start|memory|keystroke|case` takes one part alone.

use crate::display::{Display, Owned};
use crate::kiosk::Side;
use crate::record::Record;
use crate::story::{self, Counter};
use crate::{day, memory};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const KEYS: usize = 120;
/// 150 characters a minute.
const PACE: Duration = Duration::from_millis(400);
/// Five minutes from log-in to a successful submission.
const TARGET_S: f64 = 300.0;
/// From sitting down to the first field.
const FIRST_FIELD_S: f64 = 20.0;
/// Long enough for both windows to have painted and settled.
const AT_REST: Duration = Duration::from_secs(8);
const FRAME_MS: f64 = 1000.0 / 60.0;
const PATIENCE: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `cargo xtask bench`, with DONGHANH_BENCH_OUT set"]
async fn measure() {
    let _alone = crate::alone().await;
    let out = std::env::var_os("DONGHANH_BENCH_OUT").expect("DONGHANH_BENCH_OUT names the file");
    let only = std::env::var("DONGHANH_BENCH_ONLY").ok();
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    let mut figures = Vec::new();
    if wanted("start") {
        figures.push(first_picture());
    }
    if wanted("memory") {
        figures.push(memory_of_both());
    }
    if wanted("keystroke") {
        figures.extend(keystroke().await);
    }
    if wanted("case") {
        let case = birth_at_a_persons_pace().await;
        figures.extend([
            five_minutes(case.sealed_s),
            first_field(case.first_field_s),
            day_of_sixty(case.sealed_s),
        ]);
    }
    let figures = Value::from(figures);
    std::fs::write(out, format!("{figures:#}\n")).expect("the figures are written");
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Both programs in turn, each from its start until it has painted, on one display; ours on the data of the start before.
fn first_picture() -> Value {
    let display = Display::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (mut pictures, mut screens, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (picture, screen) = our_start(&display, &folder.path().join("kiosk"));
        let empty = empty_start(&display, folder.path());
        if round > 0 {
            pictures.push(picture);
            screens.push(screen);
            other.push(empty);
        }
    }
    let (picture, screen, other) = (median(pictures), median(screens), median(other));
    json!({
        "name": "start to first picture", "unit": "ms", "rounds": ROUNDS,
        "ours": "both windows with their first screen, databases open", "other": "an empty window of the same shell",
        "ours_value": screen, "something_painted": picture, "other_value": other, "ratio": screen / other,
    })
}

/// The kiosk's program that is started to be measured: of `DONGHANH_BENCH_PROGRAMS` (a folder of an optimised build)
/// where it is set, else the one that the tests use.
fn ours() -> PathBuf {
    match std::env::var_os("DONGHANH_BENCH_PROGRAMS") {
        Some(folder) => Path::new(&folder).join("donghanh"),
        None => PathBuf::from(env!("CARGO_BIN_EXE_donghanh")),
    }
}

/// The other side, of the same build.
fn empty_window(ours: &Path) -> PathBuf {
    ours.with_file_name("examples").join("empty_window")
}

fn program(path: &Path, display: &Display, home: &Path) -> Command {
    let mut command = Command::new(path);
    command
        .env("DISPLAY", &display.name)
        .env("GDK_BACKEND", "x11")
        .env("NO_AT_BRIDGE", "1");
    command
        .env("XDG_DATA_HOME", home.join("share"))
        .env("XDG_CACHE_HOME", home.join("cache"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Until both windows have painted something, and until both show their first screen.
fn our_start(display: &Display, data: &Path) -> (f64, f64) {
    let log = data.join("logs/donghanh.log");
    let _ = std::fs::remove_file(&log);
    let began = Instant::now();
    let mut command = program(&ours(), display, data);
    let _kiosk = Owned(
        command
            .args(["--layout", "desk", "--data"])
            .arg(data)
            .spawn()
            .expect("the kiosk starts"),
    );
    let painted = |what: &str| {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        let of = |window: &str| said.lines().any(|l| l.contains(what) && l.contains(window));
        of("operator") && of("citizen")
    };
    let until = |what: &str| {
        while !painted(what) {
            assert!(began.elapsed() < PATIENCE, "no {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
        began.elapsed().as_secs_f64() * 1000.0
    };
    (until("first picture"), until("first screen"))
}

fn empty_start(display: &Display, home: &Path) -> f64 {
    let path = empty_window(&ours());
    let began = Instant::now();
    let mut window = Owned(
        program(&path, display, home)
            .spawn()
            .expect("built by `cargo build --examples`"),
    );
    while window.0.try_wait().expect("its state").is_none() {
        assert!(began.elapsed() < PATIENCE, "the empty window does not paint");
        std::thread::sleep(Duration::from_millis(2));
    }
    began.elapsed().as_secs_f64() * 1000.0
}

/// Both programs with both windows painted and at rest, each with everything that it started.
fn memory_of_both() -> Value {
    let display = Display::start();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("kiosk");
    let path = ours();
    let mut command = program(&path, &display, &data);
    let kiosk = Owned(
        command
            .args(["--layout", "desk", "--data"])
            .arg(&data)
            .spawn()
            .expect("the kiosk starts"),
    );
    let mut command = program(&empty_window(&path), &display, folder.path());
    let other = Owned(
        command
            .arg("two")
            .spawn()
            .expect("built by `cargo build --examples`"),
    );
    std::thread::sleep(AT_REST);
    let (ours, theirs) = (memory::of_tree(kiosk.0.id()), memory::of_tree(other.0.id()));
    json!({
        "name": "memory of the whole app", "unit": "MB", "rounds": 1,
        "ours": "both windows at rest, with the web view's processes (PSS)", "other": "two empty windows of the same shell",
        "ours_value": ours, "other_value": theirs, "ratio": ours / theirs,
    })
}

/// A birth registration, every character typed at a person's pace: seconds from sign-in.
struct Case {
    first_field_s: f64,
    sealed_s: f64,
}

async fn birth_at_a_persons_pace() -> Case {
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    kiosk.see(Side::Operator, "screen-signin").await;
    kiosk.pace.set(Some(PACE));
    let began = Instant::now();
    story::sign_in(kiosk, &mut record).await;
    story::start_dossier(kiosk, &mut record).await;
    kiosk
        .script(Side::Operator, "the focus is in a field", IN_A_FIELD)
        .await;
    let first_field_s = began.elapsed().as_secs_f64();
    story::fill(kiosk, &mut record, None).await;
    story::add_papers(kiosk, &mut record).await;
    story::check(kiosk, &mut record).await;
    story::file_and_seal(kiosk, &mut record).await;
    let sealed_s = began.elapsed().as_secs_f64();
    counter.close().await;
    Case {
        first_field_s,
        sealed_s,
    }
}

fn first_field(seconds: f64) -> Value {
    json!({
        "name": "sitting down to the first field", "unit": "s", "rounds": 1,
        "ours": "name, PIN, procedure, the citizen's consent, pressed by a script", "other": "the goal",
        "ours_value": seconds, "other_value": FIRST_FIELD_S, "ratio": seconds / FIRST_FIELD_S,
    })
}

fn five_minutes(case_s: f64) -> Value {
    json!({
        "name": "birth registration, sign-in to receipt", "unit": "s", "rounds": 1,
        "ours": "typed at 150 characters a minute, the citizen's presses included", "other": "the national target (Decision 1565/QĐ-TTg)",
        "ours_value": case_s, "other_value": TARGET_S, "ratio": case_s / TARGET_S,
    })
}

fn day_of_sixty(case_s: f64) -> Value {
    let (ours, target) = (day::p90_wait(case_s), day::p90_wait(TARGET_S));
    json!({
        "name": "60 people at 3 counters, p90 wait", "unit": "s", "rounds": 1,
        "ours": "simulated, a case as measured above", "other": "the same days at the target of five minutes",
        "ours_value": ours, "other_value": target, "ratio": ours / target.max(1.0),
    })
}

const IN_A_FIELD: &str = "return document.activeElement?.closest('[data-testid=screen-page] .fields') !== null && document.activeElement.matches('input')";

/// Notes when each text is on the citizen's screen: after the change, at the frame that paints it.
const WATCH: &str = "
    window.arrived = {};
    window.painted = {};
    const hook = document.querySelector('[data-testid=\"answer-requester_name\"]').closest('[data-question]') ?? document.body;
    new MutationObserver(() => {
        const key = hook.textContent.match(/Phím \\d+/)?.[0];
        if (!key) return;
        window.arrived[key] ??= Date.now();
        requestAnimationFrame(() => { window.painted[key] ??= Date.now(); });
    }).observe(hook, { subtree: true, childList: true, characterData: true });
    return true;";

/// Types one text after another, a few frames apart, and notes when each key was pressed.
const TYPE: &str = "
    if (!window.pressed) {
        window.pressed = {};
        const field = document.querySelector('[data-testid=\"q-requester_name\"]');
        let n = 0;
        const press = () => {
            const text = `Phím ${n}`;
            field.value = text;
            window.pressed[text] = Date.now();
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
            if (++n < KEYS) setTimeout(press, 60);
        };
        field.focus();
        press();
    }
    return Object.keys(window.pressed).length === KEYS ? window.pressed : null;";

/// Two figures: the key in the citizen's page beside one frame, and the frame that paints it beside that of a bare text.
async fn keystroke() -> [Value; 2] {
    let (arrived, painted) = keys_of_ours().await;
    let bare = bare_text();
    let at = |of: &[f64], share: f64| of[((of.len() - 1) as f64 * share) as usize];
    [
        json!({
            "name": "keystroke in the citizen's page", "unit": "ms", "rounds": arrived.len(),
            "ours": "from the key to the text in the page, 99th percentile", "other": "one frame at 60 Hz",
            "ours_value": at(&arrived, 0.99), "median": at(&arrived, 0.5), "other_value": FRAME_MS, "ratio": at(&arrived, 0.99) / FRAME_MS,
        }),
        json!({
            "name": "keystroke painted in the citizen's window", "unit": "ms", "rounds": painted.len(),
            "ours": "from the key to the frame that paints it, median",
            "other": "an empty window of the same shell, its one text changed in the same way",
            "ours_value": at(&painted, 0.5), "p99": at(&painted, 0.99),
            "other_value": at(&bare, 0.5), "other_p99": at(&bare, 0.99), "ratio": at(&painted, 0.5) / at(&bare, 0.5).max(1.0),
        }),
    ]
}

/// From each key to its text in the citizen's page, and to the frame that paints it; sorted.
async fn keys_of_ours() -> (Vec<f64>, Vec<f64>) {
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(kiosk, &mut record).await;
    story::start_dossier(kiosk, &mut record).await;
    story::on_page(kiosk, "requester").await;
    kiosk.script(Side::Citizen, "watch", WATCH).await;
    let pressed = kiosk
        .script(Side::Operator, "type", &TYPE.replace("KEYS", &KEYS.to_string()))
        .await;
    let last = format!(
        "return window.painted['Phím {}'] ? [window.arrived, window.painted] : null",
        KEYS - 1
    );
    let seen = kiosk.script(Side::Citizen, "the last key", &last).await;
    counter.close().await;
    let delays = |seen: &Value| {
        let pressed_at = pressed.as_object().expect("keys");
        let mut delays: Vec<f64> = pressed_at
            .iter()
            .filter_map(|(text, at)| Some(seen.get(text)?.as_f64()? - at.as_f64()?))
            .collect();
        delays.sort_by(f64::total_cmp);
        delays
    };
    (delays(&seen[0]), delays(&seen[1]))
}

/// The same keys as changes of one text, each to the frame that paints it; sorted.
fn bare_text() -> Vec<f64> {
    let display = Display::start();
    let folder = tempfile::tempdir().expect("a folder");
    // Of the build that the keys above went through.
    let path = empty_window(Path::new(env!("CARGO_BIN_EXE_donghanh")));
    let mut command = program(&path, &display, folder.path());
    let out = command
        .args(["text", &KEYS.to_string()])
        .stdout(Stdio::piped())
        .output()
        .expect("built by `cargo build --examples`");
    let text = String::from_utf8_lossy(&out.stdout);
    let mut delays: Vec<f64> = text.trim().split(',').filter_map(|ms| ms.parse().ok()).collect();
    assert_eq!(delays.len(), KEYS, "every change was painted: {text}");
    delays.sort_by(f64::total_cmp);
    delays
}
