/* Sends from many depths: `deep SCENE LIBRARY` */
#include "faults.h"
#include <dlfcn.h>
#include <sys/mman.h>

#define PLACE __attribute__((noinline, noipa))
#define STAY __asm__ volatile("")

static int sock, other;
static int (*relay)(int (*)(int), int);

PLACE int sends(int n) { send(sock, "x", 1, 0); STAY; return n + 1; }
PLACE int by_library(int n) { int r = relay(sends, n); STAY; return r; }

/* Room of a size that is known only now: the frame is found by rbp. */
PLACE int with_room(int n)
{
	volatile char *room = __builtin_alloca(100 + n);
	room[n] = 1;
	n = by_library(n) + room[n];
	STAY;
	return n;
}

/* A frame that is brought to a multiple. */
PLACE int aligned(int n)
{
	volatile _Alignas(128) char room[256];
	room[n] = 1;
	n = with_room(n) + room[n];
	STAY;
	return n;
}

PLACE int nested(int n)
{
	n = n > 0 ? nested(n - 1) : aligned(1);
	STAY;
	return n;
}

static void calls(void) { nested(3); }

static int compare(const void *a, const void *b)
{
	static int once;
	if (!once++)
		sends(0);
	return *(const int *)a - *(const int *)b;
}

/* Called back by libc. */
PLACE void sorts(void)
{
	int list[] = { 3, 1, 2 };
	qsort(list, 3, sizeof *list, compare);
	STAY;
}

static void *threads(void *p) { sorts(); return p; }

static void thread(void)
{
	pthread_t t;
	pthread_create(&t, NULL, threads, NULL);
	pthread_join(t, NULL);
}

PLACE void by_handler(int s) { (void)s; sends(1); STAY; }

/* Interrupted anywhere, once on a stack of the handler's own. */
PLACE void busy(int flags)
{
	static char room[65536];
	stack_t st = { .ss_sp = room, .ss_size = sizeof room };
	struct sigaction sa = { .sa_handler = by_handler, .sa_flags = flags };
	sigaltstack(&st, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	STAY;
}

static void handler_here(void) { busy(0); }
static void handler_apart(void) { busy(SA_ONSTACK); }

/* Far more frames than are looked at: the outermost is not seen, those that are near are. */
static void far(void) { nested(200); }

/* A function without tables, above whose frame lies what looks like one. */
PLACE void jit(void *frame)
{
	unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* push rbp; mov rbp, rsi or rsp; mov eax, edi; call rdx; pop rbp; ret: with the stack as the ABI has it. */
	const unsigned char with_frame[] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd2, 0x5d, 0xc3 };
	const unsigned char without[] = { 0x55, 0x48, 0x89, 0xf5, 0xff, 0xd2, 0x5d, 0xc3 };
	memcpy(code, frame ? without : with_frame, 8);
	((int (*)(int, void *, int (*)(int)))code)(1, frame, sends);
	STAY;
}

static void jitted(void) { jit(NULL); }

/* The chain of frames is broken: to nowhere, to itself, to no code. */
static void broken(void)
{
	static uintptr_t loop[2] = { 0, 0x1234 };
	loop[0] = (uintptr_t)loop;
	uintptr_t here[2];
	here[0] = (uintptr_t)here;
	here[1] = (uintptr_t)sends + 8;
	jit((void *)1);
	jit((void *)-16);
	jit(loop);
	jit(here);
}

static void *repeats(void *p)
{
	for (int i = 0; i < 100; i++)
		sends(i);
	return p;
}

/* Four threads at once. */
static void many(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		pthread_create(t + i, NULL, repeats, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

static void shallow(void) { sends(0); }

/* Goes on until its input ends. */
static void stays(void)
{
	char c;
	nested(3);
	while (read(0, &c, 1) > 0) {
	}
}

static char **words;

/* The file that runs is another one from now on. */
static void replaced(void)
{
	if (rename(words[3], words[0]))
		abort();
	stays();
}

int main(int argc, char **argv)
{
	static const struct scene all[] = {
		{ "calls", calls }, { "sorts", sorts }, { "thread", thread }, { "handler-here", handler_here },
		{ "handler-apart", handler_apart }, { "far", far }, { "jit", jitted }, { "broken", broken },
		{ "shallow", shallow }, { "many", many }, { "stays", stays },
		{ "replaced", replaced },
	};
	void *l = argc > 2 ? dlopen(argv[2], RTLD_NOW) : NULL;
	if (!l)
		return 2;
	words = argv;
	*(void **)&relay = dlsym(l, "relay");
	sock = connected(&other);
	return chosen(all, sizeof all / sizeof *all, 2, argv);
}
