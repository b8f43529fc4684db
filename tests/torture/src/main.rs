//! `donghanh-torture [--short] [--scale N] [--only ROW] [--seed N] [--json] [--patient]`: the proof that a sealed dossier reaches
//! the province once, whatever happens to power, disk, network, clock and people.
//!
//! **Invariant:** every row carries a control that takes one property away, and the row fails where the control
//! passes. Mutants and controls live in this crate only (decision 0018). A whole run fails that takes too long.

#![expect(
    clippy::indexing_slicing,
    reason = "a harness that is wrong about its own lists ends; nothing of it is shipped"
)]

mod disk;
mod fleet;
mod gateway;
mod row;
mod rows;
mod sim;
mod slow;

use anyhow::{Context as _, Result, bail};
use row::{Plan, Row, Run, SEED, timed};
use std::process::ExitCode;

const HELP: &str = "donghanh-torture [--short] [--scale N] [--only ROW] [--seed N] [--json] [--patient]
  --short    the size that runs with every test
  --scale N  the size of the table times N (1 where it is not given)
  --only ROW one row, or the rows whose names begin so
  --patient  a whole run that takes too long is told, and does not fail: for machines of which nobody knows how busy they are
  --list     the rows' names";

fn main() -> ExitCode {
    match torture() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("torture: {error:#}");
            ExitCode::FAILURE
        }
    }
}

struct Asked {
    plan: Plan,
    only: Option<String>,
    json: bool,
    list: bool,
    patient: bool,
}

fn asked() -> Result<Asked> {
    let memory = std::path::PathBuf::from("/dev/shm");
    let scratch = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    let mut asked = Asked {
        plan: Plan {
            short: false,
            scale: 1.0,
            seed: SEED,
            scratch,
        },
        only: None,
        json: false,
        list: false,
        patient: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--short" => asked.plan.short = true,
            "--scale" => asked.plan.scale = value()?.parse()?,
            "--seed" => asked.plan.seed = value()?.parse()?,
            "--only" => asked.only = Some(value()?),
            "--json" => asked.json = true,
            "--patient" => asked.patient = true,
            "--list" => asked.list = true,
            _ => bail!("{HELP}"),
        }
    }
    Ok(asked)
}

fn torture() -> Result<bool> {
    if let Some(done) = rows::child() {
        done?;
        return Ok(true);
    }
    let asked = asked()?;
    if asked.list {
        rows::ALL.iter().for_each(|(name, ..)| println!("{name}"));
        return Ok(true);
    }
    let chosen = rows::ALL.iter().filter(|(name, _, in_short)| match &asked.only {
        Some(only) => name.starts_with(only),
        None => *in_short || !asked.plan.short,
    });
    let mut done: Vec<Row> = Vec::new();
    for (name, work, _) in chosen {
        let row = timed(|| work(&asked.plan)).with_context(|| format!("row {name}"))?;
        if !asked.json {
            row.print();
        }
        done.push(row);
    }
    if done.is_empty() {
        bail!("no such row");
    }
    let run = Run::of(done, &asked.plan, asked.only.is_none());
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&run)?);
    } else {
        run.print();
    }
    Ok(run.holds() || (asked.patient && run.every_row_holds()))
}
