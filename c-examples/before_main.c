/*
 * before_main - sockets used when a program is only half there.
 *
 * Before main: in .preinit_array (run before any library's constructor) and in
 * constructors. After main: in atexit handlers and destructors. At the end of a
 * thread: in the destructor of a pthread_key and of a thread's C cleanup
 * handler. Each place makes a pair, sends, receives, closes, and writes a line.
 *
 * See: elf(5), atexit(3), pthread_key_create(3), "constructor" in the GCC manual
 * Run: build/before_main
 */
#include "example.h"

/* Not printf: stdio may not be set up yet, or be gone already. */
static void converse(const char *where)
{
    char line[80];
    int n, pair[2], error = errno;

    pair_exchange();
    MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    CHECK(send(pair[0], where, strlen(where), 0) == (ssize_t)strlen(where));
    n = (int)MUST(recv(pair[1], line, sizeof line - 2, 0));
    line[n] = '\n';
    CHECK(write(STDOUT_FILENO, line, (size_t)n + 1) == n + 1);
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    errno = error;
}

static void in_preinit(int argc UNUSED, char **argv UNUSED, char **envp UNUSED)
{
    converse("preinit_array");
}

__attribute__((section(".preinit_array"), used))
static void (*const preinit)(int, char **, char **) = in_preinit;

__attribute__((constructor(101)))
static void early_constructor(void)
{
    converse("early constructor");
}

__attribute__((constructor))
static void constructor(void)
{
    struct sockaddr_in address;
    int pair[2], listener = listen_loopback(1, &address);

    MUST(close(listener));
    tcp_pair(pair);
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    converse("constructor");
}

__attribute__((destructor))
static void destructor(void)
{
    converse("destructor");
}

__attribute__((destructor(101)))
static void late_destructor(void)
{
    converse("late destructor");
}

static void at_exit(void)
{
    converse("atexit");
}

static void at_exit_first(void)
{
    converse("atexit, registered last");
}

static void key_destructor(void *value)
{
    converse(value);
}

static void cleanup(void *argument)
{
    converse(argument);
}

static void *thread(void *key)
{
    static char last[] = "a thread's key destructor", handler[] = "a thread's cleanup handler";

    MUST_0(pthread_setspecific(*(pthread_key_t *)key, last));
    converse("a thread");
    pthread_cleanup_push(cleanup, handler);
    pthread_exit(NULL);
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    pthread_key_t key;
    pthread_t id;

    example_start();
    CHECK(atexit(at_exit) == 0);
    CHECK(atexit(at_exit_first) == 0);
    converse("main");
    MUST_0(pthread_key_create(&key, key_destructor));
    MUST_0(pthread_create(&id, NULL, thread, &key));
    MUST_0(pthread_join(id, NULL));
    converse("end of main");
    return 0;
}
