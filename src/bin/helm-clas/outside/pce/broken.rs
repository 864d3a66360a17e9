//! [`Broken`]: no answer, and in words why.

use std::{
    io,
    net::IpAddr,
    time::{Duration, UNIX_EPOCH},
};

use rustls::{AlertDescription, CertificateError, OtherError, pki_types::UnixTime};
use ureq::Timeout;

use super::{
    connection::{Connection, MAX_BYTES},
    trust::{Unfit, is_foreign},
};
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
        const PROXY: &str = "check HTTPS_PROXY and NO_PROXY";
        let way = self.way();
        let (what, help) = match error {
            ureq::Error::Io(error) => return self.broken_io(&error),
            ureq::Error::Rustls(error) => return self.broken_tls(&error),
            ureq::Error::HostNotFound => return self.name_not_found(),
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => (
                format!("{way} cannot be reached within {}", humantime::format_duration(self.timeout)),
                "check host and port, and firewalls in between; is a proxy needed (HTTPS_PROXY)?",
            ),
            ureq::Error::Timeout(_) => (
                format!("{way} does not answer within {}", humantime::format_duration(self.timeout)),
                "try again later, or allow more time with --pce-timeout",
            ),
            ureq::Error::ConnectProxyFailed(text) => {
                (format!("{way} cannot be reached; the proxy says: {}", self.clean(&text)), PROXY)
            }
            ureq::Error::BodyExceedsLimit(_) => {
                (format!("the answer of {way} is longer than {} MiB", MAX_BYTES >> 20), "ask for less")
            }
            ureq::Error::Protocol(error) => (
                format!("{way} did not answer in HTTP: {}", self.clean(&error.to_string())),
                "is this host and port the PCE's API?",
            ),
            other => (format!("{way} cannot be asked: {}", self.clean(&other.to_string())), "check host and port"),
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
        let failure = Failure::new(what).help("check host and port, and firewalls in between");
        Broken { failure, may_pass: error.kind() != io::ErrorKind::InvalidData }
    }

    fn name_not_found(&self) -> Broken {
        let failure = Failure::new(format!("the name of {} is not found", self.way()))
            .help("check --pce-host (ILLUMIO_PCE_HOST, or pce_url of the values), and that DNS works here");
        Broken { failure, may_pass: false }
    }

    fn broken_tls(&self, error: &rustls::Error) -> Broken {
        let (what, help) = match error {
            rustls::Error::InvalidCertificate(refusal) => self.broken_certificate(refusal),
            rustls::Error::InvalidMessage(_) => (
                format!("the PCE {} does not speak TLS", self.host),
                "is this the port of the PCE's API? It is 8443 on most PCEs and 443 in the cloud".to_owned(),
            ),
            rustls::Error::PeerIncompatible(_)
            | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure) => (
                format!("the PCE {} and this tool have no TLS version or cipher in common", self.host),
                format!(
                    "the PCE needs TLS 1.2 or 1.3, and {GOOD_KEY}; check its settings, and those of a load balancer \
                     before it"
                ),
            ),
            rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => (
                format!("the PCE {}, or what is before it, wants a certificate of the client", self.host),
                "this tool has none to show: use an address of the PCE that does not ask for one (--pce-host)"
                    .to_owned(),
            ),
            other => (
                format!("no TLS with the PCE {}: {}", self.host, self.clean(&other.to_string())),
                self.or_proxy("check host and port"),
            ),
        };
        Broken { failure: Failure::new(what).help(help), may_pass: false }
    }

    /// The words for each refusal of a certificate, and what to do.
    fn broken_certificate(&self, refusal: &CertificateError) -> (String, String) {
        use CertificateError::{
            Expired, ExpiredContext, InvalidPurpose, InvalidPurposeContext, NotValidForName, NotValidForNameContext,
            NotValidYet, NotValidYetContext, UnsupportedSignatureAlgorithmContext,
        };
        const RENEW: &str = "the PCE needs a new certificate; also check the clock of this machine";
        let certificate = format!("the certificate of the PCE {}", self.host);
        match refusal {
            foreign if is_foreign(foreign) => (
                format!("{certificate} is signed by an authority that this machine does not trust"),
                self.or_proxy(match self.ca_file {
                    None => "name a PEM file with the authority's certificate in ILLUMIO_CA_FILE or --pce-ca-file",
                    Some(_) => {
                        "check that the file in ILLUMIO_CA_FILE (--pce-ca-file) has the certificate of the authority \
                         that signed it, and that the PCE sends the intermediate ones"
                    }
                }),
            ),
            NotValidForNameContext { presented, .. } => {
                let names: Vec<&str> = presented.iter().map(|name| bare_name(name)).collect();
                let others = self.clean(&names.join(", "));
                (format!("{certificate} is for another name: {others}"), ASK_UNDER_ITS_NAME.to_owned())
            }
            NotValidForName => (format!("{certificate} is for another name"), ASK_UNDER_ITS_NAME.to_owned()),
            Expired => (format!("{certificate} has expired"), RENEW.to_owned()),
            ExpiredContext { not_after, .. } => {
                (format!("{certificate} expired {}", moment(*not_after)), RENEW.to_owned())
            }
            NotValidYet => (format!("{certificate} is not valid yet"), CLOCK.to_owned()),
            NotValidYetContext { not_before, .. } => {
                (format!("{certificate} is not valid before {}", moment(*not_before)), CLOCK.to_owned())
            }
            InvalidPurpose | InvalidPurposeContext { .. } => (
                format!("{certificate} is not for a server (extendedKeyUsage)"),
                "the PCE needs a certificate with the usage serverAuth, or without extendedKeyUsage".to_owned(),
            ),
            UnsupportedSignatureAlgorithmContext { .. } => (
                format!("{certificate} is signed with an algorithm that is no longer safe, such as SHA-1"),
                "the PCE needs a new certificate, signed with SHA-256".to_owned(),
            ),
            CertificateError::Other(OtherError(other)) if other.is::<Unfit>() => {
                let unfit = other.downcast_ref().copied().unwrap_or(Unfit::Authority);
                self.unfit(&certificate, unfit)
            }
            other => (
                format!("{certificate} is refused: {}", self.clean(&other.to_string())),
                self.or_proxy("check host and port"),
            ),
        }
    }

    fn unfit(&self, certificate: &str, unfit: Unfit) -> (String, String) {
        let name = alternative_name(&self.host);
        match unfit {
            Unfit::Nameless => (
                format!("{certificate} has no host name: it has no subjectAltName"),
                format!("the PCE needs a certificate with `{name}`; the common name is ignored"),
            ),
            Unfit::Version1 => (
                format!("{certificate} is of X.509 version 1, which cannot name a host (subjectAltName)"),
                format!("the PCE needs a certificate of version 3 with `{name}`"),
            ),
            Unfit::SelfSigned => (
                format!("{certificate} is self-signed"),
                match self.ca_file {
                    None => "if it is the right one, name a PEM file with exactly this certificate in ILLUMIO_CA_FILE or --pce-ca-file"
                        .to_owned(),
                    Some(_) => self.or_proxy(
                        "it is not the one in ILLUMIO_CA_FILE (--pce-ca-file); has the PCE got a new one?",
                    ),
                },
            ),
            Unfit::Key => (
                format!("{certificate} has a key that is too short, or of a kind that is not supported"),
                format!("the PCE needs {GOOD_KEY}"),
            ),
            Unfit::Authority => (
                format!("{certificate} belongs to an authority (CA:TRUE), not to a server"),
                "the PCE needs a certificate without CA:TRUE; or name a PEM file with exactly this one in ILLUMIO_CA_FILE or --pce-ca-file"
                    .to_owned(),
            ),
        }
    }

    /// Advice; where a proxy is between, it may be the one that answers.
    fn or_proxy(&self, advice: &str) -> String {
        match &self.proxy {
            Some(proxy) => {
                format!("{advice}; or does the proxy {proxy} intercept TLS with a certificate of its own?")
            }
            None => advice.to_owned(),
        }
    }
}

const GOOD_KEY: &str = "a certificate with an RSA key of 2048 bits or more, or with P-256, P-384 or Ed25519";
const ASK_UNDER_ITS_NAME: &str = "use a name of the PCE that is in its certificate (--pce-host)";
const CLOCK: &str = "check the clock of this machine";

/// A time as people write it.
fn moment(time: UnixTime) -> String {
    let day = Duration::from_secs(time.as_secs());
    humantime::format_rfc3339_seconds(UNIX_EPOCH + day).to_string()
}

/// `pce.example.com` of `DnsName("pce.example.com")`, as rustls writes the names of a certificate.
fn bare_name(name: &str) -> &str {
    name.split_once('(').and_then(|(_, name)| name.strip_suffix(')')).map_or(name, |name| name.trim_matches('"'))
}

/// How a certificate names a host, which may have a port behind it.
fn alternative_name(host: &str) -> String {
    let uri = format!("https://{host}/").parse::<ureq::http::Uri>().ok();
    let name = uri.as_ref().and_then(ureq::http::Uri::host).unwrap_or(host).trim_matches(['[', ']']);
    let kind = if name.parse::<IpAddr>().is_ok() { "IP" } else { "DNS" };
    format!("subjectAltName={kind}:{name}")
}

/// The system says it in words only.
fn is_name_error(error: &io::Error) -> bool {
    let words = error.to_string();
    words.contains("failed to lookup address information") || words.contains("No such host is known")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_certificates_have_them() {
        assert_eq!(alternative_name("pce.example.com:8443"), "subjectAltName=DNS:pce.example.com");
        assert_eq!(alternative_name("pce"), "subjectAltName=DNS:pce");
        assert_eq!(alternative_name("10.0.0.1:8443"), "subjectAltName=IP:10.0.0.1");
        assert_eq!(alternative_name("[::1]:8443"), "subjectAltName=IP:::1");
        assert_eq!(bare_name("DnsName(\"a.example.com\")"), "a.example.com");
        assert_eq!(bare_name("IpAddress(10.0.0.1)"), "10.0.0.1");
        assert_eq!(bare_name("odd"), "odd");
    }
}
