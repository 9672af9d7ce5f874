/*
 * exit_raw - leaving without saying goodbye.
 *
 * Not every program ends by returning from main: here are the other ways, each
 * in a child of its own that has used a socket just before, and how the parent
 * sees it. Nothing that wants to run at the end (atexit handlers, destructors)
 * does so in most of them.
 *
 * Shows: _exit, _Exit, quick_exit, the exit_group system call, signals, abort,
 * exit while another thread waits in recv, main ending before its threads.
 * See: _exit(2), exit_group(2), quick_exit(3), abort(3), wait(2)
 * Run: build/exit_raw
 */
#include "example.h"

#include <sys/resource.h>
#include <sys/syscall.h>

static int pair[2];

static void say(const char *text)
{
    CHECK(write(STDOUT_FILENO, text, strlen(text)) == (ssize_t)strlen(text));
}

static void *wait_for_ever(void *argument UNUSED)
{
    char byte;

    recv(pair[1], &byte, 1, 0); /* nothing comes */
    return NULL;
}

static void start_waiting(void)
{
    pthread_t thread;

    MUST_0(pthread_create(&thread, NULL, wait_for_ever, NULL));
    sleep_ms(10); /* most likely it waits by now; it matters little */
}

static void by__exit(void)
{
    _exit(3);
}

static void by__Exit(void)
{
    _Exit(4);
}

static void on_quick_exit(void)
{
    pair_exchange();
    say("  (its at_quick_exit handler ran)\n");
}

static void by_quick_exit(void)
{
    at_quick_exit(on_quick_exit);
    quick_exit(5);
}

static void by_syscall(void)
{
    syscall(SYS_exit_group, 6);
}

/* Not even through the C library. */
static void by_instruction(void)
{
#if defined(__x86_64__)
    __asm__ volatile("syscall" : : "a"(SYS_exit_group), "D"(7) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long number __asm__("x8") = SYS_exit_group;
    register long status __asm__("x0") = 7;

    __asm__ volatile("svc 0" : : "r"(number), "r"(status) : "memory");
#else
    syscall(SYS_exit_group, 7);
#endif
}

static void by_sigkill(void)
{
    start_waiting();
    kill(getpid(), SIGKILL);
}

static void by_sigterm(void)
{
    raise(SIGTERM);
}

static void by_abort(void)
{
    abort();
}

static void by_segfault(void)
{
    raise(SIGSEGV);
}

static void on_exit_call(void)
{
    pair_exchange();
    say("  (its atexit handler ran)\n");
}

static void by_exit_with_thread(void)
{
    start_waiting();
    atexit(on_exit_call);
    exit(8);
}

static void *outlive_main(void *argument UNUSED)
{
    sleep_ms(20);
    pair_exchange();
    say("  (its last thread ended)\n");
    return NULL;
}

static void by_pthread_exit(void)
{
    pthread_t thread;

    MUST_0(pthread_create(&thread, NULL, outlive_main, NULL));
    pthread_exit(NULL); /* the process ends with its last thread, with status 0 */
}

static void by_exec(void)
{
    execl("/bin/sh", "sh", "-c", "exit 9", (char *)NULL);
}

int main(void)
{
    static const struct {
        const char *name;
        void (*leave)(void);
    } ways[] = {
        { "_exit", by__exit },
        { "_Exit", by__Exit },
        { "quick_exit", by_quick_exit },
        { "syscall(SYS_exit_group)", by_syscall },
        { "the exit_group instruction", by_instruction },
        { "SIGKILL while a thread waits in recv", by_sigkill },
        { "SIGTERM", by_sigterm },
        { "abort", by_abort },
        { "SIGSEGV", by_segfault },
        { "exit while a thread waits in recv", by_exit_with_thread },
        { "pthread_exit from main", by_pthread_exit },
        { "exec", by_exec },
    };
    const struct rlimit no_core = { 0, 0 };

    example_start();
    MUST(setrlimit(RLIMIT_CORE, &no_core));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        pid_t child;
        int status;
        char byte = 0;

        printf("%s:\n", ways[i].name);
        child = MUST_INT(fork());
        if (child == 0) {
            pair_exchange();
            CHECK(send(pair[1], "!", 1, 0) == 1); /* the last thing before the end */
            ways[i].leave();
            exit(99); /* not reached */
        }
        status = wait_status(child);
        CHECK(recv(pair[0], &byte, 1, MSG_DONTWAIT) == 1 && byte == '!');
        if (WIFSIGNALED(status))
            printf("  killed by %s\n", strsignal(WTERMSIG(status)));
        else
            printf("  ended with status %d\n", WEXITSTATUS(status));
    }
    return 0;
}
