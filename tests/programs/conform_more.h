/* Scenes of conform.c: connecting, listening, whole transfers, datagrams. */
static int takes_time;

/* connect() to a port where nobody listens, or, with the fault, where somebody does. */
static void connecting(void)
{
	struct sockaddr_storage a;
	socklen_t n;
	char b[8];
	if (does("no-route"))
		own_network();
	long l = bound(SOCK_STREAM, &a, &n);
	if (!does("refuse"))
		raw(SYS_listen, l, 4, 0, 0, 0, 0);
	if (does("silent"))
		deaf(l);
	if (does("no-route"))
		n = nowhere(&a);
	int fd = socket(family, SOCK_STREAM | (nonblock ? SOCK_NONBLOCK : 0), 0);
	if (does("silent")) {
		option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
		option(fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	}
	watch(fd);
	show_epoll();
	long start = ms();
	say("connect", connect(fd, (void *)&a, n));
	if (nonblock && (does("silent") || errno == EINPROGRESS)) {
		struct pollfd p = { fd, POLLOUT, 0 };
		say("waits", raw(SYS_poll, (long)&p, 1, 20000, 0, 0, 0));
	}
	if (takes_time)
		printf("%s\n", ms() - start < 950 ? "early" : "late");
	settle();
	show_epoll();
	show_poll(fd);
	show_error(fd);
	show_error(fd);
	show_state(fd);
	say("getpeername", getpeername(fd, (void *)&(struct sockaddr_storage){ 0 }, &(socklen_t){ sizeof a }));
	say("recv", recv(fd, b, sizeof b, MSG_DONTWAIT));
	say("send", send(fd, b, 1, MSG_DONTWAIT));
}

static void connecting_long(void)
{
	takes_time = 1;
	connecting();
}

/* A listener that is watched, and what an accept may meet. */
static void listener(void)
{
	struct sockaddr_storage a;
	socklen_t n;
	int l = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	n = loopback(&a, 0);
	if (bind(l, (void *)&a, n) || listen(l, 8))
		abort();
	n = sizeof a;
	getsockname(l, (void *)&a, &n);
	watch(l);
	show_epoll();
	long c = raw(SYS_socket, family, SOCK_STREAM, 0, 0, 0, 0), again = -1;
	raw(SYS_connect, c, (long)&a, n, 0, 0, 0);
	settle();
	show_epoll();
	struct rlimit old;
	getrlimit(RLIMIT_NOFILE, &old);
	if (does("taken"))
		raw(SYS_accept, l, 0, 0, 0, 0, 0);
	if (does("resets")) {
		struct linger l0 = { 1, 0 };
		long taken = raw(SYS_accept, l, 0, 0, 0, 0, 0);
		raw(SYS_setsockopt, taken, SOL_SOCKET, SO_LINGER, (long)&l0, sizeof l0, 0);
		raw(SYS_close, taken, 0, 0, 0, 0, 0);
	}
	if (does("full")) {
		struct rlimit none = { 0, old.rlim_max };
		setrlimit(RLIMIT_NOFILE, &none);
	}
	for (int i = 0; i < 4; i++) {
		int fd = accept(l, NULL, NULL);
		say("accept", fd >= 0 ? 0 : fd);
		if (fd >= 0)
			close(fd);
		if (i == 0 && does("taken")) {
			again = raw(SYS_socket, family, SOCK_STREAM, 0, 0, 0, 0);
			raw(SYS_connect, again, (long)&a, n, 0, 0, 0);
		}
		if (i == 0)
			setrlimit(RLIMIT_NOFILE, &old);
		show_epoll();
	}
	char b[8];
	long r = raw(SYS_recvfrom, again >= 0 ? again : c, (long)b, sizeof b, MSG_DONTWAIT, 0, 0);
	printf("client: %s\n", r == 0 ? "end" : name_of(r < 0 ? -r : 0));
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

/* Ten numbered datagrams; the genuine network loses every third, or doubles all, or the peer is not there. */
static void datagrams(void)
{
	struct sockaddr_storage a;
	socklen_t n;
	if (does("no-route"))
		own_network();
	int in = bound(SOCK_DGRAM, &a, &n);
	int out = socket(family, SOCK_DGRAM, 0);
	if (does("no-route"))
		n = nowhere(&a);
	fcntl(in, F_SETFL, O_NONBLOCK);
	watch(in);
	show_epoll();
	/* A unix socket keeps no more than ten. */
	for (int i = 0; i < (family == AF_UNIX ? 4 : 10); i++) {
		char text[24];
		int k = snprintf(text, sizeof text, "datagram %d", does("swaps") ? i ^ 1 : i);
		if (does("loses") && (i + 1) % 3 == 0)
			continue;
		for (int times = does("doubles") ? 2 : 1; times > 0; times--)
			if (sendto(out, text, k, 0, (void *)&a, n) != k)
				say("sendto", -1);
	}
	for (int rounds = 0; rounds < 40; rounds++) {
		struct epoll_event ev;
		if (epoll_wait(epfd, &ev, 1, 0) != 1)
			break;
		char text[24];
		struct iovec v = { text, does("cuts") ? 4 : sizeof text };
		struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
		long k;
		while ((k = recvmsg(in, &m, 0)) >= 0) {
			printf("%.*s%s\n", (int)k, text, m.msg_flags & MSG_TRUNC ? " cut" : "");
			show_poll(in);
		}
		say("recvmsg", k);
	}
	show_error(out);
}

/* What was sent before came back as an error. */
static void unwanted(void)
{
	struct sockaddr_storage a;
	socklen_t n;
	char b[8];
	int in = bound(SOCK_DGRAM, &a, &n), fd = socket(family, SOCK_DGRAM, 0);
	connect(fd, (void *)&a, n);
	set_nonblock(fd);
	if (does("refuse"))
		raw(SYS_close, in, 0, 0, 0, 0, 0);
	say("send", send(fd, "x", 1, 0));
	settle();
	say("recv", recv(fd, b, sizeof b, 0));
	show_error(fd);
	show_poll(fd);
	say("recv", recv(fd, b, sizeof b, MSG_DONTWAIT));
	show_names(fd);
}

/* More than the buffers hold, to somebody who takes a hundred kilobytes a second. How much a send takes depends on the moment;
 * that it takes less, says EAGAIN, and is told of room again, does not. */
static void slow_reader(void)
{
	static char b[LOAD];
	long have = 0, most = 0, start = ms(), n;
	int shorts = 0, agains = 0;
	room = 1 << 14;
	int fd = connected();
	watch(fd);
	tell('d');
	while (have < LOAD) {
		long ask = LOAD - have < 20000 ? LOAD - have : 20000, before = ms();
		n = send(fd, b + have, ask, 0);
		most = ms() - before > most ? ms() - before : most;
		if (n > 0) {
			have += n;
			shorts += n < ask;
			continue;
		}
		if (errno != EAGAIN || !nonblock) {
			say("send", n);
			return;
		}
		agains++;
		if (!await(EPOLLOUT, 20000)) {
			printf("hangs\n");
			return;
		}
	}
	long took = ms() - start;
	printf("%ld bytes, %s\n", have, took < 800 ? "early" : took > 15000 ? "hangs" : "late");
	printf("short sends: %s, EAGAIN: %s, a send that waits: %s\n", shorts ? "some" : "none", agains ? "some" : "none",
	       nonblock ? "none asked" : most >= 50 ? "some" : "none");
	show_error(fd);
	show_state(fd);
	ask_peer();
}
