/* The smallest ordinary program, for measuring what a process start costs. */
int main(void)
{
    return 0;
}
