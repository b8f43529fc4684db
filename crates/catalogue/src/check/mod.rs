//! Every mistake of a procedure file or of a whole catalogue, each with its file and line, in words that a clerk who does
//! not program can act on, in Vietnamese and English.
//!
//! **Invariant:** what passes here is what a counter takes, and the other way round: the same check decides both. A mistake
//! in the shape of one field does not hide those behind it.

mod lines;
mod shape;
mod words;

use crate::bundle::Bundle;
use crate::content::{Catalogue, Fault};
use crate::parts::Parts;
use domain::procedure::{Mistake, MistakeKind, Procedure, ProcedureFault};
use domain::text::Words;
use lines::Node;
use std::collections::BTreeMap;
use std::fmt;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub file: String,
    /// Counted from 1.
    pub line: Option<usize>,
    /// Path in the file, by ids; empty where the line says enough.
    pub place: String,
    pub words: Words,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.place.is_empty() {
            String::new()
        } else {
            format!(" [{}]", self.place)
        };
        let line = self.line.map_or_else(String::new, |line| format!(":{line}"));
        write!(
            f,
            "{}{line}:{place} {}\n    {}",
            self.file, self.words.vi, self.words.en
        )
    }
}

/// Checks one procedure file; `file` is how it is called in what is said.
///
/// # Errors
/// Every mistake, in the order of lines.
pub fn check_procedure(file: &str, bytes: &[u8]) -> Result<Procedure, Vec<Finding>> {
    let (text, mut found) = shape::read(file, bytes)?;
    let checked = Procedure::from_json(&text);
    let tree = Node::of(&text);
    match checked {
        Ok(procedure) if found.is_empty() => return Ok(procedure),
        Ok(_) => {}
        Err(ProcedureFault::Mistakes(mistakes)) => {
            found.extend(mistakes.iter().map(|m| finding(file, tree.as_ref(), m)));
        }
        // `shape` has read it already.
        Err(ProcedureFault::Json(e)) => found.push(shape::finding(file, tree.as_ref(), &text, &e)),
    }
    found.sort_by_key(|f| f.line);
    Err(found)
}

fn finding(file: &str, tree: Option<&Node>, mistake: &Mistake) -> Finding {
    Finding {
        file: file.to_owned(),
        line: tree.map(|tree| tree.line_of(mistake)),
        place: mistake.place.clone(),
        words: words::mistake(&mistake.kind),
    }
}

/// Checks a whole catalogue: every procedure, codes that stand twice, lists, units, calendar, and that every paper draws.
#[must_use]
pub fn check_parts(parts: &Parts) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut codes: BTreeMap<String, &str> = BTreeMap::new();
    for (file, bytes) in parts.below("procedures") {
        match check_procedure(file, bytes) {
            Err(mistakes) => found.extend(mistakes),
            Ok(procedure) => {
                let code = procedure.code.to_string();
                let wanted = format!("procedures/{code}.json");
                if let Some(other) = codes.insert(code.clone(), file) {
                    found.push(at_code(file, bytes, words::twice(&code, other)));
                } else if wanted != file {
                    found.push(at_code(file, bytes, words::misnamed(&wanted)));
                }
            }
        }
    }
    if found.is_empty() {
        found.extend(whole(parts));
    }
    found.extend(papers(parts));
    found
}

/// Papers that are not those that the program was built with are drawn, each with everything that can stand on it: one
/// that does not draw would be missed at the counter, by whoever waits for it (decision 0044).
fn papers(parts: &Parts) -> Vec<Finding> {
    let files = parts.below("paper").map(|(path, bytes)| {
        let name = path.strip_prefix("paper/").unwrap_or(path);
        (name.to_owned(), bytes.to_vec())
    });
    let faults = match paper::Templates::built_in().with_files(files) {
        Ok(set) if set.is_built_in() => Vec::new(),
        Ok(set) => set.check(),
        Err(fault) => vec![fault],
    };
    let finding = |fault: &paper::TemplateFault| {
        let (name, line) = fault.place();
        Finding {
            file: format!("paper/{name}"),
            line,
            place: String::new(),
            words: words::paper(fault),
        }
    };
    faults.iter().map(finding).collect()
}

/// What only shows once all files are read together.
fn whole(parts: &Parts) -> Option<Finding> {
    let fault = Catalogue::of(&Bundle::unsigned(parts.clone())).err()?;
    let said = match fault.fault {
        Fault::Procedure(e) => e.to_string(),
        Fault::Twice(code) => code.to_string(),
        Fault::Other(said) => said,
    };
    Some(Finding {
        file: fault.file,
        line: None,
        place: String::new(),
        words: words::unreadable(&said),
    })
}

fn at_code(file: &str, bytes: &[u8], words: Words) -> Finding {
    let code = Mistake {
        place: "code".to_owned(),
        kind: MistakeKind::Code,
    };
    Finding {
        file: file.to_owned(),
        line: Node::of(bytes).map(|tree| tree.line_of(&code)),
        place: "code".to_owned(),
        words,
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
