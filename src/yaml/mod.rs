//! Text with places: reading as Helm reads, and the one edit with its proof.
//!
//! ```text
//! text --- dialect ---> refused: what shows in the text alone, or
//!      --- events, builder ----> Tree: every node with its bytes    (granit-parser is named in events alone)
//!      --- refused ---> what the parser reads, and Helm does not
//!      --- libyaml ---> refused: what Helm's older reader does not read, or reads otherwise
//!                       |
//!          Document: what Helm would read at a path  <- scalar: the type of a plain word, as Helm sees it
//!                       |                            <- survey: where things stand, by path and by name
//!          splice, braces: one byte range and what replaces it
//!          edit: that replaced, read again (part: how much of it) and compared node by node
//!                       |
//!          layers: the same for a document inside of another
//!          rendered: the same for what a file of another language says
//!
//! text --- outline: every node of every document, whatever Helm makes of it, for what is shown of a text
//! ```

mod braces;
mod builder;
mod dialect;
mod document;
mod edit;
mod ends;
mod events;
mod jobs;
mod layers;
mod libyaml;
mod limits;
mod lists;
mod never;
mod node;
mod outline;
mod part;
mod path;
mod refused;
mod rendered;
mod scalar;
mod spelled;
mod splice;
mod survey;
mod tags;
mod tree;

pub use crate::finding::Address;
pub use document::{Document, Entry};
pub use edit::{Edit, Edited};
pub(crate) use jobs::{ENVIRONMENT, Matrix, PLACES, Setting, place_of};
pub use layers::{Block, documents};
pub(crate) use layers::{Reading, edited_at_once, moved};
pub use limits::{MAX_BYTES, MAX_DOCUMENTS, MAX_ENTRIES, MAX_NODES, MAX_PROGRAM_BYTES, MAX_RELEASES};
pub use node::Texts;
pub(crate) use node::{Node, Text};
pub(crate) use outline::{Form, Outline};
pub(crate) use path::{keys, written};
pub(crate) use rendered::{Language, Renderer, Rendering};
pub use scalar::Scalar;
pub(crate) use spelled::Spelled;
pub use survey::Located;
