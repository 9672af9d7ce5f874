//! Globs: `*` any run, `?` one character, `\c` the character c itself.
//!
//! Patterns are stored in one canonical spelling (see [`canonical`]), so that equal patterns are equal bytes.

/// One element of a pattern, and where the next one begins.
enum Token {
    End,
    Run,
    One(usize),
    Byte(u8, usize),
}

fn token(pattern: &[u8], at: usize) -> Token {
    match pattern.get(at) {
        None => Token::End,
        Some(b'*') => Token::Run,
        Some(b'?') => Token::One(at.saturating_add(1)),
        Some(b'\\') => match pattern.get(at.saturating_add(1)) {
            Some(&c) => Token::Byte(c, at.saturating_add(2)),
            None => Token::Byte(b'\\', at.saturating_add(1)),
        },
        Some(&c) => Token::Byte(c, at.saturating_add(1)),
    }
}

/// The text a pattern is held against: `first` stands before `rest` (the `@` of an abstract unix name).
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub first: Option<u8>,
    pub rest: &'a [u8],
    /// Letters match without regard to case.
    pub fold: bool,
}

impl Text<'_> {
    fn get(&self, i: usize) -> Option<u8> {
        match self.first {
            Some(b) if i == 0 => Some(b),
            Some(_) => self.rest.get(i.saturating_sub(1)).copied(),
            None => self.rest.get(i).copied(),
        }
    }

    fn same(&self, a: u8, b: u8) -> bool {
        a == b || (self.fold && a.eq_ignore_ascii_case(&b))
    }

    /// The index after the character that begins at `i`.
    fn after_char(&self, i: usize) -> usize {
        let mut n = i.saturating_add(1);
        while self.get(n).is_some_and(|b| b & 0xc0 == 0x80) {
            n = n.saturating_add(1);
        }
        n
    }
}

/// Whether the pattern matches the whole text. No recursion: at most pattern × text steps.
#[inline(never)]
pub(crate) fn matches(pattern: &[u8], text: Text<'_>) -> bool {
    let (mut p, mut t) = (0usize, 0usize);
    // Where to resume after the last `*`: behind it in the pattern, and one further in the text.
    let mut resume: Option<(usize, usize)> = None;
    loop {
        let step = match (token(pattern, p), text.get(t)) {
            (Token::Run, _) => {
                p = p.saturating_add(1);
                resume = Some((p, t));
                continue;
            }
            (Token::End, None) => return true,
            (Token::One(next), Some(_)) => Some((next, text.after_char(t))),
            (Token::Byte(c, next), Some(b)) if text.same(c, b) => Some((next, t.saturating_add(1))),
            _ => None,
        };
        match (step, resume) {
            (Some(to), _) => (p, t) = to,
            (None, Some((after, from))) if text.get(from).is_some() => {
                p = after;
                t = from.saturating_add(1);
                resume = Some((after, t));
            }
            _ => return false,
        }
    }
}

/// Hands the canonical spelling of a pattern to `put`, byte by byte: a backslash stays only where it changes the meaning.
pub(crate) fn canonical(pattern: &[u8], put: &mut dyn FnMut(u8)) {
    let mut at = 0;
    loop {
        match token(pattern, at) {
            Token::End => return,
            Token::Run => {
                put(b'*');
                at = at.saturating_add(1);
            }
            Token::One(next) => {
                put(b'?');
                at = next;
            }
            Token::Byte(c, next) => {
                if matches!(c, b'*' | b'?' | b'\\') {
                    put(b'\\');
                }
                put(c);
                at = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn m(pattern: &str, text: &str) -> bool {
        matches(pattern.as_bytes(), Text { first: None, rest: text.as_bytes(), fold: false })
    }

    #[test]
    fn runs_single_characters_and_escapes() {
        for (p, t) in [
            ("", ""),
            ("*", ""),
            ("*", "abc"),
            ("a*c", "abbc"),
            ("a?c", "abc"),
            ("?", "é"),
            ("a*b*c", "aXbXbc"),
            ("\\*", "*"),
            ("a\\", "a\\"),
            ("*.so", "x.so"),
            ("**a", "a"),
        ] {
            assert!(m(p, t), "{p} {t}");
        }
        for (p, t) in [("", "a"), ("a", ""), ("?", ""), ("a*c", "abbd"), ("\\*", "x"), ("a", "ab"), ("a", "A")] {
            assert!(!m(p, t), "{p} {t}");
        }
    }

    #[test]
    fn a_first_byte_stands_before_the_text() {
        let text = Text { first: Some(b'@'), rest: b"bus", fold: false };
        assert!(matches(b"@bus", text) && matches(b"*s", text) && !matches(b"bus", text));
    }
}
