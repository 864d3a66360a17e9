//! The folders that an ApplicationSet has built, where its template takes them from a list, or from the folders of a
//! repository: kustomize builds each for an Application of its own.

use super::{SET, git, said::generators};
use crate::{
    controller::{
        Chart,
        element::{Element, Elements, listed, name_of},
    },
    files::{Files, Wanted},
    glob::{Glob, fits},
    release::Reach,
    rendered::as_pattern,
    yaml::{Node, Scalar},
};

/// A folder that an ApplicationSet has built, or a pattern for folders like it.
pub(crate) struct Built<'s> {
    /// From the top of the repository.
    pub(crate) pattern: String,
    /// Those that fit, and are not built.
    excluded: Vec<Glob<'s>>,
    /// What the template adds to the folder of the generator.
    behind: &'s str,
    /// The element of a list.
    element: Option<Node<'s>>,
}

impl Built<'_> {
    /// Whether a folder is one of them.
    pub(crate) fn is(&self, folder: &str) -> bool {
        let of_generator = folder.strip_suffix(self.behind).unwrap_or(folder);
        crate::glob::fits(&self.pattern, folder) && !self.excluded.iter().any(|glob| glob.fits(of_generator))
    }

    /// The name of the Application that builds a folder.
    pub(crate) fn name(&self, root: Node<'_>, folder: &str) -> Option<String> {
        let path = folder.strip_suffix(self.behind)?.to_owned();
        let element = Element { path, root: self.element, file: None, is_go: root.is_true_at("spec.goTemplate") };
        element.fill(root.str_at("spec.template.metadata.name")?)
    }
}

/// The folders that one source of the template is; none where the generators are others, or not all is known of them.
pub(crate) fn built_by_set<'s>(root: Node<'s>, source: Node<'s>) -> Vec<Built<'s>> {
    let generators: Vec<Node<'s>> = root.at("spec.generators").into_iter().flat_map(Node::items).collect();
    let all = generators.into_iter().map(|generator| of_generator(root, source, generator)).collect::<Option<Vec<_>>>();
    all.unwrap_or_default().into_iter().flatten().collect()
}

fn of_generator<'s>(root: Node<'s>, source: Node<'s>, generator: Node<'s>) -> Option<Vec<Built<'s>>> {
    let path = source.str_at("path")?;
    let is_go = root.get("spec")?.get("goTemplate").and_then(Node::scalar) == Some(Scalar::Bool(true));
    let only = |kind: &str| generator.get(kind).filter(|_| generator.entries().count() == 1);
    if let Some(list) = only("list").filter(|list| list.get("template").is_none()) {
        let built = |element: Node<'s>| {
            let filled = Element { path: String::new(), root: Some(element), file: None, is_go }.fill(path)?;
            Some(Built { pattern: filled, excluded: Vec::new(), behind: "", element: Some(element) })
        };
        return listed(list)?.into_iter().map(built).collect();
    }
    let git = only("git").filter(|git| ["template", "values"].iter().all(|key| git.get(key).is_none()))?;
    let actions = if is_go { ["{{.path.path}}", "{{ .path.path }}"] } else { ["{{path}}", "{{ path }}"] };
    let behind = actions.iter().find_map(|action| path.strip_prefix(action)).filter(|rest| !rest.contains("{{"))?;
    let behind = behind.trim_end_matches('/');
    let (mut taken, mut excluded) = (Vec::new(), Vec::new());
    for item in git.get("directories")?.items() {
        let glob = Glob::of(item.str_at("path")?)?;
        if item.is_true_at("exclude") { excluded.push(glob) } else { taken.push(glob) }
    }
    let built = |glob: Glob<'_>| Built {
        pattern: format!("{}{behind}", glob.text().trim_end_matches('/')),
        excluded: excluded.clone(),
        behind,
        element: None,
    };
    Some(taken.into_iter().map(built).collect())
}

/// A folder that a set has built.
pub(crate) struct OfSet {
    /// From the top of the repository; where not all of it is known, as it is written.
    pub(crate) folder: String,
    /// Whom it is for.
    pub(crate) reach: Reach,
    /// What the Application is called that builds it, where there is one; with the actions in it that are not known.
    pub(crate) called: Option<String>,
}

/// The folders that a set has built where its template takes them in another way: from the files that a generator names;
/// else the path as it is written. And what must be looked for before these files are known.
pub(crate) fn folders_of_set<'s>(files: &Files<'s>, root: Node<'s>) -> (Vec<OfSet>, Vec<Wanted>) {
    let (mut folders, mut wanted) = (Vec::new(), Vec::new());
    let called = root.str_at("spec.template.metadata.name");
    for source in sources_of(root) {
        let is_other = ["chart", "helm", "plugin"].iter().any(|key| source.get(key).is_some());
        let path = source.str_at("path").filter(|path| path.contains("{{") && !is_other);
        let Some(path) = path.filter(|_| built_by_set(root, source).is_empty()) else { continue };
        let all = || Reach::AllOf(format!("the generators of {}", root.str_at("metadata.name").unwrap_or("this set")));
        match git::elements(&Chart::new(files, &SET, root, source)) {
            Elements::Are(elements) => {
                let spread = git::spread(root);
                let one = || vec![OfSet { folder: path.to_owned(), reach: all(), called: None }];
                let each = of_elements(&elements, path, called).unwrap_or_else(one);
                let spread = |of_set: OfSet| OfSet { reach: spread.clone().unwrap_or(of_set.reach), ..of_set };
                folders.extend(each.into_iter().map(spread));
            }
            Elements::Wanted(asked) => {
                wanted.extend(asked);
                folders.push(OfSet { folder: path.to_owned(), reach: all(), called: None });
            }
            Elements::Unknown => {
                let reach = if takes_name(root, path) { Reach::One } else { all() };
                folders.push(OfSet { folder: path.to_owned(), reach, called: called.map(str::to_owned) });
            }
        }
    }
    (folders, wanted)
}

/// The sources of the template of a set; none of another object.
fn sources_of(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let spec = root.at("spec.template.spec").filter(|_| root.str_at("kind") == Some("ApplicationSet"));
    let several = spec.and_then(|spec| spec.get("sources")).into_iter().flat_map(Node::items);
    several.chain(spec.and_then(|spec| spec.get("source")))
}

/// The patterns of what a set has built of another revision than the one that is checked out, each with which that is, as the
/// rest of a sentence.
pub(crate) fn elsewhere_of_set<'s>(files: &Files<'s>, root: Node<'s>) -> Vec<(String, String)> {
    let asked = sources_of(root).flat_map(|source| match git::elements(&Chart::new(files, &SET, root, source)) {
        Elements::Wanted(asked) => asked,
        _ => Vec::new(),
    });
    let of_folder = |asked: Wanted| {
        let left = files.left(&asked).filter(|left| left.is_likely)?;
        let Wanted::Fitting { pattern, .. } = &asked else { return None };
        let (folder, _) = pattern.rsplit_once('/')?;
        Some((format!("{folder}/*"), left.reason.clone()))
    };
    asked.filter_map(of_folder).collect()
}

/// The files that the git generators of a set read, where it is not known what its template takes of them; none of those
/// that the template may name as values files.
pub(crate) fn data_of_set<'s>(files: &Files<'s>, root: Node<'s>) -> Vec<Wanted> {
    let sources: Vec<Node<'s>> = sources_of(root).collect();
    let is_unknown =
        |source: &Node<'s>| matches!(git::elements(&Chart::new(files, &SET, root, *source)), Elements::Unknown);
    if !sources.iter().any(is_unknown) {
        return Vec::new();
    }
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let values = sources.iter().filter_map(|source| source.at("helm.valueFiles")).flat_map(Node::items);
    let values: Vec<String> = values.filter_map(Node::str).map(|path| name(&as_pattern(path))).collect();
    let may_be_values = |path: &str| values.iter().any(|other| fits(other, &name(path)) || fits(&name(path), other));
    let asked = |git: Node<'_>| {
        let paths = git.get("files").into_iter().flat_map(Node::items).filter_map(|item| item.str_at("path"));
        let globs = paths.filter(|path| !may_be_values(path)).filter_map(Glob::of);
        globs.map(|glob| git::asked(git, glob.loose())).collect::<Vec<_>>()
    };
    generators(root).into_iter().filter(|(kind, _)| *kind == "git").flat_map(|(_, git)| asked(git)).collect()
}

/// The folders that some elements fill a path in to, with the name of the Application of each; nothing where one is not
/// known.
fn of_elements(elements: &[Element<'_>], path: &str, called: Option<&str>) -> Option<Vec<OfSet>> {
    let mut of_folder: std::collections::BTreeMap<String, Vec<(String, &Element<'_>)>> =
        std::collections::BTreeMap::new();
    for (number, element) in elements.iter().enumerate() {
        let name = element.root.and_then(name_of).map_or_else(|| format!("element {}", number + 1), str::to_owned);
        of_folder.entry(crate::files::cleaned(&element.fill(path)?)).or_default().push((name, element));
    }
    let of_set = |(folder, those): (String, Vec<(String, &Element<'_>)>)| {
        let called = those.first().filter(|_| those.len() == 1).and_then(|(_, element)| element.fill(called?));
        OfSet { folder, reach: Reach::of(those.into_iter().map(|(name, _)| name).collect()), called }
    };
    Some(of_folder.into_iter().map(of_set).collect())
}

/// Whether a path has the name of a cluster in it, which Argo CD gives to one. (Argo CD documentation, Cluster Generator)
fn takes_name(root: Node<'_>, path: &str) -> bool {
    let generators = || root.at("spec.generators").into_iter().flat_map(Node::items);
    let is_of_clusters = |generator: Node<'_>| {
        let nested = generator.at("matrix.generators").into_iter().flat_map(Node::items);
        [generator].into_iter().chain(nested).any(|generator| generator.get("clusters").is_some())
    };
    let is_name = |action: &str| {
        let action = action.split("}}").next().unwrap_or_default().trim_matches(['-', ' ']);
        ["name", "nameNormalized", "server"].contains(&action.trim_start_matches('.'))
    };
    generators().all(is_of_clusters) && path.split("{{").skip(1).any(is_name)
}
