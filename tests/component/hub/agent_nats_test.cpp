#include "bus/client.hpp"
#include "bus/nats_driver.hpp"
#include "hub/agent.hpp"
#include "hub/json_view.hpp"
#include "support/fake_host.hpp"
#include "support/nats_server.hpp"

#include <atomic>
#include <latch>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

using namespace std::chrono_literals;
using test::eventually;

pbx::event_ptr event(int number)
{
    auto made = std::make_shared<pbx::event>("CHANNEL_ANSWER");
    made->add("Unique-ID", "leg");
    made->add("number", std::to_string(number));
    return made;
}

/// An agent on a fake switch and a real NATS.
class AgentOnNats : public testing::Test {
protected:
    void SetUp() override
    {
        server = test::nats_server::start();
        if (!server) GTEST_SKIP() << "no nats-server installed";
    }
    void TearDown() override { subject.reset(); }
    bus::nats_settings nats() const
    {
        bus::nats_settings with;
        with.url = server->url();
        with.reconnect_wait_ms = 20;
        with.timeout_ms = 2000;
        return with;
    }
    std::unique_ptr<agent> make(const std::string& node, pbx::host& on)
    {
        settings with;
        with.node_id = node;
        with.drain_ms = 1000;
        auto made = agent::create(with, on, bus::make_nats_driver(nats()).value()).value();
        EXPECT_TRUE(made->start());
        return made;
    }
    /// Starts the agent and a client that knows it is listening.
    void start()
    {
        subject = make("pbx_7", host);
        peer = bus::client::connect(nats()).value();
        ASSERT_TRUE(eventually([&] { return ask("freeswitch.api.pbx_7", "echo up").ends_with(R"("data":"up"})"); }));
    }
    std::string ask(const std::string& on, std::string_view payload)
    {
        auto answer = peer->request(on, payload, 5s);
        return answer ? *answer : answer.error().message();
    }

    std::unique_ptr<test::nats_server> server;
    test::fake_host host;
    std::unique_ptr<bus::client> peer;
    std::unique_ptr<agent> subject;
};

TEST_F(AgentOnNats, AnswersPlainTextAndJson)
{
    start();
    EXPECT_NE(ask("freeswitch.api", "echo plain").find(R"("data":"plain")"), std::string::npos);
    EXPECT_NE(ask("freeswitch.node.pbx_7", R"({"command":"echo","args":"json"})").find(R"("data":"json")"),
              std::string::npos);
}

TEST_F(AgentOnNats, UnknownSubjectsHaveNoResponders)
{
    start();
    for (const char* unknown : {"freeswitch.cmd.dance", "freeswitch.api.other", "freeswitch.cmd.hangup.other"})
        EXPECT_EQ(peer->request(unknown, "{}", 5s).error(), bus::errc::no_responders) << unknown;
}

TEST_F(AgentOnNats, TenMegabytesGetAClearError)
{
    server = test::nats_server::start({"-c", [] {
                                           const auto file = std::filesystem::path{testing::TempDir()} /
                                                             ("big-" + std::to_string(::getpid()) + ".conf");
                                           std::ofstream{file} << "max_payload: 16777216\n";
                                           return file.string();
                                       }()});
    start();
    EXPECT_NE(ask("freeswitch.api", std::string(10U << 20U, '{')).find("Request exceeds maximum payload size"),
              std::string::npos);
    EXPECT_NE(ask("freeswitch.api", std::string(1000000, '[')).find("Invalid JSON payload"), std::string::npos);
    EXPECT_NE(ask("freeswitch.api", "echo still here").find("still here"), std::string::npos);
}

TEST_F(AgentOnNats, AReplyBeyondTheServersLimitIsAnErrorReply)
{
    host.on("big", [](auto) { return pbx::api_reply{true, std::string(2U << 20U, 'x')}; });
    start();
    EXPECT_NE(ask("freeswitch.api", "big").find("Response exceeds maximum payload size"), std::string::npos);
}

TEST_F(AgentOnNats, AsyncNeverAnswers)
{
    std::atomic<int> runs{0};
    host.on("count", [&](auto) { return ++runs, pbx::api_reply{true, ""}; });
    start();
    EXPECT_EQ(peer->request("freeswitch.api", R"({"command":"count","async":true})", 150ms).error(),
              bus::errc::timeout);
    EXPECT_EQ(peer->request("freeswitch.cmd.async.hangup", "garbage", 150ms).error(), bus::errc::timeout);
    subject->stop();
    EXPECT_EQ(runs, 1);
}

TEST_F(AgentOnNats, TheNodeFilterPicksOneOfTwo)
{
    start();
    const auto other = make("pbx_8", host);
    ASSERT_TRUE(eventually([&] { return ask("freeswitch.api.pbx_8", "echo x").find("pbx_8") != std::string::npos; }));
    for (const char* node : {"pbx_7", "pbx_8"}) {
        const auto answer = ask("freeswitch.api", R"({"command":"echo","node_id":")" + std::string{node} + "\"}");
        EXPECT_NE(answer.find(R"("node_id":")" + std::string{node}), std::string::npos) << answer;
    }
    EXPECT_EQ(peer->request("freeswitch.api", R"({"command":"echo","node_id":"pbx_9"})", 150ms).error(),
              bus::errc::timeout);
}

TEST_F(AgentOnNats, SevenBlockedWorkersDoNotDelayTheEighth)
{
    std::latch open{1};
    host.on("wait", [&](auto) { return open.wait(), pbx::api_reply{true, ""}; });
    start();
    for (int i = 0; i < 7; ++i) ASSERT_TRUE(peer->publish("freeswitch.api", "wait"));
    const auto began = steady_clock::now();
    EXPECT_NE(ask("freeswitch.api", "echo quick").find("quick"), std::string::npos);
    EXPECT_NE(ask("freeswitch.cmd.status", "").find("System status"), std::string::npos);
    EXPECT_LT(steady_clock::now() - began, 500ms);
    open.count_down();
    subject->stop();  // nobody may look at the latch after this
}

TEST_F(AgentOnNats, EventsArriveWithoutAHoleInSeq)
{
    start();
    std::mutex mutex;
    std::vector<std::int64_t> seen;
    ASSERT_TRUE(peer->subscribe("freeswitch.events.channel.*", [&](bus::message m) {
        const std::lock_guard lock{mutex};
        seen.push_back(json_view::parse(m.payload)->find("seq")->integer().value());
    }));
    ASSERT_TRUE(peer->flush(1s));
    for (int i = 0; i < 2000; ++i) host.raise(event(i));
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock{mutex};
        return seen.size() == 2000;
    }));
    for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], static_cast<std::int64_t>(i + 1));
}

TEST_F(AgentOnNats, EventsWaitWhileNatsIsAwayAndComeInOrder)
{
    start();
    server->kill();
    ASSERT_TRUE(eventually([&] { return !subject->connected(); }));
    for (int i = 0; i < 100; ++i) host.raise(event(i));
    // A subscriber can only be there first if the agent comes last: it is stopped from reconnecting by nothing
    // but time, so what is asserted is that nothing was dropped and all of it was sent.
    server->restart();
    peer = bus::client::connect(nats()).value();
    EXPECT_TRUE(eventually(
        [&] { return ask("freeswitch.cmd.status", "").find("\"events_published\":100") != std::string::npos; }));
    EXPECT_NE(ask("freeswitch.cmd.status", "").find("\"events_dropped\":0"), std::string::npos);
}

TEST_F(AgentOnNats, SurvivesNatsKilledUnderLoad)
{
    start();
    std::atomic<bool> stop{false};
    std::thread raise{[&] {
        for (int i = 0; !stop; ++i) {
            host.raise(event(i));
            std::this_thread::sleep_for(50us);
        }
    }};
    std::thread commands{[&] {
        while (!stop) [[maybe_unused]] const auto sent = peer->request("freeswitch.api", "echo x", 20ms);
    }};
    for (int round = 0; round < 3; ++round) {
        std::this_thread::sleep_for(50ms);  // some load, not a condition
        server->kill();
        EXPECT_TRUE(eventually([&] { return !subject->connected(); }));
        server->restart();
        EXPECT_TRUE(eventually([&] { return subject->connected(); }));
    }
    stop = true;
    raise.join();
    commands.join();
    peer = bus::client::connect(nats()).value();
    EXPECT_TRUE(eventually([&] { return ask("freeswitch.api", "echo back").find("back") != std::string::npos; }));
    const auto status = ask("freeswitch.cmd.status", "");
    EXPECT_NE(status.find("\"reconnects\":3"), std::string::npos) << status;
}

TEST_F(AgentOnNats, StopsUnderTraffic)
{
    start();
    std::atomic<bool> stop{false};
    std::thread load{[&] {
        for (int i = 0; !stop; ++i) {
            host.raise(event(i));
            [[maybe_unused]] const auto sent = peer->publish("freeswitch.api", "echo x");
        }
    }};
    for (int round = 0; round < 5; ++round) {
        subject = make("pbx_7", host);
        EXPECT_TRUE(
            eventually([&] { return subject->status_text().find("commands: 0 received") == std::string::npos; }));
        const auto began = steady_clock::now();
        subject->stop();
        EXPECT_LT(steady_clock::now() - began, 4s);
        subject.reset();
    }
    stop = true;
    load.join();
}

TEST_F(AgentOnNats, EveryRequestOfManyClientsIsAnsweredExactlyOnce)
{
    start();
    constexpr int clients = 10;
    constexpr int each = 200;
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int c = 0; c < clients; ++c)
        threads.emplace_back([&, c] {
            const auto mine = bus::client::connect(nats()).value();
            for (int i = 0; i < each; ++i) {
                const auto id = std::to_string(c) + "-" + std::to_string(i);
                const auto answer = mine->request("freeswitch.api", "echo " + id, 5s);
                if (answer && answer->find("\"data\":\"" + id + "\"") != std::string::npos) ++good;
            }
        });
    for (auto& it : threads) it.join();
    EXPECT_EQ(good, clients * each);
}

TEST(AgentWithoutNats, StartsAndConnectsLater)
{
    const auto server = test::nats_server::prepared();
    if (!server) GTEST_SKIP() << "no nats-server installed";
    test::fake_host host;
    bus::nats_settings nats;
    nats.url = server->url();
    nats.reconnect_wait_ms = 20;
    settings with;
    with.node_id = "pbx_7";
    const auto subject = agent::create(with, host, bus::make_nats_driver(nats).value()).value();
    ASSERT_TRUE(subject->start());
    EXPECT_FALSE(subject->connected());
    EXPECT_NE(subject->status_text().find("not connected"), std::string::npos);
    server->restart();
    ASSERT_TRUE(eventually([&] { return subject->connected(); }));
    const auto peer = bus::client::connect(nats).value();
    EXPECT_TRUE(eventually([&] {
        const auto answer = peer->request("freeswitch.api", "echo late", 1s);
        return answer && answer->find("late") != std::string::npos;
    }));
}

}  // namespace
}  // namespace strowger::hub
