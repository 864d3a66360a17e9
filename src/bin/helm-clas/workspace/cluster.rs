//! What the values files that a person names say of their cluster.

use helm_clas::{ClusterValues, Texts};

use super::Workspace;
use crate::{args::described::called, failure::Failure};

/// What the values files of a cluster say of it, or a manifest with those that it takes values from, of which `path` tells
/// where in them.
pub(crate) fn cluster_values(names: &[String], path: Option<&str>) -> Result<ClusterValues, Failure> {
    let texts = Texts::new();
    let values = Workspace::open(&texts, names, path)?.cluster_values(path, &[]).map_err(|finding| {
        let file = finding.file.as_deref().unwrap_or("the values");
        Failure::new(format!("{file} cannot be read: {}", finding.message))
            .help(format!("`{} check FILE` shows where", called()))
    })?;
    if values.several.is_empty() { Ok(values) } else { Err(several(&values)) }
}

/// The failure where a manifest holds several clusters, and which is meant is not told.
fn several(values: &ClusterValues) -> Failure {
    Failure::new("which of the clusters in the file is meant cannot be told")
        .help(format!("name one with --path: {}", values.several.join(", ")))
}

/// A variable that is set to nothing counts as not set.
fn given(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Host and port of `host:port` or `https://host:port`, as the vendor's Terraform provider takes them.
pub(super) fn authority(text: &str) -> Result<String, Failure> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let host = rest.trim_end_matches('/');
    let is_secure = scheme.eq_ignore_ascii_case("https");
    let uri = format!("https://{host}/").parse::<ureq::http::Uri>().ok();
    let is_plain = uri.as_ref().and_then(ureq::http::Uri::authority).is_some_and(|found| {
        found.as_str() == host && !found.host().is_empty() && !host.contains('@') && !host.ends_with(':')
    });
    if is_secure && is_plain {
        return Ok(host.to_owned());
    }
    // a login may stand in it
    let shown = helm_clas::chart::secrets::masked(text).escape_debug().to_string();
    let what = if is_secure { "is not a host and port" } else { "is not reached over HTTPS" };
    Err(Failure::new(format!("the PCE `{shown}` {what}")).help(
        "write it as pce.example.com:8443; a PCE is only spoken to over HTTPS, without a login or a path in its name",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(authority(text).ok().as_deref(), expected);
    }

    #[test]
    fn a_pce_is_a_host_and_a_port() {
        check("pce.example.com:8443", Some("pce.example.com:8443"));
        check("https://pce.example.com:8443/", Some("pce.example.com:8443"));
        check("HTTPS://pce", Some("pce"));
        check("[::1]:8443", Some("[::1]:8443"));
        for text in
            ["http://pce", "pce/api", "me:pw@pce", "pce:", "a b", "", "https://", "pce?x", "pce#x", "pce\n", ":8443"]
        {
            check(text, None);
        }
    }
}
