// Fault rules that last as long as a variable: socklens.h for C++ tests. Nothing but this header and socklens.h is needed;
// C++11.
//
//   socklens::fault_guard guard("connect @n=1..2 : refuse");
//   client.connect();
//   assert(guard.fired() == 2);
#ifndef SOCKLENS_FAULT_GUARD_HPP
#define SOCKLENS_FAULT_GUARD_HPP

#include <cstdint>
#include <socklens.h>
#include <stdexcept>
#include <string>

namespace socklens {

// What a function of socklens.h returned, with its text; for a wrong rule the text shows where and what.
class error : public std::runtime_error {
public:
    error(int code, const std::string &text) : std::runtime_error(text), code_(code) {}
    int code() const noexcept { return code_; }

private:
    int code_;
};

// Whom rules are for.
enum class whom { this_thread, everybody };

// Adds rules, and removes them at the end of its life. Can be moved, not copied.
class fault_guard {
public:
    explicit fault_guard(const std::string &rules, whom for_whom = whom::this_thread)
    {
        char text[1024] = "";
        handle_ = for_whom == whom::this_thread ? socklens_fault_scope(rules.c_str(), text, sizeof text)
                                                : socklens_fault_add(rules.c_str(), text, sizeof text);
        if (handle_ < 0) {
            const int code = static_cast<int>(handle_);
            throw error(code, code == SOCKLENS_ESYNTAX ? text : socklens_strerror(code));
        }
    }

    fault_guard(fault_guard &&other) noexcept : handle_(other.handle_) { other.handle_ = 0; }
    fault_guard(const fault_guard &) = delete;
    fault_guard &operator=(const fault_guard &) = delete;
    fault_guard &operator=(fault_guard &&) = delete;

    ~fault_guard()
    {
        if (handle_ > 0)
            socklens_fault_remove(handle_);
    }

    // Faults caused so far.
    std::int64_t fired() const
    {
        const std::int64_t n = socklens_fault_fired(handle_);
        if (n < 0)
            throw error(static_cast<int>(n), socklens_strerror(static_cast<int>(n)));
        return n;
    }

    void pause() { socklens_fault_pause(handle_); }
    void resume() { socklens_fault_resume(handle_); }

private:
    std::int64_t handle_;
};

}  // namespace socklens

#endif
