/* Ways in which faults could lie to a program, a scene each: prints what the calls returned. `hazards SCENE [OPTION]` */
#include "faults.h"
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static void be_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

static void put(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
}

static int watcher(int fd, unsigned events)
{
	struct epoll_event e = { events, { 0 } };
	int ep = epoll_create1(0);
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e))
		abort();
	return ep;
}

static int ready(int ep, int wait)
{
	struct epoll_event e;
	return epoll_wait(ep, &e, 1, wait);
}

static void sent_byte(int fd) { say("send", send(fd, "x", 1, MSG_NOSIGNAL)); }

/* Two datagram sockets, connected to each other. */
static void talkers(int s[2], int family)
{
	if (family == AF_UNIX) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, s))
			abort();
		return;
	}
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		s[i] = socket(AF_INET, SOCK_DGRAM, 0);
		bind(s[i], (void *)&a, sizeof a);
	}
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in a;
		socklen_t n = sizeof a;
		getsockname(s[1 - i], (void *)&a, &n);
		connect(s[i], (void *)&a, n);
	}
}

/* An error of the connection is told once, by whichever asks first. */
static void once(void)
{
	char b[8];
	int o, s = connected(&o), e = 0;
	socklen_t n = sizeof e;
	say("recv", recv(s, b, 8, 0));
	getsockopt(s, SOL_SOCKET, SO_ERROR, &e, &n);
	printf("SO_ERROR %d\n", e);
	say("recv", recv(s, b, 8, 0));
	sent_byte(s);
}

/* A one-shot that has been told stays disabled until the program renews it. */
static void one_shot(void)
{
	char b[64];
	int s[2];
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s);
	struct epoll_event e = { EPOLLIN | EPOLLET | EPOLLONESHOT, { .fd = s[0] } };
	int ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &e);
	put(s[1], "hello");
	say("epoll", ready(ep, 5000));
	say("recv", recv(s[0], b, sizeof b, 0));
	say("epoll", ready(ep, 50));
	epoll_ctl(ep, EPOLL_CTL_MOD, s[0], &e);
	say("epoll", ready(ep, 5000));
}

/* EPOLLEXCLUSIVE cannot be modified. */
static void exclusive(void)
{
	struct sockaddr_in a;
	int l = listener(&a), ep = watcher(l, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE), c = socket(AF_INET, SOCK_STREAM, 0);
	be_nonblocking(l);
	connect(c, (void *)&a, sizeof a);
	say("epoll", ready(ep, 5000));
	say("accept", accept(l, NULL, NULL) < 0 ? -1 : 0);
	say("epoll", ready(ep, 5000));
	say("accept", accept(l, NULL, NULL) < 0 ? -1 : 0);
}

/* A timeout passes before EAGAIN is told. */
static void patience(void)
{
	char b[8];
	struct timeval t = { 0, 400000 };
	int o, s = connected(&o);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	put(o, "hello");
	long start = ms();
	say("recv", recv(s, b, 8, 0));
	printf("%s\n", ms() - start >= 390 ? "late" : "early");
	say("recv", recv(s, b, 8, 0));
}

static void *receives(void *fd)
{
	char b[8];
	say("recv", recv(*(int *)fd, b, 8, 0));
	return NULL;
}

/* The kernel gives a process's signals to its first thread. */
static void other_thread(void)
{
	pthread_t t;
	int o, s = connected(&o);
	handle(0);
	put(o, "hello");
	pthread_create(&t, NULL, receives, &s);
	pthread_join(t, NULL);
}

/* A blocking send is cut short by handlers alone. */
static void whole_sends(void)
{
	int o, s = connected(&o);
	if (option == 'h')
		handle(SA_RESTART);
	say("send", send(s, "0123456789", 10, 0));
}

/* Counts that no kernel gives. */
static void counts(void)
{
	char b[64];
	int o, s = connected(&o), d[2];
	put(o, "0123456789");
	say("waitall", recv(s, b, 10, MSG_WAITALL));
	put(o, "y");
	say("one", recv(s, b, 1, 0));
	say("nothing", send(s, b, 0, 0));
	talkers(d, AF_INET);
	put(d[1], "datagram");
	say("datagram", recv(d[0], b, sizeof b, 0));
	say("sent", send(d[0], "datagram", 8, 0));
	talkers(d, AF_UNIX);
	put(d[1], "datagram");
	say("datagram", recv(d[0], b, sizeof b, 0));
}

/* The request is shortened, not its result: what was not asked for is not touched, and stays. */
static void untouched(void)
{
	char b[16], c[8];
	int o, s = connected(&o);
	struct iovec v[2] = { { b, 4 }, { c, 8 } };
	memset(b, '#', sizeof b);
	memset(c, '#', sizeof c);
	put(o, "0123456789");
	errno = 77;
	say("recv", recv(s, b, sizeof b, 0));
	printf("%.16s errno %d\n", b, errno);
	memset(b, '#', sizeof b);
	say("readv", readv(s, v, 2));
	printf("%.4s %.8s errno %d\n", b, c, errno);
}

/* What FIONREAD and MSG_PEEK told is there. */
static void promises(void)
{
	char b[64];
	int o, s = connected(&o), n = 0;
	put(o, "0123456789");
	ioctl(s, FIONREAD, &n);
	printf("FIONREAD %d\n", n);
	say("recv", recv(s, b, n, 0));
	put(o, "0123456789");
	say("peek", recv(s, b, 7, MSG_PEEK));
	say("recv", recv(s, b, 7, 0));
	say("recv", recv(s, b, 3, 0));
}

/* The datagram that was looked at is the one that is read. */
static void looked_at(void)
{
	int d[2];
	talkers(d, AF_INET);
	for (int i = 0; i < 6; i++) {
		char t[2] = { '0' + i, 0 };
		put(d[1], t);
	}
	be_nonblocking(d[0]);
	for (;;) {
		char a = '-', b = '-';
		if (recv(d[0], &a, 1, MSG_PEEK) < 0)
			break;
		recv(d[0], &b, 1, 0);
		printf("%c%c ", a, b);
	}
	printf("\n");
}

/* No EAGAIN while a datagram survives; a timeout is kept. */
static void survivors(void)
{
	int d[2];
	char c;
	struct timeval t = { 0, 300000 };
	talkers(d, AF_INET);
	for (int i = 0; i < 6; i++) {
		char text[2] = { '0' + i, 0 };
		put(d[1], text);
	}
	setsockopt(d[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	while (recv(d[0], &c, 1, 0) == 1)
		printf("%c", c);
	say("", -1);
}

/* The copy of a datagram shows in poll and wakes an edge-triggered watcher. */
static void copy_shows(void)
{
	int d[2];
	char b[8];
	talkers(d, option == 'u' ? AF_UNIX : AF_INET);
	be_nonblocking(d[0]);
	int ep = watcher(d[0], EPOLLIN | EPOLLET);
	put(d[1], "x");
	for (int i = 0; i < 2; i++) {
		struct pollfd p = { d[0], POLLIN, 0 };
		say("epoll", ready(ep, 5000));
		say("poll", poll(&p, 1, 0));
		say("recv", recv(d[0], b, 8, 0));
	}
	say("epoll", ready(ep, 0));
	say("recv", recv(d[0], b, 8, 0));
}

/* ENOTCONN of shutdown: the connection is dead. */
static void shut_dead(void)
{
	char b[8];
	int o, s = connected(&o);
	say("shutdown", shutdown(s, SHUT_WR));
	sent_byte(s);
	say("recv", recv(s, b, 8, 0));
	say("other end", recv(o, b, 8, 0));
}

/* A close that fails has closed. */
static void shut_files(void)
{
	char b[8];
	int o, s = connected(&o);
	say("close", close(s));
	say("again", close(s));
	say("other end", recv(o, b, 8, 0));
}

/* After the end of the stream nothing comes any more. */
static void late_data(void)
{
	char b[8];
	int o, s = connected(&o);
	struct iovec v = { b, 8 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	if (option == 'n')
		be_nonblocking(s);
	say("recv", recv(s, b, 8, 0));
	put(o, "late");
	say("recv", recv(s, b, 8, 0));
	say("read", read(s, b, 8));
	say("readv", readv(s, &v, 1));
	say("recvmsg", recvmsg(s, &m, 0));
	say("peek", recv(s, b, 8, MSG_PEEK));
	int copy = dup(s);
	close(s);
	say("copy", recv(copy, b, 8, 0));
}

/* What goes nowhere fills the buffer as it does in a real partition. */
static void fills(void)
{
	static char b[65536];
	int o, s = connected(&o);
	long sum = 0, r;
	be_nonblocking(s);
	struct pollfd p = { s, POLLOUT, 0 };
	while ((r = send(s, b, sizeof b, 0)) > 0 && sum < 1 << 28)
		sum += r;
	say(sum > 0 && sum < 1 << 28 ? "full" : "bottomless", r);
	say("poll", poll(&p, 1, 50));
	/* Nor does it help that the peer reads: nobody hears of it. */
	while (recv(o, b, sizeof b, MSG_DONTWAIT) > 0)
		;
	say("poll", poll(&p, 1, 50));
}

/* One slow connection holds no other one back. */
static void beside(void)
{
	char b[64];
	int o[2], s[2], ep = epoll_create1(0);
	for (int i = 0; i < 2; i++) {
		s[i] = connected(&o[i]);
		be_nonblocking(s[i]);
		struct epoll_event e = { EPOLLIN | EPOLLET, { .u32 = i } };
		epoll_ctl(ep, EPOLL_CTL_ADD, s[i], &e);
		put(s[i], "question");
		put(o[i], "answer");
	}
	for (int i = 0; i < 2; i++) {
		struct epoll_event e;
		int r = epoll_wait(ep, &e, 1, 20000);
		printf("%s %ld\n", r == 1 ? e.data.u32 ? "fast" : "slow" : "none", (long)recv(s[e.data.u32], b, sizeof b, 0));
	}
}

/* A receive that blocks while readiness is held back waits for the answer, not for the gate's bytes. */
static void gated(void)
{
	char b[64];
	int o, s = connected(&o);
	be_nonblocking(s);
	long start = ms();
	put(s, "question");
	put(o, "answer");
	fcntl(s, F_SETFL, 0);
	say("recv", recv(s, b, sizeof b, 0));
	printf("%s\n", ms() - start >= 480 ? "late" : "early");
}

/* All that is ready is told in the end. */
static void all_told(void)
{
	int ep = epoll_create1(0), other, seen = 0;
	for (int i = 0; i < 6; i++) {
		struct epoll_event e = { EPOLLOUT | (option == 'e' ? EPOLLET : EPOLLONESHOT), { .u32 = i } };
		epoll_ctl(ep, EPOLL_CTL_ADD, connected(&other), &e);
	}
	for (int i = 0; i < 60 && seen != 63; i++) {
		struct epoll_event got[8];
		int n = epoll_wait(ep, got, 8, 0);
		for (int k = 0; k < n; k++)
			seen |= 1 << got[k].data.u32;
	}
	printf("%d\n", seen);
}

/* Ready is only told where the next call would say EAGAIN. */
static void not_ready(void)
{
	int o, s = connected(&o);
	struct pollfd p = { s, POLLIN, 0 };
	say("poll", poll(&p, 1, 100));
}

/* Descriptors travel with the first byte, once. */
static void passed(void)
{
	int s[2], all = 0;
	char b[16], control[64];
	struct iovec v = { "0123456789", 10 };
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s);
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	*c = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	*(int *)CMSG_DATA(c) = 1;
	long sent = sendmsg(s[0], &m, 0), got = 0, r;
	say("sendmsg", sent);
	while (sent < 10)
		sent += send(s[0], &"0123456789"[sent], 10 - sent, 0);
	do {
		struct iovec w = { b, sizeof b };
		struct msghdr n = { .msg_iov = &w, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
		r = recvmsg(s[1], &n, 0);
		got += r > 0 ? r : 0;
		all += r > 0 && n.msg_controllen > 0;
	} while (r > 0);
	printf("%ld bytes, %d descriptors\n", got, all);
}

/* An error of a call on many messages: none of them was sent. */
static void many(void)
{
	int d[2], n = 0;
	char b[8];
	struct iovec v = { "x", 1 };
	struct mmsghdr m[4];
	talkers(d, AF_INET);
	for (int i = 0; i < 4; i++)
		m[i] = (struct mmsghdr){ { .msg_iov = &v, .msg_iovlen = 1 }, 0 };
	for (int i = 0; i < 2; i++)
		say("sendmmsg", sendmmsg(d[0], m, 4, 0));
	while (recv(d[1], b, 8, MSG_DONTWAIT) == 1)
		n++;
	printf("%d\n", n);
}

static void *retries(void *fd)
{
	char b[8];
	while (recv(*(int *)fd, b, 8, MSG_DONTWAIT) < 0)
		;
	return NULL;
}

/* A thread that meets nothing but faults can be cancelled. */
static void cancelled(void)
{
	void *r;
	pthread_t t;
	int o, s = connected(&o);
	pthread_create(&t, NULL, retries, &s);
	poll(NULL, 0, 50);
	pthread_cancel(t);
	pthread_join(t, &r);
	printf("%s\n", r == PTHREAD_CANCELED ? "cancelled" : "ended");
}

/* However often the rule fires, the program gets on. */
static void storm(void)
{
	char b[8];
	int o, s = connected(&o), calls = 1;
	handle(0);
	be_nonblocking(s);
	put(o, "hello");
	while (recv(s, b, 8, 0) < 0 && calls < 1000)
		calls++;
	printf("%d\n", calls);
}

/* A connection is lost as a whole, or not at all. */
static void by_connection(void)
{
	for (int i = 0; i < 16; i++) {
		char b[8];
		int o, s = connected(&o), ends = 0;
		for (int k = 0; k < 4; k++) {
			put(o, "x");
			ends += recv(s, b, 1, 0) == 0;
		}
		printf("%d", ends);
		close(s);
		close(o);
	}
	printf("\n");
}

/* Another image, whose environment says nothing of us. */
static void scrubbed(void)
{
	char *none[] = { NULL }, *args[] = { "/proc/self/exe", "storm", NULL };
	execve("/proc/self/exe", args, none);
}

static const struct scene all[] = {
	{ "once", once }, { "one-shot", one_shot }, { "exclusive", exclusive }, { "patience", patience },
	{ "other-thread", other_thread }, { "whole-sends", whole_sends }, { "counts", counts },
	{ "untouched", untouched }, { "promises", promises }, { "looked-at", looked_at }, { "survivors", survivors },
	{ "copy-shows", copy_shows }, { "shut-dead", shut_dead }, { "shut-files", shut_files },
	{ "late-data", late_data }, { "fills", fills }, { "beside", beside }, { "gated", gated },
	{ "all-told", all_told }, { "not-ready", not_ready }, { "passed", passed }, { "many", many },
	{ "cancelled", cancelled }, { "storm", storm }, { "by-connection", by_connection }, { "scrubbed", scrubbed },
};

int main(int argc, char **argv) { return chosen(all, sizeof all / sizeof *all, argc, argv); }
