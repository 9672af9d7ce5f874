/*
 * A program that counts its own socket calls with socklens.h, and prints what it counted.
 *
 *   cc api_stats.c -lsocklens && ./a.out
 */
#include "example.h"

#include <socklens.h>

static int print_call(const socklens_call_stats *s, void *user)
{
    (void)user;
    printf("%-12s %6llu calls  %4llu failed  %8llu bytes in  %8llu bytes out\n", s->call, (unsigned long long)s->count,
           (unsigned long long)s->errors, (unsigned long long)s->bytes_in, (unsigned long long)s->bytes_out);
    return 0;
}

static int print_conn(const socklens_conn *c, void *user)
{
    (void)user;
    printf("%s#%u %s: %llu bytes in, %llu bytes out\n", c->proto, (unsigned)c->conn, c->name,
           (unsigned long long)c->bytes_in, (unsigned long long)c->bytes_out);
    return 0;
}

int main(void)
{
    socklens_call_stats sends = { .size = sizeof sends };
    char buffer[100] = { 0 };
    int pair[2];

    int error = socklens_stats_start();
    if (error != 0)
        die("statistics: %s", socklens_strerror(error));

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CHECK(socklens_conn_name(pair[0], "speaker") == 0 && socklens_conn_name(pair[1], "listener") == 0);
    for (int i = 0; i < 1000; i++) {
        MUST(send(pair[0], buffer, sizeof buffer, 0));
        MUST(recv(pair[1], buffer, sizeof buffer, MSG_WAITALL));
    }
    CHECK(recv(pair[1], buffer, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);

    CHECK(socklens_stats_each(print_call, NULL) == 0);
    CHECK(socklens_conns(print_conn, NULL) == 0);
    CHECK(socklens_stats_call("send", &sends) == 0);
    /* Times differ from run to run; their order does not. */
    printf("half of the sends took no longer than 99 of 100: %s\n", sends.p50_ns <= sends.p99_ns ? "yes" : "no");
    return 0;
}
