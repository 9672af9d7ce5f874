/*
 * environ_scrub - a program that clears its environment before it executes.
 *
 * Careful programs (daemons, anything setuid) do not hand on what they were
 * given. After clearenv the variable environ is NULL; execve with it gives the
 * new program no environment at all. What the new program is for must still
 * work; here, sockets.
 *
 * Shows: clearenv, unsetenv, putenv, environ, execve.
 * See: clearenv(3), environ(7), putenv(3)
 * Run: build/environ_scrub
 */
#include "example.h"

extern char **environ;

static void run_self(const char *what, char **environment)
{
    char *arguments[] = { "environ_scrub", "executed", NULL };
    pid_t child = MUST_INT(fork());

    if (child == 0) {
        pair_exchange();
        execve(own_path(), arguments, environment);
        die("execve: %s", strerror(errno));
    }
    wait_success(child);
    printf("%s: the new program could use sockets\n", what);
}

/* In the new program: nothing that was set before may be there. */
static int executed(void)
{
    pair_exchange();
    if (getenv("SECRET") != NULL)
        die("the environment was not cleared");
    printf("  language: %s\n", getenv("LANG") != NULL ? getenv("LANG") : "none");
    return 0;
}

int main(int argc, char **argv)
{
    static char *own[] = { "LANG=C", NULL };
    static char variable[] = "LANG=de_DE";
    char *names[512];
    int count = 0;

    example_start();
    if (argc == 2 && strcmp(argv[1], "executed") == 0)
        return executed();

    MUST(setenv("SECRET", "do not tell", 1));
    CHECK(clearenv() == 0);
    CHECK(getenv("SECRET") == NULL);
    printf("after clearenv environ is %s\n", environ == NULL ? "NULL" : "not NULL");
    pair_exchange();
    run_self("environ after clearenv", environ);

    CHECK(putenv(variable) == 0);
    run_self("environ after putenv", environ);

    environ = own;
    run_self("environ set to another array", environ);
    environ = NULL;
    run_self("environ set to NULL", environ);

    /* One by one, as programs do that keep a few. */
    MUST(setenv("SECRET", "again", 1));
    MUST(setenv("OTHER", "thing", 1));
    for (char **entry = environ; *entry != NULL; entry++) {
        CHECK(count < 512);
        names[count] = strndup(*entry, strcspn(*entry, "="));
        CHECK(names[count] != NULL && *names[count] != '\0');
        count++;
    }
    for (int i = 0; i < count; i++) {
        MUST(unsetenv(names[i]));
        free(names[i]);
    }
    printf("unset one by one, %d are left\n", environ == NULL || *environ == NULL ? 0 : 1);
    run_self("environ after unsetenv", environ);
    return 0;
}
