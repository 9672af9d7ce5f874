/* Gives up all system calls but a few, then talks: `confined SCENE FILE`, where FILE holds a ClientHello */
#include "faults.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define PLACE __attribute__((noinline, noipa))

static char hello[4096];
static size_t len;
static int sock, other;

/* Whoever makes another call dies. The futex is libsocklens.so's, which may have to wait for memory. */
static void confine(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_sendto),
		ALLOW(SYS_recvfrom),
		ALLOW(SYS_readv),
		ALLOW(SYS_writev),
		ALLOW(SYS_write),
		ALLOW(SYS_futex),
		ALLOW(SYS_exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = filter };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(77);
}

static void must(int fine)
{
	if (!fine)
		_exit(1);
}

PLACE void inner(const char *what, size_t n)
{
	static char b[4096];
	must(send(sock, what, n, 0) == (ssize_t)n);
	must(recv(other, b, n, MSG_PEEK | MSG_WAITALL) == (ssize_t)n);
	must(recv(other, b, n, MSG_WAITALL) == (ssize_t)n);
}

PLACE void vectors(void)
{
	static char b[3];
	struct iovec v = { "abc", 3 }, w = { b, 3 };
	must(writev(other, &v, 1) == 3);
	must(readv(sock, &w, 1) == 3);
	/* An error, whose buffer nobody may look at. */
	must(send(sock, (void *)8, 1, 0) == -1 && errno == EFAULT);
}

static void done(void)
{
	must(write(1, "talked\n", 7) == 7);
	_exit(0);
}

/* The name is in the first bytes after the filter. */
static void talk(void)
{
	confine();
	inner(hello, len);
	inner("more", 4);
	vectors();
	done();
}

/* The engine knows the place and the name from before. */
static void late(void)
{
	inner(hello, len);
	vectors();
	confine();
	inner("more", 4);
	vectors();
	done();
}

/* A part of the name before the filter, the rest after it. */
static void pieces(void)
{
	inner(hello, 100);
	confine();
	inner(hello + 100, len - 100);
	inner("more", 4);
	vectors();
	done();
}

/* No filter of its own. */
static void unconfined(void)
{
	inner(hello, len);
	inner("more", 4);
	vectors();
	done();
}

static char **own;

/* The same as a program that begins under a filter, as in a container: it kills for reading memory as another process's. */
static void exec_filtered(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = filter };
	/* Unseen: this process does not know of the filter, which is as if the session had begun under it. */
	if (raw(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0) ||
	    raw(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&program, 0, 0, 0))
		_exit(77);
	own[1] = "open";
	raw(SYS_execve, (long)own[0], (long)own, (long)environ, 0, 0, 0);
	_exit(1);
}

int main(int argc, char **argv)
{
	static const struct scene all[] = {
		{ "talk", talk }, { "late", late }, { "pieces", pieces }, { "open", unconfined },
		{ "exec", exec_filtered },
	};
	if (argc < 3)
		return 2;
	int f = open(argv[2], O_RDONLY);
	ssize_t n = f < 0 ? -1 : read(f, hello, sizeof hello);
	if (n <= 0)
		return 2;
	len = n;
	own = argv;
	close(f);
	sock = connected(&other);
	return chosen(all, sizeof all / sizeof *all, 2, argv);
}
