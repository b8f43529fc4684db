//! A clerk looks at a procedure as a counter will show it: the whole interview in both windows, on invented answers.
//!
//! **Invariants:** nothing is sealed and nothing is sent (there is no enrolment and no engine); what is typed is encrypted
//! with a key that only this run knows, so that nobody reads it afterwards.

use crate::access::Caller;
use crate::commands::dossier::{StartDossier, start_dossier};
use crate::kiosk::{App, KioskOptions};
use crate::problem::{Problem, ProblemCode};
use crate::session::Session;
use domain::ids::OperatorId;
use domain::procedure::Procedure;
use domain::roles::OperatorRole;
use seal::keys::SigningKey;
use seal::wrap;
use std::path::Path;
use std::sync::Arc;
use store::Drafts;
use store::tables::operator::{OperatorRow, WrappedKeys};
use zeroize::Zeroizing;

/// Who works in a preview.
const NAME: &str = "Xem thử";

/// Reads a procedure file and checks it.
///
/// # Errors
/// Every mistake, in words.
pub fn read(file: &str, bytes: &[u8]) -> Result<Procedure, Vec<catalogue::check::Finding>> {
    catalogue::check::check_procedure(file, bytes)
}

/// Opens the interview on a procedure that has passed its check, in a folder that the caller removes afterwards.
///
/// # Errors
/// Those of [`App::open`].
pub fn open(procedure: Procedure, folder: &Path) -> Result<Arc<App>, Problem> {
    let code = procedure.code.clone();
    let app = App::open(KioskOptions {
        preview: Some(Box::new(procedure)),
        ..KioskOptions::new(folder)
    })?;
    let session = session(&app)?;
    app.set_session(Some(session));
    start_dossier(&app, Caller::OPERATOR, StartDossier { procedure: code })?;
    Ok(app)
}

/// Signed in with keys that are written nowhere.
fn session(app: &App) -> Result<Session, Problem> {
    let id = OperatorId(seal::random::uuid()?);
    let drafts_key = Zeroizing::new(seal::random::bytes::<32>()?);
    let signing = SigningKey::generate()?;
    let wrapped = |secret: &[u8]| wrap::with_machine(&app.machine, secret, id.as_bytes());
    let operator = OperatorRow {
        id,
        name: NAME.into(),
        role: OperatorRole::Officer,
        keys: WrappedKeys {
            drafts_key: wrapped(drafts_key.as_ref())?,
            signing_seed: wrapped(signing.seed().as_ref())?,
        },
        wrong_pins: 0,
    };
    let drafts = Drafts::open(app.data_dir(), &drafts_key)?;
    Ok(Session {
        operator,
        signing,
        drafts_key,
        drafts,
        open: None,
        lease: None,
        watch: crate::session::Watch {
            outbox: Arc::clone(&app.outbox),
            clock: app.clock.clone(),
        },
    })
}

/// What a preview does not do.
///
/// # Errors
/// `preview_only` in a preview.
pub(crate) fn not_here(app: &App) -> Result<(), Problem> {
    if app.preview {
        Err(ProblemCode::PreviewOnly.into())
    } else {
        Ok(())
    }
}
