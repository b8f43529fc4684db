//! The index of sealed dossiers: one row each, kept after its bytes are gone.

mod look;
mod put;
mod queue;
mod row;
mod word;

pub use look::{
    after, dossiers, envelope, file_names, get, in_state, is_taken, newest, of_receipt, since, to_show,
    with_case, withdrawal_of,
};
pub use put::{NewItem, insert, insert_carried};
pub use queue::{
    begin_attempt, count_crashes, depth, due_at_once, due_by, due_in, end_attempt, files_wait, leave_attempt,
    next_turn, overtaken, set_attempted, set_bytes_sent, set_delivery, waiting_dossiers,
};
pub use row::{ItemRow, unreadable};
pub use word::{
    drop_purged, every_case_becomes, forget, purged_before, set_acknowledgement, set_case, set_durable,
};
