//! [`Carrier`]: who brings a chart to a cluster, as far as a release must know it.

use std::{any::Any, fmt::Debug};

use crate::{
    instruction::{Applying, Instruction},
    procedure::Deployer,
};

/// What fills in values before they are values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filler {
    /// What people call it.
    pub(crate) tool: &'static str,
    /// What is in each text that it fills in.
    pub(crate) marks: &'static [&'static str],
}

/// How a shell and Terraform write a variable.
pub(crate) const VARIABLE: &[&str] = &["$", "%{"];

/// Who brings a chart to a cluster: a row of the table of controllers.
pub(crate) trait Carrier: Any + Debug + Sync {
    /// What people call it.
    fn title(&self) -> &'static str;

    /// The `kind` of its documents; nothing where they have none.
    fn kind(&self) -> &'static str;

    /// Who brings the chart to the cluster, as the procedure has it.
    fn deployer(&self) -> Deployer;

    /// What fills in the files that it takes, before they are values.
    fn fills_in(&self) -> Option<Filler>;

    /// What fills in the values that its own document holds, before they are values.
    fn fills_in_itself(&self) -> Option<Filler>;

    /// How one of several clusters gets a mode of its own, where it has a way of its own for that: of those that one release
    /// is for, or of those of several.
    fn own_mode(&self, of_one_release: bool) -> &'static str;

    /// What brings a change to the cluster once it is pushed, in order.
    fn apply(&self, applying: &Applying<'_>) -> Vec<Instruction>;
}

impl PartialEq for dyn Carrier {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(self, other)
    }
}

impl Eq for dyn Carrier {}
