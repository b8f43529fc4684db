//! The province's word on a device: its number, its key, its class, until when.

use domain::ids::{DeviceId, DeviceNo};
use serde::{Deserialize, Serialize};

use crate::keys::VerifyKey;

/// What kind of device it is; set at enrolment, shown on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceClass {
    /// Stands at a counter and its key is bound to its hardware.
    CounterBound,
    /// Stands at a counter; its key is protected by software only: no readable copy stays after sealing.
    CounterSoftware,
    /// Is carried to homes: no readable copy stays after sealing, two copies off-site.
    Field,
}

/// Signed by the province under [`crate::keys::Context::DeviceCertificate`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCertificate {
    pub device: DeviceId,
    pub number: DeviceNo,
    pub key: VerifyKey,
    pub class: DeviceClass,
    pub counter_name: String,
    pub issued_at: jiff::Timestamp,
    /// At most 400 days after `issued_at`. Judged by the province, never by the kiosk's clock.
    pub valid_until: jiff::Timestamp,
}
