//! [`Verifier`]: who may vouch for the PCE.
//!
//! Beside what every TLS client accepts it accepts one certificate more: the one that the user named. Many PCEs have a
//! certificate of `openssl req -x509`, which is self-signed and marked as an authority. rustls refuses an authority as
//! a server's certificate, curl and Python accept it when it is named. Here it is accepted where the PCE presents
//! exactly that certificate, byte for byte, at a valid time and for the right name; as is one whose issuer is not known
//! here.

use std::{error, fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use webpki::EndEntityCert;

use crate::{failure::Failure, outside::files};

/// What is wrong with a certificate, where rustls has no error of its own for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It names no host in subjectAltName, the one place where names count.
    Nameless,
    /// It is of X.509 version 1, which has no place for subjectAltName.
    Version1,
    /// It is signed by itself, and not among the named ones.
    SelfSigned,
    /// It is marked as the certificate of an authority, and not among the named ones.
    Authority,
    /// Its key is too short, or of a kind that is not known here: what it signs cannot be verified.
    Key,
}

impl fmt::Display for Unfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

impl error::Error for Unfit {}

/// Verifies as rustls does, and accepts an authority's certificate as the PCE's own where it was named.
#[derive(Debug)]
pub(super) struct Verifier {
    named: Vec<CertificateDer<'static>>,
    usual: Arc<WebPkiServerVerifier>,
}

impl Verifier {
    /// Trusts whom the system trusts, and the certificates in the file.
    pub(super) fn new(ca_file: Option<&str>, provider: Arc<CryptoProvider>) -> Result<Self, Failure> {
        let named = authorities(ca_file)?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(named.iter().cloned());
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| Failure::new(format!("the trusted certificates cannot be used: {error}")))?;
        Ok(Self { named, usual })
    }

    /// Whether the certificate itself was named, and not who signed it.
    fn is_named(&self, leaf: &CertificateDer<'_>) -> bool {
        self.named.iter().any(|named| named == leaf)
    }

    /// Accepts a certificate that was named where it is of the right name: times are judged before, so only that is
    /// open.
    fn has_name(&self, leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(leaf)?;
        verify_server_name(&parsed, name).or_else(|error| self.judged(leaf, name, error))
    }

    /// What the refusal of a certificate means, or acceptance where it is one that was named.
    fn judged(&self, leaf: &CertificateDer<'_>, name: &ServerName<'_>, error: Error) -> Result<(), Error> {
        let Error::InvalidCertificate(refusal) = &error else { return Err(error) };
        match refusal {
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                Err(unfit(Unfit::Nameless))
            }
            CertificateError::Other(OtherError(other)) => match other.downcast_ref::<webpki::Error>() {
                Some(webpki::Error::UnsupportedCertVersion) => Err(unfit(Unfit::Version1)),
                Some(webpki::Error::CaUsedAsEndEntity) if self.is_named(leaf) => self.has_name(leaf, name),
                Some(webpki::Error::CaUsedAsEndEntity) if is_self_signed(leaf) => Err(unfit(Unfit::SelfSigned)),
                Some(webpki::Error::CaUsedAsEndEntity) => Err(unfit(Unfit::Authority)),
                _ => Err(error),
            },
            refusal if is_foreign(refusal) && self.is_named(leaf) => self.has_name(leaf, name),
            refusal if is_foreign(refusal) && is_self_signed(leaf) => Err(unfit(Unfit::SelfSigned)),
            _ => Err(error),
        }
    }
}

/// Whether a refusal means that no trusted authority signed: there is none of this name, or it has another key.
pub(super) const fn is_foreign(refusal: &CertificateError) -> bool {
    matches!(
        refusal,
        CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
    )
}

fn unfit(unfit: Unfit) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(unfit))))
}

/// The certificate is trusted by now, so that its key is the one that does not fit.
fn of_key(error: Error) -> Error {
    match &error {
        Error::InvalidCertificate(refusal) if is_foreign(refusal) => unfit(Unfit::Key),
        _ => error,
    }
}

/// Whether a certificate names itself as its issuer.
fn is_self_signed(leaf: &CertificateDer<'_>) -> bool {
    EndEntityCert::try_from(leaf).is_ok_and(|leaf| leaf.issuer() == leaf.subject())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.usual.verify_server_cert(leaf, intermediates, name, ocsp_response, now).or_else(|error| {
            self.judged(leaf, name, error)?;
            Ok(ServerCertVerified::assertion())
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, leaf, signed).map_err(of_key)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, leaf, signed).map_err(of_key)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// Whom the system trusts, and those in the file.
fn authorities(ca_file: Option<&str>) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let system = rustls_native_certs::load_native_certs();
    let mut authorities = system.certs;
    if let Some(file) = ca_file {
        let while_reading = |error: &dyn fmt::Display| {
            Failure::new(format!("cannot read certificates from {file}: {error}"))
                .help("ILLUMIO_CA_FILE (--pce-ca-file) must be a PEM file: -----BEGIN CERTIFICATE----- and so on")
        };
        let text = files::read(file)?;
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
