/* A connection over a router, whose way out is lost: `routed break` lets the router say so, `routed` waits for the fault.
 * The peer is a process in the namespace `server` at 10.9.2.1, which makes raw system calls only. */
#include "faults.h"
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/syscall.h>

static void serve(int told)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7000) };
	int ns = open("/run/netns/server", O_RDONLY | O_CLOEXEC), l;
	char b = 0;
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		exit(77);
	l = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, "10.9.2.1", &a.sin_addr);
	if (syscall(SYS_bind, l, &a, sizeof a) || syscall(SYS_listen, l, 4) || write(told, &b, 1) != 1)
		exit(77);
	syscall(SYS_accept, l, 0, 0);
	pause();
}

int main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7000) };
	int told[2], timeout = 1500;
	char b[8];
	setvbuf(stdout, NULL, _IONBF, 0);
	alarm(50);
	signal(SIGPIPE, SIG_IGN);
	if (pipe(told))
		return 2;
	pid_t peer = fork();
	if (peer == 0)
		serve(told[1]);
	close(told[1]);
	inet_pton(AF_INET, "10.9.2.1", &a.sin_addr);
	if (read(told[0], b, 1) != 1)
		return 77;
	int s = socket(AF_INET, SOCK_STREAM, 0);
	say("connect", connect(s, (void *)&a, sizeof a));
	setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
	say("recv", recv(s, b, 8, MSG_DONTWAIT));
	if (argc > 1 && !strcmp(argv[1], "break") && system("ip -n router route replace unreachable 10.9.2.0/24"))
		return 77;
	long start = ms();
	say("send", send(s, "x", 1, 0));
	say("recv", recv(s, b, 8, 0));
	printf("%s\n", ms() - start >= 900 ? "late" : "early");
	say("recv", recv(s, b, 8, 0));
	say("send", send(s, "x", 1, 0));
	kill(peer, SIGKILL);
	return 0;
}
