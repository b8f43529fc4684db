//! A PIN from standard input: where it is a terminal nothing of it is shown, and from a pipe it comes as any line does.
//!
//! **Invariant:** the terminal is as it was before once this returns, whatever came; Ctrl+C is read here as "leave it",
//! because a program that it ends would leave a terminal behind which shows nothing.

use anyhow::{Context, bail};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::io::{IsTerminal as _, Read as _, Stdin, Write as _};

const CTRL_C: u8 = 3;
/// Longer than any PIN that somebody may type by mistake.
const BYTES_MAX: u64 = 256;

/// A terminal that shows nothing but the end of the line, for as long as this lives.
struct Unseen<'a> {
    terminal: &'a Stdin,
    before: Termios,
}

impl<'a> Unseen<'a> {
    fn begin(terminal: &'a Stdin) -> anyhow::Result<Self> {
        let before = tcgetattr(terminal).context("looking at the terminal")?;
        let mut unseen = before.clone();
        unseen.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        unseen.local_modes.insert(LocalModes::ECHONL);
        unseen.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        // What was typed before it was asked for stood on the screen already: it is no answer.
        tcsetattr(terminal, OptionalActions::Flush, &unseen).context("hiding what is typed")?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Unseen<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Asks, and reads one line.
pub fn ask(words: &str) -> anyhow::Result<String> {
    let input = std::io::stdin();
    let unseen = input.is_terminal().then(|| Unseen::begin(&input)).transpose()?;
    writeln!(std::io::stdout(), "{words}")?;
    let mut line = Vec::new();
    for byte in input.lock().take(BYTES_MAX).bytes() {
        match byte.context("reading the PIN")? {
            b'\n' => break,
            CTRL_C if unseen.is_some() => bail!("đã thôi, chưa làm gì / left, nothing was done"),
            other => line.push(other),
        }
    }
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}
