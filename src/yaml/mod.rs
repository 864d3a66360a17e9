//! Text with places: reading as Helm reads, and the one edit with its proof.
//!
//! ```text
//! text --- dialect ---> refused, or
//!      --- events ----> Tree: every node with its bytes     (granit-parser is named there and nowhere else)
//!                       |
//!          Document: what Helm would read at a path  <- scalar: the type of a plain word, as Helm sees it
//!                       |
//!          edit: one byte range, one replacement, read again and compared node by node
//! ```

mod braces;
mod dialect;
mod document;
mod edit;
mod events;
mod layers;
mod libyaml;
mod scalar;
mod splice;
mod survey;
mod tree;

pub use document::{Document, Entry, MAX_BYTES};
pub use edit::{Edit, Edited};
pub(crate) use layers::moved;
pub use layers::{Address, Block, documents, edited_at};
pub use scalar::Scalar;
pub use survey::Located;
