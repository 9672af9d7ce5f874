/*
 * Unix sockets and their other ends: pairs, copies of their descriptors, and ends that outlive each other; with an argument, a client
 * and a server that stay connected until a file of that name is there, beside which their own address lies.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void pairs(void)
{
    static const int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

    for (unsigned i = 0; i < 3; i++) {
        int sv[2], copy, status;
        char c;

        socketpair(AF_UNIX, kinds[i] | SOCK_CLOEXEC, 0, sv);
        send(sv[0], "x", 1, 0);
        recv(sv[1], &c, 1, 0);
        copy = dup(sv[1]);
        getpeername(sv[0], NULL, NULL);
        pid_t child = fork();
        if (child == 0) {
            send(copy, "y", 1, 0);
            _exit(0);
        }
        waitpid(child, &status, 0);
        recv(sv[0], &c, 1, 0);
        close(sv[0]);
        recv(copy, &c, 1, MSG_DONTWAIT);
        close(sv[1]);
        close(copy);
    }
}

static void connected(const char *until)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), accepted;
    char c;

    snprintf(a.sun_path, sizeof a.sun_path, "%s.sock", until);
    bind(server, (void *)&a, sizeof a);
    listen(server, 1);
    connect(client, (void *)&a, sizeof a);
    accepted = accept(server, NULL, NULL);
    send(client, "q", 1, 0);
    recv(accepted, &c, 1, 0);
    for (int i = 0; i < 6000 && access(until, F_OK) != 0; i++)
        usleep(10000);
    unlink(a.sun_path);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        connected(argv[1]);
    else
        pairs();
    return 0;
}
