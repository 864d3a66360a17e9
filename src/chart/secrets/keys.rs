//! What the keys of a pair are called: `{name: TOKEN, value: x}`.

use crate::spelling::distance;

/// What the keys of a pair are called.
pub(super) fn is_name(key: &str) -> bool {
    const NAMES: &[&str] = &[
        "name",
        "names",
        "key",
        "keys",
        "path",
        "parameter",
        "param",
        "variable",
        "var",
        "option",
        "id",
        "property",
        "prop",
        "field",
        "k",
        "n",
        "setting",
        "env",
        "envvar",
        "envname",
        "title",
        "label",
        "attribute",
        "attr",
        "arg",
        "argument",
        "flag",
        "varname",
        "variablename",
        "keyname",
        "fieldname",
        "secretname",
        "secretkey",
        "entry",
        "identifier",
        "header",
        "envvarname",
        "environmentvariable",
        "configkey",
        "fieldpath",
        "targetpath",
        "target",
        "item",
        "input",
    ];
    NAMES.iter().any(|own| is_same(key, own))
}

/// What the other one is called.
pub(super) fn is_value(key: &str) -> bool {
    const VALUES: &[&str] = &[
        "value",
        "val",
        "default",
        "defaultvalue",
        "content",
        "contents",
        "values",
        "vals",
        "v",
        "string",
        "stringvalue",
        "text",
        "data",
        "literal",
        "literals",
        "initial",
        "initialvalue",
        "current",
        "currentvalue",
        "secret",
        "array",
        "map",
        "raw",
        "body",
        "plain",
        "plaintext",
        "valuestring",
        "to",
        "example",
        "fallback",
        "constant",
        "sourcevalue",
    ];
    // `valu`, `vale`: one letter off
    let is_near = || key.starts_with('v') && key.len() > 3 && key.len() < 8 && distance(key, "value") == 1;
    VALUES.iter().any(|own| is_same(key, own)) || is_near()
}

/// Whether a key is a word, whatever its case and the signs between its letters.
fn is_same(key: &str, own: &str) -> bool {
    let letters = || key.bytes().filter(|b| !matches!(b, b'_' | b'-')).map(|b| b.to_ascii_lowercase());
    key.len() <= own.len() + 3 && letters().eq(own.bytes())
}

/// The last part of a name in a path of keys, as JSON Pointer and dots write it.
pub(super) fn pointed(name: &str) -> &str {
    // `-` and a number are places in a list
    let is_place = |part: &&str| *part == "-" || !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    name.rsplit(['/', '=']).find(|part| !is_place(part)).unwrap_or(name)
}
