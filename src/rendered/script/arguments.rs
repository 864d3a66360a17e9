//! Whether a shell script takes arguments: which of its commands runs may follow from them.

/// How a shell writes arguments.
const ARGUMENTS: [&str; 8] = ["$1", "${1", "$2", "${2", "$@", "$*", "${@", "getopts"];

/// Whether a word holds an argument.
pub(super) fn is_argument(word: &str) -> bool {
    ARGUMENTS.iter().any(|argument| word.contains(argument))
}

/// Whether a shell script takes arguments, outside of its functions, which have arguments of their own.
pub(crate) fn takes_arguments(text: &str) -> bool {
    let mut is_in_function = false;
    text.lines().any(|line| {
        let code = line.trim_start();
        let head = code.strip_prefix("function ").unwrap_or(code);
        let name = head.split(['(', ' ', '{']).next().unwrap_or_default();
        let is_named =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        let opens = is_named && (head[name.len()..].trim_start().starts_with("()") || head.len() < code.len());
        is_in_function |= opens;
        // what is in single quotes is for another program: `awk '{print $1}'`
        let own = || code.split('\'').step_by(2).any(|part| ARGUMENTS.iter().any(|word| part.contains(word)));
        let is_it = !is_in_function && !code.starts_with('#') && own();
        // a function ends at a brace that is a line of its own, or where it began
        is_in_function &= !(code.trim_end() == "}" || opens && code.trim_end().ends_with('}'));
        is_it
    })
}

#[cfg(test)]
mod tests {
    use super::takes_arguments;

    #[test]
    fn arguments_of_the_script_are_not_those_of_its_functions() {
        assert!(takes_arguments("case \"$1\" in\neast) helm upgrade x;;\nesac\n"));
        assert!(takes_arguments("log() { echo \"$1\"; }\nhelm upgrade x \"$@\"\n"));
        assert!(takes_arguments("log() {\n  echo \"$1\"\n}\nENV=${1:?}\n"));
        assert!(!takes_arguments("log() {\n  echo \"$1\"\n}\nhelm upgrade x\n"));
        assert!(!takes_arguments("function log {\n  echo \"$1\"\n}\nhelm upgrade x\n"));
        assert!(!takes_arguments("# usage: $1\nhelm upgrade x\n"));
        assert!(!takes_arguments("V=$(cat v | awk '{print $1}')\nhelm upgrade x --version $V\n"));
    }
}
