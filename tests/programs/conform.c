/* One sequence of socket calls, told as a trace that is the same in every run: once against a peer that really does
 * something, once against a quiet peer with the fault injected. The two traces must be equal.
 *
 *   conform SCENE PEER [WAY...]
 * SCENE  what this program does: see the table at the end
 * PEER   what the other end really does, or `stay`
 * WAY    4 (usual), 6 or unix; then nonblock and edge, as letters: `4`, `6ne`, `unixn`, `4e`. Each way is a process of
 *        its own, and they run side by side.
 *
 * The other end is a process too, which makes raw system calls only, so that no rule reaches it. */
#include "conform.h"
#include "conform_more.h"

/* After it happened: everything agrees, and nothing comes back to life. */
static void dead(int fd)
{
	char b[64];
	show_epoll();
	show_poll(fd);
	show_error(fd);
	show_state(fd);
	show_names(fd);
	say("recv", recv(fd, b, sizeof b, 0));
	say("send", send(fd, "x", 1, 0));
	say("send", send(fd, "x", 1, 0));
	say("send quietly", send(fd, "x", 1, MSG_NOSIGNAL));
	say("write", write(fd, "x", 1));
	show_poll(fd);
	FILE *f = fdopen(dup(fd), "r");
	int c = fgetc(f);
	printf("stdio: %s\n", c == EOF && feof(f) && !ferror(f) ? "end" : "other");
	say("raw", raw(SYS_recvfrom, fd, (long)b, sizeof b, MSG_DONTWAIT, 0, 0));
	say("shutdown", shutdown(fd, SHUT_RDWR));
	struct sockaddr_storage a;
	socklen_t n = loopback(&a, 1);
	if (family != AF_UNIX)
		say("connect", connect(fd, (void *)&a, n));
	int copy = dup(fd);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		say("recv of the child", recv(fd, b, sizeof b, 0));
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	say("recv of the copy", recv(copy, b, sizeof b, 0));
	say("close", close(fd));
	say("recv of the copy", recv(copy, b, sizeof b, 0));
	ask_peer();
}

/* A receive meets it. */
static void recv_first(void)
{
	char b[64];
	int fd = connected();
	watch(fd);
	show_epoll();
	/* A unix socket is reset by a peer that leaves something unread. */
	if (family == AF_UNIX)
		say("send", send(fd, "x", 1, 0));
	tell('a');
	settle();
	say("recv", recv(fd, b, sizeof b, 0));
	dead(fd);
}

/* A send meets it. */
static void send_first(void)
{
	int fd = connected();
	watch(fd);
	show_epoll();
	if (family == AF_UNIX)
		say("send", send(fd, "x", 1, 0));
	tell('a');
	settle();
	say("send", send(fd, "x", 1, 0));
	if (family == AF_UNIX) {
		show_epoll();
		show_poll(fd);
		say("recv", recv(fd, (char[8]){ 0 }, 8, 0));
	}
	dead(fd);
}

/* It is met once what was received has been read. */
static void drained(void)
{
	char b[64];
	int fd = connected();
	watch(fd);
	tell('g');
	tell('a');
	settle();
	say("recv", recv(fd, b, 20, 0));
	say("recv", recv(fd, b, sizeof b, 0));
	/* Nothing is left to read, and a poll knows of it before a receive does. */
	show_poll(fd);
	say("recv", recv(fd, b, sizeof b, 0));
	dead(fd);
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
	show_state(fd);
	show_error(fd);
	show_names(fd);
	say("recv", recv(fd, b, sizeof b, 0));
	say("read", read(fd, b, sizeof b));
	struct iovec v = { b, sizeof b };
	char control[64];
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	say("recvmsg", recvmsg(fd, &m, 0));
	printf("controllen %zu flags %d\n", m.msg_controllen, m.msg_flags);
	FILE *f = fdopen(dup(fd), "r");
	int c = fgetc(f);
	printf("stdio: %s\n", c == EOF && feof(f) && !ferror(f) ? "end" : "other");
	say("send", send(fd, "hello", 5, 0));
	say("shutdown", shutdown(fd, SHUT_WR));
	until_acknowledged(fd);
	show_poll(fd);
	show_state(fd);
	say("send", send(fd, "hello", 5, 0));
	ask_peer();
}

/* No more may be sent: somebody shut the socket for writing. */
static void broken_pipe(void)
{
	char b[64];
	int fd = connection(1);
	watch(fd);
	show_epoll();
	tell('a');
	say("send", send(fd, "x", 1, 0));
	until_acknowledged(fd);
	show_poll(fd);
	show_error(fd);
	show_state(fd);
	show_names(fd);
	say("write", write(fd, "x", 1));
	say("send quietly", send(fd, "x", 1, MSG_NOSIGNAL));
	tell('g');
	say("recv", recv(fd, b, sizeof b, 0));
	ask_peer();
}

static volatile int waiting;
static int waits_in;

/* Waits in a call while another thread's call meets it. */
static void *blocked(void *p)
{
	static char b[1 << 16];
	int fd = *(int *)p;
	struct pollfd w = { fd, POLLIN | POLLRDHUP, 0 };
	struct epoll_event ev = { EPOLLIN | EPOLLRDHUP | EPOLLET, { 0 } };
	int ep = epoll_create1(0), r, all = 0;
	waiting = raw(SYS_gettid, 0, 0, 0, 0, 0, 0);
	switch (waits_in) {
	case SYS_recvfrom:
		say("blocked recv", recv(fd, b, sizeof b, 0));
		break;
	case SYS_sendto:
		do
			r = send(fd, b, sizeof b, 0);
		while (r == sizeof b);
		printf("blocked send %s\n", r > 0 ? "= a part" : name_of(errno));
		break;
	/* Our reset takes two steps: what is told of the first may lack IN and RDHUP. */
	case SYS_poll:
		do
			poll(&w, 1, 20000);
		while (!(w.revents & POLLRDHUP));
		bits("blocked poll", w.revents & ~POLLERR);
		break;
	default:
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
		do {
			r = epoll_wait(ep, &ev, 1, 20000);
			all |= ev.events;
		} while (r == 1 && !(all & EPOLLRDHUP));
		bits("blocked epoll", all & ~EPOLLERR);
	}
	return NULL;
}

static void while_waiting(int call)
{
	pthread_t t;
	char b[8];
	int fd = connected();
	waits_in = call;
	pthread_create(&t, NULL, blocked, &fd);
	while (!waiting)
		nap(1);
	until_in(waiting, call);
	long r = 0;
	int e = 0;
	if (!genuine()) {
		r = call == SYS_sendto ? recv(fd, b, sizeof b, MSG_DONTWAIT) : send(fd, "x", 1, 0);
		e = errno;
	} else {
		tell('a');
	}
	pthread_join(t, NULL);
	if (genuine() && call != SYS_recvfrom) {
		r = call == SYS_sendto ? recv(fd, b, sizeof b, MSG_DONTWAIT) : send(fd, "x", 1, 0);
		e = errno;
	}
	/* Of two that wait for the one error, one gets it: a thread that receives. */
	if (call != SYS_recvfrom) {
		errno = e;
		say("the other call", r);
	}
	say("recv", recv(fd, b, sizeof b, 0));
	say("send", send(fd, "x", 1, 0));
	show_poll(fd);
	show_state(fd);
}

static void while_receiving(void) { while_waiting(SYS_recvfrom); }
static void while_sending(void) { while_waiting(SYS_sendto); }
static void while_polling(void) { while_waiting(SYS_poll); }
static void while_in_epoll(void) { while_waiting(SYS_epoll_wait); }

/* The greeting comes in pieces. A reader that waits takes a short read for the end of what is there. */
static void pieces(void)
{
	char b[64];
	int fd = connected(), have = 0;
	watch(fd);
	if (!genuine())
		tell('g');
	for (int calls = 0; have < 32 && calls < 40; calls++) {
		tell('p');
		if (!await(EPOLLIN, 5000)) {
			printf("hangs\n");
			return;
		}
		long n = recv(fd, b + have, 64 - have, 0);
		say("recv", n);
		have += n > 0 ? n : 0;
	}
	printf("%.*s\n", have, b);
	if (nonblock)
		say("recv", recv(fd, b, sizeof b, 0));
}

/* Told to be readable, and somebody else has taken it. */
static void nothing_there(void)
{
	char b[64];
	int fd = connection(1);
	watch(fd);
	tell('g');
	bits("epoll", await(EPOLLIN, 5000));
	if (genuine())
		tell('s');
	say("recv", recv(fd, b, sizeof b, 0));
	if (genuine())
		tell('g');
	bits("epoll", await(EPOLLIN, 5000));
	say("recv", recv(fd, b, sizeof b, 0));
	say("recv", recv(fd, b, sizeof b, 0));
	show_error(fd);
}

/* Told to be writable, and somebody else has filled the buffer. */
static void no_room(void)
{
	room = 1 << 16;
	int fd = connection(1);
	watch(fd);
	bits("epoll", await(EPOLLOUT, 5000));
	if (genuine())
		tell('f');
	say("send", send(fd, "hello", 5, 0));
	/* The peer makes room by reading. */
	ask_peer();
	bits("epoll", await(EPOLLOUT, 10000));
	say("send", send(fd, "hello", 5, 0));
	ask_peer();
}

/* Nobody answers what was sent, until the kernel gives up. */
static void unanswered(void)
{
	char b[64];
	int fd = connection(1);
	watch(fd);
	show_epoll();
	if (does("lost")) {
		option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
		tell('l');
	}
	say("send", send(fd, "x", 1, 0));
	say("recv", recv(fd, b, sizeof b, MSG_DONTWAIT));
	show_state(fd);
	if (nonblock)
		bits("epoll", await(EPOLLIN, 20000));
	say("recv", recv(fd, b, sizeof b, 0));
	dead(fd);
}

/* What comes is lost for a while, and then comes again. */
static void partition(void)
{
	char b[64];
	int fd = connection(1);
	watch(fd);
	show_epoll();
	if (does("lost"))
		tell('l');
	long start = ms();
	say("send", send(fd, "x", 1, 0));
	tell('g');
	settle();
	show_poll(fd);
	show_state(fd);
	show_error(fd);
	if (does("lost")) {
		nap(1000);
		tell('h');
	}
	if (nonblock)
		bits("epoll", await(EPOLLIN, 20000));
	say("recv", recv(fd, b, sizeof b, 0));
	printf("%s\n", ms() - start >= 950 ? "late" : "early");
	say("send", send(fd, "x", 1, 0));
	ask_peer();
}

/* The peer is gone, and nobody says so. */
static void gone_silently(void)
{
	char b[64];
	int fd = connection(1);
	watch(fd);
	show_epoll();
	if (does("lost"))
		tell('l');
	say("send", send(fd, "x", 1, 0));
	tell('c');
	settle();
	show_epoll();
	show_poll(fd);
	show_state(fd);
	show_error(fd);
	show_names(fd);
	say("recv", recv(fd, b, sizeof b, MSG_DONTWAIT));
	say("send", send(fd, "x", 1, 0));
	show_state(fd);
}

/* Asks a question; the peer is told by `quiet`, unless it is the genuine one. Since when it is waited for. */
static long ask(int fd, char quiet)
{
	watch(fd);
	show_epoll();
	long start = ms();
	say("send", send(fd, "question", 8, 0));
	tell(genuine() ? 'a' : quiet);
	return start;
}

/* An answer takes its time. */
static void late_answer(void)
{
	char b[64];
	int fd = connected();
	long start = ask(fd, 'q');
	if (nonblock) {
		show_poll(fd);
		say("recv", recv(fd, b, sizeof b, 0));
		bits("epoll", await(EPOLLIN, 20000));
	}
	say("recv", recv(fd, b, sizeof b, 0));
	printf("%s\n", ms() - start >= 750 ? "late" : "early");
}

/* An answer and the end behind it take their time. */
static void late_end(void)
{
	char b[64];
	int fd = connected();
	long start = ask(fd, 'e');
	nap(100);
	if (nonblock) {
		bits("epoll", await(EPOLLIN | EPOLLRDHUP | EPOLLHUP, 100));
		show_poll(fd);
		say("recv", recv(fd, b, sizeof b, 0));
		printf("%s\n", await(EPOLLIN, 20000) ? "told" : "not told");
		printf("%s\n", ms() - start >= 750 ? "late" : "early");
		nap(100);
		show_poll(fd);
	}
	say("recv", recv(fd, b, sizeof b, 0));
	say("recv", recv(fd, b, sizeof b, 0));
	printf("%s\n", ms() - start >= 750 ? "late" : "early");
	show_poll(fd);
	show_state(fd);
	show_error(fd);
	say("send", send(fd, "x", 1, 0));
	ask_peer();
}

/* Sixty-four kilobytes that arrive in eight pieces, with pauses. */
static void slow_stream(void)
{
	static char b[1 << 16];
	int fd = connected();
	long have = 0, start = ms(), n;
	watch(fd);
	tell('b');
	while (have < (long)sizeof b) {
		if (nonblock && !await(EPOLLIN, 20000)) {
			printf("hangs\n");
			return;
		}
		while ((n = recv(fd, b, sizeof b, 0)) > 0) {
			have += n;
			if (!nonblock || have >= (long)sizeof b)
				break;
		}
	}
	printf("%ld bytes, %s\n", have, ms() - start >= 600 ? "late" : "early");
	show_poll(fd);
	show_error(fd);
	show_state(fd);
	say("send", send(fd, "x", 1, 0));
	ask_peer();
}

/* A close that waits for the peer. */
static void slow_close(void)
{
	int fd = connected();
	if (does("silent")) {
		struct linger l = { 1, 1 };
		raw(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, (long)&l, sizeof l, 0);
		tell('a');
		raw(SYS_sendto, fd, (long)"x", 1, MSG_NOSIGNAL, 0, 0);
	}
	long start = ms();
	say("close", close(fd));
	printf("%s\n", ms() - start >= 950 ? "late" : "early");
	say("recv", recv(fd, (char[8]){ 0 }, 8, 0));
}

/* A handler without SA_RESTART runs while the call waits. */
static void interrupted(void)
{
	char b[64];
	struct sigaction sa = { .sa_handler = on_signal };
	sigaction(SIGUSR1, &sa, NULL);
	int fd = connected();
	struct pollfd p = { fd, POLLIN, 0 };
	watch(fd);
	tell('a');
	say("recv", recv(fd, b, sizeof b, 0));
	tell('a');
	say("poll", poll(&p, 1, 20000));
	tell('a');
	struct epoll_event ev;
	int ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &(struct epoll_event){ EPOLLIN | (edge ? EPOLLET : 0), { 0 } });
	say("epoll_wait", epoll_wait(ep, &ev, 1, 20000));
	tell('g');
	say("poll", poll(&p, 1, 20000));
	say("epoll_wait", epoll_wait(ep, &ev, 1, 20000));
	say("recv", recv(fd, b, sizeof b, 0));
	show_error(fd);
	show_state(fd);
}

static const struct scene scenes[] = {
	{ "recv", recv_first }, { "send", send_first }, { "drained", drained }, { "eof", end_of_stream },
	{ "pipe", broken_pipe }, { "while-receiving", while_receiving }, { "while-sending", while_sending },
	{ "while-polling", while_polling }, { "while-in-epoll", while_in_epoll }, { "pieces", pieces },
	{ "nothing", nothing_there }, { "no-room", no_room }, { "connect", connecting }, { "connect-long", connecting_long }, { "unanswered", unanswered },
	{ "partition", partition }, { "gone", gone_silently }, { "late", late_answer }, { "late-end", late_end }, { "slow-close", slow_close },
	{ "slow-stream", slow_stream }, { "slow-reader", slow_reader },
	{ "interrupted", interrupted }, { "listener", listener }, { "datagrams", datagrams }, { "unwanted", unwanted },
	{ "read-all", read_all }, { "write-all", write_all }, { "peek", look_ahead },
};

static int scene(const char *name)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	struct sigaction sa = { .sa_handler = on_pipe };
	sigaction(SIGPIPE, &sa, NULL);
	int r = run_scene(scenes, sizeof scenes / sizeof *scenes, name);
	if (peer_pid > 0)
		raw(SYS_kill, peer_pid, SIGKILL, 0, 0, 0, 0);
	return r;
}

static void choose(const char *way)
{
	family = !strncmp(way, "unix", 4) ? AF_UNIX : *way == '6' ? AF_INET6 : AF_INET;
	way += family == AF_UNIX ? 4 : 1;
	nonblock = strchr(way, 'n') != NULL;
	edge = strchr(way, 'e') != NULL;
}

int main(int argc, char **argv)
{
	int outputs[argc], result = 0;
	pid_t children[argc];
	if (argc < 4)
		return 2;
	peer_does = argv[2];
	for (int i = 3; i < argc; i++) {
		int p[2];
		if (pipe(p))
			return 2;
		children[i] = fork();
		if (children[i] == 0) {
			raw(SYS_dup2, p[1], 1, 0, 0, 0, 0);
			choose(argv[i]);
			exit(scene(argv[1]));
		}
		raw(SYS_close, p[1], 0, 0, 0, 0, 0);
		outputs[i] = p[0];
	}
	for (int i = 3; i < argc; i++) {
		char b[4096];
		long n;
		int status = 0;
		raw(SYS_write, 1, (long)b, snprintf(b, sizeof b, "-- %s\n", argv[i]), 0, 0, 0);
		while ((n = raw(SYS_read, outputs[i], (long)b, sizeof b, 0, 0, 0)) > 0)
			raw(SYS_write, 1, (long)b, n, 0, 0, 0);
		waitpid(children[i], &status, 0);
		if (status)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
	}
	return result;
}
