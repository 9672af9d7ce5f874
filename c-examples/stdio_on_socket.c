/*
 * stdio_on_socket - FILE streams on sockets.
 *
 * fdopen makes a FILE of a socket; one for each direction, each with its own
 * descriptor, because a stream that is both read and written needs a seek in
 * between, which a socket cannot do. The library reads and writes by itself, in
 * buffers' worth. dprintf writes to a descriptor directly.
 *
 * Shows: fdopen, fprintf, fgets, getline, fscanf, fread, fwrite, dprintf, fclose.
 * See: fdopen(3), stdio(3), dprintf(3)
 * Run: build/stdio_on_socket
 */
#include "example.h"

struct streams {
    FILE *in, *out;
};

static struct streams open_streams(int fd)
{
    struct streams streams;

    streams.in = fdopen(fd, "r");
    streams.out = fdopen(MUST_INT(dup(fd)), "w");
    CHECK(streams.in != NULL && streams.out != NULL);
    return streams;
}

/* Closing a FILE closes its descriptor; the other direction has its own. */
static void close_streams(struct streams streams)
{
    CHECK(fclose(streams.out) == 0);
    CHECK(fclose(streams.in) == 0);
}

/* A server for lines: "add A B", "repeat N WORD", "quit". */
static void *serve(void *argument)
{
    struct streams peer = open_streams(*(int *)argument);
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, peer.in) > 0) {
        char word[32];
        int a, b;

        if (sscanf(line, "add %d %d", &a, &b) == 2) {
            fprintf(peer.out, "%d\n", a + b);
        } else if (sscanf(line, "repeat %d %31s", &a, word) == 2) {
            while (a-- > 0)
                fputs(word, peer.out);
            fputc('\n', peer.out);
        } else if (strcmp(line, "quit\n") == 0) {
            break;
        } else {
            fprintf(peer.out, "what is %s", line);
        }
        CHECK(fflush(peer.out) == 0);
    }
    free(line);
    close_streams(peer);
    return NULL;
}

int main(void)
{
    static const char *const requests[] = { "add 2 3", "repeat 3 ho", "dance", "repeat 5000 x" };
    static char answer[6000];
    struct streams server;
    pthread_t thread;
    int pair[2], number = 0;
    char block[4] = { 0 };

    example_start();
    tcp_pair(pair);
    printf("the pair is %d and %d\n", pair[0], pair[1]);
    MUST_0(pthread_create(&thread, NULL, serve, &pair[1]));
    server = open_streams(pair[0]);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        fprintf(server.out, "%s\n", requests[i]);
        CHECK(fflush(server.out) == 0);
        CHECK(fgets(answer, sizeof answer, server.in) != NULL);
        if (strlen(answer) > 40)
            printf("%s: %zu characters\n", requests[i], strlen(answer) - 1);
        else
            printf("%s: %s", requests[i], answer);
    }
    CHECK(dprintf(fileno(server.out), "add %d %d\n", 20, 22) > 0);
    CHECK(fscanf(server.in, "%d", &number) == 1 && fgetc(server.in) == '\n');
    printf("by dprintf and fscanf: %d\n", number);
    CHECK(fwrite("repeat 3 z\n", 1, 11, server.out) == 11 && fflush(server.out) == 0);
    CHECK(fread(block, 1, 4, server.in) == 4);
    printf("by fwrite and fread: %.3s\n", block);
    fputs("quit\n", server.out);
    CHECK(fflush(server.out) == 0);
    CHECK(fgetc(server.in) == EOF && feof(server.in));
    printf("end of file\n");
    MUST_0(pthread_join(thread, NULL));
    close_streams(server);

    /* Both descriptors are closed by now: their numbers are free again. */
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    printf("the next pair is %d and %d\n", pair[0], pair[1]);
    server.out = fdopen(pair[0], "w");
    CHECK(server.out != NULL);
    setvbuf(server.out, NULL, _IONBF, 0);
    MUST(close(pair[1]));
    signal(SIGPIPE, SIG_IGN);
    CHECK(fputs("nobody reads this", server.out) == EOF);
    printf("writing to a closed one: %s\n", errno_name(errno));
    fclose(server.out);
    CHECK(fdopen(pair[0], "r") == NULL);
    printf("fdopen of a closed descriptor: %s\n", errno_name(errno));
    return 0;
}
