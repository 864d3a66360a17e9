//! Files that are known by their name or their form as those of something else: nothing reads a `clusterMode` at their
//! root.

use crate::yaml::Node;

/// A kind of file.
struct Kind {
    /// What people call it.
    title: &'static str,
    /// The names that it has, without their endings; with an asterisk, how they begin.
    names: &'static [&'static str],
    /// Keys of its root that identify it, whatever its name: all of one group; with brackets those of a list, with what
    /// its items end with behind them.
    forms: &'static [&'static [&'static str]],
    /// Where this was read.
    #[allow(dead_code)] // for the reader of the table
    source: &'static str,
}

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    Kind { title: "a chart's description", names: &["Chart"], forms: &[&["apiVersion", "name", "version"]],
        source: "Helm documentation, Charts, The Chart.yaml File" },
    Kind { title: "the list of a chart's dependencies", names: &["requirements"], forms: &[&["dependencies[]"]],
        source: "Helm documentation, Charts, apiVersion v1" },
    // the bases of a kustomization are folders
    Kind { title: "a helmfile", names: &["helmfile"],
        forms: &[&["helmfiles[]"], &["releases[]", "repositories[]"], &["bases[].yaml"], &["bases[].yml"], &["bases[].gotmpl"],
            &["helmDefaults"]],
        source: "helmfile documentation, Configuration; Layering State Files" },
    Kind { title: "a kustomization", names: &["kustomization"],
        forms: &[&["resources[]"], &["components[]"], &["bases[]"], &["patches[]"], &["patchesStrategicMerge[]"],
            &["patchesJson6902[]"], &["generators[]"], &["configMapGenerator[]"], &["secretGenerator[]"], &["helmCharts[]"],
            &["helmChartInflationGenerator"]],
        source: "kustomize documentation, The Kustomization File" },
    Kind { title: "a bundle of Rancher Fleet", names: &["fleet"],
        forms: &[&["helm", "defaultNamespace"], &["helm", "namespace"], &["targetCustomizations[]"]],
        source: "Fleet documentation, fleet.yaml" },
    Kind { title: "a project of Pulumi", names: &["Pulumi"], forms: &[&["name", "runtime"]],
        source: "Pulumi documentation, Project file reference" },
    Kind { title: "a stack configuration of Pulumi", names: &["Pulumi.*"], forms: &[],
        source: "Pulumi documentation, Stack settings file reference" },
    Kind { title: "a configuration of DevSpace", names: &["devspace"], forms: &[&["version", "deployments"]],
        source: "DevSpace documentation, devspace.yaml" },
    Kind { title: "a file of kluctl", names: &["helm-chart", ".kluctl"], forms: &[&["helmChart"], &["deployments", "vars"]],
        source: "Kluctl documentation, Helm integration" },
    Kind { title: "a pipeline of GitLab", names: &[".gitlab-ci"], forms: &[&["stages", "variables"]],
        source: "GitLab documentation, CI/CD YAML syntax reference" },
    Kind { title: "a pipeline of CircleCI", names: &[".circleci"],
        forms: &[&["jobs", "workflows"], &["orbs", "jobs"], &["orbs", "workflows"]],
        source: "CircleCI documentation, Configuration Reference" },
    Kind { title: "a workflow of GitHub", names: &[], forms: &[&["jobs"]],
        source: "GitHub documentation, Workflow syntax" },
    Kind { title: "a pipeline of Azure", names: &["azure-pipelines"], forms: &[&["pool", "steps"], &["trigger"]],
        source: "Azure Pipelines documentation, YAML schema" },
    Kind { title: "a file of Compose", names: &["compose", "docker-compose"], forms: &[&["services", "volumes"], &["services", "networks"]],
        source: "Compose specification" },
    Kind { title: "a file of Task", names: &["Taskfile"], forms: &[&["version", "tasks"]], source: "Task documentation, Schema" },
    Kind { title: "a configuration of SOPS", names: &[".sops"], forms: &[&["creation_rules[]"]], source: "SOPS documentation" },
    Kind { title: "a schema of values", names: &["values.schema"], forms: &[&["$schema"]], source: "Helm documentation, Schema Files" },
];

/// What a file is, if its name shows that it is something else.
pub(crate) fn kind_by_name(file: &str) -> Option<&'static str> {
    const ENDINGS: [&str; 5] = [".gotmpl", ".yaml", ".yml", ".json", ".lock"];
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = ENDINGS.into_iter().fold(name, |name, ending| name.strip_suffix(ending).unwrap_or(name));
    let is_named = |own: &str| match own.strip_suffix('*') {
        Some(start) => stem.get(..start.len()).is_some_and(|named| named.eq_ignore_ascii_case(start)),
        None => own.eq_ignore_ascii_case(stem),
    };
    let has_name = |kind: &&Kind| kind.names.iter().any(|own| is_named(own));
    KINDS.iter().find(has_name).map(|kind| kind.title)
}

/// What a file is, if its form shows that it is something else.
pub(crate) fn kind_by_form(root: Node<'_>) -> Option<&'static str> {
    let has = |key: &&str| match key.split_once("[]") {
        Some((key, "")) => root.get(key).is_some_and(Node::is_list),
        Some((key, ending)) => {
            root.get(key).is_some_and(|list| list.items().any(|item| item.str().is_some_and(|it| it.ends_with(ending))))
        }
        None => root.get(key).is_some(),
    };
    let has_form = |kind: &&Kind| kind.forms.iter().any(|keys| keys.iter().all(&has));
    KINDS.iter().find(has_form).map(|kind| kind.title)
}

/// The tool whose variables a file holds, by its path from the top of the checkout. (Ansible documentation, Variable
/// precedence, Roles; Terraform documentation, Variable Definitions Files)
pub(crate) fn tool_of_variables(path: &str) -> Option<&'static str> {
    let folders: Vec<&str> = path.split('/').collect();
    let (name, folders) = folders.split_last()?;
    let is_of_role = || {
        let parts = folders.windows(3).any(|part| part[0] == "roles" && ["defaults", "vars"].contains(&part[2]));
        parts && !folders.contains(&"files")
    };
    if folders.iter().any(|folder| ["group_vars", "host_vars"].contains(folder)) || is_of_role() {
        return Some("Ansible");
    }
    name.ends_with(".tfvars.json").then_some("Terraform")
}
