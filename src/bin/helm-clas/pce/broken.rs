//! [`Broken`]: no answer, and in words why.

use std::io;

use rustls::CertificateError;
use ureq::Timeout;

use super::http::{Connection, MAX_BYTES};
use crate::failure::Failure;

/// No answer.
pub(super) struct Broken {
    pub(super) failure: Failure,
    /// Whether asking again may help.
    pub(super) may_pass: bool,
}

impl Connection {
    /// Where the question went, as it is shown.
    fn way(&self) -> String {
        let proxy = self.proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}"));
        format!("the PCE {}{}", self.host, proxy.unwrap_or_default())
    }

    /// What went wrong, in words.
    pub(super) fn broken(&self, error: ureq::Error) -> Broken {
        const PROXY: &str = "see that HTTPS_PROXY and NO_PROXY say what you mean";
        let way = self.way();
        let (what, help) = match error {
            ureq::Error::Io(error) => return self.broken_io(&error),
            ureq::Error::Rustls(error) => return self.broken_tls(&error),
            ureq::Error::HostNotFound => return self.name_not_found(),
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => (
                format!("{way} cannot be reached within {}", humantime::format_duration(self.timeout)),
                "see that host and port are right and no firewall is between; is a proxy needed (HTTPS_PROXY)?",
            ),
            ureq::Error::Timeout(_) => (
                format!("{way} does not answer within {}", humantime::format_duration(self.timeout)),
                "ask again later, or give it longer with --pce-timeout",
            ),
            ureq::Error::ConnectProxyFailed(text) => {
                (format!("{way} cannot be reached, the proxy says: {}", self.clean(&text)), PROXY)
            }
            ureq::Error::BodyExceedsLimit(_) => {
                (format!("the answer of {way} is longer than {} MiB", MAX_BYTES >> 20), "ask about less")
            }
            ureq::Error::Protocol(error) => (
                format!("{way} does not speak HTTP: {}", self.clean(&error.to_string())),
                "is this host and port the PCE's API?",
            ),
            other => (
                format!("{way} cannot be asked: {}", self.clean(&other.to_string())),
                "see that host and port are right",
            ),
        };
        Broken { failure: Failure::new(what).help(help), may_pass: false }
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

/// The system says it in words only.
fn is_name_error(error: &io::Error) -> bool {
    let words = error.to_string();
    words.contains("failed to lookup address information") || words.contains("No such host is known")
}
