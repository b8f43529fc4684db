//! What the service's HTTP costs: small questions over kept connections, against bare sockets that throw the same bytes
//! to and fro (R9).

use crate::sides::{Figure, Gate, timed};
use anyhow::{Context as _, bail, ensure};
use std::net::SocketAddr;
use stories::place::Place;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const CONNECTIONS: usize = 64;
const EACH: usize = 40;
const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: tra-cuu\r\n\r\n";
/// The look-up page is far smaller.
const ANSWER_MAX: usize = 256 * 1024;

/// The look-up page, 64 connections, forty questions each.
pub fn http_against_sockets(rounds: usize) -> anyhow::Result<Figure> {
    let (place, _kiosk) = Place::with_a_kiosk()?;
    let page = place.running.lookup_addr;
    let page_once = place.runtime.block_on(async {
        let mut line = TcpStream::connect(page).await?;
        line.write_all(ASK).await?;
        answer(&mut line).await
    })?;
    let length = page_once.bytes.len();
    let bare = place.runtime.block_on(ping_pong(length))?;
    let figure = Figure::measure(
        ("2,560 questions over HTTP (R9)", Gate::AtMost(5.0)),
        ("the look-up page, 64 connections", || {
            timed(|| place.runtime.block_on(everybody(page, None)))
        }),
        ("as many bytes to and fro between bare sockets", || {
            timed(|| place.runtime.block_on(everybody(bare, Some(length))))
        }),
        rounds,
    );
    place.close();
    figure
}

/// Answers every question's bytes with `length` bytes.
async fn ping_pong(length: usize) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut ask, answer) = (vec![0; ASK.len()], vec![b'x'; length]);
                while line.read_exact(&mut ask).await.is_ok() {
                    if line.write_all(&answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Ok(address)
}

async fn everybody(at: SocketAddr, length: Option<usize>) -> anyhow::Result<()> {
    let mut all = JoinSet::new();
    for _ in 0..CONNECTIONS {
        all.spawn(async move {
            let mut line = TcpStream::connect(at).await?;
            line.set_nodelay(true)?;
            let mut fixed = vec![0; length.unwrap_or_default()];
            for _ in 0..EACH {
                line.write_all(ASK).await?;
                match length {
                    Some(_) => {
                        line.read_exact(&mut fixed).await?;
                    }
                    None => {
                        answer(&mut line).await?;
                    }
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = all.join_next().await {
        done??;
    }
    Ok(())
}

/// One whole answer, as it came.
pub struct Answer {
    bytes: Vec<u8>,
    body: usize,
}

impl Answer {
    pub fn body(&self) -> &[u8] {
        self.bytes.get(self.body..).unwrap_or_default()
    }
}

/// Reads one whole answer of success.
pub async fn answer(line: &mut (impl AsyncRead + Unpin)) -> anyhow::Result<Answer> {
    let mut came = Vec::with_capacity(16 * 1024);
    loop {
        ensure!(line.read_buf(&mut came).await? > 0, "the connection ended");
        ensure!(came.len() <= ANSWER_MAX, "an answer without end");
        let Some(head) = came.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let text = String::from_utf8_lossy(came.get(..head).unwrap_or_default()).to_ascii_lowercase();
        if !text.starts_with("http/1.1 20") {
            bail!("{}", text.lines().next().unwrap_or_default());
        }
        let length = text.lines().find_map(|l| l.strip_prefix("content-length: "));
        let length: usize = length.context("no length")?.trim().parse()?;
        let whole = head + 4 + length;
        while came.len() < whole {
            ensure!(line.read_buf(&mut came).await? > 0, "the connection ended");
        }
        return Ok(Answer {
            bytes: came,
            body: head + 4,
        });
    }
}
