// Unit tests of a client in C++, with fault rules that end with their block (fault_guard.hpp).
//
//   c++ -pthread api_guard.cpp -lsocklens && ./a.out
#undef NDEBUG
#include "fault_guard.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

using socklens::fault_guard;

namespace {

// ---- what is tested: asks a server for a line, and tries again when the connection is refused or reset

class client {
public:
    explicit client(const sockaddr_in &server) : server_(server) {}

    std::string ask(const std::string &question)
    {
        for (tries = 1;; tries++) {
            try {
                return once(question);
            } catch (const std::system_error &e) {
                if (tries == 5 || (e.code() != std::errc::connection_refused && e.code() != std::errc::connection_reset))
                    throw;
            }
        }
    }

    int tries = 0;

private:
    struct descriptor {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ~descriptor() { close(fd); }
    };

    [[noreturn]] static void fail() { throw std::system_error(errno, std::generic_category()); }

    std::string once(const std::string &question)
    {
        descriptor d;
        if (connect(d.fd, reinterpret_cast<const sockaddr *>(&server_), sizeof server_) == -1)
            fail();
        for (std::size_t sent = 0; sent < question.size();) {
            const ssize_t n = send(d.fd, question.data() + sent, question.size() - sent, MSG_NOSIGNAL);
            if (n == -1)
                fail();
            sent += static_cast<std::size_t>(n);
        }
        std::string answer;
        char part[4096];
        while (answer.empty() || answer.back() != '\n') {
            const ssize_t n = recv(d.fd, part, sizeof part, 0);
            if (n == -1)
                fail();
            if (n == 0)
                throw std::runtime_error("the answer has no end");
            answer.append(part, static_cast<std::size_t>(n));
        }
        return answer;
    }

    sockaddr_in server_;
};

// ---- a server that says every line twice

class server {
public:
    server()
    {
        socklen_t length = sizeof address;
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert(bind(listener_, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0);
        assert(listen(listener_, 8) == 0);
        assert(getsockname(listener_, reinterpret_cast<sockaddr *>(&address), &length) == 0);
        thread_ = std::thread([this] { serve(); });
    }

    ~server()
    {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }

    sockaddr_in address{};

private:
    void serve()
    {
        int fd;
        while ((fd = accept(listener_, nullptr, nullptr)) != -1) {
            char part[4096];
            std::string line;
            ssize_t n;
            while ((n = recv(fd, part, sizeof part, 0)) > 0) {
                line.append(part, static_cast<std::size_t>(n));
                if (line.back() != '\n')
                    continue;
                line.insert(0, line, 0, line.size() - 1);
                for (std::size_t sent = 0; sent < line.size() && n > 0; sent += static_cast<std::size_t>(n))
                    n = std::max<ssize_t>(0, send(fd, line.data() + sent, line.size() - sent, MSG_NOSIGNAL));
            }
            close(fd);
        }
    }

    int listener_;
    std::thread thread_;
};

void refused_twice(const sockaddr_in &to)
{
    client c(to);
    fault_guard guard("connect @n=1..2 : refuse");
    assert(c.ask("hello\n") == "hellohello\n" && c.tries == 3 && guard.fired() == 2);
    std::puts("refused twice: answered at the third try");
}

void short_writes(const sockaddr_in &to)
{
    client c(to);
    const std::string text(1000, 'q');
    fault_guard guard("send : short 1..100!");
    assert(c.ask(text + '\n') == text + text + '\n' && c.tries == 1 && guard.fired() >= 10);
    std::puts("short writes: answered in full");
}

void reset_after_64_kb(const sockaddr_in &to)
{
    client c(to);
    const std::string text(50000, 'q');
    fault_guard guard("recv @bytes=64K @scope=process @once : reset");
    assert(c.ask(text + '\n') == text + text + '\n' && c.tries == 2 && guard.fired() == 1);
    std::puts("reset after 64 KB: answered at the second try");
}

void rules_end_with_their_block(const sockaddr_in &to)
{
    client c(to);
    try {
        fault_guard guard("connect : refuse");
        c.ask("hello\n");
        assert(false);
    } catch (const std::system_error &e) {
        assert(e.code() == std::errc::connection_refused && c.tries == 5);
    }
    assert(c.ask("hello\n") == "hellohello\n" && c.tries == 1);
    std::puts("after the block: nothing fails");
}

void wrong_rules_are_explained()
{
    try {
        fault_guard guard("connect : refuze");
        assert(false);
    } catch (const socklens::error &e) {
        assert(e.code() == SOCKLENS_ESYNTAX);
        std::puts(e.what());
    }
}

}  // namespace

int main()
{
    try {
        fault_guard nothing("connect @off : refuse");
    } catch (const socklens::error &e) {
        if (e.code() != SOCKLENS_ENOLIB)
            throw;
        std::puts("no faults to test with: socklens is not here");
        return 0;
    }
    server s;
    refused_twice(s.address);
    short_writes(s.address);
    reset_after_64_kb(s.address);
    rules_end_with_their_block(s.address);
    wrong_rules_are_explained();
    return 0;
}
