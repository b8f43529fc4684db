//! The kiosk's program with its two windows, and the hands in front of them.
//!
//! Deliberately absent: any knowledge of what a screen means; that is the stories'.

use crate::display::{Display, Driver};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Long enough for a debug build on a busy machine; a healthy step takes a hundredth of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// The driver waits for ever for a program that dies at its start.
const START_PATIENCE: Duration = Duration::from_secs(30);
const STARTS_MAX: u32 = 2;
const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// Whose window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Operator,
    Citizen,
}

impl Side {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Citizen => "citizen",
        }
    }
}

pub struct Kiosk {
    client: Client,
    at: RefCell<Option<(Side, WindowHandle)>>,
    pub data: PathBuf,
    /// Between two typed characters, where a person's pace is wanted.
    pub pace: Cell<Option<Duration>>,
    _driver: Driver,
}

/// How a kiosk is started.
pub struct Start<'a> {
    pub data: &'a Path,
    /// The rehearsal's folder of papers.
    pub papers: &'a Path,
    pub layout: &'a str,
    /// A folder of programs that are found before the machine's own: played printers and scanners.
    pub programs: Option<&'a Path>,
}

impl Kiosk {
    /// Starts the program under a driver of its own. The driver waits for ever for a program that it lost on the way;
    /// the second attempt tells a slip of the driver from a kiosk that does not start.
    pub async fn start(display: &Display, how: Start<'_>) -> Self {
        std::fs::create_dir_all(how.data).expect("the data folder");
        for attempt in 1..=STARTS_MAX {
            match Self::attempt(display, &how).await {
                Ok(kiosk) => return kiosk,
                Err(trouble) if attempt == STARTS_MAX => panic!("the kiosk did not start: {trouble}"),
                Err(trouble) => eprintln!("once more: {trouble}"),
            }
        }
        unreachable!("the last attempt returns or panics")
    }

    async fn attempt(display: &Display, how: &Start<'_>) -> Result<Self, String> {
        let driver = Driver::start(display, &how.data.join("web"), how.programs);
        let (data, papers) = (how.data.to_string_lossy(), how.papers.to_string_lossy());
        let args = [
            "--automation",
            "--layout",
            how.layout,
            "--data",
            &data,
            "--pick-from",
            &papers,
        ];
        let browser = json!({ "binary": env!("CARGO_BIN_EXE_donghanh"), "args": args });
        let capabilities = serde_json::Map::from_iter([("webkitgtk:browserOptions".to_owned(), browser)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://127.0.0.1:{}", driver.port);
        let connecting = builder.capabilities(capabilities).connect(&address);
        let trouble = match tokio::time::timeout(START_PATIENCE, connecting).await {
            Ok(Ok(client)) => {
                return Ok(Self {
                    client,
                    at: RefCell::new(None),
                    pace: Cell::new(None),
                    data: how.data.to_owned(),
                    _driver: driver,
                });
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no session in time".to_owned(),
        };
        let running = processes(how.data).len();
        let said = std::fs::read_to_string(how.data.join("web/driver.log")).unwrap_or_default();
        kill(how.data);
        wait_for_end(how.data);
        Err(format!(
            "{trouble}; processes: {running}\nlog:\n{}\ndriver:\n{said}",
            log_of(how.data)
        ))
    }

    /// Ends the program as a person does, by its operator's window.
    pub async fn close(self) {
        let _ = self.client.clone().close().await;
        wait_for_end(&self.data);
    }

    /// Pulls the plug: no chance to save anything.
    pub fn kill(self) {
        kill(&self.data);
        wait_for_end(&self.data);
    }

    /// Whether the program is there.
    pub fn runs(&self) -> bool {
        !processes(&self.data).is_empty()
    }

    /// Waits until the program has ended by itself.
    pub async fn ended(&self) {
        let began = Instant::now();
        while self.runs() {
            assert!(
                began.elapsed() < PATIENCE,
                "the program does not end: {}",
                self.log()
            );
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// What the kiosk wrote down: codes and numbers.
    pub fn log(&self) -> String {
        log_of(&self.data)
    }

    /// The processes that draw this kiosk's pages.
    pub fn page_processes(&self) -> Vec<u32> {
        let own = processes(&self.data);
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .filter(|id| {
                let name = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
                let draws = name
                    .split(|byte| *byte == 0)
                    .next()
                    .is_some_and(|p| p.ends_with(b"WebKitWebProcess"));
                draws && own.iter().any(|kiosk| descends(*id, *kiosk))
            })
            .collect()
    }

    /// How many windows there are.
    pub async fn windows(&self) -> usize {
        self.client.windows().await.map_or(0, |all| all.len())
    }

    /// Where a window stands on the desktop: the left edge and the width.
    pub async fn place(&self, side: Side) -> (u64, u64) {
        self.until(side, "its place", async || {
            let (x, _, width, _) = self.client.get_window_rect().await?;
            Ok(Some((x, width)))
        })
        .await
    }

    /// A window went away: the next act looks for its own again.
    pub fn forget_window(&self) {
        *self.at.borrow_mut() = None;
    }

    /// Turns to one of the windows.
    async fn to(&self, side: Side) -> Result<(), CmdError> {
        if self.at.borrow().as_ref().is_some_and(|(now, _)| *now == side) {
            return Ok(());
        }
        for handle in self.client.windows().await? {
            self.client.switch_to_window(handle.clone()).await?;
            if self
                .client
                .current_url()
                .await?
                .query()
                .is_some_and(|query| query.contains(side.name()))
            {
                *self.at.borrow_mut() = Some((side, handle));
                return Ok(());
            }
        }
        *self.at.borrow_mut() = None;
        Err(CmdError::NotW3C(json!(format!(
            "no window of the {}",
            side.name()
        ))))
    }

    /// Tries until it works: a page may be half way between two screens at any moment.
    async fn until<T>(
        &self,
        side: Side,
        what: &str,
        attempt: impl AsyncFn() -> Result<Option<T>, CmdError>,
    ) -> T {
        let began = Instant::now();
        loop {
            let trouble = match self.to(side).await {
                Ok(()) => match attempt().await {
                    Ok(Some(found)) => return found,
                    Ok(None) => "not yet".to_owned(),
                    Err(error) => error.to_string(),
                },
                Err(error) => error.to_string(),
            };
            if began.elapsed() > PATIENCE {
                self.give_up(side, what, &trouble).await;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn give_up(&self, side: Side, what: &str, trouble: &str) -> ! {
        let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
            "gave-up-{}-{}.png",
            side.name(),
            std::process::id()
        ));
        if let Ok(Ok(png)) = tokio::time::timeout(Duration::from_secs(5), self.client.screenshot()).await {
            let _ = std::fs::write(&picture, png);
        }
        let text = self
            .client
            .execute("return document.body.innerText.slice(0, 1500)", vec![])
            .await
            .unwrap_or_default();
        let log = log_of(&self.data);
        panic!(
            "{} window: {what}: {trouble}\npicture: {}\n{}\nlog:\n{log}",
            side.name(),
            picture.display(),
            text.as_str().unwrap_or_default()
        );
    }

    async fn shown(&self, testid: &str) -> Result<Option<Element>, CmdError> {
        let found = self
            .client
            .find(Locator::Css(&format!("[data-testid=\"{testid}\"]")))
            .await?;
        Ok(found.is_displayed().await?.then_some(found))
    }

    /// Scrolls it to the middle: the driver itself leaves what lies under the foot of the screen where it is.
    async fn bring(&self, testid: &str) -> Result<(), CmdError> {
        let script = "document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.scrollIntoView({ block: 'center' })";
        self.client.execute(script, vec![json!(testid)]).await.map(|_| ())
    }

    /// Waits until it is on the screen.
    pub async fn see(&self, side: Side, testid: &str) {
        self.until(side, &format!("see {testid}"), async || {
            self.shown(testid).await.map(|found| found.map(|_| ()))
        })
        .await;
    }

    /// Whether it is on the screen now.
    pub async fn sees(&self, side: Side, testid: &str) -> bool {
        self.to(side).await.is_ok() && matches!(self.shown(testid).await, Ok(Some(_)))
    }

    /// Waits until it can be pressed, and presses it.
    pub async fn press(&self, side: Side, testid: &str) {
        self.until(side, &format!("press {testid}"), async || {
            match self.shown(testid).await? {
                Some(button) if button.is_enabled().await? => {
                    self.bring(testid).await?;
                    button.click().await.map(Some)
                }
                Some(_) | None => Ok(None),
            }
        })
        .await;
    }

    /// A person looks at what their last press did: a touch of an answer right after another press is no word of its own.
    pub async fn settled(&self) {
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }

    /// Presses what takes the window away: whether the driver still answers tells nothing.
    pub async fn press_and_part(&self, side: Side, testid: &str) {
        self.see(side, testid).await;
        let press = format!(
            "const button = document.querySelector('[data-testid=\"{testid}\"]');
             setTimeout(() => button.click(), 60); return true"
        );
        self.script(side, testid, &press).await;
        self.forget_window();
    }

    /// Types into a field, over whatever stands there.
    pub async fn write(&self, side: Side, testid: &str, text: &str) {
        self.until(side, &format!("write into {testid}"), async || {
            let Some(field) = self.shown(testid).await? else {
                return Ok(None);
            };
            self.bring(testid).await?;
            field.click().await?;
            let all = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
            field.send_keys(&all).await?;
            match self.pace.get() {
                None => field.send_keys(text).await?,
                Some(pace) => {
                    for letter in text.chars() {
                        field.send_keys(&letter.to_string()).await?;
                        tokio::time::sleep(pace).await;
                    }
                }
            }
            Ok(Some(()))
        })
        .await;
    }

    /// Types into a field with a list and takes the entry that is marked.
    pub async fn choose(&self, side: Side, testid: &str, text: &str) {
        self.write(side, testid, &format!("{text}{}", char::from(Key::Tab)))
            .await;
    }

    /// Waits until a field holds a text.
    pub async fn holds(&self, side: Side, testid: &str, text: &str) {
        self.until(side, &format!("{testid} holds a text"), async || {
            let held = self.value(testid).await?;
            Ok((held == text).then_some(()))
        })
        .await;
    }

    async fn value(&self, testid: &str) -> Result<String, CmdError> {
        let Some(field) = self.shown(testid).await? else {
            return Ok(String::new());
        };
        Ok(field.prop("value").await?.unwrap_or_default())
    }

    /// Whether a field is empty; a group of choices is when none is chosen.
    pub async fn is_empty(&self, side: Side, testid: &str) -> bool {
        let script = "const e = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);
            return e instanceof HTMLInputElement ? e.value === '' : !e.querySelector('input:checked');";
        self.until(side, &format!("look at {testid}"), async || {
            Ok(self.client.execute(script, vec![json!(testid)]).await?.as_bool())
        })
        .await
    }

    /// Waits until it shows words that satisfy.
    pub async fn read(&self, side: Side, testid: &str, satisfied: impl Fn(&str) -> bool) -> String {
        self.until(side, &format!("read {testid}"), async || {
            let Some(found) = self.shown(testid).await? else {
                return Ok(None);
            };
            let text = found.text().await?;
            Ok(satisfied(&text).then_some(text))
        })
        .await
    }

    /// The hooks on the screen that begin so, in the order of the page.
    pub async fn hooks(&self, side: Side, beginning: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(`[data-testid^=\"${arguments[0]}\"]`)].map((e) => e.dataset.testid)";
        let found = self
            .until(side, beginning, async || {
                self.client
                    .execute(script, vec![json!(beginning)])
                    .await
                    .map(Some)
            })
            .await;
        serde_json::from_value(found).expect("a list of hooks")
    }

    /// Runs a script until it answers something else than null or false.
    pub async fn script(&self, side: Side, what: &str, script: &str) -> Value {
        self.until(side, what, async || {
            let found = self.client.execute(script, vec![]).await?;
            Ok((!found.is_null() && found != json!(false)).then_some(found))
        })
        .await
    }

    /// Whether a script answers yes within three seconds.
    pub async fn soon(&self, side: Side, script: &str) -> bool {
        for _ in 0..30 {
            if self.ask(side, script, vec![]).await == json!(true) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    }

    /// Runs a script with arguments once, whatever it answers.
    pub async fn ask(&self, side: Side, script: &str, arguments: Vec<Value>) -> Value {
        self.until(side, "a look", async || {
            self.client.execute(script, arguments.clone()).await.map(Some)
        })
        .await
    }

    /// Runs a script with arguments until it answers something else than null.
    pub async fn ask_until(&self, side: Side, what: &str, script: &str, arguments: Vec<Value>) -> Value {
        self.until(side, what, async || {
            let found = self.client.execute(script, arguments.clone()).await?;
            Ok((!found.is_null()).then_some(found))
        })
        .await
    }

    /// Presses keys wherever the focus is.
    pub async fn keys(&self, side: Side, keys: &str) {
        self.until(side, "keys", async || {
            let focused = self.client.active_element().await?;
            focused.send_keys(keys).await.map(Some)
        })
        .await;
    }

    /// What a page itself can do: one of the shell's own commands, by the web view's real bridge.
    pub async fn invoke(&self, side: Side, command: &str, params: Value) -> Result<Value, Value> {
        let script = "const [command, params, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, params).then((ok) => done({ ok }), (error) => done({ error }));";
        let said = self
            .until(side, command, async || {
                self.client
                    .execute_async(script, vec![json!(command), params.clone()])
                    .await
                    .map(Some)
            })
            .await;
        match said.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(said["ok"].clone()),
        }
    }

    /// One command of the one list, as that window.
    pub async fn call(&self, side: Side, name: &str, params: Value) -> Result<Value, Value> {
        self.invoke(side, "rpc", json!({ "name": name, "params": params }))
            .await
    }

    /// Makes a window smaller or larger. Half the size is what a page at 200 % has.
    pub async fn resize(&self, side: Side, width: u32, height: u32) {
        self.until(side, "another size", async || {
            self.client.set_window_size(width, height).await?;
            let wide = self.client.execute("return innerWidth", vec![]).await?;
            Ok((wide == json!(width)).then_some(()))
        })
        .await;
    }

    /// A picture of a window, taken once its fonts are there and it has painted.
    pub async fn picture(&self, side: Side) -> Vec<u8> {
        let painted = "const done = arguments[0];
            const pictures = [...document.images].map((image) => image.decode().catch(() => undefined));
            // What fades in has done so; what pulses for ever is not waited for.
            const still = Promise.race([
                Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))),
                new Promise((rest) => setTimeout(rest, 600)),
            ]);
            Promise.all([document.fonts.ready, still, ...pictures]).then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";
        self.until(side, "a picture", async || {
            self.client.execute_async(painted, vec![]).await?;
            self.client.screenshot().await.map(Some)
        })
        .await
    }
}

/// Whether one process was started by another, directly or not.
fn descends(id: u32, from: u32) -> bool {
    let parent = |id: u32| {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|l| l.strip_prefix("PPid:"))?;
        line.trim().parse::<u32>().ok()
    };
    std::iter::successors(parent(id), |above| parent(*above))
        .take(16)
        .any(|above| above == from)
}

/// The processes of the kiosk on this data folder: no other is ever touched.
fn processes(data: &Path) -> Vec<u32> {
    let Ok(all) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let wanted = data.to_string_lossy();
    all.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|id| {
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
            words
                .first()
                .is_some_and(|program| program.ends_with(b"/donghanh"))
                && words.contains(&wanted.as_bytes())
        })
        .collect()
}

/// The kiosk's own log: codes and numbers.
fn log_of(data: &Path) -> String {
    std::fs::read_to_string(data.join("logs/donghanh.log")).unwrap_or_default()
}

/// A process that is being ended has no name any more, and holds its files for a moment longer: it is waited for by its
/// number, until it is gone or nothing is left of it but that.
fn kill(data: &Path) {
    let all = processes(data);
    for id in &all {
        let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
    }
    let began = Instant::now();
    while all.iter().any(|id| holds_files(*id)) && began.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn holds_files(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    !state.is_empty() && !state.starts_with('Z')
}

fn wait_for_end(data: &Path) {
    let began = Instant::now();
    while !processes(data).is_empty() {
        if began.elapsed() > Duration::from_secs(5) {
            kill(data);
        }
        assert!(began.elapsed() < PATIENCE, "the kiosk does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        kill(&self.data);
    }
}
