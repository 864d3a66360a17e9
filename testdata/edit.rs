//! The one edit, case by case: a text, what is asked of it, the text afterwards. What holds for every text is in
//! `properties.rs`, what the real Helms read afterwards in `agreement.rs`.

use helm_clas::{
    Finding, Position, Rule,
    chart::TEMPLATE_SCALARS,
    yaml::{Document, Edit, Edited},
};

const ROOT: &[&str] = &["clusterMode"];
const NESTED: &[&str] = &["illumio", "clusterMode"];
const REMOVE: Edit<'static> = Edit::Remove;

fn set(value: &str) -> Edit<'_> {
    Edit::Set { value, beside: TEMPLATE_SCALARS }
}

fn edited(before: &str, path: &[&str], edit: Edit<'_>) -> Result<Edited, Finding> {
    Document::read(before)?.edited(path, edit)
}

#[track_caller]
fn check(before: &str, edit: Edit<'_>, after: &str) {
    check_at(ROOT, before, edit, after);
}

#[track_caller]
fn check_at(path: &[&str], before: &str, edit: Edit<'_>, after: &str) {
    let edited = edited(before, path, edit).unwrap_or_else(|finding| panic!("refused: {finding:?}"));
    assert_eq!(edited.text, after);
    let (replaced, replacement) = (edited.replaced, edited.replacement);
    assert_eq!([&before[..replaced.start], &after[replacement], &before[replaced.end..]].concat(), after);
}

/// What is put in, and taken out again.
#[track_caller]
fn check_there_and_back(path: &[&str], before: &str, after: &str) {
    check_at(path, before, set("clas"), after);
    check_at(path, after, REMOVE, before);
}

#[track_caller]
fn put_in(before: &str, after: &str) {
    check_there_and_back(ROOT, before, after);
}

#[track_caller]
fn refused(before: &str, edit: Edit<'_>, rule: Rule, line: usize) {
    refused_at(ROOT, before, edit, rule, line);
}

#[track_caller]
fn refused_at(path: &[&str], before: &str, edit: Edit<'_>, rule: Rule, line: usize) {
    let finding = edited(before, path, edit).expect_err("this is refused");
    let span = finding.span.clone().expect("a refusal has a place");
    assert_eq!((finding.rule, Position::of(before, span.start).line), (rule, line), "{finding:?}");
}

// Replacing.

#[test]
fn a_value_keeps_its_surroundings() {
    check("clusterMode: legacy\n", set("clas"), "clusterMode: clas\n");
    check("clusterMode: legacy # why\n", set("clas"), "clusterMode: clas # why\n");
    check("clusterMode:    legacy    # aligned\n", set("clas"), "clusterMode:    clas    # aligned\n");
    check("clusterMode:\tlegacy\t# tabs\n", set("clas"), "clusterMode:\tclas\t# tabs\n");
    check("clusterMode : legacy\n", set("clas"), "clusterMode : clas\n");
    check("clusterMode: legacy   \nb: 1\n", set("clas"), "clusterMode: clas   \nb: 1\n");
    check("a: 1\nclusterMode: legacy", set("clas"), "a: 1\nclusterMode: clas");
    check("\n\n# one\nclusterMode: legacy\n\n\n", set("clas"), "\n\n# one\nclusterMode: clas\n\n\n");
    check("clusterMode: CLAS\n", set("clas"), "clusterMode: clas\n");
    check("clusterMode: clas\n", set("clas"), "clusterMode: clas\n");
}

#[test]
fn a_value_keeps_its_quotes() {
    check("clusterMode: 'legacy' # why\n", set("clas"), "clusterMode: 'clas' # why\n");
    check("clusterMode: \"legacy\" # why\n", set("clas"), "clusterMode: \"clas\" # why\n");
    check("clusterMode: \"leg\\u0061cy\"\n", set("clas"), "clusterMode: \"clas\"\n");
    check("\"clusterMode\": legacy\n", set("clas"), "\"clusterMode\": clas\n");
    check("'clusterMode': 'legacy'\n", set("clas"), "'clusterMode': 'clas'\n");
    check("\"cluster\\u004dode\": legacy\n", set("clas"), "\"cluster\\u004dode\": clas\n");
}

#[test]
fn a_value_that_is_no_text_becomes_text() {
    check("clusterMode: on # of\n", set("clas"), "clusterMode: clas # of\n");
    check("clusterMode: 5.1\n", set("clas"), "clusterMode: clas\n");
    check("clusterMode: null\n", set("clas"), "clusterMode: clas\n");
    check("clusterMode: ~\n", set("clas"), "clusterMode: clas\n");
}

#[test]
fn what_reads_otherwise_without_quotes_gets_quotes() {
    check("clusterMode: legacy\n", set("on"), "clusterMode: \"on\"\n");
    check("clusterMode: legacy\n", set("1_000"), "clusterMode: \"1_000\"\n");
    check("clusterMode: legacy\n", set("a # b"), "clusterMode: \"a # b\"\n");
    check("clusterMode: 'legacy'\n", set("it's"), "clusterMode: 'it''s'\n");
    check("clusterMode: legacy\n", set(""), "clusterMode: \"\"\n");
}

#[test]
fn a_blank_value_is_written_behind_the_colon() {
    check("clusterMode:\n", set("clas"), "clusterMode: clas\n");
    check("clusterMode:", set("clas"), "clusterMode: clas");
    check("clusterMode:   # choose one\nb: 1\n", set("clas"), "clusterMode: clas   # choose one\nb: 1\n");
    check("clusterMode :\n# note\nb: 1\n", set("clas"), "clusterMode : clas\n# note\nb: 1\n");
    check("{\"clusterMode\": , \"a\": 1}", set("clas"), "{\"clusterMode\": clas , \"a\": 1}");
}

#[test]
fn a_value_on_another_line_stays_there() {
    check("clusterMode:\n  legacy\nb: 1\n", set("clas"), "clusterMode:\n  clas\nb: 1\n");
    check("clusterMode: # why\n  # so\n  'legacy'\n", set("clas"), "clusterMode: # why\n  # so\n  'clas'\n");
    check("? clusterMode\n: legacy\n", set("clas"), "? clusterMode\n: clas\n");
    check("? clusterMode # why\n# so\n: legacy\n", set("clas"), "? clusterMode # why\n# so\n: clas\n");
}

#[test]
fn a_block_of_one_line_stays_a_block() {
    check("clusterMode: |-\n  legacy\nb: 1\n", set("clas"), "clusterMode: |-\n  clas\nb: 1\n");
    check("clusterMode: >-  # why\n  legacy", set("clas"), "clusterMode: >-  # why\n  clas");
    refused("a: 1\nclusterMode: |\n  legacy\n", set("clas"), Rule::OutsideDialect, 3);
}

#[test]
fn bytes_around_the_value_stay() {
    check("\u{feff}clusterMode: legacy\n", set("clas"), "\u{feff}clusterMode: clas\n");
    check("a: 1\r\nclusterMode: legacy\r\nb: 2\r\n", set("clas"), "a: 1\r\nclusterMode: clas\r\nb: 2\r\n");
    check("\u{feff}a: 1\r\nclusterMode: legacy", set("clas"), "\u{feff}a: 1\r\nclusterMode: clas");
    check("a: 1\r\nclusterMode: legacy\nb: 2\r\n", set("clas"), "a: 1\r\nclusterMode: clas\nb: 2\r\n");
    check("a: 🦀 # für\n# 集群\nclusterMode: legacy\n", set("clas"), "a: 🦀 # für\n# 集群\nclusterMode: clas\n");
    let long = "x".repeat(100_000);
    check(
        &format!("a: {long}\nclusterMode: legacy # {long}\n"),
        set("clas"),
        &format!("a: {long}\nclusterMode: clas # {long}\n"),
    );
}

#[test]
fn look_alikes_are_left_alone() {
    check("#clusterMode: clas\nclusterMode: legacy\n", set("clas"), "#clusterMode: clas\nclusterMode: clas\n");
    check("a: |\n  clusterMode: x\nclusterMode: legacy\n", set("clas"), "a: |\n  clusterMode: x\nclusterMode: clas\n");
    check(
        "a: \"\nclusterMode: x\n\"\nclusterMode: legacy\n",
        set("clas"),
        "a: \"\nclusterMode: x\n\"\nclusterMode: clas\n",
    );
    check("b:\n  clusterMode: x\nclusterMode: legacy\n", set("clas"), "b:\n  clusterMode: x\nclusterMode: clas\n");
    check("clustermode: x\nclusterMode: legacy\n", set("clas"), "clustermode: x\nclusterMode: clas\n");
}

#[test]
fn markers_stay() {
    check("---\nclusterMode: legacy\n...\n", set("clas"), "---\nclusterMode: clas\n...\n");
    check("# a\n--- # b\nclusterMode: legacy\n... # c\n", set("clas"), "# a\n--- # b\nclusterMode: clas\n... # c\n");
}

#[test]
fn flow_and_json_are_edited_in_place() {
    check("{clusterMode: legacy, a: 1}\n", set("clas"), "{clusterMode: clas, a: 1}\n");
    check("{\"a\":1,\"clusterMode\":\"legacy\"}", set("clas"), "{\"a\":1,\"clusterMode\":\"clas\"}");
    check(
        "{\n  \"clusterMode\": \"legacy\",\n  \"a\": [1, 2]\n}\n",
        set("clas"),
        "{\n  \"clusterMode\": \"clas\",\n  \"a\": [1, 2]\n}\n",
    );
}

// Putting in.

#[test]
fn the_key_goes_to_the_end() {
    put_in("a: 1\n", "a: 1\nclusterMode: clas\n");
    put_in("a: 1", "a: 1\nclusterMode: clas");
    put_in("a: 1\n\n\n", "a: 1\nclusterMode: clas\n\n\n");
    put_in("a: 1\n   ", "a: 1\nclusterMode: clas\n   ");
    put_in("a: 1\n# end\n", "a: 1\n# end\nclusterMode: clas\n");
    put_in("a: 1\n  # end\n\n", "a: 1\n  # end\nclusterMode: clas\n\n");
    put_in("a: 1\n# end", "a: 1\n# end\nclusterMode: clas");
    put_in("a:\n  b: 1\n", "a:\n  b: 1\nclusterMode: clas\n");
    put_in("a:\n- 1\n- 2\n", "a:\n- 1\n- 2\nclusterMode: clas\n");
    put_in("a:\n", "a:\nclusterMode: clas\n");
    put_in("a: \"x\n  y\"\n", "a: \"x\n  y\"\nclusterMode: clas\n");
    put_in("a: {b: 1,\n  c: 2}\n", "a: {b: 1,\n  c: 2}\nclusterMode: clas\n");
    put_in("? a\n: 1\n", "? a\n: 1\nclusterMode: clas\n");
    put_in("? a\n", "? a\nclusterMode: clas\n");
}

#[test]
fn the_key_takes_the_line_break_of_its_neighbour() {
    put_in("a: 1\r\n", "a: 1\r\nclusterMode: clas\r\n");
    put_in("a: 1\r\nb: 2", "a: 1\r\nb: 2\r\nclusterMode: clas");
    put_in("a: 1\nb: 2\r\n", "a: 1\nb: 2\r\nclusterMode: clas\r\n");
    put_in("a: 1\r\nb: 2\n", "a: 1\r\nb: 2\nclusterMode: clas\n");
    put_in("\r\n", "clusterMode: clas\r\n\r\n");
    put_in("\u{feff}a: 1\r\n", "\u{feff}a: 1\r\nclusterMode: clas\r\n");
}

#[test]
fn the_key_goes_behind_the_template() {
    put_in("networkType: overlay\nstorage:\n  x: 1\n", "networkType: overlay\nclusterMode: clas\nstorage:\n  x: 1\n");
    put_in(
        "pce_url: a:1\ncontainerManager: k # one\n  # two\n\n# next\nstorage: {}\n",
        "pce_url: a:1\ncontainerManager: k # one\n  # two\nclusterMode: clas\n\n# next\nstorage: {}\n",
    );
    put_in("cluster_code:\n  abc\nb: 1\n", "cluster_code:\n  abc\nclusterMode: clas\nb: 1\n");
    put_in("cluster_code: \"a\n  b\"\nb: 1\n", "cluster_code: \"a\n  b\"\nclusterMode: clas\nb: 1\n");
    put_in("cluster_code: |\n  abc\nb: 1\n", "cluster_code: |\n  abc\nb: 1\nclusterMode: clas\n");
    put_in("networkType: flat", "networkType: flat\nclusterMode: clas");
    put_in("networkType: flat\n\n\n", "networkType: flat\nclusterMode: clas\n\n\n");
    put_in("networkType:\nb: 1\n", "networkType:\nclusterMode: clas\nb: 1\n");
    put_in("networkType: [x]\nb: 1\n", "networkType: [x]\nb: 1\nclusterMode: clas\n");
    put_in("b:\n  networkType: x\nc: 1\n", "b:\n  networkType: x\nc: 1\nclusterMode: clas\n");
}

#[test]
fn the_key_goes_below_a_comment_that_holds_it() {
    put_in("a: 1\n#clusterMode: clas\nb: 2\n", "a: 1\n#clusterMode: clas\nclusterMode: clas\nb: 2\n");
    put_in("a: 1\n# clusterMode: x # or y\n", "a: 1\n# clusterMode: x # or y\nclusterMode: clas\n");
    put_in("## clusterMode:\na: 1\n", "## clusterMode:\nclusterMode: clas\na: 1\n");
    put_in("#\"clusterMode\": \"x\"\na: 1", "#\"clusterMode\": \"x\"\nclusterMode: clas\na: 1");
    put_in("#clusterMode: x # one\n   # two\na: 1\n", "#clusterMode: x # one\n   # two\nclusterMode: clas\na: 1\n");
    put_in("networkType: a\nb: 1\n#clusterMode: x", "networkType: a\nb: 1\n#clusterMode: x\nclusterMode: clas");
    put_in(
        "#clusterMode: x\na: 1\n#clusterMode: y\nb: 2\n",
        "#clusterMode: x\na: 1\n#clusterMode: y\nclusterMode: clas\nb: 2\n",
    );
    put_in("#clusterMode: x\n", "#clusterMode: x\nclusterMode: clas\n");
    put_in("# one\n#clusterMode: x\n# two\n", "# one\n#clusterMode: x\nclusterMode: clas\n# two\n");
}

#[test]
fn a_comment_that_only_speaks_of_the_key_is_passed_over() {
    put_in(
        "# clusterMode: one of legacy and clas\na: 1\n",
        "# clusterMode: one of legacy and clas\na: 1\nclusterMode: clas\n",
    );
    put_in("# see clusterMode: x\na: 1\n", "# see clusterMode: x\na: 1\nclusterMode: clas\n");
    put_in("#clusterModes: x\na: 1\n", "#clusterModes: x\na: 1\nclusterMode: clas\n");
    put_in("a:\n  #clusterMode: x\n  b: 1\nc: 1\n", "a:\n  #clusterMode: x\n  b: 1\nc: 1\nclusterMode: clas\n");
    put_in("a: |\n  x\n  #clusterMode: y\nb: 1\n", "a: |\n  x\n  #clusterMode: y\nb: 1\nclusterMode: clas\n");
    put_in("a: \"\n#clusterMode: y\n\"\nb: 1\n", "a: \"\n#clusterMode: y\n\"\nb: 1\nclusterMode: clas\n");
}

#[test]
fn the_key_stays_out_of_a_last_block() {
    put_in("a: |\n  x\n", "a: |\n  x\nclusterMode: clas\n");
    put_in("a: |\n  x\n  # text\n", "a: |\n  x\n  # text\nclusterMode: clas\n");
    put_in("a: |-\n  x\n\n", "a: |-\n  x\nclusterMode: clas\n\n");
    put_in("a: |\n  x\n\n\n", "a: |\n  x\nclusterMode: clas\n\n\n");
    put_in("a: |+\n  x\n\n\n", "a: |+\n  x\n\n\nclusterMode: clas\n");
    put_in("a: >+\n\n\n", "a: >+\n\n\nclusterMode: clas\n");
    put_in("a:\n  b: |+\n    x\n\n", "a:\n  b: |+\n    x\n\nclusterMode: clas\n");
    put_in("a: |\n  x\n# c\n", "a: |\n  x\n# c\nclusterMode: clas\n");
    put_in("a: |\n  x\n# c", "a: |\n  x\n# c\nclusterMode: clas");
}

#[test]
fn the_key_goes_above_a_last_block_that_ends_without_a_line_break() {
    put_in("a: |\n  x", "clusterMode: clas\na: |\n  x");
    put_in("a: 1\nb: |\n  x", "a: 1\nclusterMode: clas\nb: |\n  x");
    put_in("a: 1\n\n# on b\n# still\nb: >\n  x", "a: 1\n\nclusterMode: clas\n# on b\n# still\nb: >\n  x");
    put_in("a: 1\r\nb: |\r\n  x", "a: 1\r\nclusterMode: clas\r\nb: |\r\n  x");
    put_in("\u{feff}a: |\n  x", "\u{feff}clusterMode: clas\na: |\n  x");
    put_in("a: 1\nb: |\n  x\n   ", "a: 1\nclusterMode: clas\nb: |\n  x\n   ");
    put_in("networkType: a\nb: |\n  x", "networkType: a\nclusterMode: clas\nb: |\n  x");
}

#[test]
fn an_indented_root_stays_even() {
    put_in("  a: 1\n", "  a: 1\n  clusterMode: clas\n");
    put_in("# c\n    a: 1\n    b: 2", "# c\n    a: 1\n    b: 2\n    clusterMode: clas");
    put_in("  a: 1\n  #clusterMode: x\n", "  a: 1\n  #clusterMode: x\n  clusterMode: clas\n");
    put_in("\u{feff}  a: 1\n", "\u{feff}  a: 1\n  clusterMode: clas\n");
}

#[test]
fn the_key_stays_inside_the_document() {
    put_in("---\na: 1\n", "---\na: 1\nclusterMode: clas\n");
    put_in("a: 1\n...\n", "a: 1\nclusterMode: clas\n...\n");
    put_in("# x\n---\na: 1\n...\n# y\n", "# x\n---\na: 1\nclusterMode: clas\n...\n# y\n");
    put_in("---\n...\n", "---\nclusterMode: clas\n...\n");
    put_in("---", "---\nclusterMode: clas");
    put_in("--- # a\n", "--- # a\nclusterMode: clas\n");
    put_in("#clusterMode: x\n---\na: 1\n", "#clusterMode: x\n---\na: 1\nclusterMode: clas\n");
}

#[test]
fn blanks_at_the_end_of_a_block_stay_in_it() {
    put_in("networkType: |\n  overlay\n   \n", "networkType: |\n  overlay\n   \nclusterMode: clas\n");
    put_in("networkType: |\n  overlay\n\n", "networkType: |\n  overlay\nclusterMode: clas\n\n");
}

#[test]
fn a_document_without_values_gets_its_first() {
    put_in("", "clusterMode: clas\n");
    put_in("\u{feff}", "\u{feff}clusterMode: clas\n");
    put_in("\n\n", "clusterMode: clas\n\n\n");
    put_in("  ", "clusterMode: clas\n  ");
    put_in("# only\n# comments\n", "# only\n# comments\nclusterMode: clas\n");
    put_in("# only", "# only\nclusterMode: clas");
    put_in("\u{feff}# only\r\n", "\u{feff}# only\r\nclusterMode: clas\r\n");
    refused("# nothing\nnull\n", set("clas"), Rule::OutsideDialect, 2);
}

#[test]
fn the_key_goes_between_braces() {
    put_in("{}", "{clusterMode: clas}");
    put_in("# none\n{ }\n", "# none\n{clusterMode: clas }\n");
    put_in("{a: 1}\n", "{a: 1, clusterMode: clas}\n");
    put_in("{\"a\":1,\"b\":{\"c\":2}}", "{\"a\":1,\"b\":{\"c\":2}, \"clusterMode\": \"clas\"}");
    put_in("{a: 1,}", "{a: 1, clusterMode: clas,}");
    put_in("{'a': 1}", "{'a': 1, clusterMode: clas}");
    put_in("{a: 1, b: [\n  2\n]}\n", "{a: 1, b: [\n  2\n], clusterMode: clas}\n");
}

#[test]
fn the_key_gets_a_line_of_its_own_where_others_have_one() {
    put_in("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"clusterMode\": \"clas\"\n}\n");
    put_in("{\r\n\t\"a\": 1\r\n}\r\n", "{\r\n\t\"a\": 1,\r\n\t\"clusterMode\": \"clas\"\r\n}\r\n");
    put_in("{\n  a: 1,\n}\n", "{\n  a: 1,\n  clusterMode: clas,\n}\n");
    put_in("{\n  a: 1 # why\n}\n", "{\n  a: 1, # why\n  clusterMode: clas\n}\n");
    put_in("{\n  a: 1, # why\n}\n", "{\n  a: 1, # why\n  clusterMode: clas,\n}\n");
    put_in("{\n  a: 1 }\n", "{\n  a: 1, clusterMode: clas }\n");
    put_in("{\n  a: {\n    b: 1\n  }\n}", "{\n  a: {\n    b: 1\n  },\n  clusterMode: clas\n}");
}

// Taking out.

#[test]
fn the_key_goes_with_its_line() {
    check("clusterMode: clas\n", REMOVE, "");
    check("clusterMode: clas", REMOVE, "");
    check("a: 1\nclusterMode: clas # why\nb: 2\n", REMOVE, "a: 1\nb: 2\n");
    check("# above\nclusterMode: clas\n# below\n", REMOVE, "# above\n# below\n");
    check("a: 1\nclusterMode: clas", REMOVE, "a: 1");
    check("a: 1\r\nclusterMode: clas", REMOVE, "a: 1");
    check("a: 1\r\nclusterMode: clas\r\nb: 2\r\n", REMOVE, "a: 1\r\nb: 2\r\n");
    check("\u{feff}clusterMode: clas\nb: 2\n", REMOVE, "\u{feff}b: 2\n");
    check("clusterMode:\n  clas\nb: 1\n", REMOVE, "b: 1\n");
    check("clusterMode: # why\n  # so\n  clas # yes\nb: 1\n", REMOVE, "b: 1\n");
    check("clusterMode: \"a\n  b\"\nb: 1\n", REMOVE, "b: 1\n");
    check("clusterMode:\nb: 1\n", REMOVE, "b: 1\n");
    check("clusterMode: |-\n  clas\n\nb: 1\n", REMOVE, "b: 1\n");
    check("clusterMode:\n- a\n- b\nb: 1\n", REMOVE, "b: 1\n");
    check("clusterMode:\n  a: |\n    x\n  b: {}\nb: 1\n", REMOVE, "b: 1\n");
    check("a: |\n  x\nclusterMode: clas", REMOVE, "a: |\n  x\n");
    check("a: |\n  x\n# c\nclusterMode: clas", REMOVE, "a: |\n  x\n# c");
    check("---\nclusterMode: clas", REMOVE, "---");
}

#[test]
fn the_key_goes_with_its_comma() {
    check("{clusterMode: clas}", REMOVE, "{}");
    check("{clusterMode: clas,}", REMOVE, "{}");
    check("{clusterMode: clas, a: 1}", REMOVE, "{a: 1}");
    check("{a: 1, clusterMode: clas, b: 2}", REMOVE, "{a: 1, b: 2}");
    check("{\"a\":1,\"clusterMode\":\"clas\"}", REMOVE, "{\"a\":1}");
    check("{\n  clusterMode: clas, # why\n  a: 1\n}\n", REMOVE, "{\n  a: 1\n}\n");
    check("{\n  a: 1, # why\n  clusterMode: clas # so\n}\n", REMOVE, "{\n  a: 1 # why\n}\n");
    check("{\n  clusterMode: clas\n}\n", REMOVE, "{\n}\n");
    refused("{a: 1, # why\n  clusterMode: clas}", REMOVE, Rule::OutsideDialect, 2);
}

#[test]
fn what_is_not_there_is_removed_already() {
    check("a: 1\n", REMOVE, "a: 1\n");
    check("", REMOVE, "");
    check_at(NESTED, "illumio: 1\n", REMOVE, "illumio: 1\n");
}

#[test]
fn a_key_that_shares_its_line_stays() {
    refused("? clusterMode\n: clas\n", REMOVE, Rule::OutsideDialect, 1);
    // Helm refuses a file of `...` alone
    refused("clusterMode: clas\n...\n", REMOVE, Rule::UnfaithfulEdit, 1);
}

// Below other keys.

#[test]
fn a_nested_value_is_replaced() {
    check_at(NESTED, "illumio:\n  clusterMode: legacy # x\n", set("clas"), "illumio:\n  clusterMode: clas # x\n");
    check_at(NESTED, "illumio: {clusterMode: legacy}\n", set("clas"), "illumio: {clusterMode: clas}\n");
    check_at(
        NESTED,
        "clusterMode: x\nillumio:\n clusterMode: legacy",
        set("clas"),
        "clusterMode: x\nillumio:\n clusterMode: clas",
    );
    let list = &["releases", "1", "values", "0", "clusterMode"];
    check_at(
        list,
        "releases:\n- name: a\n- values:\n  - clusterMode: legacy\n",
        set("clas"),
        "releases:\n- name: a\n- values:\n  - clusterMode: clas\n",
    );
}

#[test]
fn a_nested_key_is_put_in_at_its_level() {
    let check = |before: &str, after: &str| check_there_and_back(NESTED, before, after);
    check("illumio:\n  a: 1\nb: 2\n", "illumio:\n  a: 1\n  clusterMode: clas\nb: 2\n");
    check("illumio:\n  a: 1", "illumio:\n  a: 1\n  clusterMode: clas");
    check("illumio:\n    a: 1\r\nb: 2\r\n", "illumio:\n    a: 1\r\n    clusterMode: clas\r\nb: 2\r\n");
    check(
        "illumio:\n  networkType: x\n  b:\n    c: 1\n",
        "illumio:\n  networkType: x\n  clusterMode: clas\n  b:\n    c: 1\n",
    );
    check(
        "illumio: # us\n\n  # first\n  a: 1\n\n# b\nb: 2\n",
        "illumio: # us\n\n  # first\n  a: 1\n  clusterMode: clas\n\n# b\nb: 2\n",
    );
    check(
        "illumio:\n  a: 1 # one\n       # two\nb: 2\n",
        "illumio:\n  a: 1 # one\n       # two\n  clusterMode: clas\nb: 2\n",
    );
    check(
        "illumio:\n  a: 1\n  #clusterMode: x\nb: 2\n",
        "illumio:\n  a: 1\n  #clusterMode: x\n  clusterMode: clas\nb: 2\n",
    );
    check(
        "illumio:\n  #clusterMode: x\n  a: 1\nb: 2\n",
        "illumio:\n  #clusterMode: x\n  clusterMode: clas\n  a: 1\nb: 2\n",
    );
    check(
        "illumio:\n  a: 1\n#clusterMode: x\nb: 2\n",
        "illumio:\n  a: 1\n  clusterMode: clas\n#clusterMode: x\nb: 2\n",
    );
    check("illumio:\n  a: |\n    x\nb: 2", "illumio:\n  a: |\n    x\n  clusterMode: clas\nb: 2");
    check("illumio:\n  a: |+\n    x\n\n\nb: 2\n", "illumio:\n  a: |+\n    x\n\n\n  clusterMode: clas\nb: 2\n");
    check("illumio:\n  b: 1\n  a: |\n    x", "illumio:\n  b: 1\n  clusterMode: clas\n  a: |\n    x");
    check("illumio:\n  a:\n  - 1\n  - 2\n", "illumio:\n  a:\n  - 1\n  - 2\n  clusterMode: clas\n");
    check("illumio: {a: 1}\n", "illumio: {a: 1, clusterMode: clas}\n");
    check("illumio: {}\n", "illumio: {clusterMode: clas}\n");
    check("{illumio: {a: 1}}", "{illumio: {a: 1, clusterMode: clas}}");
}

#[test]
fn a_key_is_put_into_an_item_of_a_list() {
    let path = &["releases", "0", "clusterMode"];
    check_there_and_back(path, "releases:\n- a: 1\n- b: 2\n", "releases:\n- a: 1\n  clusterMode: clas\n- b: 2\n");
    check_there_and_back(path, "releases:\n  -   a: 1", "releases:\n  -   a: 1\n      clusterMode: clas");
    check_there_and_back(path, "releases: [{a: 1}]", "releases: [{a: 1, clusterMode: clas}]");
    refused_at(path, "releases:\n- clusterMode: clas\n  a: 1\n", REMOVE, Rule::OutsideDialect, 2);
}

#[test]
fn a_parent_without_a_value_becomes_a_mapping() {
    let check = |before: &str, after: &str| check_at(NESTED, before, set("clas"), after);
    check("illumio:\nb: 1\n", "illumio:\n  clusterMode: clas\nb: 1\n");
    check("illumio: # us\n", "illumio: # us\n  clusterMode: clas\n");
    check("illumio:", "illumio:\n  clusterMode: clas");
    check("a:\n    b: 1\nillumio:\r\n", "a:\n    b: 1\nillumio:\r\n    clusterMode: clas\r\n");
    check(
        "illumio:\n    # one\n    #clusterMode: x\n    # two\n",
        "illumio:\n    # one\n    #clusterMode: x\n    clusterMode: clas\n    # two\n",
    );
    check("illumio:\n#clusterMode: x\nb: 1\n", "illumio:\n  clusterMode: clas\n#clusterMode: x\nb: 1\n");
    refused_at(NESTED, "a: 1\nillumio: ~\n", set("clas"), Rule::OutsideDialect, 2);
    refused_at(NESTED, "illumio: 1\n", set("clas"), Rule::OutsideDialect, 1);
    refused_at(NESTED, "illumio: []\n", set("clas"), Rule::OutsideDialect, 1);
    refused_at(NESTED, "a: 1\n", set("clas"), Rule::OutsideDialect, 1);
}

#[test]
fn a_parent_is_not_left_without_a_value() {
    check_at(NESTED, "illumio: {clusterMode: clas}\n", REMOVE, "illumio: {}\n");
    refused_at(NESTED, "illumio:\n  clusterMode: clas\n", REMOVE, Rule::OutsideDialect, 2);
}

// Words and names.

#[test]
fn a_word_takes_the_place_of_a_value_and_its_quotes() {
    check_at(&["a"], "a: \"false\" # x\n", Edit::Word("false"), "a: false # x\n");
    check_at(&["a"], "{a: '1'}", Edit::Word("1"), "{a: 1}");
    refused_at(&["a"], "a: |-\n  1\n", Edit::Word("1"), Rule::OutsideDialect, 2);
    refused_at(&["a"], "a: x\n", Edit::Word("a # b"), Rule::UnfaithfulEdit, 1);
}

#[test]
fn a_name_takes_the_place_of_a_name() {
    check_at(&["a"], "a : 1 # x\n", Edit::Rename("b"), "b : 1 # x\n");
    check_at(&["a", "b"], "a: {\"b\": 1}\n", Edit::Rename("c"), "a: {\"c\": 1}\n");
    check_at(&["a"], "a:\n  b: 1\n", Edit::Rename("on"), "\"on\":\n  b: 1\n");
    refused_at(&["a"], "a: 1\nb: 2\n", Edit::Rename("b"), Rule::UnfaithfulEdit, 1);
}

// Refusals.

#[test]
fn what_helm_reads_in_two_ways_is_refused() {
    refused("a: 1\n---\nb: 2\n", set("clas"), Rule::SeveralDocuments, 2);
    refused("a: 1\n---\n# nothing\n", set("clas"), Rule::SeveralDocuments, 2);
    refused("--- {a: 1}\n", set("clas"), Rule::OutsideDialect, 1);
    refused("%YAML 1.1\n---\na: 1\n", set("clas"), Rule::OutsideDialect, 1);
    refused("a: 1\n...\nb: 2\n", set("clas"), Rule::TextAfterEnd, 3);
    refused("a: \"x\n---y\"\n", set("clas"), Rule::OutsideDialect, 2);
    refused("a: 1\rb: 2\r", set("clas"), Rule::OutsideDialect, 1);
    refused("a: x\u{85}b: y\n", set("clas"), Rule::OutsideDialect, 1);
    refused("a: 1\n\u{feff}b: 2\n", set("clas"), Rule::OutsideDialect, 2);
    refused(&format!("a: 1\nb: {}", "x".repeat(4093)), set("clas"), Rule::OutsideDialect, 2);
}

#[test]
fn what_stands_in_more_than_one_place_is_refused() {
    refused("clusterMode: a\nb: 1\nclusterMode: b\n", set("clas"), Rule::DuplicateKey, 3);
    refused("clusterMode: a\n\"cluster\\u004dode\": b\n", set("clas"), Rule::DuplicateKey, 2);
    refused("clusterMode: &m legacy\nb: *m\n", set("clas"), Rule::OutsideDialect, 1);
    refused("m: &m legacy\nclusterMode: *m\n", set("clas"), Rule::OutsideDialect, 2);
    refused("m: &m clusterMode\n*m : legacy\n", set("clas"), Rule::OutsideDialect, 2);
    refused("clusterMode: !!str legacy\n", set("clas"), Rule::OutsideDialect, 1);
    refused("b: &b\n  clusterMode: x\n<<: *b\n", set("clas"), Rule::OutsideDialect, 2);
    refused("b: &b\n  clusterMode: x\nclusterMode: y\n<<: [*b]\n", set("clas"), Rule::OutsideDialect, 2);
    refused_at(NESTED, "illumio: &i {a: 1}\nb: *i\n", set("clas"), Rule::OutsideDialect, 1);
    refused_at(NESTED, "b: &i {a: 1}\nillumio: *i\n", set("clas"), Rule::OutsideDialect, 2);
    check("b: &b\n  x: 1\n<<: *b\n", set("clas"), "b: &b\n  x: 1\n<<: *b\nclusterMode: clas\n");
}

#[test]
fn a_value_that_is_no_word_is_refused() {
    refused("clusterMode: [clas]\n", set("clas"), Rule::OutsideDialect, 1);
    refused("clusterMode:\n- clas\n", set("clas"), Rule::OutsideDialect, 2);
    refused("clusterMode: {a: 1}\n", set("clas"), Rule::OutsideDialect, 1);
    refused("clusterMode: a\n  b\n", set("clas"), Rule::OutsideDialect, 1);
    refused("clusterMode: \"a\n  b\"\n", set("clas"), Rule::OutsideDialect, 1);
}

#[test]
fn what_helm_does_not_read_is_refused() {
    refused("a: 1\n b: 2\n", set("clas"), Rule::InvalidYaml, 2);
    refused("  a: 1\nb: 2\n", set("clas"), Rule::InvalidYaml, 2);
    refused("a: 1\n\tb: 2\n", set("clas"), Rule::InvalidYaml, 2);
    refused("a: 1 # c\n\n# d\n \tb: 2\n", set("clas"), Rule::InvalidYaml, 4);
    refused("a:\n  b: 1\n\tc: 2\nd: 3\n", set("clas"), Rule::InvalidYaml, 3);
    refused("a:\n- b\n\t- c\n", set("clas"), Rule::InvalidYaml, 3);
    refused("a: |\n  x\n\ty\nb: 1\n", set("clas"), Rule::InvalidYaml, 3);
    // where a tab does no harm it is not to blame
    refused("a: [1,\n\t2\nb: 1\n", set("clas"), Rule::InvalidYaml, 3);
    refused("a: b: c\nd: [1,\n\t2]\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: 1\n\t# c\nb: 2\n", set("clas"), Rule::InvalidYaml, 2);
    refused("a: 1\n\t\nb: 2\n", set("clas"), Rule::OutsideDialect, 2);
    refused("a:\n-\tb\n", set("clas"), Rule::InvalidYaml, 2);
    refused("a: |\n  \tx\n", set("clas"), Rule::InvalidYaml, 2);
    refused("...\na: 1\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: b: c\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: \"x\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: 1\n: 2\n", set("clas"), Rule::InvalidYaml, 2);
    refused("a: .inf\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: *b\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: \"\\/\"\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: 1\nb: \"\\ud83d\\ude00\"\n", set("clas"), Rule::InvalidYaml, 2);
    refused("a: x\u{7f}\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: \0\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: 1\nb: {{ .x }}\n", set("clas"), Rule::TemplateInValues, 2);
    refused("- a: 1\n", set("clas"), Rule::NotAMapping, 1);
    refused("clusterMode:clas\n", set("clas"), Rule::NotAMapping, 1);
}

#[test]
fn what_helm_reads_otherwise_than_others_is_refused() {
    refused("a: [b?c]\n", set("clas"), Rule::OutsideDialect, 1);
    refused("a: {b:, c: 1}\n", set("clas"), Rule::OutsideDialect, 1);
    refused("a: {b\n  : c}\n", set("clas"), Rule::InvalidYaml, 1);
    refused("a: &b.c 1\n", set("clas"), Rule::InvalidYaml, 1);
    refused("1: a\n\"1\": b\n", set("clas"), Rule::OutsideDialect, 2);
    refused("1e30: a\n", set("clas"), Rule::OutsideDialect, 1);
    refused("a: !b c\n", set("clas"), Rule::OutsideDialect, 1);
}
