/* Scenes that are recorded and run again: `replayed SCENE [OPTION]` */
#include "faults.h"

/* Which of two hundred datagrams arrive, and how often. */
static void datagrams(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int in = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(in, (void *)&a, n) || getsockname(in, (void *)&a, &n))
		abort();
	for (unsigned char i = 0; i < 200; i++) {
		unsigned char b;
		if (sendto(out, &i, 1, 0, (void *)&a, n) != 1)
			abort();
		while (i % 10 == 9 && recv(in, &b, 1, MSG_DONTWAIT) == 1)
			printf("%d ", b);
	}
	puts("");
}

/* The same of eighty, four in a call. */
static void batches(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int in = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(in, (void *)&a, n) || getsockname(in, (void *)&a, &n) || connect(out, (void *)&a, n))
		abort();
	for (int round = 0; round < 20; round++) {
		struct mmsghdr m[4] = { 0 };
		struct iovec v[4];
		char c[4];
		for (int i = 0; i < 4; i++) {
			c[i] = round * 4 + i;
			v[i] = (struct iovec){ &c[i], 1 };
			m[i].msg_hdr.msg_iov = &v[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		sendmmsg(out, m, 4, 0);
		int got = recvmmsg(in, m, 4, MSG_DONTWAIT, NULL);
		for (int i = 0; i < got; i++)
			printf("%d ", c[i]);
	}
	puts("");
}

/* As many sends as the option says, '3' without one. */
static void some(void)
{
	int o, s = connected(&o);
	for (int i = 0; i < (option ? option : '3') - '0'; i++)
		say("send", send(s, "hello", 5, 0));
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } all[] = {
		{ "datagrams", datagrams }, { "batches", batches }, { "some", some },
	};
	alarm(50);
	option = argc > 2 ? argv[2][0] : 0;
	for (unsigned i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
		if (!strcmp(argv[1], all[i].name)) {
			all[i].run();
			return 0;
		}
	return 2;
}
