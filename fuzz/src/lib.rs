//! The bodies of the fuzz targets. `testdata/laws.rs` runs them over made-up texts on every submission.

pub mod laws;
#[path = "../../testdata/support/witness.rs"]
pub mod witness;
