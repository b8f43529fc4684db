//! The check of repeated groups: their columns are simple, and compared with nothing but their own row.

use super::check::Checker;
use super::check_expr::Type;
use super::fault::MistakeKind;
use super::question::{Question, QuestionKind, SexTerm};

impl Checker<'_> {
    pub(super) fn columns(&mut self, place: &str, columns: &[Question]) {
        if columns.is_empty() {
            self.report(place, MistakeKind::Empty);
        }
        for column in columns {
            let place = format!("{place}.{}", column.id);
            self.words(&place, &column.label);
            column.hint.iter().for_each(|hint| self.words(&place, hint));
            let judged = column.when.is_some() || column.required_when.is_some() || !column.checks.is_empty();
            let nested = matches!(
                column.kind,
                QuestionKind::Group { .. } | QuestionKind::Computed {}
            );
            if judged || nested || column.confirm || !column.prefill.is_empty() {
                self.report(&place, MistakeKind::Column);
            } else {
                self.kind(&place, column);
                self.row_id_check(&place, column, columns);
            }
        }
    }

    /// Inside a group a number is compared with the same row.
    fn row_id_check(&mut self, place: &str, column: &Question, columns: &[Question]) {
        let Some(id_check) = &column.id_check else { return };
        let sex = match &id_check.sex {
            Some(SexTerm::Question(sex)) => Some((sex, Type::Choice)),
            Some(SexTerm::Fixed(_)) | None => None,
        };
        let born = id_check.born.as_ref().map(|born| (born, Type::Date));
        for (id, wanted) in sex.into_iter().chain(born) {
            match columns.iter().find(|column| column.id == *id) {
                None => self.report(place, MistakeKind::UnknownQuestion(id.to_string())),
                Some(other) if Type::of(&other.kind) != wanted => self.wrong_type(place, id, wanted),
                Some(_) => {}
            }
        }
    }
}
