/* Scenes whose outcome is counted or timed: `measured SCENE [OPTION]` */
#include "faults.h"
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static long us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Which of four thousand datagrams arrive: a digit for each. */
static void arrivals(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	static char told[4001];
	long in = raw(SYS_socket, AF_INET, SOCK_DGRAM, 0, 0, 0, 0);
	raw(SYS_bind, in, (long)&a, n, 0, 0, 0);
	raw(SYS_getsockname, in, (long)&a, (long)&n, 0, 0, 0);
	int out = socket(AF_INET, SOCK_DGRAM, 0);
	for (int i = 0; i < 4000; i++) {
		char b;
		if (sendto(out, "x", 1, 0, (void *)&a, n) != 1)
			abort();
		told[i] = '0' + (raw(SYS_recvfrom, in, (long)&b, 1, MSG_DONTWAIT, 0, 0) == 1);
	}
	puts(told);
}

/* Microseconds of forty answers. */
static void answers(void)
{
	char b[8];
	int o, s = connected(&o);
	for (int i = 0; i < 40; i++) {
		long start = us();
		send(s, "q", 1, 0);
		raw(SYS_recvfrom, o, (long)b, 1, 0, 0, 0);
		raw(SYS_sendto, o, (long)"a", 1, 0, 0, 0);
		recv(s, b, 1, 0);
		printf("%ld\n", us() - start);
	}
}

static void *swallow(void *fd)
{
	static char b[65536];
	long r;
	while ((r = raw(SYS_recvfrom, *(int *)fd, (long)b, sizeof b, 0, 0, 0)) > 0)
		;
	return NULL;
}

/* Microseconds that 1 200 000 bytes take, seen from the other end. */
static void transfer(void)
{
	static char b[1200000];
	struct sockaddr_in a;
	pthread_t t;
	int mss = 1400, l = listener(&a), s = socket(AF_INET, SOCK_STREAM, 0);
	/* A segment of loopback holds 64 KiB, and ten of them go out before the pace is kept. */
	setsockopt(s, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
	connect(s, (void *)&a, sizeof a);
	int o = accept(l, NULL, NULL);
	long start = us();
	pthread_create(&t, NULL, swallow, &o);
	for (long sent = 0; sent < (long)sizeof b;)
		sent += send(s, b, sizeof b - sent, 0);
	shutdown(s, SHUT_WR);
	pthread_join(t, NULL);
	printf("%ld\n", us() - start);
}

enum { PAIRS = 3, MESSAGES = 10, LENGTH = 32 };
static int ends[PAIRS][2];

static int whole(int fd, char *b)
{
	long have = 0, r;
	while (have < LENGTH && (r = recv(fd, b + have, LENGTH - have, 0)) > 0)
		have += r;
	return have == LENGTH;
}

static void *server(void *fd)
{
	char b[LENGTH];
	while (whole(*(int *)fd, b))
		send(*(int *)fd, b, LENGTH, 0);
	return NULL;
}

static void *client(void *fd)
{
	char b[LENGTH] = { 0 };
	for (int i = 0; i < MESSAGES; i++) {
		send(*(int *)fd, b, LENGTH, 0);
		if (!whole(*(int *)fd, b))
			abort();
	}
	shutdown(*(int *)fd, SHUT_WR);
	return NULL;
}

/* Clients and servers, each a thread. */
static void chatter(void)
{
	pthread_t t[PAIRS][2];
	for (int i = 0; i < PAIRS; i++)
		ends[i][0] = connected(&ends[i][1]);
	for (int i = 0; i < PAIRS; i++) {
		pthread_create(&t[i][0], NULL, client, &ends[i][0]);
		pthread_create(&t[i][1], NULL, server, &ends[i][1]);
	}
	for (int i = 0; i < PAIRS; i++) {
		pthread_join(t[i][0], NULL);
		pthread_join(t[i][1], NULL);
	}
	puts("done");
}

static volatile sig_atomic_t signals;
static void on_signal(int s) { (void)s; signals++; }

/* A send and what it does to the process. */
static void sends(void)
{
	int o, s = connected(&o);
	signal(SIGUSR1, on_signal);
	for (int i = 0; i < 3; i++) {
		say("send", send(s, "hello", 5, 0));
		printf("signals %d\n", (int)signals);
	}
}

/* Somebody outside sees the process stop, and lets it go on. */
static void stops(void)
{
	int o, s = connected(&o);
	volatile int *seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long watcher = raw(SYS_fork, 0, 0, 0, 0, 0, 0);
	if (watcher == 0) {
		char path[64], text[256];
		long parent = raw(SYS_getppid, 0, 0, 0, 0, 0, 0);
		snprintf(path, sizeof path, "/proc/%ld/stat", parent);
		for (int i = 0; i < 4000 && !*seen; i++) {
			struct timespec t = { 0, 5000000 };
			raw(SYS_nanosleep, (long)&t, 0, 0, 0, 0, 0);
			long fd = raw(SYS_open, (long)path, O_RDONLY, 0, 0, 0, 0), n = raw(SYS_read, fd, (long)text, 255, 0, 0, 0);
			raw(SYS_close, fd, 0, 0, 0, 0, 0);
			text[n > 0 ? n : 0] = 0;
			*seen = strstr(text, ") T ") != NULL;
		}
		raw(SYS_kill, parent, SIGCONT, 0, 0, 0, 0);
		raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
	}
	say("send", send(s, "hello", 5, 0));
	printf("stopped %d\n", *seen);
}

/* A receive, its bytes, and how long it took at least. */
static void receives(void)
{
	char b[16] = "..........";
	int o, s = connected(&o);
	if (write(o, "0123456789", 10) != 10)
		abort();
	long start = us();
	say("recv", recv(s, b, 10, 0));
	printf("%.10s\n%s\n", b, us() - start >= 290000 ? "late" : "early");
}

/* Bits in which a hundred datagrams differ from what was sent. */
static void bits(void)
{
	int d[2];
	char b[16];
	socketpair(AF_UNIX, SOCK_DGRAM, 0, d);
	for (int i = 0; i < 100; i++) {
		int n = 0;
		if (write(d[1], "\0\0\0\0\0\0\0\0", 8) != 8 || recv(d[0], b, sizeof b, 0) != 8)
			abort();
		for (int k = 0; k < 8; k++)
			n += __builtin_popcount((unsigned char)b[k]);
		printf("%d", n);
	}
	printf("\n");
}

/* A name that needs no server. */
static void name(void)
{
	struct addrinfo *r;
	long start = us();
	say("getaddrinfo", getaddrinfo("127.0.0.1", NULL, NULL, &r));
	printf("%s\n", us() - start >= 290000 ? "late" : "early");
}

static const struct scene all[] = {
	{ "arrivals", arrivals }, { "answers", answers }, { "transfer", transfer }, { "chatter", chatter },
	{ "sends", sends }, { "stops", stops }, { "receives", receives }, { "bits", bits }, { "name", name },
};

int main(int argc, char **argv) { return chosen(all, sizeof all / sizeof *all, argc, argv); }
