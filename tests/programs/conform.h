/* What conform.c and its scenes share: a socket, the process at its other end, and words for what is seen. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "scenes.h"

/* What the genuine peer of this machine cannot do. */
#define CANNOT 77
#define GREETING "0123456789abcdefghijklmnopqrstuv"
#define FILL 'F'

static int family = AF_INET, nonblock, edge;
static const char *peer_does = "stay";
static int to_peer[2], from_peer[2];
static pid_t peer_pid;
static volatile sig_atomic_t pipes;

/* Whether the other end really does it; else the fault is injected. */
static int genuine(void) { return strcmp(peer_does, "stay") != 0; }
static int does(const char *what) { return !strcmp(peer_does, what); }

static void on_pipe(int s) { (void)s; pipes++; }
static void on_signal(int s) { (void)s; }

static long ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *name_of(int e)
{
	const char *n = e ? strerrorname_np(e) : "0";
	return n ? n : "?";
}

static void say(const char *what, long r)
{
	int e = errno;
	if (r == -1)
		printf("%s = -1 %s", what, name_of(e));
	else
		printf("%s = %ld", what, r);
	if (pipes) {
		printf(" SIGPIPE*%d", (int)pipes);
		pipes = 0;
	}
	printf("\n");
	errno = e;
}

static void bits(const char *what, int b)
{
	static const struct { int bit; const char *name; } all[] = {
		{ EPOLLIN, "IN" }, { EPOLLOUT, "OUT" }, { EPOLLRDHUP, "RDHUP" }, { EPOLLERR, "ERR" }, { EPOLLHUP, "HUP" },
	};
	printf("%s =", what);
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		if (b & all[i].bit)
			printf(" %s", all[i].name);
	printf("\n");
}

static void show_poll(int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDHUP, 0 };
	int r = poll(&p, 1, 0);
	bits(r < 0 ? "poll failed" : "poll", p.revents);
	fd_set rd, wr;
	FD_ZERO(&rd);
	FD_ZERO(&wr);
	FD_SET(fd, &rd);
	FD_SET(fd, &wr);
	struct timeval none = { 0, 0 };
	select(fd + 1, &rd, &wr, NULL, &none);
	printf("select =%s%s\n", FD_ISSET(fd, &rd) ? " r" : "", FD_ISSET(fd, &wr) ? " w" : "");
}

static void show_error(int fd)
{
	int v = -1;
	socklen_t n = sizeof v;
	int r = getsockopt(fd, SOL_SOCKET, SO_ERROR, &v, &n);
	printf("SO_ERROR = %s\n", r ? "failed" : name_of(v));
}

static void show_state(int fd)
{
	static const char *const names[] = {
		"?", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT",
		"LAST_ACK", "LISTEN", "CLOSING",
	};
	struct tcp_info i = { 0 };
	socklen_t n = sizeof i;
	if (family != AF_UNIX)
		printf("TCP_INFO = %s\n", getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &n) ? "failed" : names[i.tcpi_state % 12]);
}

static void show_names(int fd)
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof a;
	int r = getsockname(fd, (void *)&a, &n);
	int any = 1, nowhere = 1;
	if (a.ss_family == AF_INET) {
		any = ((struct sockaddr_in *)&a)->sin_port == 0;
		nowhere = ((struct sockaddr_in *)&a)->sin_addr.s_addr == 0;
	}
	if (a.ss_family == AF_INET6) {
		any = ((struct sockaddr_in6 *)&a)->sin6_port == 0;
		nowhere = IN6_IS_ADDR_UNSPECIFIED(&((struct sockaddr_in6 *)&a)->sin6_addr);
	}
	say("getsockname", r);
	if (family != AF_UNIX)
		printf("local port %s, address %s\n", any ? "none" : "kept", nowhere ? "none" : "kept");
	n = sizeof a;
	say("getpeername", getpeername(fd, (void *)&a, &n));
}

static socklen_t loopback(struct sockaddr_storage *a, int port)
{
	memset(a, 0, sizeof *a);
	a->ss_family = family;
	if (family == AF_INET) {
		struct sockaddr_in *i = (void *)a;
		i->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		i->sin_port = htons(port);
		return sizeof *i;
	}
	if (family == AF_INET6) {
		struct sockaddr_in6 *i = (void *)a;
		i->sin6_addr = in6addr_loopback;
		i->sin6_port = htons(port);
		return sizeof *i;
	}
	struct sockaddr_un *u = (void *)a;
	snprintf(u->sun_path + 1, sizeof u->sun_path - 1, "socklens-conform-%d", port ? port : getpid());
	return sizeof u->sun_family + 1 + strlen(u->sun_path + 1);
}

/* What comes to the socket is lost on its way, or is no more. The kernel asks for CAP_NET_ADMIN. */
static int lose_all(long fd, int on)
{
	struct sock_filter none = { BPF_RET | BPF_K, 0, 0, 0 };
	struct sock_fprog program = { 1, &none };
	int v = 0;
	if (!on)
		return raw(SYS_setsockopt, fd, SOL_SOCKET, SO_DETACH_FILTER, (long)&v, sizeof v, 0);
	return raw(SYS_setsockopt, fd, SOL_SOCKET, SO_ATTACH_FILTER, (long)&program, sizeof program, 0);
}

static void nap(long milliseconds)
{
	struct timespec t = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
	raw(SYS_nanosleep, (long)&t, 0, 0, 0, 0, 0);
}

/* Until what was shut for writing has been acknowledged, which may be delayed. */
static void until_acknowledged(int fd)
{
	for (int i = 0; i < 400 && family != AF_UNIX; i++) {
		struct tcp_info t = { 0 };
		socklen_t n = sizeof t;
		raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)&t, (long)&n, 0);
		if (t.tcpi_state != TCP_FIN_WAIT1 && t.tcpi_state != TCP_LAST_ACK)
			return;
		nap(5);
	}
}

static void option(long fd, int level, int name, int v)
{
	raw(SYS_setsockopt, fd, level, name, (long)&v, sizeof v, 0);
}

/* Sends nothing that is answered: all that comes here is dropped. */
static void deaf(long fd)
{
	option(fd, IPPROTO_IP, IP_MINTTL, 255);
	if (family == AF_INET6)
		option(fd, IPPROTO_IPV6, 73 /* IPV6_MINHOPCOUNT */, 255);
}

/* What the peer does to happen. `fd` is its socket, `ours` the program's, which it holds too in some scenes. */
static void act(int *fd, int ours)
{
	if (does("reset")) {
		struct linger l = { 1, 0 };
		raw(SYS_setsockopt, *fd, SOL_SOCKET, SO_LINGER, (long)&l, sizeof l, 0);
	}
	if (does("reset") || does("gone")) {
		raw(SYS_close, *fd, 0, 0, 0, 0, 0);
		*fd = -1;
	}
	if (does("close"))
		raw(SYS_shutdown, *fd, SHUT_WR, 0, 0, 0, 0);
	if (does("silent"))
		deaf(*fd);
	if (does("shut-writing"))
		raw(SYS_shutdown, ours, SHUT_WR, 0, 0, 0, 0);
	if (does("signal")) {
		nap(100);
		raw(SYS_kill, raw(SYS_getppid, 0, 0, 0, 0, 0, 0), SIGUSR1, 0, 0, 0, 0);
	}
	if (does("trickles"))
		for (int i = 0; i < 8; i++) {
			static const char piece[8192];
			nap(i ? 100 : 0);
			raw(SYS_sendto, *fd, (long)piece, sizeof piece, MSG_NOSIGNAL, 0, 0);
		}
	if (does("answer-late") || does("ends-late")) {
		nap(800);
		raw(SYS_sendto, *fd, (long)"answer", 6, MSG_NOSIGNAL, 0, 0);
	}
	if (does("ends-late"))
		raw(SYS_shutdown, *fd, SHUT_WR, 0, 0, 0, 0);
}

/* Somebody else who has the socket takes what has come. */
static void steal(int ours)
{
	char b[64];
	while (raw(SYS_recvfrom, ours, (long)b, sizeof b, MSG_DONTWAIT, 0, 0) > 0)
		;
}

/* Somebody else who has the socket fills its buffer, until it stays full: what the kernel has yet to hand to the other
 * end makes room again, soon or when its timers say so. */
static void fill(int ours)
{
	static char b[1 << 16];
	memset(b, FILL, sizeof b);
	for (int full = 0; full < 50; full++, nap(10))
		while (raw(SYS_sendto, ours, (long)b, sizeof b, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0) > 0)
			full = 0;
}

/* What the program is to send in all, where the other end reads by a clock, and what that has read. */
enum { LOAD = 200000, SIP = 10000 };
static long drained_bytes;

/* Reads all of it: the genuine peer a little every tenth of a second, else as it comes. */
static void drain(int fd)
{
	static char b[SIP];
	for (long r = 1, end = ms() + 20000; r > 0 && drained_bytes < LOAD && ms() < end; drained_bytes += r > 0 ? r : 0) {
		struct pollfd p = { fd, POLLIN, 0 };
		nap(genuine() ? 100 : 0);
		raw(SYS_poll, (long)&p, 1, 20000, 0, 0, 0);
		r = raw(SYS_recvfrom, fd, (long)b, sizeof b, genuine() ? MSG_WAITALL : 0, 0, 0);
	}
}

/* What the other end sees: bytes, then the end or an error. */
static int seen(int fd, char *line, int room)
{
	static char b[1 << 16];
	long sum = drained_bytes, r = 1;
	struct pollfd p = { fd, POLLIN, 0 };
	if (fd < 0)
		return snprintf(line, room, "gone");
	while (raw(SYS_poll, (long)&p, 1, 300, 0, 0, 0) == 1 && (r = raw(SYS_recvfrom, fd, (long)b, sizeof b, MSG_DONTWAIT, 0, 0)) > 0)
		for (long i = 0; i < r; i++)
			sum += b[i] != FILL;
	return snprintf(line, room, "%ld bytes, then %s", sum, r == 0 ? "end" : r > 0 ? "nothing" : name_of(-r));
}

/* The other end: acts when it is told to (a byte on the pipe), says what it did (a byte back), and at the end says what
 * it sees on its socket. Raw system calls only. */
static void peer(int fd, int ours)
{
	char c;
	int given = 0;
	while (raw(SYS_read, to_peer[0], (long)&c, 1, 0, 0, 0) == 1) {
		if (c == 'g')
			raw(SYS_sendto, fd, (long)GREETING, 32, MSG_NOSIGNAL, 0, 0);
		if (c == 'p' && genuine()) {
			/* Three bytes of the greeting after another. */
			raw(SYS_sendto, fd, (long)GREETING + given, given < 30 ? 3 : 2, MSG_NOSIGNAL, 0, 0);
			given += 3;
		}
		if (c == 'q' && !genuine())
			raw(SYS_sendto, fd, (long)"answer", 6, MSG_NOSIGNAL, 0, 0);
		if (c == 'e' && !genuine()) {
			raw(SYS_sendto, fd, (long)"answer", 6, MSG_NOSIGNAL, 0, 0);
			raw(SYS_shutdown, fd, SHUT_WR, 0, 0, 0, 0);
		}
		if (c == 's')
			steal(ours);
		if (c == 'f')
			fill(ours);
		if (c == 'l' && lose_all(ours, 1))
			c = '!';
		if (c == 'h')
			lose_all(ours, 0);
		if (c == 'c') {
			raw(SYS_close, fd, 0, 0, 0, 0, 0);
			fd = -1;
		}
		if (c == 'r') {
			char line[64];
			int n = seen(fd, line, sizeof line);
			raw(SYS_write, from_peer[1], (long)line, n, 0, 0, 0);
			continue;
		}
		/* What takes time is told before it is done. */
		int late = (c == 'a' && (does("signal") || does("answer-late") || does("ends-late"))) || c == 'b' || c == 'd';
		if (c == 'a' && !late)
			act(&fd, ours);
		raw(SYS_write, from_peer[1], (long)&c, 1, 0, 0, 0);
		if (c == 'd') {
			drain(fd);
		} else if (c == 'b' && !genuine()) {
			static const char all[1 << 16];
			raw(SYS_sendto, fd, (long)all, sizeof all, MSG_NOSIGNAL, 0, 0);
		} else if (late) {
			act(&fd, ours);
		}
	}
	raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}

static void tell(char c)
{
	raw(SYS_write, to_peer[1], (long)&c, 1, 0, 0, 0);
	raw(SYS_read, from_peer[0], (long)&c, 1, 0, 0, 0);
	if (c == '!')
		exit(CANNOT);
}

static void ask_peer(void)
{
	char line[64] = "r";
	raw(SYS_write, to_peer[1], (long)line, 1, 0, 0, 0);
	long n = raw(SYS_read, from_peer[0], (long)line, sizeof line - 1, 0, 0, 0);
	line[n > 0 ? n : 0] = 0;
	printf("peer: %s\n", line);
}

static void settle(void) { nap(20); }

static void set_nonblock(int fd)
{
	if (nonblock)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* A socket bound to loopback, and its address. */
static long bound(int type, struct sockaddr_storage *a, socklen_t *n)
{
	*n = loopback(a, 0);
	long l = raw(SYS_socket, family, type, 0, 0, 0, 0);
	if (raw(SYS_bind, l, (long)a, *n, 0, 0, 0))
		abort();
	if (family != AF_UNIX) {
		*n = sizeof *a;
		raw(SYS_getsockname, l, (long)a, (long)n, 0, 0, 0);
	}
	return l;
}

/* The other end is a process of its own. It keeps a descriptor of the program's socket when `shared`. */
static void begin_peer(int theirs, int ours, int shared)
{
	if (pipe(to_peer) || pipe(from_peer))
		abort();
	fflush(stdout);
	peer_pid = raw(SYS_fork, 0, 0, 0, 0, 0, 0);
	if (peer_pid == 0) {
		if (!shared)
			raw(SYS_close, ours, 0, 0, 0, 0, 0);
		raw(SYS_close, to_peer[1], 0, 0, 0, 0, 0);
		peer(theirs, ours);
	}
	raw(SYS_close, theirs, 0, 0, 0, 0, 0);
}

/* Bytes that the buffers of a connection are to hold; 0 for as many as they do. What fills them depends on nobody else then:
 * not on memory that others use, nor on how late the kernel gets to it. */
static int room;

/* A connected socket whose other end is the peer. */
static int connection(int shared)
{
	struct sockaddr_storage a;
	socklen_t n;
	long l = bound(SOCK_STREAM, &a, &n);
	if (room)
		option(l, SOL_SOCKET, SO_RCVBUF, room);
	if (raw(SYS_listen, l, 4, 0, 0, 0, 0))
		abort();
	int fd = socket(family, SOCK_STREAM, 0);
	if (room)
		option(fd, SOL_SOCKET, SO_SNDBUF, room);
	if (connect(fd, (void *)&a, n))
		abort();
	long s = raw(SYS_accept, l, 0, 0, 0, 0, 0);
	raw(SYS_close, l, 0, 0, 0, 0, 0);
	begin_peer(s, fd, shared);
	set_nonblock(fd);
	return fd;
}

static int connected(void) { return connection(0); }

static int epfd;
static void watch(int fd)
{
	epfd = epoll_create1(0);
	struct epoll_event ev = { EPOLLIN | EPOLLOUT | EPOLLRDHUP | (edge ? EPOLLET : 0), { .fd = fd } };
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev))
		abort();
}

static void show_epoll(void)
{
	struct epoll_event ev[4];
	int r = epoll_wait(epfd, ev, 4, 0);
	bits("epoll", r > 0 ? (int)ev[0].events : 0);
}

/* Waits until epoll tells one of these; what it told. */
static int await(int wanted, int milliseconds)
{
	long end = ms() + milliseconds;
	for (;;) {
		struct epoll_event ev;
		long left = end - ms();
		int r = left > 0 ? epoll_wait(epfd, &ev, 1, left) : 0;
		if (r == 0)
			return 0;
		if (r == 1 && (ev.events & wanted))
			return ev.events;
		/* Told for something else, again and again when it is level-triggered. */
		nap(5);
	}
}

/* Until the thread is in this system call, as far as /proc tells. */
static void until_in(int thread, int call)
{
	char path[64], text[16], want[16];
	long k = snprintf(want, sizeof want, "%d ", call);
	snprintf(path, sizeof path, "/proc/self/task/%d/syscall", thread);
	for (int i = 0; i < 2000; i++) {
		nap(5);
		long fd = raw(SYS_open, (long)path, O_RDONLY, 0, 0, 0, 0);
		long n = fd < 0 ? -1 : raw(SYS_read, fd, (long)text, sizeof text - 1, 0, 0, 0);
		raw(SYS_close, fd, 0, 0, 0, 0, 0);
		if (n > k && !strncmp(text, want, k))
			return;
	}
}

/* A network of its own, where nothing leads anywhere but to itself. */
static void own_network(void)
{
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		exit(CANNOT);
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING };
	long s = raw(SYS_socket, AF_INET, SOCK_DGRAM, 0, 0, 0, 0);
	if (raw(SYS_ioctl, s, SIOCSIFFLAGS, (long)&r, 0, 0, 0))
		exit(CANNOT);
	raw(SYS_close, s, 0, 0, 0, 0, 0);
}

/* Documentation's network, which is nowhere. */
static socklen_t nowhere(struct sockaddr_storage *a)
{
	socklen_t n = loopback(a, 9);
	inet_pton(AF_INET, "192.0.2.1", family == AF_INET ? (void *)&((struct sockaddr_in *)a)->sin_addr : (void *)&(struct in_addr){ 0 });
	if (family == AF_INET6)
		inet_pton(AF_INET6, "2001:db8::1", &((struct sockaddr_in6 *)a)->sin6_addr);
	return n;
}
