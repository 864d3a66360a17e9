//! Parameters of pipelines that choose the cluster of a job: `${{ inputs.cluster }}`, `<< parameters.context >>`. The person or
//! the job that calls it gives them.

use std::ops::Range;

/// What begins an expression in a pipeline. (GitHub and Azure; `CircleCI`; GitLab)
const OPEN: [&str; 3] = ["${{", "<<", "$[["];

/// What a parameter is called in one: GitHub and GitLab; Azure and `CircleCI`; Jenkins.
const PARAMETERS: [&str; 3] = ["inputs.", "parameters.", "params."];

/// What the name of a parameter, or what it is given to, holds where that chooses a cluster.
const OF_CLUSTERS: [&str; 7] = ["cluster", "context", "kube", "environ", "tenant", "region", "credential"];

/// The same, as a whole word.
const ALONE: [&str; 5] = ["env", "stage", "site", "target", "location"];

/// What chooses a cluster, as a sentence names it, with its bytes in the file.
type Chosen = (String, Range<usize>);

/// The parameter that chooses the cluster of a job, whose bytes in the file are these.
pub(in crate::rendered) fn of_job(source: &str, job: Range<usize>) -> Option<Chosen> {
    chosen(source, job, |before| OPEN.iter().any(|open| before.contains(open)))
}

/// That of a pipeline of Jenkins, or the axes that it is run for.
pub(super) fn of_groovy(source: &str) -> Option<Chosen> {
    let matrix = source.find("axes").filter(|at| source[..*at].contains("matrix") && source.contains("axis"));
    let matrix = matrix.map(|at| ("the matrix of this pipeline".to_owned(), at..at + "axes".len()));
    matrix.or_else(|| chosen(source, 0..source.len(), |_| true))
}

fn chosen(source: &str, job: Range<usize>, is_open: impl Fn(&str) -> bool) -> Option<Chosen> {
    let mut at = job.start;
    for line in source.get(job)?.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim_start().starts_with(['#', '/']) {
            continue;
        }
        for found in PARAMETERS.iter().flat_map(|word| line.match_indices(word)) {
            let before = &line[..found.0];
            let from = found.0 + found.1.len();
            let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
            let length = line[from..].find(|c| !is_of_name(c)).unwrap_or(line.len() - from);
            let name = &line[from..from + length];
            let is_whole = !before.ends_with(is_of_name);
            if is_whole && is_open(before) && (chooses(name) || chooses(given_to(before))) {
                let at = start + found.0..start + from + length;
                return Some((format!("the parameter `{name}`"), at));
            }
        }
    }
    None
}

/// What an expression is given to: the last word before it, a key or an option.
fn given_to(before: &str) -> &str {
    let before = OPEN.iter().filter_map(|open| before.rfind(open)).max().map_or(before, |open| &before[..open]);
    let before = before.trim_end_matches([' ', '"', '\'', '=', ':', '(', '[']);
    before.rsplit([' ', '\t', '{', ',', '"', '\'', '(', '[']).next().unwrap_or(before)
}

/// Whether a name is one of what chooses a cluster.
pub(in crate::rendered) fn chooses(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    OF_CLUSTERS.iter().any(|word| name.contains(word)) || words.any(|word| ALONE.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(job: &str, expected: Option<&str>) {
        let found = of_job(job, 0..job.len()).map(|(_, at)| job[at].to_owned());
        assert_eq!(found.as_deref(), expected, "{job}");
    }

    #[test]
    fn a_parameter_that_chooses_a_cluster_is_known_by_its_name_or_its_place() {
        check("- run: az aks get-credentials --name ${{ inputs.cluster }}", Some("inputs.cluster"));
        check("  with: {cluster-name: \"${{ inputs.name }}\"}", Some("inputs.name"));
        check("environment: ${{ github.event.inputs.where }}", Some("inputs.where"));
        check("- run: kubectx << parameters.context >>", Some("parameters.context"));
        check("stage: ${{ parameters.env }}", Some("parameters.env"));
        check("- helm upgrade x y --kube-context $[[ inputs.to ]]", Some("inputs.to"));
        for other in [
            "# ${{ inputs.cluster }}",
            "- run: helm upgrade x y --version ${{ inputs.version }}",
            "if: inputs.cluster == 'east'",
            "ref: ${{ inputs.ref }}",
            "- run: echo ${{ matrix.cluster }}",
        ] {
            check(other, None);
        }
        assert!(of_groovy("node { sh \"kubectx ${params.CLUSTER}\" }").is_some());
        assert!(of_groovy("pipeline { stage('x') { sh \"helm ${params.VERSION}\" } }").is_none());
    }
}
