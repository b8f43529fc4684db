//! A display of our own, and the driver of the windows on it.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that does not outlive its owner.
pub struct Owned(pub Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One wide virtual screen: two desks of 1366×768 side by side, or of the size that a journey asks for.
pub struct Display {
    pub name: String,
    _server: Owned,
}

impl Display {
    /// Xvfb picks a free number by itself; without `-noreset` it would reset when its last client quits, and the next
    /// program would find no display.
    pub fn start() -> Self {
        Self::of_size(1366, 768)
    }

    /// Room for two windows of this size beside each other.
    pub fn of_size(width: u32, height: u32) -> Self {
        let screen = format!("{}x{height}x24", width * 2);
        Self::of(Command::new("Xvfb").args([
            "-displayfd",
            "1",
            "-noreset",
            "-nolisten",
            "tcp",
            "-screen",
            "0",
            &screen,
        ]))
    }

    /// A server with two monitors that can be plugged and unplugged; none where it is not installed.
    pub fn with_monitors() -> Option<Self> {
        let config = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/two-monitors.conf");
        let installed = ["/usr/lib/xorg/modules/drivers/dummy_drv.so", "/usr/lib/xorg/Xorg"]
            .iter()
            .all(|path| Path::new(path).exists());
        let mut server = Command::new("/usr/lib/xorg/Xorg");
        server.args([
            "-displayfd",
            "1",
            "-config",
            config,
            "-noreset",
            "-nolisten",
            "tcp",
            "-novtswitch",
            "-sharevts",
            "vt7",
        ]);
        server.args(["-logfile", "/dev/null"]);
        installed.then(|| Self::of(&mut server))
    }

    fn of(server: &mut Command) -> Self {
        let mut child = server
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the display server starts");
        let out = child.stdout.take().expect("its output is piped");
        let server = Owned(child);
        let mut number = String::new();
        BufReader::new(out)
            .read_line(&mut number)
            .expect("it names its display");
        assert!(
            !number.trim().is_empty(),
            "the display server ended before it named its display"
        );
        Self {
            name: format!(":{}", number.trim()),
            _server: server,
        }
    }

    /// Runs a tool on this display.
    pub fn run(&self, program: &str, args: &[&str]) {
        let status = Command::new(program)
            .args(args)
            .env("DISPLAY", &self.name)
            .stdout(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{program} {args:?}");
    }
}

/// WebKitWebDriver: one to a session, so that a killed program leaves nothing half open.
pub struct Driver {
    pub port: u16,
    _process: Owned,
}

impl Driver {
    /// `home` holds everything that the web views write; `programs` is a folder that comes before the machine's own.
    pub fn start(display: &Display, home: &Path, programs: Option<&Path>) -> Self {
        std::fs::create_dir_all(home).expect("the folder of the web views");
        let said = std::fs::File::create(home.join("driver.log")).expect("the driver's log");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a free port")
            .port();
        let own = std::env::var_os("PATH").unwrap_or_default();
        let folders = programs.map(Path::to_owned).into_iter();
        let path = std::env::join_paths(folders.chain(std::env::split_paths(&own))).expect("a path");
        let child = Command::new("WebKitWebDriver")
            .env("PATH", path)
            .arg(format!("--port={port}"))
            .env("DISPLAY", &display.name)
            .env("GDK_BACKEND", "x11")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("NO_AT_BRIDGE", "1")
            .env("XDG_DATA_HOME", home.join("share"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            // No printer of this machine is ever printed on.
            .env("CUPS_SERVER", "127.0.0.1:9")
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .expect("WebKitWebDriver starts (package webkit2gtk-driver)");
        let process = Owned(child);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "WebKitWebDriver does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            port,
            _process: process,
        }
    }
}
