/* A plugin that sees libc first hands the program its sockets. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    void *plugin = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_DEEPBIND) : NULL, *symbol;
    int (*make)(int[2]), pair[2];
    char c = '?';

    if (plugin == NULL || (symbol = dlsym(plugin, "plugin_pair")) == NULL) {
        puts(dlerror());
        return 1;
    }
    memcpy(&make, &symbol, sizeof make);
    for (int i = 0; i < 2; i++) {
        if (make(pair) != 0 || send(pair[0], "m", 1, 0) != 1 || recv(pair[1], &c, 1, 0) != 1)
            return 1;
        printf("pair %d %d: %c\n", pair[0], pair[1], c);
        close(pair[0]);
        close(pair[1]);
    }
    dlclose(plugin);
    return 0;
}
