//! A slow line for many: what kiosks send goes through at a pace that can be changed at any moment.

use anyhow::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

/// Bytes that go at once.
const PIECE: usize = 512;

/// Each connection has a line of its own.
pub struct Slow {
    address: SocketAddr,
    /// Bytes a second; 0: as fast as it goes.
    pace: Arc<AtomicU64>,
}

impl Slow {
    /// Listens on a free port of this machine, on `runtime`.
    pub fn before(runtime: &Handle, upstream: SocketAddr, pace: u64) -> Result<Self> {
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let pace = Arc::new(AtomicU64::new(pace));
        let of_all = Arc::clone(&pace);
        runtime.spawn(async move {
            while let Ok((kiosk, _)) = listener.accept().await {
                let pace = Arc::clone(&of_all);
                tokio::spawn(async move {
                    if let Ok(province) = TcpStream::connect(upstream).await {
                        carry(kiosk, province, &pace).await;
                    }
                });
            }
        });
        Ok(Self { address, pace })
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// From now on, also for connections that are open.
    pub fn pace(&self, bytes_a_second: u64) {
        self.pace.store(bytes_a_second, Ordering::Relaxed);
    }
}

async fn carry(kiosk: TcpStream, province: TcpStream, pace: &AtomicU64) {
    let (mut from, mut back) = kiosk.into_split();
    let (mut answers, mut to) = province.into_split();
    let up = async {
        let mut piece = [0_u8; PIECE];
        while let Ok(read @ 1..) = from.read(&mut piece).await {
            let bytes_a_second = pace.load(Ordering::Relaxed);
            if let Some(ms) = (read as u64 * 1000).checked_div(bytes_a_second) {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            if to.write_all(&piece[..read]).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    let down = async {
        let _ = tokio::io::copy(&mut answers, &mut back).await;
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}
