/*
 * ioctl_fcntl - asking and changing things about a socket's descriptor.
 *
 * Shows: FIONREAD, SIOCOUTQ, FIONBIO, FIOCLEX, SIOCGIFCONF, SIOCGIFFLAGS and
 * other SIOCGIF requests on lo; F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD,
 * F_DUPFD_CLOEXEC, F_SETOWN_EX, F_SETSIG; dup, dup2, dup3; fstat of a socket.
 * See: ioctl(2), fcntl(2), dup(2), netdevice(7), tcp(7), udp(7), unix(7)
 * Run: build/ioctl_fcntl
 */
#include "example.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static int bytes_ready(int fd)
{
    int n = -1;

    MUST(ioctl(fd, FIONREAD, &n));
    return n;
}

static void queues(void)
{
    struct sockaddr_in address;
    char buffer[64];
    int pair[2], receiver, sender, unsent = -1;

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    printf("FIONREAD of an empty socket: %d\n", bytes_ready(pair[1]));
    CHECK(send(pair[0], "abcde", 5, 0) == 5 && send(pair[0], "fgh", 3, 0) == 3);
    printf("FIONREAD of a stream: %d\n", bytes_ready(pair[1]));
    MUST(ioctl(pair[0], SIOCOUTQ, &unsent));
    printf("SIOCOUTQ, unread by the peer: %s\n", unsent > 0 ? "some" : "none");
    CHECK(recv(pair[1], buffer, sizeof buffer, 0) == 8);
    MUST(ioctl(pair[0], SIOCOUTQ, &unsent));
    printf("SIOCOUTQ, all read: %d\n", unsent);
    MUST(close(pair[0]));
    MUST(close(pair[1]));

    receiver = bind_loopback(SOCK_DGRAM, &address);
    sender = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    CHECK(sendto(sender, "abcde", 5, 0, as_sockaddr(&address), sizeof address) == 5);
    CHECK(sendto(sender, "fgh", 3, 0, as_sockaddr(&address), sizeof address) == 3);
    wait_readable(receiver);
    printf("FIONREAD of UDP, the first datagram only: %d\n", bytes_ready(receiver));
    MUST(close(receiver));
    MUST(close(sender));

    receiver = listen_loopback(1, &address);
    CHECK(ioctl(receiver, FIONREAD, &unsent) == -1);
    printf("FIONREAD of a listening socket: %s\n", errno_name(errno));
    MUST(close(receiver));
    CHECK(ioctl(receiver, FIONREAD, &unsent) == -1);
    printf("FIONREAD of a closed one: %s\n", errno_name(errno));
}

static void print_flags(const char *when, int fd)
{
    int flags = MUST_INT(fcntl(fd, F_GETFL));
    int fd_flags = MUST_INT(fcntl(fd, F_GETFD));

    printf("%s:%s%s%s%s\n", when, (flags & O_ACCMODE) == O_RDWR ? " O_RDWR" : "", flags & O_NONBLOCK ? " O_NONBLOCK" : "",
           flags & O_ASYNC ? " O_ASYNC" : "", fd_flags & FD_CLOEXEC ? " FD_CLOEXEC" : "");
}

static void flags(void)
{
    struct f_owner_ex owner = { .type = F_OWNER_PID, .pid = getpid() };
    int fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0)), on = 1, off = 0;

    print_flags("a new socket", fd);
    MUST(fcntl(fd, F_SETFL, O_NONBLOCK));
    print_flags("F_SETFL O_NONBLOCK", fd);
    MUST(ioctl(fd, FIONBIO, &off));
    print_flags("FIONBIO off", fd);
    MUST(ioctl(fd, FIONBIO, &on));
    print_flags("FIONBIO on", fd);
    MUST(fcntl(fd, F_SETFD, FD_CLOEXEC));
    print_flags("F_SETFD FD_CLOEXEC", fd);
    MUST(ioctl(fd, FIONCLEX));
    print_flags("FIONCLEX", fd);
    MUST(ioctl(fd, FIOCLEX));
    print_flags("FIOCLEX", fd);
    MUST(fcntl(fd, F_SETOWN_EX, &owner));
    memset(&owner, 0, sizeof owner);
    MUST(fcntl(fd, F_GETOWN_EX, &owner));
    printf("F_GETOWN_EX: our pid: %s\n", owner.type == F_OWNER_PID && owner.pid == getpid() ? "yes" : "no");
    MUST(fcntl(fd, F_SETSIG, SIGUSR2));
    printf("F_GETSIG: SIGUSR2: %s\n", fcntl(fd, F_GETSIG) == SIGUSR2 ? "yes" : "no");
    CHECK(fcntl(fd, F_GETPIPE_SZ) == -1);
    printf("F_GETPIPE_SZ: %s\n", errno_name(errno));
    CHECK(fcntl(fd, 12345, 0) == -1);
    printf("an unknown command: %s\n", errno_name(errno));
    MUST(close(fd));
    fd = MUST_INT(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    print_flags("SOCK_NONBLOCK | SOCK_CLOEXEC", fd);
    MUST(close(fd));
}

/* Duplicates share the socket and its status flags, not FD_CLOEXEC. */
static void duplicates(void)
{
    int pair[2], copies[5];
    char byte;

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    copies[0] = MUST_INT(dup(pair[1]));
    copies[1] = MUST_INT(dup2(pair[1], 50));
    copies[2] = MUST_INT(dup3(pair[1], 51, O_CLOEXEC));
    copies[3] = MUST_INT(fcntl(pair[1], F_DUPFD, 50));
    copies[4] = MUST_INT(fcntl(pair[1], F_DUPFD_CLOEXEC, 60));
    printf("the pair is %d and %d; dup %d, dup2 %d, dup3 %d, F_DUPFD %d, F_DUPFD_CLOEXEC %d\n", pair[0], pair[1],
           copies[0], copies[1], copies[2], copies[3], copies[4]);
    printf("dup2 on itself: %d\n", dup2(pair[1], pair[1]));
    CHECK(dup3(pair[1], pair[1], 0) == -1);
    printf("dup3 on itself: %s\n", errno_name(errno));
    MUST(fcntl(copies[0], F_SETFL, O_NONBLOCK));
    print_flags("the original, after its copy was made nonblocking", pair[1]);
    print_flags("the copy by dup3", copies[2]);
    MUST(close(pair[1]));
    for (int i = 0; i < 5; i++) {
        CHECK(send(pair[0], &"vwxyz"[i], 1, 0) == 1);
        CHECK(recv(copies[i], &byte, 1, 0) == 1);
        printf("through copy %d: '%c'\n", i, byte);
    }
    /* dup2 over an open socket closes that one first. */
    MUST(dup2(pair[0], copies[0]));
    for (int i = 1; i < 5; i++)
        MUST(close(copies[i]));
    CHECK(read(copies[0], &byte, 1) == 0);
    printf("all copies closed: end of file\n");
    MUST(close(copies[0]));
    MUST(close(pair[0]));
}

static void devices(void)
{
    struct ifreq request, list[64];
    struct ifconf conf = { .ifc_len = sizeof list, .ifc_req = list };
    int fd = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    bool found = false;
    struct sockaddr_in address;
    char text[INET_ADDRSTRLEN];

    MUST(ioctl(fd, SIOCGIFCONF, &conf));
    for (int i = 0; i < conf.ifc_len / (int)sizeof *list; i++)
        found = found || strcmp(list[i].ifr_name, "lo") == 0;
    printf("SIOCGIFCONF lists lo: %s\n", found ? "yes" : "no");

    memset(&request, 0, sizeof request);
    strcpy(request.ifr_name, "lo");
    MUST(ioctl(fd, SIOCGIFFLAGS, &request));
    printf("SIOCGIFFLAGS:%s%s%s\n", request.ifr_flags & IFF_UP ? " IFF_UP" : "",
           request.ifr_flags & IFF_LOOPBACK ? " IFF_LOOPBACK" : "", request.ifr_flags & IFF_BROADCAST ? " IFF_BROADCAST" : "");
    MUST(ioctl(fd, SIOCGIFADDR, &request));
    memcpy(&address, &request.ifr_addr, sizeof address);
    printf("SIOCGIFADDR: %s\n", inet_ntop(AF_INET, &address.sin_addr, text, sizeof text));
    MUST(ioctl(fd, SIOCGIFINDEX, &request));
    printf("SIOCGIFINDEX: the same as if_nametoindex: %s\n",
           (unsigned)request.ifr_ifindex == if_nametoindex("lo") ? "yes" : "no");
    strcpy(request.ifr_name, "no-such-dev");
    CHECK(ioctl(fd, SIOCGIFFLAGS, &request) == -1);
    printf("SIOCGIFFLAGS of an unknown one: %s\n", errno_name(errno));
    MUST(close(fd));
}

static void status(void)
{
    int fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));
    struct stat info;

    MUST(fstat(fd, &info));
    printf("fstat: %s;", S_ISSOCK(info.st_mode) ? "a socket" : "something else");
    CHECK(isatty(fd) == 0);
    printf(" isatty: %s;", errno_name(errno));
    CHECK(lseek(fd, 0, SEEK_CUR) == -1);
    printf(" lseek: %s;", errno_name(errno));
    CHECK(fsync(fd) == -1);
    printf(" fsync: %s;", errno_name(errno));
    CHECK(ftruncate(fd, 0) == -1);
    printf(" ftruncate: %s\n", errno_name(errno));
    MUST(close(fd));
}

int main(void)
{
    example_start();
    queues();
    flags();
    duplicates();
    devices();
    status();
    return 0;
}
