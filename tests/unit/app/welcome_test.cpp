#include "app/welcome.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strowger::app {
namespace {

using testing::HasSubstr;
using testing::Not;

settings defaults()
{
    auto out = load_text("", "defaults", {}).values;
    out.hub.complete({}, "here");
    return out;
}

TEST(Welcome, SaysWhereToPointAPhoneAndWhatToDial)
{
    const auto text = welcome_text(defaults(), {.hub = true, .own_nats = true, .nats_connected = true});
    EXPECT_THAT(text, HasSubstr("127.0.0.1:5060 (UDP or TCP), any user name, no password"));
    EXPECT_THAT(text, HasSubstr("9196 echo"));
    EXPECT_THAT(text, HasSubstr("10xx phone"));
    EXPECT_THAT(text, HasSubstr("our own nats-server"));
    EXPECT_THAT(text, HasSubstr("strowger events"));
    EXPECT_THAT(text, HasSubstr("http://127.0.0.1:8090/health"));
    EXPECT_THAT(text, testing::EndsWith("Ready. Ctrl-C ends the calls and stops.\n"));
}

TEST(Welcome, NamesTheFirstUserButNotItsPassword)
{
    auto with = defaults();
    with.softswitch.sip.require_auth = true;
    softswitch::user alice;
    alice.number = "1000";
    alice.password = "hush";
    with.softswitch.users = {alice};
    const auto text = welcome_text(with, {.hub = true});
    EXPECT_THAT(text, HasSubstr("user 1000 with the password of [switch.users.1000]"));
    EXPECT_THAT(text, Not(HasSubstr("hush")));
}

TEST(Welcome, SaysWhatIsMissing)
{
    auto with = defaults();
    EXPECT_THAT(welcome_text(with, {}), HasSubstr("off: no [hub]"));
    EXPECT_THAT(welcome_text(with, {.hub = true}), HasSubstr("does not answer yet"));
    with.softswitch.sip.require_auth = true;
    EXPECT_THAT(welcome_text(with, {}), HasSubstr("nobody may register yet"));
}

TEST(Welcome, ShowsAPatternThatIsMoreThanDigitsAsItIs)
{
    auto with = defaults();
    softswitch::dialplan_entry entry;
    entry.name = "abroad";
    entry.pattern = "^00(.*)$";
    with.softswitch.dialplan = {entry};
    EXPECT_THAT(welcome_text(with, {}), HasSubstr("^00(.*)$ abroad"));
}

}  // namespace
}  // namespace strowger::app
