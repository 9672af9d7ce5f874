//! Files of rules: what they become, and what is said about wrong ones.

use socklens_faultfile::{Document, parse_seed, read_table};
use socklens_rules::fault::{FaultBlock, Realism};
use std::path::Path;

fn texts(source: &str) -> Result<Vec<String>, (usize, String)> {
    let doc = Document::parse(source, Path::new("")).map_err(|e| (e.line, e.what))?;
    let mut block = Box::new(FaultBlock::new());
    block.realism = doc.realism.unwrap_or(Realism::Kernel) as u8;
    doc.add_to(&mut block).map_err(|e| (e.line, e.what))?;
    Ok(block.texts().map(str::to_owned).collect())
}

#[test]
fn a_whole_file() {
    let source = r#"
seed = 42
realism = "kernel"
[profile.slow]
latency = "300ms~50ms normal corr 25%"
rate = "250kbit"
loss = "ge(1%,10%)"
[[rule]]
name  = "db-flaky"
calls = ["out"]
peer  = "10.0.0.0/8:5432"
when  = { p = "2%", scope = "call", max = 20, window = "10s.." }
do    = [ { short = "1..64" }, { error = "ECONNRESET", recipe = "native" } ]
[[rule]]
name = "then-heal"
after = "db-flaky"
calls = ["stream"]
do = [ { blackhole = "in", heal = "5s" } ]
[[rule]]
calls = "dgram"
peer = ["192.0.2.1", ":53"]
comm = 'a "b" c'
nb = true
where = "fd>2 or not port=80"
once = true
do = "link slow, dup 1%"
[[rule]]
calls = "dns"
host = "api.*"
do = [["dns again", { dns = "to 192.0.2.1" }, { ok = true }], { delay = "1ms", exit = true, lift = true }]
"#;
    let doc = Document::parse(source, Path::new("")).unwrap();
    assert_eq!((doc.seed, doc.realism), (Some(42), Some(Realism::Kernel)));
    assert_eq!(doc.rules.iter().map(|r| r.line).collect::<Vec<_>>(), [8, 14, 19, 27]);
    assert_eq!(
        texts(source).unwrap(),
        [
            "db-flaky = %out peer=10.0.0.0/8:5432 @p=2% @t=10s.. @max=20 @scope=call : short 1..64, error ECONNRESET recipe native",
            "then-heal = stream @after=db-flaky : blackhole in heal 5s",
            "dgram peer=192.0.2.1|:53 and comm=\"a \\\"b\\\" c\" and nb=1 and (fd>2 or not port=80) @once : \
             latency 300ms~50ms normal corr 25%, drop ge(1%,10%,100%,0%), rate 31250B/s, dup 1%",
            "%dns host=api.* : dns again -> dns to 192.0.2.1 -> ok, delay 1ms exit!",
        ]
    );
}

#[test]
fn lists_of_lines_and_defaults() {
    let source = "rules = [\"recv : short 1\", \"send : short 2\"]\n";
    assert_eq!(texts(source).unwrap(), ["recv : short 1", "send : short 2"]);
    let source = "[defaults]\nrole = \"server\"\nwhen = \"@max=3\"\n[[rule]]\ncalls = \"in\"\ndo = \"eof\"\n[[rule]]\ncalls=\"out\"\nrole = \"client\"\ndo = { short = 1, times = 2 }\n";
    assert_eq!(texts(source).unwrap(), ["%in role=server @max=3 : eof", "%out role=client @max=3 : 2*short 1 -> ok"]);
}

#[test]
fn wrong_files_name_the_line() {
    for (source, line, says) in [
        ("seed = [", 1, "error"),
        ("\nsede = 3\n", 2, "`seed`"),
        ("seed = \"x\"", 1, "no seed"),
        ("realism = \"real\"", 1, "kernel, posix or any"),
        ("rule = 3", 1, "[[rule]]"),
        ("[[rule]]\ncalls = \"in\"\n", 1, "does nothing"),
        ("[[rule]]\ncalls = \"in\"\nped = \"x\"\ndo = \"eof\"\n", 3, "`pid`"),
        ("\n[[rule]]\ncalls = \"inn\"\ndo = \"eof\"\n", 2, "did you mean"),
        ("[[rule]]\ndo = { shrt = 1 }\n", 2, "`short`"),
        ("[[rule]]\ndo = { gap = 1 }\n", 2, "no action here"),
        ("[[rule]]\ndo = { slice = 1, short = 1, gap = \"1ms\" }\n", 2, "table of its own"),
        ("[[rule]]\nwhen = { evry = 1 }\ndo = \"eof\"\n", 2, "`every`"),
        ("[profile.x]\nlatency = \"fast\"\n", 1, "not a time"),
        ("[profile.\"a b\"]\nlatency = \"1ms\"\n", 1, "name"),
        ("[[rule]]\ncalls = \"in\"\ndo = \"error EPIPE\"\n", 1, "do not return `EPIPE`"),
    ] {
        let (at, what) = texts(source).unwrap_err();
        assert!(what.contains(says) && at == line, "{source}\n{at}: {what}");
    }
}

#[test]
fn a_wrong_rule_leaves_the_block_as_it_was() {
    let doc = Document::parse("rules = [\"recv : short 1\", \"recv : shrt\"]", Path::new("")).unwrap();
    let mut block = Box::new(FaultBlock::new());
    assert!(doc.add_to(&mut block).is_err());
    assert_eq!((block.rule_count, block.heap_len), (0, 0));
}

#[test]
fn seeds_and_tables() {
    assert_eq!(
        ["42", "0x2a", "1_000", "-1", "", "x"].map(parse_seed),
        [Some(42), Some(42), Some(1000), None, None, None]
    );
    let dir = std::env::temp_dir().join(format!("socklens-tables-{}", std::process::id()));
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("t.dist"), "# two\n 1 -8192\n32767 # three\n").unwrap();
    std::fs::write(dir.join("bad"), "1 x").unwrap();
    let mut seen = vec![];
    assert!(read_table(&dir, "t.dist", &mut |n| seen.push(n)));
    assert_eq!(seen, [-8192, 1, 32767]);
    assert!(!read_table(&dir, "bad", &mut |_| ()) && !read_table(&dir, "none", &mut |_| ()));
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn the_documentation_is_in_the_language() {
    let page = include_str!("../../../docs/RULES.md");
    let file = page.split("```toml\n").nth(1).and_then(|t| t.split("```").next()).unwrap();
    assert_eq!(texts(file).unwrap().len(), 2);
    // The first table.
    let rule = |l: &'static str| Some(l.strip_prefix("| `")?.split_once("` |")?.0);
    let rules: Vec<&str> = page.lines().map(rule).skip_while(Option::is_none).map_while(|r| r).collect();
    assert_eq!(rules.len(), 16);
    for rule in rules {
        let mut block = Box::new(FaultBlock::new());
        Document::default().add_one(&mut block, rule).unwrap_or_else(|e| panic!("{rule}: {e:?}"));
    }
}
