//! How far apart two spellings are.

/// The number of single-character changes (insert, delete, replace, swap of neighbours) that turn one text into the
/// other: the optimal string alignment distance. Cost grows with the product of the lengths, so callers compare names,
/// not documents; a text over 64 characters is as far from everything as it is long.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let (left_length, right_length) = (left.chars().count(), right.chars().count());
    if left_length > LONGEST_NAME || right_length > LONGEST_NAME {
        return left_length.max(right_length);
    }
    // three rows of the usual table, on the stack: a file has many names
    let [mut before, mut above, mut row] = [[0; LONGEST_NAME + 1]; 3];
    for (j, cell) in row.iter_mut().enumerate() {
        *cell = j;
    }
    let mut left_before = None;
    for (i, l) in left.chars().enumerate() {
        (before, above, row) = (above, row, before);
        row[0] = i + 1;
        let mut right_before = None;
        for (j, r) in right.chars().enumerate() {
            let replaced = above[j] + usize::from(l != r);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if left_before == Some(r) && right_before == Some(l) {
                least = least.min(before[j - 1] + 1);
            }
            row[j + 1] = least;
            right_before = Some(r);
        }
        left_before = Some(l);
    }
    row[right_length]
}

/// In characters.
const LONGEST_NAME: usize = 64;

/// A spelling that is compared with many others, most of which differ at a glance.
#[derive(Debug)]
pub(crate) struct Spelling {
    text: String,
    length: usize,
    /// The letters that are in it, each a bit; some letters share one.
    letters: u64,
}

impl Spelling {
    pub(crate) fn of(text: String) -> Self {
        let letters = text.chars().fold(0, |letters, c| letters | 1 << (u32::from(c) % 64));
        Self { length: text.chars().count(), text, letters }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// The [`distance`] from another one; nothing where it is more than `most`.
    pub(crate) fn distance_within(&self, most: usize, other: &Self) -> Option<usize> {
        // one change brings no more than one letter, and takes no more than one away
        let brought = (other.letters & !self.letters).count_ones() as usize;
        let taken = (self.letters & !other.letters).count_ones() as usize;
        if self.length.abs_diff(other.length).max(brought).max(taken) > most {
            return None;
        }
        Some(distance(&self.text, &other.text)).filter(|distance| *distance <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::{Spelling, distance};

    #[test]
    fn counts_single_changes() {
        assert_eq!(distance("clas", "clas"), 0);
        assert_eq!(distance("klas", "clas"), 1);
        assert_eq!(distance("calss", "class"), 1);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("abcdef", "badcfe"), 3);
        assert_eq!(distance("", "clas"), 4);
        assert_eq!(distance("clas", ""), 4);
        assert_eq!(distance(&"a".repeat(65), "a"), 65);
    }

    #[test]
    fn a_glance_passes_nothing_over() {
        let names =
            ["", "a", "ab", "ba", "clas", "klas", "calss", "clusterMode", "cluster_mode", "httpProxy", "é", "e9"];
        for (one, other) in names.iter().flat_map(|one| names.iter().map(move |other| (one, other))) {
            let whole = distance(one, other);
            let spelled = |text: &str| Spelling::of(text.to_owned());
            for most in 0..12 {
                let within = spelled(one).distance_within(most, &spelled(other));
                assert_eq!(within, (whole <= most).then_some(whole), "{one} {other} {most}");
            }
        }
    }
}
