//! A day away from the counter: a day bundle out, and everything of the day back in. Sealed dossiers, packs, catalogue and
//! words travel as they do on any stick; what is told of the day goes beside them.

use super::stick::{self, AtFolder, enrolled};
use crate::access::Caller;
use crate::clock;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::parcels::{self, Stick};
use crate::problem::{Problem, ProblemCode};
use crate::views::{ClosedDayView, MergedDayView, PreparedDayView, TakenDayView, VillageMachineView};
use crate::village::{self, Bundle};
use crate::waiting;
use domain::day;

/// How people name a day: when it was prepared.
fn name(bundle: &Bundle) -> String {
    clock::minute_and_day(bundle.made_at.as_millisecond())
}

/// Nothing of the counter's own dossiers goes along, sealed or not.
pub fn prepare_day(app: &App, _: Caller, request: AtFolder) -> Result<PreparedDayView, Problem> {
    let enrolment = enrolled(app)?;
    let folder = parcels::folder(&request.folder)?;
    let stick = Stick::open(&folder, app.data_dir())?;
    let catalogue = stick::leave_what_helps(app, &enrolment, &stick, &folder)?;
    let bundle = village::prepare(app, &enrolment, &folder)?;
    Ok(PreparedDayView {
        day: name(&bundle),
        counter: bundle.counter_name,
        catalogue,
    })
}

pub fn take_day(app: &App, caller: Caller, request: AtFolder) -> Result<TakenDayView, Problem> {
    let enrolment = enrolled(app)?;
    let folder = parcels::folder(&request.folder)?;
    let bundle = village::on_stick(&enrolment, &folder).ok_or(ProblemCode::StickEmpty)?;
    waiting::take_cards(app, &enrolment, &folder)?;
    let (import, _) = stick::import(app, caller, &enrolment, &folder)?;
    village::keep(app, &enrolment, &bundle, &folder)?;
    Ok(TakenDayView {
        day: name(&bundle),
        counter: bundle.counter_name,
        catalogue: import.catalogue,
        reviewed: import.reviewed,
    })
}

pub fn close_day(app: &App, caller: Caller, request: AtFolder) -> Result<ClosedDayView, Problem> {
    let enrolment = enrolled(app)?;
    let taken = village::taken(app)?;
    let folder = parcels::folder(&request.folder)?;
    let export = stick::export_sealed(app, caller, request)?;
    // Last: what is told of the day is on a stick that has the day's dossiers.
    let report = village::tell(app, &enrolment, &taken, &folder)?;
    Ok(ClosedDayView {
        day: name(&taken.bundle),
        dossiers: report.dossiers(),
        assists: day::count(report.assists()).assists,
        counter: taken.bundle.counter_name,
        export,
    })
}

pub fn merge_day(app: &App, caller: Caller, request: AtFolder) -> Result<MergedDayView, Problem> {
    let enrolment = enrolled(app)?;
    let folder = parcels::folder(&request.folder)?;
    let (import, is_empty) = stick::import(app, caller, &enrolment, &folder)?;
    let merged = village::merge(app, &enrolment, &folder)?;
    if is_empty && merged.machines.is_empty() && merged.foreign == 0 {
        return Err(ProblemCode::StickEmpty.into());
    }
    app.tell(AppEvent::Outbox);
    let machines = merged.machines.into_values().map(|back| {
        let counts = day::count(back.events.into_values());
        VillageMachineView {
            day: name(&back.bundle),
            counter_name: back.counter_name,
            dossiers: counts.dossiers,
            assists: counts.assists,
        }
    });
    Ok(MergedDayView {
        machines: machines.collect(),
        new_dossiers: merged.new_dossiers,
        new_assists: merged.new_assists,
        foreign: merged.foreign,
        import,
    })
}
