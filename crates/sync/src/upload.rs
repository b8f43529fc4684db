//! One file, from wherever the province holds it to its end: one streaming request for the rest, and again from
//! the true offset when it breaks.
//!
//! **Invariant:** only offsets that the province names are continued from. A break that made progress costs
//! nothing; [`STUCK_MAX`] breaks without any end the attempt.

use crate::client::{Client, Piece};
use crate::failure::Failure;
use domain::delivery::HeldReason;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use wire::dossier::DossierAnswer;

/// Breaks in a row without one more byte held.
const STUCK_MAX: u32 = 3;
/// Times that a segment may arrive damaged before a person is asked.
const DAMAGED_MAX: u32 = 2;
/// An upload in which nothing moves for this long is cut.
const NO_PROGRESS_MAX: Duration = Duration::from_secs(wire::limits::NO_PROGRESS_SECONDS_MAX);
/// How often progress is looked at and told.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Sends one file; `tell` hears at most once a second how many bytes of it have gone.
pub(crate) async fn send(
    client: &mut Client,
    mut piece: Piece<'_>,
    mut tell: impl AsyncFnMut(u64),
) -> Result<Option<DossierAnswer>, Failure> {
    let (mut stuck, mut damaged) = (0, 0);
    loop {
        let failure = match watched(client, piece, &mut tell).await {
            Ok(answer) => return Ok(answer),
            Err(failure) if failure.may_resume() => failure,
            Err(failure) => return Err(failure),
        };
        damaged += u32::from(failure == Failure::Damaged);
        if damaged >= DAMAGED_MAX {
            return Err(Failure::Held(HeldReason::DamagedOnTheWay));
        }
        let held = where_it_stands(client, piece, &mut stuck).await?;
        stuck = if held > piece.offset { 0 } else { stuck + 1 };
        if stuck >= STUCK_MAX || held > piece.len {
            return Err(failure);
        }
        if held == piece.len {
            // Every byte is there: it was the answer that got lost. A PUT brings it again.
            return Ok(None);
        }
        piece.offset = held;
    }
}

/// Asks for the true offset. The question itself may fall on the connection that just died: it is asked again, and
/// each time counts as a break without progress.
async fn where_it_stands(client: &mut Client, piece: Piece<'_>, stuck: &mut u32) -> Result<u64, Failure> {
    loop {
        match client.offset(&piece.dossier, &piece.sha256).await {
            Err(failure) if failure.may_resume() && *stuck + 1 < STUCK_MAX => *stuck += 1,
            other => return other,
        }
    }
}

async fn watched(
    client: &mut Client,
    piece: Piece<'_>,
    tell: &mut impl AsyncFnMut(u64),
) -> Result<Option<DossierAnswer>, Failure> {
    let handed = Arc::new(AtomicU64::new(0));
    let mut request = std::pin::pin!(client.patch(piece, &handed));
    let (mut seen, mut quiet) = (0, Duration::ZERO);
    loop {
        tokio::select! {
            answer = &mut request => return answer,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let now = handed.load(Ordering::Relaxed);
        if now > seen {
            (seen, quiet) = (now, Duration::ZERO);
            tell(piece.offset + now).await;
        } else {
            quiet += LOOK_EVERY;
        }
        if quiet >= NO_PROGRESS_MAX {
            return Err(Failure::Slow);
        }
    }
}
