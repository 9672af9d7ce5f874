//! The reference a person reads.

/// The text of `socklens help rules`; `socklens rules list` adds the links and the errors from their tables.
pub const REFERENCE: &str = r#"Fault rules: --fault RULE, --faults FILE, SOCKLENS_FAULT

  RULE  =  [NAME =] CALLS SELECTORS @CONDITIONS : ACTIONS
  Several rules have semicolons or line ends between them; # begins a comment.

CALLS      names and groups with commas between them
  in out           receives and sends, on any descriptor that is a socket
  stream dgram     both, connect and shutdown, on stream or on datagram sockets alone
  connect accept   these
  dns              name lookups
  open             calls that make a descriptor
  wait             poll, select, epoll_wait
  any              all of these
  send, %net, recv* ...  as in -e trace=SET: see `socklens help filters`

SELECTORS  as in --where, but without errno, ret, bytes, dur, failed, ok, and a space is enough between them:
  out peer=10.0.0.0/8:5432 role=client not comm=health*
  More keys:
  conn=#2 first last     which connection of the process
  state=new used idle    no byte has moved yet; some have; some have, but none for a second
  site=MODULE[!FUNC][+OFFSET]  where the call is made; a glob that begins with * is held against module and function
  stack=NAME             any function that is running, or its module; stack=MODULE!FUNC as in site=
  sni-host=GLOB          the name in the TLS ClientHello that went over the connection, or is about to (also sni=)
  lineage=P9f3c          which thread, by its descent
  at=P9f3c.c2.recv@40960 one place in a run, as it is recorded: lineage, connection, call and offset in one

CONDITIONS all must hold
  @n=3  3+  3..9  3+2    the third match; from it on; from .. to; every second from it on
  @p=1%                  by chance
  @bytes=64K 64K+ 1K..2K at this byte of the stream; from it on; between
  @t=10s..20s            time since the session began; either end may be left out
  @every=30s/2s          the first two seconds of every thirty
  @burst=4               once it fires, for four matches in a row
  @max=10  @once         at most so often
  @after=NAME @until=NAME once that rule, written before, has fired; until it has
  @cond=on(SIGUSR1)      that signal to `socklens run` switches it on, the next one off; or SIGUSR2
  @scope=call conn dgram thread process byte syscall
                         what matches are counted in and chances drawn for; call: in the process, each by itself
  @off                   switched off at the start

ACTIONS    with commas between them act together; of two of a kind on one call the later rule's wins
  error E[/w=N]|E..      fail with this error, or one of these by weight
  return N               return N without a call
  again [N|N..M]         EAGAIN, so many times in a row        eintr   EINTR where a handler makes it possible
  short SIZE             move fewer bytes: 1, 1..64, 50%
  slice SIZE [gap DIST]  cut the stream into pieces, at the same bytes in every run
  delay DIST [exit]      sleep in the call, before or after
  latency DIST [in|out]  bytes and datagrams arrive later      rate R [burst SIZE] [in|out]   250kbit, 1MB/s
  link NAME              latency, rate and loss of a kind of network: see `socklens rules list`
  reset [drain]          the connection is reset; with drain, once what came has been read
  eof  halfopen          the peer closes; the peer is gone and nobody says so
  blackhole [in|out|both] [heal DIST]   packets vanish
  slowclose DIST         close takes so long
  refuse  unreach        connect is refused; there is no route
  timeout [DIST]         connect, or the connection, times out
  abort                  accept takes a connection, resets it and fails with ECONNABORTED
  fdlimit [DIST]         no descriptor is free
  drop LOSS  dup P  truncate SIZE   datagrams     reorder P [gap N]   of those sent
  corrupt bits=N P  bytes=N P                                   contents
  dns again noname fail empty only4 only6, dns to ADDRESS, dns DIST
  shuffle  clamp N  spurious   ready descriptors: in another order, N at once, a UDP socket that is not
  signal SIG  kill SIG  pause  break    to the thread; to the process; stop; call the debugger
  log  stack  ok         only note it; note it with the calling stack; do nothing

  A -> B -> C            one after the other; the last one stays. 3*A: three times before the next.
  A!                     realism is lifted for it
  A recipe native|fake   do it in the kernel or not at all; never touch the socket

VALUES
  DIST  5ms  10ms..50ms  80ms~20ms [uniform|normal|pareto|paretonormal|exp|table(FILE)] [corr P]
        mean and standard deviation (uniform: half its width); table: a file of tc's
  LOSS  5% [corr 25%]  gap 10  list(3,7,9)  ge(p,r,1-h,1-k)  state(p13,p31,p32,p23,p14)
        ge is the model of Gilbert and Elliott, state the one of four states; what is left out is as in netem
  SIZE  64  1..1400  64K  50%        P  1%  0.5%  0.01        times  ns us ms s min

REALISM    --realism kernel (usual), posix, any
  kernel: only what this kernel can do to the socket in its state. A rule that asks for more is refused; a fault whose
  moment is wrong is not done, and counted with the reason. posix: also what POSIX and other systems do. any: anything.

SEED       --seed N: the same seed and the same behaviour of the program give the same decisions

strace's expressions are rules too: -e inject=SET:error=E:when=3, -e fault=SET, with retval= signal= delay_enter=
delay_exit=; realism is lifted for them and matches are counted by thread.

Examples
  --fault 'recv : short 1'
  --fault 'recv nb=1 @p=20% : again 1..3'
  --fault 'out peer=:6379 @n=3 : error ECONNRESET'
  --fault 'connect host=db.* @n=1..2 : refuse'
  --fault 'stream peer=10.0.0.0/8 : latency 80ms~20ms normal corr 25%, rate 1MB/s'
  --fault 'stream role=server @bytes=64K : reset'
  --fault 'dgram : drop ge(1%,10%), dup 0.5%'
  --fault 'dns host=api.* @p=10% : dns again -> ok'
"#;

#[cfg(test)]
mod tests {
    use super::REFERENCE;
    use crate::fault::parse::{CONDITIONS, GROUPS};
    use crate::fault::{DistKind, DnsMode, Kind, Realism, Scope};

    #[test]
    fn the_reference_has_every_word() {
        let words: Vec<&str> = REFERENCE.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let all = Kind::ALL.iter().map(|k| k.word()).chain(Scope::ALL.iter().map(|s| s.word()));
        let all =
            all.chain(CONDITIONS).chain(GROUPS.iter().map(|g| g.word)).chain(Realism::ALL.iter().map(|r| r.word()));
        let shapes = DistKind::ALL.iter().filter(|d| **d != DistKind::Fixed).map(|d| d.word());
        let names = DnsMode::ALL.iter().filter(|m| **m != DnsMode::Delay).map(|m| m.word());
        for word in all.chain(shapes).chain(names) {
            assert!(words.contains(&word), "{word}");
        }
    }
}
