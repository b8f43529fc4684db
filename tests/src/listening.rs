//! A port of this machine on which something stands between kiosk and province.
//!
//! **Invariant:** dropped, it takes no connection any more, and its thread ends.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Takes connections until it is dropped.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Listening {
    /// Hands every connection on a free port to `take`, one after another: whoever needs longer for one gives it a thread
    /// of its own.
    ///
    /// # Errors
    /// Where no port is free.
    pub fn start(take: impl Fn(TcpStream) + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let ended = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&ended);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                take(connection);
            }
        });
        Ok(Self { address, ended })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For what speaks to the service through it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the thread, which then sees that it has ended.
        let _ = TcpStream::connect(self.address);
    }
}
