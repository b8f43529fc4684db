//! The rows in simulated time.

use crate::row::{Plan, Row};
use crate::sim::{Campaign, Config, Faults, Mutant, Poison, campaign, history};
use anyhow::Result;

/// A mutant of safety is caught within this many seeds.
const MUTANT_SEEDS: u64 = 2000;

fn taken(row: &mut Row, campaign: &Campaign) {
    row.done = campaign.seeds;
    row.note = format!(
        "{} events, {} receipts in citizens' hands",
        campaign.events, campaign.receipts
    );
    if let Some((seed, what)) = campaign.first {
        row.breaks(format!("seed {seed}: {what}; {}", campaign.detail));
    }
}

fn mutant(row: &mut Row, plan: &Plan, config: Config, mutant: Mutant) {
    let found = campaign(plan.seed, MUTANT_SEEDS, config, Some(mutant));
    let how = match found.first {
        Some((seed, what)) => format!("{what}, after {} seeds", seed - plan.seed + 1),
        None => format!("not in {MUTANT_SEEDS} seeds"),
    };
    row.control(format!("{mutant:?}"), found.first.is_some(), how);
}

/// Kiosks, province, network, clocks, disks, backups, clones.
pub fn everything(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(100_000, 1_000_000);
    let mut row = Row::new("simulation", "histories", plan, wanted);
    taken(&mut row, &campaign(plan.seed, wanted, Config::ALL, None));
    for one in Mutant::SAFETY {
        mutant(&mut row, plan, Config::ALL, one);
    }
    Ok(row)
}

/// A bad network only: everything arrives, and soon after the network is good again.
pub fn network(plan: &Plan) -> Result<Row> {
    /// The longest wait (fifteen minutes) that began just before the healing, a call under way that fails first (a file
    /// of 2 MB at 56 kbit/s: five minutes), and the work itself.
    const CONVERGES_WITHIN_MS: i64 = 23 * 60 * 1000;
    let wanted = plan.size(2000, 10_000);
    let mut row = Row::new("network", "schedules of 20 dossiers", plan, wanted);
    let config = Config {
        kiosks: 1,
        dossiers: 20,
        faults: Faults {
            network: true,
            ..Faults::default()
        },
        ..Config::ALL
    };
    let all = campaign(plan.seed, wanted, config, None);
    taken(&mut row, &all);
    if all.slowest_ms > CONVERGES_WITHIN_MS {
        row.breaks(format!(
            "one converged only {} s after the healing",
            all.slowest_ms / 1000
        ));
    }
    row.note += &format!(
        "; the slowest converged {} s after the healing",
        all.slowest_ms.max(0) / 1000
    );
    mutant(&mut row, plan, config, Mutant::NoDeduplication);
    Ok(row)
}

/// Clocks that stand in 2006 or in 2036 and jump in the middle of everything.
pub fn clock(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(2000, 5000);
    let mut row = Row::new("clock", "clock histories", plan, wanted);
    let config = Config {
        faults: Faults {
            clock: true,
            crash: true,
            ..Faults::default()
        },
        ..Config::ALL
    };
    taken(&mut row, &campaign(plan.seed, wanted, config, None));
    mutant(&mut row, plan, config, Mutant::ClockWindow);
    mutant(&mut row, plan, config, Mutant::NumberByClock);
    Ok(row)
}

/// One dossier among a thousand that never gets through, whatever the reason.
pub fn poison(plan: &Plan) -> Result<Row> {
    const NUMBER: u64 = 100;
    /// Requests about it in a simulated hour: a file that breaks off is tried three times a turn, with a question before and
    /// one after each.
    const ABOUT_IT_MAX: u64 = 150;
    let config = Config {
        kiosks: 1,
        dossiers: 1000,
        sealed_within_ms: 1000,
        file_bytes: 50_000,
        faults: Faults::default(),
        poison: None,
        ..Config::ALL
    };
    let hours = (config.trouble_ms + config.healed_ms)
        .unsigned_abs()
        .div_ceil(60 * 60 * 1000);
    let with = |poison| Config {
        poison: Some((NUMBER, poison)),
        ..config
    };
    let wanted = plan.size(2, 20);
    let mut row = Row::new("poison", "queues of 1,000, with each kind", plan, wanted);
    let (mut worst, mut most) = (0.0_f64, 0);
    for seed in plan.seed..plan.seed + wanted {
        let clean = history(seed, config, None);
        if let Some(violation) = &clean.violation {
            row.breaks(format!("seed {seed}: {}", violation.what));
        }
        for poison in Poison::ALL {
            let bad = history(seed, with(poison), None);
            if let Some(violation) = &bad.violation {
                row.breaks(format!("seed {seed}, {poison:?}: {}", violation.what));
            }
            if bad.acknowledged != 999 {
                row.breaks(format!(
                    "seed {seed}, {poison:?}: {} of 999 delivered",
                    bad.acknowledged
                ));
            }
            #[expect(clippy::cast_precision_loss, reason = "a ratio of milliseconds")]
            let ratio = bad.last_acknowledged_ms as f64 / clean.last_acknowledged_ms as f64;
            if ratio > 1.05 {
                row.breaks(format!(
                    "seed {seed}, {poison:?}: the others were held up, {ratio:.3} times the time without it"
                ));
            }
            let about = bad.about_poison / hours;
            if about > ABOUT_IT_MAX {
                row.breaks(format!(
                    "seed {seed}, {poison:?}: {about} requests about it in an hour"
                ));
            }
            (worst, most) = (worst.max(ratio), most.max(about));
        }
        row.done += 1;
    }
    row.note = format!(
        "the other 999 took at most {worst:.3} times as long as without it; at most {most} requests about it in an hour"
    );
    for (mutant, poison) in [
        (Mutant::FirstInFirstOut, Poison::FormHeld),
        (Mutant::AlwaysTheLink, Poison::FormFails),
        (Mutant::AlwaysTheLink, Poison::FormBreaks),
        (Mutant::AlwaysTheLink, Poison::FileFails),
        (Mutant::AlwaysTheLink, Poison::FileBreaks),
    ] {
        let stuck = history(plan.seed, with(poison), Some(mutant));
        row.control(
            format!("{mutant:?}, {poison:?}"),
            stuck.acknowledged < 999,
            format!("{} of 999 delivered", stuck.acknowledged),
        );
    }
    Ok(row)
}
