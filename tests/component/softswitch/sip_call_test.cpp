#include "softswitch/rtp/packet.hpp"
#include "support/sip_exchange.hpp"
#include "support/sip_phone.hpp"

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

using namespace std::chrono_literals;
using test::sip_exchange;
using test::sip_phone;
using test::sip_text;
using test::value_of;

class SipCall : public testing::Test {
protected:
    /// A call from the phone, answered and acknowledged.
    sip_text call(const std::string& number = "9196")
    {
        exchange_.decide([](leg& party) { party.answer(); });
        phone_.send(phone_.request("INVITE", number, {.body = phone_.sdp()}));
        auto answer = phone_.receive_status(200);
        phone_.ack(answer, number);
        EXPECT_TRUE(exchange_.told().wait("1 answered"));
        return answer;
    }
    /// A call to the phone. @return its INVITE
    sip_text dialled(softswitch::variables settings = {})
    {
        EXPECT_EQ(exchange_.dial("sip:phone@127.0.0.1:" + std::to_string(phone_.port()), std::move(settings)), 1);
        return phone_.receive_method("INVITE");
    }
    bool told(const std::string& what) { return exchange_.told().wait("1 " + what); }
    std::string end_value(std::string_view name) { return value_of(exchange_.ended_with(1), name); }
    test::sip_extra in_dialog(const sip_text& answer, std::string headers = {}, std::string body = {})
    {
        return {.to_tag = answer.tag_of("To"), .headers = std::move(headers), .body = std::move(body)};
    }

    sip_exchange exchange_;
    sip_phone phone_{exchange_.port()};
};

TEST_F(SipCall, RingsAnswersAndEndsWhenThePhoneHangsUp)
{
    phone_.send(phone_.request("INVITE", "9196", {.body = phone_.sdp()}));
    ASSERT_TRUE(told("incoming 9196"));
    EXPECT_EQ(exchange_.caller_facts, "Phone|phone|phone|9196|default");
    exchange_.with(1, [](leg& party) { party.ring(); });
    const auto ringing = phone_.receive();
    EXPECT_EQ(ringing.status(), 180);
    exchange_.with(1, [](leg& party) {
        EXPECT_EQ(party.media(), nullptr);
        party.answer();
        EXPECT_NE(party.media(), nullptr);
        EXPECT_EQ(party.codec().name, "PCMU");
    });
    const auto answer = phone_.receive();
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.tag_of("To"), ringing.tag_of("To"));
    EXPECT_NE(answer.audio_port(), 0);
    EXPECT_TRUE(answer.has("a=rtpmap:101 telephone-event/8000"));
    phone_.ack(answer, "9196");
    ASSERT_TRUE(told("answered"));

    phone_.send(phone_.request("BYE", "9196", in_dialog(answer)));
    EXPECT_EQ(phone_.receive_status(200).header("CSeq"), "2 BYE");
    ASSERT_TRUE(told("ended NORMAL_CLEARING 200"));
    EXPECT_EQ(end_value("sip_hangup_disposition"), "recv_bye");
    EXPECT_EQ(end_value("sip_term_status"), "200");
    EXPECT_EQ(end_value("proto_specific_hangup_cause"), "sip:200");
    EXPECT_EQ(end_value("sip_term_cause"), "16");
}

TEST_F(SipCall, TheVariablesOfAnInviteAreThoseOfFreeSwitch)
{
    phone_.send(phone_.request("INVITE", "9196", {.headers = "Subject: Test\r\n", .body = phone_.sdp()}));
    ASSERT_TRUE(told("incoming"));
    variables got;
    exchange_.with(1, [&](leg& party) {
        got = party.initial_variables();
        EXPECT_EQ(party.name(), "sofia/internal/phone@127.0.0.1:" + std::to_string(phone_.port()));
        EXPECT_EQ(party.source(), "mod_sofia");
        EXPECT_EQ(party.network_address(), "127.0.0.1");
    });
    EXPECT_EQ(value_of(got, "sip_from_user"), "phone");
    EXPECT_EQ(value_of(got, "sip_call_id"), phone_.call_id);
    EXPECT_EQ(value_of(got, "sip_network_port"), std::to_string(phone_.port()));
    EXPECT_EQ(value_of(got, "sip_req_uri"), "9196@127.0.0.1:" + std::to_string(exchange_.port()));
    EXPECT_EQ(value_of(got, "sip_subject"), "Test");
    EXPECT_EQ(value_of(got, "ep_codec_string"), "CORE_PCM_MODULE.PCMU@8000h@20i@64000b");
    EXPECT_EQ(value_of(got, "max_forwards"), "70");
}

TEST_F(SipCall, WhatThePhoneSaysIsHeardAndEchoed)
{
    const auto answer = call();
    exchange_.with(1, [](leg& party) { party.media()->set_echo(true); });
    std::vector<std::uint8_t> packet(rtp_packet::header_size + 160, 0x80);
    bool echoed = false;
    for (std::uint16_t i = 0; i < 100 && !echoed; ++i) {
        write_rtp_header(packet,
                         {.marker = i == 0, .payload_type = 0, .sequence = i, .timestamp = 160u * i, .ssrc = 5});
        phone_.rtp().send(packet, answer.audio_port());
        const auto back = phone_.rtp().receive(100ms);
        echoed = back.size() == 172 && back[100] == 0x80;
    }
    EXPECT_TRUE(echoed);
}

TEST_F(SipCall, HangingUpSendsByeWithTheReason)
{
    call();
    exchange_.with(1, [](leg& party) { party.hang_up(pbx::cause::user_busy); });
    ASSERT_TRUE(told("ended USER_BUSY"));
    const auto bye = phone_.receive_method("BYE");
    EXPECT_EQ(bye.header("Reason"), "Q.850;cause=17;text=\"USER_BUSY\"");
    phone_.send(phone_.response(bye, 200, "OK"));
    EXPECT_EQ(end_value("sip_hangup_disposition"), "send_bye");
    EXPECT_NE(end_value("rtp_audio_out_packet_count"), "");
}

TEST_F(SipCall, RefusingSendsTheStatusOfTheCause)
{
    exchange_.decide([](leg& party) { party.hang_up(pbx::cause::user_busy); });
    phone_.send(phone_.request("INVITE", "9196", {.body = phone_.sdp()}));
    const auto answer = phone_.receive();
    EXPECT_EQ(answer.status(), 486);
    EXPECT_EQ(answer.header("Reason"), "Q.850;cause=17;text=\"USER_BUSY\"");
    phone_.ack(answer, "9196");
}

TEST_F(SipCall, CancelEndsItAtEveryStageBeforeTheAnswer)
{
    for (const auto* const stage : {"trying", "ringing", "early"}) {
        SCOPED_TRACE(stage);
        sip_exchange exchange;
        sip_phone phone{exchange.port()};
        exchange.decide([&](leg& party) {
            if (stage == std::string{"ringing"}) party.ring();
            if (stage == std::string{"early"}) party.early_media();
        });
        phone.send(phone.request("INVITE", "9196", {.body = phone.sdp()}));
        ASSERT_TRUE(exchange.told().wait("1 incoming"));
        phone.send(phone.request("CANCEL", "9196", {.branch = phone.last_branch(), .cseq = phone.last_cseq()}));
        EXPECT_FALSE(phone.receive_status(200).empty());
        const auto terminated = phone.receive_status(487);
        EXPECT_FALSE(terminated.empty());
        phone.ack(terminated, "9196");
        EXPECT_TRUE(exchange.told().wait("1 ended ORIGINATOR_CANCEL 487")) << exchange.told().text();
    }
}

TEST_F(SipCall, ACancelThatCrossesTheAnswerChangesNothing)
{
    const auto answer = call();
    phone_.send(phone_.request("CANCEL", "9196", {.branch = phone_.call_id, .cseq = 1}));
    phone_.receive();
    phone_.send(phone_.request("BYE", "9196", in_dialog(answer)));
    EXPECT_TRUE(told("ended NORMAL_CLEARING"));
}

TEST_F(SipCall, ARetransmittedInviteIsOneCall)
{
    const auto invite = phone_.request("INVITE", "9196", {.body = phone_.sdp()});
    for (int i = 0; i < 3; ++i) phone_.send(invite);
    ASSERT_TRUE(told("incoming"));
    exchange_.with(1, [](leg& party) { party.ring(); });
    EXPECT_EQ(phone_.receive().status(), 180);
    phone_.send(invite);
    exchange_.with(1, [](leg& party) { party.answer(); });
    EXPECT_FALSE(phone_.receive_status(200).empty());
    EXPECT_EQ(exchange_.told().count("2 incoming"), 0u);
}

TEST_F(SipCall, EarlyMediaCarriesSdpAndAudioBeforeTheAnswer)
{
    exchange_.decide([](leg& party) { party.early_media(); });
    phone_.send(phone_.request("INVITE", "9196", {.body = phone_.sdp()}));
    const auto progress = phone_.receive();
    EXPECT_EQ(progress.status(), 183);
    EXPECT_NE(progress.audio_port(), 0);
    EXPECT_FALSE(phone_.rtp().receive(1s).empty()) << "silence counts as media too";
    exchange_.with(1, [](leg& party) { party.answer(); });
    const auto answer = phone_.receive();
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.audio_port(), progress.audio_port());
}

TEST_F(SipCall, AnInviteWithoutSdpGetsOurOfferAndAnswersInTheAck)
{
    exchange_.decide([](leg& party) { party.answer(); });
    phone_.send(phone_.request("INVITE", "9196"));
    const auto offer = phone_.receive_status(200);
    EXPECT_TRUE(offer.has("m=audio")) << offer.text;
    EXPECT_TRUE(offer.has("L16/16000"));
    phone_.ack(offer, "9196", phone_.sdp("8", ""));
    ASSERT_TRUE(told("answered"));
    exchange_.with(1, [](leg& party) { EXPECT_EQ(party.codec().name, "PCMA"); });
    EXPECT_FALSE(phone_.rtp().receive(1s).empty());
}

TEST_F(SipCall, ThePhoneHoldsAndResumes)
{
    const auto answer = call();
    phone_.send(phone_.request("INVITE", "9196", in_dialog(answer, {}, phone_.sdp("0", "a=sendonly\r\n"))));
    const auto held = phone_.receive_status(200);
    EXPECT_TRUE(held.has("a=recvonly")) << held.text;
    phone_.ack(held, "9196");
    EXPECT_TRUE(told("held"));
    phone_.send(phone_.request("INVITE", "9196", in_dialog(answer, {}, phone_.sdp("0", "a=sendrecv\r\n"))));
    const auto back = phone_.receive_status(200);
    EXPECT_TRUE(back.has("a=sendrecv"));
    phone_.ack(back, "9196");
    EXPECT_TRUE(told("resumed"));
}

TEST_F(SipCall, ThePhoneChangesTheCodec)
{
    const auto answer = call();
    phone_.send(
        phone_.request("INVITE", "9196", in_dialog(answer, {}, phone_.sdp("96", "a=rtpmap:96 L16/16000\r\n"))));
    const auto changed = phone_.receive_status(200);
    EXPECT_TRUE(changed.has("L16/16000")) << changed.text;
    phone_.ack(changed, "9196");
    EXPECT_TRUE(told("codec L16"));
    exchange_.with(1, [](leg& party) { EXPECT_EQ(party.media()->format().rate_hz, 16000u); });
}

TEST_F(SipCall, AReinviteWithNothingInCommonIsRefusedAndTheCallGoesOn)
{
    const auto answer = call();
    phone_.send(phone_.request("INVITE", "9196", in_dialog(answer, {}, phone_.sdp("18", ""))));
    const auto refused = phone_.receive();
    EXPECT_EQ(refused.status(), 488);
    phone_.ack(refused, "9196");
    phone_.send(phone_.request("BYE", "9196", in_dialog(answer)));
    EXPECT_TRUE(told("ended NORMAL_CLEARING"));
}

TEST_F(SipCall, WeHoldThePhone)
{
    call();
    exchange_.with(1, [](leg& party) { party.hold(true); });
    const auto hold = phone_.receive_method("INVITE");
    EXPECT_TRUE(hold.has("a=sendonly")) << hold.text;
    phone_.send(phone_.response(hold, 200, "OK", phone_.sdp("0", "a=recvonly\r\n")));
    EXPECT_EQ(phone_.receive_method("ACK").method(), "ACK");
    exchange_.with(1, [](leg& party) { party.hold(false); });
    const auto resume = phone_.receive_method("INVITE");
    EXPECT_TRUE(resume.has("a=sendrecv"));
    phone_.send(phone_.response(resume, 200, "OK", phone_.sdp("0", "")));
    EXPECT_EQ(phone_.receive_method("ACK").method(), "ACK");
}

TEST_F(SipCall, AByeThatCrossesOurReinviteEndsTheCall)
{
    const auto answer = call();
    exchange_.with(1, [](leg& party) { party.hold(true); });
    ASSERT_EQ(phone_.receive_method("INVITE").method(), "INVITE");
    phone_.send(phone_.request("BYE", "9196", in_dialog(answer)));
    EXPECT_TRUE(told("ended NORMAL_CLEARING"));
    exchange_.destroy(1);
}

TEST_F(SipCall, KeysComeAsInfoOfBothKindsAndGoAsInfoToAPhoneWithoutEvents)
{
    exchange_.decide([](leg& party) { party.answer(); });
    phone_.send(phone_.request("INVITE", "9196", {.body = phone_.sdp("0", "")}));
    const auto answer = phone_.receive_status(200);
    phone_.ack(answer, "9196");
    ASSERT_TRUE(told("answered"));
    auto relay = in_dialog(answer, {}, "Signal=5\r\nDuration=160\r\n");
    relay.content_type = "application/dtmf-relay";
    phone_.send(phone_.request("INFO", "9196", relay));
    EXPECT_TRUE(told("dtmf 5 160"));
    auto plain = in_dialog(answer, {}, "#");
    plain.content_type = "application/dtmf";
    phone_.send(phone_.request("INFO", "9196", plain));
    EXPECT_TRUE(told("dtmf #"));
    auto other = in_dialog(answer, {}, "<xml/>");
    other.content_type = "application/media_control+xml";
    phone_.send(phone_.request("INFO", "9196", other));
    EXPECT_TRUE(told("info application/media_control+xml <xml/>"));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(phone_.receive().status(), 200);

    exchange_.with(1, [](leg& party) { party.send_dtmf("1x2", 100); });
    for (const auto* const key : {"Signal=1", "Signal=2"}) {
        const auto info = phone_.receive_method("INFO");
        EXPECT_TRUE(info.has(key)) << info.text;
        phone_.send(phone_.response(info, 200, "OK"));
    }
}

TEST_F(SipCall, KeysAsTelephoneEventsAreToldOnce)
{
    const auto answer = call();
    for (std::uint16_t i = 0; i < 5; ++i) {
        std::vector<std::uint8_t> packet(rtp_packet::header_size);
        write_rtp_header(packet,
                         {.marker = i == 0, .payload_type = 101, .sequence = i, .timestamp = 1000, .ssrc = 5});
        const std::array<std::uint8_t, 4> event{9, static_cast<std::uint8_t>(i >= 2 ? 0x8a : 0x0a), 3, 0x20};
        packet.insert(packet.end(), event.begin(), event.end());
        phone_.rtp().send(packet, answer.audio_port());
    }
    EXPECT_TRUE(told("dtmf 9 100"));
    std::this_thread::sleep_for(60ms);
    EXPECT_EQ(exchange_.told().count("1 dtmf"), 1u);
}

TEST_F(SipCall, ASilentPhoneIsHungUpOn)
{
    auto settings = sip_exchange::any_port();
    settings.media_timeout_s = 1;
    sip_exchange exchange{settings};
    sip_phone phone{exchange.port()};
    exchange.decide([](leg& party) { party.answer(); });
    phone.send(phone.request("INVITE", "9196", {.body = phone.sdp()}));
    const auto answer = phone.receive_status(200);
    phone.ack(answer, "9196");
    EXPECT_TRUE(exchange.told().wait("1 ended MEDIA_TIMEOUT"));
    EXPECT_EQ(phone.receive_method("BYE").header("Reason"), "SIP;cause=804;text=\"MEDIA_TIMEOUT\"");
}

TEST_F(SipCall, ABlindTransferIsAcceptedAndReported)
{
    const auto answer = call();
    phone_.send(phone_.request("REFER", "9196", in_dialog(answer, "Refer-To: <sip:1001@127.0.0.1>\r\n")));
    EXPECT_FALSE(phone_.receive_status(202).empty());
    EXPECT_TRUE(phone_.receive_method("NOTIFY").has("SIP/2.0 100 Trying"));
    EXPECT_TRUE(phone_.receive_method("NOTIFY").has("SIP/2.0 200 OK"));
    EXPECT_TRUE(told("transfer 1001"));
}

TEST_F(SipCall, AnAttendedTransferNamesTheOtherCall)
{
    const auto answer = call();
    sip_phone second{exchange_.port()};
    second.send(second.request("INVITE", "9197", {.body = second.sdp()}));
    const auto other = second.receive_status(200);
    second.ack(other, "9197");
    ASSERT_TRUE(exchange_.told().wait("2 answered"));
    const auto replaces = second.call_id + "%3Bto-tag%3D" + other.tag_of("To") + "%3Bfrom-tag%3D" + second.from_tag;
    phone_.send(phone_.request("REFER", "9196",
                               in_dialog(answer, "Refer-To: <sip:9197@127.0.0.1?Replaces=" + replaces + ">\r\n")));
    EXPECT_TRUE(phone_.receive_method("NOTIFY").has("SIP/2.0 200 OK"));
    EXPECT_TRUE(told("attended 2"));

    phone_.send(phone_.request(
        "REFER", "9196",
        in_dialog(answer, "Refer-To: <sip:9197@127.0.0.1?Replaces=nobody%3Bto-tag%3Da%3Bfrom-tag%3Db>\r\n")));
    EXPECT_TRUE(phone_.receive_method("NOTIFY").has("SIP/2.0 481"));
}

TEST_F(SipCall, RefreshesOfTheSessionTimerAreAnswered)
{
    exchange_.decide([](leg& party) { party.answer(); });
    phone_.send(phone_.request(
        "INVITE", "9196",
        {.headers = "Supported: timer\r\nSession-Expires: 1800;refresher=uac\r\n", .body = phone_.sdp()}));
    const auto answer = phone_.receive_status(200);
    EXPECT_EQ(answer.header("Session-Expires"), "1800;refresher=uac");
    phone_.ack(answer, "9196");
    ASSERT_TRUE(told("answered"));
    phone_.send(phone_.request("UPDATE", "9196", in_dialog(answer, "Session-Expires: 1800;refresher=uac\r\n")));
    const auto updated = phone_.receive();
    EXPECT_EQ(updated.status(), 200);
    EXPECT_EQ(updated.header("Session-Expires"), "1800;refresher=uac");
}

TEST_F(SipCall, DiallingRingsAnswersAndHangsUp)
{
    const auto invite = dialled({{"sip_h_X-Foo", "bar\r\nX-Evil: 1"}});
    EXPECT_EQ(invite.header("X-Foo"), "barX-Evil: 1") << "no header of its own";
    EXPECT_EQ(invite.header("X-Evil"), "");
    EXPECT_TRUE(invite.header("From").starts_with("\"Exchange\" <sip:2000@127.0.0.1>;tag="));
    phone_.send(phone_.response(invite, 180, "Ringing"));
    EXPECT_TRUE(told("ringing"));
    phone_.send(phone_.response(invite, 183, "Session Progress", phone_.sdp("0", "")));
    EXPECT_TRUE(told("early media"));
    phone_.send(phone_.response(invite, 200, "OK", phone_.sdp("0", "")));
    EXPECT_TRUE(told("answered"));
    EXPECT_EQ(phone_.receive_method("ACK").method(), "ACK");
    EXPECT_FALSE(phone_.rtp().receive(1s).empty());
    exchange_.with(1, [](leg& party) {
        EXPECT_EQ(party.codec().name, "PCMU");
        party.hang_up(pbx::cause::normal_clearing);
    });
    EXPECT_EQ(phone_.receive_method("BYE").header("Reason"), "Q.850;cause=16;text=\"NORMAL_CLEARING\"");
}

TEST_F(SipCall, ABusyPhoneIsUserBusyAndAStatedCauseWins)
{
    auto invite = dialled();
    phone_.send(phone_.response(invite, 486, "Busy Here"));
    EXPECT_TRUE(told("ended USER_BUSY 486"));
    EXPECT_EQ(end_value("sip_hangup_disposition"), "recv_refuse");
    EXPECT_EQ(end_value("sip_invite_failure_phrase"), "Busy Here");

    exchange_.dial("sip:phone@127.0.0.1:" + std::to_string(phone_.port()));
    invite = phone_.receive_method("INVITE");
    phone_.send(phone_.response(invite, 480, "Gone", {}, "Reason: Q.850;cause=1\r\n"));
    EXPECT_TRUE(exchange_.told().wait("2 ended UNALLOCATED_NUMBER 480"));
}

TEST_F(SipCall, HangingUpBeforeTheAnswerCancels)
{
    const auto invite = dialled();
    phone_.send(phone_.response(invite, 180, "Ringing"));
    ASSERT_TRUE(told("ringing"));
    exchange_.with(1, [](leg& party) { party.hang_up(pbx::cause::no_answer); });
    EXPECT_TRUE(told("ended NO_ANSWER 487"));
    const auto cancel = phone_.receive_method("CANCEL");
    EXPECT_EQ(cancel.method(), "CANCEL");
    phone_.send(phone_.response(cancel, 200, "OK"));
    phone_.send(phone_.response(invite, 487, "Request Terminated"));
    EXPECT_EQ(phone_.receive_method("ACK").method(), "ACK");
}

TEST_F(SipCall, AnAnswerThatCrossesOurCancelIsHungUp)
{
    const auto invite = dialled();
    phone_.send(phone_.response(invite, 180, "Ringing"));
    ASSERT_TRUE(told("ringing"));
    exchange_.destroy(1);
    ASSERT_EQ(phone_.receive_method("CANCEL").method(), "CANCEL");
    phone_.send(phone_.response(invite, 200, "OK", phone_.sdp("0", "")));
    EXPECT_EQ(phone_.receive_method("ACK").method(), "ACK");
    EXPECT_EQ(phone_.receive_method("BYE").method(), "BYE");
}

TEST_F(SipCall, AnAnswerWithNothingInCommonEndsTheCall)
{
    const auto invite = dialled();
    phone_.send(phone_.response(invite, 200, "OK", phone_.sdp("18", "")));
    EXPECT_TRUE(told("ended INCOMPATIBLE_DESTINATION"));
    EXPECT_EQ(phone_.receive_method("BYE").method(), "BYE");
}

TEST_F(SipCall, ARedirectionIsFollowed)
{
    const auto invite = dialled();
    phone_.send(phone_.response(invite, 302, "Moved"));
    const auto again = phone_.receive_method("INVITE");
    EXPECT_EQ(again.method(), "INVITE") << "to the contact of the 302";
    phone_.send(phone_.response(again, 486, "Busy Here"));
    EXPECT_TRUE(told("ended USER_BUSY 486"));
}

TEST_F(SipCall, OnlyTheCodecsAskedForAreOffered)
{
    const auto invite = dialled({{"absolute_codec_string", "PCMA"}});
    EXPECT_TRUE(invite.has("RTP/AVP 8 101")) << invite.text;
}

TEST_F(SipCall, RedirectingBeforeAndAfterTheAnswer)
{
    exchange_.decide([](leg& party) { party.redirect("sip:1001@192.0.2.1"); });
    phone_.send(phone_.request("INVITE", "9196", {.body = phone_.sdp()}));
    const auto moved = phone_.receive();
    EXPECT_EQ(moved.status(), 302);
    EXPECT_EQ(moved.header("Contact"), "<sip:1001@192.0.2.1>");
    phone_.ack(moved, "9196");

    phone_.call_id += "-second";
    exchange_.decide([](leg& party) { party.answer(); });
    phone_.send(phone_.request("INVITE", "9196", {.body = phone_.sdp()}));
    const auto answer = phone_.receive_status(200);
    phone_.ack(answer, "9196");
    ASSERT_TRUE(exchange_.told().wait("2 answered"));
    exchange_.with(2, [](leg& party) { party.redirect("1001"); });
    EXPECT_EQ(phone_.receive_method("REFER").header("Refer-To"), "<sip:1001@127.0.0.1>");
}

TEST_F(SipCall, AnInviteThatWeCannotTakeIsRefusedAtOnce)
{
    phone_.send(phone_.request("INVITE", "1", {.body = phone_.sdp("18", "")}));
    EXPECT_EQ(phone_.receive().status(), 488);
    phone_.send(phone_.request("INVITE", "1", {.body = "hello"}));
    EXPECT_EQ(phone_.receive().status(), 400);
    phone_.send(phone_.request("INVITE", "1", {.headers = "Require: 100rel\r\n", .body = phone_.sdp()}));
    const auto extension = phone_.receive();
    EXPECT_EQ(extension.status(), 420);
    EXPECT_EQ(extension.header("Unsupported"), "100rel");
    phone_.send(phone_.request("INVITE", "1", {.to_tag = "none", .body = phone_.sdp()}));
    EXPECT_EQ(phone_.receive().status(), 481);
    EXPECT_EQ(exchange_.told().count("1 incoming"), 0u);
}

TEST_F(SipCall, LegsMayBeDestroyedAtEveryStage)
{
    for (int stage = 0; stage < 5; ++stage) {
        SCOPED_TRACE(stage);
        sip_exchange exchange;
        sip_phone phone{exchange.port()};
        exchange.decide([&](leg& party) {
            if (stage == 1) party.ring();
            if (stage == 2) party.early_media();
            if (stage >= 3) party.answer();
        });
        phone.send(phone.request("INVITE", "9196", {.body = phone.sdp()}));
        ASSERT_TRUE(exchange.told().wait("1 incoming"));
        if (stage == 4) {
            phone.ack(phone.receive_status(200), "9196");
            ASSERT_TRUE(exchange.told().wait("1 answered"));
        }
        exchange.destroy(1);
        if (stage < 3) {
            EXPECT_FALSE(phone.receive_status(480).empty());
        } else if (stage == 4) {
            EXPECT_EQ(phone.receive_method("BYE").method(), "BYE");
        }
    }
}

}  // namespace
}  // namespace strowger::softswitch
