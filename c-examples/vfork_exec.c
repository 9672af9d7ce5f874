/*
 * vfork_exec - vfork, descriptors rearranged in the child, execve.
 *
 * After vfork the child runs in its parent's memory while the parent waits; but
 * it has its own table of descriptors. What it closes stays open in the parent,
 * although every variable it changes is changed in the parent as well. Fifty
 * times: the child puts a socket on its stdin and stdout, closes the others and
 * executes this program again, which answers one line; then the parent's
 * sockets must still work.
 *
 * See: vfork(2), execve(2), dup2(2)
 * Run: build/vfork_exec
 */
#include "example.h"

enum { TIMES = 50 };

/*
 * What the child needs, in static memory: local variables may be clobbered
 * when a function returns twice, as the one that calls vfork does.
 */
static const char *path;
static char *arguments[] = { "vfork_exec", "answer", NULL };
static char *environment[] = { "GREETING=hello", NULL };
static int mine, theirs, other[2];

/* All that is allowed in the child: system calls, and leaving by exec or _exit. */
__attribute__((noinline))
static pid_t start(void)
{
    pid_t child = vfork();

    if (child == 0) {
        if (dup2(theirs, STDIN_FILENO) == -1 || dup2(theirs, STDOUT_FILENO) == -1)
            _exit(1);
        close(mine);
        close(theirs);
        close(other[0]);
        close(other[1]);
        execve(path, arguments, environment);
        _exit(127);
    }
    return child;
}

__attribute__((noinline))
static pid_t start_in_vain(void)
{
    pid_t child = vfork();

    if (child == 0) {
        close(other[0]);
        close(other[1]);
        execve("/no/such/program", arguments, environment);
        _exit(errno == ENOENT ? 42 : 1);
    }
    return child;
}

/* The executed program: one line in, one line out, over the socket. */
static int answer(void)
{
    char line[64];
    ssize_t n = MUST(recv(STDIN_FILENO, line, sizeof line, 0));
    const char *greeting = getenv("GREETING");

    pair_exchange();
    CHECK(greeting != NULL);
    CHECK(send(STDOUT_FILENO, greeting, strlen(greeting), MSG_MORE) == (ssize_t)strlen(greeting));
    CHECK(write(STDOUT_FILENO, line, (size_t)n) == n);
    return 0;
}

static void check_other(void)
{
    char byte = 'p';

    CHECK(send(other[0], &byte, 1, MSG_NOSIGNAL) == 1);
    CHECK(recv(other[1], &byte, 1, 0) == 1 && byte == 'p');
}

int main(int argc, char **argv)
{
    int first = -1, same = 0;

    example_start();
    if (argc > 1 && strcmp(argv[1], "answer") == 0)
        return answer();
    path = own_path();
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, other));
    for (int i = 0; i < TIMES; i++) {
        char line[64];
        int pair[2];
        pid_t child;

        MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
        first = first == -1 ? pair[0] : first;
        same += pair[0] == first;
        mine = pair[0];
        theirs = pair[1];
        child = MUST_INT(start());
        check_other();
        MUST(close(theirs));
        CHECK(send(mine, " to you", 7, 0) == 7);
        CHECK(recv_all(mine, line, 12) && memcmp(line, "hello to you", 12) == 0);
        CHECK(!recv_all(mine, line, 1));
        MUST(close(mine));
        wait_success(child);
        if (i == 0)
            printf("the child answers \"%.12s\"\n", line);

        child = MUST_INT(start_in_vain());
        CHECK(WEXITSTATUS(wait_status(child)) == 42);
        check_other();
    }
    printf("%d times; the pair had the same number %d times\n", TIMES, same);
    return 0;
}
