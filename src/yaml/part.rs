//! A part of a document that can be read by itself: whole entries of the root mapping, one after the other.
//!
//! An edit is proven on the part around it, so that the proof costs what the part does and not what the file does. That
//! is sound where the whole is read as its parts are, one after the other; and it is, for these reasons.
//!
//! - A part begins at a line that begins with a plain or quoted key of the root mapping and the colon behind it, and
//!   ends before such a line or with the text. Text in the column of the root mapping ends everything that is open in
//!   the lines above except the root mapping itself: text over several lines and collections that are indented further.
//!   Quotes and brackets are not ended by it, nor by the end of a text: a part that leaves one open is not a document.
//! - So the reader comes to such a line in one state: outside of quotes and brackets, in the root mapping, at a key. It
//!   is the state in which it comes to the first key of a text, but for the anchors it has seen; in a document with
//!   anchors there are no parts.
//! - What comes before a part is the same before and after the edit, and is read without looking further than to the
//!   first letter of the part, which an edit behind its first key leaves alone. What comes after it is the same, too,
//!   and begins in the same state.
//! - A document is refused because of a node and what is beside it on its lines, of characters, of lines (the part has
//!   whole ones), of markers between documents (a part has none), of its size, or of the names in a mapping: among
//!   those of the root that are text no two are the same for Helm unless they are equal, and the path of the edit was
//!   looked up in the whole.
//!
//! The test below checks this with the reader, for parts that were broken in all manner of ways.

use std::ops::Range;

use super::{
    document::Document,
    limits::MAX_BYTES,
    scalar::Scalar,
    tree::{Kind, NodeId},
};

impl Document<'_> {
    /// The smallest part that an edit of some bytes falls into, behind its first key; nothing where there is none, or
    /// none that is much smaller than the whole.
    pub(super) fn part_around(&self, edit: &Range<usize>) -> Option<Range<usize>> {
        let tree = &self.tree;
        if tree.nodes.first()?.kind != Kind::BlockMapping || tree.nodes.iter().any(|node| node.anchored) {
            return None;
        }
        let mut part = None;
        let mut end = self.text().len();
        for (key, _) in tree.entries(0) {
            if !matches!(tree.scalar(key), Some(Scalar::Text(_))) {
                return None;
            }
            let span = tree.span(key);
            if !self.begins_part(key) {
                continue;
            }
            if span.end <= edit.start {
                part = Some(span.start);
            } else if span.start >= edit.end {
                end = end.min(span.start);
            }
        }
        part.map(|start| start..end).filter(|part| part.len() < self.text().len() / 2)
    }

    /// Whether a line begins with a key and the colon behind it.
    fn begins_part(&self, key: NodeId) -> bool {
        let (text, span, node) = (self.text(), self.tree.span(key), self.tree.node(key));
        let is_written_plainly =
            matches!(node.kind, Kind::Plain | Kind::SingleQuoted | Kind::DoubleQuoted) && !node.tagged;
        is_written_plainly
            && (span.start == 0 || text[..span.start].ends_with('\n'))
            && !text[span.clone()].contains('\n')
            && text[span.end..].trim_start_matches([' ', '\t']).starts_with(':')
    }

    /// The part of the text before and after an edit, of which `text` is the whole afterwards.
    pub(super) fn part_before_and_after<'n>(&self, part: &Range<usize>, text: &'n str) -> Option<(&str, &'n str)> {
        let behind = self.text().len() - part.end;
        let end = text.len().checked_sub(behind)?;
        let (before, after) = (&self.text()[part.clone()], text.get(part.start..end)?);
        let ends_with_line = behind == 0 || after.ends_with('\n');
        (ends_with_line && text.len() <= MAX_BYTES).then_some((before, after))
    }

    /// Whether a part that was read by itself is one: it has no marker before it, nor one behind it that would part it
    /// from what follows.
    pub(super) fn is_part(&self) -> bool {
        self.tree.content == (0..self.text().len())
            && self.tree.nodes.first().is_some_and(|root| root.kind == Kind::BlockMapping && root.start == 0)
            && self.tree.nodes.iter().all(|node| !node.anchored)
            && self.begins_part(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes before a part, and after it: each way in which things end and begin in the column of the root.
    const BEFORE: &[&str] = &[
        "",
        "# a remark\n",
        "---\n",
        "\u{feff}\"a\": 1\r\n",
        "a: x\n  y\n",
        "a: |\n  x\n\n",
        "a: >+\n  x\n\n\n  # y\n",
        "a:\n- 1\n- b: c\n  d: [e,\nf]\n# g\n",
        "a: 'x\n\ny'\n",
        "? a\n: b\n",
        "a:\n  b:\n    c:\n",
        "a: {\n\"b\": \"c\n#d\"}\n\n",
    ];
    const PARTS: &[&str] = &[
        "k: v\n",
        "k: v # w\nl:\n  m: n\n",
        "'k':\n  - a\n  - b: c\n    d: >-\n      e\n\n      f\n",
        "k: |\n  a\n   b\n\nl: [a, {b: c}]\n",
        "k:\n- a\n- - b\n  - c\n\"l\" : \"d\\\n  e\"\n",
    ];
    const BEHIND: &[&str] = &[
        "",
        "z: 1\n",
        "z:\n- 1\n",
        "'z': |\n  x",
        "z: {a: b,\nc: d} # e\n",
        "\"z\":\n  y: >\n    x\n\nw: v",
        "z: 1\n...\n",
    ];
    /// What a part is broken with.
    #[rustfmt::skip]
    const SPLINTERS: &[&str] = &[
        "\n", "\n\n", " ", "  ", "\t", "\r\n", "\n ", "\n  ", "x", "1", "~", "é", "k: v\n", "\nz: 2\n", ":", ": ", ":\n", "-", "- ",
        "\n- ", "\n-\n", "?", "? ", "\n? ", "\n?\n", ",", "[", "]", "{", "}", "'", "\"", "''", "\\", "|", "|\n", "|+\n", "|1\n",
        ">-\n", ">2\n", "#", " #", "\n#", "\n  # c\n", "&a", " &a ", "*a", "!!str ", " !!map", "!x ", "%", "\n%YAML 1.2\n", "---",
        "\n---", "\n---\n", "...", "\n...\n", "<<: ", "\n<<: {a: 1}\n", "`", "@", "=", "\u{feff}", "\u{2028}", "null: ",
    ];

    /// Numbers without a pattern, the same in every run. (Knuth's generator.)
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).expect("31 bits") % bound
        }

        fn one<'s>(&mut self, of: &[&'s str]) -> &'s str {
            of[self.below(of.len())]
        }
    }

    /// The nodes of a document below its root, with their texts, as they are after so many bytes and nodes.
    fn nodes(document: &Document<'_>, bytes: usize, before: usize) -> Vec<(Kind, bool, Range<usize>, usize, String)> {
        let tree = &document.tree;
        let told = |id: NodeId| {
            let (node, span) = (tree.node(id), tree.span(id));
            let is_scalar = !node.kind.is_mapping() && !node.kind.is_sequence();
            let text = if is_scalar { tree.text(id).to_owned() } else { String::new() };
            // a block without a line begins at its end, or, where the text ends as well, behind its header
            let has_no_line = node.kind.is_block_scalar() && text.trim_matches('\n').is_empty();
            let start = if has_no_line { span.end } else { span.start };
            (node.kind, node.tagged, start + bytes..span.end + bytes, node.next as usize + before, text)
        };
        (1..tree.nodes.len()).map(told).collect()
    }

    fn has_names(document: &Document<'_>) -> bool {
        document.tree.entries(0).all(|(key, _)| matches!(document.tree.scalar(key), Some(Scalar::Text(_))))
    }

    /// Nothing that is broken within a part is read otherwise in the whole than by itself.
    #[test]
    fn the_whole_is_read_as_its_parts_are() {
        let mut dice = Dice(1);
        let mut read = 0;
        while read < 10_000 {
            let (before, part, behind) = (dice.one(BEFORE), dice.one(PARTS), dice.one(BEHIND));
            let first_key = part.find(':').expect("a part begins with a key");
            let mut changed = part.to_owned();
            for _ in 0..=dice.below(3) {
                let after_key: Vec<usize> = changed
                    .char_indices()
                    .map(|(at, _)| at)
                    .chain([changed.len()])
                    .filter(|at| *at >= first_key)
                    .collect();
                let [one, other] = [(); 2].map(|()| after_key[dice.below(after_key.len())]);
                let end = if dice.below(2) == 0 { one } else { other.max(one).min(one + 4) };
                let end = (one..=end).rev().find(|end| changed.is_char_boundary(*end)).unwrap_or(one);
                changed.replace_range(one..end, dice.one(SPLINTERS));
            }
            if !changed.is_char_boundary(first_key) || !(changed.ends_with('\n') || behind.is_empty()) {
                continue;
            }
            let Some(alone) = Document::read(&changed).ok().filter(|alone| alone.is_part() && has_names(alone)) else {
                continue;
            };
            read += 1;
            let text = [before, &changed, behind].concat();
            let whole = Document::read(&text).unwrap_or_else(|finding| panic!("{text:?}: {finding:?}"));
            let first = Document::read(before).expect("what stands before is a document");
            let last = Document::read(behind).expect("what stands behind is a document");
            let mut expected = nodes(&first, 0, 0);
            // a document without values has an empty root, or none
            expected.retain(|_| !first.is_empty());
            let before_part = expected.len();
            expected.extend(nodes(&alone, before.len(), before_part));
            expected.extend(nodes(&last, before.len() + changed.len(), expected.len()));
            assert_eq!(nodes(&whole, 0, 0), expected, "{text:?}");
        }
    }

    #[test]
    fn a_part_holds_the_entries_around_an_edit() {
        #[track_caller]
        fn check(text: &str, edit: &str, expected: Option<&str>) {
            let document = Document::read(text).expect("a document");
            let at = text.find(edit).expect("the text has it");
            let part = document.part_around(&(at..at + edit.len()));
            assert_eq!(part.map(|part| &text[part]), expected, "{text:?}");
        }
        let rest = "z:\n  y: 1\nx: 2\nw: 3\n";
        check(&format!("a: 1\nb: two\nc: 3\n{rest}"), "two", Some("b: two\n"));
        check(&format!("a: 1\n'b':\n- two\n# c\nd: 3\n{rest}"), "two", Some("'b':\n- two\n# c\n"));
        check(&format!("a: 1\nb: 2\nc: 3\n{rest}"), "b: 2\n", Some("a: 1\nb: 2\n"));
        check(&format!("{rest}a: 1\nb: two"), "two", Some("b: two"));
        check(&format!("{rest}a: 1\n? b\n: two\nc: d\n"), "two", Some("a: 1\n? b\n: two\n"));
        // too much of the text; no key before it; another root; anchors; names that are not text
        check("a: two\nb: 3\n", "two", None);
        check(&format!("a: 1\n{rest}"), "a", None);
        check(&format!("{{a: 1,\nb: two,\nc: 3, d: [{}]}}\n", "e,".repeat(20)), "two", None);
        check(&format!("a: 1\nb: two\nc: &d 3\n{rest}"), "two", None);
        check(&format!("a: 1\nb: two\n3: 3\n{rest}"), "two", None);
    }
}
