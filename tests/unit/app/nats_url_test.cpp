#include "app/nats_url.hpp"

#include <gtest/gtest.h>

namespace strowger::app {
namespace {

TEST(NatsUrl, KnowsOneServerOnLoopback)
{
    EXPECT_EQ(loopback_port("nats://127.0.0.1:4222"), 4222);
    EXPECT_EQ(loopback_port("nats://localhost:5222/"), 5222);
    EXPECT_EQ(loopback_port("nats://me:secret@127.0.0.1:4333"), 4333);
    EXPECT_EQ(loopback_port("127.0.0.1"), 4222);
}

TEST(NatsUrl, KnowsWhatIsNotOne)
{
    for (const char* url : {"nats://192.0.2.1:4222", "nats://127.0.0.1:4222,nats://127.0.0.1:4223",
                            "nats://127.0.0.1:0", "nats://127.0.0.1:99999", "nats://127.0.0.1:x", ""})
        EXPECT_EQ(loopback_port(url), std::nullopt) << url;
}

TEST(NatsUrl, ShowsNoCredentials)
{
    EXPECT_EQ(without_credentials("nats://me:secret@a:1,tls://token@b:2, c:3"), "nats://a:1,tls://b:2, c:3");
    EXPECT_EQ(without_credentials("nats://p@ss:w@rd@a:1"), "nats://a:1");
    EXPECT_EQ(without_credentials(""), "");
}

TEST(NatsUrl, OwnServerRunsOnTheDefaultPortOrWhereItMust)
{
    settings with;
    with.hub.nats.url = "nats://127.0.0.1:4222";
    EXPECT_TRUE(may_run_own_server(with));
    with.hub.nats.url = "nats://127.0.0.1:4333";
    EXPECT_FALSE(may_run_own_server(with));
    with.nats_server.run = nats_server_settings::when::always;
    EXPECT_TRUE(may_run_own_server(with));
    with.hub.nats.url = "nats://192.0.2.1:4222";
    EXPECT_FALSE(may_run_own_server(with));
    with.nats_server.run = nats_server_settings::when::never;
    with.hub.nats.url = "nats://127.0.0.1:4222";
    EXPECT_FALSE(may_run_own_server(with));
}

}  // namespace
}  // namespace strowger::app
