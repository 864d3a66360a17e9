//! The files beside a source of Argo CD that change it: `.argocd-source.yaml` and `.argocd-source-NAME.yaml`.

use crate::{
    chart::{MODE_KEY, secrets::masked},
    controller::{Chart, chart::plain},
    files::{Found, Wanted},
    finding::{Doubt, Finding, Severity},
    release::{Layer, Rank, Release, Says, Values},
    rule::Rule,
};

/// The files in the folder of a source that change the source, for all Applications and for one. (Argo CD
/// documentation, Parameter Overrides, "Store Overrides In Git"; reposerver/repository/repository.go,
/// `mergeSourceParameters`.)
pub(super) fn sources_beside(chart: &Chart<'_, '_>) -> Vec<Wanted> {
    let name = chart.str(chart.controller.called).map(|name| chart.filled(name));
    let names = [Some(".argocd-source.yaml".to_owned()), name.as_deref().and_then(plain).map(source_for)];
    names.into_iter().flatten().filter_map(|name| chart.beside_chart(&name)).collect()
}

/// The name of that file for one Application.
fn source_for(name: &str) -> String {
    format!(".argocd-source-{name}.yaml")
}

/// How the files beside a source rank: above everything that it says.
const ABOVE: usize = 1 << 16;

/// The layers of those files: each is merged into the source, a list or a text in place of the one before.
pub(super) fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let wanted = sources_beside(chart);
    let mut layers: Vec<Layer<'s>> = unlooked(chart, &wanted).into_iter().collect();
    for (number, wanted) in wanted.into_iter().enumerate() {
        let Found::Here(file) = chart.files.find(&wanted, chart.root.text.file) else { continue };
        let shown = format!("`{}`", chart.files.name(file).escape_debug());
        let unread = |level: u8| Layer::doubtful((level, ABOVE + number), chart.at, &shown);
        let Ok(text) = chart.files.whole(file) else {
            layers.push(unread(u8::MAX));
            continue;
        };
        let Some(root) = text.root() else { continue };
        let over = Chart::new(chart.files, chart.controller, root, root);
        let names: Vec<&str> = chart.below.iter().map(String::as_str).chain([MODE_KEY]).collect();
        for layer in over.own_layers() {
            let is_silent = !matches!(layer.says(&names), Says::Is(_));
            let is_merged = matches!(&layer.values, Values::Mapping { text, .. } if std::ptr::eq(*text, root.text));
            let rank = (layer.rank.0, ABOVE + number);
            // what it takes the place of is not known to be there any more
            let layer = if is_silent && !is_merged { unread(layer.rank.0) } else { layer };
            layers.push(Layer { rank, ..layer });
        }
        layers.extend(over.get("helm.valueFiles").map(|_| unread(0)));
    }
    layers
}

/// Whether a layer is of those files.
pub(super) fn is_beside(layer: &Layer<'_>) -> bool {
    layer.is_own() && layer.rank.1 >= ABOVE
}

/// The rank of what fills in a template: the files beside the source are merged into the result.
pub(super) fn strongest(release: &Release<'_>) -> Rank {
    let filled = release.layers.iter().filter(|layer| !is_beside(layer));
    filled.map(|layer| layer.rank).max().unwrap_or_default()
}

/// That some of those files could not be looked for, and may say another mode. Few Applications have any: where nothing
/// points to one, that is a warning.
fn unlooked<'s>(chart: &Chart<'_, 's>, wanted: &[Wanted]) -> Option<Layer<'s>> {
    let file = chart.root.text.file;
    let is_unlooked = |wanted: &&Wanted| {
        let is_piped = || chart.files.name(file) == "-" && chart.files.find(wanted, file) == Found::Unasked;
        chart.files.left(wanted).is_some() || is_piped()
    };
    let unlooked: Vec<&Wanted> = wanted.iter().filter(is_unlooked).collect();
    let reason = chart.files.left(unlooked.first()?).map(|left| format!(", {}", left.reason)).unwrap_or_default();
    let is_likely = unlooked.iter().any(|wanted| chart.files.left(wanted).is_some_and(|left| left.is_likely));
    let (mut names, mut folder, mut repository) = (Vec::new(), "", "the repository");
    for wanted in unlooked {
        let Wanted::InRepository { url, path, .. } = wanted else { continue };
        names.push(format!("`{}`", path.escape_debug()));
        folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        repository = url.as_deref().unwrap_or(repository);
    }
    let message = format!(
        "a file that Argo CD merges into this source may set another mode, and could not be read: {}{reason}",
        names.join(", ")
    );
    let help = format!(
        "run it in a checkout of {}, or name a file in its folder `{}` after the manifest, -f MANIFEST -f FILE",
        masked(repository).escape_debug(),
        folder.escape_debug()
    );
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).at(chart.get("path")?.span());
    let finding = if is_likely { finding.doubting(Doubt::Elsewhere) } else { finding.weighing(Severity::Warning) };
    Some(Layer::own((u8::MAX, ABOVE), chart.root.text.file, Values::Hidden(finding)))
}

/// Puts over a release of a generator the file that is for its Application alone.
pub(super) fn take_own<'s>(chart: &Chart<'_, 's>, release: &mut Release<'s>) {
    let of_template = chart.str(chart.controller.called);
    let called = release.id.called.as_deref().and_then(plain).filter(|name| of_template != Some(name));
    let Some(wanted) = called.and_then(|name| chart.beside_chart(&source_for(name))) else { return };
    let found = chart.files.answer_to(&wanted).map(<[usize]>::first);
    let layer = match found.unwrap_or_default() {
        Some(file) => {
            let shown = format!("`{}`", chart.files.name(*file).escape_debug());
            Some(Layer::doubtful((u8::MAX, ABOVE), chart.at, &shown))
        }
        None => unlooked(chart, std::slice::from_ref(&wanted)).filter(|_| found.is_none()),
    };
    release.layers.extend(layer);
    release.more.push(wanted);
}
