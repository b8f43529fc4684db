//! What the province's signed word costs over HTTP: sixteen kiosks to their acknowledgements, against sixteen clients of
//! PostgreSQL that commit rows of the same length (R7).
//!
//! `pgbench` prepares nothing and checks nothing, and neither do the callers of the figure that is judged: what a kiosk
//! does for its dossier it does on a machine of its own. Sealing lies before the clock, and every answer is verified after
//! it. What the promise itself asks for, two seals verified and two words signed for each dossier, is on both sides of it
//! (decision 0057). The other figures are printed: without those signatures on PostgreSQL's side, and with the kiosks whole,
//! all their work on the province's cores.

use crate::caller::Caller;
use crate::commits::ROW_BYTES;
use crate::postgres::Postgres;
use crate::sides::{Figure, Gate, timed};
use anyhow::{Context as _, Result, ensure};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::{Context, SigningKey, VerifyKey};
use seal::signed::Signed;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::tables::item;
use stories::place::{Enrolled, Place, send};
use sync::Engine;
use tempfile::TempDir;
use tokio::task::JoinSet;
use wire::Sha256;
use wire::acknowledgement::Acknowledgement;
use wire::dossier::DossierAnswer;

pub const CLIENTS: usize = 16;
/// Of a caller, each in a request of its own.
const EACH: usize = 96;
/// Of a whole kiosk, which sends them together.
const EACH_OF_A_KIOSK: usize = 24;

/// Sixteen kiosks; their own disks lie in memory where there is one, so that one disk has one side's commits at a time.
struct Counters {
    kiosks: Vec<Enrolled>,
    _disks: TempDir,
}

/// None where PostgreSQL is not installed: then there is nothing to compare with, and that is said.
pub fn over_http(rounds: usize) -> Result<Vec<Figure>> {
    let Some(postgres) = Postgres::start(ROW_BYTES)? else {
        eprintln!("acknowledgements over HTTP (R7): not measured, PostgreSQL's pgbench is not installed");
        return Ok(Vec::new());
    };
    let own = tempfile::tempdir_in(".")?;
    let place = Place::open(own.path())?;
    let mut counters = Counters::open(&place)?;
    let words = Words::of(&mut counters)?;
    let lean = Figure::measure(
        ("acknowledgements over HTTP (R7)", Gate::AtMost(2.0)),
        (
            "1,536 sealed dossiers of 16 callers to signed acknowledgements",
            || counters.call(&place),
        ),
        (
            "1,536 rows of that length from 16 clients of PostgreSQL, and their signatures",
            || Ok(postgres.commits(CLIENTS, EACH)? + words.signatures(CLIENTS * EACH)?),
        ),
        rounds,
    )?;
    let bare = Figure::measure(
        ("the same to rows that nobody signs", Gate::None),
        (
            "1,536 sealed dossiers of 16 callers to signed acknowledgements",
            || counters.call(&place),
        ),
        ("1,536 rows of that length from 16 clients of PostgreSQL", || {
            postgres.commits(CLIENTS, EACH)
        }),
        rounds,
    )?;
    let engines = counters
        .kiosks
        .iter()
        .map(|kiosk| place.engine(kiosk, place.url()))
        .collect::<Result<Vec<_>>>()?;
    let whole = Figure::measure(
        ("the same with 16 whole kiosks beside it", Gate::None),
        (
            "384 queued dossiers, checked, sent and written down as acknowledged",
            || counters.send(&engines),
        ),
        ("384 rows of that length from 16 clients of PostgreSQL", || {
            postgres.commits(CLIENTS, EACH_OF_A_KIOSK)
        }),
        rounds,
    )?;
    engines
        .into_iter()
        .for_each(|engine| place.runtime.block_on(engine.stop()));
    place.close();
    Ok(vec![lean, bare, whole])
}

/// A sealed dossier and a key to answer it with: what is verified and signed for every acknowledgement.
struct Words {
    envelope: SealedDossier,
    device: VerifyKey,
    answer: Vec<u8>,
    key: SigningKey,
}

impl Words {
    fn of(counters: &mut Counters) -> Result<Self> {
        let kiosk = counters.kiosks.first_mut().context("no kiosk")?;
        let sent = sealed(kiosk)?;
        Ok(Self {
            envelope: SealedDossier::from_bytes(&sent.envelope)?,
            device: kiosk.link.device_key.verify_key(),
            answer: vec![7; 600],
            key: SigningKey::generate()?,
        })
    }

    /// Both seals verified and both words signed, so often, by both cores.
    fn signatures(&self, times: usize) -> Result<Duration> {
        let half = || -> Result<()> {
            for _ in 0..times / 2 {
                self.envelope.verify(&self.device)?;
                for context in [Context::Acknowledgement, Context::Events] {
                    std::hint::black_box(self.key.sign(context, &self.answer));
                }
            }
            Ok(())
        };
        timed(|| {
            std::thread::scope(|scope| {
                let other = scope.spawn(half);
                half()?;
                other.join().map_err(|_| anyhow::anyhow!("a signer panicked"))?
            })
        })
    }
}

/// A dossier on its way, as it was sealed.
struct Sent {
    dossier: DossierId,
    envelope: Vec<u8>,
}

impl Counters {
    fn open(place: &Place) -> Result<Self> {
        let disks = tempfile::tempdir_in(in_memory())?;
        let kiosks = (0..CLIENTS)
            .map(|n| place.enrol(&disks.path().join(n.to_string())))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            kiosks,
            _disks: disks,
        })
    }

    fn call(&mut self, place: &Place) -> Result<Duration> {
        let mut calling = JoinSet::new();
        let ready = std::sync::Arc::new(tokio::sync::Barrier::new(CLIENTS + 1));
        for (n, kiosk) in self.kiosks.iter_mut().enumerate() {
            let sent = (0..EACH).map(|_| sealed(kiosk)).collect::<Result<Vec<_>>>()?;
            let (link, at) = (kiosk.link.clone(), place.running.kiosk_addr);
            let ready = std::sync::Arc::clone(&ready);
            calling.spawn_on(
                async move {
                    let caller = Caller::sign_in(at, &link).await;
                    // Whoever cannot sign in keeps nobody waiting.
                    ready.wait().await;
                    let mut caller = caller?;
                    let requests: Vec<_> = sent.iter().map(|s| caller.put(&s.dossier, &s.envelope)).collect();
                    let mut answers = Vec::with_capacity(requests.len());
                    for request in &requests {
                        answers.push(caller.ask(request).await?);
                    }
                    anyhow::Ok((n, sent, answers))
                },
                place.runtime.handle(),
            );
        }
        let (took, done) = place.runtime.block_on(async {
            ready.wait().await;
            let (began, mut done) = (Instant::now(), Vec::new());
            while let Some(one) = calling.join_next().await {
                done.push(one??);
            }
            anyhow::Ok((began.elapsed(), done))
        })?;
        for (n, sent, answers) in done {
            let link = &self.kiosks.get(n).context("a caller of no kiosk")?.link;
            ensure!(sent.len() == answers.len(), "an answer for each");
            for (sent, answer) in sent.iter().zip(answers) {
                verify(sent, answer.body(), link)?;
            }
        }
        Ok(took)
    }

    fn send(&mut self, engines: &[Engine]) -> Result<Duration> {
        let sealed = self
            .kiosks
            .iter_mut()
            .map(|kiosk| (0..EACH_OF_A_KIOSK).map(|_| kiosk.desk.seal(&[])).collect())
            .collect::<Result<Vec<Vec<_>>>>()?;
        let desks = self.kiosks.iter_mut().map(|kiosk| &mut kiosk.desk);
        timed(|| {
            std::thread::scope(|scope| {
                let kiosks: Vec<_> = engines
                    .iter()
                    .zip(desks)
                    .zip(&sealed)
                    .map(|((engine, desk), sealed)| scope.spawn(move || send(engine, desk, sealed)))
                    .collect();
                kiosks
                    .into_iter()
                    .try_for_each(|kiosk| kiosk.join().map_err(|_| anyhow::anyhow!("a kiosk panicked"))?)
            })
        })
    }
}

fn sealed(kiosk: &mut Enrolled) -> Result<Sent> {
    let dossier = kiosk.desk.seal(&[])?;
    let envelope = item::envelope(kiosk.desk.outbox.db(), &dossier)?;
    Ok(Sent { dossier, envelope })
}

/// As a kiosk believes it: the province's signature, our id, our hash, every file.
fn verify(sent: &Sent, body: &[u8], link: &sync::Link) -> Result<()> {
    let signed: Signed = serde_json::from_slice(body)?;
    let answer: DossierAnswer = signed.open(&link.signing_key, Context::Events)?;
    let envelope = SealedDossier::from_bytes(&sent.envelope)?;
    let manifest = envelope.verify(&link.device_key.verify_key())?;
    let acknowledgement = answer.acknowledgement.context("not acknowledged")?;
    let ours = Sha256(envelope.sha256());
    Acknowledgement::verify(&acknowledgement, &link.signing_key, &manifest, &ours)?;
    ensure!(answer.dossier == sent.dossier, "an answer about another dossier");
    Ok(())
}

fn in_memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    }
}
