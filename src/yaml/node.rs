//! [`Node`]: a value in the hand, with where it is, through texts within texts; and [`Texts`], which keep what was read
//! for as long as nodes point to it.

use std::{cell::RefCell, collections::HashMap, ops::Range};

use serde_json::Value;
use typed_arena::Arena;

use super::{
    document::Document,
    edit::{Edit, Edited},
    layers::{Block, moved},
    rendered::{Language, Rendered, Renderer},
    scalar::Scalar,
    tree::{Kind, NodeId, Tree},
};
use crate::finding::Address;
use crate::finding::Finding;

/// What was read: texts and their documents, for as long as anything points to them.
///
/// Nothing is ever taken out, so that a node can be held while more is read.
#[derive(Default)]
pub struct Texts<'s> {
    strings: Arena<String>,
    bytes: Arena<Vec<u8>>,
    read: Arena<Text<'s>>,
    rendered: Arena<Rendered<'s>>,
}

impl<'s> Texts<'s> {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many texts were parsed.
    #[must_use]
    pub fn parsed(&self) -> usize {
        self.read.len()
    }

    pub(crate) fn keep_bytes(&self, bytes: Vec<u8>) -> &[u8] {
        self.bytes.alloc(bytes)
    }

    pub(crate) fn keep(&self, text: String) -> &str {
        self.strings.alloc(text)
    }

    /// Reads a document of a file, which begins at a byte of it.
    pub(crate) fn read(&'s self, file: usize, start: usize, text: &'s str) -> Result<&'s Text<'s>, Finding> {
        let document = Document::read(text).map_err(|finding| moved(finding, start))?;
        Ok(self.keep_text(document, file, start, None))
    }

    /// Reads a document of a file with others of its bytes in the place of some, as many: those that a tool fills in before
    /// it is one. Nothing where it is not a document then, either.
    pub(crate) fn read_shaded(
        &'s self,
        file: usize,
        start: usize,
        text: &'s str,
        shaded: String,
    ) -> Option<&'s Text<'s>> {
        let document = Document::read(self.keep(shaded)).ok().filter(|it| it.text().len() == text.len())?;
        let (host, inner) = (None, RefCell::default());
        Some(self.read.alloc(Text { store: self, document, file, start, shaded: Some(text), host, inner }))
    }

    /// The same of one whose root is a list; nothing where it is not one.
    pub(crate) fn read_list(&'s self, file: usize, start: usize, text: &'s str) -> Option<&'s Text<'s>> {
        let document = Document::read_any(text).ok().filter(Document::root_is_list)?;
        Some(self.keep_text(document, file, start, None))
    }

    /// Reads what a file of another language says.
    pub(crate) fn read_rendered(
        &'s self,
        file: usize,
        source: &'s str,
        language: Language,
        render: Renderer,
    ) -> Vec<Result<&'s Text<'s>, Finding>> {
        let read = |(number, rendering): (usize, super::rendered::Rendering)| {
            let rendering = rendering.settled();
            let rendered: &'s Rendered<'s> =
                self.rendered.alloc(Rendered { source, rendering, number, render, language });
            match Document::read_any(rendered.rendering.text()) {
                Ok(document) => Ok(self.keep_text(document, file, 0, Some(Host::Language(rendered)))),
                Err(finding) => Err(rendered.placed(finding)),
            }
        };
        render(source).map_or_else(|finding| vec![Err(finding)], |all| all.into_iter().enumerate().map(read).collect())
    }

    fn keep_text(&'s self, document: Document<'s>, file: usize, start: usize, host: Option<Host<'s>>) -> &'s Text<'s> {
        self.read.alloc(Text { store: self, document, file, start, shaded: None, host, inner: RefCell::default() })
    }
}

/// A document, and where it is: in a file, or as the text of a value in another document.
pub(crate) struct Text<'s> {
    store: &'s Texts<'s>,
    pub(crate) document: Document<'s>,
    /// The number of the file.
    pub(crate) file: usize,
    /// The byte of the file, or of the outer text, at which it begins.
    start: usize,
    /// The text of the file, where bytes of the document are others than in that.
    shaded: Option<&'s str>,
    host: Option<Host<'s>>,
    /// The documents in its values, by the byte of the value's text at which each begins.
    inner: RefCell<HashMap<(NodeId, usize), Inner<'s>>>,
}

/// A document in a value, or why it cannot be read.
type Inner<'s> = Result<&'s Text<'s>, Finding>;

/// What contains a document.
enum Host<'s> {
    /// The value whose text it is.
    Value {
        node: Node<'s>,
        /// Its lines, where it is written so that they can be distinguished; else why they cannot.
        block: Result<Block, Finding>,
        /// Whether bytes of the text are others in the document: those that a tool fills in.
        is_shaded: bool,
    },
    /// A file of another language, of which it is the rendering.
    Language(&'s Rendered<'s>),
}

impl Rendered<'_> {
    /// A finding about the rendering, with its place in the file.
    fn placed(&self, finding: Finding) -> Finding {
        let span = finding.span.clone().map(|span| self.rendering.span(span));
        Finding { span, fix: None, ..finding }
    }
}

impl<'s> Text<'s> {
    pub(crate) fn root(&'s self) -> Option<Node<'s>> {
        self.document.tree.nodes.first().map(|_| Node { text: self, id: 0, key: None })
    }

    /// All entries of its mappings whose names are text: the mapping, the name, the value.
    pub(crate) fn all_entries(&'s self) -> impl Iterator<Item = (Node<'s>, &'s str, Node<'s>)> {
        let tree = &self.document.tree;
        let mappings = (0..tree.nodes.len()).filter(|id| tree.node(*id).kind.is_mapping());
        mappings.flat_map(move |id| {
            let mapping = Node { text: self, id, key: None };
            let entries = tree.entries(id);
            entries.filter_map(move |(key, value)| match tree.scalar(key) {
                Some(Scalar::Text(name)) => Some((mapping, name, Node { text: self, id: value, key: Some(key) })),
                _ => None,
            })
        })
    }

    /// All of its scalars that are values, and stand where they are written.
    pub(crate) fn all_values(&'s self) -> impl Iterator<Item = Node<'s>> {
        let tree = &self.document.tree;
        let is_scalar = |id: &NodeId| !matches!(tree.node(*id).kind, kind if kind.is_mapping() || kind.is_sequence() || kind == Kind::Alias);
        let collections = (0..tree.nodes.len()).flat_map(move |id| {
            let kind = tree.node(id).kind;
            let of_mapping = kind.is_mapping().then(|| tree.entries(id).map(|(key, value)| (Some(key), value)));
            let of_list = kind.is_sequence().then(|| tree.children(id).map(|item| (None, item)));
            of_mapping.into_iter().flatten().chain(of_list.into_iter().flatten())
        });
        collections.filter(move |(_, id)| is_scalar(id)).map(move |(key, id)| Node { text: self, id, key })
    }

    /// Bytes of this text as bytes of the file. Where the text is not written line by line, those of the whole value.
    pub(crate) fn span(&self, span: Range<usize>) -> Range<usize> {
        match &self.host {
            None => span.start + self.start..span.end + self.start,
            Some(Host::Value { node, block: Ok(block), .. }) => {
                node.text.span(block.outer(span.start)..block.outer(span.end))
            }
            Some(Host::Value { node, block: Err(_), .. }) => node.span(),
            Some(Host::Language(rendered)) => rendered.rendering.span(span),
        }
    }

    /// A finding about this text, with its place in the file.
    pub(crate) fn placed(&self, finding: Finding) -> Finding {
        match &self.host {
            None => moved(finding, self.start),
            Some(Host::Language(rendered)) => rendered.placed(finding),
            Some(Host::Value { node, block: Ok(block), .. }) => {
                node.text.placed(block.shown_in(&node.text.document, &node.path(), finding))
            }
            Some(Host::Value { node, block: Err(_), .. }) => {
                let whole = node.text.document.tree.span(node.id);
                node.text.placed(Finding { span: Some(whole), fix: None, ..finding })
            }
        }
    }

    /// Where the values at a path of this text are edited.
    pub(crate) fn address(&self, path: Vec<String>) -> Address {
        match &self.host {
            None => Address { document: self.start..self.start + self.document.text().len(), layers: vec![path] },
            Some(Host::Language(rendered)) => Address { document: 0..rendered.source.len(), layers: vec![path] },
            Some(Host::Value { node, .. }) => {
                let mut address = node.text.address(node.path());
                address.layers.push(path);
                address
            }
        }
    }

    /// The document of the file that it is in.
    pub(crate) fn outermost(&self) -> &Document<'s> {
        match &self.host {
            Some(Host::Value { node, .. }) => node.text.outermost(),
            None | Some(Host::Language(_)) => &self.document,
        }
    }

    /// What the file is written in, where that is not YAML.
    pub(crate) fn language(&self) -> Option<Language> {
        match self.host.as_ref()? {
            Host::Value { node, .. } => node.text.language(),
            Host::Language(rendered) => Some(rendered.language),
        }
    }

    /// The bytes of the outermost document in its file.
    pub(crate) fn range(&self) -> Range<usize> {
        match &self.host {
            None => self.start..self.start + self.document.text().len(),
            Some(Host::Value { node, .. }) => node.text.range(),
            Some(Host::Language(rendered)) => 0..rendered.source.len(),
        }
    }

    /// Makes an edit at a path of this text, with the proof in every text around it. What is returned is about the
    /// outermost document.
    pub(crate) fn edited(&self, path: &[&str], edit: Edit<'_>) -> Result<Edited, Finding> {
        let edited = self.document.edited(path, edit).map_err(|finding| self.in_document(finding))?;
        self.carried_out(edited)
    }

    /// Whether there is room for a text at a path of this text: a value on one line, or a mapping that takes the key.
    ///
    /// # Errors
    ///
    /// What [`Text::edited`] finds before it tries an edit, with its place in the file.
    pub(crate) fn has_room(&self, path: &[String]) -> Result<(), Finding> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        self.document.has_room(&path).map_err(|finding| self.placed(finding))?;
        self.sealed().map_or(Ok(()), Err)
    }

    fn carried_out(&self, edited: Edited) -> Result<Edited, Finding> {
        let (node, block, is_shaded) = match &self.host {
            None => {
                return Ok(match self.shaded {
                    Some(text) => edited.within(text),
                    None => edited,
                });
            }
            Some(Host::Language(rendered)) => return rendered.carried_out(&edited),
            Some(Host::Value { node, block, is_shaded }) => (node, block, *is_shaded),
        };
        let outer = node.text;
        let block = block.as_ref().map_err(|finding| outer.in_document(finding.clone()))?;
        let path = node.path();
        // byte for byte, what is shaded is where its text is
        let edited = if is_shaded { edited.within(&block.text) } else { edited };
        let edited = outer.document.with_block(&path, block, &edited.text);
        outer.carried_out(edited.map_err(|finding| outer.in_document(finding))?)
    }

    /// A finding about this text, with its place in the outermost document.
    fn in_document(&self, finding: Finding) -> Finding {
        moved_back(self.placed(finding), self.range().start)
    }

    /// Why nothing in this text can be edited in place, if so: it, or one around it, is not written line by line.
    pub(crate) fn sealed(&self) -> Option<Finding> {
        let Host::Value { node, block, .. } = self.host.as_ref()? else { return None };
        match block {
            Ok(_) => node.text.sealed(),
            Err(finding) => Some(node.text.placed(finding.clone())),
        }
    }
}

/// A finding of a file, with its place in the document that begins at a byte of it.
fn moved_back(mut finding: Finding, by: usize) -> Finding {
    finding.span = finding.span.map(|span| span.start.saturating_sub(by)..span.end.saturating_sub(by));
    finding
}

/// A value of a document, with its key where it has one.
#[derive(Clone, Copy)]
pub(crate) struct Node<'s> {
    pub(crate) text: &'s Text<'s>,
    id: NodeId,
    key: Option<NodeId>,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.text, other.text) && self.id == other.id
    }
}

impl<'s> Node<'s> {
    fn tree(self) -> &'s Tree<'s> {
        &self.text.document.tree
    }

    fn resolved(self) -> NodeId {
        self.tree().resolved(self.id)
    }

    /// What Helm reads under a name; nothing where this is not a mapping, or has no such name.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        let (key, id) = self.text.document.effective_entry(self.resolved(), name)?;
        Some(Node { key: Some(key), id, ..self })
    }

    /// The item of a list that has this number.
    pub(crate) fn item(self, number: usize) -> Option<Self> {
        let list = self.resolved();
        let is_list = self.tree().node(list).kind.is_sequence();
        let id = is_list.then(|| self.tree().item(list, number)).flatten()?;
        Some(Node { key: None, id, ..self })
    }

    /// What names lead to, and numbers where there is a list on the way: `spec.sources.0`.
    pub(crate) fn at(self, path: &str) -> Option<Self> {
        self.follow(path.split('.').filter(|name| !name.is_empty()))
    }

    /// The same, name by name: for names that may have a dot.
    pub(crate) fn follow<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Option<Self> {
        names.into_iter().try_fold(self, |node, name| {
            let name = name.as_ref();
            if node.is_list() { node.item(name.parse().ok()?) } else { node.get(name) }
        })
    }

    /// The items of a list, in order; none where this is not a list.
    pub(crate) fn items(self) -> impl DoubleEndedIterator<Item = Self> {
        let list = self.resolved();
        let is_list = self.tree().node(list).kind.is_sequence();
        let items: Vec<NodeId> = if is_list { self.tree().children(list).collect() } else { Vec::new() };
        items.into_iter().map(move |id| Node { key: None, id, ..self })
    }

    /// The entries of a mapping whose names are text, in order; none where this is not a mapping.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'s str, Self)> {
        let mapping = self.resolved();
        let is_mapping = self.tree().node(mapping).kind.is_mapping();
        let entries = is_mapping.then(|| self.tree().entries(mapping)).into_iter().flatten();
        entries.filter_map(move |(key, id)| match self.tree().scalar(key) {
            Some(Scalar::Text(name)) => Some((name, Node { key: Some(key), id, ..self })),
            _ => None,
        })
    }

    /// What Helm takes it for; nothing where it is a mapping or a list.
    pub(crate) fn scalar(self) -> Option<Scalar<'s>> {
        self.tree().scalar(self.id)
    }

    /// Its text; nothing where it is something else.
    pub(crate) fn str(self) -> Option<&'s str> {
        match self.scalar()? {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text that a path leads to.
    pub(crate) fn str_at(self, path: &str) -> Option<&'s str> {
        self.at(path)?.str()
    }

    /// Whether a path leads to `true`.
    pub(crate) fn is_true_at(self, path: &str) -> bool {
        self.at(path).and_then(Self::scalar) == Some(Scalar::Bool(true))
    }

    pub(crate) fn is_mapping(self) -> bool {
        self.tree().node(self.resolved()).kind.is_mapping()
    }

    pub(crate) fn is_list(self) -> bool {
        self.tree().node(self.resolved()).kind.is_sequence()
    }

    /// How many items its list has; none where it is not a list.
    pub(crate) fn length(self) -> usize {
        if self.is_list() { self.tree().children(self.resolved()).count() } else { 0 }
    }

    /// Its value, as [`Document::values`] has it.
    pub(crate) fn value(self) -> Value {
        self.text.document.value(self.id)
    }

    /// Its bytes in the file; those of its key where it is empty.
    pub(crate) fn span(self) -> Range<usize> {
        let own = Some(self.tree().span(self.id)).filter(|span| !span.is_empty());
        let local = own.or_else(|| self.key.map(|key| self.tree().span(key)));
        self.text.span(local.unwrap_or_else(|| self.tree().span(self.id)))
    }

    /// The bytes in the file of a part of its [`source`](Self::source).
    pub(crate) fn span_of(self, part: Range<usize>) -> Range<usize> {
        let start = self.tree().span(self.id).start;
        self.text.span(start + part.start..start + part.end)
    }

    /// The bytes of its key in the file; its own where it has none.
    pub(crate) fn key_span(self) -> Range<usize> {
        self.key.map_or_else(|| self.span(), |key| self.text.span(self.tree().span(key)))
    }

    /// As it is written in its text.
    pub(crate) fn source(self) -> &'s str {
        self.text.document.text().get(self.tree().span(self.id)).unwrap_or_default()
    }

    /// The document that its text is, parsed once for every caller; nothing where it is not text.
    ///
    /// # Errors
    ///
    /// That of [`Document::read`], with its place in the file.
    pub(crate) fn inner(self) -> Option<Result<&'s Text<'s>, Finding>> {
        self.inner_by(Document::read)
    }

    /// The same, where the document may be a list as well.
    pub(crate) fn inner_of_any_root(self) -> Option<Result<&'s Text<'s>, Finding>> {
        match self.inner_by(Document::read_any)? {
            Err(_) => {
                // it may have been read as a mapping before
                self.text.inner.borrow_mut().remove(&(self.resolved(), 0));
                self.inner_by(Document::read_any)
            }
            read => Some(read),
        }
    }

    /// The document that its text is with others of its bytes in the place of some, as many: those of values that a tool
    /// fills in before it is one. Every caller reads this from then on; nothing where it is not a document.
    pub(crate) fn inner_as(self, shaded: String) -> Option<&'s Text<'s>> {
        let (store, id) = (self.text.store, self.resolved());
        let document =
            Document::read(store.keep(shaded)).ok().filter(|it| Some(it.text().len()) == self.str().map(str::len))?;
        let host = Host::Value { node: self, block: self.text.document.block_of(self.key, self.id), is_shaded: true };
        let text = store.keep_text(document, self.text.file, 0, Some(host));
        self.text.inner.borrow_mut().insert((id, 0), Ok(text));
        Some(text)
    }

    /// The document that its text is from a byte on, behind a name: `values.yaml=a: b`. It is read, and an edit in it is
    /// refused.
    pub(crate) fn inner_behind(self, start: usize, refused: Finding) -> Option<Result<&'s Text<'s>, Finding>> {
        self.inner_from(start, Document::read, || Err(refused.at(self.tree().span(self.id))))
    }

    fn inner_by(self, read: fn(&'s str) -> Result<Document<'s>, Finding>) -> Option<Result<&'s Text<'s>, Finding>> {
        self.inner_from(0, read, || self.text.document.block_of(self.key, self.id))
    }

    fn inner_from(
        self,
        start: usize,
        read: fn(&'s str) -> Result<Document<'s>, Finding>,
        block: impl FnOnce() -> Result<Block, Finding>,
    ) -> Option<Result<&'s Text<'s>, Finding>> {
        let content = self.str()?.get(start..)?;
        let at = (self.resolved(), start);
        if let Some(known) = self.text.inner.borrow().get(&at) {
            return Some(known.clone());
        }
        let block = block();
        let read = match read(content) {
            Ok(document) => {
                let host = Host::Value { node: self, block, is_shaded: false };
                Ok(self.text.store.keep_text(document, self.text.file, 0, Some(host)))
            }
            Err(finding) => Err(match block {
                Ok(block) => self.text.placed(block.shown(finding)),
                // how it is written keeps one from telling where it is wrong
                Err(refused) => self.text.placed(refused),
            }),
        };
        self.text.inner.borrow_mut().insert(at, read.clone());
        Some(read)
    }

    /// The names, and numbers of items, that lead to it from the root of its text.
    pub(crate) fn path(self) -> Vec<String> {
        let tree = self.tree();
        let (mut path, mut at) = (Vec::new(), 0);
        while at != self.id {
            let Some((number, child)) = tree.number_of(at, self.id) else { break };
            let name = if tree.node(at).kind.is_sequence() {
                number.to_string()
            } else {
                let Some(key) = tree.key_of(at, number) else { break };
                tree.scalar(key).and_then(Scalar::name).unwrap_or_default()
            };
            path.push(name);
            at = child;
        }
        path
    }
}
