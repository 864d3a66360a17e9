//! Ansible: the roles and the files of tasks that plays bring in, and the hosts of these.

use super::{DEEPEST, LISTS, hosts_of};
use crate::{release::Reach, yaml::Node};

/// What brings in tasks, under both names of each module. (Ansible documentation, Reusing Ansible artifacts)
const FILES: [&str; 3] = ["import_tasks", "include_tasks", "include"];
const ROLES: [&str; 2] = ["import_role", "include_role"];

/// The names of the files with tasks that a playbook, or a file of tasks, brings in, from its own folder, each with the
/// hosts of the play.
pub(crate) fn brought_in(root: Node<'_>) -> Vec<(String, Reach)> {
    let mut found = Vec::new();
    for play in root.items().filter(|play| play.is_mapping()) {
        let (mut names, reach) = (Vec::new(), hosts_of(play));
        add(play, DEEPEST, &mut names);
        found.extend(names.into_iter().map(|name| (name, reach.clone())));
    }
    found
}

fn add(item: Node<'_>, depth: usize, names: &mut Vec<String>) {
    let role = |role: &str| format!("*/roles/{role}/tasks/*");
    let of = |modules: &[&str], inside: &[&str]| {
        let own = item.entries().filter(|(key, _)| modules.contains(&key.trim_start_matches("ansible.builtin.")));
        let name =
            |node: Node<'_>| node.str().or_else(|| inside.iter().find_map(|key| node.str_at(key))).map(str::to_owned);
        own.filter_map(|(_, node)| name(node)).collect::<Vec<_>>()
    };
    names.extend(of(&FILES, &["file"]).into_iter().map(|file| format!(":./{file}")));
    names.extend(of(&ROLES, &["name"]).iter().map(|name| role(name)));
    let listed = item.get("roles").into_iter().flat_map(Node::items);
    let name = |node: Node<'_>| node.str().or_else(|| node.str_at("role")).or_else(|| node.str_at("name")).map(role);
    names.extend(listed.filter_map(name));
    for list in LISTS.iter().filter(|_| depth > 0).filter_map(|name| item.get(name)) {
        list.items().filter(|item| item.is_mapping()).for_each(|item| add(item, depth - 1, names));
    }
}
