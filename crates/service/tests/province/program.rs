//! The program itself: started, asked, killed, started again.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_donghanh-province");

fn admin(data: &Path, args: &[&str], input: &str) -> Result<Value, String> {
    let mut child = Command::new(PROGRAM)
        .args(["admin", "--json", "--data"])
        .arg(data)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    if out.status.success() {
        Ok(serde_json::from_slice(&out.stdout).unwrap())
    } else {
        Err(String::from_utf8(out.stderr).unwrap())
    }
}

/// Starts `serve` and waits for its one line.
fn serve(data: &Path, ready: &Path) -> (Child, Value) {
    let mut child = Command::new(PROGRAM)
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--lookup",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(data)
        .arg("--ready-file")
        .arg(ready)
        .stdout(Stdio::piped())
        .stderr(
            std::fs::File::options()
                .create(true)
                .append(true)
                .open(ready.with_extension("log"))
                .unwrap(),
        )
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(std::fs::read_to_string(ready).unwrap(), line);
    (child, serde_json::from_str(&line).unwrap())
}

/// A look-up by address and by form: what is typed must not come out in a log.
fn look_up(base: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client
            .get(format!("{base}/T/DH-00001-00001-19?secret=135790"))
            .send()
            .await
            .unwrap();
        let form = client
            .post(base)
            .header("content-type", "application/x-www-form-urlencoded");
        let form = form
            .header("x-forwarded-for", "192.0.2.44")
            .body("number=DH-00001-00001-19&secret=135790");
        assert_eq!(form.send().await.unwrap().status(), 200);
    });
}

fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
}

#[test]
fn serve_makes_a_province_is_killed_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (data, ready) = (dir.path().join("data"), dir.path().join("ready.json"));
    assert!(
        admin(&data, &["devices", "list"], "")
            .unwrap_err()
            .contains("not a data directory")
    );
    let (mut child, said) = serve(&data, &ready);
    assert!(said["kiosk"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    for name in [
        "signing.key",
        "intake.key",
        "recovery.key",
        "root.key.pem",
        "server.key.pem",
    ] {
        assert_eq!(mode(&data.join("keys").join(name)), 0o600, "{name}");
    }
    let second = Command::new(PROGRAM)
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--lookup",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(&data)
        .output()
        .unwrap();
    assert!(
        !second.status.success()
            && String::from_utf8_lossy(&second.stderr).contains("another program serves")
    );
    let code = admin(&data, &["code", "new"], "").unwrap();
    assert_eq!(code["code"].as_str().unwrap().len(), 11, "{code}");
    assert_eq!(
        admin(&data, &["dossiers", "list"], "").unwrap(),
        serde_json::json!([])
    );
    assert_eq!(
        admin(&data, &["clerk", "add", "An"], "một mật khẩu dài\n").unwrap()["clerk"],
        "An"
    );
    assert!(
        admin(&data, &["clerk", "add", "Bình"], "ngắn\n")
            .unwrap_err()
            .contains("passphrase")
    );
    let epoch = |data: &Path| {
        let conn = rusqlite::Connection::open(data.join("province.db")).unwrap();
        conn.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |r| {
            r.get::<_, i64>(0)
        })
        .unwrap()
    };
    let before = epoch(&data);
    look_up(said["lookup"].as_str().unwrap());
    let log = std::fs::read_to_string(ready.with_extension("log")).unwrap();
    assert!(log.contains("POST") && log.contains("GET"), "{log}");
    for canary in ["135790", "00001", "192.0.2.44"] {
        assert!(!log.contains(canary), "{canary} stands in the log");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (mut child, _) = serve(&data, &ready);
    assert_eq!(epoch(&data), before, "a kill is no restore");
    // SIGTERM ends it well.
    assert!(
        Command::new("kill")
            .arg(child.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    assert!(child.wait().unwrap().success());
}

#[test]
fn init_says_where_the_keys_are_and_never_runs_twice() {
    let dir = tempfile::tempdir().unwrap();
    let init = || {
        let mut command = Command::new(PROGRAM);
        command
            .args(["init", "--name", "Tỉnh Sông Lam", "--data"])
            .arg(dir.path().join("data"));
        command.output().unwrap()
    };
    let first = init();
    let said = String::from_utf8(first.stdout).unwrap();
    assert!(
        first.status.success() && said.contains("recovery.key") && said.contains("Tỉnh Sông Lam"),
        "{said}"
    );
    let before = std::fs::read(dir.path().join("data/keys/signing.key")).unwrap();
    assert!(!init().status.success());
    assert_eq!(
        std::fs::read(dir.path().join("data/keys/signing.key")).unwrap(),
        before,
        "not a byte changed"
    );
}
