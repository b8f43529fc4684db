//! A sealed file as a request body: read in small pieces on its way, never whole in memory.

use bytes::Bytes;
use futures_core::Stream;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// One piece, bytes.
const PIECE: usize = 64 * 1024;
/// Pieces read ahead of the link.
const AHEAD_MAX: usize = 4;

/// The rest of a file, from an offset on.
pub(crate) struct FileBody {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    /// Bytes handed to the connection so far.
    handed: Arc<AtomicU64>,
}

impl FileBody {
    /// Reads `len` bytes from `offset` on; must be called inside a runtime.
    pub(crate) fn open(path: PathBuf, offset: u64, len: u64, handed: Arc<AtomicU64>) -> Self {
        let (sender, pieces) = mpsc::channel(AHEAD_MAX);
        tokio::task::spawn_blocking(move || {
            if let Err(e) = feed(&path, offset, len, &sender) {
                let _ = sender.blocking_send(Err(e));
            }
        });
        Self { pieces, handed }
    }
}

fn feed(path: &Path, offset: u64, mut len: u64, to: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    while len > 0 {
        let mut piece = vec![0_u8; PIECE.min(usize::try_from(len).unwrap_or(PIECE))];
        file.read_exact(&mut piece)?;
        len -= u64::try_from(piece.len()).unwrap_or(len);
        if to.blocking_send(Ok(piece.into())).is_err() {
            // The request is over; what was not read is not needed.
            return Ok(());
        }
    }
    Ok(())
}

impl Stream for FileBody {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.pieces.poll_recv(cx);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            self.handed
                .fetch_add(u64::try_from(piece.len()).unwrap_or(0), Ordering::Relaxed);
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_rest_of_a_file_comes_whole_and_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let bytes: Vec<u8> = (0..PIECE * 2 + 5)
            .map(|i| u8::try_from(i % 251).unwrap())
            .collect();
        std::fs::write(&path, &bytes).unwrap();
        let handed = Arc::new(AtomicU64::new(0));
        let len = u64::try_from(bytes.len()).unwrap() - 10;
        let mut body = FileBody::open(path, 10, len, Arc::clone(&handed));
        let mut read = Vec::new();
        while let Some(piece) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
            read.extend_from_slice(&piece.unwrap());
        }
        assert_eq!(read, &bytes[10..]);
        assert_eq!(handed.load(Ordering::Relaxed), len);
    }
}
