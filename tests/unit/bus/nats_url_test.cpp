#include "bus/detail/nats_url.hpp"

#include "bus/error.hpp"

#include <gtest/gtest.h>

namespace strowger::bus::detail {
namespace {

TEST(NatsUrl, NothingMeansTheLocalServer)
{
    EXPECT_EQ(parse_nats_url("")->shown(), "nats://127.0.0.1:4222");
}

TEST(NatsUrl, AddsSchemeAndPortWhereTheyAreMissing)
{
    EXPECT_EQ(parse_nats_url("a, tls://b:1 ,nats://[::1]")->shown(), "nats://a:4222,tls://b:1,nats://[::1]:4222");
}

TEST(NatsUrl, CredentialsAreDecodedAndNeverShown)
{
    const auto url = parse_nats_url("nats://us%40er:p%3Ass@host:4222").value();
    EXPECT_EQ(url.user, "us@er");
    EXPECT_EQ(url.password, "p:ss");
    EXPECT_EQ(url.shown(), "nats://host:4222");
}

TEST(NatsUrl, ALoneWordBeforeTheAtIsAToken)
{
    EXPECT_EQ(parse_nats_url("nats://s3cret@host")->token, "s3cret");
}

TEST(NatsUrl, TlsInOneUrlTurnsItOn)
{
    EXPECT_TRUE(parse_nats_url("tls://host")->tls);
    EXPECT_FALSE(parse_nats_url("nats://host")->tls);
}

class BadNatsUrl : public testing::TestWithParam<const char*> {};
TEST_P(BadNatsUrl, IsRefused)
{
    EXPECT_EQ(parse_nats_url(GetParam()).error(), errc::bad_url);
}
INSTANTIATE_TEST_SUITE_P(All, BadNatsUrl,
                         testing::Values("http://host", "nats://", "nats://host:0", "nats://host:99999",
                                         "nats://host:12a", "nats://a b", "nats://host/path", "nats://u%4:p@h",
                                         "nats://:4222"));

}  // namespace
}  // namespace strowger::bus::detail
