#include "bus/nats_driver.hpp"

#include "bus/client.hpp"
#include "support/nats_server.hpp"

#include <atomic>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace strowger::bus {
namespace {

using namespace std::chrono_literals;
using test::eventually;

class NatsDriver : public testing::Test {
protected:
    void SetUp() override
    {
        server = test::nats_server::start();
        if (!server) GTEST_SKIP() << "no nats-server installed";
    }
    nats_settings settings() const
    {
        nats_settings with;
        with.url = server->url();
        with.name = "test";
        with.reconnect_wait_ms = 20;
        with.timeout_ms = 2000;
        return with;
    }
    std::unique_ptr<driver> connected() const
    {
        auto made = make_nats_driver(settings()).value();
        EXPECT_TRUE(made->connect());
        EXPECT_TRUE(made->is_connected());
        return made;
    }
    std::unique_ptr<client> peer() const { return client::connect(settings()).value(); }

    std::unique_ptr<test::nats_server> server;
};

TEST_F(NatsDriver, AnswersRequests)
{
    const auto driver = connected();
    ASSERT_TRUE(driver->subscribe("a.b", "", [&](message m) {
        driver->reply(m.reply, std::string{m.subject} + "=" + std::string{m.payload});
    }));
    ASSERT_TRUE(driver->flush(1s));

    EXPECT_EQ(peer()->request("a.b", std::string_view{"x\0y", 3}, 2s).value(), (std::string{"a.b=x\0y", 7}));
    EXPECT_EQ(driver->stats().messages_sent, 1u);
}

TEST_F(NatsDriver, SubscribedBeforeConnectingCounts)
{
    const auto driver = make_nats_driver(settings()).value();
    ASSERT_TRUE(driver->subscribe("early", "", [&](message m) { driver->reply(m.reply, "yes"); }));
    ASSERT_TRUE(driver->connect());
    ASSERT_TRUE(driver->flush(1s));

    EXPECT_EQ(peer()->request("early", "", 2s).value(), "yes");
}

TEST_F(NatsDriver, NobodyOnASubjectIsToldAtOnce)
{
    EXPECT_EQ(peer()->request("nobody.here", "", 5s).error(), errc::no_responders);
}

TEST_F(NatsDriver, DoesNotHearItself)
{
    const auto driver = connected();
    std::atomic<int> heard{0};
    ASSERT_TRUE(driver->subscribe("own", "", [&](message) { ++heard; }));
    driver->publish("own", "1", "");
    ASSERT_TRUE(driver->flush(1s));
    ASSERT_TRUE(peer()->publish("own", "2"));

    ASSERT_TRUE(eventually([&] { return heard == 1; }));
}

TEST_F(NatsDriver, KeepsTheOrderAcrossSubjects)
{
    const auto driver = connected();
    std::mutex mutex;
    std::string order;
    for (const char* subject : {"s.one", "s.two", "s.three"})
        ASSERT_TRUE(driver->subscribe(subject, "", [&](message m) {
            const std::lock_guard lock{mutex};
            order += m.payload;
        }));
    ASSERT_TRUE(driver->flush(1s));
    const auto other = peer();
    std::string expected;
    for (int i = 0; i < 300; ++i) {
        const std::string letter{static_cast<char>('a' + i % 26)};
        expected += letter;
        ASSERT_TRUE(other->publish(i % 3 == 0 ? "s.one" : i % 3 == 1 ? "s.two" : "s.three", letter));
    }
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock{mutex};
        return order.size() == expected.size();
    }));
    EXPECT_EQ(order, expected);
}

TEST_F(NatsDriver, TellsWhatIsTooLarge)
{
    const auto driver = connected();
    const std::string large(driver->max_payload() + 1, 'x');

    EXPECT_EQ(driver->publish("big", large, ""), publish_outcome::too_large);
    EXPECT_EQ(driver->publish("big", std::string_view{large}.substr(1), ""), publish_outcome::accepted);
}

TEST_F(NatsDriver, RefusesMoreThanItMayHold)
{
    auto with = settings();
    with.send_buffer_bytes = 100000;
    const auto driver = make_nats_driver(with).value();
    ASSERT_TRUE(driver->connect());
    const std::string payload(900000, 'x');
    server->pause();
    auto outcome = publish_outcome::accepted;
    auto longest = 0ns;
    for (int i = 0; i < 200 && outcome == publish_outcome::accepted; ++i) {
        const auto began = steady_clock::now();
        outcome = driver->publish("q", payload, "");
        longest = std::max<std::chrono::nanoseconds>(longest, steady_clock::now() - began);
    }
    server->resume();

    EXPECT_EQ(outcome, publish_outcome::queue_full);
    EXPECT_LT(longest, 500ms) << "it must not wait for the server";
    EXPECT_TRUE(driver->flush(5s));
    EXPECT_EQ(driver->publish("q", "small", ""), publish_outcome::accepted);
}

TEST_F(NatsDriver, AfterUnsubscribeTheHandlerNeverRuns)
{
    const auto driver = connected();
    std::atomic<bool> open{true};
    std::atomic<int> heard{0};
    std::atomic<int> late{0};
    ASSERT_TRUE(driver->subscribe("flood", "", [&](message) {
        if (!open) ++late;
        ++heard;
    }));
    ASSERT_TRUE(driver->flush(1s));
    const auto other = peer();
    std::atomic<bool> stop{false};
    std::thread flood{[&] {
        while (!stop) [[maybe_unused]] const auto done = other->publish("flood", "x");
    }};
    EXPECT_TRUE(eventually([&] { return heard > 100; }));
    driver->unsubscribe("flood");
    open = false;
    const int then = heard;
    [[maybe_unused]] const auto answered = other->flush(1s);
    stop = true;
    flood.join();

    EXPECT_EQ(late, 0);
    EXPECT_EQ(heard, then);
}

TEST_F(NatsDriver, ComesBackWithItsSubscriptionsAndKeptReplies)
{
    const auto driver = connected();
    ASSERT_TRUE(driver->subscribe("still", "", [&](message m) { driver->reply(m.reply, "here"); }));
    server->kill();
    ASSERT_TRUE(eventually([&] { return !driver->is_connected(); }));
    EXPECT_EQ(driver->publish("e", "x", ""), publish_outcome::not_connected);
    EXPECT_EQ(driver->reply({"inbox.late"}, "kept"), publish_outcome::accepted);

    // The client must listen before the driver is back, or it would miss the kept reply.
    auto with = settings();
    server->restart();
    const auto other = client::connect(with).value();
    ASSERT_TRUE(eventually([&] { return driver->is_connected(); }));
    ASSERT_TRUE(driver->flush(1s));
    EXPECT_EQ(other->request("still", "", 2s).value(), "here");
    EXPECT_EQ(driver->stats().reconnects, 1u);
    EXPECT_TRUE(eventually([&] { return driver->stats().messages_sent >= 2; })) << "the kept reply was sent";
}

TEST(NatsDriverAlone, FirstConnectionMayComeLater)
{
    const auto server = test::nats_server::prepared();
    if (!server) GTEST_SKIP() << "no nats-server installed";
    nats_settings with;
    with.url = server->url();
    with.reconnect_wait_ms = 20;
    const auto driver = make_nats_driver(with).value();
    ASSERT_TRUE(driver->subscribe("x", "", [&](message m) { driver->reply(m.reply, "late but here"); }));
    ASSERT_TRUE(driver->connect());
    EXPECT_FALSE(driver->is_connected());
    EXPECT_FALSE(driver->stats().last_error.empty());

    server->restart();

    ASSERT_TRUE(eventually([&] { return driver->is_connected(); }));
    ASSERT_TRUE(driver->flush(1s));
    EXPECT_EQ(client::connect(with).value()->request("x", "", 2s).value(), "late but here");
}

TEST(NatsDriverAlone, StopsAtOnceWithoutABroker)
{
    nats_settings with;
    with.url = "nats://127.0.0.1:" + std::to_string(test::free_port());
    const auto driver = make_nats_driver(with).value();
    ASSERT_TRUE(driver->connect());
    const auto began = steady_clock::now();
    driver->disconnect();
    driver->disconnect();
    EXPECT_LT(steady_clock::now() - began, 1s);
}

TEST(NatsDriverAlone, WrongTokenKeepsTryingAndTheRightOneGetsIn)
{
    const auto server = test::nats_server::start({"--auth", "s3cret"});
    if (!server) GTEST_SKIP() << "no nats-server installed";
    nats_settings with;
    with.url = server->url();
    with.reconnect_wait_ms = 20;
    with.token = "wrong";
    const auto refused = make_nats_driver(with).value();
    ASSERT_TRUE(refused->connect());
    EXPECT_FALSE(refused->is_connected());
    EXPECT_EQ(refused->stats().url.find("wrong"), std::string::npos);

    with.token.clear();
    with.url = "nats://s3cret@127.0.0.1:" + std::to_string(server->port());
    const auto accepted = make_nats_driver(with).value();
    ASSERT_TRUE(accepted->connect());
    EXPECT_TRUE(accepted->is_connected());
    EXPECT_EQ(accepted->stats().url.find("s3cret"), std::string::npos);
}

TEST(NatsDriverAlone, SignsWithAnNkey)
{
    const std::filesystem::path folder = testing::TempDir();
    const auto file = folder / ("nkey-" + std::to_string(::getpid()) + ".conf");
    std::ofstream{file} << "authorization { users = [ { nkey: "
                           "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4 } ] }\n";
    const auto server = test::nats_server::start({"-c", file.string()});
    if (!server) GTEST_SKIP() << "no nats-server installed";
    nats_settings with;
    with.url = server->url();
    with.nkey_seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    const auto driver = make_nats_driver(with).value();
    ASSERT_TRUE(driver->connect());
    EXPECT_TRUE(driver->is_connected()) << driver->stats().last_error;
    std::filesystem::remove(file);
}

TEST(NatsDriverAlone, UnusableSettingsAreAnErrorAtOnce)
{
    nats_settings with;
    with.url = "http://x";
    EXPECT_EQ(make_nats_driver(with).error(), errc::bad_url);
    with.url.clear();
    with.nkey_seed = "SUNONSENSE";
    EXPECT_EQ(make_nats_driver(with).error(), errc::bad_key);
    with.nkey_seed.clear();
    with.creds = "/does/not/exist";
    EXPECT_EQ(make_nats_driver(with).error(), errc::bad_credentials_file);
    with.creds.clear();
    with.tls = true;
    with.tls_ca = "/does/not/exist";
    EXPECT_EQ(make_nats_driver(with).error(), errc::bad_tls);
}

TEST_F(NatsDriver, MayBeDestroyedUnderTraffic)
{
    const auto other = peer();
    std::atomic<bool> stop{false};
    std::thread flood{[&] {
        while (!stop) [[maybe_unused]] const auto done = other->publish("flood", "x");
    }};
    for (int round = 0; round < 10; ++round) {
        auto driver = connected();
        std::atomic<int> heard{0};
        EXPECT_TRUE(driver->subscribe("flood", "", [&](message) { ++heard; }));
        EXPECT_TRUE(eventually([&] { return heard > 10; }));
        driver.reset();
        const int then = heard;
        std::this_thread::yield();
        EXPECT_EQ(heard, then);
    }
    stop = true;
    flood.join();
}

TEST_F(NatsDriver, QueueGroupGivesEachMessageToOne)
{
    const auto one = connected();
    const auto two = connected();
    std::atomic<int> heard{0};
    for (const auto* it : {&one, &two}) {
        ASSERT_TRUE((*it)->subscribe("work", "group", [&](message) { ++heard; }));
        ASSERT_TRUE((*it)->flush(1s));
    }
    const auto other = peer();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(other->publish("work", "x"));
    ASSERT_TRUE(other->flush(1s));
    ASSERT_TRUE(eventually([&] { return heard >= 50; }));
    EXPECT_EQ(heard, 50);
}

}  // namespace
}  // namespace strowger::bus
