//! What the reading process may take. Set by itself, before it reads the first byte.

/// Address space, in bytes: the largest picture allowed, decoded, twice, and the program itself.
const MEMORY_MAX: u64 = 1536 * 1024 * 1024;
/// Processor time, in seconds; the system ends it after.
const CPU_SECONDS_MAX: u64 = 30;

/// No more memory and time than a paper needs; no file may be opened (standard input and output are), none may
/// grow, and nothing of the paper may land in a crash dump.
#[cfg(unix)]
pub(super) fn set() -> std::io::Result<()> {
    use rlimit::{Resource, setrlimit};
    let no_more_than = |resource: Resource, limit: u64| setrlimit(resource, limit, limit);
    no_more_than(Resource::CORE, 0)?;
    no_more_than(Resource::FSIZE, 0)?;
    no_more_than(Resource::AS, MEMORY_MAX)?;
    no_more_than(Resource::CPU, CPU_SECONDS_MAX)?;
    // Last: whatever the program still opens for itself is open by now.
    no_more_than(Resource::NOFILE, 3)
}

/// Elsewhere the process is bounded by the kiosk's clock alone.
#[cfg(not(unix))]
pub(super) fn set() -> std::io::Result<()> {
    Ok(())
}
