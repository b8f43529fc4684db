//! Print on a captured paper, read by the machine: lines for a person to look at, and one of them put into a field.
//!
//! **Invariant:** what is read is stored nowhere until a person puts it into a field, and there it is a suggestion: marked
//! so, no answer until it was compared with the paper, with the citizen asked about it by itself. It never takes the place
//! of another answer but by the press of somebody who was shown both.

use crate::access::Caller;
use crate::commands::dossier::{GiveAnswer, put_answer, save_and_show};
use crate::commands::papers::{OneFile, page};
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::session::Session;
use crate::views::{DossierView, ReadTextView, TextLineView};
use crate::walk;
use domain::answer::AnswerSource;
use domain::ids::{DossierId, PaperFileId, QuestionId};
use domain::interview::RawAnswer;
use domain::procedure::QuestionKind;
use paper::TextLine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::draft::FoundAt;
use store::tables::paper_file;
use ts_rs::TS;

/// A line with a word below this, of 100, is shown as uncertain.
const SURE_FROM: u8 = 80;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SuggestAnswer {
    pub dossier: DossierId,
    pub question: QuestionId,
    /// What a person kept of a line.
    pub text: String,
    /// The page, and where the line stands on it, as `read_text` said.
    pub file: PaperFileId,
    pub top: u16,
    pub height: u16,
    /// What stands in the field, as the person was shown it when they chose the line instead; none for an empty field.
    #[serde(default)]
    #[ts(optional)]
    pub instead_of: Option<String>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct CompareAnswer {
    pub dossier: DossierId,
    pub question: QuestionId,
}

pub fn read_text(app: &App, _: Caller, request: OneFile) -> Result<ReadTextView, Problem> {
    let bytes = app.with_session(|session| {
        session.open(request.dossier)?;
        let row = page(session, &request.dossier, request.file)?;
        if row.media != "image/jpeg" {
            return Err(ProblemCode::PdfNotRead.into());
        }
        Ok(paper_file::content(session.drafts.db(), &request.file)?)
    })?;
    // Outside the session: it takes seconds, and what is typed meanwhile must be saved.
    let lines = app.text_reader.lines(bytes)?;
    Ok(ReadTextView {
        lines: lines.into_iter().map(line_view).collect(),
    })
}

fn line_view(line: TextLine) -> TextLineView {
    TextLineView {
        value: value_of(&line.text).to_owned(),
        unsure: line.confidence < SURE_FROM,
        top: line.top,
        height: line.height,
        text: line.text,
    }
}

/// What stands after the label of a form's line, or the whole line.
fn value_of(text: &str) -> &str {
    match text.split_once(':') {
        Some((_, value)) if !value.trim().is_empty() => value.trim(),
        Some(_) | None => text.trim(),
    }
}

pub fn suggest_answer(app: &App, _: Caller, request: SuggestAnswer) -> Result<DossierView, Problem> {
    let text = request.text.trim();
    let writable = app.with_session(|session| {
        let entry = walk::entry(app, session.open(request.dossier)?)?;
        let question = entry.procedure.question(&request.question);
        Ok(question.is_some_and(|q| is_written(&q.kind)))
    })?;
    if !writable {
        return Err(Problem::new(ProblemCode::QuestionUnknown).at(request.question));
    }
    if text.is_empty() {
        return Err(Problem::new(ProblemCode::BadRequest).at(request.question));
    }
    let before = app.with_session(|session| standing(app, session, &request))?;
    if !before.is_empty() && request.instead_of.as_deref() != Some(before.as_str()) {
        return Err(Problem::new(ProblemCode::AnswerThere).at(request.question));
    }
    let answer = GiveAnswer {
        dossier: request.dossier,
        raw: RawAnswer::Text(text.to_owned()),
        question: request.question.clone(),
    };
    put_answer(app, answer, AnswerSource::Paper)?;
    app.with_session(|session| {
        let row = session.open(request.dossier)?;
        let suggested = row.body.answers.get(&request.question);
        if suggested.is_some_and(|answer| answer.source == AnswerSource::Paper) {
            let found = FoundAt {
                file: request.file,
                top: request.top,
                height: request.height,
            };
            row.body.found_at.insert(request.question, found);
        }
        save_and_show(app, session)
    })
}

/// What the field shows before anything is put there. Also refuses a page that is not one of this dossier.
fn standing(app: &App, session: &mut Session, request: &SuggestAnswer) -> Result<String, Problem> {
    let row = session.open(request.dossier)?.clone();
    let files = paper_file::of_dossier(session.drafts.db(), &request.dossier)?;
    if !files.iter().any(|file| file.id == request.file) {
        return Err(ProblemCode::FileMissing.into());
    }
    let view = walk::interview(app, &row, &files)?;
    let mut questions = view.pages.into_iter().flat_map(|page| page.questions);
    let question = questions.find(|q| q.id == request.question);
    Ok(question.map(|q| q.shown).unwrap_or_default())
}

/// Whoever helps has held what the machine read against the paper.
pub fn compare_answer(app: &App, _: Caller, request: CompareAnswer) -> Result<DossierView, Problem> {
    app.with_session(|session| {
        let row = session.open(request.dossier)?;
        let suggested = row.body.answers.get(&request.question);
        if suggested.is_none_or(|answer| answer.source != AnswerSource::Paper) {
            return Err(Problem::new(ProblemCode::QuestionUnknown).at(request.question));
        }
        row.body.answers.compare(&request.question);
        save_and_show(app, session)
    })
}

/// Is it answered with letters or digits? A choice, an address and a list of people are not one line of print.
const fn is_written(kind: &QuestionKind) -> bool {
    match kind {
        QuestionKind::PersonName {} | QuestionKind::Text { .. } | QuestionKind::Date { .. } => true,
        QuestionKind::IdNumber {} | QuestionKind::InsuranceNumber {} | QuestionKind::Phone {} => true,
        QuestionKind::Number { .. } | QuestionKind::Money { .. } | QuestionKind::Time {} => true,
        QuestionKind::Choice { .. } | QuestionKind::ListChoice { .. } | QuestionKind::Address { .. } => false,
        QuestionKind::Flag {} | QuestionKind::Computed {} | QuestionKind::Group { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::value_of;

    #[test]
    fn a_label_is_no_part_of_the_value() {
        for (line, value) in [
            ("Họ và tên mẹ: LÒ THỊ ĐÀO", "LÒ THỊ ĐÀO"),
            ("Giới tính: Nữ. Cân nặng: 3.150 gam", "Nữ. Cân nặng: 3.150 gam"),
            ("sinh một cháu:", "sinh một cháu:"),
            ("GIẤY CHỨNG SINH", "GIẤY CHỨNG SINH"),
        ] {
            assert_eq!(value_of(line), value);
        }
    }
}
