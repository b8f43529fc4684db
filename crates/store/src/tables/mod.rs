//! One file a table: its SQL, its row, its reads and writes. `item`, of which everything is asked, is a folder.

pub mod assist;
pub mod audit;
pub mod copy;
pub mod draft;
pub mod item;
pub mod lease;
pub mod operator;
pub mod pack;
pub mod paper_file;
pub mod practice;
pub mod receipt;
pub mod setting;
pub mod tray_sheet;
