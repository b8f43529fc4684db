//! No core dump of a kiosk: its memory holds answers and keys that are on no disk in the clear.
//!
//! **Invariant:** from the kiosk's opening on, before anybody can sign in, neither this process nor one that it starts
//! leaves its memory in a file when it ends in a crash. The hard limit goes too: nothing raises it again.

/// Gives up core dumps for this process and its children.
#[cfg(unix)]
pub(crate) fn give_up() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps could not be given up");
    }
}

/// Windows keeps none unless somebody asked for it.
#[cfg(not(unix))]
pub(crate) fn give_up() {}
