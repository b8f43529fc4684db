//! `cargo xtask bench [--json]`: both sides of every ratio in one run.
//!
//! The core is measured in a release build, and so are the windows' start and their memory, beside an empty window of the
//! same build. What needs hands (a keystroke, a whole registration) is measured as it is tested: a release build cannot
//! be driven. That is a debug build of ours, with the hot dependencies optimised.

use crate::run::{cargo, run, target};
use crate::setup;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::process::Command;

/// Measures and prints.
///
/// # Errors
/// Where something cannot be built, or a ratio is past its gate.
pub fn bench(json: bool) -> Result<()> {
    setup()?;
    let windows = windows()?;
    let (core, held) = core()?;
    if json {
        let all: Vec<Value> = core.into_iter().chain(windows).collect();
        println!("{:#}", Value::from(all));
    } else {
        core.iter()
            .for_each(|figure| print(figure, "us", "ours_us", "other_us"));
        windows
            .iter()
            .for_each(|figure| print(figure, unit(figure), "ours_value", "other_value"));
    }
    ensure!(held, "a ratio is past its gate");
    Ok(())
}

/// The core's figures, and whether every gate held.
fn core() -> Result<(Vec<Value>, bool)> {
    run(&mut cargo(&[
        "build",
        "--release",
        "-p",
        "stories",
        "--bin",
        "donghanh-bench",
    ]))?;
    let output = Command::new(target().join("release/donghanh-bench"))
        .arg("--json")
        .current_dir(target())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let figures =
        serde_json::from_str(&text).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok((figures, output.status.success()))
}

fn windows() -> Result<Vec<Value>> {
    let out = target().join("bench-windows.json");
    // The whole workspace, as the tests build it: a choice of packages would choose other features and build all twice.
    run(&mut cargo(&["build", "--workspace", "--all-targets"]))?;
    // Started by itself and never driven.
    run(&mut cargo(&[
        "build",
        "--release",
        "--workspace",
        "--bin",
        "donghanh",
        "--example",
        "empty_window",
    ]))?;
    let story = [
        "test",
        "--workspace",
        "--test",
        "journeys",
        "--",
        "--ignored",
        "--exact",
        "measure::measure",
    ];
    run(cargo(&story)
        .env("DONGHANH_BENCH_OUT", &out)
        .env("DONGHANH_BENCH_PROGRAMS", target().join("release")))?;
    Ok(serde_json::from_slice(&std::fs::read(out)?)?)
}

/// What a figure of the windows is counted in.
fn unit(figure: &Value) -> &str {
    figure.get("unit").and_then(Value::as_str).unwrap_or("ms")
}

fn print(figure: &Value, unit: &str, ours: &str, other: &str) {
    let text = |name: &str| {
        figure
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let number = |name: &str| figure.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
    println!("{:38} ratio {:7.2}", text("name"), number("ratio"));
    println!("    {:>12.1} {unit}  {}", number(ours), text("ours"));
    println!("    {:>12.1} {unit}  {}", number(other), text("other"));
    for (name, what) in [
        ("median", "median of ours"),
        ("p99", "p99 of ours"),
        ("other_p99", "p99 of the other"),
        ("something_painted", "both windows painted something"),
    ] {
        if figure.get(name).is_some() {
            println!("    {:>12.1} {unit}  {what}", number(name));
        }
    }
}
