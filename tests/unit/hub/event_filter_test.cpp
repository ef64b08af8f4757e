#include "hub/event_filter.hpp"

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

using words = std::vector<std::string>;

struct row {
    words include, exclude;
    bool all;
    const char* name;
    const char* subclass;
    bool wanted;
};

class EventFilter : public testing::TestWithParam<row> {};
TEST_P(EventFilter, Decides)
{
    const auto& it = GetParam();
    EXPECT_EQ(event_filter(it.include, it.exclude, it.all).wants(it.name, it.subclass), it.wanted);
}
INSTANTIATE_TEST_SUITE_P(
    All, EventFilter,
    testing::Values(row{{}, {}, true, "DTMF", "", true}, row{{}, {}, false, "DTMF", "", false},
                    row{{}, {"DTMF", "HEARTBEAT"}, true, "HEARTBEAT", "", false},
                    row{{"CHANNEL_ANSWER"}, {}, false, "CHANNEL_ANSWER", "", true},
                    row{{"channel_answer"}, {}, false, "CHANNEL_ANSWER", "", true},
                    row{{"CHANNEL_ANSWER"}, {}, true, "CHANNEL_HANGUP", "", false},
                    row{{"CUSTOM"}, {}, true, "CUSTOM", "sofia::register", true},
                    row{{"CUSTOM"}, {}, true, "CUSTOM", "", true},
                    row{{"CUSTOM sofia::register"}, {}, true, "CUSTOM", "sofia::register", true},
                    row{{"CUSTOM sofia::register"}, {}, true, "CUSTOM", "sofia::unregister", false},
                    row{{"sofia::register"}, {}, true, "CUSTOM", "sofia::register", true},
                    row{{"sofia::register"}, {}, true, "CUSTOM", "other", false},
                    row{{"CHANNEL_*"}, {}, true, "CHANNEL_PARK", "", true},
                    row{{"CHANNEL_*"}, {}, true, "CALL_UPDATE", "", false},
                    row{{"CUSTOM conference::*"}, {}, true, "CUSTOM", "conference::maintenance", true},
                    row{{"conference::*"}, {}, true, "CUSTOM", "conference::cdr", true},
                    row{{"ALL"}, {}, false, "DTMF", "", true}, row{{"*"}, {}, false, "CUSTOM", "x", true},
                    row{{"CHANNEL_CREATE", "CUSTOM sofia::register"}, {}, true, "CUSTOM", "x", false},
                    row{{"sofia::register"}, {"CUSTOM"}, true, "CUSTOM", "sofia::register", false},
                    row{{"ALL"}, {"ALL"}, true, "DTMF", "", false}, row{{" DTMF "}, {}, false, "DTMF", "", true}));

TEST(EventFilterEntries, AnUnknownNameIsKeptAndTold)
{
    const event_filter filter{{"CHANNEL_ANSWRE", "CHANNEL_*", "sofia::x"}, {"DTMF"}, true};
    EXPECT_EQ(filter.unknown(), words{"CHANNEL_ANSWRE"});
    EXPECT_TRUE(filter.wants("CHANNEL_ANSWRE", ""));
}

}  // namespace
}  // namespace strowger::hub
