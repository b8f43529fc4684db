//! What only real windows can tell: how soon the first picture is there beside an empty window's, and how soon a
//! keystroke is on the citizen's screen beside one frame. Run by `cargo xtask bench`; prints one JSON array.

use crate::display::{Display, Owned};
use crate::kiosk::Side;
use crate::record::Record;
use crate::story::{self, Counter};
use crate::{day, memory};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const KEYS: usize = 120;
/// 150 characters a minute.
const PACE: Duration = Duration::from_millis(400);
/// Five minutes from log-in to a successful submission.
const TARGET_S: f64 = 300.0;
/// Long enough for both windows to have painted and settled.
const AT_REST: Duration = Duration::from_secs(8);
const FRAME_MS: f64 = 1000.0 / 60.0;
const PATIENCE: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `cargo xtask bench`, with DONGHANH_BENCH_OUT set"]
async fn measure() {
    let _alone = crate::alone().await;
    let out = std::env::var_os("DONGHANH_BENCH_OUT").expect("DONGHANH_BENCH_OUT names the file");
    let case = birth_at_a_persons_pace().await;
    let figures = json!([
        first_picture(),
        memory_of_both(),
        keystroke().await,
        five_minutes(case),
        day_of_sixty(case)
    ]);
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
    let mut command = program(Path::new(env!("CARGO_BIN_EXE_donghanh")), display, data);
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
    let path = Path::new(env!("CARGO_BIN_EXE_donghanh"))
        .with_file_name("examples")
        .join("empty_window");
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
    let path = Path::new(env!("CARGO_BIN_EXE_donghanh"));
    let mut command = program(path, &display, &data);
    let kiosk = Owned(
        command
            .args(["--layout", "desk", "--data"])
            .arg(&data)
            .spawn()
            .expect("the kiosk starts"),
    );
    let empty = path.with_file_name("examples").join("empty_window");
    let mut command = program(&empty, &display, folder.path());
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

/// Seconds from sign-in to the sealed receipt of a birth registration, every character typed at a person's pace.
async fn birth_at_a_persons_pace() -> f64 {
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    kiosk.see(Side::Operator, "screen-signin").await;
    kiosk.pace.set(Some(PACE));
    let began = Instant::now();
    story::sign_in(kiosk, &mut record).await;
    story::start_dossier(kiosk, &mut record).await;
    story::fill(kiosk, &mut record, None).await;
    story::add_papers(kiosk, &mut record).await;
    story::check(kiosk, &mut record).await;
    story::file_and_seal(kiosk, &mut record).await;
    let took = began.elapsed().as_secs_f64();
    counter.close().await;
    took
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

async fn keystroke() -> Value {
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
    let delays = |seen: &Value| {
        let mut delays: Vec<f64> = pressed
            .as_object()
            .expect("keys")
            .iter()
            .filter_map(|(text, at)| Some(seen.get(text)?.as_f64()? - at.as_f64()?))
            .collect();
        delays.sort_by(f64::total_cmp);
        delays
    };
    let (arrived, painted) = (delays(&seen[0]), delays(&seen[1]));
    counter.close().await;
    let at = |of: &[f64], share: f64| of[((of.len() - 1) as f64 * share) as usize];
    json!({
        "name": "keystroke to the citizen's window", "unit": "ms", "rounds": painted.len(),
        "ours": "from the key to the frame that paints it, median", "other": "one frame at 60 Hz",
        "ours_value": at(&painted, 0.5), "p99": at(&painted, 0.99), "other_value": FRAME_MS, "ratio": at(&painted, 0.5) / FRAME_MS,
        "arrived": at(&arrived, 0.5), "arrived_p99": at(&arrived, 0.99),
    })
}
