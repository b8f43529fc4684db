//! Answers that are typed while the machine dies: what the kiosk answered as kept is there afterwards, or a later one
//! that was typed after it.

use super::aim::Fell;
use super::kiosk::Moment;
use super::life::Life;
use super::{Promises, answer};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stories::seeded::Seeded;

/// Typed one after another, without waiting.
const BURST: usize = 12;
const QUESTIONS: [&str; 2] = ["child_name", "requester_name"];

/// How far each of the two fields has come: the answer that was promised last, and the one that was typed last.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    typed: u64,
    kept: [u64; 2],
    asked: [u64; 2],
}

/// A name for each number; no name stands within another.
fn name(n: u64) -> String {
    let (consonants, vowels) = (
        ["B", "D", "G", "H", "K", "L", "M", "N", "R", "S"],
        ["a", "e", "o", "u"],
    );
    let mut rest = n;
    let mut name = String::from("Vàng ");
    for _ in 0..4 {
        let at = |of: &[&str], rest: &mut u64| -> String {
            let len = of.len() as u64;
            let found = of.get(usize::try_from(*rest % len).unwrap_or(0));
            *rest /= len;
            found.copied().unwrap_or_default().to_lowercase()
        };
        name.push_str(&at(&consonants, &mut rest));
        name.push_str(&at(&vowels, &mut rest));
    }
    name
}

impl Answers {
    /// Every kept answer stands in the dossier as it is shown.
    pub fn judge(&mut self, view: &Value) -> Result<()> {
        let shown = view
            .get("interview")
            .map(ToString::to_string)
            .unwrap_or_default()
            .to_lowercase();
        for (kept, asked) in self
            .kept
            .iter_mut()
            .zip(self.asked)
            .filter(|(kept, _)| **kept > 0)
        {
            let found = (*kept..=asked)
                .rev()
                .find(|n| shown.contains(&name(*n).to_lowercase()));
            ensure!(
                found.is_some(),
                "lost: an answer that was kept, number {kept} of {asked}"
            );
            *kept = found.unwrap_or(*kept);
        }
        Ok(())
    }
}

/// Types until the program dies.
pub fn kill(life: &mut Life, random: &mut Seeded, promises: Promises) -> Result<Fell> {
    let (mut kiosk, _) = life.at_desk()?;
    let draft = life.draft.clone();
    let mut asked = Vec::new();
    for turn in 0..BURST {
        life.book.answers.typed += 1;
        let (n, which) = (life.book.answers.typed, turn % QUESTIONS.len());
        let raw = json!({ "kind": "text", "value": name(n) });
        let question = QUESTIONS[which];
        let id = kiosk.send(
            "operator",
            "give_answer",
            json!({ "dossier": draft, "question": question, "raw": raw }),
        )?;
        life.book.answers.asked[which] = n;
        asked.push((id, which, n));
    }
    let mut wait = life.wait(Moment::Typing, random);
    if promises == Promises::WhenAsked {
        wait /= 8;
    }
    std::thread::sleep(wait);
    let heard = kiosk.kill_and_hear()?;
    let mut answered = 0;
    for (id, which, n) in asked {
        let told = answer(&heard, id).is_some();
        answered += usize::from(told);
        if told || promises == Promises::WhenAsked {
            life.book.answers.kept[which] = n;
        }
    }
    let fell = match answered {
        0 => Fell::Before,
        BURST => Fell::After,
        _ => Fell::Within,
    };
    life.fell(Moment::Typing, wait, fell);
    Ok(fell)
}

#[cfg(test)]
mod tests {
    use super::name;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_has_a_name_of_its_own_and_none_stands_within_another() {
        let all: BTreeSet<_> = (0..50_000).map(name).collect();
        assert_eq!(all.len(), 50_000);
        assert!(all.iter().all(|one| one.len() == name(0).len()));
    }
}
