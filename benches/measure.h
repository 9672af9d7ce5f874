/* What the driver and micro.c share: the clock, medians, and where to run. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_BLOCKS 4096

static char buffer[65536];

static void die(const char *what)
{
    fprintf(stderr, "driver: %s: %s\n", what, strerror(errno));
    exit(1);
}

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static int smaller(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, n, sizeof *v, smaller);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Nanoseconds of one turn of a loop that keeps a core's execution units busy and touches no memory. It takes twice as long
   while somebody else is at work on the core's other thread. */
static double gauge(void)
{
    enum { TURNS = 10000 };
    unsigned long a = 1, b = 2, c = 3, d = 4;
    double t = now();
    for (int i = 0; i < TURNS; i++) {
        a += b;
        b ^= c + i;
        c += d;
        d ^= a;
        a = a << 1 | 1;
        c = (c >> 1) + i;
        __asm__ volatile("" : : "r"(a), "r"(b), "r"(c), "r"(d));
    }
    return (now() - t) / TURNS;
}

/* Whether nobody shares the core just now: the gauge shows no more than BENCH_GAUGE allows, if it is set. */
static int is_quiet(void)
{
    static double most = -1;
    if (most < 0)
        most = getenv("BENCH_GAUGE") ? atof(getenv("BENCH_GAUGE")) : 0;
    return most == 0 || gauge() <= most;
}

/* What several blocks took: those that nobody disturbed, and all. A block that was disturbed is made again, up to some times:
   fewer where each of them waits first. */
enum { AGAIN = 32, AGAIN_AFTER_A_PAUSE = 6 };
struct blocks { double kept[MAX_BLOCKS], all[MAX_BLOCKS]; int count, tried, most, quiet; };

static int more_blocks(struct blocks *b, int wanted)
{
    b->most = wanted;
    if (b->count >= wanted || b->tried >= (getenv("BENCH_PAUSE") ? AGAIN_AFTER_A_PAUSE : AGAIN) * wanted)
        return 0;
    b->quiet = is_quiet();
    return 1;
}

static void keep_block(struct blocks *b, double v, int quiet)
{
    b->all[b->tried++ % b->most] = v;
    if (quiet)
        b->kept[b->count++] = v;
}

static void add_block(struct blocks *b, double v)
{
    keep_block(b, v, b->quiet && is_quiet());
}

/* The median, of all blocks when too few were undisturbed. */
static double middle(struct blocks *b)
{
    int enough = b->count * 8 >= b->most;
    return enough ? median(b->kept, b->count) : median(b->all, b->most);
}

/* What they come to, how many were undisturbed, and of how many. */
static void result(struct blocks *b) { printf("%.3f %d %d\n", middle(b), b->count, b->tried); }

static void pin(void)
{
    const char *cpu = getenv("BENCH_CPU");
    if (!cpu)
        return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(atoi(cpu), &set);
    sched_setaffinity(0, sizeof set, &set);
}

static void pause_before_block(void)
{
    static int ms = -1;
    if (ms < 0)
        ms = getenv("BENCH_PAUSE") ? atoi(getenv("BENCH_PAUSE")) : 0;
    if (ms > 0)
        nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

static inline int blocks_of(double (*one)(int *, long), int *sv, char **arg)
{
    int blocks = atoi(arg[2]);
    long n = atol(arg[1]);
    static struct blocks v;
    if (blocks > MAX_BLOCKS)
        return 2;
    one(sv, n);
    pause_before_block();
    while (more_blocks(&v, blocks)) {
        add_block(&v, one(sv, n));
        pause_before_block();
    }
    result(&v);
    return 0;
}

/* A measurement by name, with so many arguments. */
struct one { const char *name; int args; int (*run)(char **); };

static int run_one(const struct one *all, size_t n, int argc, char **argv, const char *file)
{
    pin();
    for (size_t i = 0; i < n; i++)
        if (argc > 1 && strcmp(argv[1], all[i].name) == 0 && argc - 2 == all[i].args)
            return all[i].run(argv + 2);
    fprintf(stderr, "driver: see the comment at the top of %s\n", file);
    return 2;
}

#endif
