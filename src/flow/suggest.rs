//! "Did you mean": the known word that is nearest to a wrong one.

/// A hint that names the nearest known word, or lists all when none is near.
pub fn hint<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(wrong, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => "there is none".to_owned(),
        None => format!("known here: {}", list(&known)),
    }
}

/// Words in one line, each marked, the first twenty of them.
pub fn list(words: &[&str]) -> String {
    let mut text = words
        .iter()
        .take(20)
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if words.len() > 20 {
        text.push_str(", …");
    }
    text
}

/// The known word that a person most likely meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let allowed = (wrong.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| {
            let lower = word.to_lowercase();
            // `-` for `_` is the commonest slip, and a forgotten ending the next.
            let distance = if lower.replace('-', "_") == wrong.replace('-', "_") {
                0
            } else if wrong.len() > 3 && (lower.starts_with(&wrong) || wrong.starts_with(&lower)) {
                1
            } else {
                distance(&wrong, &lower)
            };
            (distance, word)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Levenshtein's distance, with neighbours exchanged counted once.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(64).collect();
    let other: Vec<char> = other.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, wanted) in other.iter().enumerate() {
            let mut best = (last[column] + usize::from(letter != wanted))
                .min(last[column + 1] + 1)
                .min(current[column] + 1);
            if row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *wanted {
                best = best.min(before[column - 1] + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["no-such-name", "no-address", "resolved"];
        assert_eq!(nearest("no-such-nmae", known), Some("no-such-name"));
        assert_eq!(nearest("no_address", known), Some("no-address"));
        assert_eq!(nearest("resolve", known), Some("resolved"));
        assert_eq!(nearest("timeout", known), None);
        assert_eq!(distance("when", "wehn"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
