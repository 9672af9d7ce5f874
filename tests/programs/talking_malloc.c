/* An allocator that makes a socket call at every allocation. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static char *arena;
static size_t used;
static __thread int depth;

enum { ARENA = 512 << 20 };

static void talk(void)
{
    int saved = errno;
    char byte;

    if (++depth > 8)
        _exit(99);
    recv(-1, &byte, 1, 0);
    write(-1, "x", 1);
    depth--;
    errno = saved;
}

void *malloc(size_t size)
{
    size_t need = (size + 31) & ~(size_t)15, at;

    talk();
    if (__atomic_load_n(&arena, __ATOMIC_ACQUIRE) == NULL) {
        char *mine = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), *none = NULL;

        __atomic_compare_exchange_n(&arena, &none, mine, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    }
    at = __atomic_fetch_add(&used, need, __ATOMIC_RELAXED);
    if (at + need > ARENA)
        return NULL;
    *(size_t *)(arena + at) = size;
    return arena + at + 16;
}

void free(void *p)
{
    (void)p;
    talk();
}

void *calloc(size_t n, size_t size)
{
    return malloc(n * size);
}

void *realloc(void *p, size_t size)
{
    void *q = malloc(size);

    if (p != NULL && q != NULL) {
        size_t old = *(size_t *)((char *)p - 16);

        memcpy(q, p, old < size ? old : size);
    }
    return q;
}

void *memalign(size_t align, size_t size)
{
    char *p = malloc(size + align + 16);
    size_t at = ((size_t)p + align - 1) & ~(align - 1);

    if (p == NULL)
        return NULL;
    if (at != (size_t)p) {
        if (at - (size_t)p < 16)
            at += align;
        *(size_t *)(at - 16) = size;
    }
    return (void *)at;
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
    *p = memalign(align, size);
    return *p == NULL ? ENOMEM : 0;
}
