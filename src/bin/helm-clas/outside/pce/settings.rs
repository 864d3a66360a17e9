//! [`Settings`]: which PCE, as whom.

use std::{env, time::Duration};

use helm_clas::ClusterValues;

use crate::{args::PceOptions, failure::Failure};

/// The name of the variable that holds the secret. There is no option for it: options stand in the list of processes.
pub(super) const SECRET: &str = "ILLUMIO_API_KEY_SECRET";

/// Which PCE, as whom. Not printable, since it holds the secret.
pub(crate) struct Settings {
    /// Host and port.
    pub(super) host: String,
    pub(super) org: Option<String>,
    pub(super) user: String,
    pub(super) secret: String,
    pub(super) ca_file: Option<String>,
    pub(super) timeout: Duration,
    /// What the user should know of them.
    pub(super) remarks: Vec<String>,
}

impl Settings {
    /// What the options, the environment and the values say, in this order; nothing where no API key is given.
    pub(crate) fn of(options: &PceOptions, values: &ClusterValues) -> Result<Option<Self>, Failure> {
        let secret = env::var(SECRET).ok().as_deref().and_then(given);
        let user = options.user.as_deref().and_then(given);
        let (user, secret) = match (user, secret) {
            (None, None) => return Ok(None),
            (Some(_), None) => {
                return Err(Failure::new(format!("{SECRET} is not set")).help(
                    "it holds the secret of the API key; ILLUMIO_API_KEY_USERNAME (or --pce-user) names the key",
                ));
            }
            (None, Some(_)) => {
                return Err(Failure::new("ILLUMIO_API_KEY_USERNAME is not set").help(
                    "it names the API key (`api_...`), as --pce-user does; ILLUMIO_API_KEY_SECRET holds its secret",
                ));
            }
            (Some(user), Some(secret)) => (user, secret),
        };
        if !secret.bytes().chain(user.bytes()).all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::new("the API key contains a space or a control character").help(
                "check ILLUMIO_API_KEY_USERNAME and ILLUMIO_API_KEY_SECRET: does one of them end with a line \
                       break?",
            ));
        }
        let named = options.host.as_deref().and_then(given).map(|host| authority(&host)).transpose()?;
        let of_values = values.pce_url.as_deref().map(authority).transpose();
        let mut remarks = Vec::new();
        if let (Some(named), Ok(Some(of_values))) = (&named, &of_values)
            && !named.eq_ignore_ascii_case(of_values)
        {
            remarks.push(format!("note: asking the PCE {named}, although pce_url of the values names {of_values}\n"));
        }
        let host = match named {
            Some(host) => host,
            None if !values.several.is_empty() => return Err(several(values)),
            None => of_values?.ok_or_else(|| {
                Failure::new("no PCE is given")
                    .help("pass its host and port with --pce-host or ILLUMIO_PCE_HOST, or the values file with -f")
            })?,
        };
        let org = options.org.as_deref().and_then(given);
        if let Some(org) = org.as_deref().filter(|org| !org.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(Failure::new(format!("`{}` is not the number of an organisation", org.escape_debug()))
                .help("ILLUMIO_PCE_ORG_ID or --pce-org is a number, such as 1"));
        }
        if let (Some(named), Some(of_values)) = (&org, &values.org)
            && named != of_values
        {
            remarks.push(format!(
                "note: asking about organisation {named}, although cluster_token belongs to \
                                  {of_values}\n"
            ));
        }
        Ok(Some(Self {
            host,
            org: org.or_else(|| values.org.clone()),
            user,
            secret,
            ca_file: options.ca_file.as_deref().and_then(given),
            timeout: options.timeout,
            remarks,
        }))
    }

    /// Whether an API key is given.
    pub(crate) fn has_key(options: &PceOptions) -> bool {
        let secret = env::var(SECRET).ok().as_deref().and_then(given);
        secret.is_some() && options.user.as_deref().and_then(given).is_some()
    }

    /// The same where the user knows already.
    pub(crate) fn without_remarks(self) -> Self {
        Self { remarks: Vec::new(), ..self }
    }

    /// The same where nothing can be done without a PCE.
    pub(crate) fn required(options: &PceOptions, values: &ClusterValues) -> Result<Self, Failure> {
        Self::of(options, values)?.ok_or_else(|| {
            Failure::new("no API key of the PCE is given")
                .help("set ILLUMIO_API_KEY_USERNAME (`api_...`) and ILLUMIO_API_KEY_SECRET")
        })
    }
}

/// The failure where a manifest holds several clusters, and it is not known which one is meant.
pub(crate) fn several(values: &ClusterValues) -> Failure {
    Failure::new("the file has several clusters, and none was named")
        .help(format!("name one with --path: {}", values.several.join(", ")))
}

/// A variable that is set to nothing counts as not set.
fn given(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Host and port of `host:port` or `https://host:port`, as the vendor's Terraform provider takes them.
pub(crate) fn authority(text: &str) -> Result<String, Failure> {
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
    Err(Failure::new(format!("the PCE `{shown}` {what}"))
        .help("write it as pce.example.com:8443: HTTPS only, without a login or a path"))
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
