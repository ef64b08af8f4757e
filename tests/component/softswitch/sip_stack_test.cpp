#include "support/sip_exchange.hpp"
#include "support/sip_phone.hpp"

#include <csignal>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>
#include <sys/wait.h>

namespace strowger::softswitch {
namespace {

using namespace std::chrono_literals;
using test::sip_exchange;
using test::sip_phone;
using test::sip_text;

/// A connection to the exchange that speaks in whole SIP messages.
class sip_stream {
public:
    static sip_stream over_tcp(std::uint16_t port)
    {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto where = udp_address::parse("127.0.0.1", port).value();
        if (::connect(fd, where.data(), where.size()) != 0) throw std::runtime_error{"no connection"};
        return sip_stream{fd, "TCP", -1};
    }
    /// OpenSSL's own client speaks TLS for us.
    static sip_stream over_tls(std::uint16_t port)
    {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
            throw std::runtime_error{"no pipe"};
        const auto where = "127.0.0.1:" + std::to_string(port);
        const pid_t child = ::fork();
        if (child == 0) {
            ::dup2(ends[1], 0);
            ::dup2(ends[1], 1);
            ::execlp("openssl", "openssl", "s_client", "-quiet", "-connect", where.c_str(), nullptr);
            ::_exit(127);
        }
        ::close(ends[1]);
        return sip_stream{ends[0], "TLS", child};
    }
    ~sip_stream()
    {
        ::close(fd_);
        if (child_ < 0) return;
        ::kill(child_, SIGTERM);
        ::waitpid(child_, nullptr, 0);
    }
    sip_stream(const sip_stream&) = delete;
    sip_stream& operator=(const sip_stream&) = delete;

    void send(std::string text)
    {
        text.replace(text.find("SIP/2.0/UDP"), 11, "SIP/2.0/" + protocol_);
        [[maybe_unused]] const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    }
    sip_text receive()
    {
        for (;;) {
            const auto end = waiting_.find("\r\n\r\n");
            if (end != std::string::npos) {
                sip_text head{waiting_.substr(0, end + 4)};
                const auto size =
                    end + 4 + static_cast<std::size_t>(std::atoi(head.header("Content-Length").c_str()));
                if (waiting_.size() >= size) {
                    sip_text out{waiting_.substr(0, size)};
                    waiting_.erase(0, size);
                    if (out.status() != 100) return out;
                    continue;
                }
            }
            pollfd wait{fd_, POLLIN, 0};
            std::array<char, 4096> bytes;
            if (::poll(&wait, 1, 5000) <= 0) return {};
            const auto got = ::recv(fd_, bytes.data(), bytes.size(), 0);
            if (got <= 0) return {};
            waiting_.append(bytes.data(), static_cast<std::size_t>(got));
        }
    }

private:
    sip_stream(int fd, std::string protocol, pid_t child) : fd_{fd}, protocol_{std::move(protocol)}, child_{child} {}

    int fd_;
    std::string protocol_;
    pid_t child_;
    std::string waiting_;
};

TEST(SipStack, OptionsIsAnsweredWithWhatWeCanDo)
{
    sip_exchange exchange;
    sip_phone phone{exchange.port()};
    phone.send(phone.request("OPTIONS", "anyone"));
    const auto reply = phone.receive();
    EXPECT_EQ(reply.status(), 200);
    EXPECT_NE(reply.header("Allow").find("INVITE"), std::string::npos);
    EXPECT_EQ(reply.header("Accept"), "application/sdp");
}

TEST(SipStack, MethodsThatWeDoNotSpeakAreRefusedByTheirProperStatus)
{
    sip_exchange exchange;
    sip_phone phone{exchange.port()};
    const std::vector<std::pair<std::string, int>> cases{{"MESSAGE", 405}, {"SUBSCRIBE", 489}, {"PUBLISH", 489},
                                                         {"PRACK", 405},   {"BREW", 405},      {"BYE", 481},
                                                         {"UPDATE", 481},  {"INFO", 481},      {"CANCEL", 481}};
    for (const auto& [method, status] : cases) {
        phone.send(phone.request(method, "anyone", {.to_tag = "none"}));
        const auto reply = phone.receive();
        EXPECT_EQ(reply.status(), status) << method;
        EXPECT_EQ(reply.header("Allow").empty(), status != 405) << method;
    }
    phone.send(phone.request("MESSAGE", "anyone", {.body = std::string(7'000, 'x'), .content_type = "text/plain"}));
    EXPECT_EQ(phone.receive().status(), 405);
}

TEST(SipStack, MessagesThatAreTooLargeAreRefused)
{
    auto settings = sip_exchange::any_port();
    settings.max_message_bytes = 2048;
    sip_exchange exchange{settings};
    sip_phone phone{exchange.port()};
    phone.send(phone.request("INVITE", "9196",
                             {.headers = "X-Long: " + std::string(3'000, 'x') + "\r\n", .body = phone.sdp()}));
    EXPECT_EQ(phone.receive().status(), 513);
}

TEST(SipStack, ACallOverTcpComesAndGoes)
{
    sip_exchange exchange;
    sip_phone phone{exchange.port()};
    auto link = sip_stream::over_tcp(exchange.port());
    exchange.decide([](leg& party) { party.answer(); });
    link.send(phone.request("INVITE", "9196", {.body = phone.sdp()}));
    const auto answer = link.receive();
    ASSERT_EQ(answer.status(), 200);
    EXPECT_NE(answer.header("Contact").find("transport=tcp"), std::string::npos);
    link.send(phone.request("ACK", "9196", {.to_tag = answer.tag_of("To"), .cseq = 1}));
    ASSERT_TRUE(exchange.told().wait("1 answered"));
    exchange.with(1, [](leg& party) { party.hang_up(pbx::cause::normal_clearing); });
    EXPECT_EQ(link.receive().method(), "BYE") << "on the connection that the call came on";
}

TEST(SipStack, ACallOverTlsComesAndGoes)
{
    const auto file = testing::TempDir() + "/sip_stack_test.pem";
    const auto make = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 1 -keyout " + file +
                      " -out " + file + ".crt 2>/dev/null && cat " + file + ".crt >> " + file;
    if (std::system(make.c_str()) != 0) GTEST_SKIP() << "no openssl command to make a certificate with";
    auto settings = sip_exchange::any_port();
    settings.tls_certificate = file;
    settings.tls_port = 0;
    sip_exchange exchange{settings};
    const auto address = exchange.sip().addresses().back();
    ASSERT_TRUE(address.starts_with("tls:127.0.0.1:")) << address;
    sip_phone phone{exchange.port()};
    auto link = sip_stream::over_tls(static_cast<std::uint16_t>(std::stoi(address.substr(14))));
    exchange.decide([](leg& party) { party.answer(); });
    link.send(phone.request("INVITE", "9196", {.body = phone.sdp()}));
    const auto answer = link.receive();
    ASSERT_EQ(answer.status(), 200) << answer.text;
    EXPECT_NE(answer.header("Contact").find("transport=tls"), std::string::npos);
    link.send(phone.request("ACK", "9196", {.to_tag = answer.tag_of("To"), .cseq = 1}));
    ASSERT_TRUE(exchange.told().wait("1 answered"));
    exchange.with(1, [](leg& party) { party.hang_up(pbx::cause::normal_clearing); });
    EXPECT_EQ(link.receive().method(), "BYE");
}

TEST(SipStack, ACertificateThatIsNotThereAndAnAddressThatIsNotOursAreNamed)
{
    sip_exchange first;
    auto settings = sip_exchange::any_port();
    settings.tls_certificate = "/nonexistent.pem";
    const auto second = sip::endpoint::start(settings, {}, first.control(), first.media(), first);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message().find("tls_certificate"), std::string::npos) << second.error().message();
    settings.tls_certificate.clear();
    settings.bind = "192.0.2.1";
    const auto third = sip::endpoint::start(settings, {}, first.control(), first.media(), first);
    ASSERT_FALSE(third);
    EXPECT_NE(third.error().message().find("`bind`"), std::string::npos) << third.error().message();
}

TEST(SipStack, AVanishedTcpPhoneLeavesNothingBehind)
{
    sip_exchange exchange;
    sip_phone phone{exchange.port()};
    exchange.decide([](leg& party) { party.ring(); });
    {
        auto link = sip_stream::over_tcp(exchange.port());
        link.send(phone.request("INVITE", "9196", {.body = phone.sdp()}));
        EXPECT_EQ(link.receive().status(), 180);
    }
    exchange.with(1, [](leg& party) { party.answer(); });
    exchange.destroy(1);
    sip_phone other{exchange.port()};
    other.send(other.request("OPTIONS", "anyone"));
    EXPECT_EQ(other.receive().status(), 200);
}

TEST(SipStack, APortThatIsTakenIsNamedWithTheKeyThatMovesIt)
{
    sip_exchange first;
    auto settings = sip_exchange::any_port();
    settings.port = first.port();
    const auto second = sip::endpoint::start(settings, {}, first.control(), first.media(), first);
    ASSERT_FALSE(second);
    const auto message = second.error().message();
    EXPECT_NE(message.find(std::to_string(first.port())), std::string::npos) << message;
    EXPECT_NE(message.find("[switch.sip]"), std::string::npos);
    EXPECT_NE(message.find("STROWGER_SWITCH_SIP_PORT"), std::string::npos);
}

TEST(SipStack, AddressesTellWhatIsReallyBound)
{
    sip_exchange exchange;
    const auto port = std::to_string(exchange.port());
    EXPECT_EQ(exchange.sip().addresses(),
              (std::vector<std::string>{"udp:127.0.0.1:" + port, "tcp:127.0.0.1:" + port}));
}

TEST(SipStack, MetricsCountRequestsCallsAndPackets)
{
    sip_exchange exchange;
    sip_phone phone{exchange.port()};
    phone.send(phone.request("OPTIONS", "anyone"));
    phone.receive();
    metrics::writer page;
    exchange.sip().collect(page);
    EXPECT_NE(page.text().find("strowger_sip_requests_total 1"), std::string::npos) << page.text();
    EXPECT_NE(page.text().find("strowger_rtp_packets_sent_total"), std::string::npos);
    EXPECT_NE(page.text().find("strowger_sip_calls_total{direction=\"inbound\"} 0"), std::string::npos);
}

/// Whether the exchange still answers; a datagram may be lost in a flood.
bool answers(sip_phone& phone)
{
    for (int attempt = 0; attempt < 50; ++attempt) {
        phone.send(phone.request("OPTIONS", "anyone"));
        if (phone.receive(100ms).status() == 200) return true;
    }
    return false;
}

TEST(SipStack, BrokenMessagesAreSurvived)
{
    sip_exchange exchange;
    exchange.decide([](leg& party) { party.answer(); });
    sip_phone phone{exchange.port()};
    const auto invite = phone.request("INVITE", "9196", {.headers = "Require: timer\r\n", .body = phone.sdp()});
    std::mt19937 random{1};
    sip_phone other{exchange.port()};
    for (int i = 0; i < 1500; ++i) {
        auto broken = invite;
        for (int change = 0; change < 1 + i % 4; ++change) {
            const auto at = random() % broken.size();
            switch (random() % 4) {
                case 0:
                    broken[at] = static_cast<char>(random());
                    break;
                case 1:
                    broken.erase(at, random() % 40);
                    break;
                case 2:
                    broken.insert(at, std::string(random() % 300, static_cast<char>(random())));
                    break;
                default:
                    broken.resize(at);
            }
            if (broken.empty()) broken = "x";
        }
        phone.send(broken);
        if (i % 100 == 99 && !answers(other)) FAIL() << "silent after " << i;
    }
    phone.send(std::string(60'000, 'A'));
    phone.send("\r\n\r\n");
    phone.send(std::string(3, '\0'));
    EXPECT_TRUE(answers(other));
}

}  // namespace
}  // namespace strowger::softswitch
