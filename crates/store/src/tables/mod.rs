//! One file a table: its SQL, its row, its reads and writes.

pub mod audit;
pub mod draft;
pub mod item;
pub mod operator;
pub mod paper_file;
pub mod receipt;
pub mod setting;
