//! The scans lane of the simulated kiosk, as `sync::scans` and `sync::upload`: one file after another, and between two of
//! them the question of what goes first.

use super::brought::{DAMAGED, Elsewhere};
use super::forms::{Ended, Word};
use super::kiosk::Step;
use super::province::Answer;
use super::world::{Ask, Said, World};
use domain::delivery::Delivery;
use domain::ids::DossierId;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;
use sync::decide::Came;
use sync::lane::{self, Due, Lane};
use sync::plan::{self, Load};
use sync::{Failure, backoff};
use wire::acknowledgement::AckFile;

/// As in `sync::scans` and `sync::upload`.
pub(super) const LOADS_MAX: usize = 200;
const ROUNDS_MAX: u32 = 3;
const STUCK_MAX: u32 = 3;

/// A dossier that waits for its files to go.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub dossier: DossierId,
    pub missing: Vec<(AckFile, u64)>,
}

/// One file on its way.
#[derive(Debug, Clone, Copy)]
struct Sending {
    file: AckFile,
    offset: u64,
    stuck: u32,
    /// It broke with this, and the true offset is asked for.
    broke: Option<Failure>,
}

/// One dossier's files on their way.
#[derive(Debug)]
pub struct Scans {
    dossier: DossierId,
    missing: VecDeque<(AckFile, u64)>,
    gone: usize,
    sending: Option<Sending>,
    last: Option<Answer>,
    rounds: u32,
    /// Its files are gone here, and this is what is asked instead of sending them.
    instead: Option<Instead>,
}

/// Where the files are gone: whether it is whole there all the same, and then its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instead {
    Asks,
    Word,
}

impl World {
    /// As `store::item::overtaken`.
    fn overtaken(&self, k: usize) -> BTreeSet<DossierId> {
        let items = &self.kiosks[k].disk.items;
        let there = items.values().filter(|i| i.delivery.is_acknowledged());
        let mut later: Vec<u64> = there.map(|i| i.seq).collect();
        later.sort_unstable_by(|a, b| b.cmp(a));
        let Some(before) = later.get(plan::OVERTAKEN_MAX as usize - 1) else {
            return BTreeSet::new();
        };
        let waits = items
            .iter()
            .filter(|(_, i)| i.delivery == Delivery::Registered && i.seq < *before);
        waits.map(|(id, _)| *id).collect()
    }

    fn soonest(&mut self, k: usize, overtaken: &BTreeSet<DossierId>) -> Option<Waiting> {
        let items = &self.kiosks[k].disk.items;
        let pass = self.kiosks[k].pass.as_ref()?;
        let load = |w: &Waiting| Load {
            dossier: w.dossier,
            device_seq: items.get(&w.dossier).map_or(0, |i| i.seq),
            bytes_left: w.missing.iter().map(|(f, at)| f.len.saturating_sub(*at)).sum(),
            failures: items.get(&w.dossier).map_or(0, |i| i.failures),
            overtaken: overtaken.contains(&w.dossier),
        };
        let mut loads: Vec<Load> = pass.loads.iter().map(load).collect();
        plan::order(&mut loads);
        let first = loads.first()?.dossier;
        let pass = self.kiosks[k].pass.as_mut()?;
        let at = pass.loads.iter().position(|w| w.dossier == first)?;
        Some(pass.loads.swap_remove(at))
    }

    pub(super) fn send_scans(&mut self, k: usize) {
        let overtaken = self.overtaken(k);
        if !overtaken.is_empty() {
            let mut rows = self.due(k, Delivery::Registered);
            rows.retain(|id| overtaken.contains(id));
            if !rows.is_empty() {
                return self.put_rows(k, rows);
            }
        }
        let Some(Waiting { dossier, missing }) = self.soonest(k, &overtaken) else {
            let rows = self.due(k, Delivery::Registered);
            return self.put_rows(k, rows);
        };
        if self.facts(k).forms {
            self.oracle
                .broken("a file goes while a form waits", Some(dossier));
        }
        match self.begin_turns(k, &[dossier]) {
            None => return,
            // Taken back since the province said what it wants: nothing more of it goes.
            Some(begun) if begun.is_empty() => return self.next_lane(k),
            Some(_) => {}
        }
        let scans = Scans {
            dossier,
            missing: missing.into(),
            gone: 0,
            sending: None,
            last: None,
            rounds: 1,
            instead: None,
        };
        let disk = &self.kiosks[k].disk;
        let files = disk.items.get(&dossier).map(|i| &i.manifest.files);
        if files.is_some_and(|files| files.iter().all(|f| disk.files.contains(&f.sha256))) {
            self.next_file(k, scans);
        } else {
            let ask = self.is_it_there(k, &dossier);
            let instead = Some(Instead::Asks);
            self.wait_for(k, Step::Scans(Box::new(Scans { instead, ..scans })), ask);
        }
    }

    fn heard_instead(&mut self, k: usize, mut scans: Scans, instead: Instead, said: Said) {
        let word = match (instead, said) {
            (Instead::Asks, said) => match self.elsewhere(k, &scans.dossier, said) {
                Elsewhere::Whole => {
                    scans.instead = Some(Instead::Word);
                    let ask = Ask::Put(self.manifests(k, &[scans.dossier]));
                    return self.wait_for(k, Step::Scans(Box::new(scans)), ask);
                }
                Elsewhere::No(failure) => Err(failure),
            },
            (Instead::Word, said) => {
                only_word(said).and_then(|answer| self.believe(k, &scans.dossier, &answer))
            }
        };
        let word = match word {
            Ok(Word::Wants(_)) => Err(DAMAGED),
            other => other,
        };
        self.finish(k, &scans, word);
    }

    fn next_file(&mut self, k: usize, mut scans: Scans) {
        if scans.gone > 0 && !scans.missing.is_empty() && self.something_first(k) {
            let left = scans.missing.drain(..).collect();
            return self.finish(k, &scans, Ok(Word::Wants(left)));
        }
        let Some((file, offset)) = scans.missing.pop_front() else {
            scans.sending = None;
            return match scans.last.take() {
                Some(answer) => {
                    let word = self.believe(k, &scans.dossier, &answer);
                    self.judged(k, scans, word);
                }
                None => {
                    let ask = Ask::Put(self.manifests(k, &[scans.dossier]));
                    self.wait_for(k, Step::Scans(Box::new(scans)), ask);
                }
            };
        };
        scans.sending = Some(Sending {
            file,
            offset,
            stuck: 0,
            broke: None,
        });
        self.patch(k, scans);
    }

    fn something_first(&self, k: usize) -> bool {
        let due = Due {
            scans: true,
            ..self.facts(k)
        };
        lane::next(due) != Some(Lane::Scans)
    }

    fn patch(&mut self, k: usize, scans: Scans) {
        if let Some(Sending { file, offset, .. }) = scans.sending {
            let ask = Ask::Patch {
                dossier: scans.dossier,
                file,
                offset,
            };
            self.wait_for(k, Step::Scans(Box::new(scans)), ask);
        }
    }

    fn where_it_stands(&mut self, k: usize, scans: Scans) {
        if let Some(Sending { file, .. }) = scans.sending {
            let ask = Ask::Head {
                dossier: scans.dossier,
                file,
            };
            self.wait_for(k, Step::Scans(Box::new(scans)), ask);
        }
    }

    pub(super) fn scans_heard(&mut self, k: usize, mut scans: Scans, said: Said) {
        if let Some(instead) = scans.instead {
            return self.heard_instead(k, scans, instead, said);
        }
        let Some(sending) = &mut scans.sending else {
            let word = only_word(said).and_then(|answer| self.believe(k, &scans.dossier, &answer));
            return self.judged(k, scans, word);
        };
        match (sending.broke, said) {
            (None, Said::Dossier(answer)) => {
                (scans.last, scans.gone) = (Some(answer), scans.gone + 1);
                self.next_file(k, scans);
            }
            (None, Said::Failed(failure)) if failure.may_resume() => {
                sending.broke = Some(failure);
                self.where_it_stands(k, scans);
            }
            (Some(_), Said::Failed(failure)) if failure.may_resume() && sending.stuck + 1 < STUCK_MAX => {
                sending.stuck += 1;
                self.where_it_stands(k, scans);
            }
            (Some(failure), Said::Offset(held)) => {
                sending.stuck = if held > sending.offset {
                    0
                } else {
                    sending.stuck + 1
                };
                if sending.stuck >= STUCK_MAX || held > sending.file.len {
                    return self.finish(k, &scans, Err(failure));
                }
                (sending.offset, sending.broke) = (held, None);
                if held == sending.file.len {
                    // It was the answer that got lost.
                    (scans.last, scans.gone) = (None, scans.gone + 1);
                    return self.next_file(k, scans);
                }
                self.patch(k, scans);
            }
            (_, Said::Failed(failure)) => self.finish(k, &scans, Err(failure)),
            (_, _) => self.finish(k, &scans, Err(Failure::NotTheService)),
        }
    }

    /// The end of a round: whole, or once more for what is still wanted.
    fn judged(&mut self, k: usize, mut scans: Scans, word: Result<Word, Failure>) {
        match word {
            Ok(Word::Wants(_)) if scans.rounds >= ROUNDS_MAX => self.finish(k, &scans, Err(Failure::Resume)),
            Ok(Word::Wants(still)) => {
                scans.rounds += 1;
                (scans.missing, scans.gone, scans.last) = (still.into(), 0, None);
                self.next_file(k, scans);
            }
            done => self.finish(k, &scans, done),
        }
    }

    fn finish(&mut self, k: usize, scans: &Scans, came: Result<Word, Failure>) {
        let rest = match &came {
            Err(Failure::Server {
                retry_after: Some(asked),
            }) => Some(*asked),
            _ => None,
        };
        if let (Ok(Word::Wants(missing)), Some(pass)) = (&came, &mut self.kiosks[k].pass) {
            pass.loads.push(Waiting {
                dossier: scans.dossier,
                missing: missing.clone(),
            });
        }
        let turn = Came::from(came.as_ref().err().copied());
        match (self.end_turns(k, vec![(scans.dossier, came, turn)]), rest) {
            (Ended::Died, _) => {}
            (_, Some(asked)) => {
                self.leave_alone(k, asked);
                self.next_lane(k);
            }
            (Ended::GoesOn, None) => self.next_lane(k),
            (Ended::Stopped(failure), None) => self.end_pass(k, Some(failure)),
        }
    }

    /// No more files until then, spread so that not all come back at once.
    pub(super) fn leave_alone(&mut self, k: usize, asked: Duration) {
        let rest = asked.saturating_add(backoff::spread(asked / 4, self.rng.number()));
        let kiosk = &mut self.kiosks[k];
        kiosk.scans_rest_until = self.now + i64::try_from(rest.as_millis()).unwrap_or(0);
        if let Some(pass) = &mut kiosk.pass {
            pass.loads.clear();
        }
    }
}

/// To a request of one form.
fn only_word(said: Said) -> Result<Answer, Failure> {
    match said {
        Said::Dossiers(mut words) => words.pop().unwrap_or(Err(Failure::NotTheService)),
        Said::Failed(failure) => Err(failure),
        _ => Err(Failure::NotTheService),
    }
}
