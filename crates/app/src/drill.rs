//! The drill (tập dượt): the whole product on a store of its own, made anew each time and destroyed at its end.
//!
//! **Invariant:** a drill has other keys, other numbers (device 00000), no runtime and no engine. Nothing in it could
//! reach the counter's books or the network, whatever a command tries.

use crate::kiosk::{App, Enrolment};
use crate::problem::{Problem, ProblemCode};
use crate::session::{Session, Watch};
use domain::ids::{DeviceId, DeviceNo};
use domain::lease::{HOURS_MAX, Lease};
use domain::roles::OperatorRole;
use seal::certificate::DeviceCertificate;
use seal::keys::{OpeningKey, Recipients, SigningKey};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Drafts;
use store::tables::operator::{self, OperatorRow};
use store::tables::{lease, setting};

/// The kiosk number that no province gives.
const DEVICE: DeviceNo = DeviceNo(0);

fn folder(dir: &Path) -> PathBuf {
    dir.join("drill")
}

/// Destroys what a drill left behind, also one that a power cut ended.
pub(crate) fn clear(dir: &Path) -> Result<(), Problem> {
    match std::fs::remove_dir_all(folder(dir)) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(store::StoreError::from(e).into()),
    }
}

/// Starts a drill for whoever is signed in.
pub(crate) fn start(app: &App, who: &OperatorRow) -> Result<Arc<App>, Problem> {
    clear(app.data_dir())?;
    let drill = app.open_drill(folder(app.data_dir()))?;
    let enrolment = invented(&drill, app)?;
    let now_ms = drill.clock.now_ms();
    let own_lease =
        (who.role == OperatorRole::Volunteer).then(|| Lease::open(who.id, who.id, now_ms, HOURS_MAX));
    {
        let outbox = drill.outbox();
        setting::set(outbox.db(), setting::Name::Enrolment, &enrolment)?;
        // The scanner delivers to where it always does; what lies there is looked at and stays.
        if let Some(folder) = crate::scan_folder::chosen(app)? {
            setting::set(outbox.db(), setting::Name::ScanFolder, &folder)?;
        }
        operator::put(outbox.db(), who, now_ms)?;
        if let Some(own) = &own_lease {
            lease::put(outbox.db(), own)?;
        }
    }
    let key = zeroize::Zeroizing::new(seal::random::bytes::<32>()?);
    drill.set_session(Some(Session {
        operator: who.clone(),
        signing: SigningKey::generate()?,
        drafts: Drafts::open(drill.data_dir(), &key)?,
        drafts_key: key,
        open: None,
        lease: own_lease,
        watch: Watch {
            outbox: Arc::clone(&drill.outbox),
            clock: drill.clock.clone(),
        },
    }));
    Ok(drill)
}

/// A province that nobody is: what is sealed to it can be opened by nobody, for its keys are dropped here.
fn invented(drill: &App, real: &App) -> Result<Enrolment, Problem> {
    let counter_name = real
        .enrolment()?
        .map(|e| e.certificate.counter_name)
        .ok_or(ProblemCode::NotEnrolled)?;
    let key = SigningKey::generate()?;
    let now = drill.clock.now();
    Ok(Enrolment {
        service_url: String::new(),
        offer: wire::enrol::EnrolOffer {
            root_der_b64: String::new(),
            signing_key: key.verify_key(),
            recipients: Recipients {
                intake: OpeningKey::generate().recipient(),
                recovery: OpeningKey::generate().recipient(),
            },
            lookup_base_url: "HTTPS://TAP-DUOT.INVALID".into(),
            lookup_site: "tap-duot.invalid".into(),
            counter_phone: None,
            province_name: "Tập dượt".into(),
            ticket: wire::Nonce::random()?,
        },
        signed_certificate: None,
        certificate: DeviceCertificate {
            device: DeviceId(seal::random::uuid()?),
            number: DEVICE,
            key: key.verify_key(),
            class: drill.device_class(),
            counter_name,
            issued_at: now,
            valid_until: now,
        },
        device_epoch: 0,
    })
}
