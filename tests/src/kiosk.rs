//! A kiosk as a process: `donghanh-cli rpc` over its standard input and output.

use crate::programs;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// No command takes longer: "Gửi ngay" answers within a minute and a half.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// What a kiosk that ended has left to read comes at once.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(5);

/// A problem that the kiosk answered with: `code`, `layer`, `words`.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused(pub Value);

impl Refused {
    /// Code, layer and Vietnamese sentence.
    #[must_use]
    pub fn told(&self) -> (String, String, String) {
        let text = |at: &str| {
            self.0
                .pointer(at)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        (text("/code"), text("/layer"), text("/words/vi"))
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the kiosk refused: {}", self.0)
    }
}

impl std::error::Error for Refused {}

/// A running kiosk. Dropped, it is killed.
#[derive(Debug)]
pub struct Kiosk {
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<Value>,
    next_id: u64,
    data: PathBuf,
}

impl Kiosk {
    /// Opens the kiosk of a data folder.
    ///
    /// # Errors
    /// [`Refused`] where the kiosk itself does not open.
    pub fn open(data: &Path) -> Result<Self> {
        Self::open_with(data, &[], &[])
    }

    /// With more arguments of `donghanh-cli rpc` and variables of its environment.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(programs::find(programs::KIOSK)?);
        command
            .arg("rpc")
            .arg("--data")
            .arg(data)
            .args(arguments)
            .envs(environment.iter().copied());
        Self::run(command, data)
    }

    /// Starts the program and asks it nothing: it may be killed while it opens.
    ///
    /// # Errors
    /// Where the program is missing.
    pub fn begin(data: &Path, environment: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(programs::find(programs::KIOSK)?);
        command
            .arg("rpc")
            .arg("--data")
            .arg(data)
            .envs(environment.iter().copied());
        Self::started(command, data)
    }

    /// From a command of one's own, such as the same program under a limit of the system.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn run(command: Command, data: &Path) -> Result<Self> {
        let mut kiosk = Self::started(command, data)?;
        kiosk.call("kiosk_status", json!({}))?;
        Ok(kiosk)
    }

    fn started(mut command: Command, data: &Path) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the kiosk")?;
        let output = child.stdout.take().context("the kiosk's output")?;
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Ok(message) = serde_json::from_str(&line) else {
                    continue;
                };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Ok(Self {
            child,
            input,
            answers,
            next_id: 0,
            data: data.to_owned(),
        })
    }

    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process, for a signal.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A command from the operator's window.
    ///
    /// # Errors
    /// [`Refused`] where the kiosk answers with a problem; another error where it is gone.
    pub fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.ask("operator", method, params)
    }

    /// A command from the citizen's window.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn citizen(&mut self, method: &str, mut params: Value) -> Result<Value> {
        let presses = ["confirm_page", "confirm_answer", "confirm_filing"].contains(&method);
        if presses && params.get("seen").is_none() {
            let screen = self.ask("citizen", "citizen_screen", json!({}))?;
            if let (Some(seen), Some(own)) = (seen(&screen, params.get("question")), params.as_object_mut()) {
                own.insert("seen".into(), seen);
            }
        }
        self.ask("citizen", method, params)
    }

    /// The problem that a command must answer with.
    ///
    /// # Errors
    /// Where it succeeds, or the kiosk is gone.
    pub fn refused(&mut self, method: &str, params: Value) -> Result<Refused> {
        match self.call(method, params) {
            Ok(answer) => bail!("{method} was not refused: {answer}"),
            Err(error) => error.downcast::<Refused>(),
        }
    }

    fn ask(&mut self, from: &str, method: &str, params: Value) -> Result<Value> {
        let sent = self.send(from, method, params);
        let id = self.next_id;
        loop {
            // A kiosk that does not open says why and ends: its words are there although the question never got in.
            let within = if sent.is_ok() {
                ANSWER_WITHIN
            } else {
                LAST_WORDS_WITHIN
            };
            let message = self
                .answers
                .recv_timeout(within)
                .map_err(|_| anyhow!("the kiosk gave no answer to {method}"))?;
            let answers_us = message
                .get("id")
                .is_some_and(|answered| *answered == json!(id) || answered.is_null());
            if !answers_us {
                continue;
            }
            if let Some(problem) = message.pointer("/error/data") {
                return Err(Refused(problem.clone()).into());
            }
            if let Some(error) = message.get("error") {
                bail!("{method}: {error}");
            }
            return message
                .get("result")
                .cloned()
                .with_context(|| format!("{method}: no result"));
        }
    }

    /// Sends a command and does not wait for its answer; answers its id.
    ///
    /// # Errors
    /// Where the kiosk is gone.
    pub fn send(&mut self, from: &str, method: &str, params: Value) -> Result<u64> {
        self.next_id += 1;
        let message =
            json!({ "jsonrpc": "2.0", "id": self.next_id, "from": from, "method": method, "params": params });
        let input = self.input.as_mut().context("the kiosk's input is closed")?;
        writeln!(input, "{message}")
            .and_then(|()| input.flush())
            .context("the kiosk is gone")?;
        Ok(self.next_id)
    }

    /// Sends raw text as it is and answers the next message.
    ///
    /// # Errors
    /// Where the kiosk is gone.
    pub fn raw(&mut self, line: &str) -> Result<Value> {
        let input = self.input.as_mut().context("the kiosk's input is closed")?;
        writeln!(input, "{line}")
            .and_then(|()| input.flush())
            .context("the kiosk is gone")?;
        self.answers
            .recv_timeout(ANSWER_WITHIN)
            .map_err(|_| anyhow!("the kiosk gave no answer"))
    }

    /// SIGKILL: nothing is finished, nothing is closed.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill().context("killing the kiosk")?;
        self.child.wait().context("waiting for the kiosk")?;
        Ok(())
    }

    /// SIGKILL, then everything that it had answered before it died.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn kill_and_hear(mut self) -> Result<Vec<Value>> {
        self.child.kill().context("killing the kiosk")?;
        self.child.wait().context("waiting for the kiosk")?;
        // The pipe ends with the process, and with it the reader.
        Ok(self.answers.iter().collect())
    }

    /// Ends its input; it closes by itself.
    ///
    /// # Errors
    /// Where it does not end well.
    pub fn close(mut self) -> Result<ExitStatus> {
        drop(self.input.take());
        let status = crate::wait::until("the kiosk to close", || Ok(self.child.try_wait()?))?;
        if status.success() {
            Ok(status)
        } else {
            bail!("the kiosk ended with {status}")
        }
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        // Already ended is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the citizen's screen has them read: one answer of it, or all.
#[must_use]
pub fn seen(screen: &Value, question: Option<&Value>) -> Option<Value> {
    let page = screen.get("page");
    let Some(question) = question else {
        return page
            .and_then(|p| p.get("seen"))
            .or_else(|| screen.get("seen"))
            .cloned();
    };
    let pages = screen
        .get("pages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let answers = page
        .into_iter()
        .chain(pages)
        .filter_map(|p| p.get("answers").and_then(Value::as_array));
    let asked = answers.flatten().find(|a| a.get("question") == Some(question));
    asked.and_then(|a| a.get("seen")).cloned()
}
