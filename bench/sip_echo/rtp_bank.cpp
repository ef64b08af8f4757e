// A bank of telephones without signalling: one UDP port a call, each sends G.711 u-law every 20 ms to
// whoever first sends to it, and measures what comes back. sipp does the signalling beside it.
//
//   rtp_bank FIRST_PORT PORTS SECONDS   -> one JSON line on stdout when SECONDS have passed
//
// Pacing is judged from the kernel's receive time stamps, against the grid that starts with a stream's
// first packet and steps 20 ms: so a slow reader here does not count as the switch's lateness.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

using clock_type = std::chrono::steady_clock;
constexpr std::int64_t ptime_ns = 20'000'000;
constexpr std::size_t header_bytes = 12;
constexpr std::size_t payload_bytes = 160;

struct stream {
    int fd = -1;
    bool known = false;  // has the switch sent anything yet?
    sockaddr_in peer{};
    std::uint64_t sent = 0, received = 0, gaps = 0;
    std::uint16_t next_seq = 0, expected = 0;
    std::uint32_t ssrc = 0;
    std::int64_t first_ns = 0, last_ns = 0;
    std::vector<std::int64_t> arrivals;  // kernel time of each packet [ns]
    std::vector<std::uint16_t> numbers;  // its RTP sequence number
};

std::uint16_t read16(const std::uint8_t* at)
{
    return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

int open_port(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1, size = 1 << 18;
    ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_port = htons(port);
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
        std::fprintf(stderr, "rtp_bank: port %u is taken; choose another range\n", port);
        std::exit(1);
    }
    return fd;
}

void take(stream& line)
{
    std::array<std::uint8_t, 2048> packet;
    for (;;) {
        alignas(cmsghdr) std::array<char, 128> control;
        iovec data{packet.data(), packet.size()};
        sockaddr_in from{};
        msghdr message{&from, sizeof from, &data, 1, control.data(), control.size(), 0};
        const auto size = ::recvmsg(line.fd, &message, 0);
        if (size < static_cast<ssize_t>(header_bytes)) return;
        std::int64_t at_ns = 0;
        for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
            if (part->cmsg_type != SCM_TIMESTAMPNS) continue;
            timespec when{};
            std::memcpy(&when, CMSG_DATA(part), sizeof when);
            at_ns = when.tv_sec * 1'000'000'000LL + when.tv_nsec;
        }
        const auto seq = read16(packet.data() + 2);
        if (!line.known) {
            line.known = true;
            line.peer = from;
            line.expected = seq;
        }
        line.gaps += static_cast<std::uint16_t>(seq - line.expected);
        line.expected = static_cast<std::uint16_t>(seq + 1);
        ++line.received;
        line.arrivals.push_back(at_ns);
        line.numbers.push_back(seq);
    }
}

void send(stream& line)
{
    if (!line.known) return;
    std::array<std::uint8_t, header_bytes + payload_bytes> packet{};
    packet[0] = 0x80;
    const std::uint32_t stamp = static_cast<std::uint32_t>(line.sent) * payload_bytes;
    packet[2] = static_cast<std::uint8_t>(line.next_seq >> 8);
    packet[3] = static_cast<std::uint8_t>(line.next_seq);
    for (int i = 0; i < 4; ++i) {
        packet[static_cast<std::size_t>(4 + i)] = static_cast<std::uint8_t>(stamp >> (24 - 8 * i));
        packet[static_cast<std::size_t>(8 + i)] = static_cast<std::uint8_t>(line.ssrc >> (24 - 8 * i));
    }
    std::fill(packet.begin() + header_bytes, packet.end(), static_cast<std::uint8_t>(0x80 + line.sent % 64));
    if (::sendto(line.fd, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&line.peer),
                 sizeof line.peer) > 0) {
        ++line.next_seq;
        ++line.sent;
    }
}

// Deviation of every packet from its stream's grid: the grid's phase is the median of (arrival - n * 20 ms).
void pacing(const stream& line, std::vector<double>& out)
{
    if (line.arrivals.size() < 3) return;
    std::vector<std::int64_t> phase(line.arrivals.size());
    std::int64_t step = 0;
    for (std::size_t i = 0; i < phase.size(); ++i) {
        if (i > 0) step += static_cast<std::int16_t>(line.numbers[i] - line.numbers[i - 1]);
        phase[i] = line.arrivals[i] - step * ptime_ns;
    }
    auto sorted = phase;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    const auto middle = sorted[sorted.size() / 2];
    for (const auto each : phase) out.push_back(std::abs(static_cast<double>(each - middle)) / 1e6);
}

void report(const std::vector<stream>& lines)
{
    std::vector<double> errors_ms;
    std::uint64_t sent = 0, received = 0, gaps = 0, active = 0;
    for (const auto& line : lines) {
        active += line.known ? 1 : 0;
        sent += line.sent;
        received += line.received;
        gaps += line.gaps;
        pacing(line, errors_ms);
    }
    std::sort(errors_ms.begin(), errors_ms.end());
    const auto share = [&](double part) {
        return errors_ms.empty()
                   ? 0.0
                   : errors_ms[static_cast<std::size_t>(part * static_cast<double>(errors_ms.size() - 1))];
    };
    std::printf(
        "{\"streams\":%llu,\"sent\":%llu,\"received\":%llu,\"missing\":%llu,\"pacing_ms\":{\"p50\":%.3f,"
        "\"p99\":%.3f,\"p99.9\":%.3f,\"max\":%.3f}}\n",
        static_cast<unsigned long long>(active), static_cast<unsigned long long>(sent),
        static_cast<unsigned long long>(received), static_cast<unsigned long long>(gaps), share(0.5), share(0.99),
        share(0.999), share(1.0));
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 4) {
        std::fprintf(stderr, "usage: rtp_bank FIRST_PORT PORTS SECONDS\n");
        return 2;
    }
    const auto first = static_cast<std::uint16_t>(std::atoi(argv[1]));
    std::vector<stream> lines(static_cast<std::size_t>(std::atoi(argv[2])));
    const auto end = clock_type::now() + std::chrono::seconds{std::atoi(argv[3])};
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);

    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    const itimerspec every{{0, ptime_ns}, {0, ptime_ns}};
    ::timerfd_settime(timer, 0, &every, nullptr);
    epoll_event timer_event{};
    timer_event.events = EPOLLIN;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, timer, &timer_event);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        lines[i].fd = open_port(static_cast<std::uint16_t>(first + 2 * i));
        lines[i].ssrc = static_cast<std::uint32_t>(0x51000000 + i);
        lines[i].arrivals.reserve(8192);
        lines[i].numbers.reserve(8192);
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.ptr = &lines[i];
        ::epoll_ctl(poll, EPOLL_CTL_ADD, lines[i].fd, &wanted);
    }
    std::fprintf(stderr, "rtp_bank: ready\n");
    while (clock_type::now() < end) {
        std::array<epoll_event, 256> ready;
        const int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 100);
        for (int i = 0; i < count; ++i) {
            if (auto* line = static_cast<stream*>(ready[static_cast<std::size_t>(i)].data.ptr)) {
                take(*line);
                continue;
            }
            std::uint64_t periods = 0;
            if (::read(timer, &periods, sizeof periods) != sizeof periods) continue;
            for (; periods > 0; --periods)
                for (auto& line : lines) send(line);
        }
    }
    report(lines);
    return 0;
}
