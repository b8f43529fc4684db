//! Taking a sealed dossier back: what never left this machine stays here; for everything else a void manifest goes to
//! the province like any other item.
//!
//! **Invariants:** whether it left is read and acted upon under one lock of the outbox, so that nothing can leave in
//! between; a dossier is taken back once, however often somebody presses; the void manifest holds no answer and no
//! paper. Absent on purpose: taking back what another machine sealed and this one only carries.

use crate::clock;
use crate::kiosk::App;
use crate::parcels;
use crate::problem::{Problem, ProblemCode};
use crate::seal_dossier::captured_at;
use crate::second_copy;
use crate::session::Session;
use crate::trouble::{self, Told};
use data_encoding::HEXLOWER;
use domain::consent::{ConsentAct, Witness};
use domain::delivery::{Event, HeldReason, one_word_of_gone};
use domain::ids::DossierId;
use domain::next_step::NextStep;
use domain::province::CaseStatus;
use domain::text::Words;
use domain::withdrawal::{self, Ground, SealedWithdrawal, VoidItem, WITHDRAWAL_VERSION, Withdrawal};
use seal::envelope::SealedDossier;
use seal::manifest::{Kind, MANIFEST_VERSION, Manifest};
use store::tables::item::{self, ItemRow, NewItem};
use store::tables::{audit, copy};
use store::{Outbox, SealedFiles};
use sync::Failure;

/// The line in the book for each ground.
const CONSENT_WITHDRAWN: &str = "consent_withdrawn";
const ASKED: &str = "withdrawal_asked";

/// Where the taking back of one dossier stands, and the item that goes to the province for it.
pub(crate) struct Standing {
    pub withdrawal: Withdrawal,
    pub void: Option<ItemRow>,
}

/// # Errors
/// The read errors.
pub(crate) fn standing(outbox: &Outbox, row: &ItemRow) -> Result<Standing, Problem> {
    let void = item::withdrawal_of(outbox.db(), &row.dossier)?;
    let as_item = void.as_ref().map(|v| VoidItem {
        delivery: v.delivery,
        case: v.case_status,
    });
    Ok(Standing {
        withdrawal: Withdrawal::of(&row.delivery, row.case_status, as_item),
        void,
    })
}

/// The one word for a dossier, taken back or not, here or gone.
///
/// # Errors
/// The read errors.
pub(crate) fn word(outbox: &Outbox, files: &SealedFiles, row: &ItemRow) -> Result<Words, Problem> {
    let withdrawal = standing(outbox, row)?.withdrawal;
    let word = withdrawal.word(&row.delivery, row.case_status, row.official_code.as_ref());
    Ok(if second_copy::lies_here(files, row) {
        word
    } else {
        one_word_of_gone(word)
    })
}

impl Standing {
    /// What stands beside the dossier and the press that goes with it: of its withdrawal first, for that is what the person
    /// came for, else of the dossier itself. None where nothing failed and nothing is under way.
    pub(crate) fn told(&self, row: &ItemRow) -> Option<Told> {
        self.of_withdrawal(row)
            .or_else(|| trouble::of_row(row).map(Told::from))
    }

    /// The same of the withdrawal alone; none where it has nothing to say.
    pub(crate) fn of_withdrawal(&self, row: &ItemRow) -> Option<Told> {
        let told = |vi: &str, en: &str, next| {
            let words = Words::new(vi, en);
            Some(Told { words, next })
        };
        match self.withdrawal {
            Withdrawal::None | Withdrawal::Kept => None,
            Withdrawal::Asked => told(
                "Yêu cầu rút đang chờ gửi lên tỉnh và tự gửi khi có mạng. Không cần làm gì.",
                "The withdrawal waits to go to the province and goes by itself. Nothing to do.",
                NextStep::ByItself,
            ),
            Withdrawal::Taken => told(
                "Tỉnh đã ghi nhận việc rút. Không ai giải quyết hồ sơ này nữa.",
                "The province has recorded the withdrawal. Nobody handles this dossier any more.",
                NextStep::Nothing,
            ),
            // Nobody is to be called about it any more: what the province answered is the word.
            Withdrawal::Refused | Withdrawal::Stuck if has_ended(row.case_status) => None,
            Withdrawal::Stuck => Some(self.failure().into()),
            // It is not taken back, and can still go: the press is the dossier's, and so is the sentence.
            Withdrawal::Refused => match trouble::of_row(row).map(Told::from) {
                Some(Told { words, next }) if next == NextStep::SendAgain => told(
                    &format!("Tỉnh không cho rút hồ sơ này. {}", words.vi),
                    &format!("The province does not give this dossier back. {}", words.en),
                    next,
                ),
                _ => Some(self.failure().into()),
            },
        }
    }

    /// The withdrawal that a press sends again; none where the press is the dossier's own.
    pub(crate) fn stuck(&self, row: &ItemRow) -> Option<&ItemRow> {
        let stuck = self.withdrawal == Withdrawal::Stuck && !has_ended(row.case_status);
        self.void.as_ref().filter(|_| stuck)
    }

    /// Why the withdrawal does not go through. One that was acknowledged and not accepted all the same is not this counter's.
    fn failure(&self) -> Failure {
        let void = self.void.as_ref();
        void.and_then(|v| trouble::of_state(&v.delivery))
            .unwrap_or(Failure::Held(HeldReason::NotThisCounters))
    }
}

/// The case is over one way or the other.
fn has_ended(case: CaseStatus) -> bool {
    matches!(
        case,
        CaseStatus::NotAccepted
            | CaseStatus::Withdrawn
            | CaseStatus::Stopped
            | CaseStatus::Done
            | CaseStatus::HandedOver
    )
}

/// When the counter wrote it down, `HH:MM dd/MM/yyyy`; none where the province alone did.
///
/// # Errors
/// The read errors.
pub(crate) fn asked_at(outbox: &Outbox, dossier: &DossierId) -> Result<Option<String>, Problem> {
    let mut lines = audit::of_dossier(outbox.db(), dossier, CONSENT_WITHDRAWN, 1)?;
    lines.extend(audit::of_dossier(outbox.db(), dossier, ASKED, 1)?);
    let last = lines.iter().map(|line| line.at_ms).max();
    Ok(last.map(clock::minute_and_day))
}

/// Could the province have it, or come by it? Only what was never tried and lies on no stick is certainly here alone.
fn may_have_left(outbox: &Outbox, row: &ItemRow) -> Result<bool, Problem> {
    let copies = copy::count(outbox.db(), &row.dossier)? > 0;
    Ok(withdrawal::may_have_left(&row.delivery, row.attempted, copies))
}

/// The person's own act, or that of the witness who pressed for them.
pub(crate) struct Act {
    pub act: ConsentAct,
    pub witness: Option<Witness>,
}

/// Takes a dossier back. Again changes nothing.
///
/// # Errors
/// `dossier_unknown` also for what this machine only carries; `device_frozen`; the disk's. Nothing is done then.
pub(crate) fn take_back(
    app: &App,
    session: &Session,
    dossier: &DossierId,
    ground: Ground,
    act: Option<Act>,
) -> Result<(), Problem> {
    crate::preview::not_here(app)?;
    if !session.operator.role.may_seal() {
        return Err(ProblemCode::NotForThisRole.into());
    }
    let maker = Maker::of(app, session)?;
    let mut outbox = app.outbox();
    let row = item::get(outbox.db(), dossier)?.ok_or(ProblemCode::DossierUnknown)?;
    if row.carried_from.is_some() || row.takes_back.is_some() {
        return Err(ProblemCode::DossierUnknown.into());
    }
    let standing = standing(&outbox, &row)?;
    if standing.void.is_some() || standing.withdrawal != Withdrawal::None {
        return Ok(());
    }
    if !may_have_left(&outbox, &row)? {
        let reason = HeldReason::ConsentWithdrawn;
        let line = maker.line(&row, ground, "kept");
        // First: an index that is made again must not send it.
        app.files.records().mark_withdrawn(dossier)?;
        outbox.step(dossier, Event::NeedsPerson { reason }, |db| {
            audit::append(db, &line)
        })?;
        return Ok(());
    }
    // Two disks with one identity would stand at one place of the chain.
    if maker.word.is_some_and(|word| word.frozen) {
        return Err(ProblemCode::DeviceFrozen.into());
    }
    maker.seal(app, &mut outbox, &row, ground, act)
}

/// Who makes the void manifest, gathered before the outbox is locked.
struct Maker<'a> {
    session: &'a Session,
    device: domain::ids::DeviceId,
    key: seal::keys::SigningKey,
    word: Option<wire::sync::DeviceWord>,
    enrolment: Option<crate::kiosk::Enrolment>,
    now: jiff::Timestamp,
}

impl<'a> Maker<'a> {
    fn of(app: &App, session: &'a Session) -> Result<Self, Problem> {
        let (device, key) = app.device_key()?;
        Ok(Self {
            session,
            device,
            key,
            word: app.device_word()?,
            enrolment: app.enrolment()?,
            now: app.clock.now(),
        })
    }

    fn line(&self, row: &ItemRow, ground: Ground, note: &'static str) -> audit::Entry<'static> {
        audit::Entry {
            at_ms: self.now.as_millisecond(),
            what: match ground {
                Ground::ConsentWithdrawn => CONSENT_WITHDRAWN,
                Ground::Asked => ASKED,
            },
            dossier: Some(row.dossier),
            who: Some(self.session.operator.id),
            note: Some(note),
        }
    }

    fn seal(
        &self,
        app: &App,
        outbox: &mut Outbox,
        row: &ItemRow,
        ground: Ground,
        act: Option<Act>,
    ) -> Result<(), Problem> {
        let enrolment = self.enrolment.as_ref().ok_or(ProblemCode::NotEnrolled)?;
        let id = DossierId(seal::random::uuid()?);
        let inside = SealedWithdrawal {
            version: WITHDRAWAL_VERSION,
            withdrawal: id,
            takes_back: row.dossier,
            manifest_sha256: HEXLOWER.encode(&row.manifest_sha256),
            receipt_number: row.receipt_number.clone(),
            ground,
            act: act.as_ref().map(|one| one.act),
            witness: act.and_then(|one| one.witness),
            by: self.session.helper(),
            at: self.now,
        };
        let sealed = seal::form::seal_withdrawal(&inside, &enrolment.offer.recipients)?;
        let taken = parcels::manifest(&item::envelope(outbox.db(), &row.dossier)?)?;
        let chain = outbox.chain()?;
        let manifest = Manifest {
            version: MANIFEST_VERSION,
            dossier: *id.as_bytes(),
            device: *self.device.as_bytes(),
            device_epoch: self.word.map_or(enrolment.device_epoch, |word| word.epoch),
            device_seq: chain.device_seq + 1,
            previous: chain.last_manifest,
            captured_at: captured_at(app, outbox, self.now)?,
            kind: Kind::Void,
            sealed_form: sealed,
            blobs: Vec::new(),
            // Nobody looks a withdrawal up: its dossier answers.
            lookup_tag: [0; 32],
            operator: *self.session.operator.id.as_bytes(),
            operator_key: *self.session.signing.verify_key().as_bytes(),
            parent: Some(taken.dossier),
            ..taken
        };
        let envelope = SealedDossier::sign(&manifest, &self.key, &self.session.signing)?;
        let bytes = envelope.to_bytes()?;
        let new = NewItem {
            dossier: id,
            device_seq: manifest.device_seq,
            receipt_number: &row.receipt_number,
            procedure_code: &row.procedure_code,
            envelope: &bytes,
            manifest_sha256: envelope.sha256(),
            sealed_files: &[],
            sealed_ms: self.now.as_millisecond(),
            takes_back: Some(row.dossier),
        };
        // As at a seal: on the disk before the row, under its name only after it.
        let record = app.files.records().write(&id, None, &bytes)?;
        outbox.commit_withdrawal(&chain, &new, &self.line(row, ground, "sent"))?;
        if let Err(error) = record.name() {
            // It stands in the queue all the same; the next start writes the record.
            tracing::error!(%error, "a record has no name yet");
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "beside_tests.rs"]
mod tests;
