//! Certificates of our own: good ones, and each kind that a TLS client refuses.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SigningKey as _,
    date_time_ymd,
};
use rustls::{
    ServerConfig,
    crypto::ring::{default_provider, sign::any_ecdsa_type},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::{CertifiedKey, SingleCertAndKey},
};

/// How a certificate is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certified<'n> {
    /// By the authority of the tests, for a name.
    For(&'n str),
    /// By the authority, without subjectAltName.
    Nameless,
    /// By the authority, until 2001.
    Expired,
    /// By the authority, from the year 4000 on.
    NotYet,
    /// By the authority, for clients alone.
    ForClients,
    /// By the authority, as an authority.
    Authority,
    /// By itself, as `openssl req -x509` makes it: an authority.
    SelfSigned(&'n str),
    /// By itself, as an authority, until 2001.
    SelfSignedExpired,
    /// By itself, as an authority, without subjectAltName.
    SelfSignedNameless,
    /// By itself, and not as an authority.
    SelfSignedLeaf,
    /// By itself, of version 1.
    Version1,
}

impl Certified<'_> {
    /// A server with this certificate, and the certificate as a PEM file.
    pub(crate) fn server_and_pem(self) -> (Arc<ServerConfig>, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = self.made(&key);
        let pem = pem(&certificate);
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // unlike `with_single_cert` this does not look at the certificate
        let certified = CertifiedKey::new(vec![certificate], any_ecdsa_type(&der).unwrap());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        (Arc::new(config), pem)
    }

    fn made(self, key: &KeyPair) -> CertificateDer<'static> {
        let parameters = self.parameters();
        let made = match self {
            Self::SelfSigned(_) | Self::SelfSignedExpired | Self::SelfSignedNameless | Self::SelfSignedLeaf => {
                parameters.self_signed(key)
            }
            Self::Version1 => return version_1(parameters.self_signed(key).unwrap().der(), key),
            _ => parameters.signed_by(key, &authority().issuer),
        };
        made.unwrap().der().clone()
    }

    fn parameters(self) -> CertificateParams {
        let names = match self {
            Self::For(name) | Self::SelfSigned(name) => vec![name.to_owned()],
            Self::Nameless | Self::SelfSignedNameless | Self::Version1 => Vec::new(),
            _ => vec!["localhost".to_owned()],
        };
        let mut parameters = CertificateParams::new(names).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, "localhost");
        if matches!(self, Self::Authority | Self::SelfSigned(_) | Self::SelfSignedExpired | Self::SelfSignedNameless) {
            parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        match self {
            Self::Expired | Self::SelfSignedExpired => parameters.not_after = date_time_ymd(2001, 1, 1),
            Self::NotYet => parameters.not_before = date_time_ymd(4000, 1, 1),
            Self::ForClients => parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
            _ => {}
        }
        parameters
    }
}

/// A certificate of version 1 from one of version 3: without the version, without extensions, signed again.
fn version_1(version_3: &[u8], key: &KeyPair) -> CertificateDer<'static> {
    let whole = content(version_3);
    let (signed, rest) = element(whole);
    let (algorithm, _) = element(rest);
    let mut fields = Vec::new();
    let mut left = content(signed);
    while !left.is_empty() {
        let (field, rest) = element(left);
        // [0] is the version, [3] are the extensions
        if ![0xa0, 0xa3].contains(&field[0]) {
            fields.extend(field);
        }
        left = rest;
    }
    let signed = tagged(0x30, &fields);
    let signature = tagged(0x03, &[&[0], &key.sign(&signed).unwrap()[..]].concat());
    tagged(0x30, &[&signed, algorithm, &signature[..]].concat()).into()
}

/// The first element of some DER, and what follows.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let head = der.len() - content(der).len();
    der.split_at(head + length(der))
}

/// How long the content of the first element is.
fn length(der: &[u8]) -> usize {
    match der[1] {
        short @ 0..0x80 => usize::from(short),
        long => der[2..].iter().take(usize::from(long & 0x7f)).fold(0, |length, byte| length << 8 | usize::from(*byte)),
    }
}

/// What follows the tag and the length of the first element.
fn content(der: &[u8]) -> &[u8] {
    let head = if der[1] < 0x80 { 2 } else { 2 + usize::from(der[1] & 0x7f) };
    &der[head..]
}

/// An element, its length written as short as DER wants it.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match (high, low) {
        (0, 0..0x80) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&head[..], content].concat()
}

/// Who signs the certificates of the tests.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) file: PathBuf,
}

pub(crate) fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap();
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pce-ca-{}.pem", std::process::id()));
        fs::write(&file, pem(certificate.der())).unwrap();
        Authority { issuer: Issuer::new(parameters, key), file }
    })
}

/// The PEM file of an authority that did not sign the certificate.
pub(crate) fn other_authority() -> String {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    pem(parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der())
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(der))
}
