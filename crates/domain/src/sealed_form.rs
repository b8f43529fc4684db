//! The form inside the envelope, version 1: what the province reads once it has opened a dossier.
//!
//! Written as JSON, compressed, then encrypted; it never appears in the clear outside the kiosk's encrypted
//! database and the province's opening step.

use crate::answer::AnswerValue;
use crate::consent::{Consent, FilingConfirmed};
use crate::ids::{ComponentId, DossierId, PaperFileId, ProcedureCode, QuestionId};
use crate::ledger::LedgerPage;
use crate::receipt::OriginalPlace;
use crate::roles::Roles;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of this form. Readers keep every version that was ever sealed.
pub const FORM_VERSION: u32 = 1;

/// One answer as it was given: what, where it came from, and whether the citizen confirmed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SealedAnswer {
    pub question: QuestionId,
    #[serde(flatten)]
    pub value: AnswerValue,
    pub source: crate::answer::AnswerSource,
    pub confirmed: bool,
    /// The same field's name in the upstream system, where the procedure gives one.
    pub upstream: Option<String>,
}

/// One captured file: its place in the envelope and the hash of its readable bytes.
///
/// The readable hash lives only here: outside, it would confirm a guessed document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SealedFile {
    pub id: PaperFileId,
    /// SHA-256 of the encrypted file, lower-case hex: the name of the blob beside the manifest.
    pub blob: String,
    /// SHA-256 of the readable file, lower-case hex.
    pub readable_sha256: String,
    pub media: String,
    pub bytes: u64,
    pub pages: u32,
}

/// One component of the dossier with its files and where the original is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SealedComponent {
    pub component: ComponentId,
    pub name: String,
    pub original: OriginalPlace,
    pub files: Vec<SealedFile>,
}

/// Everything that the province is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SealedForm {
    pub version: u32,
    pub dossier: DossierId,
    pub procedure: ProcedureCode,
    pub procedure_version: String,
    /// How it is handed in; decides fee and time. Absent in forms sealed before it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<crate::procedure::Channel>,
    /// SHA-256 of the procedure file that the interview ran on, lower-case hex.
    pub procedure_sha256: String,
    /// The catalogue that the procedure stood in, lower-case hex; empty in forms of before.
    #[serde(default)]
    pub catalogue_sha256: String,
    pub roles: Roles,
    pub consent: Consent,
    pub filing_confirmed: FilingConfirmed,
    pub answers: Vec<SealedAnswer>,
    pub components: Vec<SealedComponent>,
    pub ledger: Vec<LedgerPage>,
    /// The one word that follows from the ledger. Absent in forms sealed before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistance: Option<crate::ledger::Assistance>,
    /// The life event that this dossier is a part of. Absent in forms sealed before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<crate::life_event::EventLink>,
}
