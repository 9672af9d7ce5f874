/*
 * A program that is told of each of its own socket calls by a callback of socklens.h.
 *
 *   cc api_events.c -lsocklens && ./a.out
 */
#include "example.h"

#include <socklens.h>

struct seen {
    int calls, failed;
};

static void on_event(const socklens_event *e, void *user)
{
    struct seen *seen = user;

    if (e->kind != SOCKLENS_EVENT_CALL) {
        printf("-- %s\n", e->call);
        return;
    }
    seen->calls++;
    seen->failed += e->err != 0;
    printf("%s on conn %u: %lld%s%s\n", e->call, (unsigned)e->conn, (long long)e->result, e->err != 0 ? " " : "",
           e->err != 0 ? strerror(e->err) : "");
}

int main(void)
{
    socklens_log_options options = SOCKLENS_LOG_OPTIONS_INIT;
    struct seen seen = { 0, 0 };
    char text[16], why[256];
    int pair[2];

    options.sink = SOCKLENS_SINK_CALLBACK;
    options.on_event = on_event;
    options.user = &seen;
    options.trace = "%net,send,recv";
    options.error = why;
    options.error_size = sizeof why;
    int error = socklens_log_start(&options);
    if (error != 0)
        die("log: %s%s%s", socklens_strerror(error), error == SOCKLENS_ESYNTAX ? ": " : "",
            error == SOCKLENS_ESYNTAX ? why : "");

    MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    CHECK(socklens_mark("the conversation") == 0);
    MUST(send(pair[0], "hello", 5, 0));
    MUST(recv(pair[1], text, sizeof text, 0));
    CHECK(recv(pair[1], text, sizeof text, MSG_DONTWAIT) == -1);
    CHECK(socklens_log_stop() == 0);
    send(pair[0], "unseen", 6, 0);

    printf("%d calls, %d failed\n", seen.calls, seen.failed);
    return 0;
}
