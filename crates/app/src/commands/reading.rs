//! Print on a captured paper, read by the machine: lines for a person to look at, and one of them put into a field.
//!
//! **Invariant:** what is read is stored nowhere until a person puts it into a field, and there it is a suggestion: marked
//! so, with the citizen asked about it by itself.

use crate::access::Caller;
use crate::commands::dossier::{GiveAnswer, put_answer};
use crate::commands::papers::{OneFile, page};
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::views::{DossierView, ReadTextView, TextLineView};
use crate::walk;
use domain::answer::AnswerSource;
use domain::ids::{DossierId, QuestionId};
use domain::interview::RawAnswer;
use domain::procedure::QuestionKind;
use paper::TextLine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
    let answer = GiveAnswer {
        dossier: request.dossier,
        raw: RawAnswer::Text(text.to_owned()),
        question: request.question,
    };
    put_answer(app, answer, AnswerSource::Paper)
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
