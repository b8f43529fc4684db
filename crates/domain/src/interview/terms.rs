//! Fee, time, cut-off and statutory deadline, as they stand today at this hour on this channel.

use super::facts::Facts;
use super::resolve::Resolution;
use super::view::{ChannelView, DeadlineView, FeeLine};
use crate::calendar::DueView;
use crate::expr::{Scope, days};
use crate::procedure::{ChannelRule, Procedure};
use crate::text::Words;
use jiff::ToSpan;

/// What [`terms`] works out.
pub(super) struct Terms {
    pub fee_dong: Option<u32>,
    pub fee_lines: Vec<FeeLine>,
    pub working_days: Option<u32>,
    pub calendar_days: Option<u32>,
    pub due: Option<DueView>,
    pub received_next_day: bool,
    pub channels: Vec<ChannelView>,
    /// Nobody has chosen a channel, and fee or time depend on it.
    pub undecided: bool,
}

/// While no channel is chosen, a figure is given only where all channels agree on it.
pub(super) fn terms(procedure: &Procedure, resolution: &Resolution<'_>, facts: &Facts<'_>) -> Terms {
    let extras = extra_lines(procedure, resolution);
    let channels: Vec<ChannelView> = procedure
        .channels
        .iter()
        .map(|rule| channel_view(procedure, rule, &extras, resolution, facts))
        .collect();
    let chosen: Vec<&ChannelView> = channels
        .iter()
        .filter(|view| facts.channel.is_none_or(|channel| channel == view.channel))
        .collect();
    let fee_dong = agreed(chosen.iter().map(|view| view.fee_dong));
    let base = procedure
        .channels
        .iter()
        .filter(|rule| facts.channel.is_none_or(|c| c == rule.channel));
    let base = FeeLine {
        label: fee_label(),
        dong: agreed(base.map(|rule| base_fee(rule, resolution))),
    };
    let working_days = agreed(chosen.iter().map(|view| view.working_days));
    let calendar_days = agreed(chosen.iter().map(|view| view.calendar_days));
    let due = agreed(chosen.iter().map(|view| view.due));
    let undecided = facts.channel.is_none() && chosen.windows(2).any(differ);
    let received_next_day = chosen.iter().any(|view| view.received_next_day);
    Terms {
        fee_dong,
        fee_lines: std::iter::once(base).chain(extras).collect(),
        working_days,
        calendar_days,
        due,
        received_next_day,
        undecided,
        channels,
    }
}

/// Time or fee of two channels are not the same.
fn differ(two: &[&ChannelView]) -> bool {
    let what = |view: &ChannelView| (view.fee_dong, view.working_days, view.calendar_days);
    matches!(two, [one, other] if what(one) != what(other))
}

fn fee_label() -> Words {
    Words {
        vi: "Lệ phí".to_owned(),
        en: "Fee".to_owned(),
    }
}

fn agreed<T: Copy + PartialEq>(values: impl Iterator<Item = Option<T>>) -> Option<T> {
    let values: Vec<Option<T>> = values.collect();
    let first = values.first().copied().flatten()?;
    values.iter().all(|value| *value == Some(first)).then_some(first)
}

fn base_fee(rule: &ChannelRule, resolution: &Resolution<'_>) -> Option<u32> {
    let unknown = rule
        .fee_unknown_when
        .as_ref()
        .is_some_and(|when| when.holds(resolution));
    if unknown { None } else { rule.fee_dong }
}

fn extra_lines(procedure: &Procedure, resolution: &Resolution<'_>) -> Vec<FeeLine> {
    let applies = procedure
        .extra_fees
        .iter()
        .filter(|fee| fee.when.as_ref().is_none_or(|w| w.holds(resolution)));
    let line = |fee: &crate::procedure::ExtraFee| {
        let times = match &fee.times {
            None => Some(1),
            Some(question) => resolution
                .value(question)
                .and_then(|value| match value.as_rows() {
                    Some(rows) => i64::try_from(rows.len()).ok(),
                    None => value.as_number(),
                }),
        };
        let times = times.and_then(|times| u32::try_from(times).ok());
        FeeLine {
            label: fee.label.clone(),
            dong: times.and_then(|times| fee.dong.checked_mul(times)),
        }
    };
    applies.map(line).collect()
}

fn channel_view(
    procedure: &Procedure,
    rule: &ChannelRule,
    extras: &[FeeLine],
    resolution: &Resolution<'_>,
    facts: &Facts<'_>,
) -> ChannelView {
    let received = facts.today.to_datetime(facts.now_time);
    let due = |term| facts.lists.calendar.due(received, term, rule.cutoff);
    let sum = |total: Option<u32>, line: &FeeLine| total?.checked_add(line.dong?);
    ChannelView {
        channel: rule.channel,
        working_days: rule.working_days,
        calendar_days: rule.calendar_days,
        due: rule.term().and_then(due),
        fee_dong: extras.iter().fold(base_fee(rule, resolution), sum),
        received_next_day: rule.cutoff.is_some_and(|cutoff| facts.now_time > cutoff),
        note: rule.note.clone(),
        source: procedure.law(&rule.source).map(|_| rule.source.clone()),
    }
}

/// The last day counts from the day after the first (Bộ luật Dân sự 2015 Đ147); a day off at its end is not
/// pushed back here, so the day shown is never too late.
pub(super) fn deadline(
    procedure: &Procedure,
    resolution: &Resolution<'_>,
    facts: &Facts<'_>,
) -> Option<DeadlineView> {
    let rule = procedure.deadline.as_ref()?;
    let from = resolution.value(&rule.from)?.as_date()?.whole()?;
    let last_day = from.checked_add(i64::from(rule.days).days()).ok()?;
    let days_left = i32::try_from(days(facts.today, last_day)?).ok()?;
    let passed = days_left < 0;
    Some(DeadlineView {
        last_day,
        days_left,
        passed,
        near: !passed && i64::from(days_left) <= i64::from(rule.near_days),
        say: if passed {
            rule.passed.clone()
        } else {
            rule.say.clone()
        },
        source: procedure.law(&rule.source).map(|_| rule.source.clone()),
    })
}
