#include "net/http_server.hpp"

#include "support/tcp_client.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace strowger;
using namespace std::chrono_literals;
using net::http_reply;
using net::http_server;
using test::tcp_client;
using testing::HasSubstr;
using testing::StartsWith;

std::string large_page()
{
    std::string body(1 << 20, 'x');
    body.append("end");
    return body;
}

net::http_routes pages()
{
    return {{"/health",
             [] {
                 return http_reply{200, "application/json", R"({"status":"ok"})"};
             }},
            {"/sick",
             [] {
                 return http_reply{503, "application/json", R"({"status":"degraded"})"};
             }},
            {"/throws", []() -> http_reply { throw std::runtime_error{"no such thing"}; }},
            {"/large", [] {
                 return http_reply{200, "text/plain", large_page()};
             }}};
}

std::unique_ptr<http_server> started(net::http_settings with = {})
{
    return *http_server::start(std::move(with), pages());
}

std::string ask(const http_server& server, std::string_view request)
{
    const tcp_client client{server.port()};
    client.send(request);
    return client.read_all();
}

std::string get(const http_server& server, std::string_view path)
{
    return ask(server, "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

TEST(HttpServer, AnswersAPage)
{
    const auto server = started();
    const auto text = get(*server, "/health?verbose=1");
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(text, HasSubstr("Content-Length: 15\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\n\r\n{\"status\":\"ok\"}"));
    EXPECT_THAT(get(*server, "/sick"), StartsWith("HTTP/1.1 503 "));
}

TEST(HttpServer, AnswersHeadWithoutABody)
{
    const auto server = started();
    const auto text = ask(*server, "HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("Content-Length: 15\r\n"));
    EXPECT_TRUE(text.ends_with("\r\n\r\n")) << text;
}

TEST(HttpServer, SaysWhatIsWrongWithARequest)
{
    const auto server = started();
    EXPECT_THAT(get(*server, "/nowhere"), StartsWith("HTTP/1.1 404 "));
    const auto post =
        ask(*server, "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    EXPECT_THAT(post, StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(post, HasSubstr("Allow: GET, HEAD\r\n"));
    EXPECT_THAT(ask(*server, "hello there\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(ask(*server, std::string_view{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11}),
                StartsWith("HTTP/1.1 400 "))
        << "TLS on a plain port";
}

TEST(HttpServer, APageThatThrowsIsAnError500AndTheServerGoesOn)
{
    const auto server = started();
    EXPECT_THAT(get(*server, "/throws"), StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(get(*server, "/health"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, BoundsTheHeaderAndTheBody)
{
    const auto server = started();
    const std::string big(1 << 20, 'a');
    EXPECT_THAT(ask(*server, "GET /health HTTP/1.1\r\nX-Big: " + big + "\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(ask(*server, "GET /health HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + big.substr(0, 30000)),
                StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, KeepsTheConnectionForTheNextRequest)
{
    const auto server = started();
    const tcp_client client{server->port()};
    for (int i = 0; i < 3; ++i) {
        client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_THAT(client.read_until("\"ok\"}"), StartsWith("HTTP/1.1 200 "));
    }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder)
{
    const auto server = started();
    const auto text = ask(*server,
                          "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
                          "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
                          "GET /sick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto first = text.find("200 OK");
    const auto second = text.find("404 Not Found");
    const auto third = text.find("503 Service");
    ASSERT_NE(third, std::string::npos) << text;
    EXPECT_LT(first, second);
    EXPECT_LT(second, third);
}

TEST(HttpServer, AnswersAPeerThatHasFinishedSending)
{
    const auto server = started();
    const tcp_client client{server->port()};
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    client.finish_sending();
    EXPECT_TRUE(client.read_all().ends_with("xend"));
}

TEST(HttpServer, TakesARequestByteByByte)
{
    const auto server = started();
    const tcp_client client{server->port()};
    for (const char c : std::string_view{"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"})
        ASSERT_TRUE(client.send({&c, 1}));
    EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, GivesUpOnAPeerThatIsTooSlow)
{
    const auto server = started({.read_timeout = 100ms});
    const tcp_client slow{server->port()};
    slow.send("GET /hea");
    EXPECT_EQ(slow.read_all(), "");
    const tcp_client silent{server->port()};
    EXPECT_EQ(silent.read_all(), "");
}

TEST(HttpServer, ServesAHundredConnectionsAtOnce)
{
    const auto server = started();
    std::vector<tcp_client> clients;
    for (int i = 0; i < 100; ++i) clients.emplace_back(server->port());
    for (const auto& client : clients) client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    for (const auto& client : clients) EXPECT_THAT(client.read_until("\"ok\"}"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, TellsOneTooManyToComeBack)
{
    const auto server = started({.max_connections = 2});
    std::vector<tcp_client> clients;
    for (int i = 0; i < 2; ++i) {
        clients.emplace_back(server->port());
        clients.back().send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
        clients.back().read_until("\"ok\"}");
    }
    EXPECT_THAT(get(*server, "/health"), StartsWith("HTTP/1.1 503 "));
    clients.clear();
    // The server sees the closed ones in its own time.
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    std::string text;
    while (!text.starts_with("HTTP/1.1 200 ") && std::chrono::steady_clock::now() < deadline)
        text = get(*server, "/health");
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, SaysWhichAddressAndPortItCannotHaveAndWhatToDo)
{
    const auto server = started();
    const auto port = server->port();
    const auto taken = http_server::start({.port = port}, pages());
    ASSERT_TRUE(taken.has_error());
    EXPECT_THAT(taken.error(), HasSubstr("127.0.0.1:" + std::to_string(port)));
    EXPECT_THAT(taken.error(), HasSubstr("another program has this port"));
    EXPECT_THAT(http_server::start({.address = "localhost"}, pages()).error(), HasSubstr("expected a numeric"));
    EXPECT_THAT(http_server::start({.address = "192.0.2.1"}, pages()).error(), HasSubstr("no interface"));
}

TEST(HttpServer, StopEndsOpenConnectionsAndFreesThePort)
{
    auto server = started();
    const auto port = server->port();
    const tcp_client idle{port};
    const tcp_client busy{port};
    busy.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    busy.read_until("HTTP/1.1 200");
    server->stop();
    server->stop();
    EXPECT_EQ(idle.read_all(), "");
    busy.read_all();
    EXPECT_TRUE(http_server::start({.port = port}, pages()).has_value());
}

TEST(HttpServer, StopWaitsForThePageThatRuns)
{
    std::promise<void> entered;
    std::atomic<bool> left{false};
    const auto slow = [&] {
        entered.set_value();
        std::this_thread::sleep_for(50ms);
        left = true;
        return http_reply{};
    };
    const auto server = *http_server::start({}, {{"/slow", slow}});
    const tcp_client client{server->port()};
    client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    entered.get_future().wait();
    server->stop();
    EXPECT_TRUE(left);
}

}  // namespace
