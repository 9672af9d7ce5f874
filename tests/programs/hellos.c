/* Sends a ClientHello, which lies in a file, over a connection to itself: `hellos SCENE FILE` */
#include "faults.h"
#include <sys/uio.h>

static char hello[4096];
static size_t len;

static void load(const char *path)
{
	int f = open(path, O_RDONLY);
	ssize_t n = f < 0 ? -1 : read(f, hello, sizeof hello);
	if (n <= 0)
		abort();
	len = n;
	close(f);
}

static void take(int s, size_t n, int flags)
{
	char b[4096];
	if (recv(s, b, n, flags) != (ssize_t)n)
		abort();
}

static void put(int s, const char *b, size_t n)
{
	if (send(s, b, n, 0) != (ssize_t)n)
		abort();
}

/* In one call; the other side looks at it before it takes it. */
static void whole(void)
{
	int o, s = connected(&o);
	put(s, hello, len);
	recv(o, hello, len, MSG_PEEK | MSG_WAITALL);
	take(o, len, MSG_WAITALL);
	put(o, "answer", 6);
	take(s, 6, MSG_WAITALL);
}

/* In as many calls as there are bytes. */
static void bytes(void)
{
	int o, s = connected(&o);
	for (size_t i = 0; i < len; i++) {
		put(s, hello + i, 1);
		take(o, 1, 0);
	}
	put(s, "more", 4);
	take(o, 4, MSG_WAITALL);
}

/* From pieces of memory, and into such. */
static void vectors(void)
{
	int o, s = connected(&o);
	char b[4096];
	struct iovec v[3] = { { hello, 7 }, { hello + 7, 0 }, { hello + 7, len - 7 } };
	struct iovec w[2] = { { b, 60 }, { b + 60, len - 60 } };
	struct msghdr m = { .msg_iov = w, .msg_iovlen = 2 };
	if (writev(s, v, 3) != (ssize_t)len || recvmsg(o, &m, MSG_WAITALL) != (ssize_t)len)
		abort();
	m = (struct msghdr){ .msg_iov = v, .msg_iovlen = 1 };
	if (sendmsg(s, &m, 0) != 7 || readv(o, w, 2) != 7)
		abort();
}

/* After some words in plain text, as databases and mail have them. */
static void late(void)
{
	int o, s = connected(&o);
	put(s, "STARTTLS\r\n", 10);
	take(o, 10, MSG_WAITALL);
	put(o, "220 go\r\n", 8);
	take(s, 8, MSG_WAITALL);
	put(s, hello, len);
	take(o, len, MSG_WAITALL);
	put(s, "more", 4);
}

/* No TLS, and a datagram that looks like it. */
static void plain(void)
{
	int o, d[2], s = connected(&o);
	for (int i = 0; i < 100; i++) {
		put(s, "GET / HTTP/1.0\r\n", 16);
		take(o, 16, MSG_WAITALL);
	}
	put(s, hello, len);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, d))
		abort();
	put(d[0], hello, len);
	take(d[1], len, 0);
}

/* The child goes on with what its parent has begun; then another connection, perhaps in the first one's place. */
static void forked(void)
{
	int o, s = connected(&o);
	put(s, hello, 100);
	take(o, 100, MSG_WAITALL);
	pid_t child = fork();
	if (!child) {
		put(s, hello + 100, len - 100);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	close(s);
	close(o);
	s = connected(&o);
	put(s, "plain", 5);
}

/* Of memory that is not there nothing is read. */
static void nothing(void)
{
	int o, s = connected(&o);
	void *volatile nowhere = (void *)8;
	struct iovec v = { nowhere, 600 };
	say("send", send(s, nowhere, 600, 0));
	say("writev", writev(s, &v, 1));
	say("writev", writev(s, nowhere, 1));
	put(s, hello, len);
	/* These bytes go nowhere. */
	say("recv", recv(o, NULL, len, MSG_TRUNC | MSG_WAITALL));
}

int main(int argc, char **argv)
{
	static const struct scene all[] = {
		{ "whole", whole }, { "bytes", bytes }, { "vectors", vectors }, { "late", late },
		{ "plain", plain }, { "forked", forked }, { "nothing", nothing },
	};
	if (argc < 3)
		return 2;
	load(argv[2]);
	return chosen(all, sizeof all / sizeof *all, 2, argv);
}
