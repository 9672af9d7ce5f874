/* Closes a socket so that no preloaded library can see it, and has its number again: as another socket, and as a file. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void close_unseen(int fd)
{
    long result;

    __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_close), "D"(fd) : "rcx", "r11", "memory");
    if (result != 0)
        _exit(3);
}

int main(void)
{
    char path[] = "/tmp/unseen-closes-XXXXXX", found[16];
    int pair[2], again[2], third[2], file;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || send(pair[0], "1", 1, 0) != 1)
        return 1;
    close_unseen(pair[0]);
    close_unseen(pair[1]);
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, again) != 0 || again[0] != pair[0] || send(again[0], "2", 1, 0) != 1)
        return 1;
    close_unseen(again[0]);
    close_unseen(again[1]);
    snprintf(path, sizeof path, "/tmp/unseen-%d", (int)getpid());
    file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    unlink(path);
    if (file != pair[0] || write(file, "in the file", 11) != 11 || pread(file, found, sizeof found, 0) != 11)
        return 1;
    close_unseen(file);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, third) != 0 || third[0] != pair[0] || send(third[0], "3", 1, 0) != 1)
        return 1;
    printf("the file holds \"%.11s\"\n", found);
    return 0;
}
