//! A disk that fails in the middle of the work: syncs that come back with an error, and drafts that are damaged while
//! somebody works on them. What was answered is kept, nothing is promised over a connection that saw the failure, one
//! press more makes one dossier, and the person is told what is true and what to do.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use stories::counter::{all_acknowledged, items, trouble};
use stories::desk::noise;
use stories::{Counter, Kiosk, Rule, form};

/// Fails the syncs of chosen files while it is told to, as the system does where the disk could not write.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* EIO_WHEN is a file: while it is there, a sync of a file whose name holds what stands in it fails. Each failure is one
   byte more in EIO_SEEN. */
static int fails(int fd) {
    const char *when = getenv("EIO_WHEN"), *seen = getenv("EIO_SEEN");
    char link[64], name[1024], word[256];
    if (!when || !seen) return 0;
    int told = open(when, O_RDONLY | O_CLOEXEC);
    if (told < 0) return 0;
    ssize_t n = read(told, word, sizeof word - 1);
    close(told);
    if (n <= 0) return 0;
    word[n] = 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t m = readlink(link, name, sizeof name - 1);
    if (m <= 0) return 0;
    name[m] = 0;
    if (!strstr(name, word)) return 0;
    int out = open(seen, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out >= 0) { if (write(out, "x", 1) < 0) { /* nothing better to do */ } close(out); }
    errno = EIO;
    return 1;
}

int fsync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return fails(fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return fails(fd) ? -1 : real(fd);
}
"#;

/// A disk that can be made to fail.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let source = folder.path().join("shim.c");
        std::fs::write(&source, SHIM)?;
        let built = Command::new("cc")
            .args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(folder.path().join("shim.so"))
            .arg(&source)
            .arg("-ldl")
            .status()
            .context("running cc")?;
        ensure!(built.success(), "cc ended with {built}");
        Ok(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The kiosk on this disk, with the officer signed in.
    fn kiosk(&self, counter: &Counter) -> Result<Kiosk> {
        let text = |name: &str| self.path(name).to_string_lossy().into_owned();
        let environment = [
            ("LD_PRELOAD", text("shim.so")),
            ("EIO_WHEN", text("when")),
            ("EIO_SEEN", text("seen")),
        ];
        let environment: Vec<(&str, &str)> = environment.iter().map(|(k, v)| (*k, v.as_str())).collect();
        counter.reopen_with(&[], &environment)
    }

    fn fail(&self, name: &str) -> Result<()> {
        Ok(std::fs::write(self.path("when"), name)?)
    }

    fn is_well_again(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.path("when"))?)
    }

    fn failures(&self) -> u64 {
        std::fs::metadata(self.path("seen")).map_or(0, |seen| seen.len())
    }
}

fn answer(kiosk: &mut Kiosk, dossier: &str, at: usize) -> Result<Value> {
    let (question, raw) = form::answers(0)?.into_iter().nth(at).context("no such answer")?;
    kiosk.call(
        "give_answer",
        json!({ "dossier": dossier, "question": question, "raw": raw }),
    )
}

fn refused_answer(kiosk: &mut Kiosk, dossier: &str, at: usize) -> Result<String> {
    let (question, raw) = form::answers(0)?.into_iter().nth(at).context("no such answer")?;
    let request = json!({ "dossier": dossier, "question": question, "raw": raw });
    Ok(kiosk.refused("give_answer", request)?.told().0)
}

#[test]
fn an_answer_whose_sync_failed_is_kept_and_written_by_the_next_one() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    let disk = Disk::new()?;
    let mut kiosk = disk.kiosk(&counter)?;
    let dossier = form::start(&mut kiosk)?;
    answer(&mut kiosk, &dossier, 0)?;
    // The control: a disk that is about to fail is no reason yet, whoever only reads is answered.
    disk.fail("drafts.db")?;
    kiosk.call("home", json!({}))?;
    ensure!(disk.failures() == 0, "a reading is no sync");

    ensure!(
        refused_answer(&mut kiosk, &dossier, 1)? == "disk_trouble",
        "told otherwise"
    );
    let failed = disk.failures();
    ensure!(failed > 0, "no sync failed: this proves nothing");
    // From here on even a reading first makes sure, and the disk still fails.
    ensure!(kiosk.refused("home", json!({}))?.told().0 == "disk_trouble");
    ensure!(disk.failures() > failed, "nobody looked at the disk again");
    disk.is_well_again()?;
    kiosk.call("home", json!({}))?;
    let view = answer(&mut kiosk, &dossier, 2)?;
    // The plug is pulled: what was answered is on the disk, the answer whose sync failed with it.
    kiosk.kill()?;
    let mut kiosk = counter.reopen()?;
    let again = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    let pages = |view: &Value| view.pointer("/interview/pages").cloned();
    ensure!(
        pages(&again) == pages(&view),
        "an answer is gone: {again:#} against {view:#}"
    );
    let told = format!("{view}");
    for at in 0..3 {
        let (_, raw) = form::answers(0)?.into_iter().nth(at).context("no such answer")?;
        let text = raw.pointer("/text").or(Some(&raw)).and_then(Value::as_str);
        ensure!(
            text.is_none_or(|text| told.contains(text)),
            "answer {at} is not there"
        );
    }
    Ok(())
}

/// The commit of a seal whose sync failed may stand in the log all the same. The second press must find that out, and not
/// make another dossier or another number of it.
#[test]
fn a_seal_whose_sync_failed_is_one_dossier_after_the_second_press() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let before = form::file(&mut kiosk, 5)?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let disk = Disk::new()?;
    let mut kiosk = disk.kiosk(&counter)?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    disk.fail("outbox.db")?;
    let told = kiosk
        .refused("seal_dossier", json!({ "dossier": dossier }))?
        .told()
        .0;
    ensure!(told == "disk_trouble", "{told}");
    ensure!(disk.failures() > 0, "no sync failed: this proves nothing");
    disk.is_well_again()?;
    let sealed = form::seal(&mut kiosk, &dossier)?;
    ensure!(sealed.number != before.number, "a number came twice");
    let all = items(&mut kiosk)?;
    ensure!(
        all.iter().filter(|i| i["dossier"] == json!(dossier)).count() == 1 && all.len() == 2,
        "{all:#?}"
    );
    kiosk.close()?;
    counter.network.rule(Rule::Pass);
    let mut kiosk = counter.reopen()?;
    all_acknowledged(&mut kiosk, 2)?;
    let receipt = kiosk.call("print_receipt", json!({ "dossier": dossier }))?;
    ensure!(
        (&receipt["number"], &receipt["secret"]) == (&json!(sealed.number), &json!(sealed.secret)),
        "the slip in hand is not the one that counts"
    );
    Ok(())
}

/// Noise over every page of the drafts but the first ones, in place, while the kiosk has them open.
fn damage(data: &Path) -> Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    let path = data.join("drafts.db");
    let from = 24 * 4096;
    let len = usize::try_from(std::fs::metadata(&path)?.len())?;
    ensure!(
        len > 2 * from,
        "the drafts are too small to be damaged in their middle: {len}"
    );
    let mut file = std::fs::File::options().write(true).open(path)?;
    file.seek(SeekFrom::Start(u64::try_from(from)?))?;
    file.write_all(&noise(len - from, 20_261_130))?;
    Ok(file.sync_all()?)
}

fn aside(counter: &Counter) -> Result<usize> {
    Ok(counter.set_aside("drafts.db")?.len())
}

/// One draft is in hand and one waits for a paper. Whatever of the second was not read yet is met as damaged when the first
/// page lists it; the one in hand goes on.
#[test]
fn drafts_damaged_in_the_middle_of_a_dossier_are_set_aside_and_it_goes_on() -> Result<()> {
    for damaged in [false, true] {
        let (counter, mut kiosk) = Counter::open()?;
        let waits = form::start(&mut kiosk)?;
        form::fill(&mut kiosk, &waits, 3)?;
        kiosk.call("hand_over", json!({ "dossier": waits, "note": "Chờ giấy" }))?;
        let dossier = form::start(&mut kiosk)?;
        form::fill(&mut kiosk, &dossier, 0)?;
        // The log is written out when it closes; the dossier comes back with the officer.
        kiosk.close()?;
        let mut kiosk = counter.reopen()?;
        if damaged {
            damage(&counter.data())?;
        }
        if !damaged {
            // The control: nobody is told anything, and it is sealed.
            kiosk.call("home", json!({}))?;
            form::confirm(&mut kiosk, &dossier)?;
            form::seal(&mut kiosk, &dossier)?;
            ensure!(trouble(&mut kiosk)?.0.is_empty() && aside(&counter)? == 0);
            continue;
        }
        let (code, layer, words) = kiosk.refused("home", json!({}))?.told();
        ensure!(
            (code.as_str(), layer.as_str()) == ("drafts_set_aside", "database"),
            "{code} {layer}"
        );
        ensure!(
            words.contains("giữ riêng") && words.contains("Xin xem lại hồ sơ đang mở"),
            "{words}"
        );
        ensure!(aside(&counter)? == 1, "told as set aside, and it is not");
        ensure!(
            trouble(&mut kiosk)?.0 == "drafts_set_aside",
            "not told on the first page"
        );
        // In the same program, in the same dossier: the answers stand there, papers that are missing are taken again.
        let view = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
        let name = form::answers(0)?
            .into_iter()
            .find_map(|(_, raw)| raw.pointer("/text").and_then(Value::as_str).map(str::to_owned))
            .unwrap_or_default();
        ensure!(
            format!("{view}").contains(&name),
            "the answers are gone: {view:#}"
        );
        form::fill(&mut kiosk, &dossier, 0)?;
        form::confirm(&mut kiosk, &dossier)?;
        form::seal(&mut kiosk, &dossier)?;
        all_acknowledged(&mut kiosk, 1)?;
        form::file(&mut kiosk, 1)?;
        kiosk.close()?;
        // And the new ones are whole the next time.
        let mut kiosk = counter.reopen()?;
        ensure!(
            trouble(&mut kiosk)?.0.is_empty(),
            "told again: {:?}",
            trouble(&mut kiosk)?
        );
        ensure!(aside(&counter)? == 1, "set aside twice");
        all_acknowledged(&mut kiosk, 2)?;
    }
    Ok(())
}

/// The first page opens well and the others do not: the opening does not meet it, the sign-in does.
#[test]
fn drafts_damaged_behind_their_first_page_do_not_keep_anybody_out() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    kiosk.call("sign_out", json!({}))?;
    kiosk.close()?;
    damage(&counter.data())?;
    let mut kiosk = counter.reopen()?;
    if aside(&counter)? == 0 {
        // Nobody needed the damaged pages yet.
        kiosk.refused("open_dossier", json!({ "dossier": dossier }))?;
    }
    ensure!(aside(&counter)? == 1, "not set aside");
    ensure!(trouble(&mut kiosk)?.0 == "drafts_set_aside");
    form::file(&mut kiosk, 2)?;
    all_acknowledged(&mut kiosk, 1)?;
    Ok(())
}
