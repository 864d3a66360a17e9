//! Ansible: the files that a playbook, or a command that runs one, reads its variables from.

use super::{DEEPEST, LISTS};
use crate::yaml::Node;

/// The files of variables that plays and tasks name. (Ansible documentation, `vars_files`; `ansible.builtin.include_vars`)
pub(crate) fn variable_files(root: Node<'_>) -> Vec<String> {
    let mut found = Vec::new();
    add(root, DEEPEST, &mut found);
    found
}

fn add(list: Node<'_>, depth: usize, found: &mut Vec<String>) {
    for item in list.items().filter(|item| item.is_mapping()) {
        for (key, node) in item.entries() {
            match key.trim_start_matches("ansible.builtin.") {
                // the first that is there of an inner list counts
                "vars_files" => {
                    let files = node.items().flat_map(|file| file.items().chain([file])).chain([node]);
                    found.extend(files.filter_map(Node::str).map(str::to_owned));
                }
                "include_vars" => {
                    let folder = node.str_at("dir").map(|folder| format!("{folder}/*"));
                    found.extend(node.str().or_else(|| node.str_at("file")).map(str::to_owned).or(folder));
                }
                name if depth > 0 && LISTS.contains(&name) => add(node, depth - 1, found),
                _ => {}
            }
        }
    }
}

/// The files of variables that commands hand over to a playbook: `-e @FILE`. (Ansible documentation, ansible-playbook,
/// `--extra-vars`)
pub(crate) fn handed_over(script: &str) -> Vec<&str> {
    const OPTIONS: [&str; 2] = ["-e", "--extra-vars"];
    if !script.contains("ansible-playbook") {
        return Vec::new();
    }
    let mut words = script.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',', '[', ']']));
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let Some(rest) = OPTIONS.iter().find_map(|option| word.strip_prefix(option)) else { continue };
        let value = if rest.is_empty() { words.next().unwrap_or_default() } else { rest.trim_start_matches('=') };
        found.extend(value.trim_start_matches(['"', '\'']).strip_prefix('@'));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over() {
        let script =
            "ansible-playbook a.yml -e @a.yml -e a=b --extra-vars '@b.yml' --extra-vars=@c.yml -e\"@d.yml\" -e";
        assert_eq!(handed_over(script), ["a.yml", "b.yml", "c.yml", "d.yml"]);
        assert!(handed_over("sed -e @a.yml").is_empty());
    }
}
