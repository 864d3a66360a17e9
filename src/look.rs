//! What a look at one file says of it, before anything else is read.

use std::collections::HashSet;

use crate::{
    files::{Files, ObjectRef, Wanted},
    finding::{Finding, Position},
    source::Source,
    yaml::Texts,
};

/// Whether a path fits a pattern: `*` is any part of a name, `**` any folders.
///
/// ```
/// assert!(helm_clas::look::fits_pattern("clusters/*/values.yaml", "clusters/east/values.yaml"));
/// ```
#[must_use]
pub fn fits_pattern(pattern: &str, path: &str) -> bool {
    crate::glob::fits(pattern, path)
}

pub use crate::rendered::{Defined, LiveChange, MayTake, Runs, Why};

/// The commands in a file that may change the mode of a release in its controller itself, each with its place.
///
/// ```
/// use helm_clas::look::live_changes;
///
/// let script = "argocd app set illumio-east --helm-set clusterMode=clas\nargocd app set illumio-west --helm-set a=b\n";
/// let found = live_changes("set.sh", script.as_bytes());
/// assert_eq!((found.len(), &found[0].0.name[..], found[0].1.line), (1, "illumio-east", 1));
/// ```
#[must_use]
pub fn live_changes(name: &str, bytes: &[u8]) -> Vec<(LiveChange, Position)> {
    let source = Source { name, bytes };
    let text = source.text().unwrap_or_default();
    let texts = Texts::new();
    let patched = crate::graph::patched_elsewhere(&Files::of(&texts, [(name, bytes)]), 0);
    let found = crate::rendered::live_changes(source).into_iter().chain(patched);
    found.map(|change| (change.clone(), Position::of(text, change.span.start))).collect()
}

/// The files that commands of Helm in a file, by its number, may give to a release, by names that are not known, each with
/// its place; and those that a manifest names which cannot be read.
///
/// ```
/// use helm_clas::{Files, Texts, look::may_take};
///
/// let (texts, script) = (Texts::new(), "helm upgrade a illumio/illumio -f $ENV/values.yaml --set clusterMode=clas");
/// let found = may_take(&Files::of(&texts, [("deploy.sh", script)]), 0);
/// assert_eq!((&found[0].0.said[..], found[0].1.line), ("$ENV/values.yaml", 1));
/// ```
#[must_use]
pub fn may_take(files: &Files<'_>, number: usize) -> Vec<(MayTake, Position)> {
    let source = files.source(number);
    let text = source.text().unwrap_or_default();
    let found = crate::rendered::may_take(source).into_iter().chain(crate::resolve::taken_unread(files, number));
    let found = found.chain(crate::resolve::taken_together(files, number));
    let found = found.chain(crate::resolve::taken_by_template(files, number));
    found.map(|may| (may.clone(), Position::of(text, may.span.start))).collect()
}

/// What the commands, jobs, plays and helmfiles of a file, by its number, run that is in other files.
///
/// ```
/// use helm_clas::{Files, Texts, look::runs_in};
///
/// let (texts, script) = (Texts::new(), "kubectl config use-context east\n./deploy.sh\n");
/// let found = runs_in(&Files::of(&texts, [("all.sh", script)]), 0);
/// assert_eq!((found[0].paths("all.sh"), &found[0].clusters[..]), (vec!["/deploy.sh".to_owned()], &["east".to_owned()][..]));
/// ```
#[must_use]
pub fn runs_in(files: &Files<'_>, number: usize) -> Vec<Runs> {
    crate::resolve::runs_in(files, number)
}

/// The hidden jobs of a file of GitLab that have commands, by their names.
///
/// ```
/// assert_eq!(helm_clas::look::hidden_jobs(b".install:\n  script: [./a.sh]\n"), [".install"]);
/// ```
#[must_use]
pub fn hidden_jobs(bytes: &[u8]) -> Vec<String> {
    crate::rendered::hidden_jobs(std::str::from_utf8(bytes).unwrap_or_default())
}

/// The lines of a file that set variables to options which give Helm values, each with its place.
///
/// ```
/// let found = helm_clas::look::defined_in(".env", b"A=1\nHELM_ARGS=-f prod.yaml\n");
/// assert_eq!((&found[0].0.name[..], found[0].1.line), ("HELM_ARGS", 2));
/// ```
#[must_use]
pub fn defined_in(name: &str, bytes: &[u8]) -> Vec<(Defined, Position)> {
    let source = Source { name, bytes };
    let text = source.text().unwrap_or_default();
    let found = crate::rendered::defined_in(source).into_iter();
    found.map(|one| (one.clone(), Position::of(text, one.span.start))).collect()
}

/// The files that a text which sets a mode names by patterns: a cluster that gets one of them may be in that mode.
///
/// ```
/// let found = helm_clas::look::named_beside_mode("config-files: env/${{ matrix.cluster }}.yaml\nvalues: clusterMode=clas");
/// assert!(found.is_some_and(|may| may.is(".github/workflows/deploy.yml", "env/east.yaml")));
/// ```
#[must_use]
pub fn named_beside_mode(text: &str) -> Option<MayTake> {
    MayTake::beside_mode(text)
}

/// Whether a script goes to another folder: one that is read into another script takes that there.
///
/// ```
/// assert!(helm_clas::look::goes_elsewhere(b"set -e\ncd prod\n") && !helm_clas::look::goes_elsewhere(b"NS=illumio\n"));
/// ```
#[must_use]
pub fn goes_elsewhere(script: &[u8]) -> bool {
    let text = String::from_utf8_lossy(script);
    let mut commands = text.lines().flat_map(|line| line.split([';', '&', '|'])).map(str::trim_start);
    commands.any(|command| command == "cd" || command.starts_with("cd ") || command.starts_with("pushd "))
}

/// The objects in a file that a release may take values or its chart from: those that hold values, or that a kustomization
/// in it generates, and sources of charts.
///
/// ```
/// use helm_clas::look::objects_in;
///
/// let text = "configMapGenerator:\n- name: illumio-values\n  files: [values.yaml]\n";
/// assert_eq!(objects_in(text.as_bytes())[0].name, "illumio-values");
/// ```
#[must_use]
pub fn objects_in(bytes: &[u8]) -> Vec<ObjectRef> {
    if !crate::files::may_hold_objects(bytes) {
        return Vec::new();
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [("", bytes)]);
    crate::files::objects_in(files.roots(0))
}

/// The objects that the releases of a file take values or their chart from, and that are not in it.
#[must_use]
pub fn objects_taken(bytes: &[u8]) -> Vec<ObjectRef> {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    if !has("HelmRelease") && !has("helm.cattle.io") {
        return Vec::new();
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [("", bytes)]);
    let object = |wanted: Wanted| match wanted {
        Wanted::Object(object) if files.objects().held(&object).is_empty() => Some(object),
        _ => None,
    };
    files.wanted(&[0], None).into_iter().filter_map(object).collect()
}

/// What a file takes from others of its checkout, by their paths from its top, files and folders, where it is a
/// kustomization, holds one of Flux or an Application of Argo CD, or calls modules of Terraform or gives it
/// variables; and what it may take where it cannot be read. `path` is its own.
///
/// ```
/// use helm_clas::look::taken_by;
///
/// assert_eq!(taken_by("east/kustomization.yaml", b"resources: [../base]\n"), ["base"]);
/// ```
#[must_use]
pub fn taken_by(path: &str, bytes: &[u8]) -> Vec<String> {
    taken_or_unread(path, bytes).0
}

/// Whether a file of this name may call modules of Terraform: one of that, or of Terragrunt.
///
/// ```
/// assert!(helm_clas::look::may_call("east/terragrunt.hcl") && !helm_clas::look::may_call("east/values.yaml"));
/// ```
#[must_use]
pub fn may_call(path: &str) -> bool {
    crate::rendered::may_call(path)
}

/// The same, and whether a part of the file cannot be read.
#[must_use]
pub fn taken_or_unread(path: &str, bytes: &[u8]) -> (Vec<String>, bool) {
    if crate::rendered::may_call(path) {
        let folders = crate::rendered::folders_taken(path, std::str::from_utf8(bytes).unwrap_or_default());
        return (folders.iter().map(|folder| crate::files::folder_of_module(path, folder)).collect(), false);
    }
    if crate::rendered::may_give_variables(path, bytes) {
        // in which folder the commands run need not be known
        return (["**/*.tf", "**/*.tofu"].map(str::to_owned).to_vec(), false);
    }
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let is_of_controller = || {
        let is_bundle = path.rsplit('/').next() == Some(crate::graph::FLEET);
        let mut words = crate::graph::words().chain(["kustomize.toolkit.fluxcd.io"]);
        is_bundle || words.any(has) || has("argoproj.io") && has("path")
    };
    if has("helmfiles") && !is_kustomization(path) {
        let texts = Texts::new();
        let listed = crate::controller::helmfiles_listed(&Files::of(&texts, [(path, bytes)]), 0, path);
        if !listed.is_empty() {
            return (listed, false);
        }
    }
    if !is_kustomization(path) && !is_of_controller() {
        return (Vec::new(), false);
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [(path, bytes)]);
    crate::graph::taken_in(&files, 0, path)
}

/// Where a file leads that may say no mode itself: what it takes from others of its checkout, and the helmfiles that one of
/// helmfile names. Paths from the top of the checkout, and patterns of them.
///
/// ```
/// use helm_clas::look::leads_to;
///
/// assert_eq!(leads_to("helmfile.yaml", b"helmfiles: [{path: east/helmfile.yaml}]\n"), ["east/helmfile.yaml"]);
/// ```
#[must_use]
pub fn leads_to(path: &str, bytes: &[u8]) -> Vec<String> {
    let mut found = taken_by(path, bytes);
    if memchr::memmem::find(bytes, b"helmfiles").is_some() {
        let texts = Texts::new();
        let files = Files::of(&texts, [(path, bytes)]);
        let lists = files.roots(0).filter_map(|root| root.get("helmfiles"));
        let named = lists.flat_map(|list| list.items().filter_map(|item| item.str_at("path").or_else(|| item.str())));
        let here = named.filter(|name| !name.contains("://")).map(|name| crate::files::joined(path, name));
        let known: HashSet<String> = found.iter().cloned().collect();
        found.extend(here.filter(|path| !known.contains(path)));
    }
    found
}

/// Whether a file may bring a chart that is a folder of the checkout: a quick look.
///
/// ```
/// use helm_clas::look::may_name_folder;
///
/// assert!(may_name_folder(b"helm upgrade --install a ./charts/platform -f east.yaml"));
/// assert!(!may_name_folder(b"replicas: 2"));
/// ```
#[must_use]
pub fn may_name_folder(bytes: &[u8]) -> bool {
    crate::resolve::may_name_folder(bytes)
}

/// Whether the name of the mode is anywhere in a file, in any spelling: a quick look.
///
/// ```
/// use helm_clas::look::says_mode_key;
///
/// assert!(says_mode_key(b"cluster_mode = clas") && !says_mode_key(b"replicas: 2"));
/// ```
#[must_use]
pub fn says_mode_key(bytes: &[u8]) -> bool {
    crate::chart::may_mention(bytes)
}

/// Whether a template of a chart may bring another chart through a controller, as a chart of Applications does: a quick
/// look. Of other templates only what becomes of them is values.
///
/// ```
/// use helm_clas::look::may_bring_chart;
///
/// assert!(may_bring_chart(b"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio}\n"));
/// assert!(!may_bring_chart(b"kind: ConfigMap\ndata: {illumio: '{{ .Values.clusterMode }}'}\n"));
/// ```
#[must_use]
pub fn may_bring_chart(template: &[u8]) -> bool {
    crate::resolve::may_bring_chart(template)
}

/// Whether kustomize takes a file of this name for a kustomization.
#[must_use]
pub fn is_kustomization(name: &str) -> bool {
    crate::graph::is_kustomization(name)
}

/// Why a manifest cannot be read, and the files that it names by the look of it: paths from its own folder and from the
/// top. Nothing where it can be read, or is not a manifest.
///
/// ```
/// use helm_clas::look::broken_manifest;
///
/// let text = b"releases:\n- chart: ./charts/sec\n<<<<<<< HEAD\n  values: [east.yaml]\n";
/// assert_eq!(broken_manifest("helmfile.yaml", text).unwrap().1, ["east.yaml"]);
/// ```
#[must_use]
pub fn broken_manifest(name: &str, bytes: &[u8]) -> Option<(Finding, Vec<String>)> {
    if name.rsplit('/').next() == Some(crate::umbrella::CHART) {
        // it names the chart itself
        return Some((depends_on_illumio(bytes).err()?.in_file(name), Vec::new()));
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [(name, bytes)]);
    let finding = crate::resolve::broken_manifest(&files, 0)?;
    Some((finding, crate::resolve::files_named(name, std::str::from_utf8(bytes).ok()?)))
}

/// Whether one of the lines of a file begins with a key that only values of Illumio's chart have.
#[must_use]
pub fn shows_values(bytes: &[u8]) -> bool {
    crate::chart::looks_like_values(&String::from_utf8_lossy(bytes))
}

/// Whether one of the lines of a file begins with a key that no other chart has. Some have a mode.
///
/// ```
/// use helm_clas::look::has_own_values;
///
/// assert!(has_own_values(b"pce_url: pce.example.com:8443") && !has_own_values(b"clusterMode: sharded"));
/// ```
#[must_use]
pub fn has_own_values(bytes: &[u8]) -> bool {
    crate::chart::has_own_values(&String::from_utf8_lossy(bytes))
}

/// What a file holds in place of its text, a ciphertext or a pointer, and what to do about it.
#[must_use]
pub fn sealed(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    crate::chart::reference::sealed(bytes)
}

/// Whether a `Chart.yaml` depends on Illumio's chart.
///
/// # Errors
///
/// The finding of one that cannot be read, and names that chart.
pub fn depends_on_illumio(chart: &[u8]) -> Result<bool, Finding> {
    // most charts are not ours, and need not even be YAML
    if !chart.to_ascii_lowercase().windows(7).any(|window| window == b"illumio") {
        return Ok(false);
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [("Chart.yaml", chart)]);
    let text = files.whole(0)?;
    Ok(text.root().is_some_and(crate::umbrella::lists_illumio))
}
