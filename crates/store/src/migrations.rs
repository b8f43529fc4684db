//! The numbered schemas. A file is never edited after its release; the version is the table's length.

/// `outbox.db`.
pub const OUTBOX: &[&str] = &[
    include_str!("migrations/outbox_0001.sql"),
    include_str!("migrations/outbox_0002_people.sql"),
    include_str!("migrations/outbox_0003_copies.sql"),
    include_str!("migrations/outbox_0004_withdrawals.sql"),
];

/// `drafts.db`.
pub const DRAFTS: &[&str] = &[
    include_str!("migrations/drafts_0001.sql"),
    include_str!("migrations/drafts_0002.sql"),
    include_str!("migrations/drafts_0003_practice.sql"),
    include_str!("migrations/drafts_0004_papers.sql"),
];
