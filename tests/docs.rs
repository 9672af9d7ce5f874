//! The documentation's commands still print what the pages show: see `socklens_testkit::check_page`.

use socklens_testkit::{check_page, paths};

/// A test for each page, and the list of them.
macro_rules! pages {
    ($($name:ident $path:literal)*) => {
        const PAGES: &[&str] = &[$($path),*];
        $(#[test]
        fn $name() {
            check_page($path);
        })*
    };
}

pages! {
    getting_started "docs/getting-started.md"
    cookbook "docs/cookbook.md"
    tcp "docs/examples/tcp.md"
    servers "docs/examples/servers.md"
    udp "docs/examples/udp.md"
    unix "docs/examples/unix.md"
    python "docs/examples/python.md"
    mistakes "docs/examples/mistakes.md"
}

#[test]
fn every_page_with_commands_is_on_the_list() {
    for dir in ["docs", "docs/examples"] {
        for entry in std::fs::read_dir(paths().root.join(dir)).expect("the pages").flatten() {
            let name = format!("{dir}/{}", entry.file_name().to_string_lossy());
            let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
            let runs = text.lines().any(|l| l.starts_with("```console"));
            assert_eq!(runs, PAGES.contains(&name.as_str()), "{name}");
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let root = &paths().root;
    let mut count = 0;
    for dir in ["", "docs", "docs/examples", "docs/adr", "c-examples", "python-examples"] {
        for entry in std::fs::read_dir(root.join(dir)).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|e| e != "md") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            for (_, rest) in text.match_indices("](").map(|(i, _)| text.split_at(i + 2)) {
                let target = rest.split([')', '#']).next().unwrap_or_default();
                if target.is_empty() || target.contains("://") || target.contains(char::is_whitespace) {
                    continue;
                }
                count += 1;
                assert!(path.with_file_name(target).exists(), "{}: {target} leads nowhere", path.display());
            }
        }
    }
    assert!(count >= 20, "only {count} links found");
}
