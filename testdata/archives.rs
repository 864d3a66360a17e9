//! Archives of charts, as `helm dependency update` fetches them, and what an attacker may put in their place: each is
//! read within bounds, or refused with a reason, and nothing in it points outside.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use tar::{Builder, EntryType, Header};

use crate::{archive::files_of, support::program::Folder};

const CHART: &str = "apiVersion: v2\nname: illumio\nversion: 5.1.0\n";

/// An entry, whatever its name is.
fn entry(name: &str, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, content) in files {
        builder.append(&entry(name, EntryType::Regular, content.len() as u64), *content).unwrap();
    }
    zipped(&builder.into_inner().unwrap())
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An archive that is refused, and why.
#[track_caller]
fn refused(bytes: &[u8], why: &str) {
    let failure = files_of("a.tgz", bytes).expect_err(why);
    assert!(failure.what().contains(why), "{}", failure.what());
    assert!(failure.advice().is_some());
}

#[test]
fn a_chart_and_the_charts_in_it_are_read() {
    let inner = archive(&[("illumio/Chart.yaml", CHART.as_bytes()), ("illumio/values.yaml", b"clusterMode: legacy\n")]);
    let outer = archive(&[
        ("platform/Chart.yaml", b"name: platform\n"),
        ("platform/templates/a.yaml", b"kind: ConfigMap\n"),
        ("./platform/charts/illumio-5.1.0.tgz", &inner),
    ]);
    let names: Vec<String> = files_of("p.tgz", &outer).unwrap().into_iter().map(|(name, _)| name).collect();
    let below = "platform/charts/illumio-5.1.0.tgz/illumio";
    assert_eq!(
        names,
        ["platform/Chart.yaml".to_owned(), format!("{below}/Chart.yaml"), format!("{below}/values.yaml")]
    );
}

#[test]
fn what_leads_out_of_an_archive_is_refused() {
    for name in ["../Chart.yaml", "a/../../Chart.yaml", "/etc/Chart.yaml", "a\\..\\..\\Chart.yaml", "C:\\Chart.yaml"] {
        refused(&archive(&[(name, CHART.as_bytes())]), "points outside");
    }
    for kind in [EntryType::Symlink, EntryType::Link] {
        let mut builder = Builder::new(Vec::new());
        let mut header = entry("illumio/Chart.yaml", kind, 0);
        header.set_link_name("../../../etc/passwd").unwrap();
        header.set_cksum();
        builder.append(&header, &[][..]).unwrap();
        refused(&zipped(&builder.into_inner().unwrap()), "is a link");
    }
}

#[test]
fn what_is_too_much_or_broken_is_refused() {
    let large = entry("illumio/Chart.yaml", EntryType::Regular, 1 << 40);
    refused(&zipped(large.as_bytes()), "is larger than 5 MiB");
    refused(b"not gzip", "cannot read a.tgz");
    let whole = archive(&[("illumio/Chart.yaml", CHART.as_bytes())]);
    for length in (1..whole.len()).step_by(7) {
        // a beginning is read as far as it goes, or refused; it never is another chart
        let files = files_of("a.tgz", &whole[..length]).unwrap_or_default();
        assert!(files.iter().all(|(_, content)| content == CHART.as_bytes()), "{length}");
    }
    // archives in archives have an end
    let nested = (0..8).fold(whole, |inner, _| archive(&[("a/charts/b.tgz", &inner)]));
    assert_eq!(files_of("a.tgz", &nested).unwrap(), []);
}

/// The program says which archive it is, and goes on with the rest.
#[test]
fn a_hostile_archive_beside_a_chart_is_named() {
    let folder = Folder::new();
    folder.write(
        "platform/Chart.yaml",
        "apiVersion: v2\nname: platform\nversion: 0.1.0\ndependencies:\n- {name: illumio, version: 5.1.0, repository: \
         'oci://quay.io/illumio'}\n",
    );
    folder.write("platform/values.yaml", "illumio:\n  pce_url: pce.example.com:8443\n  clusterMode: legacy\n");
    folder.write("platform/charts/illumio-5.1.0.tgz", archive(&[("../illumio/Chart.yaml", CHART.as_bytes())]));
    folder.write("other.yaml", "pce_url: pce.example.com:8443\nclusterMode: clas\n");
    folder.sh("git init -q .").exits(0);
    let ran = folder.run("status -q .").exits(2);
    assert!(ran.stderr.contains("illumio-5.1.0.tgz") && ran.stderr.contains("points outside"), "{ran}");
    assert!(ran.stdout.contains("other.yaml"), "{ran}");
}
