//! Nothing: what this crate is for are its tests, in `tests/tidy`, which hold the code to its shape.
