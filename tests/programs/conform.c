/* One sequence of socket calls, told as a trace that is the same in every run: once against a peer that really does
 * something, once against a quiet peer with the fault injected. The two traces must be equal.
 *
 *   conform SCENARIO PEER [OPTION...]
 * SCENARIO  what this program does: see the table at the end
 * PEER      what the other end does after it has sent its greeting: reset, close, stay, refuse
 * OPTION    4 (default), 6, unix; block (default), nonblock
 *
 * The other end is a thread of control of its own: a forked child, which makes raw system calls only, so that no rule
 * reaches it. What it sees goes into the trace after a "peer:" at the end. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int family = AF_INET, nonblock, edge;
static const char *peer_does = "stay";
static int to_peer[2], from_peer[2];
static pid_t peer_pid;
static volatile sig_atomic_t pipes;

static long raw(long nr, long a, long b, long c, long d, long e, long f)
{
	long r;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	__asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return r;
}

static void on_pipe(int s) { (void)s; pipes++; }

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

static void show_names(int fd)
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof a;
	int r = getsockname(fd, (void *)&a, &n);
	int any = 1;
	if (a.ss_family == AF_INET)
		any = ((struct sockaddr_in *)&a)->sin_port == 0;
	if (a.ss_family == AF_INET6)
		any = ((struct sockaddr_in6 *)&a)->sin6_port == 0;
	say("getsockname", r);
	if (family != AF_UNIX)
		printf("local port %s\n", any ? "none" : "kept");
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

/* The other end: acts when it is told to (a byte on the pipe), says what it did (a byte back), and at the end says what
 * it sees on its socket. Raw system calls only. */
static void peer(int fd)
{
	char c;
	while (raw(SYS_read, to_peer[0], (long)&c, 1, 0, 0, 0) == 1) {
		if (c == 'g')
			raw(SYS_sendto, fd, (long)"0123456789abcdefghijklmnopqrstuv", 32, MSG_NOSIGNAL, 0, 0);
		if (c == 'a' && !strcmp(peer_does, "reset")) {
			struct linger l = { 1, 0 };
			raw(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, (long)&l, sizeof l, 0);
			raw(SYS_close, fd, 0, 0, 0, 0, 0);
			fd = -1;
		}
		if (c == 'a' && !strcmp(peer_does, "close")) {
			raw(SYS_shutdown, fd, SHUT_WR, 0, 0, 0, 0);
		}
		if (c == 'r') {
			/* What the other end sees: bytes, then the end or an error. */
			char b[4096], line[64];
			long sum = 0, r = 0;
			struct pollfd p = { fd, POLLIN, 0 };
			while (raw(SYS_poll, (long)&p, 1, 5000, 0, 0, 0) == 1 && (r = raw(SYS_recvfrom, fd, (long)b, sizeof b, MSG_DONTWAIT, 0, 0)) > 0)
				sum += r;
			int n = snprintf(line, sizeof line, "%ld bytes, then %s", sum, r == 0 ? "end" : name_of(-r));
			raw(SYS_write, from_peer[1], (long)line, n, 0, 0, 0);
			continue;
		}
		raw(SYS_write, from_peer[1], (long)&c, 1, 0, 0, 0);
	}
	raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}

static void tell(char c)
{
	raw(SYS_write, to_peer[1], (long)&c, 1, 0, 0, 0);
	raw(SYS_read, from_peer[0], (long)&c, 1, 0, 0, 0);
}

static void ask_peer(void)
{
	char line[64] = "r";
	raw(SYS_write, to_peer[1], (long)line, 1, 0, 0, 0);
	long n = raw(SYS_read, from_peer[0], (long)line, sizeof line - 1, 0, 0, 0);
	line[n > 0 ? n : 0] = 0;
	printf("peer: %s\n", line);
}

static void settle(void) { usleep(30000); }

/* A connected socket whose other end is the peer. */
static int connected(void)
{
	struct sockaddr_storage a;
	socklen_t n = loopback(&a, 0);
	long l = raw(SYS_socket, family, SOCK_STREAM, 0, 0, 0, 0);
	if (raw(SYS_bind, l, (long)&a, n, 0, 0, 0) || raw(SYS_listen, l, 4, 0, 0, 0, 0))
		abort();
	if (family != AF_UNIX) {
		n = sizeof a;
		raw(SYS_getsockname, l, (long)&a, (long)&n, 0, 0, 0);
	}
	if (pipe(to_peer) || pipe(from_peer))
		abort();
	int fd = socket(family, SOCK_STREAM, 0);
	if (connect(fd, (void *)&a, n))
		abort();
	long s = raw(SYS_accept, l, 0, 0, 0, 0, 0);
	raw(SYS_close, l, 0, 0, 0, 0, 0);
	peer_pid = raw(SYS_fork, 0, 0, 0, 0, 0, 0);
	if (peer_pid == 0) {
		raw(SYS_close, fd, 0, 0, 0, 0, 0);
		raw(SYS_close, to_peer[1], 0, 0, 0, 0, 0);
		peer(s);
	}
	raw(SYS_close, s, 0, 0, 0, 0, 0);
	if (nonblock)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return fd;
}

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

/* A receive meets the fault; everything agrees with it afterwards. */
static void recv_first(void)
{
	char b[64];
	int fd = connected();
	watch(fd);
	show_epoll();
	tell('a');
	settle();
	say("recv", recv(fd, b, sizeof b, 0));
	show_epoll();
	show_poll(fd);
	show_error(fd);
	show_names(fd);
	say("recv", recv(fd, b, sizeof b, 0));
	say("send", send(fd, "x", 1, 0));
	say("send", send(fd, "x", 1, 0));
	show_poll(fd);
	say("shutdown", shutdown(fd, SHUT_RDWR));
	struct sockaddr_storage a;
	socklen_t n = loopback(&a, 1);
	if (family != AF_UNIX)
		say("connect", connect(fd, (void *)&a, n));
	int copy = dup(fd);
	say("recv of the copy", recv(copy, b, sizeof b, 0));
	say("close", close(fd));
	say("recv of the copy", recv(copy, b, sizeof b, 0));
}

/* A send meets it. */
static void send_first(void)
{
	char b[64];
	int fd = connected();
	watch(fd);
	show_epoll();
	tell('a');
	settle();
	say("send", send(fd, "x", 1, 0));
	show_epoll();
	show_poll(fd);
	show_error(fd);
	say("send", send(fd, "x", 1, 0));
	say("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say("write", write(fd, "x", 1));
	say("recv", recv(fd, b, sizeof b, 0));
	show_poll(fd);
	say("close", close(fd));
}

/* The end of the stream, and what may still be done. */
static void end_of_stream(void)
{
	char b[64];
	int fd = connected();
	watch(fd);
	show_epoll();
	tell('a');
	settle();
	say("recv", recv(fd, b, sizeof b, 0));
	show_epoll();
	show_poll(fd);
	say("recv", recv(fd, b, sizeof b, 0));
	struct iovec v = { b, sizeof b };
	char control[64];
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	say("recvmsg", recvmsg(fd, &m, 0));
	printf("controllen %zu flags %d\n", m.msg_controllen, m.msg_flags);
	FILE *f = fdopen(dup(fd), "r");
	printf("stdio: %s\n", fgetc(f) == EOF && feof(f) && !ferror(f) ? "end" : "other");
	say("send", send(fd, "hello", 5, 0));
	say("shutdown", shutdown(fd, SHUT_WR));
	ask_peer();
}

static volatile int waiting;

/* Until the other thread is in recv, as far as /proc tells. */
static void until_waiting(void)
{
	char path[64], text[16];
	for (int i = 0; i < 400; i++) {
		usleep(5000);
		snprintf(path, sizeof path, "/proc/self/task/%d/syscall", waiting);
		int fd = open(path, O_RDONLY);
		long n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
		close(fd);
		if (n > 3 && !strncmp(text, "45 ", 3))
			return;
	}
}

static void *blocked(void *p)
{
	static char b[64];
	waiting = raw(SYS_gettid, 0, 0, 0, 0, 0, 0);
	long r = recv(*(int *)p, b, sizeof b, 0);
	say("blocked recv", r);
	return NULL;
}

/* Another thread waits in recv when it happens. */
static void while_blocked(void)
{
	int fd = connected();
	pthread_t t;
	pthread_create(&t, NULL, blocked, &fd);
	until_waiting();
	if (!strcmp(peer_does, "stay"))
		send(fd, "x", 1, 0);
	tell('a');
	pthread_join(t, NULL);
	say("recv", recv(fd, (char[8]){ 0 }, 8, 0));
	show_poll(fd);
}

/* The whole greeting is read, piece by piece; edge-triggered readers sleep in epoll_wait between pieces. */
static void read_all(void)
{
	char b[64];
	int fd = connected(), have = 0;
	watch(fd);
	tell('g');
	settle();
	int calls = 0;
	while (have < 32 && calls++ < 200) {
		struct epoll_event ev;
		int r = epoll_wait(epfd, &ev, 1, 3000);
		if (r != 1) {
			printf("hangs after %d bytes\n", have);
			return;
		}
		if (!(ev.events & EPOLLIN))
			continue;
		/* A short read is taken for a sign that nothing is left, as epoll(7) allows. */
		long n = recv(fd, b + have, 33 - have, 0);
		if (n > 0)
			have += n;
		else if (errno != EAGAIN && errno != EINTR)
			break;
	}
	printf("%d bytes %.*s\n", have, have, b);
}

/* A megabyte is written by an edge-triggered writer. */
static void write_all(void)
{
	static char b[1 << 18];
	int fd = connected();
	size_t sent = 0;
	watch(fd);
	int calls = 0, ready = 0;
	while (sent < sizeof b && calls++ < 100000) {
		if (!ready) {
			struct epoll_event ev;
			if (epoll_wait(epfd, &ev, 1, 3000) != 1) {
				printf("hangs after some bytes\n");
				return;
			}
			if (!(ev.events & EPOLLOUT))
				continue;
			ready = 1;
		}
		long n = send(fd, b + sent, sizeof b - sent, MSG_NOSIGNAL);
		if (n > 0)
			sent += n;
		/* Less than asked for: the buffer is full. */
		if (n < (long)(sizeof b - (sent - (n > 0 ? n : 0))))
			ready = 0;
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			say("send", n);
			return;
		}
	}
	printf("sent %zu\n", sent);
	shutdown(fd, SHUT_WR);
	ask_peer();
}

/* Looking ahead is a promise. */
static void look_ahead(void)
{
	char b[64];
	int fd = connected();
	tell('g');
	settle();
	say("peek", recv(fd, b, 20, MSG_PEEK));
	say("recv", recv(fd, b, 20, 0));
	say("waitall", recv(fd, b, 12, MSG_WAITALL));
}

/* connect() to a port where nobody listens, or, with the fault, where somebody does. */
static void connecting(void)
{
	struct sockaddr_storage a;
	socklen_t n = loopback(&a, 0);
	long l = raw(SYS_socket, family, SOCK_STREAM, 0, 0, 0, 0);
	if (raw(SYS_bind, l, (long)&a, n, 0, 0, 0))
		abort();
	n = sizeof a;
	raw(SYS_getsockname, l, (long)&a, (long)&n, 0, 0, 0);
	if (strcmp(peer_does, "refuse"))
		raw(SYS_listen, l, 4, 0, 0, 0, 0);
	int fd = socket(family, SOCK_STREAM | (nonblock ? SOCK_NONBLOCK : 0), 0);
	watch(fd);
	show_epoll();
	say("connect", connect(fd, (void *)&a, n));
	settle();
	show_epoll();
	show_poll(fd);
	show_error(fd);
	show_error(fd);
	say("getpeername", getpeername(fd, (void *)&a, &(socklen_t){ sizeof a }));
	char b[8];
	say("recv", recv(fd, b, sizeof b, MSG_DONTWAIT));
}

/* A listener that is watched, one pending connection, and four accepts. */
static void listener(void)
{
	struct sockaddr_storage a;
	socklen_t n = loopback(&a, 0);
	int l = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(l, (void *)&a, n) || listen(l, 8))
		abort();
	n = sizeof a;
	getsockname(l, (void *)&a, &n);
	watch(l);
	show_epoll();
	long c = raw(SYS_socket, family, SOCK_STREAM, 0, 0, 0, 0);
	raw(SYS_connect, c, (long)&a, n, 0, 0, 0);
	settle();
	show_epoll();
	for (int i = 0; i < 4; i++) {
		int fd = accept(l, NULL, NULL);
		if (fd >= 0) {
			close(fd);
			fd = 0;
		}
		say("accept", fd);
		show_epoll();
	}
	char b[8];
	long r = raw(SYS_recvfrom, c, (long)b, sizeof b, MSG_DONTWAIT, 0, 0);
	printf("client: %s\n", r == 0 ? "end" : name_of(r < 0 ? -r : 0));
}

/* Ten numbered datagrams. */
static void datagrams(void)
{
	struct sockaddr_storage a;
	socklen_t n = loopback(&a, 0);
	int in = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0), out = socket(family, SOCK_DGRAM, 0);
	if (bind(in, (void *)&a, n))
		abort();
	n = sizeof a;
	getsockname(in, (void *)&a, &n);
	watch(in);
	show_epoll();
	for (int i = 0; i < 10; i++) {
		char text[24];
		int k = snprintf(text, sizeof text, "datagram %d", i);
		if (sendto(out, text, k, 0, (void *)&a, n) != k)
			say("sendto", -1);
	}
	for (int rounds = 0; rounds < 40; rounds++) {
		struct epoll_event ev;
		int r = epoll_wait(epfd, &ev, 1, 0);
		if (r != 1)
			break;
		char text[24];
		long k;
		while ((k = recv(in, text, sizeof text - 1, 0)) >= 0) {
			text[k] = 0;
			printf("%s\n", text);
		}
		say("recv", k);
	}
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } all[] = {
		{ "recv", recv_first }, { "send", send_first }, { "eof", end_of_stream }, { "blocked", while_blocked },
		{ "read-all", read_all }, { "write-all", write_all }, { "peek", look_ahead }, { "connect", connecting },
		{ "listener", listener }, { "datagrams", datagrams },
	};
	setvbuf(stdout, NULL, _IONBF, 0);
	struct sigaction sa = { .sa_handler = on_pipe };
	sigaction(SIGPIPE, &sa, NULL);
	alarm(50);
	if (argc < 3)
		return 2;
	peer_does = argv[2];
	for (int i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "6"))
			family = AF_INET6;
		else if (!strcmp(argv[i], "unix"))
			family = AF_UNIX;
		else if (!strcmp(argv[i], "nonblock"))
			nonblock = 1;
		else if (!strcmp(argv[i], "edge"))
			edge = 1;
	}
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(argv[1], all[i].name)) {
			all[i].run();
			if (peer_pid > 0) {
				close(to_peer[1]);
				raw(SYS_kill, peer_pid, SIGKILL, 0, 0, 0, 0);
			}
			return 0;
		}
	return 2;
}
