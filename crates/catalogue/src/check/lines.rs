//! Where things stand in a JSON text: a tree with lines and byte offsets, and the way from a mistake's place to its line.
//!
//! **Invariant:** it is built only from a text that serde_json has read, so it is well formed and not deep; it judges
//! nothing itself.

use domain::procedure::{Mistake, MistakeKind};

/// A value and where it stands.
pub(super) struct Node {
    pub line: usize,
    pub start: usize,
    pub end: usize,
    pub what: What,
}

pub(super) enum What {
    Object(Vec<Member>),
    Array(Vec<Node>),
    Text(String),
    Other,
}

/// A key with its value; `start` is the key's first quote.
pub(super) struct Member {
    pub key: String,
    pub line: usize,
    pub start: usize,
    pub node: Node,
}

impl Node {
    /// The tree of a text; `None` where serde_json does not read it.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        serde_json::from_slice::<serde_json::Value>(text).ok()?;
        Scan { text, at: 0, line: 1 }.value()
    }

    fn members(&self) -> &[Member] {
        if let What::Object(members) = &self.what {
            members
        } else {
            &[]
        }
    }

    fn items(&self) -> &[Self] {
        if let What::Array(items) = &self.what {
            items
        } else {
            &[]
        }
    }

    fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|m| m.key == key).map(|m| &m.node)
    }

    fn is_text(&self, wanted: &str) -> bool {
        matches!(&self.what, What::Text(text) if text == wanted)
    }

    fn is_named(&self, name: &str) -> bool {
        ["id", "code", "value"]
            .iter()
            .any(|key| self.get(key).is_some_and(|node| node.is_text(name)))
    }

    /// This value and everything inside it, in the order of the text.
    pub(super) fn walk(&self) -> Vec<&Self> {
        let mut all = vec![self];
        for member in self.members() {
            all.extend(member.node.walk());
        }
        for item in self.items() {
            all.extend(item.walk());
        }
        all
    }

    /// Every key with its value, at any depth.
    pub(super) fn all_members(&self) -> Vec<&Member> {
        self.walk().into_iter().flat_map(Self::members).collect()
    }

    /// The innermost object around a byte.
    pub(super) fn object_around(&self, byte: usize) -> Option<&Self> {
        let around =
            |node: &&Self| matches!(node.what, What::Object(_)) && node.start <= byte && byte <= node.end;
        self.walk().into_iter().rfind(around)
    }

    /// The line of a mistake: as far down its place as the text goes, then to the name that it is about.
    pub(super) fn line_of(&self, mistake: &Mistake) -> usize {
        let mut at = self;
        let mut line = self.line;
        for name in mistake.place.split('.') {
            let Some((next, next_line)) = at.step(name) else {
                continue;
            };
            (at, line) = (next, next_line);
        }
        let (name, nth) = match &mistake.kind {
            MistakeKind::Twice(name) => (name, 1),
            MistakeKind::UnknownQuestion(name)
            | MistakeKind::UnknownPaper(name)
            | MistakeKind::UnknownSource(name)
            | MistakeKind::CardPart(name) => (name, 0),
            MistakeKind::UnknownOption { value, .. } => (value, 0),
            MistakeKind::WrongType { question, .. } => (question, 0),
            MistakeKind::Loop => return self.line_of_last(&mistake.place),
            MistakeKind::Code
            | MistakeKind::TooDeep(_)
            | MistakeKind::TooLong(_)
            | MistakeKind::TooMany(_)
            | MistakeKind::Empty
            | MistakeKind::Bounds
            | MistakeKind::NotClean
            | MistakeKind::Column
            | MistakeKind::Term(_)
            | MistakeKind::Computed => return line,
        };
        let named = at.walk().into_iter().filter(|node| node.is_text(name)).nth(nth);
        named.map_or(line, |node| node.line)
    }

    /// The line on which the thing with the last name of a place is defined.
    fn line_of_last(&self, place: &str) -> usize {
        let name = place.rsplit('.').next().unwrap_or_default();
        let defined = self.walk().into_iter().find(|node| node.is_named(name));
        defined.map_or(self.line, |node| node.line)
    }

    /// One name further down: a key, the thing of that id in a list, or a question of a page or a group.
    fn step(&self, name: &str) -> Option<(&Self, usize)> {
        if let Some(member) = self.members().iter().find(|m| m.key == name) {
            return Some((&member.node, member.line));
        }
        let named = |list: &'_ [Self]| list.iter().position(|item| item.is_named(name));
        let lists = [
            Some(self),
            self.get("questions"),
            self.get("kind").and_then(|kind| kind.get("questions")),
        ];
        for list in lists.into_iter().flatten() {
            let items = list.items();
            if let Some(item) = named(items).and_then(|at| items.get(at)) {
                return Some((item, item.line));
            }
        }
        // `channels.note` names a key of some channel.
        self.items().iter().find_map(|item| {
            let member = item.members().iter().find(|m| m.key == name)?;
            Some((&member.node, member.line))
        })
    }
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Scan<'_> {
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.line += usize::from(byte == b'\n');
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self) -> Option<Node> {
        let first = self.peek()?;
        let (line, start) = (self.line, self.at);
        let what = match first {
            b'{' => self.object()?,
            b'[' => self.array()?,
            b'"' => What::Text(self.string()?),
            _ => self.word(),
        };
        Some(Node {
            line,
            start,
            end: self.at,
            what,
        })
    }

    fn object(&mut self) -> Option<What> {
        let mut members = Vec::new();
        self.at += 1;
        while !self.eat(b'}') {
            self.peek()?;
            let (line, start) = (self.line, self.at);
            let key = self.string()?;
            self.eat(b':');
            let node = self.value()?;
            members.push(Member {
                key,
                line,
                start,
                node,
            });
            self.eat(b',');
        }
        Some(What::Object(members))
    }

    fn array(&mut self) -> Option<What> {
        let mut items = Vec::new();
        self.at += 1;
        while !self.eat(b']') {
            items.push(self.value()?);
            self.eat(b',');
        }
        Some(What::Array(items))
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.text.get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_slice(self.text.get(start..self.at)?).ok()
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> What {
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        What::Other
    }
}
