//! Mistakes in the shape of a file: not JSON, a field that is not there, one that is missing.
//!
//! A field that is not there is said, blanked out and the rest is read, so that one misspelt field hides no other mistake.

use super::Finding;
use super::lines::{Member, Node};
use super::words;
use domain::procedure::Procedure;

/// Unknown fields that are said of one file; after that many the clerk has enough to do.
const UNKNOWN_FIELDS_MAX: usize = 40;

/// The text in which everything has its place, and the unknown fields that were blanked out of it.
///
/// # Errors
/// Where it cannot be read even so: everything that was found.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<(Vec<u8>, Vec<Finding>), Vec<Finding>> {
    let mut text = bytes.to_vec();
    let mut found = Vec::new();
    loop {
        let fault = match serde_json::from_slice::<Procedure>(&text) {
            Ok(_) => return Ok((text, found)),
            Err(fault) => fault,
        };
        let tree = Node::of(&text);
        let unknown = tree.as_ref().and_then(|tree| unknown_field(tree, &text, &fault));
        let said = finding(file, tree.as_ref(), &text, &fault);
        found.push(match unknown {
            Some(member) => Finding {
                line: Some(member.line),
                ..said
            },
            None => said,
        });
        let Some(member) = unknown.filter(|_| found.len() < UNKNOWN_FIELDS_MAX) else {
            return Err(found);
        };
        let (start, end) = (member.start, member.node.end);
        blank(&mut text, start, end);
    }
}

/// What serde said, with its line.
pub(super) fn finding(file: &str, tree: Option<&Node>, text: &[u8], fault: &serde_json::Error) -> Finding {
    let said = fault.to_string();
    // A missing field is noticed at the end of its object; a person looks for it at the beginning.
    let object = said
        .starts_with("missing field")
        .then(|| tree?.object_around(offset(text, fault).saturating_sub(1)))
        .flatten();
    Finding {
        file: file.to_owned(),
        line: Some(object.map_or(fault.line().max(1), |object| object.line)),
        place: String::new(),
        words: words::shape(&said),
    }
}

/// The byte that a fault points to.
fn offset(text: &[u8], fault: &serde_json::Error) -> usize {
    let before: usize = text
        .split_inclusive(|byte| *byte == b'\n')
        .take(fault.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    before + fault.column()
}

/// The field that serde calls unknown: the last one of that name before the place where it was noticed.
fn unknown_field<'t>(tree: &'t Node, text: &[u8], fault: &serde_json::Error) -> Option<&'t Member> {
    let said = fault.to_string();
    let name = words::quoted(said.strip_prefix("unknown field ")?)?;
    let noticed = offset(text, fault);
    let fits = |member: &&Member| member.key == name && member.start <= noticed;
    tree.all_members()
        .into_iter()
        .filter(fits)
        .max_by_key(|m| m.start)
}

/// Blanks a member and the comma that goes with it; every line stays where it is.
fn blank(text: &mut [u8], start: usize, end: usize) {
    let white = |byte: &u8| byte.is_ascii_whitespace();
    let after = text
        .get(end..)
        .and_then(|rest| rest.iter().position(|byte| !white(byte)))
        .map(|skip| end + skip);
    let before = text
        .get(..start)
        .and_then(|rest| rest.iter().rposition(|byte| !white(byte)));
    let comma = [after, before]
        .into_iter()
        .flatten()
        .find(|at| text.get(*at) == Some(&b','));
    for at in (start..end).chain(comma) {
        if let Some(byte) = text.get_mut(at).filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
    }
}
