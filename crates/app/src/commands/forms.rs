//! Official forms filled from the answers: which there are, as a picture, and on paper.
//!
//! **Invariant:** a filled form is never a plain file: it goes to the printer or to the operator's screen and nowhere
//! else. A form is drawn from the answers of this moment, complete or not: what is missing is a line for the pen.

use crate::access::Caller;
use crate::kiosk::{App, Ground};
use crate::paper_list;
use crate::printing::{self, Handed, What};
use crate::problem::{Problem, ProblemCode};
use crate::schema::OneDossier;
use crate::session::Session;
use crate::views::{FormCard, FormView, FormsView};
use crate::walk;
use domain::ids::DossierId;
use domain::interview;
use domain::official_form::{FilledForm, FormFacts};
use domain::text::Words;
use paper::{AgencyForm, Drawn, HandedOver, Job, PaperSize, Print, Reception};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::draft::{self, DraftRow};
use store::tables::{audit, item, paper_file, receipt};
use ts_rs::TS;

/// The list of papers handed over: of any dossier, made from its papers and not from a map.
const HANDED_OVER: &str = "papers_handed_over";

/// The line in the book for a form that a printer took.
pub(crate) const FORM_PRINTED: &str = "form_printed";
/// More prints than are ever made of one dossier's forms.
const PRINTS_MAX: u32 = 500;

/// The agency's forms, only with the province's code: the name, and what is not verified about it.
fn agency_card(form: AgencyForm) -> FormCard {
    let (name, unverified) = match form {
        AgencyForm::Reception => (
            Words::new(
                "Giấy tiếp nhận hồ sơ và hẹn trả kết quả (Mẫu 01)",
                "Reception slip (form 01)",
            ),
            Words::new(
                "Mẫu 01, Thông tư 03/2025/TT-VPCP; chưa đối chiếu với phụ lục",
                "Form 01, Circular 03/2025/TT-VPCP; not compared with its annex",
            ),
        ),
        AgencyForm::Control => (
            Words::new(
                "Phiếu kiểm soát quá trình giải quyết hồ sơ (Mẫu 06)",
                "Hand-over control slip (form 06)",
            ),
            Words::new(
                "Mẫu 06, Thông tư 03/2025/TT-VPCP; chưa đối chiếu với phụ lục",
                "Form 06, Circular 03/2025/TT-VPCP; not compared with its annex",
            ),
        ),
    };
    FormCard {
        form: form.id().into(),
        name,
        unverified: Some(unverified),
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct OneForm {
    pub dossier: DossierId,
    /// A form's id, as `list_forms` gives it.
    pub form: String,
}

/// The readable draft, where there is one: open on the screens, or kept until the province accepts.
fn readable(session: &Session, dossier: &DossierId) -> Result<Option<DraftRow>, Problem> {
    if let Some(open) = session.open.as_ref().filter(|row| row.dossier == *dossier) {
        return Ok(Some(open.clone()));
    }
    // Beyond the dossier in front of them a volunteer reads and prints nothing.
    if !session.operator.role.may_seal() {
        return Err(ProblemCode::NotForThisRole.into());
    }
    Ok(draft::get(session.drafts.db(), dossier)?)
}

fn filled(
    app: &App,
    session: &Session,
    row: &DraftRow,
    form: Option<&str>,
) -> Result<Vec<FilledForm>, Problem> {
    let files = paper_file::of_dossier(session.drafts.db(), &row.dossier)?;
    let templates = app.shelf.templates(&*app.shelf.of_draft(row)?);
    walk::with_facts(app, row, &files, |entry, facts| {
        let answers = interview::sendable(&entry.procedure, &row.body.answers, facts);
        let facts = FormFacts {
            procedure: &entry.procedure,
            answers: &answers,
            lists: facts.lists,
        };
        let forms = templates.forms().iter();
        forms
            .filter(|f| form.is_none_or(|id| f.id == id) && f.applies(facts))
            .filter_map(|f| f.fill(facts))
            .collect()
    })
}

pub fn list_forms(app: &App, _: Caller, request: OneDossier) -> Result<FormsView, Problem> {
    let dossier = request.dossier;
    let forms = app.with_session(|session| cards(app, session, &dossier))?;
    Ok(FormsView {
        dossier,
        forms,
        printer: printing::printer_for(app, What::Form)?.is_some(),
    })
}

fn cards(app: &App, session: &Session, dossier: &DossierId) -> Result<Vec<FormCard>, Problem> {
    let draft = readable(session, dossier)?;
    let sealed = receipt::get(session.drafts.db(), dossier)?.is_some();
    if draft.is_none() && !sealed {
        return Err(ProblemCode::DossierUnknown.into());
    }
    let mut cards = Vec::new();
    if let Some(row) = &draft {
        let templates = app.shelf.templates(&*app.shelf.of_draft(row)?);
        let known = templates.forms();
        let mapped = filled(app, session, row, None)?;
        cards.extend(mapped.into_iter().filter_map(|form| {
            let data = known.iter().find(|f| f.id == form.id)?;
            Some(FormCard {
                name: data.name.clone(),
                form: form.id,
                unverified: (!data.basis.verified).then(|| data.basis.words()),
            })
        }));
    }
    cards.push(FormCard {
        form: HANDED_OVER.into(),
        name: Words::new("Danh mục giấy tờ giao, nhận", "List of papers handed over"),
        unverified: None,
    });
    let coded = item::get(app.outbox().db(), dossier)?.is_some_and(|row| row.official_code.is_some());
    if sealed && coded {
        cards.extend(AgencyForm::ALL.map(agency_card));
    }
    Ok(cards)
}

fn drawn(app: &App, session: &Session, request: &OneForm) -> Result<Drawn, Problem> {
    let print = Print {
        now: app.clock.now(),
        copy_no: printed_before(app, request)?,
    };
    let templates = &app.templates();
    if let Some(form) = AgencyForm::parse(&request.form) {
        let slip = reception(app, session, &request.dossier)?;
        return Ok(paper::draw_agency_form(templates, form, &slip, print)?);
    }
    Ok(match request.form.as_str() {
        HANDED_OVER => {
            paper::draw_handed_over(templates, &handed_over(app, session, &request.dossier)?, print)?
        }
        form => {
            let row = readable(session, &request.dossier)?.ok_or(ProblemCode::FormUnknown)?;
            let form = filled(app, session, &row, Some(form))?
                .pop()
                .ok_or(ProblemCode::FormUnknown)?;
            let own = app.shelf.templates(&*app.shelf.of_draft(&row)?);
            paper::draw_form(&own, &form, print)?
        }
    })
}

/// How often the book says that this form of this dossier went to a printer: from the second print on the paper says so.
fn printed_before(app: &App, request: &OneForm) -> Result<u32, Problem> {
    let lines = audit::of_dossier(app.outbox().db(), &request.dossier, FORM_PRINTED, PRINTS_MAX)?;
    let same = lines
        .iter()
        .filter(|line| line.note.as_deref() == Some(request.form.as_str()));
    Ok(u32::try_from(same.count()).unwrap_or(u32::MAX))
}

/// From the receipt where it is sealed, else from the papers as they stand.
fn handed_over(app: &App, session: &Session, dossier: &DossierId) -> Result<HandedOver, Problem> {
    let on = printing::day_of(app.clock.now());
    let draft = readable(session, dossier)?;
    if let Some(row) = receipt::get(session.drafts.db(), dossier)? {
        return Ok(HandedOver {
            procedure_name: row.content.procedure_name,
            counter_name: row.content.counter_name,
            number: Some(row.content.number.to_string()),
            papers: row.content.papers,
            on,
        });
    }
    let row = draft.ok_or(ProblemCode::DossierUnknown)?;
    let files = paper_file::of_dossier(session.drafts.db(), dossier)?;
    let view = walk::interview(app, &row, &files)?;
    Ok(HandedOver {
        procedure_name: walk::entry(app, &row)?.procedure.name.vi.clone(),
        counter_name: app
            .enrolment()?
            .map(|e| e.certificate.counter_name)
            .unwrap_or_default(),
        number: None,
        papers: paper_list::lines(&view, &files, &row.body.originals),
        on,
    })
}

fn reception(app: &App, session: &Session, dossier: &DossierId) -> Result<Reception, Problem> {
    if !session.operator.role.may_seal() {
        return Err(ProblemCode::NotForThisRole.into());
    }
    let row = receipt::get(session.drafts.db(), dossier)?.ok_or(ProblemCode::DossierUnknown)?;
    let code = item::get(app.outbox().db(), dossier)?.and_then(|row| row.official_code);
    Ok(Reception {
        receipt: row.content,
        code: code.ok_or(ProblemCode::FormUnknown)?,
        on: printing::day_of(app.clock.now()),
    })
}

pub fn show_form(app: &App, _: Caller, request: OneForm) -> Result<FormView, Problem> {
    app.with_session(|session| {
        let drawn = drawn(app, session, &request)?;
        view(app, session, request, &drawn, false)
    })
}

pub fn print_form(app: &App, _: Caller, request: OneForm) -> Result<FormView, Problem> {
    if app.ground == Ground::Drill {
        return Err(ProblemCode::DrillOnly.into());
    }
    let drawn = app.with_session(|session| drawn(app, session, &request))?;
    // A form holds what a person answered: with no printer it stays on the screen, it is not saved.
    let printer = printing::printer_for(app, What::Form)?.ok_or(ProblemCode::NoFormPrinter)?;
    let job = Job {
        drawn: &drawn,
        title: &request.form,
        size: PaperSize::A4,
    };
    let handed = printing::hand_over(printer.as_ref(), &job);
    app.with_session(|session| {
        audit::append(
            app.outbox().db(),
            &audit::Entry {
                at_ms: app.clock.now_ms(),
                what: match handed {
                    Handed::Taken(_) => FORM_PRINTED,
                    Handed::NotGiven(_) | Handed::Failed(_) => "form_not_printed",
                },
                dossier: Some(request.dossier),
                who: Some(session.operator.id),
                note: Some(&request.form),
            },
        )?;
        match handed {
            Handed::Taken(_) => view(app, session, request, &drawn, true),
            Handed::NotGiven(problem) | Handed::Failed(problem) => Err(problem),
        }
    })
}

fn view(
    app: &App,
    session: &Session,
    request: OneForm,
    drawn: &Drawn,
    sent: bool,
) -> Result<FormView, Problem> {
    let cards = cards(app, session, &request.dossier)?;
    let name = cards.into_iter().find(|c| c.form == request.form).map(|c| c.name);
    let png = data_encoding::BASE64.encode(&drawn.png()?);
    Ok(FormView {
        dossier: request.dossier,
        name: name.ok_or(ProblemCode::FormUnknown)?,
        form: request.form,
        pages: u32::try_from(drawn.pages()).unwrap_or(u32::MAX),
        picture: format!("data:image/png;base64,{png}"),
        sent,
    })
}
