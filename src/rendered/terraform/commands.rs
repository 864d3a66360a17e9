//! Variables of Terraform that commands give: `terraform apply -var mode=clas`, `TF_VAR_mode`.

use crate::rendered::{Kind, kind_of};

/// The beginning of what Terraform takes for variables in its environment. (Terraform documentation, Environment Variables)
const OF_ENVIRONMENT: &str = "TF_VAR_";

/// Whether commands in a file may give Terraform variables: a quick look.
pub(crate) fn may_give_variables(name: &str, bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let is_asked = has(OF_ENVIRONMENT) || has("-var") && (has("terraform") || has("tofu"));
    is_asked && matches!(kind_of(name, bytes), Some(Kind::Script | Kind::Yaml))
}

/// The byte at which a line of that file gives a variable a value.
pub(crate) fn gives_variable(text: &str, variable: &str) -> Option<usize> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let environment = format!("{OF_ENVIRONMENT}{variable}");
    let assigned = format!("{variable}=");
    let gives = |line: &str| {
        let by_environment = line.match_indices(&environment);
        let mut of_environment = by_environment.map(|(at, found)| &line[at + found.len()..]);
        let options = line.find("-var").map(|at| &line[at + "-var".len()..]);
        let is_whole = |(at, _): (usize, &str), rest: &str| !rest[..at].ends_with(is_of_name);
        of_environment.any(|rest| !rest.starts_with(is_of_name))
            || options.is_some_and(|rest| rest.match_indices(&assigned).any(|found| is_whole(found, rest)))
    };
    let mut at = 0;
    text.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        let is_it = !line.trim_start().starts_with('#') && gives(line);
        is_it.then(|| start + line.len() - line.trim_start().len())
    })
}

#[cfg(test)]
mod tests {
    use super::gives_variable;

    #[test]
    fn a_command_gives_a_variable_by_its_options_or_the_environment() {
        for line in [
            "terraform apply -var mode=clas",
            "terraform apply -var=\"mode=clas\"",
            "terraform plan -var 'region=x' -var 'mode=clas'",
            "export TF_VAR_mode=clas",
            "  TF_VAR_mode: clas",
        ] {
            assert!(gives_variable(line, "mode").is_some(), "{line}");
        }
        for line in
            ["terraform apply -var a_mode=clas", "TF_VAR_mode_old=x", "# -var mode=clas", "mode=clas", "-var x=1"]
        {
            assert!(gives_variable(line, "mode").is_none(), "{line}");
        }
    }
}
