//! Printed text on a page, read by the program `tesseract` with its Vietnamese.
//!
//! **Invariant:** the page goes through a pipe and nothing lies on the disk; what is read is a guess that a person
//! compares with the paper. A machine without the program or its Vietnamese says so, and no button is shown.
//!
//! Deliberately absent: handwriting. The program guesses at it, and wrongly.

use crate::PaperError;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// Pages are kept at so many dots an inch.
const DPI: &str = "200";
const LANGUAGE: &str = "vie";
/// A full page takes two seconds on one core, and a busy counter's machine has less than one.
const READING_MAX: Duration = Duration::from_secs(60);
const ASKING_MAX: Duration = Duration::from_secs(5);
/// A page full of small print is told in about 60 KiB.
const TOLD_BYTES_MAX: u64 = 2 * 1024 * 1024;
const LINES_MAX: usize = 200;
const LINE_CHARS_MAX: usize = 300;
/// Below this mean of its words a line is a stamp or a stain.
const NOISE_BELOW: f32 = 40.0;
const GLANCE: Duration = Duration::from_millis(10);

/// A line of print, from the top of the page down.
#[derive(Clone, PartialEq, Eq)]
pub struct TextLine {
    pub text: String,
    /// Of 100: that of its least certain word.
    pub confidence: u8,
    /// Where it stands, in thousandths of the page's height.
    pub top: u16,
    pub height: u16,
}

impl std::fmt::Debug for TextLine {
    /// What stands on a paper names people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "TextLine({} characters, {})",
            self.text.chars().count(),
            self.confidence
        )
    }
}

/// Something that reads print.
pub trait TextReader: Send + Sync + std::fmt::Debug {
    /// Whether it can at all, on this machine.
    fn reads(&self) -> bool;
    /// The lines of a page (JPEG as it is kept); none found is an empty list.
    ///
    /// # Errors
    /// `NoTextReader` where it cannot read at all, `TextNotRead` where it gave up on this page.
    fn lines(&self, page: Vec<u8>) -> Result<Vec<TextLine>, PaperError>;
}

/// The program `tesseract`.
#[derive(Debug)]
pub struct Tesseract {
    program: PathBuf,
    reading_max: Duration,
    reads: OnceLock<bool>,
}

impl Default for Tesseract {
    fn default() -> Self {
        Self::at(PathBuf::from("tesseract"))
    }
}

impl Tesseract {
    /// With another program in its place.
    #[must_use]
    pub fn at(program: PathBuf) -> Self {
        Self {
            program,
            reading_max: READING_MAX,
            reads: OnceLock::new(),
        }
    }

    /// What one run says, and how it ended. `None`: it does not start, takes too long or says too much.
    fn run(&self, arguments: &[&str], input: Vec<u8>, within: Duration) -> Option<(String, ExitStatus)> {
        let ends = Instant::now() + within;
        let mut child = Command::new(&self.program)
            .args(arguments)
            // The counter's windows need the other core.
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let told = talk(&mut child, input, within);
        let ended = told.is_some().then(|| ended(&mut child, ends)).flatten();
        if ended.is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
        Some((told?, ended?))
    }
}

/// Hands the page in and takes what is said, each in a thread of its own: neither waits for the other.
fn talk(child: &mut Child, input: Vec<u8>, within: Duration) -> Option<String> {
    let (mut to, from) = (child.stdin.take()?, child.stdout.take()?);
    std::thread::spawn(move || to.write_all(&input));
    let (hand, told) = sync_channel(1);
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = from.take(TOLD_BYTES_MAX + 1).read_to_end(&mut bytes);
        let _ = hand.send(read.map(|_| bytes));
    });
    let bytes = told.recv_timeout(within).ok()?.ok()?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|n| n <= TOLD_BYTES_MAX);
    fits.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn ended(child: &mut Child, ends: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < ends => std::thread::sleep(GLANCE),
            Ok(None) | Err(_) => return None,
        }
    }
}

impl TextReader for Tesseract {
    fn reads(&self) -> bool {
        *self.reads.get_or_init(|| {
            let told = self.run(&["--list-langs"], Vec::new(), ASKING_MAX);
            told.is_some_and(|(told, _)| told.lines().any(|line| line.trim() == LANGUAGE))
        })
    }

    fn lines(&self, page: Vec<u8>) -> Result<Vec<TextLine>, PaperError> {
        if !self.reads() {
            return Err(PaperError::NoTextReader);
        }
        let arguments = ["stdin", "stdout", "-l", LANGUAGE, "--dpi", DPI, "tsv"];
        match self.run(&arguments, page, self.reading_max) {
            Some((told, status)) if status.success() => Ok(lines_of(&told)),
            Some(_) | None => Err(PaperError::TextNotRead),
        }
    }
}

/// A row of the table: its level, whose line it belongs to, where it stands, how certain it is, what it says.
struct Row<'a> {
    level: u8,
    line: [&'a str; 3],
    top: u32,
    height: u32,
    confidence: f32,
    text: &'a str,
}

const PAGE: u8 = 1;
const WORD: u8 = 5;

/// `level page_num block_num par_num line_num word_num left top width height conf text`
fn row(line: &str) -> Option<Row<'_>> {
    let mut cells = line.splitn(12, '\t');
    let mut next = || cells.next();
    let level = next()?.parse().ok()?;
    let _page = next()?;
    let line = [next()?, next()?, next()?];
    let (_word, _left) = (next()?, next()?);
    let top = next()?.parse().ok()?;
    let _width = next()?;
    let height = next()?.parse().ok()?;
    let confidence = next()?.parse().ok()?;
    Some(Row {
        level,
        line,
        top,
        height,
        confidence,
        text: next().unwrap_or_default(),
    })
}

/// The words of one line as they are gathered.
#[derive(Default)]
struct Gathered {
    words: Vec<String>,
    confidences: Vec<f32>,
    top: Option<u32>,
    bottom: u32,
}

impl Gathered {
    fn add(&mut self, row: &Row<'_>) {
        let word: String = row.text.chars().filter(|c| !c.is_control()).collect();
        if word.trim().is_empty() {
            return;
        }
        self.words.push(word.trim().to_owned());
        self.confidences.push(row.confidence);
        self.top = Some(self.top.map_or(row.top, |top| top.min(row.top)));
        self.bottom = self.bottom.max(row.top.saturating_add(row.height));
    }

    fn line(&self, page: u32) -> Option<TextLine> {
        let text: String = self.words.join(" ").chars().take(LINE_CHARS_MAX).collect();
        let count = f32::from(u16::try_from(self.confidences.len()).ok()?);
        let mean = self.confidences.iter().sum::<f32>() / count;
        let says_something = text.chars().any(char::is_alphanumeric) && mean >= NOISE_BELOW;
        let top = self.top?;
        says_something.then(|| TextLine {
            text,
            confidence: self.confidences.iter().fold(100.0_f32, |a, b| a.min(*b)).max(0.0) as u8,
            top: thousandths(top, page),
            height: thousandths(self.bottom.saturating_sub(top), page),
        })
    }
}

fn thousandths(part: u32, whole: u32) -> u16 {
    let share = u64::from(part) * 1000 / u64::from(whole.max(1));
    u16::try_from(share.min(1000)).unwrap_or(1000)
}

fn lines_of(told: &str) -> Vec<TextLine> {
    let rows: Vec<Row<'_>> = told.lines().filter_map(row).collect();
    let page = rows.iter().find(|r| r.level == PAGE).map_or(0, |r| r.height);
    let mut gathered: Vec<([&str; 3], Gathered)> = Vec::new();
    for row in rows.iter().filter(|r| r.level == WORD) {
        match gathered.last_mut() {
            Some((line, words)) if *line == row.line => words.add(row),
            Some(_) | None => {
                let mut words = Gathered::default();
                words.add(row);
                gathered.push((row.line, words));
            }
        }
    }
    let lines = gathered.iter().filter_map(|(_, words)| words.line(page));
    lines.take(LINES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t\n";

    #[test]
    fn words_become_lines_and_noise_none() {
        let told = format!(
            "{HEAD}4\t1\t1\t1\t1\t0\t0\t100\t9\t40\t-1\t\n5\t1\t1\t1\t1\t1\t0\t100\t9\t40\t96.1\tTên:\n5\t1\t1\t1\t1\t2\t0\t90\t9\t40\t58.9\tMÂY\n5\t1\t1\t1\t2\t1\t0\t200\t9\t40\t95\t \n5\t1\t2\t1\t1\t1\t0\t300\t9\t40\t21\tx~\n5\t1\t3\t1\t1\t1\t0\t300\t9\t40\t95\t--\nbroken\trow\n"
        );
        let lines = lines_of(&told);
        let wanted = TextLine {
            text: "Tên: MÂY".into(),
            confidence: 58,
            top: 45,
            height: 25,
        };
        assert_eq!(lines, [wanted]);
        assert_eq!(format!("{lines:?}"), "[TextLine(8 characters, 58)]");
        assert!(lines_of("").is_empty());
    }

    #[test]
    fn without_the_program_nothing_is_read() {
        let none = Tesseract::at("/nowhere/tesseract".into());
        assert!(!none.reads());
        assert_eq!(none.lines(vec![1]), Err(PaperError::NoTextReader));
    }

    #[cfg(unix)]
    fn script(folder: &tempfile::TempDir, body: &str) -> Tesseract {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.path().join("program");
        let text = format!("#!/bin/sh\nif [ \"$1\" = --list-langs ]; then echo vie; exit; fi\n{body}\n");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Tesseract {
            reading_max: Duration::from_secs(2),
            ..Tesseract::at(path)
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_floods_or_fails_costs_only_its_time() {
        for body in ["exec sleep 600", "exec yes", "exit 3"] {
            let folder = tempfile::tempdir().unwrap();
            let bad = script(&folder, body);
            assert!(bad.reads(), "{body}");
            let began = Instant::now();
            assert_eq!(
                bad.lines(vec![0; 1 << 20]),
                Err(PaperError::TextNotRead),
                "{body}"
            );
            assert!(began.elapsed() < Duration::from_secs(20), "{body}");
        }
    }
}
