//! The patterns of Argo CD: a star is any part of a path, through folders, too. (Argo CD, `util/glob`; gobwas/glob)

/// How deep braces may stand in others.
const DEEPEST: usize = 16;

/// Which beginnings of a path fit a pattern so far, by their length.
type Reached = Vec<bool>;

/// Whether a path fits a pattern; nothing where that cannot be read. The time is that of both lengths multiplied.
pub(super) fn fits_any(pattern: &str, path: &str) -> Option<bool> {
    let (pattern, path): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    let (reached, _) = Fitting { pattern: &pattern, path: &path }.part(0, reached, 0)?;
    reached.last().copied()
}

#[derive(Clone, Copy)]
struct Fitting<'p> {
    pattern: &'p [char],
    path: &'p [char],
}

impl Fitting<'_> {
    /// What is reached behind a part of the pattern, and where that ends: at its end, or, in braces, before what ends one
    /// of those that they list.
    fn part(self, mut at: usize, mut reached: Reached, depth: usize) -> Option<(Reached, usize)> {
        while let Some(sign) = self.pattern.get(at).copied() {
            at += 1;
            match sign {
                ',' | '}' if depth > 0 => return Some((reached, at - 1)),
                '}' | ']' => return None,
                '*' => {
                    let first = reached.iter().position(|is_it| *is_it).unwrap_or(reached.len());
                    reached[first..].fill(true);
                }
                '?' => reached = self.next(&reached, |_| true),
                '{' => (reached, at) = self.braces(at, &reached, depth)?,
                '[' => {
                    let end = at + self.pattern[at..].iter().position(|sign| *sign == ']')?;
                    reached = self.class(&self.pattern[at..end], &reached)?;
                    at = end + 1;
                }
                '\\' => {
                    let escaped = *self.pattern.get(at)?;
                    reached = self.next(&reached, |own| own == escaped);
                    at += 1;
                }
                sign => reached = self.next(&reached, |own| own == sign),
            }
        }
        (depth == 0).then_some((reached, at))
    }

    /// One of those that braces list, up to where these end.
    fn braces(self, mut at: usize, reached: &Reached, depth: usize) -> Option<(Reached, usize)> {
        let mut all = vec![false; reached.len()];
        loop {
            let (one, end) = self.part(at, reached.clone(), depth + 1).filter(|_| depth < DEEPEST)?;
            all.iter_mut().zip(one).for_each(|(all, one)| *all |= one);
            at = end + 1;
            if self.pattern[end] == '}' {
                return Some((all, at));
            }
        }
    }

    /// One character of a list, or of a range alone, or none of them behind an exclamation mark.
    fn class(self, class: &[char], reached: &Reached) -> Option<Reached> {
        let (is_not, class) = match class {
            ['!', rest @ ..] => (true, rest),
            all => (false, all),
        };
        let is_among = |own: char| match class {
            [low, '-', high] => (*low..=*high).contains(&own),
            all => all.contains(&own),
        };
        let is_read = matches!(class, [_, '-', _]) || !class.is_empty() && !class.iter().any(|it| "-\\[".contains(*it));
        is_read.then(|| self.next(reached, |own| is_among(own) != is_not))
    }

    /// What is reached behind one more character, where that fits.
    fn next(self, reached: &Reached, fits: impl Fn(char) -> bool) -> Reached {
        let behind = self.path.iter().zip(reached).map(|(own, is_reached)| *is_reached && fits(*own));
        [false].into_iter().chain(behind).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::fits_any;

    #[test]
    fn a_star_of_argo_leads_through_folders() {
        #[track_caller]
        fn check(pattern: &str, path: &str, expected: Option<bool>) {
            assert_eq!(fits_any(pattern, path), expected, "{pattern} {path}");
        }
        check("*.yaml", "a/b.yaml", Some(true));
        check("*.yaml", "a/b.yml", Some(false));
        check("{a,b/*}.yaml", "b/c.yaml", Some(true));
        check("{a,b}.yaml", "c.yaml", Some(false));
        check("{config.json,env-usw2/*}", "env-usw2/a", Some(true));
        check("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}.yaml", "ababab.yaml", Some(true));
        check("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}.yaml", "ababac.yaml", Some(false));
        check("{a,{b,c}d}.yaml", "cd.yaml", Some(true));
        check("[a].yaml", "a.yaml", Some(true));
        check("[!a-c].yaml", "b.yaml", Some(false));
        check("[a-ce].yaml", "b.yaml", None);
        check(r"\*.yaml", "a.yaml", Some(false));
        check("a?.yaml", "ab.yaml", Some(true));
        check("{a", "a", None);
        check("a}", "a", None);
        let deep = "{a,".repeat(40) + &"}".repeat(40);
        check(&deep, "a", None);
        check(&"{*a,*b}".repeat(200), &"ab".repeat(500), Some(true));
    }
}
