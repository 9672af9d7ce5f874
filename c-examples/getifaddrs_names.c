/*
 * getifaddrs_names - network devices by the C library's calls.
 *
 * What other devices a machine has differs; the loopback device is always there
 * and the only one printed. The library uses a netlink socket for getifaddrs
 * and if_nameindex, and an ioctl for the conversions; none is left open.
 *
 * Shows: getifaddrs, if_nametoindex, if_indextoname, if_nameindex.
 * See: getifaddrs(3), if_nametoindex(3), if_nameindex(3)
 * Run: build/getifaddrs_names
 */
#include "example.h"

#include <ifaddrs.h>
#include <net/if.h>

int main(void)
{
    struct ifaddrs *list;
    struct if_nameindex *names;
    char name[IF_NAMESIZE];
    unsigned index;
    bool found = false;
    int before, after;

    example_start();
    before = MUST_INT(dup(0));
    MUST(close(before));

    MUST(getifaddrs(&list));
    for (const struct ifaddrs *one = list; one != NULL; one = one->ifa_next) {
        char address[NI_MAXHOST], mask[NI_MAXHOST];

        if (strcmp(one->ifa_name, "lo") != 0 || one->ifa_addr == NULL || one->ifa_addr->sa_family != AF_INET)
            continue;
        CHECK(getnameinfo(one->ifa_addr, sizeof(struct sockaddr_in), address, sizeof address, NULL, 0, NI_NUMERICHOST) == 0);
        CHECK(getnameinfo(one->ifa_netmask, sizeof(struct sockaddr_in), mask, sizeof mask, NULL, 0, NI_NUMERICHOST) == 0);
        printf("lo: %s, netmask %s%s%s\n", address, mask, one->ifa_flags & IFF_UP ? ", IFF_UP" : "",
               one->ifa_flags & IFF_LOOPBACK ? ", IFF_LOOPBACK" : "");
    }
    freeifaddrs(list);

    index = if_nametoindex("lo");
    CHECK(index > 0);
    CHECK(if_indextoname(index, name) == name);
    printf("the index of lo names %s\n", name);
    CHECK(if_nametoindex("no-such-dev") == 0);
    printf("an unknown name: %s\n", errno_name(errno));
    CHECK(if_indextoname(0x7fffffff, name) == NULL);
    printf("an unknown index: %s\n", errno_name(errno));

    names = if_nameindex();
    CHECK(names != NULL);
    for (const struct if_nameindex *one = names; one->if_index != 0; one++)
        found = found || (one->if_index == index && strcmp(one->if_name, "lo") == 0);
    if_freenameindex(names);
    printf("if_nameindex lists it: %s\n", found ? "yes" : "no");

    after = MUST_INT(dup(0));
    MUST(close(after));
    printf("descriptors left open: %d\n", after - before);
    return 0;
}
