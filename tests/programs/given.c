// What calls were given that failed, or that were given little: requests, locks, options without a value, control messages with large
// numbers.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/nfc.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void request(int fd, unsigned long request, const char *name) {
    struct ifreq r;
    memset(&r, 0, sizeof r);
    strcpy(r.ifr_name, name);
    ioctl(fd, request, &r);
}

static void control(int fd, int level, int type, const void *data, size_t len) {
    _Alignas(8) char control[CMSG_SPACE(64)] = {0};
    struct cmsghdr *h = (struct cmsghdr *)control;
    struct iovec io = {"hi", 2};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(len)};
    h->cmsg_len = CMSG_LEN(len);
    h->cmsg_level = level;
    h->cmsg_type = type;
    memcpy(CMSG_DATA(h), data, len);
    sendmsg(fd, &m, MSG_DONTWAIT);
}

int main(void) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    // Requests about interfaces that there are and that there are not.
    static const unsigned long requests[] = {SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFMTU, SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFMAP};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        request(fd, requests[i], "lo");
        request(fd, requests[i], "none_such");
    }
    struct ifreq by_index = {.ifr_ifindex = 0x7fffffff};
    ioctl(fd, SIOCGIFNAME, &by_index);
    struct ifreq list[64];
    struct ifconf all = {.ifc_len = sizeof list, .ifc_req = list};
    ioctl(fd, SIOCGIFCONF, &all);
    all.ifc_len = sizeof list[0];
    ioctl(fd, SIOCGIFCONF, &all);
    all.ifc_len = 1;
    ioctl(fd, SIOCGIFCONF, &all);
    all.ifc_req = NULL;
    ioctl(fd, SIOCGIFCONF, &all);
    int owner = 0x3fffffff;
    ioctl(fd, SIOCSPGRP, &owner);
    ioctl(fd, FIOSETOWN, &owner);
    ioctl(fd, SIOCGIFFLAGS, (void *)8);

    // Locks and owners that there cannot be.
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = 3, .l_len = -1};
    fcntl(fd, F_SETLKW, &lock);
    lock.l_whence = 77;
    fcntl(fd, F_SETLK, &lock);
    lock.l_whence = SEEK_SET;
    lock.l_pid = 5;
    fcntl(fd, F_OFD_SETLK, &lock);
    struct f_owner_ex of = {.type = 9, .pid = 3};
    fcntl(fd, F_SETOWN_EX, &of);
    fcntl(fd, F_SETFL, 0x400000 | O_NONBLOCK);

    // Options without a value, and numbers that no level has.
    static const int empty[][2] = {
        {SOL_SOCKET, SO_REUSEADDR}, {SOL_SOCKET, SO_LINGER},           {SOL_SOCKET, SO_ATTACH_FILTER},
        {SOL_SOCKET, SO_RCVTIMEO},  {SOL_SOCKET, 74},                  {SOL_IP, IP_ADD_MEMBERSHIP},
        {SOL_IP, IP_TTL},           {SOL_IPV6, IPV6_ADD_MEMBERSHIP},   {SOL_TCP, TCP_NODELAY},
        {SOL_RAW, 1},               {SOL_PACKET, 1},                   {SOL_NETLINK, 3},
    };
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) setsockopt(fd, empty[i][0], empty[i][1], &owner, 0);
    setsockopt(fd, 99, -1, &owner, sizeof owner);
    setsockopt(fd, SOL_ATM, -5, &owner, sizeof owner);
    getsockopt(fd, 99, -1, &owner, &(socklen_t){sizeof owner});
    setsockopt(fd, SOL_SOCKET, 74, &owner, sizeof owner);

    // Control messages.
    int pair[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    static const int64_t times[] = {-1, -2, 3, 4, 5, -6};
    control(pair[0], SOL_SOCKET, SO_TIMESTAMP, times, 16);
    control(pair[0], SOL_SOCKET, SO_TIMESTAMPNS, times, 16);
    control(pair[0], SOL_SOCKET, SO_TIMESTAMPING, times, 48);
    static const int numbers[] = {-1, 64};
    control(fd, SOL_IP, IP_TTL, numbers, 4);
    control(fd, SOL_IP, IP_TTL, numbers, 8);
    control(fd, SOL_IP, IP_CHECKSUM, numbers, 4);
    control(pair[0], SOL_TCP, 0, numbers, 4);
    control(pair[0], 99, 0, numbers, 4);

    struct sockaddr_nfc nfc = {.sa_family = AF_NFC, .dev_idx = 1, .target_idx = 3, .nfc_protocol = NFC_PROTO_MIFARE};
    connect(fd, (struct sockaddr *)&nfc, sizeof nfc);
    struct sockaddr_nfc_llcp llcp = {.sa_family = AF_NFC, .dsap = 0, .ssap = 1};
    connect(fd, (struct sockaddr *)&llcp, sizeof llcp);
    return 0;
}
