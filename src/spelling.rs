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

#[cfg(test)]
mod tests {
    use super::distance;

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
}
