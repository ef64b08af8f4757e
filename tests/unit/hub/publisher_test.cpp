#include "hub/publisher.hpp"

#include "hub/json_view.hpp"
#include "support/fake_bus.hpp"
#include "support/nats_server.hpp"

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

using namespace std::chrono_literals;

pbx::event_ptr event(std::string_view name, std::string_view subclass = {}, std::size_t variable = 1)
{
    auto made = std::make_shared<pbx::event>(name, subclass);
    made->add("Unique-ID", "u");
    made->add("variable_x", std::string(variable, 'x'));
    return made;
}

publisher::options options(std::size_t most = 10)
{
    publisher::options with;
    with.prefix = "P";
    with.max_events = most;
    with.json.node_id = "n";
    return with;
}

std::vector<std::int64_t> sequence(const test::fake_bus& bus)
{
    std::vector<std::int64_t> out;
    for (const auto& it : bus.all()) out.push_back(json_view::parse(it.payload)->find("seq")->integer().value());
    return out;
}

TEST(Publisher, NumbersWithoutGapsInOrder)
{
    test::fake_bus bus;
    publisher events{options(), bus};
    events.start();
    for (int i = 0; i < 5; ++i) events.push(event("CHANNEL_ANSWER"));
    ASSERT_TRUE(bus.wait_for(5));
    EXPECT_EQ(sequence(bus), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(bus.all()[0].subject, "P.events.channel.answer");
    events.stop(1s);
    EXPECT_EQ(events.count().published, 5u);
}

TEST(Publisher, DroppingTheOldestLeavesAHole)
{
    test::fake_bus bus;
    bus.up = false;
    publisher events{options(3), bus};
    events.start();
    for (int i = 0; i < 5; ++i) events.push(event(i == 0 ? "CALL_UPDATE" : "CHANNEL_ANSWER"));
    EXPECT_EQ(events.count().queued, 3u);
    bus.up = true;
    ASSERT_TRUE(bus.wait_for(3));
    EXPECT_EQ(sequence(bus), (std::vector<std::int64_t>{3, 4, 5}));
    EXPECT_EQ(events.count().dropped_by_class, (std::map<std::string, std::uint64_t>{{"call", 1}, {"channel", 1}}));
    events.stop(1s);
}

TEST(Publisher, DroppingTheNewestKeepsWhatWaits)
{
    test::fake_bus bus;
    bus.up = false;
    auto with = options(3);
    with.drop_oldest = false;
    publisher events{with, bus};
    events.start();
    for (int i = 0; i < 5; ++i) events.push(event("DTMF"));
    bus.up = true;
    ASSERT_TRUE(bus.wait_for(3));
    EXPECT_EQ(sequence(bus), (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(events.count().dropped, 2u);
    events.stop(1s);
}

TEST(Publisher, BytesBoundTheQueueToo)
{
    test::fake_bus bus;
    bus.up = false;
    auto with = options(1000);
    with.max_bytes = 10000;
    publisher events{with, bus};
    for (int i = 0; i < 100; ++i) events.push(event("DTMF", {}, 1000));
    EXPECT_LE(events.count().queued, 10u);
    EXPECT_GE(events.count().queued, 5u);
    const auto queued = events.count().queued;
    events.push(event("DTMF", {}, 100000));
    EXPECT_EQ(events.count().queued, queued) << "nothing goes for an event that can never fit";
}

TEST(Publisher, CustomSubjectsByMode)
{
    const auto subjects = [](publisher::custom_subjects mode, std::string_view subclass) {
        test::fake_bus bus;
        auto with = options();
        with.custom = mode;
        publisher events{with, bus};
        events.start();
        events.push(event("CUSTOM", subclass));
        events.stop(1s);
        std::string out;
        for (const auto& it : bus.all()) out += it.subject + " ";
        return out;
    };
    using mode = publisher::custom_subjects;
    EXPECT_EQ(subjects(mode::subclass, "sofia::register"), "P.events.custom.sofia_register ");
    EXPECT_EQ(subjects(mode::subclass, ""), "P.events.custom ");
    EXPECT_EQ(subjects(mode::flat, "sofia::register"), "P.events.custom ");
    EXPECT_EQ(subjects(mode::both, "sofia::register"), "P.events.custom P.events.custom.sofia_register ");
}

TEST(Publisher, ATooLargeEventLosesItsVariablesThenItself)
{
    test::fake_bus bus;
    bus.limit = 400;
    publisher events{options(), bus};
    events.start();
    events.push(event("DTMF", {}, 1000));
    auto hopeless = std::make_shared<pbx::event>("DTMF");
    hopeless->add("Other", std::string(1000, 'x'));
    events.push(hopeless);
    events.stop(1s);
    ASSERT_EQ(bus.all().size(), 1u);
    EXPECT_NE(bus.all()[0].payload.find("\"truncated\":true"), std::string::npos);
    EXPECT_EQ(events.count().published, 1u);
    EXPECT_EQ(events.count().failed, 1u);
}

TEST(Publisher, WaitsForAFullBusWithoutLoss)
{
    test::fake_bus bus;
    bus.full = true;
    publisher events{options(), bus};
    events.start();
    for (int i = 0; i < 5; ++i) events.push(event("DTMF"));
    bus.full = false;
    ASSERT_TRUE(bus.wait_for(5));
    EXPECT_EQ(sequence(bus), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

TEST(Publisher, StopCountsWhatCouldNotLeave)
{
    test::fake_bus bus;
    bus.up = false;
    publisher events{options(), bus};
    events.start();
    for (int i = 0; i < 5; ++i) events.push(event("DTMF"));
    events.stop(10ms);
    EXPECT_EQ(events.count().dropped, 5u);
    EXPECT_EQ(events.count().queued, 0u);
}

}  // namespace
}  // namespace strowger::hub
