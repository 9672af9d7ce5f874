/* Small scenes for tests of faults: each prints what the calls returned. `faults SCENE [OPTION]` */
#include "faults.h"

static void receive(void)
{
	char b[64];
	int o, s = connected(&o);
	if (write(o, "hello", 5) != 5)
		abort();
	if (option == 'n')
		fcntl(s, F_SETFL, O_NONBLOCK);
	if (option == 'h')
		handle(0);
	if (option == 'r')
		handle(SA_RESTART);
	long r = recv(s, b, 5, 0);
	say("recv", r);
	if (r < 0)
		say("recv", recv(s, b, 5, 0));
}

static void waiting(void)
{
	int o, s = connected(&o);
	struct pollfd p = { s, POLLOUT, 0 };
	if (option == 'r')
		handle(SA_RESTART);
	for (int i = 0; i < 3; i++)
		say("poll", poll(&p, 1, 5000));
}

static void connecting(void)
{
	struct sockaddr_in a;
	listener(&a);
	handle(0);
	int s = socket(AF_INET, SOCK_STREAM | (option == 'n' ? SOCK_NONBLOCK : 0), 0);
	for (int i = 0; i < (option ? 1 : 3); i++)
		say("connect", connect(s, (void *)&a, sizeof a));
	if (option == 'n') {
		struct pollfd p = { s, POLLOUT, 0 };
		int e = 0;
		socklen_t n = sizeof e;
		say("poll", poll(&p, 1, 20000));
		getsockopt(s, SOL_SOCKET, SO_ERROR, &e, &n);
		printf("SO_ERROR %s\n", strerrorname_np(e));
	}
}

static void partition(void)
{
	char b[64];
	int o, s = connected(&o);
	struct epoll_event e = { EPOLLIN | EPOLLET, { 0 } };
	int ep = epoll_create1(0);
	fcntl(s, F_SETFL, O_NONBLOCK);
	epoll_ctl(ep, EPOLL_CTL_ADD, s, &e);
	long start = ms();
	send(s, "x", 1, 0);
	if (write(o, "hello", 5) != 5)
		abort();
	say("epoll", epoll_wait(ep, &e, 1, 20000));
	printf("%s\n", ms() - start >= 600 ? "late" : "early");
	say("recv", recv(s, b, sizeof b, 0));
}

static void unanswered(void)
{
	char b[64];
	int o, s = connected(&o);
	say("send", send(s, "x", 1, 0));
	say("recv", recv(s, b, sizeof b, 0));
	say("recv", recv(s, b, sizeof b, 0));
}

static void late(void)
{
	char b[64];
	int o, s = connected(&o);
	long start = ms();
	if (write(o, "hi", 2) != 2)
		abort();
	say("recv", recv(s, b, 2, 0));
	printf("%s\n", ms() - start >= 250 ? "late" : "early");
	struct epoll_event e = { EPOLLIN | EPOLLET, { 0 } };
	int ep = epoll_create1(0);
	fcntl(s, F_SETFL, O_NONBLOCK);
	epoll_ctl(ep, EPOLL_CTL_ADD, s, &e);
	start = ms();
	if (write(s, "question", 8) != 8 || write(o, "answer", 6) != 6)
		abort();
	say("recv", recv(s, b, sizeof b, 0));
	say("epoll", epoll_wait(ep, &e, 1, 20000));
	printf("%s\n", ms() - start >= 250 ? "late" : "early");
	say("recv", recv(s, b, sizeof b, 0));
}

static void descriptors(void)
{
	int p[2];
	say("socket", socket(AF_INET, SOCK_STREAM, 0) < 0 ? -1 : 0);
	say("socket", socket(AF_INET, SOCK_STREAM, 0) < 0 ? -1 : 0);
	say("open", open("/dev/null", O_RDONLY) < 0 ? -1 : 0);
	say("pipe", pipe(p));
	say("eventfd", eventfd(0, 0) < 0 ? -1 : 0);
	say("epoll_create1", epoll_create1(0) < 0 ? -1 : 0);
	say("dup", dup(1) < 0 ? -1 : 0);
	say("fopen", fopen("/dev/null", "r") ? 0 : -1);
}

static void lookup(void)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *r = NULL;
	int e = getaddrinfo(option ? "::1" : "127.0.0.1", "80", &hints, &r);
	printf("%s\n", e ? gai_strerror(e) : "found");
	for (; !e && r; r = r->ai_next) {
		char text[64];
		getnameinfo(r->ai_addr, r->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
		printf("%s\n", text);
	}
}

static void older_lookups(void)
{
	struct hostent *h = gethostbyname("127.0.0.1"), room;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char text[1024];
	int e, again;
	printf("%s\n", h ? "found" : hstrerror(h_errno));
	h = &room;
	again = gethostbyname_r("127.0.0.1", &room, text, sizeof text, &h, &e);
	printf("%d %s\n", again, h ? "found" : hstrerror(e));
	e = getnameinfo((void *)&a, sizeof a, text, sizeof text, NULL, 0, NI_NUMERICHOST);
	printf("%s\n", e ? gai_strerror(e) : "found");
	e = getnameinfo((void *)&a, sizeof a, text, sizeof text, NULL, 0, 0);
	printf("%s\n", e ? gai_strerror(e) : "found");
}

static void show_host(const char *what, int r, struct hostent *h, int e)
{
	char text[64] = "";
	if (h)
		inet_ntop(h->h_addrtype, h->h_addr_list[0], text, sizeof text);
	printf("%s %d %s\n", what, r, h ? text : hstrerror(e));
}

/* The older lookups of an address that both families could have. */
static void older_families(void)
{
	struct hostent room, *h;
	char text[1024];
	int e = 0, r;
	h = gethostbyname("127.0.0.1");
	show_host("name", 0, h, h_errno);
	h = gethostbyname2("127.0.0.1", AF_INET);
	show_host("name2 4", 0, h, h_errno);
	h = gethostbyname2("::1", AF_INET6);
	show_host("name2 6", 0, h, h_errno);
	r = gethostbyname_r("127.0.0.1", &room, text, sizeof text, &h, &e);
	show_host("name_r", r, h, e);
	r = gethostbyname2_r("::1", AF_INET6, &room, text, sizeof text, &h, &e);
	show_host("name2_r 6", r, h, e);
}

static void sockets(void)
{
	for (int i = 0; i < 24; i++)
		printf("%d", socket(AF_INET, SOCK_STREAM, 0) >= 0);
	printf("\n");
}

static void *one_thread(void *line)
{
	for (int i = 0; i < 16; i++) {
		((char *)line)[i] = socket(AF_INET, SOCK_STREAM, 0) >= 0 ? '1' : '0';
		if (option)
			usleep(rand() % 300);
	}
	return NULL;
}

/* What each thread meets follows from which thread it is, not from when it runs. */
static void threads(void)
{
	static char lines[4][17];
	pthread_t t[4];
	srand(getpid());
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, one_thread, lines[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 4; i++)
		printf("%s\n", lines[i]);
}

static void events(void)
{
	struct epoll_event got[8];
	int ep = epoll_create1(0), other;
	for (int i = 0; i < 6; i++) {
		struct epoll_event e = { EPOLLOUT, { .u32 = i } };
		epoll_ctl(ep, EPOLL_CTL_ADD, connected(&other), &e);
	}
	int n = epoll_wait(ep, got, 8, 0);
	printf("%d:", n);
	for (int i = 0; i < n; i++)
		printf(" %u", got[i].data.u32);
	printf("\n");
}

/* Bytes until the connection is gone. */
static void budget(void)
{
	static char b[40000];
	int o, s = connected(&o);
	long sum = 0, r;
	signal(SIGPIPE, SIG_IGN);
	fcntl(s, F_SETFL, O_NONBLOCK);
	while (sum < 1000000 && (r = send(s, b, sizeof b, 0)) > 0) {
		sum += r;
		while (recv(o, (char[65536]){ 0 }, 65536, MSG_DONTWAIT) > 0)
			;
	}
	printf("%ld then %s\n", sum, strerrorname_np(errno));
}

static const struct scene all[] = {
	{ "receive", receive }, { "waiting", waiting }, { "connecting", connecting }, { "partition", partition },
	{ "unanswered", unanswered }, { "late", late }, { "descriptors", descriptors }, { "lookup", lookup },
	{ "older-lookups", older_lookups }, { "older-families", older_families },
	{ "sockets", sockets }, { "threads", threads }, { "events", events }, { "budget", budget },
};

int main(int argc, char **argv) { return chosen(all, sizeof all / sizeof *all, argc, argv); }
