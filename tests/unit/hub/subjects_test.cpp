#include "hub/subjects.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

using pair = std::pair<const char*, const char*>;

class Slug : public testing::TestWithParam<pair> {};
TEST_P(Slug, MakesOneToken)
{
    EXPECT_EQ(slug(GetParam().first), GetParam().second);
}
INSTANTIATE_TEST_SUITE_P(All, Slug,
                         testing::Values(pair{"FS-Node-01", "fs_node_01"}, pair{"fs-node-01", "fs_node_01"},
                                         pair{"freeswitch.node.02", "freeswitch_node_02"}, pair{"pbx 7/a", "pbx_7_a"},
                                         pair{"k\xC3\xB6ln", "k__ln"}, pair{"__x__", "__x__"}, pair{"", ""}));

TEST(SlugLength, IsCappedAt128Bytes)
{
    EXPECT_EQ(slug(std::string(500, 'A')), std::string(128, 'a'));
}

class EventTail : public testing::TestWithParam<pair> {};
TEST_P(EventTail, SpellsTheEvent)
{
    std::string tail;
    append_event_tail(tail, GetParam().first);
    EXPECT_EQ(tail, GetParam().second);
}
INSTANTIATE_TEST_SUITE_P(All, EventTail,
                         testing::Values(pair{"CHANNEL_CREATE", "channel.create"},
                                         pair{"CHANNEL_HANGUP_COMPLETE", "channel.hangup.complete"},
                                         pair{"CHANNEL_PROGRESS_MEDIA", "channel.progress.media"},
                                         pair{"CALL_SETUP_REQ", "call.setup.req"}, pair{"RE_SCHEDULE", "re.schedule"},
                                         pair{"HEARTBEAT", "heartbeat"}, pair{"RELOADXML", "reloadxml"},
                                         pair{"DTMF", "dtmf"}, pair{"BACKGROUND_JOB", "background.job"},
                                         pair{"CUSTOM", "custom"}));

class SubclassToken : public testing::TestWithParam<pair> {};
TEST_P(SubclassToken, IsASingleToken)
{
    EXPECT_EQ(subclass_token(GetParam().first), GetParam().second);
}
INSTANTIATE_TEST_SUITE_P(All, SubclassToken,
                         testing::Values(pair{"sofia::register", "sofia_register"},
                                         pair{"conference::maintenance", "conference_maintenance"},
                                         pair{"Acme.Billing/v2", "acme_billing_v2"}, pair{"::x::", "x"},
                                         pair{"_a_", "a"}, pair{"***", ""}, pair{"a  b", "a_b"},
                                         pair{"a__b", "a__b"}));

TEST(Prefix, TokensOfLettersDigitsUnderscoreAndDash)
{
    for (const char* good : {"freeswitch", "acme.pbx1", "A-b_9"}) EXPECT_TRUE(valid_prefix(good)) << good;
    for (const char* bad : {"", ".", "a..b", ".a", "a b", "a.*", "a.>", "\xC3\xB6"})
        EXPECT_FALSE(valid_prefix(bad)) << bad;
    EXPECT_EQ(trimmed_prefix("  acme.pbx1.. "), "acme.pbx1");
}

TEST(CommandSubjects, AreExactlyTheDocumentedOnes)
{
    std::set<std::string> subjects;
    std::set<std::string> silent;
    for (const auto& it : command_subjects("P", "n")) {
        subjects.insert(it.subject);
        if (it.async) silent.insert(it.subject);
    }
    const std::set<std::string> async{"P.cmd.async.originate", "P.cmd.async.originate.n", "P.cmd.async.hangup",
                                      "P.cmd.async.hangup.n",  "P.cmd.async.bridge",      "P.cmd.async.bridge.n"};
    std::set<std::string> expected{
        "P.api",           "P.api.n",           "P.node.n",          "P.cmd.status",   "P.cmd.status.n",
        "P.cmd.originate", "P.cmd.originate.n", "P.cmd.hangup",      "P.cmd.hangup.n", "P.cmd.bridge",
        "P.cmd.bridge.n",  "P.cmd.dialplan.*",  "P.cmd.dialplan.*.n"};
    expected.insert(async.begin(), async.end());
    EXPECT_EQ(subjects, expected);
    EXPECT_EQ(silent, async);
}

TEST(ReplySubject, OurOwnSubjectsAndWildcardsAreUnsafe)
{
    for (const char* bad : {"P.api", "P.api.n", "P.cmd.hangup", "P.node.n", "P.events.x", "a.*", "a.>", "a b"})
        EXPECT_TRUE(unsafe_reply_subject("P", bad)) << bad;
    for (const char* good : {"_INBOX.x.1", "P.replies.me", "P", "Px.api", "other.api"})
        EXPECT_FALSE(unsafe_reply_subject("P", good)) << good;
}

}  // namespace
}  // namespace strowger::hub
