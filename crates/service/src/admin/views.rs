//! What the commands show, for people and, with `--json`, for programs.

use crate::store::devices::DeviceState;
use crate::store::matters::SameMatter;
use domain::ids::{DeviceId, DossierId};
use domain::province::{CaseStatus, Intake, OfficialCode};
use jiff::Timestamp;
use seal::certificate::DeviceClass;
use serde::Serialize;
use wire::Sha256;

/// One device.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceView {
    pub id: DeviceId,
    pub state: DeviceState,
    pub number: Option<u32>,
    pub class: DeviceClass,
    pub counter_name: String,
    pub hostname_hint: Option<String>,
    pub requested_at: Timestamp,
    /// A copy of its disk was noticed then; it seals nothing new until it is thawed.
    pub frozen_at: Option<Timestamp>,
    /// When its newest certificate ends: the time of slips that are sealed later is not vouched for.
    pub certificate_ends: Option<Timestamp>,
    /// To be compared with the kiosk's screen before approving.
    pub words: [String; 6],
}

/// What a receipt is verified with, with no network.
#[derive(Debug, Clone, Serialize)]
pub struct CertificatesView {
    pub province_key: seal::keys::VerifyKey,
    pub certificates: Vec<seal::signed::Signed>,
}

/// One file of a dossier.
#[derive(Debug, Clone, Serialize)]
pub struct BlobView {
    pub sha256: Sha256,
    pub bytes: u64,
    pub held: bool,
}

/// The business side of a dossier.
#[derive(Debug, Clone, Serialize)]
pub struct CaseView {
    pub status: CaseStatus,
    pub official_code: Option<OfficialCode>,
    pub note: Option<String>,
}

/// One dossier from outside: nothing of it is opened.
#[derive(Debug, Clone, Serialize)]
pub struct DossierView {
    pub id: DossierId,
    pub device: DeviceId,
    pub receipt_number: String,
    pub procedure_code: String,
    /// A withdrawal: the dossier that it takes back. It is no dossier of its own and has no case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes_back: Option<DossierId>,
    pub intake: Intake,
    pub case: CaseView,
    pub registered_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    /// The kiosk doubted its clock when it sealed.
    pub low_trust: bool,
    pub manifest_sha256: Sha256,
    pub files: Vec<BlobView>,
    /// Other contents that came under this id.
    pub forks: Vec<Sha256>,
    /// Once a clerk has opened them: dossiers of other counters that may be about the same matter.
    pub same_matter: Vec<SameMatter>,
}
