//! One request over a [`Connection`], and its answer.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use ureq::{
    Agent, Body,
    http::{HeaderMap, HeaderValue, Response},
    unversioned::{
        resolver::DefaultResolver,
        transport::{ConnectProxyConnector, Connector as _, TcpConnector},
    },
};

use super::{
    Prefer, Settings,
    broken::Broken,
    connection::{Connection, MAX_BYTES},
    pause,
    proxy::proxy_for,
    role::{Deed, roles},
    settings::SECRET,
    tls::Tls,
};
use crate::failure::Failure;

/// How much longer than one answer may take to begin it may take to arrive.
const BODY_FACTOR: u32 = 20;

/// What is asked of the PCE.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask<'b> {
    /// To answer.
    Get(Prefer),
    /// To answer this query.
    Query(&'b str),
    /// To take these fields of an object.
    Put(&'b str),
}

impl Ask<'_> {
    /// The method of HTTP.
    const fn method(&self) -> &'static str {
        match self {
            Self::Get(_) => "GET",
            Self::Query(_) => "POST",
            Self::Put(_) => "PUT",
        }
    }
}

/// What the PCE answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// How many objects there are, of which the body may hold fewer.
    pub(super) total: Option<usize>,
    /// Where the job is that gathers the answer.
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<Duration>,
}

impl Connection {
    pub(super) fn new(settings: Settings) -> Result<Self, Failure> {
        let Settings { host, user, secret, ca_file, timeout, .. } = settings;
        let tls = Tls::new(ca_file.as_deref())?;
        let proxy = proxy_for(&host)?;
        let encoded = BASE64_STANDARD.encode(format!("{user}:{secret}"));
        let mut login = HeaderValue::from_str(&format!("Basic {encoded}"))
            .map_err(|_| Failure::new(format!("{SECRET} cannot be sent")))?;
        login.set_sensitive(true);
        let config = Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy.clone())
            .user_agent(concat!("helm-clas/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .timeout_connect(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout))
            .timeout_global(Some(timeout.saturating_mul(BODY_FACTOR)))
            .build();
        let connector = ().chain(ConnectProxyConnector::default()).chain(TcpConnector::default()).chain(tls);
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        let proxy = proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        Ok(Self { agent, host, proxy, ca_file, timeout, login, secrets: [secret, encoded] })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// One request; `path` is what follows `/api/v2`.
    pub(super) fn send(&self, path: &str, request: &Ask<'_>) -> Result<Answer, Broken> {
        crate::outside::shown(&format!("{} https://{}/api/v2{path}", request.method(), self.host()));
        self.send_once(path, request).map_err(|error| self.broken(error))
    }

    fn send_once(&self, path: &str, request: &Ask<'_>) -> Result<Answer, ureq::Error> {
        let address = format!("https://{}/api/v2{path}", self.host);
        let mut response = match request {
            Ask::Get(prefer) => self.get(&address, *prefer)?,
            Ask::Put(body) => self.put(&address, body)?,
            Ask::Query(body) => self.query(&address, body)?,
        };
        let number = |name| text_of(response.headers(), name).and_then(|text| text.trim().parse::<u32>().ok());
        let (total, seconds) = (number("x-total-count"), number("retry-after"));
        let location = text_of(response.headers(), "location").map(str::to_owned);
        Ok(Answer {
            status: response.status().as_u16(),
            total: total.and_then(|total| usize::try_from(total).ok()),
            location,
            retry_after: seconds.map(|seconds| Duration::from_secs(seconds.into())),
            body: response.body_mut().with_config().limit(MAX_BYTES).read_to_vec()?,
        })
    }

    fn get(&self, address: &str, prefer: Prefer) -> Result<Response<Body>, ureq::Error> {
        let request = self.agent.get(address).header("authorization", self.login.clone());
        match prefer {
            Prefer::Now => request.call(),
            Prefer::Job => request.header("prefer", "respond-async").call(),
        }
    }

    /// A query of traffic, which changes no policy and no enforcement.
    fn query(&self, address: &str, body: &str) -> Result<Response<Body>, ureq::Error> {
        let request = self.agent.post(address).header("authorization", self.login.clone());
        request.header("content-type", "application/json").send(body)
    }

    /// The one place that can change something on a PCE.
    fn put(&self, address: &str, body: &str) -> Result<Response<Body>, ureq::Error> {
        let request = self.agent.put(address).header("authorization", self.login.clone());
        request.header("content-type", "application/json").send(body)
    }

    /// Refuses an answer that is not one, and says what to do.
    pub(super) fn accepted(&self, path: &str, answer: &Answer) -> Result<(), Failure> {
        if answer.status == 200 { Ok(()) } else { Err(self.refused(path, answer, Deed::Read)) }
    }

    /// The same of the answer to a change: it may be empty.
    pub(super) fn taken(&self, path: &str, answer: &Answer) -> Result<(), Failure> {
        if matches!(answer.status, 200 | 204) { Ok(()) } else { Err(self.refused(path, answer, Deed::Change)) }
    }

    fn refused(&self, path: &str, answer: &Answer, deed: Deed) -> Failure {
        let host = &self.host;
        let said = self.said(&answer.body);
        // the rest is a filter
        let path = path.split('?').next().unwrap_or_default();
        let refused = |what: String, help: &'static str| Failure::new(what).help(help);
        let verb = if deed == Deed::Read { "read" } else { "change" };
        match answer.status {
            401 => refused(
                format!("the PCE {host} does not accept the API key (401)"),
                "check ILLUMIO_API_KEY_USERNAME (`api_...`, or --pce-user) and ILLUMIO_API_KEY_SECRET: do they belong \
                 to this PCE, are they complete and not expired?",
            ),
            403 => refused(
                format!(
                    "the API key may not {verb} {path} of the PCE {host} (403){said}; it needs the role {}",
                    roles(path, deed)
                ),
                "give the key's owner this role, and check that --pce-org is its organisation",
            ),
            404 => refused(
                format!("the PCE {host} has no {path} (404){said}"),
                "check that the organisation (--pce-org) and cluster_id belong to this PCE; older PCEs do not have \
                 everything",
            ),
            406 => refused(
                format!("the PCE {host} does not accept the request {path} (406){said}"),
                "this is a bug of helm clas, or a PCE that it does not know: please report it with the version of the \
                 PCE",
            ),
            429 => refused(
                format!("the PCE {host} limits requests and rejected this one (429){said}"),
                "wait a few minutes; requests of other clients count toward the limit",
            ),
            300..=399 => refused(
                format!("the PCE {host} redirects to another address ({})", answer.status),
                "name that address with --pce-host; the API key is sent only to the host you name",
            ),
            407 => refused(
                format!("the proxy needs a login ({})", answer.status),
                "put it into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT",
            ),
            status @ 500..=599 => refused(
                format!("the PCE {host} failed at {path} ({status}){said}"),
                "check the PCE's health page, and try again later",
            ),
            status => refused(
                format!("the PCE {host} answered {path} with the status {status}{said}"),
                "is this host and port the PCE's API?",
            ),
        }
    }

    /// What the PCE says of a refusal: its tokens and messages, or the text as it is.
    fn said(&self, body: &[u8]) -> String {
        const LONGEST: usize = 1 << 16;
        #[derive(Deserialize)]
        struct Word {
            #[serde(default)]
            token: String,
            #[serde(default)]
            message: String,
        }
        let body = &body[..body.len().min(LONGEST)];
        let text = match serde_json::from_slice::<Vec<Word>>(body) {
            Ok(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("{}: {}", word.token, word.message)).collect();
                words.join("; ")
            }
            Err(_) => String::from_utf8_lossy(body).into_owned(),
        };
        let text = self.clean(&text);
        if text.is_empty() { text } else { format!(": {text}") }
    }
}

impl Answer {
    /// Whether the PCE may answer if it is asked again.
    pub(super) fn is_busy(&self) -> bool {
        self.status == 429 || (500..=599).contains(&self.status)
    }

    /// How long it wants to be left alone: what it says, else half a minute where it is asked too much, as the
    /// vendor's own clients wait.
    pub(super) fn wait(&self, attempt: u32) -> Duration {
        const ASKED_TOO_MUCH: Duration = Duration::from_secs(30);
        self.retry_after.unwrap_or_else(|| if self.status == 429 { ASKED_TOO_MUCH } else { pause(attempt) })
    }
}

fn text_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
