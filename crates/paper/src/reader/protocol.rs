//! What kiosk and reading process say to each other: a length, JSON, then bytes with their lengths told in the JSON.
//!
//! **Invariant:** neither side believes a length beyond its named limit.

use crate::PaperError;
use crate::codes::Code;
use crate::intake::{INPUT_BYTES_MAX, Media, PreparedFile};
use crate::page::{PageWarning, Taken};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// The JSON before the bytes.
const HEADER_BYTES_MAX: u32 = 256 * 1024;

/// What is to be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Take it in: check, make right, make small.
    Prepare { taken: Taken },
    /// Draw one page of a PDF, counted from 0, and make it right.
    Sheet { page: u32, taken: Taken },
    /// Turn a page that was taken in, by so many quarters of a circle, clockwise.
    Turn { quarters: u8 },
    /// Only say what codes are on it.
    Codes,
}

#[derive(Serialize, Deserialize)]
struct Request {
    job: Job,
    bytes: u32,
}

#[derive(Serialize, Deserialize)]
struct Done {
    media: Media,
    bytes: u32,
    thumbnail: u32,
    fingerprint: u32,
    width: u32,
    height: u32,
    pages: u32,
    warnings: Vec<PageWarning>,
    codes: Vec<Code>,
    cut_out: bool,
    stack: bool,
}

fn bad() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

fn put_header(to: &mut impl Write, header: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_vec(header)?;
    let length = u32::try_from(json.len()).map_err(|_| bad())?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&json)
}

fn take_header<T: serde::de::DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let json = take(from, u32::from_le_bytes(length), u64::from(HEADER_BYTES_MAX))?;
    Ok(serde_json::from_slice(&json)?)
}

/// Reads what was told, where it is within the limit; the room is taken as the bytes come, not as they are promised.
fn take(from: &mut impl Read, length: u32, limit: u64) -> io::Result<Vec<u8>> {
    if u64::from(length) > limit {
        return Err(bad());
    }
    let mut bytes = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() == length as usize {
        Ok(bytes)
    } else {
        Err(bad())
    }
}

pub(super) fn ask(to: &mut impl Write, job: Job, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| bad())?;
    put_header(to, &Request { job, bytes: length })?;
    to.write_all(bytes)?;
    to.flush()
}

pub(super) fn asked(from: &mut impl Read) -> io::Result<(Job, Vec<u8>)> {
    let request: Request = take_header(from)?;
    let bytes = take(from, request.bytes, INPUT_BYTES_MAX)?;
    Ok((request.job, bytes))
}

pub(super) fn answer(to: &mut impl Write, done: Result<PreparedFile, PaperError>) -> io::Result<()> {
    let small = |v: &[u8]| u32::try_from(v.len()).map_err(|_| bad());
    match done {
        Err(refused) => put_header(to, &Err::<Done, _>(refused))?,
        Ok(file) => {
            let header = Done {
                media: file.media,
                bytes: small(&file.bytes)?,
                thumbnail: small(&file.thumbnail_jpeg)?,
                fingerprint: small(&file.fingerprint)?,
                width: file.width,
                height: file.height,
                pages: file.pages,
                warnings: file.warnings,
                codes: file.codes,
                cut_out: file.cut_out,
                stack: file.stack,
            };
            put_header(to, &Ok::<_, PaperError>(header))?;
            to.write_all(&file.bytes)?;
            to.write_all(&file.thumbnail_jpeg)?;
            to.write_all(&file.fingerprint)?;
        }
    }
    to.flush()
}

pub(super) fn answer_codes(to: &mut impl Write, codes: Result<Vec<Code>, PaperError>) -> io::Result<()> {
    put_header(to, &codes)?;
    to.flush()
}

pub(super) fn answered_codes(from: &mut impl Read) -> Result<Vec<Code>, PaperError> {
    let told: Result<Vec<Code>, PaperError> = take_header(from).map_err(|_| PaperError::ReaderDied)?;
    told
}

/// What came back, judged: a reading process that a file has turned must not hand over anything it likes.
pub(super) fn answered(from: &mut impl Read, original_bytes: u64) -> Result<PreparedFile, PaperError> {
    let died = |_| PaperError::ReaderDied;
    let told: Result<Done, PaperError> = take_header(from).map_err(died)?;
    let told = told?;
    let limit = INPUT_BYTES_MAX;
    let file = PreparedFile {
        media: told.media,
        bytes: take(from, told.bytes, limit).map_err(died)?,
        thumbnail_jpeg: take(from, told.thumbnail, limit).map_err(died)?,
        fingerprint: take(from, told.fingerprint, limit).map_err(died)?,
        width: told.width,
        height: told.height,
        pages: told.pages,
        original_bytes,
        warnings: told.warnings,
        codes: told.codes,
        cut_out: told.cut_out,
        stack: told.stack,
    };
    let is_jpeg = |bytes: &[u8]| bytes.starts_with(&[0xFF, 0xD8, 0xFF]) && bytes.ends_with(&[0xFF, 0xD9]);
    let right = match file.media {
        Media::Jpeg => is_jpeg(&file.bytes) && file.bytes.len() <= crate::PICTURE_BYTES_MAX,
        Media::Pdf => file.bytes.starts_with(b"%PDF-"),
    };
    let shown = file.thumbnail_jpeg.is_empty() || is_jpeg(&file.thumbnail_jpeg);
    if right && shown {
        Ok(file)
    } else {
        Err(PaperError::ReaderDied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> PreparedFile {
        PreparedFile {
            media: Media::Jpeg,
            bytes: vec![0xFF, 0xD8, 0xFF, 1, 2, 0xFF, 0xD9],
            width: 3,
            height: 4,
            pages: 1,
            original_bytes: 99,
            thumbnail_jpeg: Vec::new(),
            warnings: vec![PageWarning::Dark],
            fingerprint: vec![7; 9],
            codes: Vec::new(),
            cut_out: true,
            stack: false,
        }
    }

    #[test]
    fn what_is_said_is_heard() {
        let mut pipe = Vec::new();
        let job = Job::Prepare { taken: Taken::Glass };
        ask(&mut pipe, job, b"bytes").unwrap();
        assert_eq!(asked(&mut pipe.as_slice()).unwrap(), (job, b"bytes".to_vec()));
        let mut pipe = Vec::new();
        answer(&mut pipe, Ok(file())).unwrap();
        assert!(answered(&mut pipe.as_slice(), 99) == Ok(file()));
        let mut pipe = Vec::new();
        answer(&mut pipe, Err(PaperError::ActivePdf)).unwrap();
        assert_eq!(
            answered(&mut pipe.as_slice(), 0).err(),
            Some(PaperError::ActivePdf)
        );
    }

    #[test]
    fn a_turned_reader_hands_over_nothing_else() {
        let mut whole = Vec::new();
        answer(&mut whole, Ok(file())).unwrap();
        let script = PreparedFile {
            bytes: b"<script>".to_vec(),
            ..file()
        };
        let mut wrong = Vec::new();
        answer(&mut wrong, Ok(script)).unwrap();
        let endless = [u32::MAX.to_le_bytes().to_vec(), vec![b' '; 64]].concat();
        for said in [
            &whole[..whole.len() - 1],
            &wrong,
            &endless,
            b"",
            b"\x05\0\0\0hello",
        ] {
            assert_eq!(answered(&mut &*said, 0).err(), Some(PaperError::ReaderDied));
        }
    }
}
