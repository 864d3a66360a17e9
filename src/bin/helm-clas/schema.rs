//! `helm clas schema`.

use std::process::ExitCode;

use crate::{
    args::{Schema, SchemaName},
    output::Output,
};

pub(crate) fn run(schema: &Schema, output: &mut Output) -> ExitCode {
    output.answer_raw(match schema.name {
        SchemaName::Values => include_str!("../../../schemas/values.schema.json"),
        SchemaName::Output => include_str!("../../../schemas/output.schema.json"),
        SchemaName::Compatibility => include_str!("../../../schemas/compatibility.schema.json"),
        SchemaName::Enforcement => include_str!("../../../schemas/enforcement.schema.json"),
    });
    ExitCode::SUCCESS
}
