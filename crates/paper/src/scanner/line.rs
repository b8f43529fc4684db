//! A stack of sheets made right while it is scanned: several sheets are worked on at once, and they come out in the order
//! in which they lay in the feeder.
//!
//! **Invariant:** no sheet overtakes another, an error stands where its sheet would; whoever stops asking stops the scanner
//! at its next sheet.

use super::SheetSource;
use crate::{PaperError, PreparedFile};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Sheets that may wait while others are made right: a feeder does not stop for us at once.
const SHEETS_WAITING_MAX: usize = 3;
/// Sheets made right at the same time: more would only wait for memory.
const HANDS_MAX: usize = 2;

type Numbered<T> = (u32, Result<T, PaperError>);

/// The sheets of one batch, made right.
#[derive(Debug)]
pub struct MadeRight {
    done: Receiver<Numbered<PreparedFile>>,
    early: BTreeMap<u32, Result<PreparedFile, PaperError>>,
    next: u32,
}

impl MadeRight {
    /// Reads the scanner in a thread of its own, which ends with the batch or when nobody takes its sheets any more.
    pub fn of<S, M>(mut batch: S, make: M) -> Self
    where
        S: SheetSource + Send + 'static,
        M: Fn(Vec<u8>) -> Result<PreparedFile, PaperError> + Send + Sync + 'static,
    {
        let (hand, sheets) = sync_channel(SHEETS_WAITING_MAX);
        let (give, done) = sync_channel(HANDS_MAX);
        std::thread::spawn(move || {
            let mut number = 0;
            while let Some(sheet) = batch.next_sheet() {
                if hand.send((number, sheet)).is_err() {
                    return;
                }
                number += 1;
            }
        });
        let (sheets, make) = (Arc::new(Mutex::new(sheets)), Arc::new(make));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores.clamp(1, HANDS_MAX) {
            let (sheets, make, give) = (Arc::clone(&sheets), Arc::clone(&make), give.clone());
            std::thread::spawn(move || work(&sheets, &*make, &give));
        }
        Self {
            done,
            early: BTreeMap::new(),
            next: 0,
        }
    }
}

/// One pair of hands: takes the next sheet, makes it right, gives it on.
fn work(
    sheets: &Mutex<Receiver<Numbered<Vec<u8>>>>,
    make: &(dyn Fn(Vec<u8>) -> Result<PreparedFile, PaperError> + Send + Sync),
    give: &SyncSender<Numbered<PreparedFile>>,
) {
    loop {
        let next = sheets.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, sheet)) = next else { return };
        if give.send((number, sheet.and_then(make))).is_err() {
            return;
        }
    }
}

impl Iterator for MadeRight {
    type Item = Result<PreparedFile, PaperError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(sheet) = self.early.remove(&self.next) {
                self.next += 1;
                return Some(sheet);
            }
            match self.done.recv() {
                Ok((number, sheet)) => _ = self.early.insert(number, sheet),
                Err(_) if self.early.is_empty() => return None,
                // A sheet whose hands fell: told in its place, and those after it still come.
                Err(_) => {
                    self.next += 1;
                    return Some(Err(PaperError::ReaderDied));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Media;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    struct Stack {
        left: Vec<Result<Vec<u8>, PaperError>>,
        gone: Arc<AtomicU32>,
    }

    impl SheetSource for Stack {
        fn next_sheet(&mut self) -> Option<Result<Vec<u8>, PaperError>> {
            self.left.pop()
        }
    }

    impl Drop for Stack {
        fn drop(&mut self) {
            self.gone.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn page(bytes: Vec<u8>) -> PreparedFile {
        PreparedFile {
            media: Media::Jpeg,
            original_bytes: 1,
            thumbnail_jpeg: Vec::new(),
            pages: 1,
            width: 1,
            height: 1,
            warnings: Vec::new(),
            codes: Vec::new(),
            fingerprint: Vec::new(),
            cut_out: false,
            stack: false,
            bytes,
        }
    }

    fn stack(sheets: Vec<Result<Vec<u8>, PaperError>>) -> (Stack, Arc<AtomicU32>) {
        let gone = Arc::new(AtomicU32::new(0));
        let left = sheets.into_iter().rev().collect();
        let own = Arc::clone(&gone);
        (Stack { left, gone: own }, gone)
    }

    #[test]
    fn a_slow_first_sheet_is_not_overtaken_and_an_error_stands_in_its_place() {
        let (stack, gone) = stack(vec![
            Ok(vec![0]),
            Ok(vec![1]),
            Ok(vec![2]),
            Err(PaperError::ScannerFailed),
        ]);
        let slow = |bytes: Vec<u8>| {
            if bytes == [0] {
                std::thread::sleep(Duration::from_millis(80));
            }
            if bytes == [1] {
                return Err(PaperError::BrokenPicture);
            }
            Ok(page(bytes))
        };
        let came: Vec<_> = MadeRight::of(stack, slow)
            .map(|sheet| sheet.map(|page| page.bytes))
            .collect();
        assert_eq!(
            came,
            [
                Ok(vec![0]),
                Err(PaperError::BrokenPicture),
                Ok(vec![2]),
                Err(PaperError::ScannerFailed)
            ]
        );
        assert_eq!(gone.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn whoever_stops_asking_stops_the_scanner() {
        let (stack, gone) = stack(vec![Ok(vec![7]); 1_000]);
        let mut line = MadeRight::of(stack, |bytes| Ok(page(bytes)));
        assert!(line.next().is_some());
        drop(line);
        for _ in 0..200 {
            if gone.load(Ordering::SeqCst) == 1 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the scanner goes on with nobody there");
    }
}
