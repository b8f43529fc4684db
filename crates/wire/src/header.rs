//! Header names and media types. Upload headers follow the IETF draft "Resumable Uploads for HTTP"
//! (draft-ietf-httpbis-resumable-upload), interop version 8.

/// Bytes that the province holds and has fsynced; the next PATCH starts here.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// The whole length, bytes.
pub const UPLOAD_LENGTH: &str = "upload-length";
/// A structured boolean (RFC 9651): `?1` with the last bytes, `?0` where more will follow.
pub const UPLOAD_COMPLETE: &str = "upload-complete";
/// Which draft is spoken.
pub const UPLOAD_INTEROP: &str = "upload-draft-interop-version";
pub const UPLOAD_INTEROP_VERSION: &str = "8";
/// Body of a PATCH.
pub const PARTIAL_UPLOAD: &str = "application/partial-upload";
/// Body of a PUT of a sealed dossier.
pub const CBOR: &str = "application/cbor";
/// Body of the catalogue: a deflated bundle.
pub const CATALOGUE: &str = "application/vnd.donghanh.catalogue";
/// RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";
pub const TRUE: &str = "?1";
pub const FALSE: &str = "?0";
