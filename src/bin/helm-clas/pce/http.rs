//! [`Connection`]: one GET over TLS, and in words what went wrong with it.

use std::{env, io, sync::Arc, time::Duration};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use helm_clas::chart::secrets::MASK;
use rustls::{
    CertificateError, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use serde::Deserialize;
use ureq::{
    Agent, Proxy, Timeout,
    http::{HeaderMap, HeaderValue},
    tls::{Certificate, RootCerts, TlsConfig},
};

use super::{Prefer, Settings, pause, settings::SECRET};
use crate::failure::Failure;

/// The longest answer that is read: a PCE with hundreds of thousands of rules stays well below.
const MAX_BYTES: u64 = 1 << 30;

/// How much longer than one answer may take to begin it may take to arrive.
const BODY_FACTOR: u32 = 20;

/// The way to one PCE.
pub(super) struct Connection {
    agent: Agent,
    host: String,
    proxy: Option<String>,
    ca_file: Option<String>,
    timeout: Duration,
    login: HeaderValue,
    /// What must never be shown, in every spelling in which it is sent.
    secrets: [String; 2],
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

/// No answer.
pub(super) struct Broken {
    pub(super) failure: Failure,
    /// Whether asking again may help.
    pub(super) may_pass: bool,
}

impl Connection {
    pub(super) fn new(settings: Settings) -> Result<Self, Failure> {
        let Settings { host, user, secret, ca_file, timeout, .. } = settings;
        let roots: Vec<Certificate<'static>> = authorities(ca_file.as_deref())?
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned())
            .collect();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::from(roots))
            .build();
        let proxy = proxy_for(&host)?;
        let encoded = BASE64_STANDARD.encode(format!("{user}:{secret}"));
        let mut login = HeaderValue::from_str(&format!("Basic {encoded}"))
            .map_err(|_| Failure::new(format!("{SECRET} cannot be sent")))?;
        login.set_sensitive(true);
        let agent = Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy.clone())
            .tls_config(tls)
            .user_agent(concat!("helm-clas/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .timeout_connect(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout))
            .timeout_global(Some(timeout.saturating_mul(BODY_FACTOR)))
            .build()
            .new_agent();
        let proxy = proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        Ok(Self { agent, host, proxy, ca_file, timeout, login, secrets: [secret, encoded] })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// One GET; `path` is what follows `/api/v2`.
    pub(super) fn get(&self, path: &str, prefer: Prefer) -> Result<Answer, Broken> {
        self.get_once(path, prefer).map_err(|error| self.broken(error))
    }

    fn get_once(&self, path: &str, prefer: Prefer) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.get(format!("https://{}/api/v2{path}", self.host));
        request = request.header("authorization", self.login.clone());
        if prefer == Prefer::Job {
            request = request.header("prefer", "respond-async");
        }
        let mut response = request.call()?;
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

    /// Refuses an answer that is none, and says what to do.
    pub(super) fn accepted(&self, path: &str, answer: &Answer) -> Result<(), Failure> {
        let host = &self.host;
        let said = self.said(&answer.body);
        let refused = |what: String, help: &'static str| Err(Failure::new(what).help(help));
        match answer.status {
            200 => Ok(()),
            401 => refused(
                format!("the PCE {host} does not accept the API key (401)"),
                "look at ILLUMIO_API_KEY_USERNAME (`api_...`, or --pce-user) and ILLUMIO_API_KEY_SECRET: are they of this PCE, whole, and not expired?",
            ),
            403 => refused(
                format!("the API key may not read {path} of the PCE {host} (403){said}"),
                "give the key's owner a role that may read the whole organisation, and see that --pce-org is its organisation",
            ),
            404 => refused(
                format!("the PCE {host} has no {path} (404){said}"),
                "see that the organisation (--pce-org) and cluster_id are of this PCE; older PCEs do not have everything",
            ),
            406 => refused(
                format!("the PCE {host} does not take the question {path} (406){said}"),
                "this is an error of helm clas, or a PCE that it does not know: please report it with the version of the PCE",
            ),
            429 => refused(
                format!("the PCE {host} is asked too much and refuses to answer (429){said}"),
                "wait some minutes; other clients of this PCE count as well",
            ),
            300..=399 => refused(
                format!("the PCE {host} sends on to another address ({})", answer.status),
                "name that address with --pce-host; the API key is only sent where you say",
            ),
            407 => refused(
                format!("the proxy wants a login ({})", answer.status),
                "put it into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT",
            ),
            status @ 500..=599 => refused(
                format!("the PCE {host} fails at {path} ({status}){said}"),
                "look at the PCE's health page, and ask again later",
            ),
            status => refused(
                format!("the PCE {host} answers {path} with the status {status}{said}"),
                "is this host and port the PCE's API?",
            ),
        }
    }

    /// A text of somebody else's without our secrets, on one line and not too long.
    pub(super) fn clean(&self, text: &str) -> String {
        const LONGEST: usize = 300;
        let without = self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASK));
        let line: String = without.trim().chars().flat_map(char::escape_debug).collect();
        let line = line.replace("\\\"", "\"").replace("\\'", "'");
        if line.chars().count() <= LONGEST { line } else { line.chars().take(LONGEST).chain("...".chars()).collect() }
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

    /// Where the question went, as it is shown.
    fn way(&self) -> String {
        let proxy = self.proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}"));
        format!("the PCE {}{}", self.host, proxy.unwrap_or_default())
    }

    fn broken(&self, error: ureq::Error) -> Broken {
        const PROXY: &str = "see that HTTPS_PROXY and NO_PROXY say what you mean";
        let way = self.way();
        let (what, help, may_pass) = match error {
            ureq::Error::Io(error) => return self.broken_io(&error),
            ureq::Error::Rustls(error) => return self.broken_tls(&error),
            ureq::Error::HostNotFound => return self.name_not_found(),
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => (
                format!("{way} cannot be reached within {}", humantime::format_duration(self.timeout)),
                "see that host and port are right and no firewall is between; is a proxy needed (HTTPS_PROXY)?",
                false,
            ),
            ureq::Error::Timeout(_) => (
                format!("{way} does not answer within {}", humantime::format_duration(self.timeout)),
                "ask again later, or give it longer with --pce-timeout",
                false,
            ),
            ureq::Error::ConnectProxyFailed(text) => {
                (format!("{way} cannot be reached, the proxy says: {}", self.clean(&text)), PROXY, false)
            }
            ureq::Error::BodyExceedsLimit(_) => {
                (format!("the answer of {way} is longer than {} MiB", MAX_BYTES >> 20), "ask about less", false)
            }
            ureq::Error::Protocol(error) => (
                format!("{way} does not speak HTTP: {}", self.clean(&error.to_string())),
                "is this host and port the PCE's API?",
                false,
            ),
            other => (
                format!("{way} cannot be asked: {}", self.clean(&other.to_string())),
                "see that host and port are right",
                false,
            ),
        };
        Broken { failure: Failure::new(what).help(help), may_pass }
    }

    fn broken_io(&self, error: &io::Error) -> Broken {
        let way = self.way();
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return self.broken_tls(error);
        }
        if is_name_error(error) {
            return self.name_not_found();
        }
        let what = match error.kind() {
            io::ErrorKind::ConnectionRefused => format!("{way} refuses the connection: nothing listens there"),
            _ => format!("the connection to {way} broke: {}", self.clean(&error.to_string())),
        };
        let failure = Failure::new(what).help("see that host and port are right and no firewall is between");
        Broken { failure, may_pass: error.kind() != io::ErrorKind::InvalidData }
    }

    fn name_not_found(&self) -> Broken {
        let failure = Failure::new(format!("the name of {} is not found", self.way()))
            .help("see that --pce-host (ILLUMIO_PCE_HOST, or pce_url of the values) is right, and that DNS works here");
        Broken { failure, may_pass: false }
    }

    fn broken_tls(&self, error: &rustls::Error) -> Broken {
        use CertificateError::{
            BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
            NotValidYetContext, UnknownIssuer,
        };
        let host = &self.host;
        let (what, help) = match error {
            rustls::Error::InvalidCertificate(UnknownIssuer | BadSignature) => (
                format!("the certificate of the PCE {host} is signed by an authority that is not trusted here"),
                match self.ca_file {
                    None => "name a PEM file with the authority's certificate in ILLUMIO_CA_FILE or --pce-ca-file",
                    Some(_) => {
                        "see that the file in ILLUMIO_CA_FILE (--pce-ca-file) holds the certificate of the authority that signed it"
                    }
                },
            ),
            rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => (
                format!("the certificate of the PCE {host} is for another name"),
                "ask the PCE under the name that its certificate has (--pce-host)",
            ),
            rustls::Error::InvalidCertificate(
                Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. },
            ) => (
                format!("the certificate of the PCE {host} is not valid at this time"),
                "see that the clock of this machine is right; else the PCE needs a new certificate",
            ),
            rustls::Error::InvalidMessage(_) => (
                format!("the PCE {host} does not speak TLS"),
                "is this the port of the PCE's API? It is 8443 on most PCEs and 443 in the cloud",
            ),
            other => (
                format!("no TLS with the PCE {host}: {}", self.clean(&other.to_string())),
                "see that host and port are right, and that no proxy breaks TLS up",
            ),
        };
        Broken { failure: Failure::new(what).help(help), may_pass: false }
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

/// The system says it in words only.
fn is_name_error(error: &io::Error) -> bool {
    error.to_string().contains("failed to lookup address information")
        || error.to_string().contains("No such host is known")
}

/// Who may vouch for the PCE: whom the system trusts, and those in the file.
fn authorities(ca_file: Option<&str>) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let system = rustls_native_certs::load_native_certs();
    let mut authorities = system.certs;
    if let Some(file) = ca_file {
        let while_reading = |error: &dyn std::fmt::Display| {
            Failure::new(format!("cannot read certificates from {file}: {error}"))
                .help("ILLUMIO_CA_FILE (--pce-ca-file) names a PEM file: -----BEGIN CERTIFICATE----- and so on")
        };
        let text = crate::files::read(file)?;
        let found: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(|error| while_reading(&error))?;
        if found.is_empty() {
            return Err(while_reading(&"there is none"));
        }
        let mut proof = RootCertStore::empty();
        for certificate in &found {
            proof.add(certificate.clone()).map_err(|error| while_reading(&error))?;
        }
        authorities.extend(found);
    }
    if authorities.is_empty() {
        let why = system.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(Failure::new(format!("this machine trusts no certificate authority{why}"))
            .help("install the package ca-certificates, or name a PEM file in ILLUMIO_CA_FILE"));
    }
    Ok(authorities)
}

/// The proxy that the environment names, unless it names the host as one to be reached without.
fn proxy_for(host: &str) -> Result<Option<Proxy>, Failure> {
    let variable = |names: [&'static str; 2]| {
        names.into_iter().find_map(|name| env::var(name).ok().filter(|text| !text.is_empty()).map(|text| (name, text)))
    };
    let named = variable(["HTTPS_PROXY", "https_proxy"]).or_else(|| variable(["ALL_PROXY", "all_proxy"]));
    let Some((name, address)) = named else { return Ok(None) };
    let is_http = |proxy: &Proxy| matches!(proxy.protocol(), ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https);
    let parsed = Proxy::new(&address).ok().filter(is_http).ok_or_else(|| {
        // the address may hold a password
        Failure::new(format!("{name} names no proxy that can be used")).help("write it as http://HOST:PORT")
    })?;
    let mut builder = Proxy::builder(parsed.protocol()).host(parsed.host()).port(parsed.port());
    if let Some(user) = parsed.username() {
        builder = builder.username(user);
    }
    if let Some(password) = parsed.password() {
        builder = builder.password(password);
    }
    let exceptions = variable(["NO_PROXY", "no_proxy"]).map(|(_, text)| text).unwrap_or_default();
    for exception in exceptions.split(',').map(str::trim).filter(|exception| !exception.is_empty()) {
        // for most programs a name stands for what is below it too, and a port may follow it
        let exception = exception
            .rsplit_once(':')
            .filter(|(_, port)| port.parse::<u16>().is_ok())
            .map_or(exception, |(name, _)| name);
        builder = builder.no_proxy(exception);
        if !exception.starts_with(['.', '*']) {
            builder = builder.no_proxy(&format!(".{exception}"));
        }
    }
    let unusable =
        |_| Failure::new(format!("{name} names no proxy that can be used")).help("write it as http://HOST:PORT");
    let proxy = builder.build().map_err(unusable)?;
    let uri = format!("https://{host}/").parse().map_err(|_| Failure::new("the PCE is not named"))?;
    Ok((!proxy.is_no_proxy(&uri)).then_some(proxy))
}
