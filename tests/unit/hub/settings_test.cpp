#include "hub/settings.hpp"

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

settings from_toml(std::string_view text, std::vector<std::string>* problems = nullptr)
{
    config::node root;
    std::string problem;
    EXPECT_TRUE(config::parse_toml(text, "test", root, problem)) << problem;
    config::loader loader{root};
    settings out;
    out.read(loader.root());
    if (problems != nullptr) *problems = loader.problems();
    return out;
}

config::node param(std::string value)
{
    config::node out;
    out.is = config::node::kind::text;
    out.scalar = std::move(value);
    return out;
}

TEST(HubSettings, DefaultsAreTheDocumentedOnes)
{
    const auto with = from_toml("");
    EXPECT_EQ(with.subject_prefix, "freeswitch");
    EXPECT_EQ(with.command_workers, 8u);
    EXPECT_EQ(with.command_queue_size, 4096u);
    EXPECT_EQ(with.command_timeout, 120000u);
    EXPECT_EQ(with.max_request_bytes, 1048576u);
    EXPECT_EQ(with.event_queue_size, 10000u);
    EXPECT_EQ(with.nats.max_reconnect, 60);
    EXPECT_EQ(with.nats.reconnect_wait_ms, 2000);
    EXPECT_TRUE(with.publish_all_events);
}

TEST(HubSettings, ReadsTheSpellingsOfTheFreeswitchFile)
{
    config::node root;
    root.members = {{"driver", param("NATS")},
                    {"url", param("nats://one")},
                    {"url", param("nats://two")},
                    {"subject_prefix", param("acme.pbx1.")},
                    {"node-id", param("FS-1")},
                    {"LOG-LEVEL", param("debug")},
                    {"include-events", param("CHANNEL_CREATE, CUSTOM sofia::register")},
                    {"exclude", param("DTMF,HEARTBEAT")},
                    {"nats-timeout", param("700")},
                    {"nats_reconnect_wait", param("5")},
                    {"token", param("")},
                    {"publish_all_events", param("no")}};
    config::loader loader{root, {}, true};
    settings with;
    with.read(loader.root());
    EXPECT_TRUE(loader.problems().empty()) << loader.problems().front();
    EXPECT_EQ(with.nats.url, "nats://two");
    EXPECT_EQ(with.subject_prefix, "acme.pbx1");
    EXPECT_EQ(with.node_id, "FS-1");
    EXPECT_EQ(with.log_level, log::level::debug);
    EXPECT_EQ(with.include_events, (std::vector<std::string>{"CHANNEL_CREATE", "CUSTOM sofia::register"}));
    EXPECT_EQ(with.exclude_events, (std::vector<std::string>{"DTMF", "HEARTBEAT"}));
    EXPECT_EQ(with.nats.timeout_ms, 700);
    EXPECT_EQ(with.nats.reconnect_wait_ms, 5);
    EXPECT_FALSE(with.publish_all_events);
}

TEST(HubSettings, WrongValuesKeepTheDefaultAndAreTold)
{
    std::vector<std::string> problems;
    const auto with =
        from_toml("subject_prefix = \"a..b\"\nlog_level = \"loud\"\ndriver = \"carrier-pigeon\"\n", &problems);
    EXPECT_EQ(with.subject_prefix, "freeswitch");
    EXPECT_EQ(with.log_level, log::level::info);
    EXPECT_EQ(with.driver, "nats");
    EXPECT_EQ(problems.size(), 3u);
}

TEST(HubSettings, EnvironmentFillsWhatTheFileLeftOpen)
{
    const auto completed = [](std::map<std::string, std::string> env, settings with = {}) {
        with.complete([&](const char* name) { return env.contains(name) ? env[name].c_str() : nullptr; },
                      "Box.local");
        return with.nats.url + " " + with.node_id;
    };
    EXPECT_EQ(completed({}), "nats://127.0.0.1:4222 fs_node_box_local");
    EXPECT_EQ(completed({{"NATS_HOST", "h"}}), "nats://h:4222 fs_node_box_local");
    EXPECT_EQ(completed({{"NATS_PORT", "5"}}), "nats://localhost:5 fs_node_box_local");
    EXPECT_EQ(completed({{"NATS_URL", "nats://u"}, {"NATS_HOST", "h"}, {"AGENT_NODE_ID", "A-1"}}), "nats://u a_1");
    settings set;
    set.node_id = "mine";
    set.nats.url = "nats://x";
    EXPECT_EQ(completed({{"NATS_URL", "nats://u"}, {"AGENT_NODE_ID", "A-1"}}, set), "nats://x mine");
}

}  // namespace
}  // namespace strowger::hub
