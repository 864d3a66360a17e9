//! Files that manifests name by templates whose result is not known here: whichever fit may be given to a release.

use super::charts::for_each_chart;
use crate::{
    chart::MODE_KEY,
    files::{Files, generated_files},
    graph::is_kustomization,
    rendered::{MayTake, Why},
    yaml::Node,
};

/// The files that a kustomization makes objects of, which a release may take values from.
fn generated(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    let entries = files.roots(number).flat_map(generated_files);
    let may = |(entry, path): (Node<'_>, &str)| {
        let names = vec![format!(":./{path}")];
        MayTake::of_template(Why::Generated, path.to_owned(), entry.span(), names, Vec::new())
    };
    entries.map(may).collect()
}

/// The files that the charts of a manifest may take by such names.
pub(crate) fn taken_by_template(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    let bytes = files.source(number).bytes;
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    if has("Generator") && is_kustomization(files.name(number)) {
        return generated(files, number);
    }
    let is_asked = ["argoproj.io", "helm.toolkit.fluxcd.io", "applicationsets"].into_iter().any(has)
        && ["{{", "$"].into_iter().any(has);
    let mut found = Vec::new();
    if !is_asked {
        return found;
    }
    for_each_chart(files, number, |chart, _| {
        let says_mode = chart.at.source().contains(MODE_KEY);
        for template in chart.templates() {
            let why = if template.is_last && !says_mode { Why::Template } else { Why::UnderTemplate };
            let (names, of_chart) = if template.is_of_chart {
                (Vec::new(), vec![template.path])
            } else {
                (vec![template.path], Vec::new())
            };
            let said = template.node.str().unwrap_or_default().to_owned();
            found.push(MayTake::of_template(why, said, template.node.span(), names, of_chart));
        }
    });
    found
}
