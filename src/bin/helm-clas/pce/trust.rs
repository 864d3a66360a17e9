//! Who may vouch for the PCE.

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::{failure::Failure, files};

/// Whom the system trusts, and those in the file.
pub(super) fn authorities(ca_file: Option<&str>) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let system = rustls_native_certs::load_native_certs();
    let mut authorities = system.certs;
    if let Some(file) = ca_file {
        let while_reading = |error: &dyn std::fmt::Display| {
            Failure::new(format!("cannot read certificates from {file}: {error}"))
                .help("ILLUMIO_CA_FILE (--pce-ca-file) names a PEM file: -----BEGIN CERTIFICATE----- and so on")
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
