/*
 * exec_env - all the ways to execute a program, with and without an environment.
 *
 * The program executes itself in a child, with the way's name as an argument;
 * there it prints it, uses a socket, and says which greeting its environment
 * holds. Some ways hand the environment on, others replace it or leave it empty.
 *
 * Shows: execve, execv, execvp, execvpe, execl, execle, execlp, fexecve,
 * execveat, posix_spawn, posix_spawnp, system, popen; sockets inherited by exec
 * and closed by it (SOCK_CLOEXEC).
 * See: execve(2), exec(3), fexecve(3), posix_spawn(3), system(3), popen(3), environ(7)
 * Run: build/exec_env
 */
#include "example.h"

#include <spawn.h>
#include <sys/syscall.h>

static const char *path, *name;
static int inherited[2], closing[2];
static char inherited_number[16], closing_number[16];

/* The executed program. */
static int executed(char **argv)
{
    const char *greeting = getenv("GREETING");
    int fd = atoi(argv[3]), gone = atoi(argv[4]);
    char byte = '#';

    pair_exchange();
    printf("%s: %s", argv[2], greeting != NULL ? greeting : "no greeting");
    if (fd != -1) {
        CHECK(send(fd, &byte, 1, 0) == 1);
        CHECK(send(gone, &byte, 1, 0) == -1 && errno == EBADF);
        printf(", the inherited socket works");
    }
    printf("\n");
    return 0;
}

#define ARGUMENTS(way) { "exec_env", "executed", (char *)(way), inherited_number, closing_number, NULL }
#define LIST(way) "exec_env", "executed", (way), inherited_number, closing_number, (char *)NULL

static char *empty[] = { NULL };
static char *greeting[] = { "GREETING=hello from the array", NULL };

static void by_execve(void)
{
    char *arguments[] = ARGUMENTS("execve with an array");

    execve(path, arguments, greeting);
}

static void by_execve_empty(void)
{
    char *arguments[] = ARGUMENTS("execve with an empty array");

    execve(path, arguments, empty);
}

static void by_execve_null(void)
{
    char *arguments[] = ARGUMENTS("execve with NULL");
    char **volatile none = NULL; /* Linux takes it for an empty one */

    execve(path, arguments, none);
}

static void by_execv(void)
{
    char *arguments[] = ARGUMENTS("execv");

    execv(path, arguments);
}

static void by_execvp(void)
{
    char *arguments[] = ARGUMENTS("execvp");

    execvp(name, arguments);
}

static void by_execvpe(void)
{
    char *arguments[] = ARGUMENTS("execvpe");

    execvpe(name, arguments, greeting);
}

static void by_execvpe_empty(void)
{
    char *arguments[] = ARGUMENTS("execvpe with an empty array");

    execvpe(name, arguments, empty);
}

static void by_execl(void)
{
    execl(path, LIST("execl"));
}

static void by_execlp(void)
{
    execlp(name, LIST("execlp"));
}

static void by_execle(void)
{
    execle(path, LIST("execle"), greeting);
}

static void by_execle_empty(void)
{
    execle(path, LIST("execle with an empty array"), empty);
}

static void by_fexecve(void)
{
    char *arguments[] = ARGUMENTS("fexecve");

    fexecve(MUST_INT(open(path, O_RDONLY | O_CLOEXEC)), arguments, greeting);
}

static void by_execveat(void)
{
    char *arguments[] = ARGUMENTS("execveat by system call");

    syscall(SYS_execveat, AT_FDCWD, path, arguments, empty, 0);
}

static void by_posix_spawn(void)
{
    char *arguments[] = ARGUMENTS("posix_spawn");
    posix_spawn_file_actions_t actions;
    pid_t child;

    MUST_0(posix_spawn_file_actions_init(&actions));
    MUST_0(posix_spawn_file_actions_addopen(&actions, 90, "/dev/null", O_RDONLY, 0));
    MUST_0(posix_spawn_file_actions_adddup2(&actions, 90, 91));
    MUST_0(posix_spawn_file_actions_addclose(&actions, 90));
    MUST_0(posix_spawn(&child, path, &actions, NULL, arguments, greeting));
    MUST_0(posix_spawn_file_actions_destroy(&actions));
    wait_success(child);
    exit(0);
}

static void by_posix_spawn_empty(void)
{
    char *arguments[] = ARGUMENTS("posix_spawn with an empty array");
    pid_t child;

    MUST_0(posix_spawn(&child, path, NULL, NULL, arguments, empty));
    wait_success(child);
    exit(0);
}

static void by_posix_spawnp(void)
{
    char *arguments[] = ARGUMENTS("posix_spawnp");
    extern char **environ;
    pid_t child;

    MUST_0(posix_spawnp(&child, name, NULL, NULL, arguments, environ));
    wait_success(child);
    exit(0);
}

/* The shell does not need the path: it is in PATH. */
static void by_system(void)
{
    char command[200];

    snprintf(command, sizeof command, "%s executed system %s %s", name, inherited_number, closing_number);
    exit(system(command) == 0 ? 0 : 1);
}

static void by_popen(void)
{
    char command[200], line[200];
    FILE *output;

    snprintf(command, sizeof command, "exec %s executed popen -1 -1", name);
    output = popen(command, "r");
    CHECK(output != NULL);
    while (fgets(line, sizeof line, output) != NULL)
        fputs(line, stdout);
    exit(pclose(output) == 0 ? 0 : 1);
}

static void by_shell_without_environment(void)
{
    char command[4200];

    snprintf(command, sizeof command, "exec env -i \"%s\" executed 'env -i' %s %s", path, inherited_number,
             closing_number);
    exit(system(command) == 0 ? 0 : 1);
}

int main(int argc, char **argv)
{
    static void (*const ways[])(void) = {
        by_execve, by_execve_empty, by_execve_null, by_execv, by_execvp, by_execvpe, by_execvpe_empty,
        by_execl, by_execlp, by_execle, by_execle_empty, by_fexecve, by_execveat,
        by_posix_spawn, by_posix_spawn_empty, by_posix_spawnp, by_system, by_popen,
        by_shell_without_environment,
    };
    char directory[4200];

    example_start();
    if (argc == 5 && strcmp(argv[1], "executed") == 0)
        return executed(argv);

    path = own_path();
    name = strrchr(path, '/') + 1;
    CHECK((size_t)snprintf(directory, sizeof directory, "%.*s:/usr/bin:/bin", (int)(name - 1 - path), path) <
          sizeof directory);
    MUST(setenv("PATH", directory, 1));
    MUST(setenv("GREETING", "hello from environ", 1));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, inherited));
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, closing));
    snprintf(inherited_number, sizeof inherited_number, "%d", inherited[1]);
    snprintf(closing_number, sizeof closing_number, "%d", closing[1]);

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        pid_t child = MUST_INT(fork());
        char byte;

        if (child == 0) {
            ways[i]();
            die("exec: %s", strerror(errno));
        }
        wait_success(child);
        while (recv(inherited[0], &byte, 1, MSG_DONTWAIT) == 1)
            CHECK(byte == '#');
    }

    {
        char *arguments[] = ARGUMENTS("failing");
        pid_t child;

        CHECK(execve("/no/such/program", arguments, empty) == -1);
        printf("execve of nothing: %s\n", errno_name(errno));
        CHECK(execvp("no-such-program", arguments) == -1);
        printf("execvp of nothing: %s\n", errno_name(errno));
        CHECK(execve("/", arguments, empty) == -1);
        printf("execve of a directory: %s\n", errno_name(errno));
        printf("posix_spawn of nothing: %s\n", errno_name(posix_spawn(&child, "/no/such/program", NULL, NULL, arguments, empty)));
        printf("system of nothing: status %d\n", WEXITSTATUS(system("exec /no/such/program 2>/dev/null")));
        pair_exchange(); /* after failed execs everything is as before */
    }
    return 0;
}
