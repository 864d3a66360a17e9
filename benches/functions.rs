//! How long the functions take: `cargo bench`. Whole processes, beside others': `benches/run`.

#![allow(missing_docs)]

use divan::{Bencher, black_box, counter::BytesCount};
use helm_clas::{
    CompatibilityMatrix, Files, Texts,
    chart::{MODE_KEY, TEMPLATE_SCALARS, secrets::secret_ranges, values::Schema},
    check::{Circumstances, check},
    status::found_in,
    yaml::{Document, Edit},
};

const SIZES: [usize; 3] = [3_000, 300_000, 10_000_000];

fn main() {
    divan::main();
}

/// A values file of this chart, which goes on with those of others.
fn values(size: usize) -> String {
    let mut text = String::from("pce_url: pce.example.com:8443\nclusterMode: legacy # for now\nothers:\n");
    for number in 0.. {
        if text.len() >= size {
            break;
        }
        text.extend([format!(
            "  node{number}:\n    image: registry.example.com/team/app:1.{number} # pinned\n    replicas: {number}\n    \
             labels: {{app: node{number}, tier: \"backend\"}}\n    args:\n      - --log-level=info\n"
        )]);
    }
    text
}

#[divan::bench(args = SIZES)]
fn read(bencher: Bencher<'_, '_>, size: usize) {
    let text = values(size);
    bencher.counter(BytesCount::of_str(&text)).bench(|| Document::read(black_box(&text)).is_ok());
}

#[divan::bench(args = SIZES)]
fn edit_with_its_proof(bencher: Bencher<'_, '_>, size: usize) {
    let text = values(size);
    let document = Document::read(&text).expect("a values file");
    let edit = Edit::Set { value: "clas", beside: TEMPLATE_SCALARS };
    bencher.counter(BytesCount::of_str(&text)).bench(|| document.edited(black_box(&[MODE_KEY]), edit).is_ok());
}

#[divan::bench(args = SIZES)]
fn judge(bencher: Bencher<'_, '_>, size: usize) {
    let text = values(size);
    let (matrix, schema) = (CompatibilityMatrix::shipped(), Schema::shipped());
    let circumstances = Circumstances {
        version: None,
        pce_version: None,
        matrix: &matrix,
        schema: &schema,
        is_partial: true,
        version_before: None,
        judges_all: false,
        path: None,
        options: &[],
    };
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let texts = Texts::new();
        check(&Files::of(&texts, [("values.yaml", black_box(text.as_str()))]), 0, &circumstances).is_some()
    });
}

#[divan::bench(args = SIZES)]
fn pass_over_a_file_of_others(bencher: Bencher<'_, '_>, size: usize) {
    let text = values(size).replace("cluster", "kluster").replace("pce_url", "url");
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let texts = Texts::new();
        found_in(&Files::of(&texts, [("values.yaml", black_box(text.as_str()))]), 0, None).len()
    });
}

#[divan::bench(args = SIZES)]
fn find_secrets(bencher: Bencher<'_, '_>, size: usize) {
    let text = values(size);
    bencher.counter(BytesCount::of_str(&text)).bench(|| secret_ranges(black_box(&text)).len());
}

#[divan::bench]
fn matrix() -> CompatibilityMatrix {
    CompatibilityMatrix::shipped()
}

#[divan::bench]
fn schema() -> bool {
    let document = Document::read("a: 1\n").expect("a document");
    helm_clas::chart::values::check(&document, &[], &Schema::shipped(), true, None).is_empty()
}
