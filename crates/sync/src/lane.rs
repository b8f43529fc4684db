//! What goes first over a link that cannot carry everything at once: pure.
//!
//! **Invariant:** a form never waits behind a file, nor a new one behind the files of those before it: between two files
//! the question of what goes next is asked anew. Only the catalogue may overtake files, once it has waited long enough, so
//! that a change of the law does not wait behind a day of scans. Updates of the program have no lane: they do not come
//! over this wire.

use std::time::Duration;

/// The catalogue is small beside a day's scans: it waits for them no longer than this.
pub const CATALOGUE_WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// In a long pass the province is asked again this often what happened.
pub const ASK_EVERY: Duration = Duration::from_secs(60);

/// In the order in which they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// The first small question: is it the province, is this device accepted, which epoch, what is durable.
    Control,
    /// Sealed forms that the province does not know yet.
    Forms,
    /// The further pages of what happened to dossiers.
    Status,
    /// Files of known dossiers.
    Scans,
    Catalogue,
}

/// What there is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// Since the province was asked last in this pass; `None` where it was not.
    pub asked: Option<Duration>,
    pub forms: bool,
    /// The last answer had more behind it.
    pub more_status: bool,
    /// Files wait, and the province has not asked for rest from them.
    pub scans: bool,
    /// How long another catalogue than the one in use has been known.
    pub catalogue: Option<Duration>,
}

/// What goes next; `None` ends the pass.
#[must_use]
pub fn next(due: Due) -> Option<Lane> {
    let overdue = due.catalogue.is_some_and(|waits| waits >= CATALOGUE_WAIT_MAX);
    // Where nothing else is to be done the pass ends, and the next one asks.
    let busy = due.forms || due.more_status || due.scans || due.catalogue.is_some();
    match due.asked {
        None => Some(Lane::Control),
        Some(since) if since >= ASK_EVERY && busy => Some(Lane::Control),
        Some(_) if due.forms => Some(Lane::Forms),
        Some(_) if due.more_status => Some(Lane::Status),
        Some(_) if overdue => Some(Lane::Catalogue),
        Some(_) if due.scans => Some(Lane::Scans),
        Some(_) => due.catalogue.map(|_| Lane::Catalogue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Option<Duration> = Some(Duration::ZERO);

    #[test]
    fn each_lane_in_its_turn() {
        let mut due = Due {
            asked: None,
            forms: true,
            more_status: true,
            scans: true,
            catalogue: NOW,
        };
        let mut order = Vec::new();
        while let Some(lane) = next(due) {
            match lane {
                Lane::Control => due.asked = NOW,
                Lane::Forms => due.forms = false,
                Lane::Status => due.more_status = false,
                Lane::Scans => due.scans = false,
                Lane::Catalogue => due.catalogue = None,
            }
            order.push(lane);
        }
        let wanted = [
            Lane::Control,
            Lane::Forms,
            Lane::Status,
            Lane::Scans,
            Lane::Catalogue,
        ];
        assert_eq!(order, wanted);
        assert!(order.is_sorted());
    }

    #[test]
    fn a_long_pass_asks_again_and_a_quiet_one_ends() {
        let idle = Due {
            asked: Some(ASK_EVERY),
            ..Due::default()
        };
        assert_eq!(next(idle), None);
        assert_eq!(next(Due { scans: true, ..idle }), Some(Lane::Control));
    }

    proptest! {
        #[test]
        fn no_file_goes_while_a_form_waits_and_no_catalogue_waits_for_ever(
            asked in proptest::option::of(0_u64..200), forms: bool, more_status: bool, scans: bool,
            catalogue in proptest::option::of(0_u64..1000),
        ) {
            let seconds = |n: Option<u64>| n.map(Duration::from_secs);
            let due = Due { asked: seconds(asked), forms, more_status, scans, catalogue: seconds(catalogue) };
            let lane = next(due);
            prop_assert!(!(forms && lane > Some(Lane::Forms)), "{lane:?}");
            if due.catalogue >= Some(CATALOGUE_WAIT_MAX) {
                prop_assert_ne!(lane, Some(Lane::Scans));
            }
            if asked.is_some() && lane.is_none() {
                prop_assert!(!forms && !more_status && !scans && catalogue.is_none());
            }
        }
    }
}
