/*
 * raw_packet - below TCP and UDP: Ethernet frames and ICMP on the loopback device.
 *
 * Needs CAP_NET_RAW. Without it the program says so and ends with status 0.
 *
 * Shows: AF_PACKET with SOCK_RAW and SOCK_DGRAM, sockaddr_ll, a raw ICMP
 * socket which pings 127.0.0.1 and sees its own request and the answer.
 * See: packet(7), raw(7), icmp(7), capabilities(7)
 * Run: sudo build/raw_packet
 */
#include "example.h"

#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netpacket/packet.h>

enum { PROTOCOL = 0x88b5 }; /* for local experiments, by IEEE 802 */

static uint16_t checksum(const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

/* Receive our frame; others may use the same protocol number, hence the text. */
static void receive_frame(const char *what, int fd, size_t header, const char *text)
{
    for (;;) {
        unsigned char buffer[256];
        struct sockaddr_ll from;
        socklen_t length = sizeof from;
        ssize_t n;

        wait_readable(fd);
        memset(&from, 0, sizeof from);
        n = MUST(recvfrom(fd, buffer, sizeof buffer, 0, as_sockaddr(&from), &length));
        if ((size_t)n < header + strlen(text) || memcmp(buffer + header, text, strlen(text)) != 0 ||
            from.sll_pkttype == PACKET_OUTGOING)
            continue;
        printf("%s: \"%s\", protocol 0x%04x, the device is lo: %s, for this host: %s\n", what, text,
               ntohs(from.sll_protocol), (unsigned)from.sll_ifindex == if_nametoindex("lo") ? "yes" : "no",
               from.sll_pkttype == PACKET_HOST ? "yes" : "no");
        return;
    }
}

static void frames(int raw)
{
    struct sockaddr_ll lo = { .sll_family = AF_PACKET, .sll_protocol = htons(PROTOCOL) };
    struct ether_header header;
    unsigned char frame[64];
    char text[40];
    int cooked;

    lo.sll_ifindex = (int)if_nametoindex("lo");
    CHECK(lo.sll_ifindex > 0);
    MUST(bind(raw, as_sockaddr(&lo), sizeof lo));
    cooked = MUST_INT(socket(AF_PACKET, SOCK_DGRAM, htons(PROTOCOL)));
    MUST(bind(cooked, as_sockaddr(&lo), sizeof lo));

    memset(&header, 0, sizeof header);
    header.ether_type = htons(PROTOCOL);
    memset(frame, 0, sizeof frame);
    memcpy(frame, &header, sizeof header);
    snprintf(text, sizeof text, "hello, device");
    memcpy(frame + sizeof header, text, strlen(text));
    CHECK(sendto(raw, frame, sizeof frame, 0, as_sockaddr(&lo), sizeof lo) == (ssize_t)sizeof frame);
    receive_frame("raw", raw, sizeof header, text);
    receive_frame("without the header", cooked, 0, text);
    MUST(close(cooked));
    MUST(close(raw));
}

static void ping(int fd)
{
    struct sockaddr_in address = loopback(0);
    struct icmphdr request = { .type = ICMP_ECHO, .code = 0 };
    bool asked = false, answered = false;

    request.un.echo.id = htons((uint16_t)getpid());
    request.un.echo.sequence = htons(1);
    request.checksum = checksum(&request, sizeof request);
    CHECK(sendto(fd, &request, sizeof request, 0, as_sockaddr(&address), sizeof address) == (ssize_t)sizeof request);
    while (!answered) {
        _Alignas(struct iphdr) unsigned char packet[1500];
        struct iphdr ip;
        struct icmphdr icmp;
        ssize_t n;

        wait_readable(fd);
        n = MUST(recv(fd, packet, sizeof packet, 0));
        memcpy(&ip, packet, sizeof ip);
        if ((size_t)n < (size_t)ip.ihl * 4 + sizeof icmp)
            continue;
        memcpy(&icmp, packet + (size_t)ip.ihl * 4, sizeof icmp);
        if (icmp.un.echo.id != request.un.echo.id) /* somebody else's ping */
            continue;
        asked = asked || icmp.type == ICMP_ECHO;
        answered = icmp.type == ICMP_ECHOREPLY;
    }
    printf("ping: the request was seen: %s, the answer: %s\n", asked ? "yes" : "no", answered ? "yes" : "no");
    MUST(close(fd));
}

int main(void)
{
    int packet, icmp;

    example_start();
    packet = socket(AF_PACKET, SOCK_RAW, htons(PROTOCOL));
    icmp = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (packet == -1 || icmp == -1) {
        if (errno != EPERM && errno != EACCES && errno != EAFNOSUPPORT)
            die("socket: %s", strerror(errno));
        printf("skipped: needs CAP_NET_RAW\n");
        return 0;
    }
    frames(packet);
    ping(icmp);
    return 0;
}
