/* Fault rules by the C API: capi_faults HOW WHAT [ARGUMENT], as capi.c.
 * Prints "ok" at its end, or what was not as it should be. */
#include "capi.h"

#include <arpa/inet.h>
#include <poll.h>
#include <time.h>

static char why[512];

static int64_t add(const char *rules)
{
    int64_t handle = api.fault_add(rules, why, sizeof why);

    if (handle <= 0)
        printf("%s: %s\n%s\n", rules, api.strerror((int)handle), why);
    CHECK(handle > 0);
    return handle;
}

/* errno of the next send of 5 bytes, 0 when it was done. */
static int sending(void)
{
    int pair[2], e = 0;

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    if (send(pair[0], "hello", 5, 0) != 5)
        e = errno;
    close(pair[0]);
    close(pair[1]);
    return e;
}

static void rules(void)
{
    /* Under the command there is a place for rules from the beginning. */
    int none = api.active() ? 0 : SOCKLENS_EOFF;

    errno = 77;
    CHECK(api.fault_fired(0) == none && api.fault_clear() == none && api.faults(NULL, NULL) == SOCKLENS_EINVAL);
    CHECK(api.fault_remove(5) == (none ? none : SOCKLENS_ENORULE) && api.fault_resume(0) == none);
    int64_t reset = add("send : error ENOBUFS!");
    CHECK(errno == 77);
    CHECK(sending() == ENOBUFS && api.fault_fired(reset) == 1);
    CHECK(api.fault_pause(reset) == 0 && sending() == 0 && api.fault_resume(reset) == 0 && sending() == ENOBUFS);
    CHECK(api.fault_pause(0) == 0 && sending() == 0 && api.fault_resume(0) == 0 && sending() == ENOBUFS);
    /* Of two with the same effect the later wins. */
    int64_t pipe = add("mine = send : error ENOMEM!; recv @n=1 : short 1");
    CHECK(pipe > reset && sending() == ENOMEM && api.fault_fired(pipe) == 1 && api.fault_fired(reset) == 3);
    CHECK(api.fault_fired(0) == 4);
    /* A wrong one adds nothing, and says where and what. */
    CHECK(api.fault_add("recv : short 1\nsend : lgo", why, sizeof why) == SOCKLENS_ESYNTAX);
    CHECK(strstr(why, "lgo") != NULL && strstr(why, "`log`") != NULL && strchr(why, '^') != NULL);
    CHECK(api.fault_add("mine = recv : log", why, sizeof why) == SOCKLENS_ESYNTAX && api.fault_add("", NULL, 0) == SOCKLENS_ESYNTAX);
    CHECK(api.fault_add("send : lgo", why, 8) == SOCKLENS_ESYNTAX && strlen(why) == 7);
    /* Who is referred to stays. */
    int64_t after = add("close @after=mine : log");
    CHECK(api.fault_remove(pipe) == SOCKLENS_EINUSE && api.fault_remove(after) == 0 && api.fault_remove(pipe) == 0);
    CHECK(api.fault_remove(pipe) == SOCKLENS_ENORULE && api.fault_fired(pipe) == SOCKLENS_ENORULE);
    CHECK(sending() == ENOBUFS && api.fault_fired(reset) == 4);
    CHECK(api.fault_clear() == 0 && api.fault_clear() == 0 && sending() == 0);
    CHECK(api.fault_fired(reset) == SOCKLENS_ENORULE && api.fault_fired(0) == 0);
    /* Again, counted from the beginning, as often as one likes. */
    for (int i = 0; i < 300; i++) {
        int64_t first = add("send @n=1..2 @scope=process : error ENOMEM!");
        CHECK(sending() == ENOMEM && sending() == ENOMEM && sending() == 0 && api.fault_fired(first) == 2);
        CHECK(api.fault_remove(first) == 0);
    }
}

static int look(const socklens_fault *f, void *user)
{
    int *seen = user;

    CHECK(f->size == sizeof *f && f->number == (uint32_t)++*seen && f->handle > 0);
    if (f->number == 1)
        CHECK(strcmp(f->name, "mine") == 0 && strncmp(f->rule, "mine = send @n=2 @", 18) == 0 && f->matched == 3
              && f->fired == 1 && f->skipped == 0 && f->why[0] == '\0' && !f->paused && !f->scoped);
    if (f->number == 2)
        CHECK(f->scoped && f->paused && f->name[0] == '\0' && strcmp(f->rule, "recv : short 1") == 0);
    if (f->number == 3)
        CHECK(f->matched == 3 && f->fired == 0 && f->skipped == 3 && f->why[0] != '\0');
    return *seen == 3 ? 31 : 0;
}

static void list(void)
{
    int seen = 0;

    add("mine = send @n=2 @scope=process : error ENOMEM!");
    int64_t scope = api.fault_scope("recv : short 1", why, sizeof why);
    CHECK(scope > 0 && api.fault_pause(scope) == 0);
    /* Nothing is interrupted where no handler is. */
    add("poll : eintr");
    for (int i = 0; i < 3; i++)
        CHECK(sending() == (i == 1 ? ENOMEM : 0) && poll(NULL, 0, 1) == 0);
    CHECK(api.faults(look, &seen) == 31 && seen == 3);
}

static pthread_barrier_t meet;

static void *in_scope(void *number)
{
    char rule[64];
    int mine = *(int *)number;

    for (int round = 0; round < 50; round++) {
        snprintf(rule, sizeof rule, "send @n=%d : error %s!", 1 + round % 3, mine % 2 ? "ENOMEM" : "ENOBUFS");
        int64_t scope = api.fault_scope(rule, NULL, 0);
        CHECK(scope > 0);
        if (round == 0)
            pthread_barrier_wait(&meet);
        int pair[2];
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
        for (int i = 0; i < 4; i++) {
            int want = i == round % 3 ? mine % 2 ? ENOMEM : ENOBUFS : 0;
            CHECK((send(pair[0], "x", 1, 0) == 1 ? 0 : errno) == want);
        }
        close(pair[0]);
        close(pair[1]);
        CHECK(api.fault_fired(scope) == 1 && api.fault_remove(scope) == 0);
    }
    return NULL;
}

static void *outside(void *unused)
{
    (void)unused;
    pthread_barrier_wait(&meet);
    for (int i = 0; i < 200; i++)
        CHECK(sending() == 0);
    return NULL;
}

static void scopes(void)
{
    enum { THREADS = 8 };
    pthread_t thread[THREADS + 1];
    int number[THREADS];

    CHECK(pthread_barrier_init(&meet, NULL, THREADS + 1) == 0);
    for (int i = 0; i < THREADS; i++) {
        number[i] = i;
        CHECK(pthread_create(&thread[i], NULL, in_scope, &number[i]) == 0);
    }
    CHECK(pthread_create(&thread[THREADS], NULL, outside, NULL) == 0);
    for (int i = 0; i <= THREADS; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    CHECK(sending() == 0 && api.fault_fired(0) == 0);
    /* A forked child is another thread. */
    int64_t scope = api.fault_scope("send : error ENOMEM!", NULL, 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(sending() == 0 && api.fault_fired(scope) == 0 ? 7 : 1);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7 && sending() == ENOMEM);
}

static void forked(void)
{
    int64_t handle = add("send : error ENOMEM!");
    int status;

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        /* The rules are the parent's, and it may change them. */
        CHECK(sending() == ENOMEM && api.fault_fired(handle) == 1);
        int64_t own = add("shutdown : log");
        CHECK(own > handle && api.fault_remove(handle) == 0 && sending() == 0);
        exit(7);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK(sending() == 0 && api.fault_fired(handle) == SOCKLENS_ENORULE && api.fault_fired(handle + 1) == 0);
}

static int64_t asked;
static volatile int sum, busy;

static void handler(int number)
{
    (void)number;
    sum += (int)api.fault_fired(asked);
    /* Not to be called here; what comes of it is defined all the same. */
    int r = (int)api.fault_pause(asked);
    CHECK(r == 0 || r == SOCKLENS_EBUSY);
    busy += r == SOCKLENS_EBUSY;
    if (r == 0)
        CHECK(api.fault_resume(asked) == 0);
}

static void signals(void)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
    struct itimerspec every = { .it_interval.tv_nsec = 300000, .it_value.tv_nsec = 300000 };
    timer_t timer;

    asked = add("send : error ENOMEM!");
    CHECK(sigaction(SIGALRM, &action, NULL) == 0 && raise(SIGALRM) == 0 && sum == 0);
    CHECK(sending() == ENOMEM && raise(SIGALRM) == 0 && sum == 1);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 && timer_settime(timer, 0, &every, NULL) == 0);
    for (int i = 0; i < 300; i++) {
        int64_t other = add("recv : short 1");
        CHECK(api.fault_remove(other) == 0);
    }
    CHECK(timer_delete(timer) == 0 && sending() == ENOMEM);
}

static void garbage(void)
{
    static char huge[200000];
    int64_t scope;

    CHECK(api.fault_add(NULL, why, sizeof why) == SOCKLENS_EINVAL && api.fault_scope(NULL, NULL, 0) == SOCKLENS_EINVAL);
    CHECK(api.fault_remove(0) == SOCKLENS_EINVAL && api.fault_remove(-3) == SOCKLENS_EINVAL && api.fault_pause(-1) == SOCKLENS_EINVAL);
    add("send @off : log");
    CHECK(api.fault_remove(INT64_MAX) == SOCKLENS_ENORULE && api.fault_remove(1 + (INT64_C(1) << 32)) == SOCKLENS_ENORULE);
    CHECK(api.fault_fired(99) == SOCKLENS_ENORULE && api.fault_fired(INT64_MIN) == SOCKLENS_EINVAL && api.fault_resume(99) == SOCKLENS_ENORULE);
    CHECK(api.fault_add("\xff\xfe : log", why, sizeof why) == SOCKLENS_ESYNTAX && strstr(why, "UTF-8") != NULL);
    memset(huge, 'x', sizeof huge - 1);
    CHECK(api.fault_add(huge, why, sizeof why) == SOCKLENS_ESYNTAX && strlen(why) < sizeof why);
    /* Full, and everything that was there is there still. */
    int n = 1;
    while ((scope = api.fault_scope("send : log", why, sizeof why)) > 0)
        n++;
    CHECK(scope == SOCKLENS_ENOMEM && n == 64 && api.fault_fired(0) == 0 && sending() == 0 && api.fault_fired(0) > 0);
    for (int code = -17; code <= -16; code++)
        CHECK(strcmp(api.strerror(code), "unknown error") != 0);
}

/* Which of 64 sends fail. */
static uint64_t pattern(uint64_t seed)
{
    uint64_t bits = 0;

    CHECK(api.fault_seed(seed) == 0);
    int64_t handle = add("send @p=50% @scope=process : error ENOMEM!");
    for (int i = 0; i < 64; i++)
        bits = bits << 1 | (uint64_t)(sending() != 0);
    CHECK(api.fault_remove(handle) == 0);
    return bits;
}

static void seeds(void)
{
    uint64_t first = pattern(42);

    CHECK(first != 0 && first != UINT64_MAX && pattern(42) == first && pattern(43) != first && pattern(42) == first);
    printf("%016llx\n", (unsigned long long)first);
}

/* The time that rules speak of is the clock's, from the first. */
static void times(void)
{
    struct timespec from, to;
    int64_t handle = add("send : delay 50ms");

    for (int i = 0; i < 2; i++) {
        clock_gettime(CLOCK_MONOTONIC, &from);
        CHECK(sending() == 0);
        clock_gettime(CLOCK_MONOTONIC, &to);
        CHECK((to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec >= 49000000L);
    }
    CHECK(api.fault_fired(handle) == 2);
}

static int count(const socklens_fault *f, void *user)
{
    ++*(int *)user;
    return strcmp(f->rule, "late = shutdown : log") == 0;
}

/* The command changes rules too: the test does so between the two lines. */
static void command(void)
{
    int64_t mine = add("mine = send : error ENOMEM!"), scope = api.fault_scope("recv : short 1", why, sizeof why);
    int seen = 0;

    CHECK(scope > mine && sending() == ENOMEM);
    puts("ready");
    fflush(stdout);
    CHECK(getchar() != EOF);
    CHECK(sending() == 0 && api.fault_fired(mine) == SOCKLENS_ENORULE && api.fault_fired(scope) == 0);
    CHECK(api.faults(count, &seen) == 1 && seen == 2);
}

/* With rules of the environment, which are counted from the start. */
static void environment(void)
{
    CHECK(sending() == ENOMEM && sending() == 0 && api.fault_fired(0) == 1);
    add("send : error ENOBUFS!");
    CHECK(sending() == ENOBUFS && api.fault_fired(0) == 2);
}

/* What adding is answered with; nothing else changes. */
static void expect(int code)
{
    errno = 0;
    CHECK(api.fault_add("send : error ENOMEM!", why, sizeof why) == code && api.fault_scope("send : log", NULL, 0) == code);
    CHECK(api.fault_seed(1) == code && api.fault_clear() == SOCKLENS_EOFF && api.fault_fired(0) == SOCKLENS_EOFF && errno == 0);
    CHECK(sending() == 0);
}

int main(int argc, char **argv)
{
    static const struct { const char *name; void (*run)(void); } tests[] = {
        { "rules", rules }, { "list", list }, { "scopes", scopes }, { "forked", forked }, { "signals", signals },
        { "garbage", garbage }, { "seeds", seeds }, { "times", times },
        { "command", command }, { "environment", environment },
    };
    void *library = RTLD_DEFAULT;

    CHECK(argc >= 3 && signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    if (strchr(argv[1], '/') != NULL)
        CHECK((library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)) != NULL);
    load(library);
    if (strcmp(argv[2], "expect") == 0)
        expect(atoi(argv[3]));
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strcmp(argv[2], tests[i].name) == 0)
            tests[i].run();
    puts("ok");
    return 0;
}
