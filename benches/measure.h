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

static void result(double *v, int n)
{
    double m = median(v, n);
    printf("%.3f %.3f\n", m, v[0]);
}

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
    double v[MAX_BLOCKS];
    if (blocks > MAX_BLOCKS)
        return 2;
    one(sv, n);
    for (int b = 0; b < blocks; b++) {
        pause_before_block();
        v[b] = one(sv, n);
    }
    result(v, blocks);
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
