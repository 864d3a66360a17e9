//! [`Glob`]: patterns of paths: `*` and `?` match what is within one name, `**` for any folders between.

/// A pattern of paths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glob<'p>(&'p str);

impl<'p> Glob<'p> {
    /// Nothing where it has signs of which the tools think differently.
    pub(crate) fn of(pattern: &'p str) -> Option<Self> {
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
        let is_odd =
            pattern.contains(['[', ']', '{', '}', '\\', '!', '$']) || pattern.split('/').any(|part| part == "..");
        (!pattern.is_empty() && !is_odd).then_some(Self(pattern))
    }

    pub(crate) fn text(self) -> &'p str {
        self.0
    }

    /// The pattern of all that it fits where a star leads through folders, too.
    pub(crate) fn loose(self) -> String {
        let names = self.0.split('/').collect::<Vec<_>>();
        let Some(first) = names.iter().position(|name| name.contains('*')) else { return self.0.to_owned() };
        let before: String = names[..first].iter().flat_map(|name| [*name, "/"]).collect();
        let last = self.0.rsplit('*').next().unwrap_or_default();
        match last.strip_prefix('/').or_else(|| last.rsplit_once('/').map(|(_, name)| name)) {
            Some(name) => format!("{before}**/{name}"),
            None => format!("{before}**/*{last}"),
        }
    }

    /// Whether a path fits.
    pub(crate) fn fits(self, path: &str) -> bool {
        fits(self.0, path)
    }
}

/// Whether a path fits a pattern. The time is that of both lengths multiplied, whatever they are.
pub(crate) fn fits(pattern: &str, path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    // which beginnings of the path fit the names of the pattern so far
    let mut reached = vec![false; parts.len() + 1];
    reached[0] = true;
    for name in pattern.split('/') {
        let mut next = vec![false; parts.len() + 1];
        if name == "**" {
            let mut is_reached = false;
            for (at, before) in reached.iter().enumerate() {
                is_reached |= before;
                next[at] = is_reached;
            }
        } else {
            for (at, part) in parts.iter().enumerate() {
                next[at + 1] = reached[at] && fits_name(name.as_bytes(), part.as_bytes());
            }
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

/// Whether a text fits a pattern in which a star is any part of it, through folders, too.
pub(crate) fn fits_text(pattern: &str, text: &str) -> bool {
    fits_name(pattern.as_bytes(), text.as_bytes())
}

fn fits_name(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut on) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while on < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, on));
                at += 1;
            }
            Some(sign) if *sign == b'?' || *sign == name[on] => {
                at += 1;
                on += 1;
            }
            _ => {
                let Some((from, taken)) = star else { return false };
                star = Some((from, taken + 1));
                at = from + 1;
                on = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|sign| *sign == b'*')
}

#[cfg(test)]
mod tests {
    use super::{Glob, fits};

    #[test]
    fn a_star_stays_within_a_name() {
        for (pattern, path, expected) in [
            ("clusters/*", "clusters/east", true),
            ("clusters/*", "clusters/eu/east", false),
            ("clusters/**/config.json", "clusters/config.json", true),
            ("clusters/**/config.json", "clusters/eu/east/config.json", true),
            ("clusters/*/values-?.yaml", "clusters/east/values-1.yaml", true),
            ("*a*b*c", "xxaxxbxxc", true),
            ("*a*b*c", "xxaxxbxx", false),
            ("**", "a/b", true),
            ("a", "a/b", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
        let deep = "a/".repeat(2_000) + "b";
        assert!(!fits(&("**/".repeat(200) + "c"), &deep));
        assert!(!fits(&("*a".repeat(500) + "c"), &"a".repeat(5_000)));
    }

    #[test]
    fn what_is_fitted_loosely_is_more() {
        for (pattern, path) in [
            ("clusters/*/config.json", "clusters/a/config.json"),
            ("clusters/*/config.json", "clusters/a/b/config.json"),
            ("clusters/*.json", "clusters/a/b.json"),
            ("a*/b/*c.yaml", "ax/b/d/c.yaml"),
        ] {
            assert!(fits(&Glob::of(pattern).unwrap().loose(), path), "{pattern} {path}");
        }
        assert_eq!(Glob::of("clusters/east.json").unwrap().loose(), "clusters/east.json");
        assert!(Glob::of("../*").is_none() && Glob::of("{a,b}").is_none());
    }
}
