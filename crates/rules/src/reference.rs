//! The reference a person reads.

/// The text of `socklens help filters`.
pub const REFERENCE: &str = r#"Which calls: -e trace=SET

  SET is a list of items with commas between them. A leading ! takes all other calls.
    connect          a libc function, with its fortified and alias symbols
    sendto           a system call, as strace names it: all functions behind it (here send and sendto)
    libc:sendto      this libc function alone
    accept           accept and accept4
    %net %network    the socket API       %data  read, write and their kin
    %wait            poll, select, epoll  %fd    close, dup, fcntl, ioctl
    %desc            %data, %wait, %fd    %dns   name lookups
    %netif           interface lists      %log   syslog
    %process         fork, exec, spawn    %in %out  receives, sends
    %stream %dgram   %net and %data       %all %any %none
                     (the percent sign may be left out)
    recv*            names by glob        /^recv  names by pattern: ^ $ . .*
    ?name            is passed over when it is not known
  Without -e: everything but %process.

Which events: --where EXPR

  EXPR joins comparisons with `and`, `or`, `not` and brackets (also && || ! and the comma for `and`).
  `not` binds closest, then `and`, then `or`.

  call=SET          the call                        call=%in   call!=close
  fd=3  conn=3      descriptor, number of the connection
  pid=N  tid=N      process, thread (also thread=)
  comm=GLOB         name of the thread              comm=nginx*  (at most 15 bytes)
  exe=GLOB          path of the program; without a slash, its last part
  errno=E           error, by name or number        errno=ECONNRESET|EPIPE  errno!=0
  failed  ok        whether the call failed
  ret<0             what the call returned
  bytes>=64K        bytes moved; K M G are powers of 1024
  dur>1.5ms         time taken; with its unit: ns us ms s min
  peer=ADDR         peer's address     local=ADDR  own address     addr=ADDR  either
  port=8000..8099   port on either side     lport=  own side     pport=  peer's side
  host=GLOB         name looked up                  host=*.example.org
  path=GLOB         path of a unix socket, either side; abstract names begin with @
  role=ROLE         client server listener pair
  family=F          inet inet6 unix netlink packet vsock ... (with or without AF_)
  type=T            stream dgram seqpacket raw
  proto=P           tcp udp icmp sctp mptcp ...
  nb=0  nb=1        blocking or nonblocking mode (also the words `blocking` and `nonblocking`)

  ADDR   10.1.2.3   10.0.0.0/8:5432   10.0.0.0/8:5000..5999   :6379   *
         [::1]:80   [2001:db8::]/32   2001:db8::/32   unix:/run/*.sock   unix:@name
         An IPv4 network also takes its IPv4-mapped IPv6 addresses.
  GLOB   * is any run of characters, ? any one; a backslash takes the next character as it is.
  OP     = != for all keys; < <= > >= for numbers; ~ and !~ mean = and != for globs.
         a|b is either value, !=a|b neither; 3..9 is a range.
  Quote values that hold spaces, commas, bars or brackets: comm="my program".

  What is not known compares false, with != too: a listening socket has no peer, so neither peer=X nor peer!=X
  takes it, while `not peer=X` does. For the keys that look at either side, != is true when no known side matches.

Examples
  --where 'peer=10.0.0.0/8:5432 and errno!=0'
  --where 'call=%out and bytes>=64K or dur>100ms'
  --where 'role=server, not comm=health*'
  --where 'failed and not errno=EAGAIN|EINPROGRESS'
"#;
