//! A chart that a manifest names by its folder in the checkout, where that brings Illumio's: an umbrella chart.

use super::{
    Chart, Controller, Generated,
    chart::{OfUmbrella, is_in_reach, plain},
    element::Elements,
};
use crate::{
    files::{Files, Folder, Wanted, cleaned, joined},
    finding::{Doubt, Finding},
    procedure::Deployer,
    release::{Layer, Named},
    rule::Rule,
    umbrella::{CHART, Umbrella, VALUES, Way},
    yaml::Node,
};

impl<'f, 's> Chart<'f, 's> {
    /// The charts that a manifest names in one place: one, unless that is an umbrella chart which brings Illumio's
    /// several times.
    pub(crate) fn all(
        files: &'f Files<'s>,
        controller: &'static Controller,
        root: Node<'s>,
        at: Node<'s>,
    ) -> Vec<Self> {
        Self::new(files, controller, root, at).parted()
    }

    /// The same chart, once for each way on which Illumio's comes into it, where it is a folder of the checkout.
    fn parted(self) -> Vec<Self> {
        let source = (self.controller.rest.repository_object)(&self);
        if let Some(source) = source.filter(|source| self.files.objects().held(source).is_empty()) {
            let wanted = vec![Wanted::Object(source)];
            return vec![Self { wanted, ..self }];
        }
        let is_open = |path: &str| self.str(path).is_some_and(|text| self.filled(text).contains("{{"));
        let is_filled_in = || if self.is_in_git() { is_open("path") } else { is_open("chart") };
        let generated = self.controller.rest.generated.filter(|_| self.element.is_none() && is_filled_in());
        if let Some(generated) = generated {
            return self.of_elements(generated);
        }
        let Some(folder) = self.folder() else { return vec![self.asking_for_charts()] };
        let elsewhere = self.elsewhere(&folder);
        // its values show where those of Illumio's are, and a chart that is another one shows nothing
        if elsewhere.is_some() && !self.below.is_empty() {
            return vec![self.asking_for_charts()];
        }
        let folder = elsewhere.as_ref().map_or(folder, |(here, _)| here.clone());
        let Umbrella { mut ways, wanted, .. } = Umbrella::of(self.files, folder.clone(), &[]);
        for way in &mut ways {
            way.findings.extend(elsewhere.iter().map(|(_, finding)| finding.clone()));
        }
        let is_one_of_several = ways.len() > 1;
        let wanted = [&self.wanted[..], &wanted].concat();
        if ways.is_empty() {
            // of a folder in Git what the chart says is read as a file of it
            let (is_own_folder, own, more) = Umbrella::of_illumio(self.files, &folder, &[]);
            let own_values = own.filter(|_| !self.is_in_git()).or_else(|| self.unread_chart(&folder));
            let manifests = self.manifests_wanted().filter(|_| self.is_named_so());
            let wanted = wanted.into_iter().chain(more).chain(manifests).collect();
            let below = if is_own_folder { Vec::new() } else { self.below.clone() };
            return vec![Self { below, own_values, is_own_folder, wanted, ..self }];
        }
        // Flux takes the files that the release names in place of the chart's own
        let replaces_own = self.replaces_own();
        let without_own = |mut way: Way<'s>| {
            way.layers.retain(|layer| !replaces_own || !layer.under.is_empty());
            way
        };
        let of_way = |way: Way<'s>| Self {
            below: way.keys.clone(),
            umbrella: Some(OfUmbrella { way, folder: folder.clone(), is_one_of_several }),
            wanted: wanted.clone(),
            ..self.clone()
        };
        ways.into_iter().map(without_own).map(of_way).collect()
    }

    /// The folder of this checkout at the path of one in a repository, where the chart in that is another one than here, or
    /// may be; and that it is so.
    fn elsewhere(&self, folder: &Folder) -> Option<(Folder, Finding)> {
        let Folder::InRepository { path, .. } = folder else { return None };
        let left = self.files.left(&folder.file(CHART)).filter(|left| left.is_likely)?;
        let message = format!("the chart {} is {}", path.escape_debug(), left.reason);
        let help = "take the step where it is deployed from";
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
        let source = self.folder_in_git()?;
        let finding = finding.at(source.span()).in_file(self.files.name(self.root.text.file));
        Some((Folder::Here(self.files.named(path)), finding))
    }

    /// What a chart says by itself that is there, and not read.
    fn unread_chart(&self, folder: &Folder) -> Option<Layer<'s>> {
        let wanted = folder.file(CHART);
        let is_there = self.files.left(&wanted).is_some_and(|left| left.is_likely) && !self.is_in_git();
        let name = self.controller.chart.first().and_then(|path| self.inherited(path)).filter(|_| is_there)?;
        let shown = format!("`{}/{VALUES}`", folder.shown()?.escape_debug());
        let named =
            Named { wanted: Some(wanted), is_optional: true, is_of_chart: true, ..Named::only(shown, name.span()) };
        Some(self.looked_up((0, 0), named, None))
    }

    /// The chart of each element of an ApplicationSet that brings Illumio's, where the element names its folder; the
    /// chart alone where none does, or what must be read first.
    fn of_elements(self, generated: Generated) -> Vec<Self> {
        let elements = match generated(&self) {
            Elements::Are(elements) => elements,
            Elements::Wanted(wanted) => return vec![Self { wanted, ..self }],
            Elements::Unknown => return vec![self.asking_for_charts()],
        };
        let of_element = |element| Self { element: Some(element), ..self.clone() }.parted();
        let mut charts: Vec<Self> = elements.into_iter().flat_map(of_element).collect();
        let wanted: Vec<Wanted> = charts.iter().flat_map(|chart| chart.wanted.iter().cloned()).collect();
        charts.retain(|chart| {
            chart.umbrella.is_some() || !chart.is_in_git() && chart.is_named_so() || chart.is_own_folder
        });
        if charts.is_empty() { vec![Self { wanted, ..self }.asking_for_charts()] } else { charts }
    }

    /// The same, where it is asked whether any folder is a chart that a template of a path may lead to.
    fn asking_for_charts(self) -> Self {
        let wanted = self.wanted.iter().cloned().chain(self.charts_wanted()).collect();
        Self { wanted, ..self }
    }

    /// The folder that the chart is: in a repository of Git, or beside the manifest. Helm, and what calls it, takes a
    /// name for that of a folder first.
    pub(in crate::controller) fn folder(&self) -> Option<Folder> {
        if self.is_in_git() {
            let path = cleaned(plain(&self.filled(self.folder_in_git()?.str()?))?);
            if !path.is_empty() && !is_in_reach(&path) {
                return None;
            }
            let Wanted::InRepository { url, revision, path } = self.in_repository("", path) else { return None };
            return Some(Folder::InRepository { url, revision, path });
        }
        let said = self.controller.chart.first().and_then(|path| self.inherited(path));
        let is_unsaid = said.is_none() && !self.controller.chart.iter().any(|path| self.get(path).is_some());
        if self.controller.rest.brings_own_folder && is_unsaid {
            return Some(Folder::Here(joined(self.manifest(), ".")));
        }
        if let Some(folder) = self.named_folder() {
            return Some(Folder::Here(self.path_of(plain(folder)?)));
        }
        let filled = self.filled(said?.str()?);
        let name = plain(&filled)?;
        if self.controller.deployer == Deployer::Kustomize {
            // one of a repository is fetched
            let is_beside = self.get("repo").or_else(|| self.get("chartRepoUrl")).is_none();
            let home = self.str("/helmGlobals.chartHome").or_else(|| self.str("chartHome")).unwrap_or("charts");
            let home = plain(home).filter(|_| is_beside)?;
            return Some(Folder::Here(joined(&self.beside(), &format!("{home}/{name}"))));
        }
        let is_local = name == "." || name.starts_with("./") || name.starts_with("../");
        let is_in_repository = || self.controller.chart.iter().skip(1).any(|path| self.get(path).is_some());
        let is_folder_first = || self.controller.rest.is_folder_first && !is_in_repository();
        (is_local || is_folder_first()).then(|| Folder::Here(self.path_of(name)))
    }

    /// The folder that is the chart, where the controller has a place for the name of one.
    pub(in crate::controller) fn named_folder(&self) -> Option<&'s str> {
        self.str(Some(self.controller.rest.folder).filter(|path| !path.is_empty())?)
    }
}
