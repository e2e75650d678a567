//! The demo's parts: the sample market, real attributes to make leads of, buyers to bid, suppliers to send, figures to see.

pub mod buyers;
pub mod draw;
pub mod figures;
pub mod leads;
pub mod sample;
pub mod stream;
