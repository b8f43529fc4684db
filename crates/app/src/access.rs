//! Who may call what. One webview command carries all calls, so the window system cannot tell them apart:
//! this check is the only gate.

use crate::problem::{Problem, ProblemCode};
use domain::roles::OperatorRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The window that a call comes from. The command line stands for either, by its own flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    Operator,
    Citizen,
}

/// One call's caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub window: Window,
}

impl Caller {
    pub const OPERATOR: Self = Self {
        window: Window::Operator,
    };
    pub const CITIZEN: Self = Self {
        window: Window::Citizen,
    };
}

/// Which windows a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Windows {
    Operator,
    /// Works while the screen is turned to the citizen too: locking, and turning it back with a PIN.
    OperatorAlways,
    Either,
    /// The citizen's acts: from their own window, or from the operator's while its screen is turned to them.
    CitizenActs,
}

/// Who must be signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    Nobody,
    Operator,
    /// An officer or the head: a volunteer never seals.
    Sealer,
    Head,
}

/// All that a volunteer may do inside a lease: the dossier in front of them, coaching, advice, a drill. No search for
/// people or dossiers, no list, no second print, no seal of their own. **Invariant:** what is not named here is refused.
pub const VOLUNTEER_MAY: &[&str] = &[
    "turn_screen",
    "home",
    "find_procedures",
    "start_dossier",
    "open_dossier",
    "get_list",
    "discard_dossier",
    "go_to",
    "give_answer",
    "typing",
    "fill_from_card",
    "scan_card",
    "read_card_picture",
    "add_file",
    "add_capture",
    "turn_file",
    "move_file",
    "scanners",
    "scan_papers",
    "stop_scanning",
    "remove_file",
    "set_original",
    "read_text",
    "suggest_answer",
    "compare_answer",
    "list_forms",
    "show_form",
    "print_form",
    "paper_path",
    "print_blank_form",
    "name_witness",
    "choose_channel",
    "set_standing",
    "set_phone",
    "hand_over",
    "pack_for_officer",
    "export_waiting",
    "seal_with_officer",
    "print_receipt",
    "printed",
    "finish_visit",
    "record_assist",
    "coach",
    "start_drill",
    "end_drill",
    "sign_out",
];

/// Refuses a volunteer what is not named in [`VOLUNTEER_MAY`]. Commands that need nobody signed in are not theirs alone.
///
/// # Errors
/// `not_for_this_role`.
pub fn volunteer_gate(name: &str, needs: Needs, role: Option<OperatorRole>) -> Result<(), Problem> {
    match (role, needs) {
        (Some(OperatorRole::Volunteer), Needs::Operator | Needs::Sealer | Needs::Head)
            if !VOLUNTEER_MAY.contains(&name) =>
        {
            Err(Problem::new(ProblemCode::NotForThisRole))
        }
        (Some(_) | None, _) => Ok(()),
    }
}

/// The gate. `turned` tells whether the operator's screen is turned to the citizen.
///
/// # Errors
/// `not_for_this_window`, `sign_in_first`, `not_for_this_role`.
pub fn gate(
    windows: Windows,
    needs: Needs,
    caller: Caller,
    role: Option<OperatorRole>,
    turned: bool,
) -> Result<(), Problem> {
    let window_fits = match (windows, caller.window) {
        (Windows::Either, _)
        | (Windows::OperatorAlways, Window::Operator)
        | (Windows::CitizenActs, Window::Citizen) => true,
        // While the screen is turned, the person in front of it is the citizen: the operator's commands rest.
        (Windows::Operator, Window::Operator) => !turned,
        (Windows::CitizenActs, Window::Operator) => turned,
        (Windows::Operator | Windows::OperatorAlways, Window::Citizen) => false,
    };
    if !window_fits {
        return Err(Problem::new(ProblemCode::NotForThisWindow));
    }
    match (needs, role) {
        (Needs::Nobody, _) | (Needs::Operator, Some(_)) => Ok(()),
        (Needs::Operator | Needs::Sealer | Needs::Head, None) => Err(Problem::new(ProblemCode::SignInFirst)),
        (Needs::Sealer, Some(role)) if role.may_seal() => Ok(()),
        (Needs::Head, Some(OperatorRole::Head)) => Ok(()),
        (Needs::Sealer | Needs::Head, Some(_)) => Err(Problem::new(ProblemCode::NotForThisRole)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volunteer_reaches_what_is_named_and_nothing_else() {
        let volunteer = Some(OperatorRole::Volunteer);
        for command in crate::COMMANDS {
            let refused = volunteer_gate(command.name, command.needs, volunteer).is_err();
            let named = VOLUNTEER_MAY.contains(&command.name);
            assert_eq!(
                refused,
                command.needs != Needs::Nobody && !named,
                "{}",
                command.name
            );
            assert!(volunteer_gate(command.name, command.needs, Some(OperatorRole::Officer)).is_ok());
        }
        for name in VOLUNTEER_MAY {
            assert!(
                crate::COMMANDS.iter().any(|c| c.name == *name),
                "{name} is a command"
            );
        }
        for barred in [
            "outbox",
            "show_receipt",
            "seal_dossier",
            "send_now",
            "open_lease",
            "withdraw_consent",
        ] {
            assert!(!VOLUNTEER_MAY.contains(&barred), "{barred}");
        }
    }

    #[test]
    fn the_gate_by_window_role_and_turned_screen() {
        use {Needs as N, Windows as W};
        let (operator, citizen) = (Caller::OPERATOR, Caller::CITIZEN);
        let (head, officer, volunteer) = (
            Some(OperatorRole::Head),
            Some(OperatorRole::Officer),
            Some(OperatorRole::Volunteer),
        );
        for (windows, needs, caller, role, turned, refusal) in [
            (W::Operator, N::Operator, operator, officer, false, None),
            (
                W::Operator,
                N::Operator,
                operator,
                officer,
                true,
                Some(ProblemCode::NotForThisWindow),
            ),
            (
                W::Operator,
                N::Nobody,
                operator,
                head,
                true,
                Some(ProblemCode::NotForThisWindow),
            ),
            (W::OperatorAlways, N::Operator, operator, officer, true, None),
            (
                W::OperatorAlways,
                N::Operator,
                citizen,
                officer,
                false,
                Some(ProblemCode::NotForThisWindow),
            ),
            (
                W::Operator,
                N::Nobody,
                citizen,
                head,
                false,
                Some(ProblemCode::NotForThisWindow),
            ),
            (
                W::Operator,
                N::Sealer,
                operator,
                volunteer,
                false,
                Some(ProblemCode::NotForThisRole),
            ),
            (
                W::Operator,
                N::Head,
                operator,
                officer,
                false,
                Some(ProblemCode::NotForThisRole),
            ),
            (
                W::Operator,
                N::Operator,
                operator,
                None,
                false,
                Some(ProblemCode::SignInFirst),
            ),
            (W::CitizenActs, N::Nobody, citizen, None, false, None),
            (
                W::CitizenActs,
                N::Nobody,
                operator,
                officer,
                false,
                Some(ProblemCode::NotForThisWindow),
            ),
            (W::CitizenActs, N::Nobody, operator, officer, true, None),
        ] {
            let answer = gate(windows, needs, caller, role, turned).err().map(|p| p.code);
            assert_eq!(
                answer, refusal,
                "{windows:?} {needs:?} {caller:?} {role:?} turned={turned}"
            );
        }
    }
}
