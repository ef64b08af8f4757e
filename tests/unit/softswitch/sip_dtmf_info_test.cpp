#include "softswitch/sip/dtmf_info.hpp"

#include <gtest/gtest.h>

namespace strowger::softswitch::sip {
namespace {

TEST(DtmfInfo, RelayBodyHasKeyAndDuration)
{
    const auto key = parse_dtmf_info("dtmf-relay", "Signal= 5\r\nDuration= 160\r\n");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->digit, '5');
    EXPECT_EQ(key->duration_ms, 160u);
}

TEST(DtmfInfo, PlainBodyIsTheKey)
{
    EXPECT_EQ(parse_dtmf_info("dtmf", "#\r\n")->digit, '#');
    EXPECT_EQ(parse_dtmf_info("DTMF", "11")->digit, '#') << "an event number";
}

TEST(DtmfInfo, WhatIsNoKeyIsNone)
{
    EXPECT_FALSE(parse_dtmf_info("dtmf", ""));
    EXPECT_FALSE(parse_dtmf_info("dtmf", "x"));
    EXPECT_FALSE(parse_dtmf_info("dtmf-relay", "Duration=100"));
    EXPECT_FALSE(parse_dtmf_info("media_control+xml", "5"));
    EXPECT_EQ(parse_dtmf_info("dtmf-relay", "signal=1\nduration=99999999999")->duration_ms, 250u);
}

TEST(DtmfInfo, WhatWeWriteWeRead)
{
    const auto key = parse_dtmf_info("dtmf-relay", write_dtmf_relay({'D', 120}));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->digit, 'D');
    EXPECT_EQ(key->duration_ms, 120u);
}

}  // namespace
}  // namespace strowger::softswitch::sip
