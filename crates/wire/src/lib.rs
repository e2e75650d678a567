//! Bytes to core values and back: bodies, the native protocol, market files.

pub mod market;
