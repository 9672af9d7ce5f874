//! Rows put together by another key.

use super::{By, ConnRow, Counts, Group, Snapshot};
use std::collections::BTreeMap;

impl Snapshot {
    /// All calls added up.
    pub fn total(&self) -> Counts {
        let mut sum = Counts::default();
        for row in &self.calls {
            sum.add(&row.n);
        }
        sum
    }

    /// The rows of `conns` and of the counters, grouped by `key`, largest first: by calls, then by name.
    pub fn by(&self, key: By) -> Vec<Group> {
        let mut all: BTreeMap<String, Group> = BTreeMap::new();
        let mut add = |name: String, n: &Counts| all.entry(name).or_default().n.add(n);
        match key {
            By::Call => self.calls.iter().for_each(|r| add(r.call.to_owned(), &r.n)),
            By::Process => self.processes.iter().for_each(|r| add(format!("{} {}", r.pid, r.comm), &r.n)),
            By::Thread => self.threads.iter().for_each(|r| add(format!("{} {} {}", r.pid, r.tid, r.comm), &r.n)),
            By::Errno => {
                for (name, n) in self.calls.iter().flat_map(|r| &r.n.errno) {
                    add(name.clone(), &Counts { count: *n, errors: *n, ..Counts::default() });
                }
            }
            By::Peer | By::Port | By::Host => self.conns.iter().for_each(|c| add_conn(&mut all, key, c)),
        }
        let mut list: Vec<Group> = all.into_iter().map(|(key, g)| Group { key, ..g }).collect();
        list.sort_by(|a, b| b.n.count.cmp(&a.n.count).then_with(|| a.key.cmp(&b.key)));
        list
    }
}

/// Adds a connection to its group: by peer, local port or host name; one without that belongs to none.
fn add_conn(all: &mut BTreeMap<String, Group>, key: By, c: &ConnRow) {
    let name = match key {
        By::Peer => c.peer_host.clone(),
        By::Host => c.host.clone(),
        _ => c.local_port.map(|p| p.to_string()).unwrap_or_default(),
    };
    if name.is_empty() {
        return;
    }
    let g = all.entry(name).or_default();
    g.conns += 1;
    g.n.count = g.n.count.saturating_add(c.calls());
    g.n.errors = g.n.errors.saturating_add(c.errors);
    g.n.bytes_in = g.n.bytes_in.saturating_add(c.bytes_in);
    g.n.bytes_out = g.n.bytes_out.saturating_add(c.bytes_out);
}
