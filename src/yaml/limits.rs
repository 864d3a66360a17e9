//! What is read at most: what is longer, or deeper, is refused before it costs much.

/// The largest text that is read, in bytes: 16 MiB. The largest public values file has a fiftieth of that, and Helm keeps
/// values in a Secret, which holds no more than one MiB.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// How many keys, values and items a text may hold. The largest public values file has less than a hundredth of that.
pub const MAX_NODES: usize = 1_000_000;

/// How many keys a mapping may have, and how many items a list.
pub const MAX_ENTRIES: usize = 50_000;

/// Levels of nesting, aliases expanded; the parser stops at half as many without them.
pub(super) const MAX_DEPTH: usize = 512;

/// The longest script, Terraform file or pipeline that is read for its releases, in bytes: 1 MiB. What is read of one takes a
/// hundred times its size.
pub const MAX_PROGRAM_BYTES: usize = 1024 * 1024;

/// How many documents a manifest may have. The largest public bundles of manifests have some hundreds.
pub const MAX_DOCUMENTS: usize = 20_000;

/// How many releases of the chart a file may bring.
pub const MAX_RELEASES: usize = 5_000;
