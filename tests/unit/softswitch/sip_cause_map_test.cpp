#include "softswitch/sip/cause_map.hpp"

#include <gtest/gtest.h>

namespace strowger::softswitch::sip {
namespace {

using pbx::cause;

struct status_case {
    int status;
    cause why;
};

class StatusToCause : public testing::TestWithParam<status_case> {};
TEST_P(StatusToCause, IsWhatModSofiaSays)
{
    EXPECT_EQ(cause_of(GetParam().status), GetParam().why);
}
INSTANTIATE_TEST_SUITE_P(
    ModSofia, StatusToCause,
    testing::Values(status_case{200, cause::normal_clearing}, status_case{400, cause::normal_temporary_failure},
                    status_case{401, cause::call_rejected}, status_case{403, cause::call_rejected},
                    status_case{404, cause::unallocated_number}, status_case{405, cause::service_unavailable},
                    status_case{407, cause::call_rejected}, status_case{408, cause::recovery_on_timer_expire},
                    status_case{410, cause::number_changed}, status_case{415, cause::service_not_implemented},
                    status_case{480, cause::no_user_response}, status_case{483, cause::exchange_routing_error},
                    status_case{484, cause::invalid_number_format}, status_case{485, cause::no_route_destination},
                    status_case{486, cause::user_busy}, status_case{487, cause::originator_cancel},
                    status_case{488, cause::incompatible_destination}, status_case{502, cause::network_out_of_order},
                    status_case{503, cause::normal_temporary_failure}, status_case{513, cause::interworking},
                    status_case{600, cause::user_busy}, status_case{603, cause::call_rejected},
                    status_case{604, cause::no_route_destination}, status_case{607, cause::unwanted},
                    status_case{699, cause::normal_unspecified}));

class CauseToStatus : public testing::TestWithParam<status_case> {};
TEST_P(CauseToStatus, IsWhatModSofiaSays)
{
    EXPECT_EQ(status_of(GetParam().why), GetParam().status);
}
INSTANTIATE_TEST_SUITE_P(
    ModSofia, CauseToStatus,
    testing::Values(status_case{404, cause::unallocated_number}, status_case{404, cause::no_route_destination},
                    status_case{486, cause::user_busy}, status_case{408, cause::no_user_response},
                    status_case{480, cause::no_answer}, status_case{480, cause::subscriber_absent},
                    status_case{603, cause::call_rejected}, status_case{410, cause::number_changed},
                    status_case{502, cause::destination_out_of_order}, status_case{484, cause::invalid_gateway},
                    status_case{480, cause::normal_unspecified}, status_case{480, cause::normal_clearing},
                    status_case{503, cause::switch_congestion}, status_case{403, cause::outgoing_call_barred},
                    status_case{488, cause::incompatible_destination},
                    status_case{504, cause::recovery_on_timer_expire}, status_case{487, cause::originator_cancel},
                    status_case{483, cause::exchange_routing_error}, status_case{480, cause::user_not_registered},
                    status_case{600, cause::busy_everywhere}));

TEST(ReasonHeader, CarriesQ850AndWhatQ850DoesNotKnowAsSip)
{
    EXPECT_EQ(reason_header(cause::user_busy), "Q.850;cause=17;text=\"USER_BUSY\"");
    EXPECT_EQ(reason_header(cause::media_timeout), "SIP;cause=804;text=\"MEDIA_TIMEOUT\"");
    EXPECT_EQ(reason_header(cause::lose_race), "SIP;cause=200;text=\"Call completed elsewhere\"");
}

TEST(ReasonHeader, IsReadWhateverItsCaseAndRefusedWhenItIsNoQ850)
{
    EXPECT_EQ(parse_reason("Q.850;cause=16;text=\"NORMAL_CLEARING\""), cause::normal_clearing);
    EXPECT_EQ(parse_reason(" q.850 ; cause=21"), cause::call_rejected);
    EXPECT_EQ(parse_reason("FreeSWITCH;cause=804"), cause::media_timeout);
    EXPECT_EQ(parse_reason("SIP;cause=200"), std::nullopt);
    EXPECT_EQ(parse_reason("Q.850;cause=x"), std::nullopt);
    EXPECT_EQ(parse_reason("Q.850;cause=99999999"), std::nullopt);
    EXPECT_EQ(parse_reason(""), std::nullopt);
}

}  // namespace
}  // namespace strowger::softswitch::sip
