//! What can go wrong in the service, by what the caller can do about it.

use wire::{Problem, ProblemCode};

/// Failures of the service and of its administration. No variant holds personal data.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Tell the asker: the problem says what.
    #[error("{}", .0.title)]
    Problem(Problem),
    /// No room now: come again after this many seconds.
    #[error("busy")]
    SentAway { seconds: u64 },
    /// The database failed. Full, busy and broken are told apart in [`ServiceError::problem`].
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    #[error(
        "chương trình mới hơn đã ghi cơ sở dữ liệu này, chưa đổi gì; hãy chạy bản mới hơn (a newer program wrote the database: version {found}, this one knows {known}; nothing was changed)"
    )]
    DatabaseTooNew { found: usize, known: usize },
    /// The one writer has stopped: after a failed fsync nothing more may be promised.
    #[error("the database writer has stopped")]
    WriterStopped,
    #[error("{what}: {source}")]
    Io {
        what: &'static str,
        source: std::io::Error,
    },
    #[error(transparent)]
    Seal(#[from] seal::SealError),
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A stored value does not read back: damage or a foreign file.
    #[error("stored {0} cannot be read")]
    Damaged(&'static str),
    /// An administrator asked for something that may not be.
    #[error("{0}")]
    Refused(Refusal),
}

/// Why an administrator's command is refused. The words are for that person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("đã có dữ liệu ở thư mục này (the directory already holds a province)")]
    AlreadyThere,
    #[error("thư mục không phải dữ liệu của dịch vụ (not a data directory)")]
    NotADataDirectory,
    #[error("một chương trình khác đang chạy trên thư mục này (another program serves this directory)")]
    AlreadyServed,
    #[error("không có máy quầy này (no such device)")]
    NoSuchDevice,
    #[error("máy quầy không ở trạng thái cho phép việc này (the device's state does not allow it)")]
    DeviceState,
    #[error("đã cấp hết số máy quầy (no device numbers left)")]
    DeviceNumbersUsedUp,
    #[error("không có hồ sơ này (no such dossier)")]
    NoSuchDossier,
    #[error("đây là yêu cầu rút hồ sơ, không phải hồ sơ (this is a withdrawal, not a dossier)")]
    IsWithdrawal,
    #[error("tỉnh chưa nhận đủ tệp của hồ sơ này (files are still missing)")]
    NotComplete,
    #[error("tên hoặc mật khẩu cán bộ không đúng (clerk or passphrase is wrong)")]
    ClerkUnknown,
    #[error("đã có cán bộ tên này (a clerk of this name exists)")]
    ClerkExists,
    #[error("mật khẩu cần ít nhất 10 ký tự (a passphrase has at least 10 characters)")]
    PassphraseShort,
    #[error("cần ghi lý do (a reason is needed)")]
    NoReason,
    #[error("không có yêu cầu xuất này, hoặc đã xong (no such request, or it is done)")]
    NoSuchRequest,
    #[error("cần một cán bộ thứ hai duyệt (another clerk must approve)")]
    SamePerson,
    #[error("hồ sơ không chuyển sang trạng thái này được (the case cannot become this)")]
    CaseStatus,
    #[error("trạng thái này cần mã hồ sơ chính thức (this status needs an official code)")]
    CodeMissing,
    #[error("không đúng dạng mã hồ sơ chính thức (not the shape of an official code)")]
    CodeShape,
    #[error("mã chính thức cần nguồn cấp (an official code needs its source)")]
    CodeSource,
    #[error("tệp sau khi mở không khớp tờ khai (a file does not match the form)")]
    FileMismatch,
    #[error("thư mục xuất đã có hồ sơ này (the export already exists there)")]
    ExportExists,
    #[error(
        "danh mục không dùng được, chưa công bố gì (the catalogue cannot be used; nothing was published)"
    )]
    CatalogueFaulty,
    #[error("không đọc được thư mục danh mục (the catalogue's folder cannot be read)")]
    CatalogueFolder,
    #[error("thư mục sao lưu không có bản sao lưu nào dùng được (no usable backup there)")]
    NoBackup,
    #[error(
        "cơ sở dữ liệu của tỉnh bị hỏng, lần này không sao lưu; các bản sao lưu trước còn nguyên: hãy khôi phục từ đó (the database is damaged; nothing was backed up, the earlier backups stand: restore from them)"
    )]
    DatabaseDamaged,
    #[error(
        "cơ sở dữ liệu của tỉnh cũ hơn bản sao lưu, lần này không sao lưu: hãy khôi phục từ bản sao lưu (the database is older than its backup; nothing was backed up: restore from the backup)"
    )]
    OlderThanBackup,
    #[error(
        "quá nhiều tệp hỏng hoặc mất cùng lúc: ổ đĩa hỏng hoặc chưa được gắn; chưa đổi gì, hãy xem ổ đĩa (too many files are damaged or gone at once: the disk failed or is not mounted; nothing was changed)"
    )]
    DiskFailed,
    #[error("không thấy hồ sơ nào trong thư mục DONGHANH ở đây (no dossiers in a DONGHANH folder here)")]
    NoParcels,
    #[error(
        "không có yêu cầu lấy lại khóa hợp lệ của máy này ở đây (no valid recovery request of this device here)"
    )]
    NoRecoveryRequest,
    #[error("sổ ghi việc mở hồ sơ đã bị sửa (the audit chain is broken)")]
    AuditBroken,
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ProblemCode> for ServiceError {
    fn from(code: ProblemCode) -> Self {
        Self::Problem(Problem::new(code))
    }
}

impl ServiceError {
    /// Names the step that failed.
    pub fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what, source }
    }

    /// What a kiosk is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        use rusqlite::ErrorCode as E;
        let code = match self {
            Self::Problem(problem) => return problem.clone(),
            Self::SentAway { .. } => ProblemCode::Busy,
            Self::Database(rusqlite::Error::SqliteFailure(e, _)) if e.code == E::DiskFull => {
                ProblemCode::StorageFull
            }
            Self::Database(rusqlite::Error::SqliteFailure(e, _)) if e.code == E::DatabaseBusy => {
                ProblemCode::Busy
            }
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                ProblemCode::StorageFull
            }
            Self::Seal(seal::SealError::TooNew(_)) => ProblemCode::EnvelopeTooNew,
            Self::Seal(seal::SealError::TooLarge { .. }) => ProblemCode::TooLarge,
            Self::Seal(seal::SealError::Signature | seal::SealError::Malformed(_) | seal::SealError::Key) => {
                ProblemCode::ManifestRefused
            }
            Self::Database(_)
            | Self::DatabaseTooNew { .. }
            | Self::WriterStopped
            | Self::Io { .. }
            | Self::Seal(_)
            | Self::Certificate(_)
            | Self::Tls(_)
            | Self::Damaged(_)
            | Self::Refused(_) => ProblemCode::Internal,
        };
        Problem::new(code)
    }
}
