/*
 * resolver - names to addresses and back, and how looking them up fails.
 *
 * Only names from /etc/hosts and numbers: nothing here asks a DNS server.
 * Behind these calls the C library opens sockets and files of its own, which a
 * program never sees; afterwards no descriptor of theirs is left.
 *
 * Shows: getaddrinfo and its hints, getnameinfo, the older gethostbyname
 * family, getservbyname, gai_strerror, h_errno.
 * See: getaddrinfo(3), getnameinfo(3), gethostbyname(3), getservent(3), hosts(5)
 * Run: build/resolver
 */
#include "example.h"

static const char *family_name(int family)
{
    return family == AF_INET ? "AF_INET" : family == AF_INET6 ? "AF_INET6" : "AF_?";
}

static void look_up(const char *host, const char *service, int family, int type, int flags)
{
    const struct addrinfo hints = { .ai_flags = flags, .ai_family = family, .ai_socktype = type };
    struct addrinfo *list = NULL;
    int error = getaddrinfo(host, service, &hints, &list);

    printf("getaddrinfo %.20s %s:", host != NULL ? host : "(null)", service != NULL ? service : "(null)");
    if (error != 0) {
        printf(" %s\n", gai_strerror(error));
        return;
    }
    if (list->ai_canonname != NULL)
        printf(" (%s)", list->ai_canonname);
    for (const struct addrinfo *one = list; one != NULL; one = one->ai_next) {
        char name[NI_MAXHOST], port[NI_MAXSERV];

        error = getnameinfo(one->ai_addr, one->ai_addrlen, name, sizeof name, port, sizeof port,
                            NI_NUMERICHOST | NI_NUMERICSERV);
        if (error != 0)
            die("getnameinfo: %s", gai_strerror(error));
        printf(" %s %s port %s%s%s", family_name(one->ai_family), name, port,
               one->ai_socktype == SOCK_STREAM ? " stream" : one->ai_socktype == SOCK_DGRAM ? " dgram" : "",
               one->ai_next != NULL ? "," : "");
    }
    printf("\n");
    freeaddrinfo(list);
}

static void print_host(const char *call, const struct hostent *host)
{
    char text[INET6_ADDRSTRLEN];

    if (host == NULL) {
        printf("%s: %s\n", call, hstrerror(h_errno));
        return;
    }
    printf("%s: %s, %s, %d bytes each:", call, host->h_name, family_name(host->h_addrtype), host->h_length);
    for (char **address = host->h_addr_list; *address != NULL; address++)
        printf(" %s", inet_ntop(host->h_addrtype, *address, text, sizeof text));
    printf("\n");
}

static void old_calls(void)
{
    struct in_addr number = { .s_addr = htonl(INADDR_LOOPBACK) };
    struct hostent space, *host = NULL;
    char buffer[2048];
    int herr = 0, error;

    print_host("gethostbyname localhost", gethostbyname("localhost"));
    print_host("gethostbyname 127.1", gethostbyname("127.1"));
    print_host("gethostbyname ::1", gethostbyname("::1")); /* an IPv6 number, but IPv4 is asked */
    print_host("gethostbyname2 ::1", gethostbyname2("::1", AF_INET6));
    print_host("gethostbyaddr 127.0.0.1", gethostbyaddr(&number, sizeof number, AF_INET));

    error = gethostbyname_r("localhost", &space, buffer, sizeof buffer, &host, &herr);
    printf("gethostbyname_r gives %d, %s\n", error, host == &space ? "the space given to it" : "nothing");
    print_host("gethostbyname_r localhost", host);
    error = gethostbyname_r("localhost", &space, buffer, 8, &host, &herr);
    printf("gethostbyname_r with a small buffer: %s, %s\n", errno_name(error), host == NULL ? "nothing" : "a host");
    error = gethostbyaddr_r(&number, sizeof number, AF_INET, &space, buffer, sizeof buffer, &host, &herr);
    printf("gethostbyaddr_r gives %d: %s\n", error, host != NULL ? host->h_name : "nothing");
}

static void names(void)
{
    struct sockaddr_in address = loopback(7);
    struct sockaddr nonsense = { .sa_family = 999 };
    char host[NI_MAXHOST], service[NI_MAXSERV], tiny[3];
    int error;

    error = getnameinfo(as_sockaddr(&address), sizeof address, host, sizeof host, NULL, 0, 0);
    printf("getnameinfo: %s\n", error == 0 ? host : gai_strerror(error));
    error = getnameinfo(as_sockaddr(&address), sizeof address, tiny, sizeof tiny, NULL, 0, NI_NUMERICHOST);
    printf("getnameinfo, small buffer: %s\n", gai_strerror(error));
    error = getnameinfo(as_sockaddr(&address), 3, host, sizeof host, NULL, 0, 0);
    printf("getnameinfo, short address: %s\n", gai_strerror(error));
    error = getnameinfo(&nonsense, sizeof nonsense, host, sizeof host, NULL, 0, 0);
    printf("getnameinfo, unknown family: %s\n", gai_strerror(error));
    error = getnameinfo(as_sockaddr(&address), sizeof address, NULL, 0, NULL, 0, 0);
    printf("getnameinfo, nothing wanted: %s\n", gai_strerror(error));
    error = getnameinfo(as_sockaddr(&address), sizeof address, NULL, 0, service, sizeof service, NI_NUMERICSERV);
    printf("getnameinfo, service: %s\n", error == 0 ? service : gai_strerror(error));
    printf("getservbyname no-such-service: %s\n", getservbyname("no-such-service", "tcp") == NULL ? "none" : "one");
}

static void *many(void *argument UNUSED)
{
    for (int i = 0; i < 20; i++) {
        const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
        struct addrinfo *list;

        CHECK(getaddrinfo("localhost", "80", &hints, &list) == 0);
        CHECK(((struct sockaddr_in *)(void *)list->ai_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
        freeaddrinfo(list);
    }
    return NULL;
}

int main(void)
{
    char overlong[400];
    pthread_t threads[4];
    int before, after;

    example_start();
    before = MUST_INT(dup(0));
    MUST(close(before));

    look_up("localhost", "80", AF_INET, SOCK_STREAM, 0);
    look_up("localhost", NULL, AF_INET, SOCK_DGRAM, AI_CANONNAME);
    look_up("localhost", "80", AF_UNSPEC, SOCK_STREAM, AI_ADDRCONFIG);
    look_up("127.0.0.1", "7", AF_UNSPEC, 0, AI_NUMERICHOST | AI_NUMERICSERV);
    look_up("0x7f.1", "7", AF_INET, SOCK_STREAM, AI_NUMERICHOST);
    look_up("::1", "443", AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
    look_up("127.0.0.1", "443", AF_INET6, SOCK_STREAM, AI_NUMERICHOST | AI_V4MAPPED);
    look_up(NULL, "80", AF_INET, SOCK_STREAM, 0);
    look_up(NULL, "80", AF_INET, SOCK_STREAM, AI_PASSIVE);

    printf("and these fail:\n");
    look_up(NULL, NULL, AF_INET, SOCK_STREAM, 0);
    look_up("not-a-number", "80", AF_INET, SOCK_STREAM, AI_NUMERICHOST);
    look_up("127.0.0.1", "80", AF_INET6, SOCK_STREAM, AI_NUMERICHOST);
    look_up("127.0.0.1", "not-a-number", AF_INET, SOCK_STREAM, AI_NUMERICSERV);
    look_up("127.0.0.1", "no-such-service", AF_INET, SOCK_STREAM, 0);
    look_up("127.0.0.1", "80", 999, SOCK_STREAM, 0);
    look_up("127.0.0.1", "80", AF_INET, 999, 0);
    look_up("127.0.0.1", "80", AF_INET, SOCK_STREAM, 0x7fff0000);
    look_up(NULL, "80", AF_INET, SOCK_STREAM, AI_CANONNAME);
    memset(overlong, 'a', sizeof overlong - 1);
    overlong[sizeof overlong - 1] = '\0';
    look_up(overlong, "80", AF_INET, SOCK_STREAM, AI_NUMERICHOST);

    printf("the older calls:\n");
    old_calls();
    names();

    for (int i = 0; i < 4; i++)
        MUST_0(pthread_create(&threads[i], NULL, many, NULL));
    for (int i = 0; i < 4; i++)
        MUST_0(pthread_join(threads[i], NULL));
    printf("80 lookups in four threads\n");

    after = MUST_INT(dup(0));
    MUST(close(after));
    printf("descriptors left open: %d\n", after - before);
    return 0;
}
