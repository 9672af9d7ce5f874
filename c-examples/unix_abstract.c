/*
 * unix_abstract - unix sockets whose names are not in the file system.
 *
 * An abstract name begins with a zero byte and may hold any bytes, zeros
 * included; its length alone says where it ends. It vanishes with its socket.
 * Binding only the family ("autobind") makes the kernel invent a name of five
 * hexadecimal digits.
 *
 * Shows: abstract names, autobind, name lengths.
 * See: unix(7)
 * Run: build/unix_abstract
 */
#include "example.h"

#include <ctype.h>

int main(void)
{
    const socklen_t path_at = offsetof(struct sockaddr_un, sun_path);
    struct sockaddr_un name = { .sun_family = AF_UNIX }, got;
    socklen_t length, name_length;
    char buffer[16];
    int listener, fd, peer, digits = 0;

    example_start();
    /* Our pid keeps two runs at the same time apart; it is not printed. */
    snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "example-%d\001\002", (int)getpid());
    name_length = path_at + 1 + (socklen_t)strlen(name.sun_path + 1) + 2; /* two zeros more */

    listener = MUST_INT(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(bind(listener, as_sockaddr(&name), name_length));
    MUST(listen(listener, 2));
    length = sizeof got;
    MUST(getsockname(listener, as_sockaddr(&got), &length));
    printf("same length: %s, same bytes: %s\n", length == name_length ? "yes" : "no",
           memcmp(&got, &name, length) == 0 ? "yes" : "no");

    fd = MUST_INT(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(connect(fd, as_sockaddr(&name), name_length - 1) == -1);
    printf("one zero less is another name: %s\n", errno_name(errno));
    MUST(bind(fd, as_sockaddr(&name), sizeof(sa_family_t))); /* autobind */
    MUST(connect(fd, as_sockaddr(&name), name_length));
    length = sizeof got;
    peer = MUST_INT(accept(listener, as_sockaddr(&got), &length));
    for (socklen_t i = path_at + 1; i < length; i++)
        digits += isxdigit((unsigned char)got.sun_path[i - path_at]) != 0;
    printf("the client's name: %u bytes, a zero and %d digits\n", length - path_at, digits);

    send_all(fd, "hello", 5);
    CHECK(recv_all(peer, buffer, 5));
    printf("received \"%.5s\"\n", buffer);

    /* A buffer too short for the name: it is cut, its real length is told. */
    length = path_at + 3;
    memset(&got, 'Z', sizeof got);
    MUST(getpeername(fd, as_sockaddr(&got), &length));
    printf("cut to 3: really %s, the fourth byte is still '%c'\n", length == name_length ? "as long" : "shorter",
           got.sun_path[3]);
    MUST(close(peer));
    MUST(close(fd));
    MUST(close(listener));

    fd = MUST_INT(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(connect(fd, as_sockaddr(&name), name_length) == -1);
    printf("after close the name is gone: %s\n", errno_name(errno));
    MUST(close(fd));
    return 0;
}
