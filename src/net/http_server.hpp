#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/system/result.hpp>

namespace strowger::net {

struct http_reply {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};

/// Pages by path, without query: `/health`. Each answers GET and, without its body, HEAD.
/// Threads: the server's own, one request at a time. What one throws becomes a 500.
using http_routes = std::map<std::string, std::function<http_reply()>, std::less<>>;

struct http_settings {
    std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6
    std::uint16_t port = 0;             ///< 0: any free one, see http_server::port()
    std::size_t max_connections = 128;  ///< one more gets a 503
    std::size_t max_header_bytes = 8 << 10;
    std::size_t max_body_bytes = 16 << 10;
    std::chrono::milliseconds read_timeout{5000};  ///< for one whole request, and between two
};

/// A small HTTP/1.1 server for pages that programs read: health and metrics.
/// It has one thread of its own, so that it answers also when everything else is busy.
/// Threads: start() and stop() by the owner; port() by any.
class http_server {
public:
    /// @return the server, already accepting; or a sentence for a person: which address and port, why, what to do
    [[nodiscard]] static boost::system::result<std::unique_ptr<http_server>, std::string> start(http_settings with,
                                                                                                http_routes pages);
    /// Stops.
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    /// Closes everything and joins the thread: no page is running afterwards. May be called twice; not from a page.
    void stop();
    /// The port listened on.
    std::uint16_t port() const noexcept { return port_; }

private:
    struct state;
    explicit http_server(std::unique_ptr<state> running);
    std::unique_ptr<state> state_;  ///< none once stopped
    std::uint16_t port_;
};

}  // namespace strowger::net
