/* Uses the C API: capi HOW WHAT [ARGUMENT]. HOW is linked, default (whatever was preloaded) or the path of a library to open.
 * Prints "ok" at its end, or what was not as it should be. */
#include "capi.h"

static struct {
    int calls, sends, fails, marks, names, nested;
    long bytes;
    char line[512];
    socklens_event last;
} seen;

static void on_event(const socklens_event *event, void *user)
{
    CHECK(user == &seen && event->size == sizeof *event);
    if (event->kind == SOCKLENS_EVENT_MARK)
        seen.marks++;
    if (event->kind == SOCKLENS_EVENT_NAME)
        seen.names++;
    if (event->kind != SOCKLENS_EVENT_CALL)
        return;
    seen.calls++;
    seen.fails += event->err != 0;
    seen.bytes += (long)event->bytes;
    CHECK(event->tid == (uint32_t)gettid() && event->start_ns > 0);
    if (strcmp(event->call, "send") == 0) {
        seen.sends++;
        CHECK(event->result == 5 && event->bytes == 5 && event->fd >= 0 && event->conn > 0);
        int n = api.event_format(event, seen.line, sizeof seen.line);
        CHECK(n > 0 && (size_t)n == strlen(seen.line));
        char cut[8];
        CHECK(api.event_format(event, cut, sizeof cut) < 8);
    }
    /* None of this is told of; all of it works. */
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && send(pair[0], "x", 1, 0) == 1);
    close(pair[0]);
    close(pair[1]);
    seen.nested++;
    seen.last = *event;
    errno = EBADMSG;
}

static socklens_log_options to_callback(void)
{
    socklens_log_options o = SOCKLENS_LOG_OPTIONS_INIT;

    o.sink = SOCKLENS_SINK_CALLBACK;
    o.on_event = on_event;
    o.user = &seen;
    return o;
}

static void callback(void)
{
    socklens_log_options o = to_callback();
    char text[64];

    talk(1);
    CHECK(!api.active() && api.mark("too early") == SOCKLENS_EOFF);
    for (int round = 0; round < 3; round++) {
        memset(&seen, 0, sizeof seen);
        CHECK(api.log_start(&o) == 0 && api.active() && api.log_start(&o) == SOCKLENS_EBUSY);
        errno = 0;
        CHECK(api.mark("here") == 0 && errno == 0);
        talk(3);
        CHECK(api.log_stop() == 0 && !api.active() && api.log_stop() == SOCKLENS_EOFF);
        talk(2);
        CHECK(seen.calls == 10 && seen.sends == 3 && seen.fails == 1 && seen.bytes == 30 && seen.marks == 1);
        CHECK(seen.nested == seen.calls && strstr(seen.line, "send(") != NULL && strstr(seen.line, "hello") != NULL);
        CHECK(api.event_format(&seen.last, text, sizeof text) == SOCKLENS_ESTALE);
    }
    o.trace = "send,close";
    o.filter = "ret=5";
    memset(&seen, 0, sizeof seen);
    CHECK(api.log_start(&o) == 0);
    talk(4);
    CHECK(api.log_stop() == 0 && seen.calls == 4 && seen.sends == 4);
}

static void sinks(const char *dir)
{
    static const struct { uint32_t format; const char *name, *find; } forms[] = {
        { SOCKLENS_FORMAT_TEXT, "text", " send(" },
        { SOCKLENS_FORMAT_JSON, "json", "\"call\":\"send\"" },
        { SOCKLENS_FORMAT_STRACE, "strace", "sendto(" },
    };
    for (int by_path = 0; by_path < 2; by_path++)
        for (size_t i = 0; i < 3; i++) {
            socklens_log_options o = SOCKLENS_LOG_OPTIONS_INIT;
            char path[512], text[65536];
            int pair[2];

            snprintf(path, sizeof path, "%s/%s.%d", dir, forms[i].name, by_path);
            o.sink = by_path ? SOCKLENS_SINK_PATH : SOCKLENS_SINK_FD;
            o.format = forms[i].format;
            o.path = path;
            o.fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
            CHECK(o.fd >= 0 && api.log_start(&o) == 0);
            CHECK(api.mark("a mark") == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
            CHECK(api.conn_name(pair[0], "database") == 0 && send(pair[0], "hello", 5, 0) == 5);
            close(pair[0]);
            close(pair[1]);
            CHECK(api.log_stop() == 0);
            talk(1);
            close(o.fd);
            int fd = open(path, O_RDONLY);
            ssize_t n = read(fd, text, sizeof text - 1);
            CHECK(n > 0 && close(fd) == 0);
            text[n] = '\0';
            CHECK(strstr(text, forms[i].find) != NULL && strstr(text, "a mark") != NULL && strstr(text, "database") != NULL);
            /* One send, and nothing of what came after the stop. */
            CHECK(strstr(strstr(text, forms[i].find) + 1, forms[i].find) == NULL);
        }
}

static int sum(const socklens_call_stats *row, void *user)
{
    socklens_call_stats *all = user;

    CHECK(row->size == sizeof *row && row->count > 0);
    all->count += row->count;
    all->bytes_in += row->bytes_in;
    return strcmp(row->call, "close") == 0 && all->errors == 77 ? 42 : 0;
}

static int list(const socklens_conn *conn, void *user)
{
    int *count = user;

    CHECK(conn->size == sizeof *conn && conn->conn > 0);
    if (strcmp(conn->name, "left") == 0)
        CHECK(conn->calls_out == 7 && conn->bytes_out == 35 && conn->role == SOCKLENS_ROLE_PAIR
              && strcmp(conn->proto, "unix") == 0 && conn->age_ns >= conn->idle_ns);
    return --*count < 0 ? 9 : 0;
}

static void *in_thread(void *rounds)
{
    talk(*(int *)rounds);
    return NULL;
}

static void stats(void)
{
    socklens_call_stats row = { .size = sizeof row }, all = { .size = sizeof all };
    socklens_conn conn = { .size = sizeof conn };
    int rounds = 10, pair[2], count = 1000;

    CHECK(api.stats_total(&row) == SOCKLENS_EOFF && api.stats_stop() == SOCKLENS_EOFF);
    CHECK(api.conns(list, &count) == SOCKLENS_EOFF && api.conn_of_fd(0) == SOCKLENS_EOFF);
    CHECK(api.stats_start() == 0 && api.stats_start() == SOCKLENS_EBUSY && !api.active());
    CHECK(api.stats_total(&row) == 0 && row.count == 0 && strcmp(row.call, "total") == 0);
    talk(100);
    /* Threads that end do not take their numbers with them, one after another and at once. */
    for (int i = 0; i < 20; i++) {
        pthread_t thread[4];
        for (int k = 0; k < 4; k++)
            CHECK(pthread_create(&thread[k], NULL, in_thread, &rounds) == 0);
        for (int k = 0; k < 4; k++)
            pthread_join(thread[k], NULL);
    }
    CHECK(api.stats_call("send", &row) == 0 && strcmp(row.call, "send") == 0);
    CHECK(row.count == 900 && row.bytes_out == 4500 && row.errors == 0 && row.bytes_in == 0);
    CHECK(row.min_ns > 0 && row.min_ns <= row.p50_ns && row.p50_ns <= row.p90_ns && row.p90_ns <= row.p99_ns
          && row.p99_ns <= row.p999_ns && row.p999_ns <= row.max_ns && row.max_ns <= row.time_ns);
    CHECK(api.stats_call("recv", &row) == 0 && row.count == 981 && row.eagain == 81 && row.errors == 81);
    CHECK(api.stats_call("connect", &row) == 0 && row.count == 0 && row.p50_ns == 0);
    CHECK(api.stats_call("sned", &row) == SOCKLENS_ENOCALL);
    CHECK(api.stats_total(&row) == 0 && row.bytes_in == 4500 && row.bytes_out == 4500);
    CHECK(api.stats_each(sum, &all) == 0 && all.count == row.count && all.bytes_in == row.bytes_in);
    all.errors = 77;
    CHECK(api.stats_each(sum, &all) == 42);

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    int64_t serial = api.conn_of_fd(pair[0]);
    CHECK(serial > 0 && api.conn_of_fd(pair[1]) > 0 && api.conn_of_fd(pair[1]) != serial);
    CHECK(api.conn_of_fd(dup(pair[0])) == serial && api.conn_of_fd(99) == SOCKLENS_ENOSOCKET);
    CHECK(api.conn_name(pair[0], "left") == 0 && api.conn_name(pair[1], "right") == 0);
    for (int i = 0; i < 7; i++)
        CHECK(send(pair[0], "hello", 5, 0) == 5);
    CHECK(api.conn_info(pair[0], &conn) == 0 && conn.conn == serial && strcmp(conn.name, "left") == 0);
    CHECK(api.conns(list, &count) == 0 && count <= 998);
    count = 1;
    CHECK(api.conns(list, &count) == 9);
    CHECK(api.conn_name(pair[0], "") == 0 && api.conn_info(pair[0], &conn) == 0 && conn.name[0] == '\0');
    close(pair[0]);
    CHECK(api.conn_of_fd(pair[0]) == SOCKLENS_ENOSOCKET);

    CHECK(api.stats_stop() == 0);
    talk(5);
    CHECK(api.stats_call("send", &row) == 0 && row.count == 907);
    CHECK(api.stats_start() == 0);
    talk(5);
    CHECK(api.stats_call("send", &row) == 0 && row.count == 912);
    /* A log beside it changes nothing. */
    socklens_log_options o = to_callback();
    o.trace = "close";
    CHECK(api.log_start(&o) == 0);
    talk(5);
    CHECK(api.log_stop() == 0 && seen.calls == 2 && seen.sends == 0);
    /* What callbacks call is counted. */
    CHECK(api.stats_call("send", &row) == 0 && row.count == 919);
}

static void garbage(void)
{
    socklens_log_options o = to_callback();
    socklens_call_stats row = { .size = sizeof row };
    socklens_conn conn = { .size = sizeof conn };
    socklens_event event = { .size = sizeof event, .handle = 0x1234567 };
    char error[256] = "", small[4];

    CHECK(api.log_start(NULL) == SOCKLENS_EINVAL && api.mark(NULL) == SOCKLENS_EINVAL);
    CHECK(api.stats_total(NULL) == SOCKLENS_EINVAL && api.stats_call(NULL, &row) == SOCKLENS_EINVAL);
    CHECK(api.stats_each(NULL, NULL) == SOCKLENS_EINVAL && api.conns(NULL, NULL) == SOCKLENS_EINVAL);
    CHECK(api.conn_info(0, NULL) == SOCKLENS_EINVAL && api.conn_name(0, NULL) == SOCKLENS_EINVAL);
    CHECK(api.event_format(&event, error, sizeof error) == SOCKLENS_EOFF);
    CHECK(api.stats_start() == 0);
    row.size = 4;
    conn.size = 0;
    CHECK(api.stats_total(&row) == SOCKLENS_EINVAL && api.conn_info(0, &conn) == SOCKLENS_EINVAL);
    CHECK(api.event_format(NULL, error, sizeof error) == SOCKLENS_EINVAL);
    CHECK(api.event_format(&event, NULL, 5) == SOCKLENS_EINVAL && api.event_format(&event, error, 0) == SOCKLENS_EINVAL);
    CHECK(api.event_format(&event, error, sizeof error) == SOCKLENS_ESTALE);
    conn.size = sizeof conn;
    for (int fd = -3; fd < 3; fd++)
        CHECK(api.conn_of_fd(fd) == SOCKLENS_ENOSOCKET && api.conn_info(fd, &conn) == SOCKLENS_ENOSOCKET);
    CHECK(api.conn_of_fd(INT_MAX) == SOCKLENS_ENOSOCKET && api.conn_of_fd(INT_MIN) == SOCKLENS_ENOSOCKET);

#define WRONG(field, value, code)            \
    do {                                     \
        socklens_log_options w = o;          \
        w.field = value;                     \
        CHECK(api.log_start(&w) == (code));  \
    } while (0)
    WRONG(size, 0, SOCKLENS_EINVAL);
    WRONG(size, sizeof o - 8, SOCKLENS_EINVAL);
    WRONG(sink, 0, SOCKLENS_EINVAL);
    WRONG(sink, 1000, SOCKLENS_EINVAL);
    WRONG(format, 3, SOCKLENS_EINVAL);
    WRONG(reserved, 1, SOCKLENS_EINVAL);
    WRONG(on_event, NULL, SOCKLENS_EINVAL);
    WRONG(sink, SOCKLENS_SINK_PATH, SOCKLENS_EINVAL);
    o.fd = 77;
    WRONG(sink, SOCKLENS_SINK_FD, SOCKLENS_ESINK);
    o.path = "/nonexistent/log";
    WRONG(sink, SOCKLENS_SINK_PATH, SOCKLENS_ESINK);
    o.error = error;
    o.error_size = sizeof error;
    WRONG(trace, "sned", SOCKLENS_ESYNTAX);
    CHECK(strstr(error, "sned") != NULL && strstr(error, "send") != NULL && strchr(error, '^') != NULL);
    WRONG(filter, "prot=80", SOCKLENS_ESYNTAX);
    CHECK(strstr(error, "prot") != NULL);
    WRONG(filter, "\xff\xfe", SOCKLENS_ESYNTAX);
    o.error = small;
    o.error_size = sizeof small;
    WRONG(trace, "sned", SOCKLENS_ESYNTAX);
    CHECK(strlen(small) < sizeof small);
    o.error_size = 0;
    WRONG(trace, "sned", SOCKLENS_ESYNTAX);
    CHECK(!api.active() && api.stats_stop() == 0);
    for (int code = -20; code < 5; code++)
        CHECK(api.strerror(code) != NULL && api.strerror(code)[0] != '\0');
    CHECK(strcmp(api.strerror(0), "success") == 0 && strcmp(api.strerror(SOCKLENS_ENOCALL), "no such call") == 0);
    CHECK(strcmp(api.strerror(-18), "unknown error") == 0 && strcmp(api.strerror(INT_MIN), "unknown error") == 0);
}

static int child_status(pid_t child)
{
    int status = -1;

    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void forked(void)
{
    socklens_log_options o = to_callback();
    socklens_call_stats row = { .size = sizeof row };
    pid_t child;

    /* The child of a process that records nothing is its own master. */
    fflush(stdout);
    if ((child = fork()) == 0) {
        CHECK(api.log_start(&o) == 0);
        talk(1);
        CHECK(api.log_stop() == 0 && seen.sends == 1);
        exit(7);
    }
    CHECK(child_status(child) == 7 && !api.active());

    CHECK(api.stats_start() == 0);
    talk(3);
    o.trace = "%net,send,recv,close";
    CHECK(api.log_start(&o) == 0);
    if ((child = fork()) == 0) {
        CHECK(api.active() && api.log_start(&o) == SOCKLENS_EFORKED && api.log_stop() == SOCKLENS_EFORKED);
        CHECK(api.stats_start() == SOCKLENS_EFORKED && api.stats_stop() == SOCKLENS_EFORKED);
        CHECK(api.stats_call("send", &row) == 0 && row.count == 0);
        talk(2);
        CHECK(seen.sends == 2 && api.stats_call("send", &row) == 0);
        /* Those of the callback count too: socketpair, two sends, three recvs, two closes told of. */
        CHECK(row.count == 2 + 8 && api.mark("of the child") == 0 && seen.marks == 1);
        exit(8);
    }
    CHECK(child_status(child) == 8 && seen.sends == 0);
    talk(1);
    CHECK(seen.sends == 1 && api.log_stop() == 0 && api.stats_call("send", &row) == 0 && row.count == 3 + 1 + 6);
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
    (void)number;
    CHECK(strcmp(api.version(), SOCKLENS_VERSION) == 0 && api.strerror(SOCKLENS_EBUSY) != NULL);
    CHECK(api.active() == 1 && api.mark("from a handler") == 0 && api.conn_of_fd(0) == SOCKLENS_ENOSOCKET);
    handled++;
}

static void signals(void)
{
    socklens_log_options o = to_callback();
    struct sigaction action = { .sa_handler = handler };

    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && api.log_start(&o) == 0);
    for (int i = 0; i < 50; i++) {
        CHECK(raise(SIGUSR1) == 0);
        talk(1);
    }
    CHECK(api.log_stop() == 0 && handled == 50 && seen.marks == 50 && seen.sends == 50);
}

static int one_of(int result, int other)
{
    return result == 0 || result == SOCKLENS_EBUSY || result == other;
}

/* What is not async-signal-safe. No handler should call it; one that does is neither kept waiting nor lied to. */
static void start_and_stop(int number)
{
    socklens_log_options o = to_callback();
    socklens_call_stats row = { .size = sizeof row };
    int before = errno;

    CHECK(one_of(api.log_start(&o), 0) && one_of(api.stats_start(), 0));
    CHECK(api.stats_total(&row) == 0);
    CHECK(one_of(api.log_stop(), SOCKLENS_EOFF) && one_of(api.stats_stop(), SOCKLENS_EOFF));
    CHECK(errno == before);
    handled += number != 0;
}

static void handlers(void)
{
    struct sigaction action = { .sa_handler = start_and_stop, .sa_flags = SA_RESTART };
    struct itimerval every = { { 0, 300 }, { 0, 300 } }, never = { { 0, 0 }, { 0, 0 } };

    start_and_stop(0);
    CHECK(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &every, NULL) == 0);
    for (int i = 0; handled < 100 && i < 1000000; i++)
        start_and_stop(0);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0 && handled >= 100);
    /* Whoever came last: afterwards it starts and stops as ever. */
    CHECK(one_of(api.log_stop(), SOCKLENS_EOFF) && !api.active());
    callback();
}

static void stop_inside(const socklens_event *event, void *user)
{
    socklens_log_options o = to_callback();
    int *calls = user;

    (void)event;
    ++*calls;
    CHECK(api.log_start(&o) == SOCKLENS_EBUSY && api.log_stop() == 0 && api.log_start(&o) == SOCKLENS_EBUSY);
}

static void fork_inside(const socklens_event *event, void *user)
{
    int *calls = user;
    pid_t child;

    (void)event;
    if (++*calls != 1)
        return;
    fflush(stdout);
    if ((child = fork()) == 0) {
        /* Still in a callback: told of to nobody. */
        talk(1);
        return;
    }
    CHECK(child_status(child) == 9);
}

static void inside(void)
{
    socklens_log_options o = to_callback();
    int calls = 0;
    pid_t self = getpid();

    o.user = &calls;
    o.on_event = stop_inside;
    CHECK(api.log_start(&o) == 0);
    talk(2);
    CHECK(calls == 1 && !api.active());
    calls = 0;
    o.on_event = fork_inside;
    o.trace = "socketpair";
    CHECK(api.log_start(&o) == 0);
    talk(1);
    talk(1);
    talk(1);
    /* The child came out of the same callback, and went on from there. */
    CHECK(calls == 3);
    if (getpid() != self)
        exit(9);
    CHECK(api.log_stop() == 0);
}

static volatile int running, quiet;

static void *talk_on(void *unused)
{
    while (running)
        talk(3);
    return unused;
}

static void not_when_quiet(const socklens_event *event, void *user)
{
    CHECK(!quiet && user == &seen && event->handle != 0);
}

/* Threads make calls while the log starts and stops: a stop that returned 0 leaves no callback running. */
static void races(void)
{
    socklens_log_options o = to_callback();
    socklens_call_stats row = { .size = sizeof row };
    pthread_t thread[4];

    running = 1;
    o.on_event = not_when_quiet;
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&thread[i], NULL, talk_on, NULL) == 0);
    CHECK(api.stats_start() == 0);
    for (int i = 0; i < 100; i++) {
        quiet = 0;
        CHECK(api.log_start(&o) == 0);
        CHECK(api.mark("now") == 0 && api.stats_total(&row) == 0);
        CHECK(api.log_stop() == 0);
        quiet = 1;
        sched_yield();
    }
    running = 0;
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    CHECK(api.stats_call("send", &row) == 0 && row.count > 0 && row.bytes_out == 5 * row.count);
}

/* What starting is answered with; nothing else changes. */
static void expect(int code)
{
    socklens_log_options o = to_callback();
    socklens_call_stats row = { .size = sizeof row };

    errno = 0;
    CHECK(api.log_start(&o) == code && api.stats_start() == (code == SOCKLENS_EBUSY ? 0 : code) && errno == 0);
    int64_t rule = api.fault_add("connect @off : refuse", NULL, 0);
    CHECK(code == SOCKLENS_ESESSION || code == SOCKLENS_EBUSY ? rule > 0 : rule == code);
    CHECK(code == SOCKLENS_EBUSY || api.stats_total(&row) == (code == SOCKLENS_ESESSION ? code : SOCKLENS_EOFF));
    talk(2);
    CHECK(seen.calls == 0);
}

int main(int argc, char **argv)
{
    void *library = RTLD_DEFAULT;

    CHECK(argc >= 3);
    const char *how = argv[1], *what = argv[2], *argument = argc > 3 ? argv[3] : "";
    if (strchr(how, '/') != NULL)
        CHECK((library = dlopen(how, RTLD_NOW | RTLD_LOCAL)) != NULL);
    load(library);
    if (strcmp(what, "callback") == 0)
        callback();
    else if (strcmp(what, "sinks") == 0)
        sinks(argument);
    else if (strcmp(what, "stats") == 0)
        stats();
    else if (strcmp(what, "garbage") == 0)
        garbage();
    else if (strcmp(what, "forked") == 0)
        forked();
    else if (strcmp(what, "signals") == 0)
        signals();
    else if (strcmp(what, "handlers") == 0)
        handlers();
    else if (strcmp(what, "inside") == 0)
        inside();
    else if (strcmp(what, "races") == 0)
        races();
    else if (strcmp(what, "named") == 0) {
        int pair[2];
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && api.conn_name(pair[0], "database") == 0);
        socklens_conn conn = { .size = sizeof conn };
        CHECK(api.conn_info(pair[0], &conn) == 0 && strcmp(conn.name, "database") == 0);
        CHECK(send(pair[0], "hello", 5, 0) == 5);
    } else if (strcmp(what, "expect") == 0) {
        expect(atoi(argument));
    } else if (strcmp(what, "closed") == 0) {
        CHECK(dlclose(library) == 0);
        CHECK(strcmp(api.version(), SOCKLENS_VERSION) == 0);
        expect(atoi(argument));
    } else {
        CHECK(!"a known test");
    }
    puts("ok");
    return 0;
}
