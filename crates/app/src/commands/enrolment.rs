//! A machine asks the province to be one of its counters, and hears what was decided.

use super::people::short;
use crate::access::Caller;
use crate::kiosk::{App, Enrolment, PendingEnrolment};
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::trouble;
use crate::views::{EnrolmentStage, EnrolmentView};
use domain::text::clean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::setting;
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct BeginEnrolment {
    /// `https://…` of the provincial service.
    pub service_url: String,
    /// The one-time code from the province's operator.
    pub code: String,
    pub counter_name: String,
    /// The machine is carried to villages: no readable copy stays after sealing, and two copies are wanted.
    #[serde(default)]
    #[ts(optional)]
    pub field: Option<bool>,
}

pub(crate) fn enrolment_view(app: &App) -> Result<EnrolmentView, Problem> {
    if app.preview {
        // Nothing to enrol at: the windows go straight to the interview.
        return Ok(EnrolmentView {
            stage: EnrolmentStage::Enrolled,
            words: Vec::new(),
            service_url: None,
        });
    }
    if let Some(enrolment) = app.enrolment()? {
        return Ok(EnrolmentView {
            stage: EnrolmentStage::Enrolled,
            words: Vec::new(),
            service_url: Some(enrolment.service_url),
        });
    }
    let pending: Option<PendingEnrolment> = setting::get(app.outbox().db(), setting::Name::PendingEnrolment)?;
    Ok(match pending {
        Some(p) if p.refused => EnrolmentView {
            stage: EnrolmentStage::Refused,
            words: Vec::new(),
            service_url: Some(p.service_url),
        },
        Some(p) => EnrolmentView {
            stage: EnrolmentStage::Waiting,
            words: p.words,
            service_url: Some(p.service_url),
        },
        None => EnrolmentView {
            stage: EnrolmentStage::NotEnrolled,
            words: Vec::new(),
            service_url: None,
        },
    })
}

pub fn begin_enrolment(app: &App, _: Caller, request: BeginEnrolment) -> Result<EnrolmentView, Problem> {
    crate::preview::not_here(app)?;
    if app.enrolment()?.is_some() {
        return Err(ProblemCode::AlreadyEnrolled.into());
    }
    let counter_name = short(&request.counter_name)?;
    let (device_id, key) = app.device_key()?;
    let asked = wire::enrol::EnrolRequest {
        code: clean(&request.code),
        device_key: key.verify_key(),
        device_id,
        class: if request.field == Some(true) {
            seal::certificate::DeviceClass::Field
        } else {
            app.device_class()
        },
        counter_name,
        hostname_hint: None,
    };
    let service_url = request.service_url.trim().trim_end_matches('/').to_owned();
    let (offer, words) =
        sync::enrol::begin(&app.handle()?, &service_url, &asked).map_err(trouble::at_enrolment)?;
    let pending = PendingEnrolment {
        service_url,
        offer,
        words: words.to_vec(),
        refused: false,
    };
    setting::set(app.outbox().db(), setting::Name::PendingEnrolment, &pending)?;
    enrolment_view(app)
}

pub fn check_enrolment(app: &App, _: Caller, _: Nothing) -> Result<EnrolmentView, Problem> {
    let pending: Option<PendingEnrolment> = setting::get(app.outbox().db(), setting::Name::PendingEnrolment)?;
    let Some(mut pending) = pending.filter(|p| !p.refused) else {
        return enrolment_view(app);
    };
    let came = sync::enrol::check(&app.handle()?, &pending.service_url, &pending.offer);
    match came.map_err(trouble::at_enrolment)? {
        sync::enrol::EnrolOutcome::Waiting => {}
        sync::enrol::EnrolOutcome::Refused => {
            pending.refused = true;
            setting::set(app.outbox().db(), setting::Name::PendingEnrolment, &pending)?;
        }
        sync::enrol::EnrolOutcome::Approved {
            signed,
            certificate,
            device_epoch,
        } => {
            let enrolment = Enrolment {
                service_url: pending.service_url,
                offer: pending.offer.offer,
                certificate,
                signed_certificate: Some(*signed),
                device_epoch,
            };
            let outbox = app.outbox();
            setting::set(outbox.db(), setting::Name::Enrolment, &enrolment)?;
            setting::remove(outbox.db(), setting::Name::PendingEnrolment)?;
            drop(outbox);
            crate::rebuild::keep_card(app);
            app.start_engine()?;
        }
    }
    enrolment_view(app)
}
