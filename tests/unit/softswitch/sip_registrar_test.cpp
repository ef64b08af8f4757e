#include "softswitch/sip/registrar.hpp"

#include <gtest/gtest.h>

namespace strowger::softswitch::sip {
namespace {

using namespace std::chrono_literals;

class Registrar : public testing::Test {
protected:
    register_request request(const std::string& contact, std::optional<std::uint32_t> expires = {})
    {
        register_request out;
        out.from.user = "1000";
        out.from.network_ip = "192.0.2.9";
        out.from.network_port = 5070;
        out.from.transport = "udp";
        out.from.call_id = "call-" + contact;
        out.from.cseq = ++cseq_;
        if (!contact.empty()) out.contacts.push_back({contact, expires});
        return out;
    }
    steady_clock::time_point now_{};
    std::uint32_t cseq_ = 0;
    registrar phones_{{.most = 3, .most_per_user = 2, .default_s = 3600, .min_s = 30, .max_s = 7200}};
};

TEST_F(Registrar, APhoneIsFoundUntilItExpires)
{
    const auto reply = phones_.handle(request("sip:1000@10.0.0.1", 60), now_);
    EXPECT_EQ(reply.status, 200);
    ASSERT_EQ(reply.added.size(), 1u);
    ASSERT_NE(phones_.newest("1000"), nullptr);
    EXPECT_TRUE(phones_.expire(now_ + 59s).empty());
    EXPECT_EQ(phones_.expire(now_ + 60s).size(), 1u);
    EXPECT_EQ(phones_.newest("1000"), nullptr);
    EXPECT_EQ(phones_.size(), 0u);
}

TEST_F(Registrar, ExpiryIsTheContactsThenTheHeadersThenTheDefaultAndBounded)
{
    EXPECT_EQ(phones_.handle(request("sip:a@h"), now_).added[0].expires_s, 3600u);
    auto with_header = request("sip:a@h");
    with_header.expires_s = 100;
    EXPECT_EQ(phones_.handle(with_header, now_).added[0].expires_s, 100u);
    EXPECT_EQ(phones_.handle(request("sip:a@h", 1'000'000), now_).added[0].expires_s, 7200u);
    EXPECT_EQ(phones_.handle(request("sip:a@h", 29), now_).status, 423);
}

TEST_F(Registrar, ZeroAndStarUnregister)
{
    phones_.handle(request("sip:a@h"), now_);
    phones_.handle(request("sip:b@h"), now_);
    EXPECT_EQ(phones_.handle(request("sip:a@h", 0), now_).removed.size(), 1u);
    auto star = request("");
    star.all = true;
    EXPECT_EQ(phones_.handle(star, now_).status, 400) << "`*` is good with Expires: 0 only";
    star.expires_s = 0;
    ++star.from.cseq;
    const auto reply = phones_.handle(star, now_);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.removed.size(), 1u);
    EXPECT_EQ(phones_.size(), 0u);
}

TEST_F(Registrar, TheNewestContactWinsAndTheOldestMakesRoom)
{
    phones_.handle(request("sip:a@h"), now_);
    phones_.handle(request("sip:b@h"), now_);
    const auto third = phones_.handle(request("sip:c@h"), now_);
    ASSERT_EQ(third.removed.size(), 1u);
    EXPECT_EQ(third.removed[0].contact, "sip:a@h");
    EXPECT_EQ(phones_.newest("1000")->contact, "sip:c@h");
    phones_.handle(request("sip:b@h"), now_);
    EXPECT_EQ(phones_.newest("1000")->contact, "sip:b@h") << "a renewal counts as new";
    EXPECT_EQ(phones_.size(), 2u);
}

TEST_F(Registrar, ARequestThatWasOvertakenChangesNothing)
{
    auto first = request("sip:a@h");
    auto late = first;
    first.from.cseq = 10;
    late.from.cseq = 9;
    late.contacts[0].expires_s = 0;
    EXPECT_EQ(phones_.handle(first, now_).status, 200);
    EXPECT_EQ(phones_.handle(late, now_).status, 500);
    EXPECT_NE(phones_.newest("1000"), nullptr);
}

TEST_F(Registrar, AFullRegistrarRefusesNewUsers)
{
    for (const auto* const name : {"1", "2", "3"}) {
        auto other = request("sip:a@h");
        other.from.user = name;
        EXPECT_EQ(phones_.handle(other, now_).status, 200);
    }
    auto one_more = request("sip:a@h");
    one_more.from.user = "4";
    EXPECT_EQ(phones_.handle(one_more, now_).status, 503);
}

TEST_F(Registrar, ARequestWithoutContactOnlyAsks)
{
    phones_.handle(request("sip:a@h"), now_);
    const auto reply = phones_.handle(request(""), now_);
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.added.empty());
    EXPECT_EQ(reply.current.size(), 1u);
}

}  // namespace
}  // namespace strowger::softswitch::sip
