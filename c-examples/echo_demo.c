/*
 * echo_demo - an echo server and two clients, as three real processes.
 *
 * Starts tcp_echo_server (found in the directory of this program) on a free
 * port, reads the port from its first line, lets two tcp_echo_clients talk to
 * it, and prints what all of them printed, with the port replaced by "PORT" so
 * that the transcript is the same each time. A good first thing to run under
 * the tracer: three processes; listen, accept, connect, a lookup of
 * "localhost", socket options, send, recv, shutdown and close.
 *
 * Shows: fork and exec with pipes, waiting for a server by its output.
 * See: fork(2), execv(3), pipe2(2), waitpid(2)
 * Run: build/echo_demo
 */
#include "example.h"

/* A program that sits beside this one. */
static const char *beside(const char *name)
{
    static char path[4200];
    const char *self = own_path();
    const char *slash = strrchr(self, '/');

    CHECK(slash != NULL);
    CHECK((size_t)snprintf(path, sizeof path, "%.*s/%s", (int)(slash - self), self, name) < sizeof path);
    return path;
}

/* Start a program; *output reads what it prints. */
static pid_t start(const char *const arguments[], FILE **output)
{
    const char *path = beside(arguments[0]);
    int ends[2];
    pid_t child;

    MUST(pipe2(ends, O_CLOEXEC));
    child = MUST_INT(fork());
    if (child == 0) {
        MUST(dup2(ends[1], STDOUT_FILENO));
        execv(path, (char *const *)arguments);
        fprintf(stderr, "cannot execute %s: %s\n", path, strerror(errno));
        _exit(127);
    }
    MUST(close(ends[1]));
    *output = fdopen(ends[0], "r");
    CHECK(*output != NULL);
    return child;
}

/* Copy a program's lines to stdout, saying whose they are, the port masked. */
static void transcribe(const char *who, FILE *output, const char *port)
{
    char line[1024];

    while (fgets(line, sizeof line, output) != NULL) {
        char *colon = strrchr(line, ':');
        size_t digits = strlen(port);

        if (colon != NULL && strncmp(colon + 1, port, digits) == 0 && colon[1 + digits] == '\n')
            strcpy(colon, ":PORT\n");
        printf("%s | %s", who, line);
    }
    CHECK(!ferror(output));
    fclose(output);
}

static void run_client(const char *who, const char *const arguments[], const char *port)
{
    FILE *output;
    pid_t client = start(arguments, &output);

    transcribe(who, output, port);
    wait_success(client);
}

int main(void)
{
    FILE *output;
    pid_t server;
    unsigned number;
    char line[128], port[16];

    example_start();
    server = start((const char *const[]){ "tcp_echo_server", "-n", "2", NULL }, &output);
    if (fgets(line, sizeof line, output) == NULL || sscanf(line, "listening on 127.0.0.1:%u\n", &number) != 1)
        die("the server did not tell its port");
    snprintf(port, sizeof port, "%u", number);
    printf("server   | listening on 127.0.0.1:PORT\n");

    run_client("client 1", (const char *const[]){ "tcp_echo_client", "localhost", port, "hello",
                                                  "what you send", "is what you get", NULL }, port);
    run_client("client 2", (const char *const[]){ "tcp_echo_client", "127.0.0.1", port, "goodbye", NULL }, port);

    transcribe("server  ", output, port);
    wait_success(server);
    printf("demo     | all three ended with status 0\n");
    return 0;
}
