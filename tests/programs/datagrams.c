/* Scenes of datagrams, of what arrives slowly, and of readiness: `datagrams SCENE [OPTION]`. What is not the scene's point is
 * done by raw system calls, which no rule sees. */
#include "faults.h"
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* A UDP socket bound to an address of loopback, told as its last number. */
static int bound(int last, struct sockaddr_in *a)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t n = sizeof *a;
	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + last) };
	if (bind(s, (void *)a, n) || getsockname(s, (void *)a, &n))
		abort();
	return s;
}

/* A sender, connected to a receiver. */
static int sender(int *in, struct sockaddr_in *a)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	*in = bound(1, a);
	connect(s, (void *)a, sizeof *a);
	return s;
}

static long got(int in, char *b, long room) { return raw(SYS_recvfrom, in, (long)b, room, MSG_DONTWAIT, 0, 0); }

static void all_of(int in)
{
	char b[16];
	while (got(in, b, sizeof b) >= 1)
		putchar(*b);
	putchar('\n');
}

enum { MANY = 12 };
static char text[MANY][8];
static struct iovec parts[MANY];
static struct mmsghdr messages[MANY];

/* `count` messages, of one numbered byte each to send, of eight bytes to receive. */
static struct mmsghdr *batch(int count, int sending)
{
	for (int i = 0; i < count; i++) {
		if (sending)
			text[i][0] = '0' + i;
		parts[i] = (struct iovec){ text[i], sending ? 1 : 8 };
		messages[i] = (struct mmsghdr){ { .msg_iov = &parts[i], .msg_iovlen = 1 }, 77 };
	}
	return messages;
}

/* Nine datagrams, as they arrive. m: by sendmmsg, three at a time; a: each with the address. */
static void order(void)
{
	struct sockaddr_in a;
	int in, s = sender(&in, &a), free = socket(AF_INET, SOCK_DGRAM, 0);
	struct mmsghdr *m = batch(9, 1);
	for (int i = 0; i < 9; i += option == 'm' ? 3 : 1)
		if (option == 'm')
			printf("%d ", sendmmsg(s, m + i, 3, 0));
		else if ((option == 'a' ? sendto(free, text[i], 1, 0, (void *)&a, sizeof a) : send(s, text[i], 1, 0)) != 1)
			abort();
	all_of(in);
}

/* One sendmmsg of six: its result, the lengths, and what arrives. */
static void many_sent(void)
{
	struct sockaddr_in a;
	int in, s = sender(&in, &a);
	struct mmsghdr *m = batch(6, 1);
	errno = 0;
	int k = sendmmsg(s, m, 6, 0);
	printf("%d errno %d, ", k, errno);
	for (int i = 0; i < 6; i++)
		printf("%u ", m[i].msg_len);
	all_of(in);
}

/* One recvmmsg of up to twelve, where six are. w: it waits for the first; t: with a time of nothing; p: after a look. */
static void many_received(void)
{
	struct sockaddr_in a;
	int in, s = sender(&in, &a);
	struct timespec none = { 0, 0 };
	struct mmsghdr *m = batch(MANY, 0);
	for (int i = 0; i < 6; i++)
		raw(SYS_sendto, s, (long)&"abcdef"[i], 1, 0, 0, 0);
	int k;
	if (option == 'p') {
		k = recvmmsg(in, m, 1, MSG_DONTWAIT | MSG_PEEK, NULL);
		printf("%d%c ", k, text[0][0]);
	}
	k = recvmmsg(in, m, MANY, option == 'w' ? MSG_WAITFORONE : MSG_DONTWAIT, option == 't' ? &none : NULL);
	printf("%d ", k);
	for (int i = 0; i < k; i++)
		printf("%c%u ", text[i][0], m[i].msg_len);
	k = recvmmsg(in, m, MANY, MSG_DONTWAIT, NULL);
	printf("%d %s\n", k, k < 0 ? strerrorname_np(errno) : "");
}

/* Bits in which what arrives differs from what each call sent. */
static void altered(void)
{
	static const char zeroes[8];
	struct sockaddr_in a;
	int in, s = sender(&in, &a);
	struct iovec v[2] = { { (void *)zeroes, 3 }, { (void *)zeroes, 5 } };
	struct msghdr h = { .msg_iov = v, .msg_iovlen = 2 };
	struct mmsghdr m = { h, 77 };
	long r[6] = {
		send(s, zeroes, 8, 0), sendto(s, zeroes, 8, 0, (void *)&a, sizeof a), write(s, zeroes, 8), writev(s, v, 2),
		sendmsg(s, &h, 0), sendmmsg(s, &m, 1, 0) == 1 ? (long)m.msg_len : -1,
	};
	for (int i = 0; i < 6; i++) {
		char b[16];
		int n = 0, bytes = 0;
		long k = got(in, b, sizeof b);
		for (int j = 0; j < 8; j++) {
			n += __builtin_popcount((unsigned char)b[j]);
			bytes += b[j] != 0;
		}
		printf("%ld %ld %d %d\n", r[i], k, option == 'b' ? 0 : n, bytes);
	}
	for (int i = 0; i < 8; i++)
		if (zeroes[i])
			printf("the program's own bytes changed\n");
}

/* Of a socket that is not connected each call may name another peer. */
static void two_peers(void)
{
	struct sockaddr_in one, two;
	bound(1, &one);
	bound(2, &two);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	for (int i = 0; i < 6; i++) {
		int first = i < 2 || i == 4;
		say(first ? "one" : "two", sendto(s, "x", 1, 0, (void *)(first ? &one : &two), sizeof one));
	}
}

/* Each way to ask whether a socket can be read, and the read. t: a TCP socket, b: one that blocks, d: a datagram is there. */
static void readiness(void)
{
	char b[8];
	struct sockaddr_in a;
	int other, in = option == 't' ? connected(&other) : bound(1, &a);
	if (option != 'b')
		fcntl(in, F_SETFL, O_NONBLOCK);
	if (option == 'd')
		raw(SYS_sendto, in, (long)"x", 1, 0, (long)&a, sizeof a);
	struct pollfd p[2] = { { 0, 0, 99 }, { in, POLLIN, 99 } };
	p[0].fd = dup(in);
	int k = poll(p, 2, 0);
	printf("poll %d %d %d\n", k, p[0].revents, p[1].revents);
	fd_set r, w;
	struct timeval none = { 0, 0 };
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(in, &r);
	k = select(in + 1, &r, &w, NULL, &none);
	printf("select %d %d\n", k, FD_ISSET(in, &r) != 0);
	struct epoll_event e = { EPOLLIN | EPOLLET, { .u32 = 5 } };
	int ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, in, &e);
	e = (struct epoll_event){ 0, { 0 } };
	k = epoll_wait(ep, &e, 1, 0);
	printf("epoll %d %d %d\n", k, k == 1 ? (int)e.events : 0, k == 1 ? (int)e.data.u32 : 0);
	say("recv", recv(in, b, sizeof b, MSG_DONTWAIT));
	/* Told again and again it would be a loop of ours. */
	struct pollfd q = { in, POLLIN, 0 };
	for (int i = 0; i < 4; i++)
		printf("%d", poll(&q, 1, 0));
	printf("\n");
}

enum { LENGTH = 300000 };

/* Milliseconds that 300 000 bytes take that are all there. n: with epoll, edge-triggered; w: by MSG_WAITALL. */
static void slow_arrival(void)
{
	static char b[LENGTH];
	int o, s = connected(&o), ep = epoll_create1(0), most = 0;
	struct epoll_event e = { EPOLLIN | EPOLLET, { 0 } };
	if (raw(SYS_fork, 0, 0, 0, 0, 0, 0) == 0) {
		for (long sent = 0; sent < LENGTH;)
			sent += raw(SYS_sendto, o, (long)b, LENGTH - sent, MSG_NOSIGNAL, 0, 0);
		raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
	}
	long have = 0, start = ms(), r;
	if (option == 'n') {
		fcntl(s, F_SETFL, O_NONBLOCK);
		epoll_ctl(ep, EPOLL_CTL_ADD, s, &e);
	}
	while (have < LENGTH) {
		if (option == 'n' && epoll_wait(ep, &e, 1, 20000) != 1)
			break;
		do {
			r = recv(s, b + have, LENGTH - have, option == 'w' ? MSG_WAITALL : 0);
			have += r > 0 ? r : 0;
			most = r > most ? r : most;
		} while (r > 0 && option == 'n' && have < LENGTH);
		if (r <= 0 && option != 'n')
			break;
	}
	printf("%ld\n%d\n%ld\n", have, most, ms() - start);
}

/* What cannot be sent, and what has to be sent at once, on a socket that does not block. */
static void refused(void)
{
	static char huge[65508];
	struct sockaddr_in a, closed, other;
	int in = bound(1, &a), gone = bound(1, &closed), s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	raw(SYS_close, gone, 0, 0, 0, 0, 0);
	say("unnamed", send(s, "x", 1, 0));
	other = a;
	other.sin_port = 0;
	say("port 0", sendto(s, "x", 1, 0, (void *)&other, sizeof other));
	say("huge", sendto(s, huge, sizeof huge, 0, (void *)&a, sizeof a));
	other = a;
	other.sin_addr.s_addr = htonl(0x7fffffff);
	say("broadcast", sendto(s, "x", 1, 0, (void *)&other, sizeof other));
	connect(s, (void *)&closed, sizeof closed);
	raw(SYS_sendto, s, (long)"x", 1, 0, 0, 0);
	struct pollfd p = { s, 0, 0 };
	raw(SYS_poll, (long)&p, 1, 20000, 0, 0, 0);
	say("closed", send(s, "x", 1, 0));
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v = { (void *)"c", 1 };
	struct msghdr h = { .msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &v, .msg_iovlen = 1, .msg_control = room,
		.msg_controllen = sizeof room };
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_TTL };
	*(int *)CMSG_DATA(c) = 9;
	say("with control", sendmsg(s, &h, 0));
	all_of(in);
}

/* Six by one sendmmsg on a socket that does not block, one of them to a peer that is gone: what arrives, and how late. */
static void late(void)
{
	struct sockaddr_in a;
	int in, s = sender(&in, &a), gone = bound(1, &(struct sockaddr_in){ 0 });
	struct mmsghdr *m = batch(6, 1);
	struct sockaddr_in closed;
	socklen_t n = sizeof closed;
	getsockname(gone, (void *)&closed, &n);
	raw(SYS_close, gone, 0, 0, 0, 0, 0);
	fcntl(s, F_SETFL, O_NONBLOCK);
	m[2].msg_hdr.msg_name = &closed;
	m[2].msg_hdr.msg_namelen = sizeof closed;
	long start = ms();
	printf("%d\n", sendmmsg(s, m, 6, 0));
	/* Where they go was settled then. */
	connect(s, (void *)&(struct sockaddr){ AF_UNSPEC }, sizeof(struct sockaddr));
	for (int i = 0; i < 5; i++) {
		struct pollfd p = { in, POLLIN, 0 };
		char b[16];
		raw(SYS_poll, (long)&p, 1, 20000, 0, 0, 0);
		if (got(in, b, sizeof b) == 1)
			putchar(*b);
	}
	printf(" %d\n", ms() - start >= 300);
}

static const struct scene all[] = {
	{ "order", order }, { "many-sent", many_sent }, { "many-received", many_received }, { "altered", altered },
	{ "two-peers", two_peers }, { "readiness", readiness }, { "slow-arrival", slow_arrival },
	{ "refused", refused }, { "late", late },
};

int main(int argc, char **argv) { return chosen(all, sizeof all / sizeof *all, argc, argv); }
