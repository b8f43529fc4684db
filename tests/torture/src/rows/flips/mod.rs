//! Flipped bits, sectors and pages in every place that a dossier lies in: sealed files, the index and its log, the
//! machine's card, drafts and their log, and the province's files, database and log.
//!
//! **Invariant:** nothing damaged is ever taken for what was written, and damage of one dossier holds up no other. What a
//! damaged log loses comes back as it was committed before: told as that, never as another content. No damage of the
//! province comes into its backup.

mod damage;
mod drafts;
mod kiosk;
mod province;

use crate::row::{Plan, Row};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use stories::seeded::Seeded;

/// What came of one injection.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    /// As it was written.
    good: u64,
    /// Found damaged before anything was done with it.
    found: u64,
    /// Taken for what was written although it is another.
    wrong: u64,
    /// An earlier state of itself: the log behind it is gone.
    older: u64,
    /// Identity and content hold, and a column beside them says something else.
    beside: u64,
    /// The whole was damaged, and made again from what else there is.
    made_again: bool,
    /// It does not open, and says so.
    refused: bool,
    /// No backup was made of it, and the backup of before stands.
    stopped: bool,
}

/// Where the damage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    File,
    Index,
    IndexLog,
    Card,
    Drafts,
    DraftsLog,
    ProvinceFile,
    Province,
    ProvinceLog,
}

/// In turn, so that each has its share.
const PLACES: [Place; 10] = [
    Place::File,
    Place::Index,
    Place::Drafts,
    Place::ProvinceFile,
    Place::File,
    Place::IndexLog,
    Place::Card,
    Place::DraftsLog,
    Place::Province,
    Place::ProvinceLog,
];

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::File => "sealed files",
            Self::Index => "index",
            Self::IndexLog => "its log",
            Self::Card => "card",
            Self::Drafts => "drafts",
            Self::DraftsLog => "their log",
            Self::ProvinceFile => "the province's files",
            Self::Province => "its database",
            Self::ProvinceLog => "the log of that",
        }
    }

    /// What is sealed is there twice and is to go on in ninety-nine of a hundred cases; a draft exists once.
    fn is_sealed(self) -> bool {
        matches!(
            self,
            Self::File | Self::Index | Self::IndexLog | Self::Card | Self::ProvinceFile
        )
    }
}

/// All of one place.
#[derive(Debug, Default)]
struct Sum {
    injections: u64,
    others: u64,
    possible: u64,
    older: u64,
    beside: u64,
    made_again: u64,
    refused: u64,
    stopped: u64,
}

impl Sum {
    fn add(&mut self, seen: &Seen, dossiers: u64) {
        self.injections += 1;
        self.possible += dossiers - 1;
        self.others += (seen.good + seen.older).min(dossiers - 1);
        self.older += seen.older;
        self.beside += seen.beside;
        self.made_again += u64::from(seen.made_again);
        self.refused += u64::from(seen.refused);
        self.stopped += u64::from(seen.stopped);
    }

    fn words(&self, place: Place) -> String {
        let mut words = format!(
            "{} {}: {} of {} others go on",
            place.name(),
            self.injections,
            self.others,
            self.possible
        );
        for (count, what) in [
            (self.made_again, "made again"),
            (self.refused, "not opened"),
            (self.stopped, "not taken into a backup"),
            (self.older, "as committed before"),
            (self.beside, "a column beside is another"),
        ] {
            if count > 0 {
                words.push_str(&format!(", {count} {what}"));
            }
        }
        words
    }
}

/// Ten thousand injections.
pub fn flips(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(600, 10_000);
    let mut row = Row::new("flips", "injections", plan, wanted);
    let mut random = Seeded::new(plan.seed);
    let counter = kiosk::counter(plan)?;
    let draft = drafts::drafts(plan)?;
    let province = province::province(plan)?;
    let mut sums: BTreeMap<Place, Sum> = BTreeMap::new();
    for (n, place) in (0..wanted).zip(PLACES.into_iter().cycle()) {
        let (seen, dossiers) = match place {
            Place::File | Place::Index | Place::IndexLog => {
                (kiosk::inject(&counter, place, &mut random, true), kiosk::DOSSIERS)
            }
            Place::Card => (kiosk::inject_card(&counter, &mut random), kiosk::DOSSIERS),
            Place::Drafts | Place::DraftsLog => (draft.inject(place, &mut random), drafts::DRAFTS),
            Place::ProvinceFile | Place::Province | Place::ProvinceLog => {
                (province.inject(place, &mut random), province::DOSSIERS)
            }
        };
        let seen = seen.with_context(|| format!("injection {n} in {place:?}"))?;
        if seen.wrong > 0 {
            row.breaks(format!(
                "injection {n} in {place:?}: damaged and taken for what was written, {seen:?}"
            ));
        }
        sums.entry(place).or_default().add(&seen, dossiers);
        row.done += 1;
    }
    let sealed = sums.iter().filter(|(place, _)| place.is_sealed());
    let (others, possible) = sealed.fold((0, 0), |(o, p), (_, sum)| (o + sum.others, p + sum.possible));
    if others * 100 < possible * 99 {
        row.breaks(format!("{others} of {possible} others could be delivered"));
    }
    let words: Vec<_> = sums.iter().map(|(place, sum)| sum.words(*place)).collect();
    row.note = words.join("; ");
    let mut wrong = 0;
    for _ in 0..50 {
        wrong += kiosk::inject(&counter, Place::File, &mut random, false)?.wrong;
    }
    row.control(
        "checks off",
        wrong > 0,
        format!("{wrong} damaged dossiers would have gone"),
    );
    let wrong = kiosk::card_without_hash(&counter, &mut random)?;
    row.control(
        "a card without its hash",
        wrong > 0,
        format!("{wrong} of 200 damaged cards would have been believed"),
    );
    let wrong = draft.without_the_cipher(&mut random)?;
    row.control(
        "drafts without the cipher",
        wrong > 0,
        format!(
            "{wrong} damaged drafts of {} injections would have been shown",
            drafts::WITHOUT_THE_CIPHER
        ),
    );
    let wrong = province.by_length(&mut random)?;
    row.control(
        "the province's files by their length",
        wrong > 0,
        format!("{wrong} of 50 damaged files would have been copied"),
    );
    let wrong = province.by_pages(&mut random)?;
    row.control(
        "the province's database by its pages",
        wrong > 0,
        format!("{wrong} of 200 damaged databases would have replaced a backup"),
    );
    if let Err(why) = province.way_back() {
        row.breaks(format!("no way back from the backup after all this: {why}"));
    }
    Ok(row)
}
