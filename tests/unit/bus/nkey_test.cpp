#include "bus/detail/nkey.hpp"

#include "bus/error.hpp"

#include <string>

#include <gtest/gtest.h>

namespace strowger::bus::detail {
namespace {

// A pair published in the NATS documentation of nkey authentication.
constexpr auto seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
constexpr auto user = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

TEST(Nkey, FindsThePublicKeyOfASeed)
{
    EXPECT_EQ(nkey_public(seed).value(), user);
}

TEST(Nkey, RefusesASeedWithAWrongChecksum)
{
    std::string wrong = seed;
    wrong[20] = wrong[20] == 'A' ? 'B' : 'A';
    EXPECT_EQ(nkey_public(wrong).error(), errc::bad_key);
}

TEST(Nkey, RefusesWhatIsNotAUserSeed)
{
    EXPECT_EQ(nkey_public("").error(), errc::bad_key);
    EXPECT_EQ(nkey_public("SU").error(), errc::bad_key);
    EXPECT_EQ(nkey_public(user).error(), errc::bad_key);
    EXPECT_EQ(nkey_public("not base32 at all!").error(), errc::bad_key);
}

}  // namespace
}  // namespace strowger::bus::detail
