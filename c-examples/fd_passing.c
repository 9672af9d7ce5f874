/*
 * fd_passing - open files and credentials sent through a unix socket.
 *
 * SCM_RIGHTS makes the kernel install a copy of each descriptor in the
 * receiver, at the lowest free numbers; SCM_CREDENTIALS carries pid, uid and
 * gid, checked by the kernel. A receiver whose control buffer is too small gets
 * fewer of them and MSG_CTRUNC, the others are closed.
 *
 * Shows: sendmsg, recvmsg, the CMSG_ macros, MSG_CMSG_CLOEXEC, SO_PASSCRED.
 * See: unix(7), cmsg(3), sendmsg(2)
 * Run: build/fd_passing
 */
#include "example.h"

/* Send one byte and the descriptors; with or without our credentials. */
static void send_fds(int socket, const int *fds, int count, bool credentials)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(4 * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))] = { 0 };
    char byte = (char)('0' + count);
    struct iovec part = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control };
    size_t rights = (size_t)count * sizeof(int);
    struct cmsghdr *cmsg;

    CHECK(count <= 4);
    message.msg_controllen = CMSG_SPACE(rights) + (credentials ? CMSG_SPACE(sizeof(struct ucred)) : 0);
    cmsg = CMSG_FIRSTHDR(&message);
    cmsg->cmsg_level = SOL_SOCKET;
    cmsg->cmsg_type = SCM_RIGHTS;
    cmsg->cmsg_len = CMSG_LEN(rights);
    memcpy(CMSG_DATA(cmsg), fds, rights);
    if (credentials) {
        const struct ucred own = { .pid = getpid(), .uid = getuid(), .gid = getgid() };

        cmsg = CMSG_NXTHDR(&message, cmsg);
        CHECK(cmsg != NULL);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_CREDENTIALS;
        cmsg->cmsg_len = CMSG_LEN(sizeof own);
        memcpy(CMSG_DATA(cmsg), &own, sizeof own);
    }
    CHECK(MUST(sendmsg(socket, &message, MSG_NOSIGNAL)) == 1);
}

/* Receive one message, print its control data; the descriptors go to fds. */
static int receive_fds(int socket, int *fds, size_t room, pid_t sender, int flags)
{
    _Alignas(struct cmsghdr) char control[256];
    char byte;
    struct iovec part = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room };
    int count = 0;

    CHECK(room <= sizeof control);
    CHECK(MUST(recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC)) == 1);
    printf("  byte '%c'%s\n", byte, message.msg_flags & MSG_CTRUNC ? ", MSG_CTRUNC" : "");
    for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message); cmsg != NULL; cmsg = CMSG_NXTHDR(&message, cmsg)) {
        CHECK(cmsg->cmsg_level == SOL_SOCKET);
        if (cmsg->cmsg_type == SCM_RIGHTS) {
            int here = (int)((cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int));

            memcpy(fds + count, CMSG_DATA(cmsg), (size_t)here * sizeof(int));
            printf("  SCM_RIGHTS with %d descriptors:", here);
            for (int i = 0; i < here; i++)
                printf(" %d%s", fds[count + i], fcntl(fds[count + i], F_GETFD) & FD_CLOEXEC ? " (cloexec)" : "");
            printf("\n");
            count += here;
        } else if (cmsg->cmsg_type == SCM_CREDENTIALS) {
            struct ucred who;

            memcpy(&who, CMSG_DATA(cmsg), sizeof who);
            printf("  SCM_CREDENTIALS: pid %s, uid %s\n", who.pid == sender ? "right" : "wrong",
                   who.uid == getuid() ? "right" : "wrong");
        }
    }
    return count;
}

/* The child's part: open things, give them away, leave. */
__attribute__((noreturn))
static void give_away(int socket)
{
    int ends[2], pair[2], fds[4];

    MUST(pipe(ends));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    fds[0] = ends[0];
    fds[1] = pair[0];
    send_fds(socket, fds, 2, false);
    send_fds(socket, fds, 1, true);
    fds[2] = ends[1];
    fds[3] = pair[1];
    send_fds(socket, fds, 4, false); /* the receiver has room for two */
    /* Written before we leave, read by the parent through its copies. */
    CHECK(write(ends[1], "pipe", 4) == 4);
    CHECK(write(pair[1], "pair", 4) == 4);
    exit(0);
}

int main(void)
{
    const int on = 1;
    int pair[2], first[4], second[4], third[4], nested[2], got;
    char buffer[8];
    pid_t child;

    example_start();
    MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    printf("the pair is %d and %d\n", pair[0], pair[1]);
    child = MUST_INT(fork());
    if (child == 0) {
        MUST(close(pair[0]));
        give_away(pair[1]);
    }
    printf("two descriptors:\n");
    CHECK(receive_fds(pair[0], first, 256, child, 0) == 2);
    printf("one descriptor and credentials:\n");
    MUST(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    CHECK(receive_fds(pair[0], second, 256, child, 0) == 1);
    MUST(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &(int){ 0 }, sizeof(int)));
    printf("four descriptors, room for two:\n");
    got = receive_fds(pair[0], third, CMSG_SPACE(2 * sizeof(int)), child, 0);
    wait_success(child);

    CHECK(read(first[0], buffer, sizeof buffer) == 4);
    printf("read from the pipe: %.4s\n", buffer);
    CHECK(recv(first[1], buffer, sizeof buffer, 0) == 4);
    printf("read from the pair: %.4s\n", buffer);
    for (int i = 0; i < got; i++)
        MUST(close(third[i]));
    MUST(close(second[0]));
    MUST(close(first[0]));
    MUST(close(first[1]));

    /* A socket sent through itself, and never received: the kernel clears up. */
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, nested));
    send_fds(nested[0], nested, 2, false);
    MUST(close(nested[0]));
    MUST(close(nested[1]));

    send_fds(pair[1], (const int[]){ STDOUT_FILENO }, 1, false);
    printf("peeked at, a descriptor is installed too:\n");
    CHECK(receive_fds(pair[0], second, 256, child, MSG_PEEK) == 1);
    MUST(close(second[0]));
    CHECK(receive_fds(pair[0], first, 256, child, 0) == 1);
    CHECK(write(first[0], "written through a received copy of stdout\n", 42) == 42);
    MUST(close(first[0]));
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    return 0;
}
