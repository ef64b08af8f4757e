#include "net/http_server.hpp"

#include "base/log.hpp"
#include "net/runtime.hpp"

#include <atomic>
#include <exception>
#include <string_view>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace strowger::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t most_drained = 64 << 10;  // [bytes] read after our last word, so that the peer gets to read it
constexpr std::chrono::seconds drain_limit{1};
constexpr std::chrono::milliseconds accept_pause{100};

using request = http::request<http::string_body>;
using response = http::response<http::string_body>;

std::string advice(error_code why, std::uint16_t port)
{
    const auto number = std::to_string(port);
    if (why == boost::system::errc::address_in_use)
        return "another program has this port: stop it (`ss -ltnp 'sport = :" + number +
               "'` names it) or choose another";
    if (why == boost::system::errc::permission_denied)
        return "ports below 1024 are for privileged programs: choose a port from 1024 to 65535";
    if (why == boost::system::errc::address_not_available)
        return "no interface of this machine has this address: choose one that `ip addr` shows, or 0.0.0.0 for all";
    if (why == boost::system::errc::invalid_argument)
        return "expected a numeric IPv4 or IPv6 address, like 127.0.0.1 or ::1";
    return "choose another address or port";
}

std::string cannot_listen(const http_settings& with, error_code why)
{
    const bool v6 = with.address.find(':') != std::string::npos;
    return "cannot listen for HTTP on " + (v6 ? "[" + with.address + "]" : with.address) + ":" +
           std::to_string(with.port) + ": " + why.message() + "; " + advice(why, with.port);
}

error_code listen(tcp::acceptor& acceptor, const http_settings& with)
{
    error_code ec;
    const auto address = asio::ip::make_address(with.address, ec);
    if (ec) return boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
    const tcp::endpoint at{address, with.port};
    acceptor.open(at.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address{true}, ec);
    if (!ec) acceptor.bind(at, ec);
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    return ec;
}

response answer(unsigned status, unsigned version, std::string type, std::string body)
{
    response out{static_cast<http::status>(status), version};
    out.set(http::field::content_type, type);
    out.set(http::field::cache_control, "no-store");
    out.body() = std::move(body);
    out.prepare_payload();
    return out;
}

response refusal(http::status status, std::string_view text)
{
    auto out = answer(static_cast<unsigned>(status), 11, "text/plain; charset=utf-8", std::string{text} + "\n");
    out.keep_alive(false);
    return out;
}

/// What to tell a peer whose request could not be read; nothing if it has gone, or was too slow and is closed.
std::optional<response> refusal_of(error_code why)
{
    if (why == http::error::header_limit || why == http::error::buffer_overflow)
        return refusal(http::status::request_header_fields_too_large, "request header too large");
    if (why == http::error::body_limit) return refusal(http::status::payload_too_large, "request body too large");
    if (why == http::error::end_of_stream || why == http::error::partial_message) return std::nullopt;
    if (why.category() == make_error_code(http::error::bad_method).category())
        return refusal(http::status::bad_request, "not an HTTP/1.1 request");
    return std::nullopt;
}

}  // namespace

struct http_server::state {
    state(http_settings settings, http_routes routes) : with{std::move(settings)}, pages{std::move(routes)} {}

    asio::awaitable<void> accept_loop();
    asio::awaitable<void> serve(tcp::socket socket);
    asio::awaitable<void> say_goodbye(beast::tcp_stream& stream);
    response reply_to(const request& asked) const;
    response page(std::string_view path, unsigned version, const std::function<http_reply()>& make) const;

    const http_settings with;
    const http_routes pages;
    std::size_t connections = 0;  ///< touched by the network thread only
    // Last: destroyed first, with every suspended coroutine that uses what stands above.
    runtime loop{1};
    tcp::acceptor acceptor{loop.context()};
};

response http_server::state::page(std::string_view path, unsigned version,
                                  const std::function<http_reply()>& make) const
{
    try {
        auto made = make();
        return answer(made.status, version, std::move(made.content_type), std::move(made.body));
    } catch (const std::exception& thrown) {
        log::error("net", "a page failed", {{"path", path}, {"what", thrown.what()}});
        return answer(500, version, "text/plain; charset=utf-8", "this page failed; the log says why\n");
    }
}

response http_server::state::reply_to(const request& asked) const
{
    const std::string_view target{asked.target().data(), asked.target().size()};
    const auto path = target.substr(0, target.find('?'));
    const auto found = pages.find(path);
    const auto text = "text/plain; charset=utf-8";
    if (found == pages.end()) return answer(404, asked.version(), text, "no such page\n");
    if (asked.method() != http::verb::get && asked.method() != http::verb::head) {
        auto out = answer(405, asked.version(), text, "only GET and HEAD\n");
        out.set(http::field::allow, "GET, HEAD");
        return out;
    }
    return page(path, asked.version(), found->second);
}

asio::awaitable<void> http_server::state::accept_loop()
{
    for (;;) {
        auto [ec, socket] = co_await acceptor.async_accept(completion);
        if (ec == asio::error::operation_aborted) co_return;
        if (ec) {  // out of descriptors, most likely: the queue waits until some are free again
            log::warn("net", "cannot accept a connection", {{"ec", ec.message()}});
            asio::steady_timer pause{loop.context(), accept_pause};
            co_await pause.async_wait(completion);
            continue;
        }
        asio::co_spawn(loop.context(), serve(std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> http_server::state::serve(tcp::socket socket)
{
    struct place {
        std::size_t& taken;
        explicit place(std::size_t& count) : taken{count} { ++taken; }
        ~place() { --taken; }
    } const mine{connections};
    error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    beast::tcp_stream stream{std::move(socket)};
    beast::flat_buffer buffer{with.max_header_bytes + with.max_body_bytes};
    const bool full = connections > with.max_connections;
    for (bool open = !full; open;) {
        http::request_parser<http::string_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(with.max_header_bytes));
        parser.body_limit(with.max_body_bytes);
        stream.expires_after(with.read_timeout);
        const auto [read_error, read] = co_await http::async_read(stream, buffer, parser, completion);
        std::optional<response> reply;
        if (read_error) {
            reply = refusal_of(read_error);
            if (!reply) co_return;
        } else {
            reply = reply_to(parser.get());
            reply->keep_alive(parser.get().keep_alive());
        }
        stream.expires_after(with.read_timeout);
        const bool head = !read_error && parser.get().method() == http::verb::head;
        http::response_serializer<http::string_body> writer{*reply};
        const auto [write_error, written] = head ? co_await http::async_write_header(stream, writer, completion)
                                                 : co_await http::async_write(stream, writer, completion);
        if (write_error) co_return;
        open = reply->keep_alive();
    }
    if (full) {
        auto busy = refusal(http::status::service_unavailable, "too many connections");
        stream.expires_after(drain_limit);
        co_await http::async_write(stream, busy, completion);
    }
    co_await say_goodbye(stream);
}

/// Closing with unread bytes would reset the connection, and the peer could lose our last answer.
asio::awaitable<void> http_server::state::say_goodbye(beast::tcp_stream& stream)
{
    error_code ec;
    stream.socket().shutdown(tcp::socket::shutdown_send, ec);
    stream.expires_after(drain_limit);
    std::array<char, 4096> scratch{};
    for (std::size_t drained = 0; !ec && drained < most_drained;) {
        const auto [read_error, read] = co_await stream.async_read_some(asio::buffer(scratch), completion);
        ec = read_error;
        drained += read;
    }
}

boost::system::result<std::unique_ptr<http_server>, std::string> http_server::start(http_settings with,
                                                                                    http_routes pages)
{
    auto running = std::make_unique<state>(std::move(with), std::move(pages));
    if (const auto ec = listen(running->acceptor, running->with)) return cannot_listen(running->with, ec);
    asio::co_spawn(running->loop.context(), running->accept_loop(), asio::detached);
    running->loop.start();
    return std::unique_ptr<http_server>{new http_server{std::move(running)}};
}

http_server::http_server(std::unique_ptr<state> running)
    : state_{std::move(running)}, port_{state_->acceptor.local_endpoint().port()}
{
}

http_server::~http_server()
{
    stop();
}

void http_server::stop()
{
    if (!state_) return;
    state_->loop.stop();
    state_.reset();  // and with it every connection
}

}  // namespace strowger::net
