//! Git generators of an ApplicationSet over files of the same checkout: an element for each folder, or each file, that
//! fits their patterns, and what the template takes from it. Lists whose elements name values files are read in the
//! same way.

use super::{
    beside,
    switch::{set_switches, taken_switches},
    unfilled::{action_for_mode, modes_in, unfilled_text},
};
use crate::{
    chart::MODE_KEY,
    controller::{
        Chart,
        element::{Element, Elements, MOST, action_of, filled, listed, name_of},
    },
    files::Wanted,
    glob::{Glob, fits},
    release::{Id, Layer, Parameter, Pin, Reach, Release, Values},
    umbrella::CHART,
    yaml::Node,
};

/// The elements of the generators, if all of them are of files in repositories and can be read.
pub(super) fn elements<'s>(chart: &Chart<'_, 's>) -> Elements<'s> {
    let is_go = chart.root.is_true_at("spec.goTemplate");
    let generators: Vec<Node<'s>> = chart.items("/spec.generators").collect();
    let (mut found, mut wanted) = (Vec::new(), Vec::new());
    if generators.iter().all(|generator| generator.get("list").is_some()) {
        let of_lists = of_lists(chart, &generators, is_go).filter(|all| !all.is_empty() && all.len() <= MOST);
        return of_lists.map_or(Elements::Unknown, Elements::Are);
    }
    for generator in &generators {
        let of_matrix = git_of_matrix(*generator);
        let is_plain = generator.entries().count() == 1;
        let alone = || generator.get("git").filter(|_| is_plain);
        let Some(git) = of_matrix.or_else(alone) else { return Elements::Unknown };
        if ["template", "values", "pathParamPrefix"].iter().any(|key| git.get(key).is_some()) {
            return Elements::Unknown;
        }
        let of_files = git.get("files").filter(|files| files.length() > 0);
        let of_git = match of_files {
            Some(files) => of_files_of(chart, git, files, is_go, &mut wanted),
            None => of_folders(chart, git, is_go, &mut wanted),
        };
        let Some(of_git) = of_git else { return Elements::Unknown };
        // what a cluster says may have the name of what the file says
        let root = |element: &Element<'s>| element.root.filter(|_| of_matrix.is_none());
        found.extend(of_git.into_iter().map(|element| Element { root: root(&element), ..element }));
    }
    if !wanted.is_empty() {
        return Elements::Wanted(wanted);
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    if found.is_empty() || found.len() > MOST { Elements::Unknown } else { Elements::Are(found) }
}

/// The git generator of a matrix that combines each of its elements with clusters.
fn git_of_matrix(generator: Node<'_>) -> Option<Node<'_>> {
    let matrix = generator.get("matrix").filter(|matrix| matrix.entries().count() == 1)?;
    let nested: Vec<(&str, Node<'_>)> = matrix.get("generators")?.items().flat_map(Node::entries).collect();
    let is_alone = generator.entries().count() == 1 && matrix.get("generators")?.length() == nested.len();
    match nested[..] {
        [("git", git), ("clusters", clusters)] if is_alone && clusters.get("values").is_none() => Some(git),
        _ => None,
    }
}

/// Whom each element of the generators of a set is for, where clusters are combined with it.
pub(super) fn spread(root: Node<'_>) -> Option<Reach> {
    let mut generators = root.at("spec.generators").into_iter().flat_map(Node::items);
    let of_matrix = || Reach::AllOf("the generator `matrix` with this element".to_owned());
    generators.any(|generator| git_of_matrix(generator).is_some()).then(of_matrix)
}

/// The elements of lists, where each names a values file of its own, or the folder of the chart.
fn of_lists<'s>(chart: &Chart<'_, 's>, generators: &[Node<'s>], is_go: bool) -> Option<Vec<Element<'s>>> {
    let files = chart.items("helm.valueFiles").filter_map(Node::str);
    files.chain(chart.str("path")).find(|name| name.contains("{{"))?;
    let mut found = Vec::new();
    for generator in generators {
        let is_plain = generator.entries().count() == 1;
        let list = generator.get("list").filter(|list| is_plain && list.entries().count() == 1)?;
        for root in listed(list)? {
            found.push(Element {
                path: String::new(),
                root: Some(root).filter(|root| root.is_mapping()),
                file: None,
                is_go,
            });
        }
    }
    Some(found)
}

/// The patterns of a list: those that are taken, and those that are not.
fn patterns(list: Node<'_>) -> Option<(Vec<Glob<'_>>, Vec<Glob<'_>>)> {
    let (mut taken, mut excluded) = (Vec::new(), Vec::new());
    for item in list.items() {
        let pattern = Glob::of(item.str_at("path")?)?;
        if item.is_true_at("exclude") { excluded.push(pattern) } else { taken.push(pattern) }
    }
    Some((taken, excluded))
}

pub(super) fn asked(git: Node<'_>, pattern: String) -> Wanted {
    // without a revision it is the default branch
    let is_said = |text: &&str| !text.is_empty() && !text.contains("{{");
    let text = |key: &str| git.str_at(key).filter(is_said).map(str::to_owned);
    Wanted::Fitting { url: text("repoURL"), revision: text("revision"), pattern }
}

/// An element for each file. A star may lead through folders or not, by a setting of the controller: where that makes a
/// difference, the files are not known. (Argo CD documentation, Git File Generator Globbing)
fn of_files_of<'s>(
    chart: &Chart<'_, 's>,
    git: Node<'s>,
    list: Node<'s>,
    is_go: bool,
    wanted: &mut Vec<Wanted>,
) -> Option<Vec<Element<'s>>> {
    let (taken, excluded) = patterns(list)?;
    let mut found = Vec::new();
    for glob in taken {
        // what a star leads to through folders is looked for as well
        let ask = asked(git, glob.loose());
        let Some(numbers) = chart.files.fitting(&ask) else {
            wanted.push(ask);
            continue;
        };
        for number in numbers {
            let path = chart.files.path_from_top(number);
            if !glob.fits(&path) {
                return None;
            }
            let loosely = |glob: &Glob<'_>| fits(&glob.loose(), &path);
            if excluded.iter().any(|glob| glob.fits(&path) != loosely(glob)) {
                return None;
            }
            if excluded.iter().any(|glob| glob.fits(&path)) {
                continue;
            }
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
            let element =
                |root| Element { path: folder.to_owned(), root: Some(root), file: Some(file.to_owned()), is_go };
            found.extend(roots_of(chart, number)?.into_iter().map(element));
        }
    }
    Some(found)
}

/// What a file holds for the elements that are made of it: one, or a list of them. (Argo CD, `generators/git.go`)
fn roots_of<'s>(chart: &Chart<'_, 's>, number: usize) -> Option<Vec<Node<'s>>> {
    if let Ok(text) = chart.files.whole(number) {
        return Some(vec![text.root().filter(|root| root.is_mapping())?]);
    }
    let [part] = chart.files.parts(number) else { return None };
    let items: Vec<Node<'s>> = chart.files.list(number, &part.range)?.root()?.items().collect();
    items.iter().all(|item| item.is_mapping()).then_some(items)
}

/// An element for each folder, recognized by the values files that the template takes from it: a folder without one
/// makes an Application that fails, unless such files may be missing. Where the folder is the chart, its `Chart.yaml`
/// identifies it.
fn of_folders<'s>(
    chart: &Chart<'_, 's>,
    git: Node<'s>,
    is_go: bool,
    wanted: &mut Vec<Wanted>,
) -> Option<Vec<Element<'s>>> {
    let list = git.get("directories").filter(|list| list.length() > 0)?;
    let (taken, excluded) = patterns(list)?;
    let folder = if is_go { ["{{.path.path}}/", "{{ .path.path }}/"] } else { ["{{path}}/", "{{ path }}/"] };
    let below = |name: &'s str| {
        let at = folder.iter().find_map(|folder| name.find(folder).map(|at| at + folder.len()))?;
        Some(&name[at..]).filter(|rest| !rest.contains(['{', '*', '?', '[', '\\']))
    };
    let is_chart = chart.str("path").is_some_and(|path| folder.iter().any(|it| it.trim_end_matches('/') == path));
    let of_values = chart.items("helm.valueFiles").filter_map(Node::str).find_map(below);
    let may_miss = chart.get("helm.ignoreMissingValueFiles").is_some();
    let file = of_values.filter(|_| !may_miss).or(Some(CHART).filter(|_| is_chart));
    // the folder itself is all that is known of one whose files may be missing, or are elsewhere
    let takes_name = chart.items("helm.valueFiles").filter_map(Node::str).any(|name| name.contains("path.basename"));
    let is_any = || of_values.is_some() || takes_name;
    let (file, any) = (file.or(Some("").filter(|_| is_any()))?, file.is_none());
    let mut found = Vec::new();
    for glob in taken {
        let ask = asked(git, format!("{}/{file}", glob.text().trim_end_matches('/')));
        let of_files =
            |numbers: Vec<usize>| numbers.into_iter().map(|number| chart.files.path_from_top(number)).collect();
        let paths: Option<Vec<String>> =
            if any { chart.files.folders_fitting(&ask) } else { chart.files.fitting(&ask).map(of_files) };
        let Some(paths) = paths else {
            wanted.push(ask);
            continue;
        };
        for path in paths {
            let folder = path.strip_suffix(file).map_or("", |folder| folder.trim_end_matches('/'));
            let is_hidden = folder.split('/').any(|part| part.starts_with('.'));
            if is_hidden || excluded.iter().any(|glob| glob.fits(folder)) {
                continue;
            }
            found.push(Element { path: folder.to_owned(), root: None, file: None, is_go });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found.dedup_by(|one, other| one.path == other.path);
    Some(found)
}

impl<'s> Element<'s> {
    /// The release that the template makes of it.
    pub(super) fn release(&self, chart: &Chart<'_, 's>, template: &Release<'s>) -> Release<'s> {
        let mut release = template.clone();
        let of_element = Chart { element: Some(self.clone()), ..chart.clone() };
        let is_kept = |layer: &Layer<'_>| layer.is_own() && !beside::is_beside(layer) || layer.is_of_chart();
        release.layers.retain(is_kept);
        release.layers.extend(of_element.named_layers());
        release.layers.extend(beside::layers(&of_element));
        release.more.extend(beside::sources_beside(&of_element));
        release.layers.sort_by_key(|layer| layer.rank);
        self.take_mode(&mut release, chart);
        let taken = taken_switches(&release, chart.root);
        set_switches(&mut release, &taken, |name| self.node(name));
        release.reach = spread(chart.root).unwrap_or(release.reach);
        let called = chart.str(chart.controller.called).and_then(|name| self.fill(name));
        let of_list = || self.root.and_then(name_of).map(str::to_owned);
        let of_path = || Some(self.path.clone()).filter(|path| !path.is_empty());
        let name = called.clone().or_else(of_list).or_else(of_path).unwrap_or_else(|| "?".to_owned());
        release.id = Id { name, called, ..release.id };
        let version = chart.get(chart.controller.version).and_then(Node::str).filter(|version| version.contains("{{"));
        if let Some(version) = version {
            let name = action_of(version).map(|name| name.trim_start_matches('.'));
            release.pin = name.and_then(|name| self.node(name)).map(Pin::at);
        }
        release
    }

    /// Lets the file of the element decide, where the template takes the mode from it.
    fn take_mode(&self, release: &mut Release<'s>, chart: &Chart<'_, 's>) {
        let Some((action, place)) = action_for_mode(release, chart) else { return };
        let name = if self.is_go { action.strip_prefix('.') } else { Some(action) };
        let Some(name) = name.filter(|name| self.node(name).is_some()) else { return };
        // a value of several lines may bring a mode of its own
        let text = unfilled_text(chart).and_then(Node::str);
        let whole = text.and_then(|text| filled(text, |action| Some(self.said(action).unwrap_or_default())));
        if whole.is_some_and(|whole| modes_in(&whole).count() > 1) {
            return;
        }
        let (above, key) = name.rsplit_once('.').unwrap_or(("", name));
        let Some(item) = self.root.and_then(|root| if above.is_empty() { Some(root) } else { root.at(above) }) else {
            return;
        };
        let Some((key, value)) = item.entries().find(|(own, _)| *own == key) else { return };
        let name = release.path_to(MODE_KEY).into_iter().map(str::to_owned).collect();
        let parameter = Parameter { name, item, key, value: Some(value) };
        release.filled = Some((place.text.file, place.span()));
        // what a text says that is not YAML yet is known by what fills it in
        release.layers.retain(|layer| beside::is_beside(layer) || !(layer.is_own() && layer.is_unknown()));
        let strongest = beside::strongest(release);
        release.layers.push(Layer::own(strongest, item.text.file, Values::Parameters(vec![parameter])));
    }
}
