//! This machine as the province knows it: its enrolment, the province's last word on it, and its own key.
//!
//! **Invariant:** the key's seed lies on the disk wrapped with the machine's secret and nowhere else; it works with nobody
//! signed in.

use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use domain::ids::DeviceId;
use seal::certificate::DeviceClass;
use seal::keys::SigningKey;
use seal::wrap::{self, Wrapped};
use serde::{Deserialize, Serialize};
use store::tables::setting;
pub use sync::enrol::Enrolment;

/// An enrolment under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingEnrolment {
    pub service_url: String,
    pub offer: sync::enrol::Offer,
    pub words: Vec<String>,
    pub refused: bool,
}

/// The device's id and its signing key, wrapped with the machine's secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeviceKey {
    pub id: DeviceId,
    pub wrapped_seed: Wrapped,
}

impl App {
    pub(crate) fn enrolment(&self) -> Result<Option<Enrolment>, Problem> {
        Ok(setting::get(self.outbox().db(), setting::Name::Enrolment)?)
    }

    /// What the province last said of this machine.
    pub(crate) fn device_word(&self) -> Result<Option<wire::sync::DeviceWord>, Problem> {
        Ok(setting::get(self.outbox().db(), setting::Name::DeviceWord)?)
    }

    /// This machine's key, made at the first call; it works with nobody signed in.
    pub(crate) fn device_key(&self) -> Result<(DeviceId, SigningKey), Problem> {
        let outbox = self.outbox();
        if let Some(stored) = setting::get::<DeviceKey>(outbox.db(), setting::Name::DeviceKey)? {
            let seed = wrap::open_with_machine(&self.machine, &stored.wrapped_seed, stored.id.as_bytes())?;
            let fixed: [u8; 32] = seed
                .as_slice()
                .try_into()
                .map_err(|_| ProblemCode::KeyUnreadable)?;
            return Ok((stored.id, SigningKey::from_seed(&fixed)));
        }
        let id = DeviceId(seal::random::uuid()?);
        let key = SigningKey::generate()?;
        let wrapped_seed = wrap::with_machine(&self.machine, key.seed().as_ref(), id.as_bytes())?;
        setting::set(
            outbox.db(),
            setting::Name::DeviceKey,
            &DeviceKey { id, wrapped_seed },
        )?;
        Ok((id, key))
    }

    pub(crate) fn device_class(&self) -> DeviceClass {
        if self.bound_to_hardware {
            DeviceClass::CounterBound
        } else {
            DeviceClass::CounterSoftware
        }
    }
}
