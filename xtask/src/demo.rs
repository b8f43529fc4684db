//! `cargo xtask demo`: the product as a newcomer sees it first.
//!
//! With a display: a provincial service on loopback, this kiosk enrolled at it, both windows open until they are closed.
//! With none: the same story driven in the real windows inside a virtual display, left in `target/demo/`.

use crate::enrol;
use crate::owned::Owned;
use crate::run::{built, cargo, output, root, run, target};
use crate::setup;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const READY_PATIENCE: Duration = Duration::from_secs(30);

/// Runs the demo. `headless` takes the virtual display even where there is a real one.
///
/// # Errors
/// Where something cannot be installed, built or started, or the story fails.
pub fn demo(headless: bool) -> Result<()> {
    setup()?;
    run(&mut cargo(&[
        "build", "-p", "donghanh", "-p", "service", "-p", "cli",
    ]))?;
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if has_display && !headless {
        in_windows()
    } else {
        in_pictures()
    }
}

fn in_pictures() -> Result<()> {
    let out = target().join("demo");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    println!(
        "No display: the story runs in a virtual one. Pictures and summary: {}",
        out.display()
    );
    let story = [
        "test",
        "-p",
        "donghanh",
        "--test",
        "journeys",
        "--",
        "--ignored",
        "--exact",
        "demo::demo",
        "--nocapture",
    ];
    run(cargo(&story).env("DONGHANH_DEMO_OUT", &out))?;
    let summary = out.join("summary.json");
    ensure!(summary.exists(), "the story left no summary");
    println!("\n{}\n{}", summary.display(), fs::read_to_string(&summary)?);
    Ok(())
}

fn in_windows() -> Result<()> {
    let home = target().join("demo-live");
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::create_dir_all(&home)?;
    let province = home.join("province");
    let kiosk = home.join("kiosk");
    let ready = home.join("province-ready.json");
    let service = Owned(
        Command::new(built("donghanh-province"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--lookup",
                "127.0.0.1:0",
                "--name",
                "Tỉnh Sông Nhỏ (diễn tập)",
                "--data",
            ])
            .arg(&province)
            .arg("--ready-file")
            .arg(&ready)
            .stdout(Stdio::null())
            .stderr(fs::File::create(home.join("province.log"))?)
            .spawn()
            .context("donghanh-province")?,
    );
    let addresses = wait_for(&ready)?;
    let url = addresses
        .get("kiosk")
        .and_then(Value::as_str)
        .context("the service names its address")?;
    let published = output(
        Command::new(built("donghanh-province"))
            .args(["admin", "publish", "--built-in", "--data"])
            .arg(&province),
    )?;
    println!("{}", published.trim());
    enrol::enrol(&province, &kiosk, url)?;
    println!(
        "\nThe windows open now. Papers to file: src-tauri/tests/fixtures/papers (taken in order, with no dialog)."
    );
    println!(
        "Citizens' look-up page: {}",
        addresses
            .get("lookup")
            .and_then(Value::as_str)
            .unwrap_or_default()
    );
    println!("When a dossier has reached the province, give it an official code:");
    let admin = format!(
        "{} admin --data {}",
        built("donghanh-province").display(),
        province.display()
    );
    println!(
        "  {admin} dossiers list\n  {admin} code set <id> --code H21.129-261122-0035 --source \"Sổ tiếp nhận\"\n"
    );
    run(Command::new(built("donghanh"))
        .args(["--layout", "desk", "--data"])
        .arg(&kiosk)
        .arg("--pick-from")
        .arg(root().join("src-tauri/tests/fixtures/papers")))?;
    drop(service);
    Ok(())
}

fn wait_for(ready: &Path) -> Result<Value> {
    let began = Instant::now();
    loop {
        if let Ok(bytes) = fs::read(ready) {
            return Ok(serde_json::from_slice(&bytes)?);
        }
        if began.elapsed() > READY_PATIENCE {
            bail!(
                "the service does not listen: see {}",
                ready.with_file_name("province.log").display()
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
