//! How far apart two spellings are.

/// The number of single-character changes (insert, delete, replace, swap of neighbours) that turn one text into the
/// other: the optimal string alignment distance. Cost grows with the product of the lengths, so callers compare names,
/// not documents; a text over 64 characters is as far from everything as it is long.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    const LONGEST_NAME: usize = 64;
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len() > LONGEST_NAME || right.len() > LONGEST_NAME {
        return left.len().max(right.len());
    }
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=right.len()).collect();
    for i in 1..=left.len() {
        for j in 1..=right.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn counts_single_changes() {
        assert_eq!(distance("clas", "clas"), 0);
        assert_eq!(distance("klas", "clas"), 1);
        assert_eq!(distance("calss", "class"), 1);
        assert_eq!(distance("", "clas"), 4);
    }
}
