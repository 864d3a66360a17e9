//! [`Umbrella`]: a chart of the checkout that brings Illumio's, the ways on which that comes into it, and what the
//! charts on each way say of its values by themselves.
//!
//! ```text
//! platform/charts/app/values.yaml -- illumio --+      weakest first: what a chart says of its dependency
//! platform/values.yaml -------- app.illumio ---+--->  is overridden by the chart that brings that one,
//! platform/values-east.yaml --- app.illumio ---+      and by the files that Helm is given
//! ```

mod fetched;
mod imports;
mod listed;
mod range;

pub(crate) use range::fits;

use self::{imports::Import, listed::Listed};
use crate::{
    files::{Files, Folder, Found, Wanted},
    finding::{Doubt, Finding, Severity},
    release::{Layer, Named, Pin, Switch, USUAL, Values, kind_by_name, shows_values},
    rule::Rule,
    yaml::{Node, Scalar, Text, keys},
};

/// The file of a chart that describes it.
pub(crate) const CHART: &str = "Chart.yaml";

/// The file of a chart that lists its dependencies, of `apiVersion: v1`.
const REQUIREMENTS: &str = "requirements.yaml";

/// The file of a chart that holds what it says of its values by itself.
pub(crate) const VALUES: &str = "values.yaml";

/// A chart of the checkout, and how Illumio's comes into it.
pub(crate) struct Umbrella<'s> {
    /// Where it is.
    pub(crate) folder: Folder,
    /// The ways on which Illumio's chart comes into it, in the order of the dependencies: a release each.
    pub(crate) ways: Vec<Way<'s>>,
    /// What must be read before all of it is known.
    pub(crate) wanted: Vec<Wanted>,
}

/// A way on which Illumio's chart comes into another one.
#[derive(Clone, Default)]
pub(crate) struct Way<'s> {
    /// The keys that lead to its values in those of the chart: the names or the aliases of the charts on the way.
    pub(crate) keys: Vec<String>,
    /// The version that is named of it.
    pub(crate) pin: Option<Pin>,
    /// Where it is named, if no version is.
    pub(crate) unpinned: Option<Pin>,
    /// What the charts on the way say by themselves, weakest first.
    pub(crate) layers: Vec<Layer<'s>>,
    /// By what each of them is installed, or not.
    pub(crate) switches: Vec<Switch>,
    /// What is wrong on the way.
    pub(crate) findings: Vec<Finding>,
    /// Why the chart's default is not known.
    pub(crate) no_default: Vec<Finding>,
    /// Why what a chart says by itself may not be what counts.
    pub(crate) imported: Vec<Finding>,
}

/// How many charts are gone through, and how deep: where there are more, they go in a circle.
const MOST_CHARTS: usize = 500;
const DEEPEST: usize = 8;

impl<'s> Umbrella<'s> {
    /// The chart of a folder, as far as it was read. `given` are the files that Helm is given.
    pub(crate) fn of(files: &Files<'s>, folder: Folder, given: &[usize]) -> Self {
        let mut walk = Walk { files, given, left: MOST_CHARTS, ways: Vec::new(), wanted: Vec::new() };
        walk.chart(&folder, &Way::default());
        Self { folder, ways: walk.ways, wanted: walk.wanted }
    }

    /// Whether a folder is Illumio's own chart, with what that says by itself; and what must be read before that is
    /// known.
    pub(crate) fn of_illumio(
        files: &Files<'s>,
        folder: &Folder,
        given: &[usize],
    ) -> (bool, Option<Layer<'s>>, Vec<Wanted>) {
        let mut walk = Walk { files, given, left: MOST_CHARTS, ways: Vec::new(), wanted: Vec::new() };
        let is_it = walk.is_illumio(folder);
        let own = if is_it { walk.own(folder, &[]) } else { None };
        (is_it, own, walk.wanted)
    }

    /// The same, where some files are in the folder of that chart, or below it.
    pub(crate) fn illumio_above(files: &Files<'s>, given: &[usize]) -> (Option<Layer<'s>>, Vec<Wanted>) {
        let folder = given.iter().find_map(|number| nearest(files, *number));
        let (_, own, wanted) = folder.map(|(folder, _)| Self::of_illumio(files, &folder, given)).unwrap_or_default();
        (own, wanted)
    }

    /// The chart whose values some files are: of the first of them that has one in its folder, or above it, which
    /// brings Illumio's; or what must be read before that is known.
    pub(crate) fn above(files: &Files<'s>, given: &[usize]) -> Option<Self> {
        if let Some(folder) = files.given_to() {
            let umbrella = Self::of(files, Folder::Here(folder.to_owned()), given);
            if !umbrella.ways.is_empty() || !umbrella.wanted.is_empty() {
                return Some(umbrella);
            }
        }
        given.iter().find_map(|number| {
            let (folder, depth) = nearest(files, *number)?;
            let mut umbrella = Self::of(files, folder, given);
            let outer = outer_of(&umbrella.folder).filter(|outer| files.find(outer, usize::MAX) == Found::Unasked);
            umbrella.wanted.extend(outer);
            let is_asking = umbrella.ways.is_empty() && !umbrella.wanted.is_empty();
            let is_it = !umbrella.ways.is_empty() && umbrella.may_take(files, *number, depth);
            (is_asking || is_it).then_some(umbrella)
        })
    }

    /// Whether a file in its folder, or so many folders below, is given to it. One that shows Illumio's values at its
    /// root, and none where the chart reads them, is not.
    fn may_take(&self, files: &Files<'s>, number: usize, depth: usize) -> bool {
        let root = files.whole(number).ok().and_then(Text::root);
        let Some(root) = root.filter(|_| depth > 0) else { return true };
        self.leads_into(root) || !shows_values(root)
    }

    /// Whether there is something where the chart reads the values of Illumio's, or null, for which Helm removes those
    /// that the chart has there by itself. (Helm documentation, Values Files, Deleting a default key)
    fn leads_into(&self, root: Node<'s>) -> bool {
        let is_null = |node: Node<'s>| node.scalar() == Some(Scalar::Null);
        let removes = |keys: &[String]| (1..=keys.len()).any(|depth| root.follow(&keys[..depth]).is_some_and(is_null));
        self.ways.iter().any(|way| root.follow(&way.keys).is_some_and(Node::is_mapping) || removes(&way.keys))
    }

    /// Whether a file among others of the checkout is the values of an umbrella chart, by what it holds.
    pub(crate) fn has_file(files: &Files<'s>, number: usize) -> bool {
        let root = files.whole(number).ok().and_then(Text::root);
        root.is_some_and(|root| Self::above(files, &[number]).is_some_and(|umbrella| umbrella.leads_into(root)))
    }
}

/// The file that describes the chart which has the one of a folder in its folder `charts`, if there is one.
fn outer_of(folder: &Folder) -> Option<Wanted> {
    folder.around_charts().map(|around| around.file(CHART))
}

/// That some files are not given to Helm, but part of a chart within another one: what that other one says decides.
pub(crate) fn part_of(files: &Files<'_>, given: &[usize]) -> Option<Finding> {
    let outer = |number: &usize| match files.find(&outer_of(&nearest(files, *number)?.0)?, usize::MAX) {
        Found::Here(outer) => Some((*number, outer)),
        _ => None,
    };
    let (number, outer) = given.iter().find_map(outer)?;
    let message = format!("the file belongs to a chart inside the one of {}, whose values decide", files.name(outer));
    let help = "take the step with that chart's values files; if a cluster is installed by this chart alone, write its \
                `cluster_id` here, and name the place with --path";
    let finding = Finding::new(Rule::ForeignValues, message).help(help).weighing(Severity::Error);
    Some(finding.doubting(Doubt::Foreign).in_file(files.name(number)))
}

/// Whether a file holds values with which chart-testing tries a chart, by its name and the folder of that. (chart-testing,
/// README, "ci": `*-values.yaml`)
pub(crate) fn is_test_of_chart(files: &Files<'_>, number: usize) -> bool {
    is_named_as_test(&files.path_from_top(number))
        && matches!(files.find(&Folder::above(files, number, 1).file(CHART), usize::MAX), Found::Here(_))
}

fn is_named_as_test(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    parts.next().is_some_and(|name| name.ends_with("-values.yaml")) && parts.next() == Some("ci")
}

/// The nearest folder with a chart in it, from that of a file upwards, and how far above it is; the folder to ask about
/// where that is not known yet. What is in a chart's templates is not its values, nor is what tests it.
fn nearest(files: &Files<'_>, number: usize) -> Option<(Folder, usize)> {
    const NO_VALUES: [&str; 3] = ["templates", "crds", "charts"];
    if files.name(number) == "-" || kind_by_name(files.name(number)).is_some() {
        return None;
    }
    let path = files.path_from_top(number);
    let parts: Vec<&str> = path.split('/').collect();
    let (_, folders) = parts.split_last()?;
    for depth in 0..=folders.len() {
        let folder = Folder::above(files, number, depth);
        match files.find(&folder.file(CHART), usize::MAX) {
            Found::Absent => {}
            Found::Unasked => return Some((folder, depth)),
            Found::Here(_) => {
                let first = depth.checked_sub(1).and_then(|up| folders.get(folders.len() - 1 - up));
                let is_test = depth == 1 && is_named_as_test(&path);
                let is_apart = first.is_some_and(|first| NO_VALUES.contains(first)) || is_test;
                return Some((folder, depth)).filter(|_| !is_apart);
            }
        }
    }
    None
}

/// Whether a list of dependencies has Illumio's chart in it.
pub(crate) fn lists_illumio(root: Node<'_>) -> bool {
    Listed::all(root, None).iter().any(Listed::is_ours)
}

struct Walk<'w, 's> {
    files: &'w Files<'s>,
    given: &'w [usize],
    left: usize,
    ways: Vec<Way<'s>>,
    wanted: Vec<Wanted>,
}

impl<'s> Walk<'_, 's> {
    /// Whether a chart is the one of Illumio: a chart that only has its name brings that one.
    fn is_illumio(&mut self, folder: &Folder) -> bool {
        let Some(chart) = self.root(folder, CHART).filter(|chart| chart.str_at("name") == Some(USUAL)) else {
            return false;
        };
        let requirements = self.root(folder, REQUIREMENTS);
        !Listed::all(chart, requirements).iter().any(Listed::is_ours)
    }

    /// Goes through a chart that only has the name of Illumio's and brings that; whether it is one.
    fn goes_through(&mut self, folder: &Folder, way: &Way<'s>) -> bool {
        let before = self.ways.len();
        let is_wrapper = self.root(folder, CHART).is_some() && !self.is_illumio(folder);
        if is_wrapper {
            self.chart(folder, way);
        }
        self.ways.len() > before
    }

    /// Goes through a chart that a way leads to.
    fn chart(&mut self, folder: &Folder, way: &Way<'s>) {
        if self.left == 0 || way.keys.len() > DEEPEST {
            return;
        }
        self.left -= 1;
        let Some(chart) = self.root(folder, CHART) else { return };
        let requirements = self.root(folder, REQUIREMENTS);
        let own = self.own(folder, &way.keys);
        let layers: Vec<Layer<'s>> = own.into_iter().chain(way.layers.iter().cloned()).collect();
        let all = Listed::all(chart, requirements);
        let imports = Import::all(&all);
        for listed in &all {
            let mut keys = way.keys.clone();
            keys.push(listed.key.to_owned());
            let mut next = Way { keys, pin: listed.pin(), layers: layers.clone(), ..way.clone() };
            next.switches.extend(switch_of(listed, &way.keys));
            let inner = self.inner(folder, listed);
            if listed.is_ours() && !self.goes_through(&inner, &next) {
                self.fetched(folder, listed, &inner, &mut next);
                self.imported(folder, &imports, &mut next);
                next.unpinned = listed.unpinned().filter(|_| next.pin.is_none());
                self.ways.push(next);
            } else if !listed.is_ours() {
                self.chart(&inner, &next);
            }
        }
        // Helm installs what is in `charts`, whether it is listed or not
        let unlisted = folder.to(&format!("charts/{USUAL}"));
        if !all.iter().any(|listed| listed.name == USUAL)
            && let Some(chart) = self.root(&unlisted, CHART)
        {
            let mut keys = way.keys.clone();
            keys.push(USUAL.to_owned());
            let pin = chart.get("version").map(|version| Pin { elsewhere: Pin::OF_UMBRELLA, ..Pin::at(version) });
            let mut next = Way { keys, pin, layers, ..way.clone() };
            if !self.goes_through(&unlisted, &next) {
                self.own_default(&unlisted, false, &mut next);
                self.ways.push(next);
            }
        }
    }

    /// Where the chart of a dependency is: in the folder `charts`, as a folder or an archive, which is what Helm
    /// installs; else where it would be fetched from.
    fn inner(&mut self, folder: &Folder, listed: &Listed<'s>) -> Folder {
        let unpacked = folder.to(&format!("charts/{}", listed.name));
        match self.files.find(&unpacked.file(CHART), usize::MAX) {
            Found::Here(_) => return unpacked,
            Found::Unasked => {
                self.wanted.push(unpacked.file(CHART));
                return unpacked;
            }
            Found::Absent => {}
        }
        let wanted = Wanted::Fetched { by: Box::new(folder.file(CHART)), name: listed.name.to_owned() };
        let Some(archives) = self.files.answer_to(&wanted).map(<[usize]>::to_vec) else {
            self.wanted.push(wanted);
            return unpacked;
        };
        let range = listed.pin().map(|pin| pin.text).unwrap_or_default();
        let fits = |number: &&usize| {
            let version = self.files.whole(**number).ok().and_then(Text::root).and_then(|chart| chart.get("version"));
            version.is_some_and(|version| range::fits(&range, &Pin::at(version).text) == Some(true))
        };
        let archive =
            archives.iter().find(fits).or(archives.first()).map(|number| Folder::above(self.files, *number, 0));
        archive.or_else(|| listed.beside(folder)).unwrap_or(unpacked)
    }

    /// What a chart says by itself, below these keys of the one that is installed.
    fn own(&mut self, folder: &Folder, under: &[String]) -> Option<Layer<'s>> {
        let wanted = folder.file(VALUES);
        let (number, values) = match self.files.find(&wanted, usize::MAX) {
            Found::Here(number) => (number, self.values_of(number)),
            Found::Absent => self.unread(folder, &wanted)?,
            Found::Unasked => {
                self.wanted.push(wanted);
                return None;
            }
        };
        if self.given.contains(&number) {
            return None;
        }
        let name = match &wanted {
            Wanted::InRepository { path, .. } => path,
            _ => self.files.name(number),
        };
        let shown = format!("`{}`", name.escape_debug());
        let named = Named { wanted: Some(wanted), is_optional: true, is_of_chart: true, ..Named::only(shown, 0..0) };
        let named = Some(Box::new(named));
        Some(Layer { named, under: under.to_vec(), ..Layer::own((0, 0), number, values) })
    }

    fn values_of(&self, number: usize) -> Values<'s> {
        match self.files.whole(number) {
            Ok(text) => Values::Mapping { text, path: Vec::new(), node: text.root().filter(|root| root.is_mapping()) },
            Err(finding) => Values::Broken(finding),
        }
    }

    /// What a chart says by itself that is there, and is another at the revision that counts; with the file that describes
    /// the chart.
    fn unread(&self, folder: &Folder, values: &Wanted) -> Option<(usize, Values<'s>)> {
        let left = self.files.left(values).filter(|left| left.is_likely)?;
        let Found::Here(chart) = self.files.find(&folder.file(CHART), usize::MAX) else { return None };
        Some((chart, Values::Unread(Some(left.reason.clone()))))
    }

    /// The root of a file of a chart; nothing where it is not there, or cannot be read.
    fn root(&mut self, folder: &Folder, name: &str) -> Option<Node<'s>> {
        let wanted = folder.file(name);
        match self.files.find(&wanted, usize::MAX) {
            Found::Here(number) => self.files.whole(number).ok()?.root(),
            Found::Absent => None,
            Found::Unasked => {
                self.wanted.push(wanted);
                None
            }
        }
    }
}

/// Those of a dependency of the chart at these keys; nothing where it has none. (Helm documentation, Charts, Tags and
/// Condition fields: a path is one in the values of the chart that lists it, and tags are those of the top.)
fn switch_of(listed: &Listed<'_>, under: &[String]) -> Option<Switch> {
    let paths = listed.item.str_at("condition").unwrap_or_default().trim().split(',').filter(|path| !path.is_empty());
    let conditions = paths.map(|path| under.iter().cloned().chain(keys(path)).collect()).collect();
    let tags = listed.item.get("tags").into_iter().flat_map(Node::items);
    // YAML reads `y` as a boolean, as a name as well
    let name = |tag: Node<'_>| match tag.scalar()? {
        Scalar::Bool(value) => Some(value.to_string()),
        Scalar::Text(text) => Some(text.to_owned()),
        _ => None,
    };
    let tags: Vec<String> = tags.filter_map(name).collect();
    let switch = Switch { name: listed.key.to_owned(), conditions, tags };
    (!switch.conditions.is_empty() || !switch.tags.is_empty()).then_some(switch)
}
