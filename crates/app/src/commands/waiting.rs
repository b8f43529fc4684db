//! A volunteer's finished dossier waits for an officer: packed here, reviewed and sealed on another machine.

use crate::access::Caller;
use crate::commands::stick::{AtFolder, enrolled};
use crate::kiosk::App;
use crate::parcels;
use crate::printing::{self, Handed};
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::views::{CountersView, HomeView, WaitingOutView, WaitingSlipView};
use crate::{clock, waiting, walk};
use domain::text::Words;
use paper::Job;
use store::tables::draft::{self, PackedBy};
use store::tables::paper_file;

pub fn pack_for_officer(app: &App, _: Caller, request: OneDossier) -> Result<WaitingSlipView, Problem> {
    let enrolment = enrolled(app)?;
    let machines = waiting::counters(app)?;
    if machines.is_empty() {
        return Err(ProblemCode::NoCounterKnown.into());
    }
    let procedure = app.with_session(|session| {
        let row = session.open(request.dossier)?.clone();
        if row.body.consent.is_none() {
            return Err(ProblemCode::ConsentMissing.into());
        }
        let files = paper_file::of_dossier(session.drafts.db(), &request.dossier)?;
        if !walk::interview(app, &row, &files)?.complete {
            return Err(ProblemCode::NotComplete.into());
        }
        if row.body.filing.is_none() {
            return Err(ProblemCode::FilingNotConfirmed.into());
        }
        let now_ms = app.clock.now_ms();
        let by = session.operator.name.clone();
        session.current()?.body.packed = Some(PackedBy { by, at_ms: now_ms });
        session.save(now_ms)?;
        session.note("packed_for_officer", request.dossier, "")?;
        session.let_go(request.dossier)?;
        session.open = None;
        app.set_left_open(None)?;
        Ok(walk::entry(app, &row)?.procedure.name.clone())
    })?;
    super::citizen::show(app);
    slip(
        app,
        &enrolment.certificate.counter_name,
        request,
        procedure,
        machines,
    )
}

/// What the citizen leaves with: it says that nothing is sealed and nothing has gone.
fn slip(
    app: &App,
    here: &str,
    request: OneDossier,
    procedure: Words,
    machines: Vec<waiting::CounterCard>,
) -> Result<WaitingSlipView, Problem> {
    let code = waiting::code(&request.dossier);
    let now = app.clock.now();
    let content = paper::WaitingSlip {
        code: code.clone(),
        procedure: procedure.vi.clone(),
        here: here.to_owned(),
        counter: machines.iter().map(|m| m.counter_name.clone()).collect(),
        at: clock::minute_and_day(now.as_millisecond()),
    };
    let printer = printing::slip_printer(app)?;
    let (drawn_size, size) = printing::receipt_size(printer.as_deref());
    let drawn = printing::draw(app, |templates| {
        let print = paper::SlipPrint {
            size: drawn_size,
            now,
        };
        paper::draw_waiting(templates, &content, print)
    })?;
    let job = Job {
        drawn: &drawn,
        title: &code,
        size,
    };
    let handed = printer.map(|printer| printing::hand_over(printer.as_ref(), &job));
    let printed = matches!(handed, Some(Handed::Taken(_)));
    let saved_pdf = if printed {
        None
    } else {
        let path = app.receipts_dir().join(format!("cho-{code}.pdf"));
        std::fs::create_dir_all(app.receipts_dir())
            .and_then(|()| wire::parcel::write_durably(&path, &drawn.pdf))
            .map_err(store::StoreError::from)?;
        Some(path.display().to_string())
    };
    Ok(WaitingSlipView {
        code,
        procedure,
        counters: content.counter,
        printed,
        saved_pdf,
    })
}

pub fn take_back(app: &App, caller: Caller, request: OneDossier) -> Result<HomeView, Problem> {
    app.with_session(|session| {
        let row = draft::get(session.drafts.db(), &request.dossier)?.ok_or(ProblemCode::DossierUnknown)?;
        if row.sealed || row.body.packed.is_none() {
            return Err(ProblemCode::DossierUnknown.into());
        }
        session.note("taken_back", request.dossier, "")?;
        let mut body = row.body;
        body.packed = None;
        Ok(draft::save(
            session.drafts.db(),
            &request.dossier,
            &body,
            app.clock.now_ms(),
        )?)
    })?;
    super::home::home(app, caller, Nothing {})
}

pub fn pair_counters(app: &App, _: Caller, request: AtFolder) -> Result<CountersView, Problem> {
    let enrolment = enrolled(app)?;
    let known = waiting::take_cards(app, &enrolment, &parcels::folder(&request.folder)?)?;
    if known.is_empty() {
        return Err(ProblemCode::StickEmpty.into());
    }
    Ok(CountersView {
        names: known.into_iter().map(|c| c.counter_name).collect(),
    })
}

pub fn export_waiting(app: &App, _: Caller, request: AtFolder) -> Result<WaitingOutView, Problem> {
    enrolled(app)?;
    let folder = parcels::folder(&request.folder)?;
    let waiting = app.with_session(|session| waiting::write_packs(app, session, &folder))?;
    Ok(WaitingOutView { waiting })
}
