//! Finds every mistake in a procedure when it is loaded, so that no citizen sits in front of one.

use super::check_expr::Type;
use super::fault::{Mistake, MistakeKind, ProcedureFault};
use super::format::{CardBlock, FILES_MAX, PAGES_MAX, Page, Paper, Procedure, QUESTIONS_MAX};
use super::legal::{ChannelRule, SourceId};
use super::order;
use super::question::{
    CONFIRM_MAX, ChoiceOption, Prefill, PrefillFrom, Question, QuestionKind, ROWS_MAX, SexTerm,
};
use crate::calendar::TERM_DAYS_MAX;
use crate::ids::{ComponentId, QuestionId};
use crate::interview::card::holds;
use crate::text::{Words, clean};
use std::collections::{BTreeMap, BTreeSet};

/// Checks a procedure and puts its questions in order.
pub(super) fn checked(mut procedure: Procedure) -> Result<Procedure, ProcedureFault> {
    let mut mistakes = Checker::new(&procedure).run();
    if mistakes.is_empty() {
        match order::order(&procedure) {
            Ok(order) => procedure.order = order,
            Err(looping) => mistakes.extend(looping.into_iter().map(|id| Mistake {
                place: format!("questions.{id}"),
                kind: MistakeKind::Loop,
            })),
        }
    }
    if mistakes.is_empty() {
        Ok(procedure)
    } else {
        Err(ProcedureFault::Mistakes(mistakes))
    }
}

pub(super) struct Checker<'a> {
    procedure: &'a Procedure,
    pub(super) kinds: BTreeMap<&'a QuestionId, &'a QuestionKind>,
    pub(super) papers: BTreeSet<&'a ComponentId>,
    found: Vec<Mistake>,
}

impl<'a> Checker<'a> {
    fn new(procedure: &'a Procedure) -> Self {
        let kinds = procedure
            .questions()
            .map(|question| (&question.id, &question.kind))
            .collect();
        let papers = procedure.papers.iter().map(|paper| &paper.id).collect();
        Self {
            procedure,
            kinds,
            papers,
            found: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<Mistake> {
        let procedure = self.procedure;
        self.identity(procedure);
        self.legal(procedure);
        for question in procedure
            .people
            .questions()
            .filter(|id| procedure.question(id).is_none())
        {
            self.report("people", MistakeKind::UnknownQuestion(question.to_string()));
        }
        procedure.cards.iter().for_each(|block| self.card(block));
        procedure.papers.iter().for_each(|paper| self.paper(paper));
        procedure.pages.iter().for_each(|page| self.page(page));
        self.counts(procedure);
        self.found
    }

    fn card(&mut self, block: &CardBlock) {
        let place = format!("cards.{}", block.name);
        self.words(&place, &block.who);
        for (part, id) in block.parts() {
            match self.procedure.question(id) {
                None => self.report(&place, MistakeKind::UnknownQuestion(id.to_string())),
                Some(question) if !holds(part, question) => {
                    self.report(format!("{place}.{part}"), MistakeKind::CardPart(id.to_string()));
                }
                Some(_) => {}
            }
        }
    }

    pub(super) fn report(&mut self, place: impl Into<String>, kind: MistakeKind) {
        self.found.push(Mistake {
            place: place.into(),
            kind,
        });
    }

    fn identity(&mut self, procedure: &Procedure) {
        let digits = |part: &str, len: usize| part.len() == len && part.chars().all(|c| c.is_ascii_digit());
        let shaped = procedure
            .code
            .as_str()
            .split_once('.')
            .is_some_and(|(a, b)| digits(a, 1) && digits(b, 6));
        if !shaped {
            self.report("code", MistakeKind::Code);
        }
        if procedure.version.trim().is_empty() {
            self.report("version", MistakeKind::Empty);
        }
        for (place, words) in [("name", &procedure.name), ("authority", &procedure.authority)] {
            self.words(place, words);
        }
        for (place, words) in [
            ("domain", &procedure.domain),
            ("result", &procedure.result),
            ("say", &procedure.say),
        ] {
            self.words(place, words);
        }
        procedure
            .practice
            .iter()
            .for_each(|step| self.words("practice", step));
        procedure
            .linked
            .iter()
            .for_each(|linked| self.words("linked", &linked.why));
    }

    fn legal(&mut self, procedure: &Procedure) {
        procedure
            .code_source
            .iter()
            .for_each(|source| self.source("code_source", source));
        for rule in &procedure.routes {
            self.source("routes", &rule.source);
        }
        for rule in &procedure.channels {
            self.source("channels", &rule.source);
            self.term(rule);
            self.expr("channels.fee_unknown_when", rule.fee_unknown_when.as_ref());
            rule.note
                .iter()
                .for_each(|note| self.words("channels.note", note));
        }
        for fee in &procedure.extra_fees {
            self.source("extra_fees", &fee.source);
            self.words("extra_fees", &fee.label);
            self.expr("extra_fees.when", fee.when.as_ref());
            fee.times
                .iter()
                .for_each(|question| self.countable("extra_fees.times", question));
        }
        if let Some(deadline) = &procedure.deadline {
            self.source("deadline", &deadline.source);
            self.typed("deadline.from", &deadline.from, Type::Date);
            self.words("deadline.say", &deadline.say);
            self.words("deadline.passed", &deadline.passed);
        }
    }

    fn term(&mut self, rule: &ChannelRule) {
        let days = [rule.working_days, rule.calendar_days];
        let long = days.iter().flatten().any(|days| *days > TERM_DAYS_MAX);
        if long || days.iter().all(Option::is_some) {
            self.report("channels", MistakeKind::Term(TERM_DAYS_MAX));
        }
    }

    fn paper(&mut self, paper: &Paper) {
        let place = format!("papers.{}", paper.id);
        self.words(&place, &paper.name);
        paper.note.iter().for_each(|note| self.words(&place, note));
        self.source(&place, &paper.source);
        self.expr(&format!("{place}.when"), paper.when.as_ref());
        self.expr(&format!("{place}.replaced_when"), paper.replaced_when.as_ref());
        if paper.min_files > paper.max_files || paper.max_files > FILES_MAX {
            self.report(place, MistakeKind::Bounds);
        }
    }

    fn page(&mut self, page: &'a Page) {
        let place = format!("pages.{}", page.id);
        self.words(&place, &page.title);
        self.words(&place, &page.say);
        page.help.iter().for_each(|help| self.words(&place, help));
        self.expr(&format!("{place}.when"), page.when.as_ref());
        if page.questions.is_empty() {
            self.report(place.clone(), MistakeKind::Empty);
        }
        for question in &page.questions {
            self.question(&format!("{place}.{}", question.id), question);
        }
    }

    fn question(&mut self, place: &str, question: &'a Question) {
        self.words(place, &question.label);
        question.hint.iter().for_each(|hint| self.words(place, hint));
        self.expr(&format!("{place}.when"), question.when.as_ref());
        self.expr(&format!("{place}.required_when"), question.required_when.as_ref());
        self.kind(place, question);
        for prefill in &question.prefill {
            self.prefill(&format!("{place}.prefill"), question, prefill);
        }
        for check in &question.checks {
            self.expr(&format!("{place}.checks.{}", check.code), Some(&check.rule));
            self.words(place, &check.message);
        }
        self.id_check(place, question);
    }

    fn id_check(&mut self, place: &str, question: &Question) {
        if let Some(id_check) = &question.id_check {
            if let Some(SexTerm::Question(sex)) = &id_check.sex {
                self.typed(place, sex, Type::Text);
            }
            id_check
                .born
                .iter()
                .for_each(|born| self.typed(place, born, Type::Date));
        }
    }

    pub(super) fn kind(&mut self, place: &str, question: &Question) {
        match &question.kind {
            QuestionKind::Choice { options } => self.options(place, options),
            QuestionKind::Number { min, max } | QuestionKind::Money { min, max } if min > max => {
                self.report(place, MistakeKind::Bounds)
            }
            QuestionKind::Text { max: Some(max), .. } if *max == 0 || *max > 2000 => {
                self.report(place, MistakeKind::Bounds);
            }
            QuestionKind::Computed {} => {
                let needs = question.required || question.required_when.is_some() || question.confirm;
                if question.prefill.is_empty() || needs {
                    self.report(place, MistakeKind::Computed);
                }
            }
            QuestionKind::PersonName {} | QuestionKind::Text { .. } | QuestionKind::ListChoice { .. } => {}
            QuestionKind::IdNumber {} | QuestionKind::Date { .. } | QuestionKind::Address { .. } => {}
            QuestionKind::Number { .. } | QuestionKind::Phone {} | QuestionKind::Flag {} => {}
            QuestionKind::Money { .. } | QuestionKind::Time {} | QuestionKind::InsuranceNumber {} => {}
            QuestionKind::Group { min, max, questions } => {
                if min > max || *max == 0 || *max > ROWS_MAX {
                    self.report(place, MistakeKind::Bounds);
                }
                self.columns(place, questions);
            }
        }
    }

    fn options(&mut self, place: &str, options: &[ChoiceOption]) {
        if options.is_empty() {
            self.report(place, MistakeKind::Empty);
        }
        options.iter().for_each(|option| self.words(place, &option.label));
        self.unique(place, options.iter().map(|option| option.value.as_str()));
    }

    fn prefill(&mut self, place: &str, question: &Question, prefill: &Prefill) {
        self.expr(place, prefill.when.as_ref());
        let own = Type::of(&question.kind);
        let given = match &prefill.from {
            PrefillFrom::Question(from) => return self.same_type(place, from, own),
            PrefillFrom::DateInWords(from) => {
                self.typed(place, from, Type::Date);
                Type::Text
            }
            PrefillFrom::Choice(value) => {
                self.option(place, &question.id, value);
                Type::Choice
            }
            PrefillFrom::Number(_) => Type::Number,
            PrefillFrom::Flag(_) => Type::Flag,
        };
        if given != own {
            self.wrong_type(place, &question.id, given);
        }
    }

    fn counts(&mut self, procedure: &Procedure) {
        self.unique("pages", procedure.pages.iter().map(|page| page.id.as_str()));
        let asked: Vec<&Question> = procedure.questions().flat_map(Question::with_columns).collect();
        self.unique("questions", asked.iter().map(|question| question.id.as_str()));
        self.unique("papers", procedure.papers.iter().map(|paper| paper.id.as_str()));
        let count = asked.len();
        let confirmed = procedure.questions().filter(|question| question.confirm).count();
        let limits = [
            (procedure.pages.len(), PAGES_MAX, "pages"),
            (count, QUESTIONS_MAX, "questions"),
        ];
        for (count, max, place) in limits
            .into_iter()
            .chain([(confirmed, CONFIRM_MAX, "questions.confirm")])
        {
            if count > max {
                self.report(place, MistakeKind::TooMany(max));
            }
        }
        for (empty, place) in [
            (procedure.pages.is_empty(), "pages"),
            (procedure.channels.is_empty(), "channels"),
        ] {
            if empty {
                self.report(place, MistakeKind::Empty);
            }
        }
    }

    fn unique<'t>(&mut self, place: &str, names: impl Iterator<Item = &'t str>) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                self.report(place, MistakeKind::Twice(name.to_owned()));
            }
        }
    }

    pub(super) fn words(&mut self, place: &str, words: &Words) {
        for (language, text) in [("vi", &words.vi), ("en", &words.en)] {
            if text.trim().is_empty() {
                self.report(format!("{place}.{language}"), MistakeKind::Empty);
            } else if clean(text) != *text {
                self.report(format!("{place}.{language}"), MistakeKind::NotClean);
            }
        }
    }

    fn source(&mut self, place: &str, source: &SourceId) {
        if !self.procedure.sources.contains_key(source) {
            self.report(place, MistakeKind::UnknownSource(source.0.clone()));
        }
    }
}
