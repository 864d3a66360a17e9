//! [`Settings`]: which PCE, as whom.

use std::{env, time::Duration};

use helm_clas::ClusterValues;

use crate::args::described::called;
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
            return Err(Failure::new("the API key has a blank or a control character in it")
                .help("look at ILLUMIO_API_KEY_USERNAME and ILLUMIO_API_KEY_SECRET: did a line break come along?"));
        }
        let named = options.host.as_deref().and_then(given).map(|host| authority(&host)).transpose()?;
        let of_values = values.pce_url.as_deref().map(authority).transpose();
        let mut remarks = Vec::new();
        if let (Some(named), Ok(Some(of_values))) = (&named, &of_values)
            && !named.eq_ignore_ascii_case(of_values)
        {
            remarks.push(format!("note: asking the PCE {named}, though pce_url of the values names {of_values}\n"));
        }
        let host = match named {
            Some(host) => host,
            None if !values.several.is_empty() => return Err(several(values)),
            None => of_values?.ok_or_else(|| {
                Failure::new("the PCE is not named")
                    .help("give its host and port with --pce-host or ILLUMIO_PCE_HOST, or the values file with -f")
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
            remarks.push(format!("note: asking about organisation {named}, though cluster_token is of {of_values}\n"));
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

    /// The same where nothing can be done without a PCE.
    pub(crate) fn required(options: &PceOptions, values: &ClusterValues) -> Result<Self, Failure> {
        Self::of(options, values)?.ok_or_else(|| {
            Failure::new("no API key of the PCE is given")
                .help("set ILLUMIO_API_KEY_USERNAME (`api_...`) and ILLUMIO_API_KEY_SECRET")
        })
    }
}
