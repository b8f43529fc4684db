//! Limits that both sides know, so that a kiosk never offers what the province will refuse.

/// One encrypted file, bytes.
pub const BLOB_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Files of one dossier.
pub const DOSSIER_BLOBS_MAX: usize = 100;
/// Envelopes in one request.
pub const BATCH_ITEMS_MAX: usize = 50;
/// All envelopes of one request, bytes.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// All encrypted files of one dossier, bytes.
pub const DOSSIER_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// A JSON body, bytes.
pub const JSON_BYTES_MAX: usize = 256 * 1024;
/// A catalogue as it travels, bytes.
pub const CATALOGUE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Events in one answer.
pub const EVENTS_MAX: usize = 100;
/// Dossiers in one inventory.
pub const INVENTORY_MAX: usize = 1000;
/// Uploads that one device may have open at once.
pub const UPLOADS_PER_DEVICE_MAX: usize = 2;
/// An upload without progress for this long is cut, seconds.
pub const NO_PROGRESS_SECONDS_MAX: u64 = 30;
/// A certificate is renewed from this long before its end on, days; until it is, people are told.
pub const CERTIFICATE_WARNING_DAYS: i64 = 30;
/// A place for files is kept for a device for this long, seconds: until it asks again in a long pass, and a little more.
pub const PERMIT_SECONDS_MAX: u64 = 90;
/// A counter's name, characters.
pub const COUNTER_NAME_MAX: usize = 120;
