//! An identity card fills one person's part of the form: read by a scanner, by a keyboard-like scanner, or from a picture.
//!
//! **Invariant:** the code is a stranger's text. It is checked before anything is filled, it is not kept, and a card that
//! cannot be read changes nothing.

use crate::access::Caller;
use crate::card_scanner::{self, ScannerFault};
use crate::commands::dossier::{changed, save_and_show};
use crate::commands::papers::read_bounded;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::views::DossierView;
use crate::walk;
use domain::id_card::{self, CardFault};
use domain::ids::{DossierId, PaperFileId, QuestionId};
use domain::interview::fill_from_card as fill;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct FillFromCard {
    pub dossier: DossierId,
    /// The question of the name of the person whose card it is.
    pub person: QuestionId,
    /// What the card's QR code says, as the scanner typed it.
    pub code: String,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ScanCard {
    pub dossier: DossierId,
    pub person: QuestionId,
}

/// A picture of a card or a slip: a file of this machine, or what the window handed in (camera, dropped file).
#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum CardPicture {
    File { path: String },
    HandedIn { handle: PaperFileId },
}

impl CardPicture {
    /// The QR codes on it. It is opened in the bounded process, and kept nowhere.
    pub(crate) fn codes(self, app: &App) -> Result<Vec<String>, Problem> {
        let bytes = match self {
            Self::File { path } => read_bounded(std::path::Path::new(&path))?,
            Self::HandedIn { handle } => app.handed_in(handle).ok_or(ProblemCode::FileMissing)?,
        };
        Ok(paper::codes::qr_texts(&app.reader, bytes)?)
    }
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ReadCardPicture {
    pub dossier: DossierId,
    pub person: QuestionId,
    pub picture: CardPicture,
}

impl From<CardFault> for Problem {
    fn from(fault: CardFault) -> Self {
        Self::new(match fault {
            CardFault::Garbled => ProblemCode::CardGarbled,
            CardFault::TooLong
            | CardFault::Control
            | CardFault::Fields
            | CardFault::Number
            | CardFault::Born
            | CardFault::Sex => ProblemCode::CardUnreadable,
        })
    }
}

impl From<ScannerFault> for Problem {
    fn from(fault: ScannerFault) -> Self {
        Self::new(match fault {
            ScannerFault::Missing => ProblemCode::CardScannerMissing,
            ScannerFault::Silent => ProblemCode::CardScannerSilent,
            ScannerFault::TooLong | ScannerFault::NotText => ProblemCode::CardUnreadable,
        })
    }
}

/// The code as a keyboard-like scanner typed it, or as another program read it.
pub fn fill_from_card(app: &App, _: Caller, request: FillFromCard) -> Result<DossierView, Problem> {
    put(app, request.dossier, &request.person, &request.code)
}

/// Waits for a card at the serial scanner. The wait holds no lock: the screens stay alive.
pub fn scan_card(app: &App, _: Caller, request: ScanCard) -> Result<DossierView, Problem> {
    let device = app
        .card_scanner
        .clone()
        .or_else(card_scanner::connected)
        .ok_or(ProblemCode::CardScannerMissing)?;
    let code = card_scanner::read(&device, card_scanner::PATIENCE)?;
    put(app, request.dossier, &request.person, &code)
}

/// The code on a picture of a card.
pub fn read_card_picture(app: &App, _: Caller, request: ReadCardPicture) -> Result<DossierView, Problem> {
    let texts = request.picture.codes(app)?;
    // A picture may hold more codes than the card's: the one that is a card is meant.
    let card = texts
        .iter()
        .find(|text| id_card::read(text).is_ok())
        .or(texts.first());
    let code = card.ok_or(ProblemCode::CardNoCode)?;
    put(app, request.dossier, &request.person, code)
}

fn put(app: &App, dossier: DossierId, person: &QuestionId, code: &str) -> Result<DossierView, Problem> {
    let (today, _) = crate::clock::at_counter(app.clock.now());
    let citizen_window = app.screens().citizen_window;
    app.with_session(|session| {
        let row = session.open(dossier)?;
        if row.body.consent.is_none() {
            return Err(ProblemCode::ConsentMissing.into());
        }
        let procedure = walk::entry(app, row)?.procedure.clone();
        let block = procedure
            .cards
            .iter()
            .find(|block| block.name == *person)
            .ok_or_else(|| Problem::new(ProblemCode::QuestionUnknown).at(person.clone()))?;
        let card = id_card::read(code)?;
        let before = row.body.answers.clone();
        let filled = fill(
            &procedure,
            &mut row.body.answers,
            block,
            &card,
            today,
            &app.catalogue().lists,
        );
        for question in filled
            .iter()
            .filter(|q| row.body.answers.value(q) != before.value(q))
            .cloned()
            .collect::<Vec<_>>()
        {
            changed(row, &procedure, &question, citizen_window);
        }
        save_and_show(app, session)
    })
}
