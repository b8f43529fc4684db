//! A file that would take the machine's memory costs a process of its own and a sentence; the kiosk keeps its size, its
//! dossier and its life. So does a reading process that is killed at its work.

use crate::papers_in::{Desk, PAPER, files};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use stories::photo::{BIRTH_ANNA, Photo, WITNESS};

/// A PNG of one colour, 9,990 by 9,990 dots of eight bytes: small on disk, 800 MB opened, and within the pixels allowed.
fn bomb() -> Result<Vec<u8>> {
    let side = 9_990_u32;
    let mut bytes = Vec::new();
    let row = vec![0_u8; side as usize * 8];
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    for _ in 0..side {
        std::io::Write::write_all(&mut stream, &row)?;
    }
    stream.finish()?;
    drop(writer);
    Ok(bytes)
}

/// The largest memory that the kiosk's own process ever had, in KiB.
fn peak(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:"))
        .context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}

/// Children of a process, by what they were started for.
pub(crate) fn readers(pid: u32) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let child = |entry: std::fs::DirEntry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
        let parent: u32 = status
            .lines()
            .find_map(|l| l.strip_prefix("PPid:"))?
            .trim()
            .parse()
            .ok()?;
        let command = std::fs::read(entry.path().join("cmdline")).ok()?;
        (parent == pid && command.windows(12).any(|w| w == b"--read-paper")).then_some(id)
    };
    entries.filter_map(|e| child(e.ok()?)).collect()
}

#[test]
fn bomb_costs_only_itself() -> Result<()> {
    let mut desk = Desk::open()?;
    let good = desk.put("tot.png", WITNESS)?;
    desk.add(PAPER, &good)?;
    let before = files(
        &desk
            .kiosk
            .call("open_dossier", json!({ "dossier": desk.dossier }))?,
    );
    let path = desk.put("bom.png", &bomb()?)?;
    let params = json!({ "dossier": desk.dossier, "component": PAPER, "path": path });
    let small = peak(desk.kiosk.pid())?;
    let (code, layer, sentence) = desk.kiosk.refused("add_file", params)?.told();
    ensure!(
        ["picture_too_big", "file_dangerous", "file_broken"].contains(&code.as_str()) && layer == "paper",
        "{code} {layer}"
    );
    ensure!(sentence.contains("Xin chụp"), "no way on: {sentence}");
    let grown = peak(desk.kiosk.pid())?.saturating_sub(small);
    ensure!(grown < 64 * 1024, "the kiosk itself took {grown} KiB more");
    // Killed at its work: the largest picture that is allowed gives time to strike.
    let photo = Photo {
        width: 3000,
        height: 4000,
        ..Photo::small()
    };
    let path = desk.put("to.jpg", &photo.of(BIRTH_ANNA))?;
    let pid = desk.kiosk.pid();
    let killer = std::thread::spawn(move || {
        for _ in 0..2_000 {
            if let Some(reader) = readers(pid).first() {
                return std::process::Command::new("kill")
                    .args(["-9", &reader.to_string()])
                    .status()
                    .is_ok();
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        false
    });
    let params = json!({ "dossier": desk.dossier, "component": PAPER, "path": path });
    let (code, ..) = desk.kiosk.refused("add_file", params.clone())?.told();
    ensure!(
        killer.join().is_ok_and(|struck| struck),
        "no reading process was there to kill"
    );
    ensure!(code == "file_dangerous", "{code}");
    ensure!(readers(pid).is_empty(), "a reading process is left behind");
    let after = files(
        &desk
            .kiosk
            .call("open_dossier", json!({ "dossier": desk.dossier }))?,
    );
    ensure!(after == before, "a bad file changed the dossier");
    // The same file, left alone, is taken.
    desk.kiosk.call("add_file", params)?;
    Ok(())
}
