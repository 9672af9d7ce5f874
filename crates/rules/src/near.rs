//! "Did you mean": the nearest of some words by Damerau-Levenshtein distance (adjacent letters may swap), without allocation.

/// Longest word compared.
const MAX: usize = 32;

type Row = [u8; MAX + 1];

fn cell(row: &Row, i: usize) -> u8 {
    row.get(i).copied().unwrap_or(u8::MAX)
}

/// The distance of two words, or None when either is too long. ASCII case is ignored.
fn distance(a: &[u8], b: &[u8]) -> Option<u8> {
    if a.len() > MAX || b.len() > MAX {
        return None;
    }
    let letter = |s: &[u8], i: usize| s.get(i).map(u8::to_ascii_lowercase);
    let mut before: Row = [0; MAX + 1];
    let mut last: Row = [0; MAX + 1];
    for (j, c) in last.iter_mut().enumerate() {
        *c = j as u8;
    }
    for i in 0..a.len() {
        let mut now: Row = [0; MAX + 1];
        if let Some(c) = now.first_mut() {
            *c = (i as u8).saturating_add(1);
        }
        for j in 0..b.len() {
            let differs = u8::from(letter(a, i) != letter(b, j));
            let mut d = cell(&last, j).saturating_add(differs);
            d = d.min(cell(&last, j.saturating_add(1)).saturating_add(1));
            d = d.min(cell(&now, j).saturating_add(1));
            if let (Some(pi), Some(pj)) = (i.checked_sub(1), j.checked_sub(1))
                && letter(a, i) == letter(b, pj)
                && letter(a, pi) == letter(b, j)
            {
                d = d.min(cell(&before, pj).saturating_add(1));
            }
            if let Some(c) = now.get_mut(j.saturating_add(1)) {
                *c = d;
            }
        }
        before = last;
        last = now;
    }
    Some(cell(&last, b.len()))
}

/// The best of the words offered so far.
pub(crate) struct Nearest<'a> {
    word: &'a [u8],
    best: Option<&'static str>,
    /// Words at this distance or more are not taken.
    below: u8,
}

impl<'a> Nearest<'a> {
    pub(crate) fn new(word: &'a [u8]) -> Nearest<'a> {
        let below = match word.len() {
            0 | 1 => 0,
            2 | 3 => 2,
            4..=6 => 3,
            _ => 4,
        };
        Nearest { word, best: None, below }
    }

    pub(crate) fn offer(&mut self, candidate: &'static str) {
        // Lengths alone often decide.
        if self.word.len().abs_diff(candidate.len()) >= usize::from(self.below) {
            return;
        }
        if let Some(d) = distance(self.word, candidate.as_bytes())
            && d < self.below
            && usize::from(d) < candidate.len()
        {
            self.best = Some(candidate);
            self.below = d;
        }
    }

    pub(crate) fn found(&self) -> Option<&'static str> {
        self.best
    }
}

/// The word of a list that resembles one that is not in it.
pub fn nearest(word: &str, words: &[&'static str]) -> Option<&'static str> {
    let mut near = Nearest::new(word.as_bytes());
    words.iter().for_each(|w| near.offer(w));
    near.found()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, d) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("peeer", "peer", 1),
            ("fd", "df", 1),
            ("recv", "send", 3),
            ("RECV", "recv", 0),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), Some(d), "{a} {b}");
        }
        assert_eq!(distance(&[b'a'; 33], b"a"), None);
    }
}
