/* What faults.c, hazards.c and measured.c share. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "scenes.h"

static __attribute__((unused)) int option;

static __attribute__((unused)) long ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static __attribute__((unused)) void handler(int s) { (void)s; }

static __attribute__((unused)) void handle(int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };
	sigaction(SIGUSR1, &sa, NULL);
}

static __attribute__((unused)) void say(const char *what, long r)
{
	if (r < 0)
		printf("%s %s\n", what, strerrorname_np(errno));
	else
		printf("%s %ld\n", what, r);
}

static __attribute__((unused)) int listener(struct sockaddr_in *a)
{
	int l = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t n = sizeof *a;
	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (bind(l, (void *)a, n) || listen(l, 16) || getsockname(l, (void *)a, &n))
		abort();
	return l;
}

static __attribute__((unused)) int connected(int *other)
{
	struct sockaddr_in a;
	int l = listener(&a), c = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(c, (void *)&a, sizeof a))
		abort();
	*other = accept(l, NULL, NULL);
	close(l);
	return c;
}

/* PROGRAM SCENE [OPTION]: what main() returns. */
static __attribute__((unused)) int chosen(const struct scene *all, unsigned count, int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	option = argc > 2 ? argv[2][0] : 0;
	return run_scene(all, count, argv[1]);
}
