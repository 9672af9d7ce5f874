/*
 * udp_mmsg - many datagrams in one call.
 *
 * sendmmsg and recvmmsg take an array of messages and tell for each how many
 * bytes it had (msg_len). recvmmsg may give fewer than asked for; here it is
 * called until all have come, with MSG_WAITFORONE: wait for the first only.
 *
 * Shows: sendmmsg, recvmmsg, scatter/gather, IP_PKTINFO as control data.
 * See: sendmmsg(2), recvmmsg(2), ip(7)
 * Run: build/udp_mmsg
 */
#include "example.h"

enum { COUNT = 16, BODY = 64 };

int main(void)
{
    struct sockaddr_in server, client;
    struct mmsghdr out[COUNT], in[COUNT];
    struct iovec out_parts[COUNT][2], in_parts[COUNT][2];
    char heads[COUNT][16], bodies[COUNT][BODY], head_in[COUNT][7], body_in[COUNT][BODY];
    struct sockaddr_in from[COUNT];
    _Alignas(struct cmsghdr) char control[COUNT][CMSG_SPACE(sizeof(struct in_pktinfo))];
    const int on = 1;
    int fd, peer, got = 0, sent = 0;

    example_start();
    peer = bind_loopback(SOCK_DGRAM, &server);
    fd = bind_loopback(SOCK_DGRAM, &client);
    MUST(setsockopt(peer, IPPROTO_IP, IP_PKTINFO, &on, sizeof on));

    memset(out, 0, sizeof out);
    memset(in, 0, sizeof in);
    for (int i = 0; i < COUNT; i++) {
        size_t size = (size_t)(i * 5 % BODY);

        snprintf(heads[i], sizeof heads[i], "nr %03d:", i);
        memset(bodies[i], 'a' + i, BODY);
        out_parts[i][0] = (struct iovec){ .iov_base = heads[i], .iov_len = 7 };
        out_parts[i][1] = (struct iovec){ .iov_base = bodies[i], .iov_len = size };
        out[i].msg_hdr.msg_name = &server;
        out[i].msg_hdr.msg_namelen = sizeof server;
        out[i].msg_hdr.msg_iov = out_parts[i];
        out[i].msg_hdr.msg_iovlen = 2;
        in_parts[i][0] = (struct iovec){ .iov_base = head_in[i], .iov_len = sizeof head_in[i] };
        in_parts[i][1] = (struct iovec){ .iov_base = body_in[i], .iov_len = BODY };
        in[i].msg_hdr.msg_name = &from[i];
        in[i].msg_hdr.msg_namelen = sizeof from[i];
        in[i].msg_hdr.msg_iov = in_parts[i];
        in[i].msg_hdr.msg_iovlen = 2;
        in[i].msg_hdr.msg_control = control[i];
        in[i].msg_hdr.msg_controllen = sizeof control[i];
    }
    while (sent < COUNT)
        sent += MUST_INT(sendmmsg(fd, out + sent, (unsigned)(COUNT - sent), 0));
    while (got < COUNT) {
        int n = MUST_INT(recvmmsg(peer, in + got, (unsigned)(COUNT - got), MSG_WAITFORONE, NULL));

        CHECK(n > 0);
        got += n;
    }
    for (int i = 0; i < COUNT; i++) {
        struct cmsghdr *cmsg = CMSG_FIRSTHDR(&in[i].msg_hdr);
        struct in_pktinfo info;
        size_t size = in[i].msg_len - 7;

        CHECK(in[i].msg_len == out[i].msg_len);
        CHECK(from[i].sin_port == client.sin_port);
        CHECK(memcmp(heads[i], head_in[i], 7) == 0 && memcmp(bodies[i], body_in[i], size) == 0);
        CHECK(cmsg != NULL && cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO);
        memcpy(&info, CMSG_DATA(cmsg), sizeof info);
        printf("%.7s %2zu bytes more, sent to %s\n", head_in[i], size, inet_ntoa(info.ipi_addr));
    }

    /* With a time limit of zero and nothing there, it does not wait. */
    CHECK(recvmmsg(peer, in, COUNT, MSG_DONTWAIT, NULL) == -1);
    printf("nothing left: %s\n", errno_name(errno));

    /* An error after the first message: the messages before it count. */
    out[2].msg_hdr.msg_namelen = 3;
    sent = sendmmsg(fd, out, 4, 0);
    printf("third of four has a bad address: sendmmsg gives %d\n", sent);
    CHECK(sendmmsg(fd, out + 2, 2, 0) == -1);
    printf("first of two has one: %s\n", errno_name(errno));
    MUST(close(fd));
    MUST(close(peer));
    return 0;
}
