/* Every form of exec, in children, and some that fail; each with an environment of this program's own. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD(call)                                                                                                                          \
    do {                                                                                                                                     \
        pid_t child = fork();                                                                                                                \
        if (child == 0) {                                                                                                                    \
            call;                                                                                                                            \
            _exit(1);                                                                                                                        \
        }                                                                                                                                    \
        waitpid(child, NULL, 0);                                                                                                             \
    } while (0)

int main(void)
{
    char *argv[] = {"true", "one", NULL};

    CHILD(execv("/bin/true", argv));
    CHILD(execvp("/bin/true", argv));
    CHILD(execl("/bin/true", "true", "two", (char *)NULL));
    CHILD(execlp("/bin/true", "true", "three", (char *)NULL));
    CHILD(execle("/bin/true", "true", "four", (char *)NULL, environ));
    execv("/nonexistent", argv);
    execvp("/nonexistent", argv);
    setenv("ONE_MORE", "", 1);
    execv("/nonexistent", argv);
    environ = NULL;
    execv("/nonexistent", argv);
    return 0;
}
