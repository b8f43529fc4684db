//! The seal. **The only order allowed:** files encrypted, synced and renamed · folder synced · receipt
//! prepared in the encrypted database · one transaction in the outbox (item, files, counts, audit) · the
//! bytes read back and compared · only then a receipt to print · the draft marked sealed.
//!
//! A cut before the outbox's commit leaves a draft; after it, a sealed dossier whose draft is marked at the
//! next sign-in. Nothing in between prints.

use crate::card;
use crate::catalogue::{Catalogue, Entry};
use crate::clock;
use crate::kiosk::{App, Enrolment};
use crate::paper_list;
use crate::problem::{Problem, ProblemCode};
use crate::sealed_papers::{self, Document};
use crate::session::Session;
use crate::walk;
use data_encoding::HEXLOWER;
use domain::answer::Answers;
use domain::ids::{DeviceNo, DossierId, PageId};
use domain::interview::{self, InterviewView};
use domain::ledger;
use domain::practice;
use domain::receipt::{COME_BACK_AFTER_WORKING_DAYS, OriginalPlace, ReceiptContent, working_days_after};
use domain::receipt_number::ReceiptNumber;
use domain::roles::{Filing, Person, Roles};
use domain::sealed_form::{FORM_VERSION, SealedAnswer, SealedComponent, SealedFile, SealedForm};
use seal::envelope::SealedDossier;
use seal::keys::SigningKey;
use seal::manifest::{BlobRecord, CapturedAt, Kind, MANIFEST_VERSION, Manifest};
use seal::proof::ReceiptProof;
use std::sync::Arc;
use store::Outbox;
use store::outbox::Chain;
use store::tables::draft::{self, DraftRow};
use store::tables::item::{self, NewItem};
use store::tables::paper_file::{self, PaperFileRow};
use store::tables::{audit, receipt, setting};

/// Everything that the seal needs, gathered before the first byte is written.
struct Ready<'a> {
    row: DraftRow,
    files: Vec<PaperFileRow>,
    /// The files as they are sealed: [`sealed_papers::group`].
    documents: Vec<Document>,
    view: InterviewView,
    sendable: Answers,
    enrolment: Enrolment,
    device_epoch: u64,
    number: DeviceNo,
    counter_name: String,
    chain: Chain,
    now: jiff::Timestamp,
    app: &'a App,
    /// What the interview really ran on: it is named in the manifest.
    catalogue: Arc<Catalogue>,
    entry: Arc<Entry>,
}

/// Seals the open dossier and answers its receipt.
///
/// # Errors
/// `consent_missing`, `filing_not_confirmed`, `not_complete`, `not_enrolled` before anything is written;
/// `disk_full` and `disk_trouble` with the draft intact.
pub fn seal(app: &App, session: &mut Session, dossier: DossierId) -> Result<ReceiptContent, Problem> {
    // A commit that failed on the disk may stand there all the same, once the log was read anew.
    if let Some(receipt) = committed(app, session, dossier)? {
        return Ok(receipt);
    }
    match sealed_once(app, session, dossier) {
        Err(problem) if problem.code == ProblemCode::DiskFull => {
            // The reserve is there for this moment: one more try with its room.
            app.files.release_reserve()?;
            match committed(app, session, dossier)? {
                Some(receipt) => Ok(receipt),
                None => sealed_once(app, session, dossier),
            }
        }
        other => other,
    }
}

/// Where the outbox holds it already only the step behind the commit is left, and the receipt is the one of the commit: a
/// second seal would give the person a slip with another number.
fn committed(
    app: &App,
    session: &mut Session,
    dossier: DossierId,
) -> Result<Option<ReceiptContent>, Problem> {
    if item::get(app.outbox().db(), &dossier)?.is_none() {
        return Ok(None);
    }
    let kept = receipt::get(session.drafts.db(), &dossier)?.ok_or(ProblemCode::DossierSealed)?;
    draft::mark_sealed(session.drafts.db_mut(), &dossier, app.bound_to_hardware)?;
    if let Err(error) = session.drafts.empty_log() {
        // It is sealed: what stays in the encrypted log goes with the next one.
        tracing::warn!(%error, "the log of the drafts was not emptied");
    }
    if let Some(open) = &mut session.open {
        open.sealed = true;
    }
    Ok(Some(kept.content))
}

fn sealed_once(app: &App, session: &mut Session, dossier: DossierId) -> Result<ReceiptContent, Problem> {
    let mut ready = gather(app, session, dossier)?;
    let blobs = seal_files(&mut ready, session)?;
    let secret = seal::random::digits(seal::lookup::SECRET_DIGITS)?;
    let form = form(&ready, session, &blobs)?;
    let number =
        ReceiptNumber::new(ready.number, ready.chain.receipts + 1).map_err(|_| ProblemCode::Internal)?;
    let (_, device_key) = app.device_key()?;
    let manifest = manifest(&ready, session, &blobs, &form, number, &secret)?;
    let envelope = SealedDossier::sign(&manifest, &device_key, &session.signing)?;
    let content = receipt_content(
        &ready,
        number,
        &secret,
        &envelope,
        (&device_key, manifest.captured_at.low_trust),
    )?;
    receipt::put(session.drafts.db(), &content)?;
    crate::commands::practice::remember(app, session, &ready.row)?;
    commit(&ready, session, &manifest, &envelope, &blobs)?;
    for blob in &blobs {
        app.files.verify(blob)?;
    }
    draft::mark_sealed(session.drafts.db_mut(), &dossier, app.bound_to_hardware)?;
    session.drafts.empty_log()?;
    if let Some(open) = &mut session.open {
        open.sealed = true;
    }
    Ok(content)
}

fn gather<'a>(app: &'a App, session: &mut Session, dossier: DossierId) -> Result<Ready<'a>, Problem> {
    crate::preview::not_here(app)?;
    let enrolment = app.enrolment()?.ok_or(ProblemCode::NotEnrolled)?;
    let (number, counter_name) = (
        enrolment.certificate.number,
        enrolment.certificate.counter_name.clone(),
    );
    // Two disks with one identity would give two citizens one number.
    let word = app.device_word()?;
    if word.is_some_and(|word| word.frozen) {
        return Err(ProblemCode::DeviceFrozen.into());
    }
    let device_epoch = word.map_or(enrolment.device_epoch, |word| word.epoch);
    let row = session.open(dossier)?.clone();
    if row.body.consent.is_none() {
        return Err(ProblemCode::ConsentMissing.into());
    }
    let files = paper_file::of_dossier(session.drafts.db(), &dossier)?;
    let view = walk::interview(app, &row, &files)?;
    let sendable = walk::with_facts(app, &row, &files, |entry, facts| {
        interview::sendable(&entry.procedure, &row.body.answers, facts)
    })?;
    if !view.complete {
        return Err(ProblemCode::NotComplete.into());
    }
    if row.body.filing.is_none() {
        return Err(ProblemCode::FilingNotConfirmed.into());
    }
    // A file under a component that no longer applies is kept in the draft and not sent, like a hidden answer.
    let files: Vec<PaperFileRow> = files
        .into_iter()
        .filter(|f| view.papers.iter().any(|p| p.id == f.component))
        .collect();
    let chain = app.outbox().chain()?;
    Ok(Ready {
        catalogue: app.shelf.of_draft(&row)?,
        entry: walk::entry(app, &row)?,
        row,
        documents: sealed_papers::group(&files),
        files,
        view,
        sendable,
        number,
        counter_name,
        enrolment,
        device_epoch,
        chain,
        now: app.clock.now(),
        app,
    })
}

fn seal_files(ready: &mut Ready<'_>, session: &Session) -> Result<Vec<BlobRecord>, Problem> {
    let files = &ready.app.files;
    let to = &ready.enrolment.offer.recipients;
    let sealed = ready.documents.iter_mut().map(|document| {
        let title = ready.view.papers.iter().find(|p| p.id == document.component);
        let title = title.map_or("", |p| p.name.vi.as_str());
        let readable = sealed_papers::readable(&session.drafts, document, title, ready.now)?;
        Ok(files.seal(&readable, to)?)
    });
    sealed.collect()
}

fn roles(ready: &Ready<'_>, session: &Session) -> Result<Roles, Problem> {
    let people = &ready.entry.procedure.people;
    let text =
        |id: Option<&domain::ids::QuestionId>| id.and_then(|id| ready.sendable.text(id)).map(str::to_owned);
    Ok(Roles {
        subject: Person {
            name: text(Some(&people.subject_name)),
            id_number: text(people.subject_id.as_ref()),
        },
        filer: Person {
            name: text(Some(&people.filer_name)),
            id_number: text(people.filer_id.as_ref()),
        },
        relation: text(people.relation.as_ref()),
        standing: Filing::of(people, &ready.sendable, ready.row.body.standing)
            .standing(ready.row.body.standing),
        helpers: ready.row.body.helpers.clone(),
        receiver: session.helper(),
    })
}

fn form(ready: &Ready<'_>, session: &Session, blobs: &[BlobRecord]) -> Result<SealedForm, Problem> {
    let procedure = &ready.entry.procedure;
    let body = &ready.row.body;
    let answers = ready.sendable.iter().map(|(question, answer)| SealedAnswer {
        question: question.clone(),
        value: answer.value.clone(),
        source: answer.source,
        confirmed: answer.confirmed,
        upstream: procedure.question(question).and_then(|q| q.upstream.clone()),
    });
    // The papers page is a page of the ledger too: somebody held the camera.
    let papers_page = PageId::from(crate::commands::papers::PAPERS_PAGE);
    let pages = ready.view.pages.iter().map(|p| &p.id).chain([&papers_page]);
    let ledger = ledger::of_pages(pages, &body.tallies);
    Ok(SealedForm {
        version: FORM_VERSION,
        dossier: ready.row.dossier,
        procedure: procedure.code.clone(),
        procedure_version: procedure.version.clone(),
        // Where nobody chose, all channels agree, and the counter files online.
        channel: card::channel_chosen(procedure, body.channel).or(Some(card::channel_of(procedure))),
        procedure_sha256: HEXLOWER.encode(&ready.entry.sha256),
        catalogue_sha256: HEXLOWER.encode(&ready.catalogue.sha256),
        roles: roles(ready, session)?,
        consent: body.consent.clone().ok_or(ProblemCode::ConsentMissing)?,
        filing_confirmed: body.filing.clone().ok_or(ProblemCode::FilingNotConfirmed)?,
        answers: answers.collect(),
        components: components(ready, blobs),
        assistance: Some(ledger::summary(&ledger)),
        ledger,
        event: body.event.clone(),
    })
}

fn components(ready: &Ready<'_>, blobs: &[BlobRecord]) -> Vec<SealedComponent> {
    let files_of = |component: &domain::ids::ComponentId| {
        let own = ready
            .documents
            .iter()
            .zip(blobs)
            .filter(|(document, _)| &document.component == component);
        own.map(|(document, blob)| SealedFile {
            id: document.id,
            blob: blob.name(),
            readable_sha256: document.sha256.clone(),
            media: document.media.clone(),
            bytes: document.bytes,
            pages: document.pages,
        })
        .collect()
    };
    let papers = ready.view.papers.iter().map(|need| SealedComponent {
        component: need.id.clone(),
        name: need.name.vi.clone(),
        original: original(ready, &need.id),
        files: files_of(&need.id),
    });
    papers.collect()
}

fn original(ready: &Ready<'_>, component: &domain::ids::ComponentId) -> OriginalPlace {
    ready
        .row
        .body
        .originals
        .get(component)
        .copied()
        .unwrap_or(OriginalPlace::None)
}

/// When a seal was made, by this machine's clock and the province's last word.
pub(crate) fn captured_at(app: &App, outbox: &Outbox, now: jiff::Timestamp) -> Result<CapturedAt, Problem> {
    let heard =
        setting::get::<sync::ProvinceTime>(outbox.db(), setting::Name::ProvinceTime)?.unwrap_or_default();
    let wall_ms = now.as_millisecond();
    Ok(CapturedAt {
        wall_ms,
        last_province_ms: heard.signed_ms,
        low_trust: heard.doubts(wall_ms) || app.clock.is_told(),
    })
}

fn manifest(
    ready: &Ready<'_>,
    session: &Session,
    blobs: &[BlobRecord],
    form: &SealedForm,
    number: ReceiptNumber,
    secret: &str,
) -> Result<Manifest, Problem> {
    let captured_at = captured_at(ready.app, &ready.app.outbox(), ready.now)?;
    let (device, _) = ready.app.device_key()?;
    Ok(Manifest {
        version: MANIFEST_VERSION,
        dossier: *ready.row.dossier.as_bytes(),
        device: *device.as_bytes(),
        device_epoch: ready.device_epoch,
        device_seq: ready.chain.device_seq + 1,
        previous: ready.chain.last_manifest,
        receipt_number: number.to_string(),
        procedure_code: ready.row.procedure_code.to_string(),
        procedure_version: ready.entry.procedure.version.clone(),
        procedure_sha256: ready.entry.sha256,
        captured_at,
        kind: Kind::New,
        sealed_form: seal::form::seal(form, &ready.enrolment.offer.recipients)?,
        blobs: blobs.to_vec(),
        lookup_tag: seal::lookup::tag(secret, &ready.row.dossier)?,
        operator: *session.operator.id.as_bytes(),
        operator_key: *session.signing.verify_key().as_bytes(),
        parent: None,
        catalogue_sha256: Some(ready.catalogue.sha256),
    })
}

fn commit(
    ready: &Ready<'_>,
    session: &Session,
    manifest: &Manifest,
    envelope: &SealedDossier,
    blobs: &[BlobRecord],
) -> Result<(), Problem> {
    let sealed_files: Vec<(String, u64)> = blobs.iter().map(|b| (b.name(), b.len)).collect();
    let bytes = envelope.to_bytes()?;
    // On the disk before the row, and under its name only after it: what was never committed is never found.
    let record = ready
        .app
        .files
        .records()
        .write(&ready.row.dossier, None, &bytes)?;
    // The names of the files, before the row that points at them; behind the record, whose own sync has most often taken
    // them along already.
    ready.app.files.sync()?;
    let now_ms = ready.now.as_millisecond();
    let new = NewItem {
        dossier: ready.row.dossier,
        device_seq: manifest.device_seq,
        receipt_number: &manifest.receipt_number,
        procedure_code: &ready.row.procedure_code,
        envelope: &bytes,
        manifest_sha256: envelope.sha256(),
        sealed_files: &sealed_files,
        sealed_ms: now_ms,
        takes_back: None,
    };
    let line = audit::Entry {
        at_ms: now_ms,
        what: "sealed",
        dossier: Some(ready.row.dossier),
        who: Some(session.operator.id),
        note: None,
    };
    ready.app.outbox().commit_sealed(&ready.chain, &new, &line)?;
    if let Err(error) = record.name() {
        // It is sealed all the same; the next start writes the record.
        tracing::error!(%error, "a record has no name yet");
    }
    Ok(())
}

fn receipt_content(
    ready: &Ready<'_>,
    number: ReceiptNumber,
    secret: &str,
    envelope: &SealedDossier,
    (device_key, low_trust): (&SigningKey, bool),
) -> Result<ReceiptContent, Problem> {
    let procedure = &ready.entry.procedure;
    let offer = &ready.enrolment.offer;
    let (sealed_on, _) = clock::at_counter(ready.now);
    let proof = ReceiptProof {
        number,
        dossier: ready.row.dossier,
        procedure_code: procedure.code.to_string(),
        manifest_sha256: envelope.sha256(),
        sealed_at: ready.now,
        files: u8::try_from(ready.documents.len()).unwrap_or(u8::MAX),
        low_trust,
    };
    let role = session_role(ready);
    // The slip is for those who can use it at home.
    let has_slip = ready.row.body.has_phone == Some(true);
    Ok(ReceiptContent {
        dossier: ready.row.dossier,
        number,
        procedure_code: procedure.code.to_string(),
        procedure_name: procedure.name.vi.clone(),
        counter_name: ready.counter_name.clone(),
        counter_phone: offer.counter_phone.clone(),
        sealed_on,
        sealed_at_time: clock::minute(ready.now),
        papers: paper_list::lines(&ready.view, &ready.files, &ready.row.body.originals),
        working_days: ready.view.working_days,
        calendar_days: ready.view.calendar_days,
        fee_line: Some(card::fee_words(ready.view.fee_dong).vi),
        come_back_on: working_days_after(
            sealed_on,
            COME_BACK_AFTER_WORKING_DAYS,
            &ready.catalogue.lists.calendar,
        ),
        lookup_url: format!("{}/T/{number}", offer.lookup_base_url.trim_end_matches('/')).to_uppercase(),
        lookup_site: offer.lookup_site.clone(),
        secret: secret.to_owned(),
        proof: Some(proof.sign(device_key)?),
        copy_no: 0,
        assisted_by: role,
        consent_line: consent_line(ready),
        practice: if has_slip {
            procedure.practice.iter().map(|step| step.vi.clone()).collect()
        } else {
            Vec::new()
        },
        practice_next: has_slip
            .then(|| practice::next(procedure.practice.len(), ready.row.body.handed))
            .flatten(),
        event: ready.row.body.event.clone(),
        together: Vec::new(),
    })
}

fn consent_line(ready: &Ready<'_>) -> String {
    let given = ready.row.body.consent.as_ref();
    given
        .map(|consent| {
            let at = clock::minute_and_day(consent.given_at.as_millisecond());
            domain::consent::printed_line(consent, &at)
        })
        .unwrap_or_default()
}

fn session_role(ready: &Ready<'_>) -> String {
    ready
        .row
        .body
        .helpers
        .first()
        .map_or("cán bộ quầy", |h| h.role.vi())
        .to_owned()
}
