/* Sockets to look at while it runs: one with unread bytes, one that a thread waits on, one that talks when told to.
 * Says "ready" and, for each byte on stdin, makes 50 round trips and says "done"; ends when stdin does. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static struct sockaddr_in addr;

static void must(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

/* Two ends of one connection: who connected, who accepted. */
static void pair(int ends[2]) {
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    must(ends[0] >= 0, "socket");
    must(connect(ends[0], (struct sockaddr *)&addr, sizeof addr) == 0, "connect");
    ends[1] = accept(listener, NULL, NULL);
    must(ends[1] >= 0, "accept");
}

static void *waits(void *fd) {
    char c;
    must(recv(*(int *)fd, &c, 1, 0) == 0, "recv");
    return NULL;
}

int main(void) {
    socklen_t len = sizeof addr;
    int unread[2], waited[2], talk[2];
    char buf[1000] = {0};
    pthread_t thread;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(listener, (struct sockaddr *)&addr, sizeof addr) == 0, "bind");
    must(listen(listener, 7) == 0, "listen");
    must(getsockname(listener, (struct sockaddr *)&addr, &len) == 0, "getsockname");
    pair(unread);
    pair(waited);
    pair(talk);
    must(send(unread[0], buf, sizeof buf, 0) == sizeof buf, "send");
    must(pthread_create(&thread, NULL, waits, &waited[1]) == 0, "pthread_create");
    puts("ready");
    fflush(stdout);
    while (read(0, buf, 1) == 1) {
        for (int i = 0; i < 50; i++) {
            must(send(talk[0], buf, 100, 0) == 100, "send");
            must(recv(talk[1], buf, 100, MSG_WAITALL) == 100, "recv");
        }
        puts("done");
        fflush(stdout);
    }
    close(waited[0]);
    pthread_join(thread, NULL);
    return 0;
}
