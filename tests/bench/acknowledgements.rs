//! What the province's signed word costs over HTTP: sixteen kiosks to their acknowledgements, against sixteen clients of
//! PostgreSQL that commit rows of the same length (R7).
//!
//! The kiosks' own disks lie in memory where there is one, so that one disk has one side's commits at a time.

use crate::commits::ROW_BYTES;
use crate::postgres::Postgres;
use crate::sides::{Figure, Gate, timed};
use anyhow::Result;
use domain::ids::DossierId;
use std::path::{Path, PathBuf};
use stories::desk::Desk;
use stories::place::{Place, send};
use sync::Engine;

pub const CLIENTS: usize = 16;
const EACH: usize = 24;

/// None where PostgreSQL is not installed: then there is nothing to compare with, and that is said.
pub fn over_http(rounds: usize) -> Result<Vec<Figure>> {
    let Some(postgres) = Postgres::start(ROW_BYTES)? else {
        eprintln!("acknowledgements over HTTP (R7): not measured, PostgreSQL's pgbench is not installed");
        return Ok(Vec::new());
    };
    let place = Place::open()?;
    let memory = tempfile::tempdir_in(in_memory())?;
    let mut kiosks = (0..CLIENTS)
        .map(|n| place.neighbour(memory.path().join(n.to_string())))
        .collect::<Result<Vec<_>>>()?;
    let engines = kiosks
        .iter()
        .map(|kiosk| place.engine_of(kiosk))
        .collect::<Result<Vec<_>>>()?;
    let figure = Figure::measure(
        ("acknowledgements over HTTP (R7, goal 2)", Gate::AtMost(5.0)),
        (
            "384 queued dossiers of 16 kiosks to signed acknowledgements",
            || {
                let sealed = kiosks
                    .iter_mut()
                    .map(|kiosk| (0..EACH).map(|_| kiosk.desk.seal(&[])).collect())
                    .collect::<Result<Vec<Vec<_>>>>()?;
                let desks = kiosks.iter_mut().map(|kiosk| &mut kiosk.desk).collect();
                timed(|| all_send(&engines, desks, &sealed))
            },
        ),
        ("384 rows of that length from 16 clients of PostgreSQL", || {
            postgres.commits(CLIENTS, EACH)
        }),
        rounds,
    );
    engines
        .into_iter()
        .for_each(|engine| place.runtime.block_on(engine.stop()));
    place.close();
    Ok(vec![figure?])
}

fn all_send(engines: &[Engine], desks: Vec<&mut Desk>, sealed: &[Vec<DossierId>]) -> Result<()> {
    std::thread::scope(|scope| {
        let kiosks: Vec<_> = engines
            .iter()
            .zip(desks)
            .zip(sealed)
            .map(|((engine, desk), sealed)| scope.spawn(move || send(engine, desk, sealed)))
            .collect();
        kiosks
            .into_iter()
            .try_for_each(|kiosk| kiosk.join().map_err(|_| anyhow::anyhow!("a kiosk panicked"))?)
    })
}

fn in_memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    }
}
