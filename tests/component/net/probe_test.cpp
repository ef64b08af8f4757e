#include "net/probe.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strowger::net {
namespace {

using namespace std::chrono_literals;

/// A TCP listener on a port that the kernel picks.
class listener {
public:
    listener() : fd_{::socket(AF_INET, SOCK_STREAM, 0)}
    {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        auto* address = reinterpret_cast<sockaddr*>(&at);
        if (::bind(fd_, address, size) == 0 && ::listen(fd_, 4) == 0 && ::getsockname(fd_, address, &size) == 0)
            port_ = ntohs(at.sin_port);
    }
    ~listener() { close(); }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    std::uint16_t port() const { return port_; }
    void close()
    {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

private:
    int fd_;
    std::uint16_t port_ = 0;
};

TEST(Probe, HearsSomebodyWhoListensAndNobodyAfterwards)
{
    listener server;
    EXPECT_TRUE(tcp_answers("127.0.0.1", server.port(), 1s));
    const auto port = server.port();
    server.close();
    EXPECT_FALSE(tcp_answers("127.0.0.1", port, 1s));
}

TEST(Probe, SaysThatAPortIsTakenUntilItIsFree)
{
    listener server;
    EXPECT_EQ(try_bind(transport::tcp, "127.0.0.1", server.port()), boost::system::errc::address_in_use);
    const auto port = server.port();
    server.close();
    EXPECT_FALSE(try_bind(transport::tcp, "127.0.0.1", port));
    EXPECT_FALSE(try_bind(transport::udp, "127.0.0.1", port));
}

TEST(Probe, RefusesAnAddressThatIsNotOurs)
{
    EXPECT_EQ(try_bind(transport::udp, "192.0.2.1", 5060), boost::system::errc::address_not_available);
    EXPECT_EQ(try_bind(transport::udp, "example.org", 5060), boost::system::errc::invalid_argument);
    EXPECT_FALSE(tcp_answers("example.org", 80, 10ms));
}

}  // namespace
}  // namespace strowger::net
