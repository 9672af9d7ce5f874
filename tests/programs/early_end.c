/* A peer that answers and closes at once, over a way that takes its time: nothing may be told ready before it can be received.
 * `early_end KIND [LETTERS]`: how it waits; h shuts its own side before, r has the peer reset instead of answer; u and x are
 * datagrams, by UDP and within the machine, that come without being asked for, and without an end. */
#include "faults.h"
#include <sys/select.h>
#include <sys/syscall.h>

enum { POLL, PPOLL, MANY, SELECT, PSELECT, LEVEL, EDGE, ONESHOT, EXCLUSIVE, RDHUP, RENEWED, PWAIT2, KINDS };
static const char *const names[KINDS] = { "poll", "ppoll", "many", "select", "pselect", "level", "edge", "oneshot",
	"exclusive", "rdhup", "renewed", "pwait2" };

static int kind, ep, ticks[2], conn, peer;

/* Something else happens meanwhile, and must not be held up. */
static void *tick(void *unused)
{
	for (int i = 0; i < 4; i++) {
		usleep(50000);
		long now = ms();
		raw(SYS_write, ticks[1], (long)&now, sizeof now, 0, 0, 0);
	}
	return unused;
}

static unsigned wanted(void)
{
	switch (kind) {
	case EDGE:
		return EPOLLIN | EPOLLRDHUP | EPOLLET;
	case ONESHOT:
		return EPOLLIN | EPOLLONESHOT;
	case EXCLUSIVE:
		return EPOLLIN | EPOLLEXCLUSIVE;
	case RDHUP:
		return EPOLLRDHUP;
	default:
		return EPOLLIN;
	}
}

static void control(int op, int fd, unsigned events)
{
	struct epoll_event e = { events, { .fd = fd } };
	if (epoll_ctl(ep, op, fd, &e))
		abort();
}

static int polled(int n)
{
	struct pollfd p[100] = { { conn, POLLIN, 0 }, { ticks[0], POLLIN, 0 } };
	struct timespec patience = { 5, 0 };
	for (int i = 2; i < n; i++)
		p[i].fd = -1;
	if ((kind == PPOLL ? ppoll(p, n, &patience, NULL) : poll(p, n, 5000)) <= 0)
		return 0;
	return (p[0].revents ? 1 : 0) | (p[1].revents ? 2 : 0);
}

static int selected(void)
{
	fd_set in;
	struct timeval tv = { 5, 0 };
	struct timespec ts = { 5, 0 };
	FD_ZERO(&in);
	FD_SET(conn, &in);
	FD_SET(ticks[0], &in);
	if ((kind == SELECT ? select(conn + 200, &in, NULL, NULL, &tv) : pselect(FD_SETSIZE, &in, NULL, NULL, &ts, NULL)) <= 0)
		return 0;
	if (kind == SELECT && (tv.tv_sec > 4 || tv.tv_sec < 3))
		printf("%ld s of the time are left\n", (long)tv.tv_sec);
	return (FD_ISSET(conn, &in) ? 1 : 0) | (FD_ISSET(ticks[0], &in) ? 2 : 0);
}

/* Bit 0: the connection, bit 1: a tick. */
static int waited(void)
{
	struct epoll_event e[4];
	struct timespec ts = { 5, 0 };
	int found = 0, n;
	if (kind == MANY || kind == POLL || kind == PPOLL)
		return polled(kind == MANY ? 100 : 2);
	if (kind == SELECT || kind == PSELECT)
		return selected();
	if (kind == PWAIT2)
		n = epoll_pwait2(ep, e, 4, &ts, NULL);
	else
		n = epoll_wait(ep, e, 4, 5000);
	for (int i = 0; i < n; i++)
		found |= e[i].data.fd == conn ? 1 : 2;
	return found;
}

/* Two datagram sockets, connected to each other. */
static void talkers(int family)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int s[2];
	if (family == AF_UNIX) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, s))
			abort();
	} else {
		for (int i = 0; i < 2; i++) {
			s[i] = socket(AF_INET, SOCK_DGRAM, 0);
			a.sin_port = 0;
			if (bind(s[i], (void *)&a, sizeof a) || getsockname(s[i], (void *)&a, &n) || (i && connect(s[0], (void *)&a, n)))
				abort();
		}
		if (getsockname(s[0], (void *)&a, &n) || connect(s[1], (void *)&a, n))
			abort();
	}
	conn = s[0];
	peer = s[1];
}

int main(int argc, char **argv)
{
	const char *letters = argc > 2 ? argv[2] : "";
	int datagrams = strchr(letters, 'u') || strchr(letters, 'x'), soon = 0, early = 0, late = 0, n = 0, waits = 0;
	pthread_t t;
	char b[64];
	alarm(30);
	for (kind = 0; kind < KINDS && argc > 1 && strcmp(names[kind], argv[1]); kind++)
		;
	if (kind == KINDS)
		return 2;
	if (datagrams)
		talkers(strchr(letters, 'u') ? AF_INET : AF_UNIX);
	else
		conn = connected(&peer);
	if (pipe(ticks) || fcntl(conn, F_SETFL, O_NONBLOCK))
		abort();
	if (kind >= LEVEL) {
		ep = epoll_create1(0);
		control(EPOLL_CTL_ADD, conn, wanted());
		control(EPOLL_CTL_ADD, ticks[0], EPOLLIN);
	}
	long start = ms(), first = -1;
	if (!datagrams && send(conn, "question", 8, 0) != 8)
		abort();
	if (strchr(letters, 'h'))
		shutdown(conn, SHUT_WR);
	if (strchr(letters, 'r')) {
		struct linger hard = { 1, 0 };
		raw(SYS_setsockopt, peer, SOL_SOCKET, SO_LINGER, (long)&hard, sizeof hard, 0);
	} else {
		if (!datagrams)
			raw(SYS_read, peer, (long)b, sizeof b, 0, 0, 0);
		raw(SYS_write, peer, (long)"answer", 6, 0, 0, 0);
	}
	raw(SYS_close, peer, 0, 0, 0, 0, 0);
	pthread_create(&t, NULL, tick, NULL);
	for (;;) {
		long now, r;
		int found = waited();
		waits++;
		if (!found) {
			puts("nothing came");
			break;
		}
		if (found & 2) {
			if (read(ticks[0], &now, sizeof now) != sizeof now)
				abort();
			late += ms() - now > 40;
		}
		if (!(found & 1))
			continue;
		if (first < 0)
			first = ms() - start;
		while ((r = recv(conn, b, sizeof b, 0)) > 0) {
			n += r;
			soon |= ms() - start < 300;
		}
		if (n && datagrams)
			break;
		if (r == 0 || errno != EAGAIN) {
			if (r < 0)
				say("recv", r);
			break;
		}
		early++;
		if (kind == ONESHOT || kind == RENEWED)
			control(EPOLL_CTL_MOD, conn, wanted());
	}
	printf("%d bytes, %s, %d receives in vain, %d ticks held up%s%s\n", n, first < 300 ? "early" : "in time", early, late,
		soon ? ", read too soon" : "", waits > 20 ? ", busy" : "");
	pthread_join(t, NULL);
	return 0;
}
