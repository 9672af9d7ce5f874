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
    readme "README.md"
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
    for dir in ["", "docs/", "docs/examples/", "c-examples/", "python-examples/"] {
        for entry in std::fs::read_dir(paths().root.join(dir)).expect("the pages").flatten() {
            let name = format!("{dir}{}", entry.file_name().to_string_lossy());
            let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
            let runs = text.lines().any(|l| l.starts_with("```console"));
            assert_eq!(runs, PAGES.contains(&name.as_str()), "{name}");
        }
    }
}

/// What a heading is called in links.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The headings of a page by their names in links, without what stands in code.
fn headings(text: &str) -> Vec<String> {
    let mut code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        code ^= line.starts_with("```");
        if !code && line.starts_with('#') {
            found.push(slug(line.trim_start_matches('#')));
        }
    }
    found
}

#[test]
fn links_between_pages_lead_somewhere() {
    let root = &paths().root;
    let (mut count, mut anchors) = (0, 0);
    for dir in
        ["", "docs", "docs/examples", "docs/adr", "c-examples", "python-examples", "crates/rules", "crates/testkit"]
    {
        for entry in std::fs::read_dir(root.join(dir)).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|e| e != "md") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            for (_, rest) in text.match_indices("](").map(|(i, _)| text.split_at(i + 2)) {
                let target = rest.split(')').next().unwrap_or_default();
                if target.contains("://") || target.contains(char::is_whitespace) {
                    continue;
                }
                count += 1;
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let to = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
                assert!(to.exists(), "{}: {target} leads nowhere", path.display());
                if !anchor.is_empty() {
                    anchors += 1;
                    let there = headings(&std::fs::read_to_string(&to).expect("text"));
                    assert!(there.iter().any(|h| h == anchor), "{}: there is no {target}: {there:?}", path.display());
                }
            }
        }
    }
    assert!(count >= 100 && anchors >= 10, "only {count} links and {anchors} to headings found");
}

#[test]
fn the_cookbook_has_a_command_for_each_of_its_tasks() {
    let text = std::fs::read_to_string(paths().root.join("docs/cookbook.md")).expect("the cookbook");
    let tasks: Vec<&str> = text.split("\n### ").skip(1).collect();
    assert!(tasks.len() >= 20, "{} tasks", tasks.len());
    for task in tasks {
        assert!(task.contains("```console"), "no command for: {}", task.lines().next().unwrap_or_default());
    }
}
