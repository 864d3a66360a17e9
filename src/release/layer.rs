//! [`Layer`]: one source of a release's values, and how it ranks among the others.

use std::ops::Range;

use super::mode::Reading;
use crate::{
    chart::MODE_KEY,
    files::{Files, Held, ObjectRef, Wanted},
    finding::{Doubt, Finding},
    instruction::Bringer,
    rule::Rule,
    yaml::{Node, Text},
};

/// The rank of a layer: its level, and its number in the list of that level. What ranks higher overrides.
pub(crate) type Rank = (u8, usize);

/// One source of a release's values.
#[derive(Clone)]
pub(crate) struct Layer<'s> {
    pub(crate) rank: Rank,
    /// The number of the file that it is in, or that names it where it was not read.
    pub(crate) file: usize,
    /// How the manifest names it, where it does not stand in the manifest itself.
    pub(crate) named: Option<Box<Named>>,
    /// The keys of the release's values that it gives values below: those of a chart on the way to this one.
    pub(crate) under: Vec<String>,
    /// The value that a patch removes from it.
    pub(crate) removed: Option<Box<Removed>>,
    pub(crate) values: Values<'s>,
}

/// A value that a patch removes from a layer.
#[derive(Clone)]
pub(crate) struct Removed {
    /// The names that lead to it.
    pub(crate) path: Vec<String>,
    /// The number of the file with the patch, and its bytes there.
    pub(crate) file: usize,
    pub(crate) span: Range<usize>,
}

/// How a manifest names a file or an object that it takes values from.
#[derive(Clone)]
pub(crate) struct Named {
    /// What it is called, as a sentence shows it.
    pub(crate) shown: String,
    /// The bytes of the manifest that name it.
    pub(crate) span: Range<usize>,
    /// Where it is; nothing where this crate does not read: in a cluster, behind a URL, a pattern or a template.
    pub(crate) wanted: Option<Wanted>,
    /// Whether the controller goes on where it is not there.
    pub(crate) is_optional: bool,
    /// Whether it is among the encrypted values, where the mode is not kept.
    pub(crate) is_secret: bool,
    /// Whether it is the chart's own `values.yaml`, which says what is to be filled in.
    pub(crate) is_of_chart: bool,
    /// The object that it is, where it is one.
    pub(crate) object: Option<ObjectRef>,
    /// The key of an object that holds the values.
    pub(crate) key: Option<String>,
    /// What brings the object to the cluster.
    pub(crate) brought: Brought,
}

/// What brings an object to the cluster that a manifest names.
#[derive(Clone)]
pub(crate) enum Brought {
    /// The same as the manifest, as far as it is known.
    AsManifest,
    /// This; or something that is not known.
    By(Option<Bringer>),
}

impl Named {
    /// What has that name, and is not known otherwise.
    pub(crate) fn only(shown: String, span: Range<usize>) -> Self {
        Self {
            shown,
            span,
            wanted: None,
            is_optional: false,
            is_secret: false,
            is_of_chart: false,
            object: None,
            key: None,
            brought: Brought::AsManifest,
        }
    }

    /// What is behind an address, which Helm or a plugin of it reads, and this crate does not.
    pub(crate) fn address(address: &str) -> Self {
        let shown = format!("`{}`", crate::chart::secrets::masked(address).escape_debug());
        Self { is_secret: address.starts_with("secrets"), ..Self::only(shown, 0..0) }
    }
}

/// What a layer holds.
#[derive(Clone)]
pub(crate) enum Values<'s> {
    /// A mapping at a path of a text, or the room for one.
    Mapping {
        text: &'s Text<'s>,
        path: Vec<String>,
        /// Nothing where there is no mapping yet.
        node: Option<Node<'s>>,
    },
    /// Single values by their names: parameters of Argo CD, `set` of helmfile, an element of a generator.
    Parameters(Vec<Parameter<'s>>),
    /// A text that cannot be read.
    Broken(Finding),
    /// A template, which may render anything.
    Hidden(Finding),
    /// What was not read, and may say anything; why, as the rest of a sentence.
    Unread(Option<String>),
    /// A file that is not there.
    Absent,
}

/// A value that is set by its name.
#[derive(Clone)]
pub(crate) struct Parameter<'s> {
    /// The names that lead to it.
    pub(crate) name: Vec<String>,
    /// The entry of the list.
    pub(crate) item: Node<'s>,
    /// The key of the entry that holds the value.
    pub(crate) key: &'s str,
    /// The value, where there is one.
    pub(crate) value: Option<Node<'s>>,
}

/// What a layer says of a name.
#[derive(Clone, Copy)]
pub(crate) enum Says<'s> {
    /// This value.
    Is(Node<'s>),
    /// It names it, and gives no value.
    Blank,
    /// Nothing; so many keys lead to a mapping that lacks the next.
    Nothing(usize),
    /// So many keys lead to what is not a mapping, which leaves no room for the value.
    NoRoom(usize),
    /// It may say anything.
    Unknown,
}

impl<'s> Layer<'s> {
    /// A layer that is in the file itself.
    pub(crate) fn own(rank: Rank, file: usize, values: Values<'s>) -> Self {
        Self { rank, file, named: None, under: Vec::new(), removed: None, values }
    }

    /// The file of the kustomization that makes the object which it is, of a file.
    pub(super) fn generated_by(&self, files: &Files<'s>) -> Option<String> {
        let object = self.named.as_ref()?.object.as_ref()?;
        match files.objects().held(object)[..] {
            [Held::Generated(generator)] => Some(files.name(generator.file()).to_owned()),
            _ => None,
        }
    }

    /// Something that may say anything, and that is not read here: by a name for people, and where it is named.
    pub(crate) fn doubtful(rank: Rank, at: Node<'s>, shown: &str) -> Self {
        let message = format!("{shown} may set another mode");
        let finding = Finding::new(Rule::ModeElsewhere, message).doubting(Doubt::Elsewhere);
        let finding = finding.help("if it does, change it there by hand");
        let finding = finding.at(at.key_span());
        Self::own(rank, at.text.file, Values::Hidden(finding))
    }

    /// Whether it is a file of the repository that the chart is in.
    pub(super) fn is_in_repository(&self) -> bool {
        let wanted = self.named.as_ref().and_then(|named| named.wanted.as_ref());
        matches!(wanted, Some(Wanted::InRepository { .. }))
    }

    /// Whether it is what a chart says by itself.
    pub(crate) fn is_of_chart(&self) -> bool {
        self.named.as_ref().is_some_and(|named| named.is_of_chart)
    }

    /// The names that lead to a value from its own root, where they lead into it.
    fn within<'n, N: AsRef<str>>(&self, names: &'n [N]) -> Option<&'n [N]> {
        let (before, rest) = names.split_at_checked(self.under.len())?;
        before.iter().zip(&self.under).all(|(name, own)| name.as_ref() == own).then_some(rest)
    }

    /// Whether it holds the same as another one, out of the same spots.
    pub(crate) fn holds_same_as(&self, other: &Self) -> bool {
        if self.removed.as_ref().map(|it| &it.path) != other.removed.as_ref().map(|it| &it.path) {
            return false;
        }
        match (&self.values, &other.values) {
            (Values::Mapping { text, path, .. }, Values::Mapping { text: other, path: other_path, .. }) => {
                std::ptr::eq(*text, *other) && path == other_path
            }
            (Values::Parameters(own), Values::Parameters(other)) => {
                own.len() == other.len() && own.iter().zip(other).all(|(one, other)| one.item == other.item)
            }
            (Values::Broken(own), Values::Broken(other)) | (Values::Hidden(own), Values::Hidden(other)) => own == other,
            (Values::Unread(own), Values::Unread(other)) => own == other,
            (Values::Absent, Values::Absent) => true,
            _ => false,
        }
    }

    /// Whether a patch removes the value that some names lead to.
    pub(crate) fn loses<N: AsRef<str>>(&self, names: &[N]) -> bool {
        self.removed.as_ref().is_some_and(|removed| removed.path.iter().eq(names.iter().map(AsRef::as_ref)))
    }

    /// Whether it is in the manifest itself.
    pub(crate) fn is_own(&self) -> bool {
        self.named.is_none()
    }

    /// Whether a value can be written into it under its name.
    pub(crate) fn is_fillable(&self) -> bool {
        matches!(self.values, Values::Mapping { .. })
    }

    /// Whether it was not read, or cannot be, so that it may say anything.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.values, Values::Unread(_) | Values::Absent | Values::Hidden(_) | Values::Broken(_))
    }

    /// What it says under some names.
    pub(crate) fn says<N: AsRef<str>>(&self, names: &[N]) -> Says<'s> {
        if self.loses(names) {
            return Says::Nothing(names.len().saturating_sub(1));
        }
        let Some(names) = self.within(names) else { return Says::Nothing(0) };
        let said = self.says_within(names);
        match said {
            Says::Nothing(depth) => Says::Nothing(depth + self.under.len()),
            Says::NoRoom(depth) => Says::NoRoom(depth + self.under.len()),
            said => said,
        }
    }

    fn says_within<N: AsRef<str>>(&self, names: &[N]) -> Says<'s> {
        match &self.values {
            Values::Mapping { node: None, .. } => Says::Nothing(0),
            Values::Mapping { node: Some(node), .. } => said_in(*node, names),
            Values::Parameters(parameters) => {
                let same = |one: &Parameter<'_>| one.name.iter().zip(names).all(|(own, name)| own == name.as_ref());
                // of several the last counts
                match parameters.iter().rfind(|one| same(one)) {
                    None => Says::Nothing(0),
                    Some(one) if one.name.len() == names.len() => one.value.map_or(Says::Blank, Says::Is),
                    Some(one) => Says::NoRoom(one.name.len().min(names.len())),
                }
            }
            Values::Broken(_) | Values::Hidden(_) | Values::Unread(_) | Values::Absent => Says::Unknown,
        }
    }

    /// The names directly below some keys.
    pub(crate) fn names(&self, below: &[String]) -> Vec<String> {
        let Some(below) = self.within(below) else { return Vec::new() };
        match &self.values {
            Values::Mapping { node: Some(node), .. } => {
                let mapping = node.follow(below);
                mapping.into_iter().flat_map(Node::entries).map(|(name, _)| name.to_owned()).collect()
            }
            Values::Parameters(parameters) => {
                let is_below = |one: &&Parameter<'_>| one.name.starts_with(below);
                parameters.iter().filter(is_below).filter_map(|one| one.name.get(below.len()).cloned()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What it says of the mode, which is below some keys; nothing where it cannot hold one.
    pub(crate) fn mode(&self, below: &[String]) -> Option<Reading<'s>> {
        // of several the last counts
        self.readings(below).pop()
    }

    /// Everything that it says of the mode.
    pub(crate) fn readings(&self, below: &[String]) -> Vec<Reading<'s>> {
        let Some(below) = self.within(below) else { return Vec::new() };
        match &self.values {
            Values::Mapping { text, path, .. } => {
                let path: Vec<String> = path.iter().chain(below).cloned().chain([MODE_KEY.to_owned()]).collect();
                vec![Reading::at(text, &path)]
            }
            Values::Parameters(parameters) => {
                let names: Vec<&str> = below.iter().map(String::as_str).chain([MODE_KEY]).collect();
                let of_mode = parameters.iter().filter(|one| one.name == names);
                let path = |one: &Parameter<'_>| one.item.path().into_iter().chain([one.key.to_owned()]).collect();
                of_mode.map(|one| Reading::at(one.item.text, &path(one) as &Vec<String>)).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn said_in<'s, N: AsRef<str>>(mapping: Node<'s>, names: &[N]) -> Says<'s> {
    let mut node = mapping;
    for (depth, name) in names.iter().enumerate() {
        if !node.is_mapping() && !node.is_list() {
            return Says::NoRoom(depth);
        }
        let below = if node.is_list() {
            name.as_ref().parse().ok().and_then(|number| node.item(number))
        } else {
            node.get(name.as_ref())
        };
        let Some(below) = below else { return Says::Nothing(depth) };
        node = below;
    }
    Says::Is(node)
}
