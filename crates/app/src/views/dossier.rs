//! A dossier under work, as the operator's window shows it.

use crate::views::{CodeView, PageWarning, ProcedureCard};
use domain::consent::{ConsentAct, NoticeLine};
use domain::ids::{ComponentId, DossierId, PageId, PaperFileId, QuestionId};
use domain::interview::upgrade::UpgradeView;
use domain::interview::{InterviewView, OptionView};
use domain::paper_remark::PaperRemark;
use domain::practice::StepOutcome;
use domain::procedure::{Channel, ListName};
use domain::receipt::OriginalPlace;
use domain::roles::{AuthorisationNeed, Standing};
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use ts_rs::TS;

/// Where in the walk the dossier stands; saved, so that after a kill it opens where it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Place {
    /// The offer (papers, fee, time) and the consent notice.
    Consent,
    Page {
        page: PageId,
        /// Came from the check-answers page: the way on leads back there.
        back_to_check: bool,
    },
    Papers {
        back_to_check: bool,
    },
    Check,
    /// The citizen's second act.
    Filing,
}

/// One captured file. Its bytes are fetched by handle, never through JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct FileView {
    pub id: PaperFileId,
    pub component: ComponentId,
    /// `image/jpeg` or `application/pdf`.
    pub media: String,
    pub bytes: u32,
    /// Bytes of the file that was picked.
    pub original_bytes: u32,
    pub pages: u32,
    /// SHA-256 of the readable bytes kept, lower-case hex.
    pub sha256: String,
    /// There is a picture to show at `file/{id}`.
    pub has_picture: bool,
    /// What a person should look at.
    pub warnings: Vec<PageWarning>,
    /// A page of this dossier that was there before and is the same.
    pub same_as: Option<PaperFileId>,
    pub codes: Vec<CodeView>,
}

/// What the procedure costs and takes, before anything is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct OfferView {
    /// The whole notice, for reading aloud.
    pub notice: Words,
    /// The same, line by line.
    pub notice_lines: Vec<NoticeLine>,
    pub notice_version: String,
    /// On the chosen channel; while none is chosen, what all of them agree on.
    pub fee: Words,
    pub time: Words,
    /// The channels beside each other; empty where there is only one.
    pub ways: Vec<WayView>,
    /// What the procedure's file says from memory: for the officer, never shown as law.
    pub unverified: Vec<String>,
    /// Papers to have at hand.
    pub papers: Vec<Words>,
    /// "Nộp trong 60 ngày kể từ ngày sinh" and the like.
    pub deadline: Option<Words>,
    /// Where statements of law come from.
    pub sources: Vec<String>,
}

/// One way of handing in, with what it costs and takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct WayView {
    pub channel: Channel,
    pub name: Words,
    pub fee: Words,
    pub time: Words,
    pub chosen: bool,
}

/// A line of print on a captured page, in thousandths of its height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct FoundAtView {
    pub file: PaperFileId,
    pub top: u16,
    pub height: u16,
}

/// Everything that the interview screens need, whole.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DossierView {
    pub dossier: DossierId,
    pub procedure: ProcedureCard,
    pub place: Place,
    pub offer: OfferView,
    pub consented: bool,
    pub filing_confirmed: bool,
    pub interview: InterviewView,
    /// Which lists its questions name: those of the catalogue that it stands on. `get_list` gives one of them.
    pub lists: String,
    /// Its procedure has changed since it was begun: what moving to the new version would do. It stays on its own until
    /// the officer accepts.
    pub upgrade: Option<UpgradeView>,
    pub files: Vec<FileView>,
    /// This machine can read the print on a page.
    pub reads_text: bool,
    /// Answers that the machine read on a page: where, for as long as they are suggestions and the page is there.
    pub found_at: BTreeMap<QuestionId, FoundAtView>,
    pub originals: BTreeMap<ComponentId, OriginalPlace>,
    /// What should be put right about where originals are, held against what the procedure asks.
    pub paper_remarks: BTreeMap<ComponentId, PaperRemark>,
    /// Bytes that one page may have at most.
    pub page_bytes_max: u32,
    /// Answers that the citizen said are wrong and nobody has changed since.
    pub wrong: Vec<QuestionId>,
    /// Pages that the citizen confirmed since they last changed.
    pub pages_confirmed: Vec<PageId>,
    /// `HH:MM:SS`: everything above is on disk, encrypted.
    pub saved_at: String,
    /// Once sealed, only the receipt is left to do.
    pub sealed: bool,
    pub people: PeopleView,
    pub practice: PracticeView,
    /// Who opened it, the latest first: every reader sees who read before.
    pub openings: Vec<OpeningView>,
    /// Left to the counter by somebody, with a word for whoever goes on.
    pub handed_over: Option<HandedOverView>,
}

/// A list that questions name, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ListView {
    /// As in the view that named it: another catalogue may have another list of this name.
    pub lists: String,
    pub list: ListName,
    pub options: Arc<Vec<OptionView>>,
}

/// Who stands where, as far as it is said at the counter and not in the form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PeopleView {
    pub standing: Option<Standing>,
    /// What follows from it.
    pub authorisation: Option<AuthorisationNeed>,
    /// Who stands by where the person cannot sign.
    pub witness: Option<String>,
    /// How consent was given.
    pub consent_act: Option<ConsentAct>,
}

/// What this person may try with their own hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PracticeView {
    /// Do they have a telephone and an e-ID? None: not asked yet.
    pub has_phone: Option<bool>,
    /// The step that they were asked to try last time.
    pub handed: Option<HandedStepView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct HandedStepView {
    pub words: Words,
    /// Counted from 1.
    pub number: u32,
    pub of: u32,
    pub outcome: Option<StepOutcome>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct OpeningView {
    pub who: String,
    /// `HH:MM dd/MM/yyyy`.
    pub at: String,
    pub reason: Words,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct HandedOverView {
    pub who: String,
    pub at: String,
    pub note: String,
}

impl std::fmt::Debug for HandedOverView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandedOverView(…)")
    }
}

impl std::fmt::Debug for DossierView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DossierView({})", self.dossier)
    }
}
