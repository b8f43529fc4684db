//! Enrols the demo's kiosk through the same commands that people use: the province gives a code, the kiosk asks, the six
//! words are compared, the province approves.

use crate::run::{built, output};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The kiosk's command list over standard input and output.
struct Line {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Line {
    fn open(data: &Path) -> Result<Self> {
        let mut child = Command::new(built("donghanh-cli"))
            .args(["rpc", "--data"])
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("donghanh-cli")?;
        let to = child.stdin.take().context("its input")?;
        let from = BufReader::new(child.stdout.take().context("its output")?);
        Ok(Self { child, to, from })
    }

    fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        writeln!(
            self.to,
            "{}",
            json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
        )?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).with_context(|| format!("the answer to {method}"))?;
        match answer.get("result") {
            Some(result) => Ok(result.clone()),
            None => bail!("{method}: {answer}"),
        }
    }

    /// Ends the input, and waits until the data folder is free for the windows.
    fn close(mut self) -> Result<()> {
        drop(self.to);
        self.child.wait()?;
        Ok(())
    }
}

fn admin(province: &Path, arguments: &[&str]) -> Result<Value> {
    let said = output(
        Command::new(built("donghanh-province"))
            .args(["admin", "--json", "--data"])
            .arg(province)
            .args(arguments),
    )?;
    Ok(serde_json::from_str(&said)?)
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value
        .get(key)
        .and_then(Value::as_str)
        .with_context(|| format!("{key} in the answer"))
}

/// Enrols the kiosk on `kiosk` at the province on `province`, which listens at `url`.
///
/// # Errors
/// Where a command fails, or the six words differ: then nothing is approved.
pub fn enrol(province: &Path, kiosk: &Path, url: &str) -> Result<()> {
    let code = admin(province, &["code", "new"])?;
    let mut line = Line::open(kiosk)?;
    let request = json!({ "service_url": url, "code": text(&code, "code")?, "counter_name": "Phường Ninh Kiều, quầy 1" });
    let asked = line.call("begin_enrolment", &request)?;
    let devices = admin(province, &["devices", "list"])?;
    let device = devices.get(0).context("the device that asked")?;
    ensure!(
        device.get("words") == asked.get("words"),
        "the six words differ: not approved"
    );
    println!(
        "Six words, the same on both sides: {}",
        asked.get("words").unwrap_or_default()
    );
    admin(province, &["devices", "approve", text(device, "id")?])?;
    let now = line.call("check_enrolment", &json!({}))?;
    line.close()?;
    ensure!(
        now.pointer("/stage/stage").and_then(Value::as_str) == Some("enrolled"),
        "not enrolled: {now}"
    );
    Ok(())
}
