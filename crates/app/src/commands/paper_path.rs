//! The way on paper, once the citizen did not agree: which papers the procedure asks for, and its forms, empty.
//!
//! **Invariant:** nothing of the dossier that was destroyed is needed for it, and nothing is written down but that an
//! empty form was printed.

use crate::access::Caller;
use crate::card;
use crate::clock;
use crate::kiosk::{App, Ground};
use crate::printing::{self, Handed, What};
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::{FormCard, PaperPathView, PaperToBring};
use domain::answer::Answers;
use domain::ids::ProcedureCode;
use domain::interview::{self, Facts};
use domain::official_form::{FilledForm, FormFacts};
use paper::{Job, PaperSize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::tables::audit;
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct BlankForm {
    /// A form's id, as `paper_path` gives it.
    pub form: String,
}

/// The procedure whose dossier was just destroyed.
fn refused(app: &App) -> Result<ProcedureCode, Problem> {
    let refused = app.screens().refused.clone();
    refused.ok_or_else(|| ProblemCode::DossierUnknown.into())
}

/// Works with a procedure of which nobody has answered anything.
fn unanswered<T>(
    app: &App,
    code: &ProcedureCode,
    work: impl FnOnce(&Facts<'_>, &domain::procedure::Procedure) -> T,
) -> Result<T, Problem> {
    let catalogue = app.catalogue();
    let entry = catalogue.get(code).ok_or(ProblemCode::ProcedureUnknown)?;
    let (today, now_time) = clock::at_counter(app.clock.now());
    let facts = Facts {
        today,
        now_time,
        files: &BTreeMap::new(),
        channel: card::channel_chosen(&entry.procedure, None),
        lists: &catalogue.lists,
    };
    Ok(work(&facts, &entry.procedure))
}

/// What to bring: the papers that apply whatever is answered.
pub(crate) fn papers_to_bring(app: &App, code: &ProcedureCode) -> Result<Vec<PaperToBring>, Problem> {
    unanswered(app, code, |facts, procedure| {
        let view = interview::view(procedure, &Answers::default(), facts);
        let one = |need: interview::PaperNeed| PaperToBring {
            name: need.name,
            mark: need.mark,
            required: need.required,
        };
        view.papers.into_iter().map(one).collect()
    })
}

fn blanks(app: &App, code: &ProcedureCode) -> Result<Vec<FilledForm>, Problem> {
    let templates = app.templates();
    unanswered(app, code, |facts, procedure| {
        let answers = Answers::default();
        let facts = FormFacts {
            procedure,
            answers: &answers,
            lists: facts.lists,
        };
        let forms = templates.forms().iter().filter(|form| form.applies(facts));
        forms.filter_map(|form| form.fill(facts)).collect()
    })
}

pub fn paper_path(app: &App, _: Caller, _: Nothing) -> Result<PaperPathView, Problem> {
    let code = refused(app)?;
    let known = app.templates();
    let card = |form: FilledForm| {
        let data = known.forms().iter().find(|f| f.id == form.id)?;
        Some(FormCard {
            name: data.name.clone(),
            form: form.id,
            unverified: (!data.basis.verified).then(|| data.basis.words()),
        })
    };
    Ok(PaperPathView {
        procedure: super::outbox::procedure_name(app, &code),
        papers: papers_to_bring(app, &code)?,
        forms: blanks(app, &code)?.into_iter().filter_map(card).collect(),
        printer: printing::printer_for(app, What::Form)?.is_some(),
    })
}

pub fn print_blank_form(app: &App, _: Caller, request: BlankForm) -> Result<Nothing, Problem> {
    if app.ground == Ground::Drill {
        return Err(ProblemCode::DrillOnly.into());
    }
    let mut forms = blanks(app, &refused(app)?)?.into_iter();
    let form = forms
        .find(|form| form.id == request.form)
        .ok_or(ProblemCode::FormUnknown)?;
    let now = app.clock.now();
    let drawn = printing::draw(app, |templates| paper::draw_form(templates, &form, now))?;
    let printer = printing::printer_for(app, What::Form)?.ok_or(ProblemCode::NoFormPrinter)?;
    let job = Job {
        drawn: &drawn,
        title: &request.form,
        size: PaperSize::A4,
    };
    match printing::hand_over(printer.as_ref(), &job) {
        Handed::Taken(_) => app.with_session(|session| {
            let line = audit::Entry {
                at_ms: app.clock.now_ms(),
                what: super::forms::FORM_PRINTED,
                dossier: None,
                who: Some(session.operator.id),
                note: Some(&request.form),
            };
            audit::append(app.outbox().db(), &line)?;
            Ok(Nothing {})
        }),
        Handed::NotGiven(problem) | Handed::Failed(problem) => Err(problem),
    }
}
