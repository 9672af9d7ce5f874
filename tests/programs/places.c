/* Calls made in functions that are told apart by their names: `places SCENE` */
#include "faults.h"
#include <stdint.h>

#define PLACE __attribute__((noinline, noipa)) void
/* So that no call is the function's last instruction, which would return to its caller's. */
#define STAY __asm__ volatile("")

PLACE sends(int s) { send(s, "a", 1, 0); STAY; }
PLACE writes(int s) { if (write(s, "b", 1) != 1) abort(); STAY; }
PLACE polls(int s) { struct pollfd p = { s, POLLOUT, 0 }; poll(&p, 1, 0); STAY; }

PLACE names(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char h[64], p[16];
	getnameinfo((void *)&a, sizeof a, h, sizeof h, p, sizeof p, NI_NUMERICHOST | NI_NUMERICSERV);
	STAY;
}

static int socket_of_handler;
PLACE by_handler(int n) { (void)n; send(socket_of_handler, "h", 1, 0); STAY; }

static void calls(void)
{
	int o, s = connected(&o);
	for (int i = 0; i < 2; i++) {
		sends(s);
		writes(s);
		polls(s);
		names();
	}
	socket_of_handler = s;
	signal(SIGUSR1, by_handler);
	raise(SIGUSR1);
}

extern const char __ehdr_start[];

/* Sends, and says to which place of the program the call has returned. */
static void where(void)
{
	int o, s = connected(&o);
	uintptr_t at;
	ssize_t (*call)(int, const void *, size_t, int) = send;
	register long a __asm__("rdi") = s;
	register const char *b __asm__("rsi") = "w";
	register long n __asm__("rdx") = 1;
	register long f __asm__("rcx") = 0;
	__asm__ volatile("sub $256, %%rsp\n\tand $-16, %%rsp\n\tcall *%1\n\t9: lea 9b(%%rip), %0"
			 : "=b"(at) : "r"(call), "r"(a), "r"(b), "r"(n), "r"(f)
			 : "rax", "r8", "r9", "r10", "r11", "r12", "memory");
	printf("0x%lx\n", (unsigned long)(at - (uintptr_t)__ehdr_start));
	fflush(stdout);
	_exit(0);
}

/* Connects to a name. */
static void host(void)
{
	struct sockaddr_in a;
	int l = listener(&a), s = socket(AF_INET, SOCK_STREAM, 0);
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *r;
	char port[8];
	snprintf(port, sizeof port, "%d", ntohs(a.sin_port));
	if (getaddrinfo("localhost", port, &hints, &r) || connect(s, r->ai_addr, r->ai_addrlen))
		abort();
	freeaddrinfo(r);
	send(s, "x", 1, 0);
	close(accept(l, NULL, NULL));
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } all[] = {
		{ "calls", calls }, { "where", where }, { "host", host },
	};
	alarm(50);
	for (unsigned i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
		if (!strcmp(argv[1], all[i].name)) {
			all[i].run();
			return 0;
		}
	return 2;
}
