//! A procedure on a button, and the offer: what it takes and costs, said before anything is typed.
//!
//! **Invariant:** a statement whose source is only remembered is not shown as law.

use crate::views::{OfferView, ProcedureCard, WayView};
use domain::consent::{NOTICE_VERSION, notice, notice_lines};
use domain::interview::{ChannelView, InterviewView};
use domain::procedure::{Channel, Procedure};
use domain::text::Words;

/// `1.234.567`, as Vietnamese papers write it.
#[must_use]
pub fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// The fee in words a person reads.
#[must_use]
pub fn fee_words(dong: Option<u32>) -> Words {
    match dong {
        Some(0) => Words::new("Không mất tiền", "Free of charge"),
        Some(n) => Words::new(format!("{} đồng", thousands(n)), format!("{} VND", thousands(n))),
        None => Words::new(
            "Hỏi cán bộ: mức thu do tỉnh quy định",
            "Ask the officer: set by the province",
        ),
    }
}

fn time_words(working: Option<u32>, calendar: Option<u32>, next_day: bool) -> Words {
    if let Some(days) = calendar {
        return Words::new(
            format!("{days} ngày kể cả ngày nghỉ, tính từ khi có mã"),
            format!("{days} days, days off included, counted from the official code"),
        );
    }
    match (working, next_day) {
        (Some(0), false) => Words::new(
            "Trong ngày, tính từ khi có mã",
            "Same day, counted from the official code",
        ),
        (Some(0), true) => Words::new("Ngày làm việc tiếp theo", "The next working day"),
        (Some(n), false) => Words::new(
            format!("{n} ngày làm việc, tính từ khi có mã"),
            format!("{n} working days, counted from the official code"),
        ),
        (Some(n), true) => Words::new(
            format!(
                "{n} ngày làm việc, tính từ khi có mã; nhận sau 15 giờ thì tính từ ngày làm việc tiếp theo"
            ),
            format!(
                "{n} working days from the official code; received after 15:00 it counts from the next working day"
            ),
        ),
        (None, _) => Words::new("Cán bộ sẽ báo", "The officer will tell"),
    }
}

/// The counter files online with the citizen; where a procedure has no online way, in person.
#[must_use]
pub fn channel_of(procedure: &Procedure) -> Channel {
    let online = procedure.channels.iter().any(|c| c.channel == Channel::Online);
    if online && !procedure.in_person_only {
        Channel::Online
    } else {
        Channel::Direct
    }
}

/// The channel that a dossier goes by: the one that was chosen, or the only one; `None` while nobody has chosen.
#[must_use]
pub fn channel_chosen(procedure: &Procedure, chosen: Option<Channel>) -> Option<Channel> {
    let has = |channel: &Channel| procedure.channels.iter().any(|rule| rule.channel == *channel);
    match procedure.channels.as_slice() {
        [only] => Some(only.channel),
        _ => chosen.filter(has),
    }
}

#[must_use]
pub fn card(procedure: &Procedure) -> ProcedureCard {
    let channel = channel_of(procedure);
    let rule = procedure
        .channels
        .iter()
        .find(|c| c.channel == channel && procedure.law(&c.source).is_some());
    ProcedureCard {
        code: procedure.code.clone(),
        name: procedure.name.clone(),
        domain: procedure.domain.clone(),
        working_days: rule.and_then(|c| c.working_days),
        fee_dong: rule.and_then(|c| c.fee_dong),
        in_person_only: procedure.in_person_only,
        papers: u32::try_from(procedure.papers.len()).unwrap_or(u32::MAX),
    }
}

/// What is only remembered, for the officer to ask about.
fn unverified(procedure: &Procedure) -> Vec<String> {
    let remembered = procedure.sources.values().filter(|source| !source.is_law());
    remembered
        .map(|source| match &source.note {
            Some(note) => format!("{}: {note}", source.title),
            None => source.title.clone(),
        })
        .collect()
}

fn way_name(channel: Channel) -> Words {
    match channel {
        Channel::Online => Words::new("Nộp trên mạng, tại quầy này", "Online, at this counter"),
        Channel::Direct => Words::new("Nộp giấy trực tiếp", "On paper, in person"),
        Channel::Post => Words::new("Gửi qua bưu điện", "By post"),
    }
}

/// Fee and time of each channel beside each other; empty where there is no choice.
fn ways(procedure: &Procedure, view: &InterviewView, chosen: Option<Channel>) -> Vec<WayView> {
    if procedure.channels.len() < 2 {
        return Vec::new();
    }
    let chosen = channel_chosen(procedure, chosen);
    let way = |shown: &ChannelView| {
        let law = shown.source.is_some();
        WayView {
            channel: shown.channel,
            name: way_name(shown.channel),
            fee: fee_words(shown.fee_dong.filter(|_| law)),
            time: time_words(
                shown.working_days.filter(|_| law),
                shown.calendar_days.filter(|_| law),
                shown.received_next_day,
            ),
            chosen: chosen == Some(shown.channel),
        }
    };
    view.channels.iter().map(way).collect()
}

#[must_use]
pub fn offer(
    procedure: &Procedure,
    view: &InterviewView,
    chosen: Option<Channel>,
    keeps_copy: bool,
) -> OfferView {
    let papers = view
        .papers
        .iter()
        .filter(|p| p.source.is_some())
        .map(|p| p.name.clone())
        .collect();
    OfferView {
        notice: notice(keeps_copy),
        notice_lines: notice_lines(keeps_copy),
        notice_version: NOTICE_VERSION.into(),
        fee: fee_words(view.fee_dong),
        time: time_words(view.working_days, view.calendar_days, view.received_next_day),
        ways: ways(procedure, view, chosen),
        unverified: unverified(procedure),
        papers,
        deadline: procedure
            .deadline
            .as_ref()
            .filter(|d| procedure.law(&d.source).is_some())
            .map(|d| d.say.clone()),
        sources: procedure
            .sources
            .values()
            .filter(|s| s.is_law())
            .map(|s| s.title.clone())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn money_is_written_with_points() {
        for (n, text) in [(0, "0"), (8_000, "8.000"), (1_234_567, "1.234.567"), (100, "100")] {
            assert_eq!(super::thousands(n), text);
        }
    }
}
