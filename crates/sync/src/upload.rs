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

/// The two requests of an upload.
pub(crate) trait Requests {
    /// Bytes that the province holds and has fsynced.
    async fn offset(&mut self, piece: Piece<'_>) -> Result<u64, Failure>;

    /// The rest in one stream; counts into `handed` what the connection has taken.
    async fn patch(
        &mut self,
        piece: Piece<'_>,
        handed: &Arc<AtomicU64>,
    ) -> Result<Option<DossierAnswer>, Failure>;
}

impl Requests for Client {
    async fn offset(&mut self, piece: Piece<'_>) -> Result<u64, Failure> {
        Client::offset(self, &piece.dossier, &piece.sha256).await
    }

    async fn patch(
        &mut self,
        piece: Piece<'_>,
        handed: &Arc<AtomicU64>,
    ) -> Result<Option<DossierAnswer>, Failure> {
        Client::patch(self, piece, handed).await
    }
}

/// Sends one file; `tell` hears at most once a second how many bytes of it have gone.
pub(crate) async fn send(
    client: &mut impl Requests,
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
async fn where_it_stands(
    client: &mut impl Requests,
    piece: Piece<'_>,
    stuck: &mut u32,
) -> Result<u64, Failure> {
    loop {
        match client.offset(piece).await {
            Err(failure) if failure.may_resume() && *stuck + 1 < STUCK_MAX => *stuck += 1,
            other => return other,
        }
    }
}

async fn watched(
    client: &mut impl Requests,
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::DossierId;
    use std::collections::VecDeque;
    use std::path::Path;
    use wire::Sha256;

    const LEN: u64 = 1000;

    /// A province that answers from two lists, and remembers from where it was sent the rest.
    struct Played {
        patches: VecDeque<Result<Option<DossierAnswer>, Failure>>,
        offsets: VecDeque<Result<u64, Failure>>,
        sent_from: Vec<u64>,
    }

    impl Requests for Played {
        async fn offset(&mut self, _: Piece<'_>) -> Result<u64, Failure> {
            self.offsets.pop_front().expect("asked once too often")
        }

        async fn patch(
            &mut self,
            piece: Piece<'_>,
            _: &Arc<AtomicU64>,
        ) -> Result<Option<DossierAnswer>, Failure> {
            self.sent_from.push(piece.offset);
            self.patches.pop_front().expect("sent once too often")
        }
    }

    async fn played(
        patches: &[Result<Option<DossierAnswer>, Failure>],
        offsets: &[Result<u64, Failure>],
    ) -> (Result<Option<DossierAnswer>, Failure>, Vec<u64>) {
        let mut client = Played {
            patches: patches.to_vec().into(),
            offsets: offsets.to_vec().into(),
            sent_from: Vec::new(),
        };
        let piece = Piece {
            dossier: DossierId(uuid::Uuid::from_bytes([1; 16])),
            sha256: Sha256([2; 32]),
            file: Path::new("not read"),
            offset: 0,
            len: LEN,
        };
        let came = send(&mut client, piece, async |_| ()).await;
        assert!(client.offsets.is_empty(), "not asked: {:?}", client.offsets);
        (came, client.sent_from)
    }

    const DEAD: Failure = Failure::Network;

    #[tokio::test]
    async fn the_question_for_the_offset_may_fall_on_the_dead_connection() {
        let cut = Err(DEAD);
        for (why, patches, offsets, wanted, sent_from) in [
            ("no break", vec![Ok(None)], vec![], Ok(None), vec![0]),
            (
                "one break",
                vec![cut.clone(), Ok(None)],
                vec![Ok(400)],
                Ok(None),
                vec![0, 400],
            ),
            (
                "the question dies, too, and is asked again",
                vec![cut.clone(), Ok(None)],
                vec![Err(DEAD), Ok(400)],
                Ok(None),
                vec![0, 400],
            ),
            (
                "twice",
                vec![cut.clone(), Ok(None)],
                vec![Err(Failure::Slow), Err(DEAD), Ok(400)],
                Ok(None),
                vec![0, 400],
            ),
            (
                "again and again: the link is gone, and the attempt ends",
                vec![cut.clone()],
                vec![Err(DEAD), Err(DEAD), Err(DEAD)],
                Err(DEAD),
                vec![0],
            ),
            (
                "an answer that is no broken line is not asked for again",
                vec![cut.clone()],
                vec![Err(Failure::DeviceRefused)],
                Err(Failure::DeviceRefused),
                vec![0],
            ),
            (
                "every byte was there, the answer was lost",
                vec![cut.clone()],
                vec![Err(DEAD), Ok(LEN)],
                Ok(None),
                vec![0],
            ),
            (
                "dead questions count only until there is progress",
                vec![cut.clone(), cut.clone(), Ok(None)],
                vec![Err(DEAD), Err(DEAD), Ok(100), Err(DEAD), Err(DEAD), Ok(200)],
                Ok(None),
                vec![0, 100, 200],
            ),
        ] {
            assert_eq!(played(&patches, &offsets).await, (wanted, sent_from), "{why}");
        }
    }

    #[tokio::test]
    async fn breaks_without_progress_and_damage_have_an_end() {
        let (cut, damaged) = (Err(DEAD), Err(Failure::Damaged));
        let cuts = [cut.clone(), cut.clone(), cut.clone()];
        let stuck = played(&cuts, &[Ok(0), Ok(0), Ok(0)]).await;
        assert_eq!(stuck, (Err(DEAD), vec![0, 0, 0]));
        let twice = played(&[damaged.clone(), damaged.clone()], &[Ok(0)]).await;
        let held = Err(Failure::Held(HeldReason::DamagedOnTheWay));
        assert_eq!(twice, (held, vec![0, 0]));
    }
}
