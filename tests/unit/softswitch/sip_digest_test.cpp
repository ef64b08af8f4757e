#include "softswitch/sip/digest.hpp"
#include "softswitch/sip/re_ptr.hpp"

#include <cstdio>

#include <gtest/gtest.h>

namespace strowger::softswitch::sip {
namespace {

using namespace std::chrono_literals;
using verdict = authenticator::verdict;

user user_of(const std::string& number, const std::string& password)
{
    user out;
    out.number = number;
    out.password = password;
    return out;
}

std::string hex_md5(const std::string& text)
{
    std::array<std::uint8_t, MD5_SIZE> bytes{};
    md5(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), bytes.data());
    std::string out;
    for (const auto each : bytes) {
        std::array<char, 3> digits{};
        std::snprintf(digits.data(), digits.size(), "%02x", each);
        out += digits.data();
    }
    return out;
}

std::string part(const std::string& header, const std::string& name)
{
    const auto at = header.find(name + "=\"") + name.size() + 2;
    return header.substr(at, header.find('"', at) - at);
}

/// What a phone makes of a challenge.
std::string respond(const std::string& challenge, const std::string& user, const std::string& password, int count,
                    bool with_qop = true)
{
    const auto realm = part(challenge, "realm");
    const auto nonce = part(challenge, "nonce");
    std::array<char, 9> nc{};
    std::snprintf(nc.data(), nc.size(), "%08x", count);
    const auto a1 = hex_md5(user + ':' + realm + ':' + password);
    const auto a2 = hex_md5("REGISTER:sip:pbx");
    const auto middle = with_qop ? std::string{":"} + nc.data() + ":abc:auth:" : std::string{":"};
    auto out = "Digest username=\"" + user + "\", realm=\"" + realm + "\", nonce=\"" + nonce +
               "\", uri=\"sip:pbx\", response=\"" + hex_md5(a1 + ':' + nonce + middle + a2) + '"';
    if (with_qop) out += std::string{", qop=auth, cnonce=\"abc\", nc="} + nc.data();
    return out;
}

class Digest : public testing::Test {
protected:
    verdict check(const std::string& credentials, std::chrono::seconds later = 0s)
    {
        return guard_.check("REGISTER", credentials, now_ + later).what;
    }
    steady_clock::time_point now_ = steady_clock::now();
    authenticator guard_{"pbx", {user_of("1000", "secret"), user_of("1001", "")}, 60s};
    std::string challenge_ = guard_.challenge(false, now_);
};

TEST_F(Digest, TheRightPasswordIsAcceptedOnceForEachCount)
{
    EXPECT_EQ(check(respond(challenge_, "1000", "secret", 1)), verdict::accepted);
    EXPECT_EQ(check(respond(challenge_, "1000", "secret", 1)), verdict::stale) << "played again";
    EXPECT_EQ(check(respond(challenge_, "1000", "secret", 2)), verdict::accepted);
    EXPECT_EQ(check(respond(challenge_, "1000", "secret", 1)), verdict::stale);
}

TEST_F(Digest, APhoneWithoutQopMayUseANonceOnce)
{
    EXPECT_EQ(check(respond(challenge_, "1000", "secret", 0, false)), verdict::accepted);
    EXPECT_EQ(check(respond(challenge_, "1000", "secret", 0, false)), verdict::stale);
}

TEST_F(Digest, WrongOnesAreForbidden)
{
    EXPECT_EQ(check(respond(challenge_, "1000", "wrong", 1)), verdict::forbidden);
    EXPECT_EQ(check(respond(challenge_, "nobody", "secret", 1)), verdict::forbidden);
    EXPECT_EQ(check(respond(challenge_, "1001", "", 1)), verdict::forbidden) << "no password, no entry";
}

TEST_F(Digest, AnOldNonceIsStaleAndAForeignOneToo)
{
    EXPECT_EQ(check(respond(challenge_, "1000", "secret", 1), 61s), verdict::stale);
    authenticator other{"pbx", {user_of("1000", "secret")}, 60s};
    EXPECT_EQ(check(respond(other.challenge(false, now_), "1000", "secret", 1)), verdict::stale)
        << "signed with another secret";
}

TEST_F(Digest, NoneOrAnotherRealmsIsAChallenge)
{
    EXPECT_EQ(check(""), verdict::missing);
    EXPECT_EQ(check("Basic abc"), verdict::missing);
    authenticator other{"elsewhere", {user_of("1000", "secret")}, 60s};
    EXPECT_EQ(check(respond(other.challenge(false, now_), "1000", "secret", 1)), verdict::missing);
}

TEST_F(Digest, TheChallengeSaysWhatItIs)
{
    EXPECT_EQ(challenge_.rfind("Digest realm=\"pbx\"", 0), 0u);
    EXPECT_NE(challenge_.find("qop=\"auth\""), std::string::npos);
    EXPECT_EQ(challenge_.find("stale"), std::string::npos);
    EXPECT_NE(guard_.challenge(true, now_).find("stale=true"), std::string::npos);
    EXPECT_NE(part(challenge_, "nonce"), part(guard_.challenge(false, now_), "nonce"));
}

}  // namespace
}  // namespace strowger::softswitch::sip
