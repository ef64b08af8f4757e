#pragma once
#include "base/clock.hpp"
#include "softswitch/user.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace strowger::softswitch::sip {

/// Digest authentication of requests. Sans-I/O: time and headers come in as values.
///
/// A nonce carries its birth and our signature, so none is stored before it was used well; from then on its
/// highest nonce count is, so that a request can't be played again.
/// Source: RFC 2617 with MD5 and qop=auth, as phones speak it.
class authenticator {
public:
    /// Nonces whose counts are kept; beyond that the oldest are forgotten, and so are stale.
    static constexpr std::size_t most_nonces = 4096;

    authenticator(std::string realm, const std::vector<user>& users, std::chrono::seconds nonce_lifetime);

    enum class verdict : std::uint8_t {
        accepted,
        missing,    ///< no credentials for our realm: challenge
        stale,      ///< right user and password, old nonce: challenge with stale=true
        forbidden,  ///< wrong user or password
    };
    struct outcome {
        verdict what = verdict::missing;
        std::string username;  ///< as claimed
    };
    /// @param credentials  value of the (Proxy-)Authorization header; empty: none
    outcome check(std::string_view method, std::string_view credentials, steady_clock::time_point now);
    /// The value of the (WWW|Proxy)-Authenticate header.
    std::string challenge(bool stale, steady_clock::time_point now);
    const std::string& realm() const noexcept { return realm_; }

private:
    struct use {
        std::uint32_t count = 0;
        std::int64_t born_ms = 0;
    };
    std::string sign(std::string_view text) const;
    /// @return the birth of a nonce that is ours and young enough; -1 otherwise
    std::int64_t birth_of(std::string_view nonce, steady_clock::time_point now) const;
    bool use_once(std::string_view nonce, std::int64_t born_ms, std::string_view count);
    void forget_oldest();

    std::string realm_;
    std::unordered_map<std::string, std::string> passwords_;
    std::chrono::milliseconds lifetime_;
    std::array<std::uint8_t, 32> secret_{};
    std::unordered_map<std::string, use> used_;
};

}  // namespace strowger::softswitch::sip
