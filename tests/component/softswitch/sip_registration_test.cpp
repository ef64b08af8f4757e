#include "softswitch/sip/re_ptr.hpp"
#include "support/sip_exchange.hpp"
#include "support/sip_phone.hpp"

#include <array>
#include <cstdio>

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

using namespace std::chrono_literals;
using test::sip_exchange;
using test::sip_phone;
using test::sip_text;
using test::value_of;

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

/// The Authorization (or Proxy-Authorization) line that answers a challenge.
std::string answer_challenge(const sip_text& challenge, const std::string& method, const std::string& user,
                             const std::string& password)
{
    const bool proxy = challenge.status() == 407;
    const auto value = challenge.header(proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
    const auto part = [&](const std::string& name) {
        const auto at = value.find(name + "=\"") + name.size() + 2;
        return value.substr(at, value.find('"', at) - at);
    };
    const auto a1 = hex_md5(user + ':' + part("realm") + ':' + password);
    const auto response = hex_md5(a1 + ':' + part("nonce") + ":00000001:abc:auth:" + hex_md5(method + ":sip:x"));
    return std::string{proxy ? "Proxy-" : ""} + "Authorization: Digest username=\"" + user + "\", realm=\"" +
           part("realm") + "\", nonce=\"" + part("nonce") + "\", uri=\"sip:x\", response=\"" + response +
           "\", qop=auth, cnonce=\"abc\", nc=00000001\r\n";
}

user user_of(const std::string& number, const std::string& password)
{
    user out;
    out.number = number;
    out.password = password;
    out.context = "people";
    return out;
}

sip_settings guarded_settings()
{
    auto out = sip_exchange::any_port();
    out.require_auth = true;
    out.registration_min_s = 1;
    return out;
}

TEST(SipRegistration, OnLoopbackAPhoneRegistersWithoutPasswordAndIsCalled)
{
    sip_exchange exchange;
    sip_phone phone{exchange.port()};
    phone.user = "1000";
    phone.send(phone.request("REGISTER", "1000", {.headers = "Expires: 600\r\nUser-Agent: Test\r\n"}));
    const auto done = phone.receive();
    EXPECT_EQ(done.status(), 200);
    EXPECT_TRUE(done.header("Contact").ends_with(";expires=600")) << done.text;
    ASSERT_TRUE(exchange.told().wait("sofia::register"));
    const auto headers = exchange.technology_headers;
    EXPECT_EQ(headers.front().first, "profile-name");
    EXPECT_EQ(value_of(headers, "from-user"), "1000");
    EXPECT_EQ(value_of(headers, "expires"), "600");
    EXPECT_EQ(value_of(headers, "network-port"), std::to_string(phone.port()));
    EXPECT_EQ(value_of(headers, "user-agent"), "Test");
    const auto facts = exchange.sip().registrations();
    ASSERT_EQ(facts.size(), 1u);
    EXPECT_EQ(facts[0].user, "1000");
    EXPECT_EQ(facts[0].network_port, phone.port());

    for (const auto* const target : {"user/1000", "user/1000@anywhere", "sofia/internal/1000"}) {
        const int number = exchange.dial(target);
        EXPECT_NE(number, 0) << target;
        const auto invite = phone.receive_method("INVITE");
        EXPECT_TRUE(invite.text.starts_with("INVITE sip:1000@127.0.0.1:" + std::to_string(phone.port())));
        phone.send(phone.response(invite, 486, "Busy Here"));
        EXPECT_TRUE(exchange.told().wait(std::to_string(number) + " ended USER_BUSY"));
    }
    phone.send(phone.request("REGISTER", "1000", {.headers = "Expires: 0\r\n"}));
    EXPECT_TRUE(exchange.told().wait("sofia::unregister"));
    EXPECT_TRUE(exchange.sip().registrations().empty());
}

TEST(SipRegistration, AContactBehindARouterIsReachedWhereItCameFrom)
{
    sip_exchange exchange;
    sip_phone phone{exchange.port()};
    auto text = phone.request("REGISTER", "1000");
    const auto contact = "<sip:phone@127.0.0.1:" + std::to_string(phone.port()) + ">\r\n";
    text.replace(text.find("Contact: ") + 9, contact.size(), "<sip:1000@10.1.2.3:5060>\r\n");
    phone.send(text);
    const auto done = phone.receive();
    EXPECT_EQ(done.status(), 200);
    EXPECT_TRUE(done.header("Via").find("rport=" + std::to_string(phone.port())) != std::string::npos);
    exchange.dial("user/1000");
    EXPECT_EQ(phone.receive_method("INVITE").method(), "INVITE");
}

TEST(SipRegistration, ExpiryIsToldAndThePhoneIsGone)
{
    auto settings = sip_exchange::any_port();
    settings.registration_min_s = 1;
    sip_exchange exchange{settings, {user_of("1000", "secret")}};
    sip_phone phone{exchange.port()};
    phone.send(phone.request("REGISTER", "1000", {.headers = "Expires: 1\r\n"}));
    EXPECT_EQ(phone.receive().status(), 200);
    ASSERT_TRUE(exchange.told().wait("sofia::expire"));
    EXPECT_EQ(value_of(exchange.technology_headers, "user"), "1000");
    EXPECT_EQ(exchange.dial("user/1000"), 0);
    EXPECT_TRUE(exchange.told().wait("refused USER_NOT_REGISTERED"));
}

TEST(SipRegistration, WhereAuthenticationIsRequiredOnlyTheRightPasswordEnters)
{
    sip_exchange exchange{guarded_settings(), {user_of("1000", "secret")}};
    sip_phone phone{exchange.port()};
    phone.send(phone.request("REGISTER", "1000"));
    const auto challenge = phone.receive();
    ASSERT_EQ(challenge.status(), 401);
    phone.send(
        phone.request("REGISTER", "1000", {.headers = answer_challenge(challenge, "REGISTER", "1000", "guess")}));
    EXPECT_EQ(phone.receive().status(), 403);
    const auto right = answer_challenge(challenge, "REGISTER", "1000", "secret");
    phone.send(phone.request("REGISTER", "1000", {.headers = right}));
    EXPECT_EQ(phone.receive().status(), 200);
    EXPECT_TRUE(exchange.told().wait("sofia::register"));

    phone.send(phone.request("REGISTER", "1000", {.headers = right}));
    const auto again = phone.receive();
    EXPECT_EQ(again.status(), 401) << "the same nonce count a second time";
    EXPECT_TRUE(again.has("stale=true"));
    phone.send(phone.request("REGISTER", "1001", {.headers = answer_challenge(again, "REGISTER", "1000", "secret")}));
    EXPECT_EQ(phone.receive().status(), 403) << "with somebody else's name";
}

TEST(SipRegistration, CallsAreChallengedToo)
{
    sip_exchange exchange{guarded_settings(), {user_of("1000", "secret")}};
    sip_phone phone{exchange.port()};
    phone.send(phone.request("INVITE", "9196", {.body = phone.sdp()}));
    const auto challenge = phone.receive();
    ASSERT_EQ(challenge.status(), 407);
    phone.ack(challenge, "9196");
    phone.send(phone.request(
        "INVITE", "9196", {.headers = answer_challenge(challenge, "INVITE", "1000", "secret"), .body = phone.sdp()}));
    ASSERT_TRUE(exchange.told().wait("1 incoming 9196"));
    EXPECT_EQ(exchange.caller_facts, "Phone|phone|1000|9196|people") << "the user's own context";
}

TEST(SipRegistration, TooShortAnExpiryIsRefusedWithTheLeastOne)
{
    sip_exchange exchange;
    sip_phone phone{exchange.port()};
    phone.send(phone.request("REGISTER", "1000", {.headers = "Expires: 5\r\n"}));
    const auto reply = phone.receive();
    EXPECT_EQ(reply.status(), 423);
    EXPECT_EQ(reply.header("Min-Expires"), "30");
}

TEST(SipDial, WhatCannotBeReachedSaysWhy)
{
    sip_exchange exchange{sip_exchange::any_port(), {user_of("1000", "secret")}};
    const std::vector<std::pair<std::string, std::string>> cases{{"user/1000", "USER_NOT_REGISTERED"},
                                                                 {"user/9999", "SUBSCRIBER_ABSENT"},
                                                                 {"sofia/gateway/none/5551234", "INVALID_GATEWAY"},
                                                                 {"sofia/nowhere/1@127.0.0.1", "INVALID_PROFILE"},
                                                                 {"sip:", "INVALID_URL"},
                                                                 {"sip:a b@c", "INVALID_URL"},
                                                                 {"carrier/pigeon", "INVALID_URL"}};
    for (const auto& [target, why] : cases) {
        exchange.told().clear();
        EXPECT_EQ(exchange.dial(target), 0) << target;
        EXPECT_TRUE(exchange.told().wait("refused " + why, 100ms)) << target << ": " << exchange.told().text();
    }
}

TEST(SipDial, APhoneThatIsNotThereIsATemporaryFailureOrATimeout)
{
    sip_exchange exchange;
    std::uint16_t nobody = 0;
    {
        const test::udp_socket gone;
        nobody = gone.port();
    }
    EXPECT_EQ(exchange.dial("sip:x@127.0.0.1:" + std::to_string(nobody) + ";transport=tcp"), 1);
    EXPECT_TRUE(exchange.told().wait("1 ended NORMAL_TEMPORARY_FAILURE 503")) << exchange.told().text();
}

}  // namespace
}  // namespace strowger::softswitch
