/*
 * One of each kind of socket, for what `rules check` says: each.c KIND HOW. KIND: tcp, udp, unix, unixgram; HOW: b blocking, n
 * not, h blocking with a signal handler; with "connect" behind them a connect and an accept, else six sends and three receives.
 */
#include "faults.h"
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <sys/un.h>

static int domain, type;
static union {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_un un;
} name;
static socklen_t length;

static int bound(void)
{
	int s = socket(domain, type, 0);
	socklen_t n = sizeof name;
	name.sa.sa_family = (sa_family_t)domain;
	if (domain == AF_INET)
		name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* A unix socket is given an abstract name. */
	if (bind(s, &name.sa, domain == AF_INET ? sizeof name.in : sizeof(sa_family_t)) || getsockname(s, &name.sa, &n))
		abort();
	length = n;
	if (type == SOCK_STREAM)
		listen(s, 4);
	return s;
}

static void wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	raw(SYS_poll, (long)&p, 1, 2000, 0, 0, 0);
}

int main(int argc, char **argv)
{
	char how = argc > 2 ? argv[2][0] : 'b', bytes[64];
	alarm(50);
	domain = argv[1][1] == 'n' ? AF_UNIX : AF_INET;
	type = strstr(argv[1], "gram") || !strcmp(argv[1], "udp") ? SOCK_DGRAM : SOCK_STREAM;
	if (how == 'h')
		handle(0);
	int other = bound(), s = socket(domain, type, 0), waits = how != 'n';
	if (!waits)
		fcntl(s, F_SETFL, O_NONBLOCK), fcntl(other, F_SETFL, O_NONBLOCK);
	/* A connect that nobody answers ends soon. */
	raw(SYS_setsockopt, s, IPPROTO_TCP, TCP_USER_TIMEOUT, (long)&(int){ 500 }, sizeof(int), 0);
	connect(s, &name.sa, length);
	if (type == SOCK_STREAM && argc > 3) {
		/* What is not refused arrives. */
		struct pollfd p = { .fd = other, .events = POLLIN };
		if (raw(SYS_poll, (long)&p, 1, 300, 0, 0, 0) == 1)
			accept(other, NULL, NULL);
	}
	if (argc > 3)
		return 0;
	if (type == SOCK_STREAM) {
		wait_for(other);
		other = accept(other, NULL, NULL);
		if (!waits)
			fcntl(other, F_SETFL, O_NONBLOCK);
	}
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 6; i++)
		send(s, "0123456789", 10, 0);
	for (int i = 0; i < 3; i++) {
		wait_for(other);
		recv(other, bytes, 10, 0);
	}
	return 0;
}
