//! What a disk may hold after the power went: recorded writes, and every state that they could have left.

pub mod record;
pub mod replay;
pub mod shim;
