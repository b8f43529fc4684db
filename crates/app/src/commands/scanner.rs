//! Scanners of this machine: found, started, stopped. Sheets are put in as they come, so that the first is on screen
//! while the last is still in the feeder.

use crate::access::Caller;
use crate::events::AppEvent;
use crate::intake::{self, For};
use crate::kiosk::{App, locked};
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::{DossierView, ScannerView, ScannersView};
use crate::walk;
use domain::ids::{ComponentId, DossierId, PaperFileId};
use paper::{MadeRight, SaneScanners, Taken};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ScanPapers {
    pub dossier: DossierId,
    pub component: ComponentId,
    /// The scanner, as `scanners` named it.
    pub scanner: String,
    /// All sheets in the feeder; otherwise the one on the glass.
    pub feeder: bool,
    /// The page whose place the sheet takes; then one sheet is scanned.
    #[serde(default)]
    #[ts(optional)]
    pub replaces: Option<PaperFileId>,
}

/// One batch at a time, and whether somebody pressed "stop".
#[derive(Debug, Default)]
pub(crate) struct Scanning {
    busy: AtomicBool,
    stop: AtomicBool,
}

/// Frees the scanner however the batch ends.
struct Busy<'a>(&'a Scanning);

impl<'a> Busy<'a> {
    fn begin(scanning: &'a Scanning) -> Result<Self, Problem> {
        if scanning.busy.swap(true, Ordering::AcqRel) {
            return Err(ProblemCode::ScannerBusy.into());
        }
        scanning.stop.store(false, Ordering::Release);
        Ok(Self(scanning))
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
    }
}

pub fn scanners(_: &App, _: Caller, _: Nothing) -> Result<ScannersView, Problem> {
    let found = SaneScanners::default().list()?;
    Ok(ScannersView {
        scanners: found
            .into_iter()
            .map(|s| ScannerView {
                id: s.id,
                name: s.name,
                glass: s.glass,
                feeder: s.feeder,
            })
            .collect(),
    })
}

pub fn stop_scanning(app: &App, _: Caller, _: Nothing) -> Result<Nothing, Problem> {
    app.scanning.stop.store(true, Ordering::Release);
    Ok(Nothing {})
}

pub fn scan_papers(app: &App, _: Caller, request: ScanPapers) -> Result<DossierView, Problem> {
    let at = For {
        dossier: request.dossier,
        component: request.component,
        replaces: request.replaces,
    };
    app.with_session(|session| intake::check(app, session, &at))?;
    let _busy = Busy::begin(&app.scanning)?;
    let batch = SaneScanners::default().scan(&request.scanner, request.feeder)?;
    let reader = app.reader.clone();
    let sheets = MadeRight::of(batch, move |sheet| reader.prepare(sheet, Taken::Glass));
    let done = put_in_as_they_come(app, &at, sheets);
    match (done.sheets, done.problem) {
        // What came before the trouble is kept; the person hears of the trouble with the sheets on screen.
        (_, Some(problem)) => Err(problem),
        (0, None) => Err(ProblemCode::ScannerEmpty.into()),
        (_, None) => app.with_session(|session| {
            session.open(at.dossier)?;
            walk::dossier_view(app, session)
        }),
    }
}

struct Done {
    sheets: u32,
    problem: Option<Problem>,
}

fn put_in_as_they_come(app: &App, at: &For, sheets: MadeRight) -> Done {
    let mut done = Done {
        sheets: 0,
        problem: None,
    };
    for sheet in sheets {
        if app.scanning.stop.load(Ordering::Acquire) {
            return done;
        }
        let put = sheet
            .map_err(Problem::from)
            .and_then(|page| app.with_session(|session| intake::put_in(app, session, at, &[page])));
        match put {
            Ok(view) => {
                done.sheets += 1;
                let one_is_enough = at.replaces.is_some();
                app.tell(AppEvent::Dossier { view: Box::new(view) });
                if one_is_enough {
                    return done;
                }
            }
            Err(problem) => {
                done.problem = Some(problem);
                return done;
            }
        }
    }
    done
}

/// Whether a batch is under way.
pub(crate) fn is_scanning(app: &App) -> bool {
    app.scanning.busy.load(Ordering::Acquire)
}

/// Forgets what the windows handed in and stops the scanner: somebody locked.
pub(crate) fn forget(app: &App) {
    locked(&app.handed_in).clear();
    if is_scanning(app) {
        app.scanning.stop.store(true, Ordering::Release);
    }
}
