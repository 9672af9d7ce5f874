//! A JSON log, line by line.

use serde_json::Value;

/// The records of a JSON log.
#[derive(Clone, Debug, Default)]
pub struct Log {
    pub records: Vec<Value>,
}

impl Log {
    /// Every line must be a JSON object, and the last one complete.
    pub fn parse(bytes: &[u8]) -> Result<Log, String> {
        if bytes.last().is_some_and(|&b| b != b'\n') {
            return Err("the last line has no end".into());
        }
        let mut log = Log::default();
        for (n, line) in bytes.split(|&b| b == b'\n').enumerate().filter(|(_, l)| !l.is_empty()) {
            match serde_json::from_slice::<Value>(line) {
                Ok(v) if v.is_object() => log.records.push(v),
                Ok(_) => return Err(format!("line {}: no object: {}", n + 1, String::from_utf8_lossy(line))),
                Err(e) => return Err(format!("line {}: {e}: {}", n + 1, String::from_utf8_lossy(line))),
            }
        }
        Ok(log)
    }

    /// The records of calls with one of these names, aliases of a call under its row's name.
    pub fn calls<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a Value> {
        self.records.iter().filter(move |r| name(r).is_some_and(|n| names.contains(&n)))
    }

    pub fn count(&self, names: &[&str]) -> usize {
        self.calls(names).count()
    }

    /// The processes that wrote records, in order of appearance.
    pub fn pids(&self) -> Vec<u64> {
        let mut pids = Vec::new();
        for pid in self.records.iter().filter_map(|r| r.get("pid")?.as_u64()) {
            if !pids.contains(&pid) {
                pids.push(pid);
            }
        }
        pids
    }
}

/// The name of a record's call.
fn name(record: &Value) -> Option<&str> {
    record.get("call")?.as_str()
}
