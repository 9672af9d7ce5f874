/* A library between two functions of a program. */
int relay(int (*f)(int), int n)
{
	char room[64];
	__builtin_memset(room, n, sizeof room);
	__asm__ volatile("" : : "r"(room) : "memory");
	return f(n) + room[5];
}
