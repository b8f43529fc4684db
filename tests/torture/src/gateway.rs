//! What may stand in front of a province with the province's own certificate, and answer for it: a portal that says 200
//! in HTML, one that leads elsewhere, an answer that is cut, a proxy that sends every request twice.
//!
//! It speaks HTTP/1.1, one request to a connection, and holds the province's own key: whatever it does, TLS is right.

use anyhow::{Context as _, Result};
use domain::ids::DossierId;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use seal::envelope::SealedDossier;
use seal::manifest::Manifest;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use stories::chaos::PORTAL;
use stories::listening::Listening;
use wire::{batch, path};

/// A request with all that belongs to it: an envelope or a scan of these schedules.
const REQUEST_MAX: usize = 4 * 1024 * 1024;
/// Nobody waits longer for anything here.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Hands it on.
    Honest,
    /// 200, and a page in HTML.
    Html,
    /// 302 to a log-in page.
    Redirect,
    /// Hands it on and cuts the answer after so many bytes.
    Cut(usize),
    /// Hands it on twice and gives the second answer.
    Twice,
    /// A refusal that no protocol names.
    Unknown,
    /// 503, with no word of when to come again.
    Busy,
    /// Hands everything on but the files of this dossier: their sending breaks off.
    BreaksOff(DossierId),
}

const REDIRECT: &[u8] = b"HTTP/1.1 302 Found\r\nLocation: http://wifi.example.vn/login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

const UNKNOWN: &[u8] = b"HTTP/1.1 418 I'm a teapot\r\nContent-Type: application/problem+json\r\nContent-Length: 67\r\nConnection: close\r\n\r\n{\"type\":\"about:blank\",\"title\":\"x\",\"status\":418,\"code\":\"of_a_dream\"}";
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

struct Inside {
    manner: Mutex<Manner>,
    upstream: SocketAddr,
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    html: AtomicU64,
    led_away: AtomicU64,
    cut: AtomicU64,
    twice: AtomicU64,
    refused: AtomicU64,
    broken_off: AtomicU64,
    heads: Mutex<Vec<Vec<u8>>>,
    envelopes: Mutex<BTreeMap<DossierId, usize>>,
}

/// A running gateway. Dropped, it ends.
pub struct Gateway {
    listening: Listening,
    inside: Arc<Inside>,
}

impl Gateway {
    /// In front of the province that serves from `province` at `upstream`.
    pub fn before(province: &Path, root_der: &[u8], upstream: SocketAddr) -> Result<Self> {
        let keys = service::DataDir::new(province);
        let chain = CertificateDer::pem_file_iter(keys.key_file(service::province::SERVER_CERTIFICATE))?
            .collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_file(keys.key_file(service::province::SERVER_KEY))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(root_der.to_vec()))?;
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        client.alpn_protocols = vec![b"http/1.1".to_vec()];
        let inside = Arc::new(Inside {
            manner: Mutex::new(Manner::Honest),
            upstream,
            server: Arc::new(server),
            client: Arc::new(client),
            html: AtomicU64::new(0),
            led_away: AtomicU64::new(0),
            cut: AtomicU64::new(0),
            twice: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            broken_off: AtomicU64::new(0),
            heads: Mutex::default(),
            envelopes: Mutex::default(),
        });
        let within = Arc::clone(&inside);
        let listening = Listening::start(move |kiosk| {
            let within = Arc::clone(&within);
            // What a broken connection leaves undone is the kiosk's to notice.
            std::thread::spawn(move || serve(&within, kiosk));
        })?;
        Ok(Self { listening, inside })
    }

    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    pub fn url(&self) -> String {
        self.listening.url()
    }

    pub fn manner(&self, manner: Manner) {
        *self.inside.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// First line and headers of every request so far.
    pub fn heads(&self) -> Vec<Vec<u8>> {
        self.inside
            .heads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How often an envelope of each dossier reached the province through here and was answered well.
    pub fn envelopes(&self) -> BTreeMap<DossierId, usize> {
        let envelopes = &self.inside.envelopes;
        envelopes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks it for a path, as a kiosk would that says too much.
    pub fn ask(&self, path: &str) -> Result<()> {
        let stream = TcpStream::connect(self.address())?;
        let mut line = StreamOwned::new(over_tls(&self.inside)?, stream);
        write!(line, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")?;
        line.flush()?;
        let mut answer = Vec::new();
        // However it answers, and however it closes.
        let _ = line.read_to_end(&mut answer);
        Ok(())
    }

    /// Requests that it refused so far.
    pub fn refused(&self) -> u64 {
        self.inside.refused.load(Ordering::Relaxed)
    }

    /// How often it broke off the sending of a file.
    pub fn broken_off(&self) -> u64 {
        self.inside.broken_off.load(Ordering::Relaxed)
    }

    /// What it has done so far.
    pub fn said(&self) -> String {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        format!(
            "{} times 200 in HTML, {} times led away, {} answers cut, {} requests sent twice",
            count(&self.inside.html),
            count(&self.inside.led_away),
            count(&self.inside.cut),
            count(&self.inside.twice)
        )
    }
}

fn serve(inside: &Inside, kiosk: TcpStream) -> Result<()> {
    kiosk.set_read_timeout(Some(PATIENCE))?;
    let mut kiosk = StreamOwned::new(ServerConnection::new(Arc::clone(&inside.server))?, kiosk);
    let request = request(&mut kiosk)?;
    keep_head(inside, &request);
    let manner = *inside.manner.lock().unwrap_or_else(PoisonError::into_inner);
    let counter = match manner {
        Manner::Html => Some(&inside.html),
        Manner::Redirect => Some(&inside.led_away),
        Manner::Cut(_) => Some(&inside.cut),
        Manner::Twice => Some(&inside.twice),
        Manner::Unknown | Manner::Busy => Some(&inside.refused),
        Manner::BreaksOff(dossier) if sends_a_file(&request, &dossier) => {
            inside.broken_off.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        Manner::Honest | Manner::BreaksOff(_) => None,
    };
    if let Some(counter) = counter {
        counter.fetch_add(1, Ordering::Relaxed);
    }
    let answer = match manner {
        Manner::Html => PORTAL.to_vec(),
        Manner::Redirect => REDIRECT.to_vec(),
        Manner::Unknown => UNKNOWN.to_vec(),
        Manner::Busy => BUSY.to_vec(),
        Manner::Honest | Manner::BreaksOff(_) => forward(inside, &request)?,
        Manner::Twice => {
            forward(inside, &request)?;
            forward(inside, &request)?
        }
        Manner::Cut(after) => {
            let mut whole = forward(inside, &request)?;
            whole.truncate(after);
            whole
        }
    };
    kiosk.write_all(&answer)?;
    kiosk.flush()?;
    if !matches!(manner, Manner::Cut(_)) {
        kiosk.conn.send_close_notify();
        let _ = kiosk.flush();
    }
    Ok(())
}

/// Reads one request whole.
fn request(from: &mut impl Read) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut piece = [0_u8; 4096];
    loop {
        let head = all.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let length = length(&all[..head]);
            if all.len() >= head + length {
                all.truncate(head + length);
                return Ok(all);
            }
        }
        let read = from.read(&mut piece)?;
        anyhow::ensure!(read > 0 && all.len() < REQUEST_MAX, "no whole request");
        all.extend_from_slice(&piece[..read]);
    }
}

fn sends_a_file(request: &[u8], of: &DossierId) -> bool {
    request.starts_with(format!("PATCH {}/{of}/", path::DOSSIERS).as_bytes())
}

fn length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let line = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    line.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn keep_head(inside: &Inside, request: &[u8]) {
    let end = request.windows(4).position(|w| w == b"\r\n\r\n");
    let head = request.get(..end.unwrap_or(request.len())).unwrap_or_default();
    let mut heads = inside.heads.lock().unwrap_or_else(PoisonError::into_inner);
    heads.push(head.to_vec());
}

/// The dossiers whose envelopes a request carries.
fn carried(request: &[u8]) -> Vec<DossierId> {
    let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") else {
        return Vec::new();
    };
    let (head, body) = (String::from_utf8_lossy(&request[..end]), &request[end + 4..]);
    let mut line = head.split_whitespace();
    let one = [body];
    let envelopes = match (line.next(), line.next()) {
        (Some("PUT"), Some(path)) if path.starts_with(path::DOSSIERS) => one.to_vec(),
        (Some("POST"), Some(path::DOSSIERS)) => batch::envelopes(body).unwrap_or_default(),
        _ => Vec::new(),
    };
    let of = |bytes: &[u8]| {
        let sealed = SealedDossier::from_bytes(bytes).ok()?;
        let manifest = Manifest::from_bytes(&sealed.manifest).ok()?;
        Some(DossierId(uuid::Uuid::from_bytes(manifest.dossier)))
    };
    envelopes.into_iter().filter_map(of).collect()
}

/// The province took what a request carries.
fn keep_envelopes(inside: &Inside, request: &[u8], answer: &[u8]) {
    if !answer.starts_with(b"HTTP/1.1 20") {
        return;
    }
    let mut envelopes = inside.envelopes.lock().unwrap_or_else(PoisonError::into_inner);
    for dossier in carried(request) {
        *envelopes.entry(dossier).or_default() += 1;
    }
}

fn over_tls(inside: &Inside) -> Result<ClientConnection> {
    let name = ServerName::try_from("127.0.0.1").context("no name")?;
    Ok(ClientConnection::new(Arc::clone(&inside.client), name)?)
}

/// To the province, on a connection of its own that ends with the answer.
fn forward(inside: &Inside, request: &[u8]) -> Result<Vec<u8>> {
    let province = TcpStream::connect(inside.upstream)?;
    province.set_read_timeout(Some(PATIENCE))?;
    let mut province = StreamOwned::new(over_tls(inside)?, province);
    let head = request
        .windows(2)
        .position(|w| w == b"\r\n")
        .context("no first line")?
        + 2;
    province.write_all(&request[..head])?;
    province.write_all(b"Connection: close\r\n")?;
    province.write_all(&request[head..])?;
    province.flush()?;
    let mut answer = Vec::new();
    // A server that closes without a last word is one that is done.
    match province.read_to_end(&mut answer) {
        Err(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => return Err(e.into()),
        Ok(_) | Err(_) => {}
    }
    keep_envelopes(inside, request, &answer);
    Ok(close_after(&answer))
}

/// One answer to a connection: the kiosk must not wait for another on it.
fn close_after(answer: &[u8]) -> Vec<u8> {
    let head =
        String::from_utf8_lossy(answer.get(..256.min(answer.len())).unwrap_or_default()).to_lowercase();
    let at = answer.windows(2).position(|w| w == b"\r\n").map(|at| at + 2);
    match at {
        Some(at) if !head.contains("connection: close") => {
            [&answer[..at], b"Connection: close\r\n", &answer[at..]].concat()
        }
        _ => answer.to_vec(),
    }
}
