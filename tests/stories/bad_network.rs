//! A bad network and a bad clock: each names its layer, loses nothing, and is over when it is over.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stories::counter::{all_acknowledged, items};
use stories::view::{problem, text};
use stories::{Books, Chaos, Counter, Kiosk, Province, Rule, form};

/// Code, layer, next press and sentence of what the link failed with.
fn trouble(kiosk: &mut Kiosk) -> Result<(String, String, String, String)> {
    let view = kiosk.call("send_now", json!({}))?;
    ensure!(
        view.pointer("/network/online") == Some(&json!(false)),
        "online: {view}"
    );
    let (code, layer, words) = problem(&view, "/network/trouble");
    Ok((code, layer, text(&view, "/network/next"), words))
}

fn untouched(kiosk: &mut Kiosk) -> Result<()> {
    for item in items(kiosk)? {
        ensure!(
            item.get("acknowledged") == Some(&json!(false)),
            "acknowledged by nobody: {item}"
        );
        ensure!(
            item.get("needs_person") == Some(&json!(false)),
            "a bad link is no matter for a person: {item}"
        );
    }
    Ok(())
}

#[test]
fn every_trouble_names_its_layer_and_passes() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let sealed = [form::file(&mut kiosk, 0)?];
    let table = [
        (
            Rule::Refuse,
            "service_unreachable",
            "by_itself",
            "Chưa nối được tới tỉnh",
        ),
        (Rule::Portal, "not_the_service", "send_now", "trang lạ"),
        (Rule::HalfOpen, "service_slow", "by_itself", "Mạng quá chậm"),
        (
            Rule::CutDown(1000),
            "service_unreachable",
            "by_itself",
            "Chưa nối được tới tỉnh",
        ),
    ];
    for (rule, code, next, sentence) in table {
        counter.network.rule(rule);
        counter.network.cut();
        let (c, l, n, vi) = trouble(&mut kiosk)?;
        ensure!(
            c == code && l == "network" && n == next && vi.contains(sentence),
            "{rule:?}: {c}/{l}/{n}: {vi}"
        );
        untouched(&mut kiosk)?;
    }
    counter.network.rule(Rule::Pass);
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&sealed)
}

/// Another province on the address that was pinned: nothing is sent to it.
#[test]
fn another_province_answers() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let other = Province::start()?;
    counter.network.lead_to(other.address());
    counter.network.cut();
    let sealed = [form::file(&mut kiosk, 0)?];
    let (code, layer, next, vi) = trouble(&mut kiosk)?;
    ensure!(
        code == "certificate_wrong" && layer == "certificate" && vi.contains("Chưa gửi gì"),
        "{code}/{layer}: {vi}"
    );
    ensure!(next == "copy_to_stick", "{next}: {vi}");
    untouched(&mut kiosk)?;
    ensure!(other.dossiers()?.is_empty(), "something was sent to a stranger");
    counter.network.lead_to(counter.province.address());
    counter.network.cut();
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&sealed)
}

#[test]
fn the_province_refuses_the_device() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let devices = counter.province.admin(&["devices", "list"])?;
    let id = devices
        .pointer("/0/id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    counter.province.admin(&["devices", "revoke", &id])?;
    form::file(&mut kiosk, 0)?;
    let (code, layer, next, vi) = trouble(&mut kiosk)?;
    ensure!(
        code == "device_refused" && layer == "service" && vi.contains("vẫn còn nguyên"),
        "{code}/{layer}: {vi}"
    );
    ensure!(next == "copy_to_stick", "{next}: {vi}");
    untouched(&mut kiosk)?;
    ensure!(
        counter.province.dossiers()?.is_empty(),
        "taken from a revoked device"
    );
    Ok(())
}

/// A laptop whose battery died wakes in 2009, another in 2043: both send.
#[test]
fn a_dead_clock_does_not_stop_sending() -> Result<()> {
    for clock in ["2009-01-01T00:00:00Z", "2043-06-01T00:00:00Z"] {
        let (counter, mut kiosk) = Counter::open()?;
        counter.network.rule(Rule::Refuse);
        counter.network.cut();
        let sealed = [form::file(&mut kiosk, 0)?];
        kiosk.close()?;
        counter.network.rule(Rule::Pass);
        let mut kiosk = counter.reopen_with(&["--clock", clock], &[])?;
        kiosk.call("send_now", json!({}))?;
        all_acknowledged(&mut kiosk, 1)?;
        kiosk.close()?;
        Books::read(&counter.data(), &counter.province)?.balance(&sealed)?;
    }
    Ok(())
}

/// Cut again and again inside the upload, each time a little further: it still arrives, once.
#[test]
fn a_link_that_breaks_all_the_time() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter
        .network
        .rule(Rule::CutUpSlowly(120_000, std::time::Duration::from_millis(4)));
    counter.network.cut();
    let sealed = [form::file(&mut kiosk, 0)?];
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&sealed)
}

/// The proxy itself: a rule that lets nothing pass must be seen to let nothing pass.
#[test]
fn the_bad_network_is_really_bad() -> Result<()> {
    let province = Province::start()?;
    let network = Chaos::before(province.address())?;
    for rule in [Rule::Refuse, Rule::HalfOpen, Rule::Portal] {
        network.rule(rule);
        let mut stream = std::net::TcpStream::connect(network.url().trim_start_matches("https://"))?;
        stream.set_read_timeout(Some(std::time::Duration::from_millis(300)))?;
        let _ = std::io::Write::write_all(&mut stream, b"hello");
        let mut answer = [0_u8; 64];
        let read = std::io::Read::read(&mut stream, &mut answer).unwrap_or(0);
        ensure!(
            (rule == Rule::Portal) == (read > 0),
            "{rule:?}: {read} bytes came"
        );
        ensure!(network.up() == 0, "{rule:?} let bytes through");
    }
    Ok(())
}
