#pragma once
#include "support/udp.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace strowger::test {

/// A SIP message as text, with just enough reading for a test.
struct sip_text {
    std::string text;

    bool empty() const noexcept { return text.empty(); }
    bool is_response() const noexcept { return text.starts_with("SIP/2.0 "); }
    int status() const noexcept { return is_response() ? std::atoi(text.c_str() + 8) : 0; }
    std::string method() const { return is_response() ? std::string{} : text.substr(0, text.find(' ')); }
    /// The first header of that name, as it is spelt; empty if there is none.
    std::string header(std::string_view name) const
    {
        const auto at = text.find("\r\n" + std::string{name} + ": ");
        if (at == std::string::npos) return {};
        const auto start = at + name.size() + 4;
        return text.substr(start, text.find("\r\n", start) - start);
    }
    std::string body() const
    {
        const auto at = text.find("\r\n\r\n");
        return at == std::string::npos ? std::string{} : text.substr(at + 4);
    }
    bool has(std::string_view part) const { return text.find(part) != std::string::npos; }
    /// The port of its `m=audio` line; 0 if there is none.
    std::uint16_t audio_port() const
    {
        const auto at = text.find("m=audio ");
        return at == std::string::npos ? std::uint16_t{0}
                                       : static_cast<std::uint16_t>(std::atoi(text.c_str() + at + 8));
    }
    std::string tag_of(std::string_view name) const
    {
        const auto value = header(name);
        const auto at = value.find("tag=");
        return at == std::string::npos ? std::string{} : value.substr(at + 4, value.find(';', at) - at - 4);
    }
};

/// What a request has beside the usual.
struct sip_extra {
    std::string to_tag{};
    std::string headers{};  ///< more of them, each with its CRLF
    std::string body{};
    std::string content_type = "application/sdp";
    std::string branch{};  ///< empty: a new one
    int cseq = 0;          ///< 0: the next one
    std::string uri{};     ///< empty: the called number's
};

/// A phone that says exactly what the test wants, over UDP.
class sip_phone {
public:
    explicit sip_phone(std::uint16_t exchange) : exchange_{exchange} {}

    std::uint16_t port() const noexcept { return socket_.port(); }
    udp_socket& rtp() noexcept { return rtp_; }
    void send(const std::string& message) { socket_.send(message, exchange_); }
    /// The next message that is neither 100 nor seen before; empty when none comes.
    sip_text receive(std::chrono::milliseconds time = std::chrono::seconds{5})
    {
        for (;;) {
            const auto bytes = socket_.receive(time);
            sip_text out{{bytes.begin(), bytes.end()}};
            if (out.empty()) return out;
            if (out.status() == 100) continue;
            if (std::find(seen_.begin(), seen_.end(), out.text) != seen_.end()) continue;
            seen_.push_back(out.text);
            return out;
        }
    }
    /// Skips what comes before it.
    sip_text receive_status(int status)
    {
        for (;;) {
            auto out = receive();
            if (out.empty() || out.status() == status) return out;
        }
    }
    sip_text receive_method(std::string_view method)
    {
        for (;;) {
            auto out = receive();
            if (out.empty() || out.method() == method) return out;
        }
    }

    std::string sdp(std::string_view formats = "0 8 101",
                    std::string_view more = "a=rtpmap:101 telephone-event/8000\r\n")
    {
        return "v=0\r\no=phone 1 " + std::to_string(++version_) +
               " IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n" + "t=0 0\r\nm=audio " +
               std::to_string(rtp_.port()) + " RTP/AVP " + std::string{formats} + "\r\n" + std::string{more};
    }
    std::string request(const std::string& method, const std::string& number, sip_extra with = {})
    {
        if (with.cseq == 0) with.cseq = ++cseq_;
        if (with.branch.empty()) with.branch = "z9hG4bK" + call_id + std::to_string(++branch_);
        last_branch_ = with.branch;
        last_cseq_ = with.cseq;
        if (with.uri.empty()) with.uri = "sip:" + number + "@127.0.0.1:" + std::to_string(exchange_);
        const auto me = "127.0.0.1:" + std::to_string(port());
        return method + ' ' + with.uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + me + ";rport;branch=" + with.branch +
               "\r\nMax-Forwards: 70\r\nFrom: \"Phone\" <sip:" + user + '@' + me + ">;tag=" + from_tag +
               "\r\nTo: <sip:" + number + "@127.0.0.1>" + (with.to_tag.empty() ? "" : ";tag=" + with.to_tag) +
               "\r\nCall-ID: " + call_id + "\r\nCSeq: " + std::to_string(with.cseq) + ' ' + method +
               "\r\nContact: <sip:" + user + '@' + me + ">\r\n" + with.headers +
               (with.body.empty() ? "" : "Content-Type: " + with.content_type + "\r\n") +
               "Content-Length: " + std::to_string(with.body.size()) + "\r\n\r\n" + with.body;
    }
    /// Acknowledges a final response: within its transaction when it refused, with one of its own after 200.
    void ack(const sip_text& response, const std::string& number, const std::string& body = {})
    {
        const auto seq = std::atoi(response.header("CSeq").c_str());
        send(request("ACK", number,
                     {.to_tag = response.tag_of("To"),
                      .body = body,
                      .branch = response.status() >= 300 ? last_branch_ : std::string{},
                      .cseq = seq}));
    }
    /// Answers a request that the exchange sent.
    std::string response(const sip_text& to, int status, const std::string& phrase, const std::string& body = {},
                         const std::string& headers = {})
    {
        std::string out = "SIP/2.0 " + std::to_string(status) + ' ' + phrase + "\r\nVia: " + to.header("Via") +
                          "\r\nFrom: " + to.header("From") + "\r\nTo: " + to.header("To");
        if (!to.has("\r\nTo: " + to.header("To") + ";tag=") && to.tag_of("To").empty() && status != 100) {
            out += ";tag=" + from_tag;
        }
        return out + "\r\nCall-ID: " + to.header("Call-ID") + "\r\nCSeq: " + to.header("CSeq") +
               "\r\nContact: <sip:" + user + "@127.0.0.1:" + std::to_string(port()) + ">\r\n" + headers +
               (body.empty() ? "" : "Content-Type: application/sdp\r\n") +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    const std::string& last_branch() const noexcept { return last_branch_; }
    int last_cseq() const noexcept { return last_cseq_; }

    std::string user = "phone";
    std::string from_tag = "tag-of-phone";
    std::string call_id = "call-" + std::to_string(++count_);

private:
    static inline std::atomic<int> count_{0};
    std::uint16_t exchange_;
    udp_socket socket_, rtp_;
    std::deque<std::string> seen_;
    int cseq_ = 0, branch_ = 0, version_ = 0;
    std::string last_branch_;
    int last_cseq_ = 0;
};

}  // namespace strowger::test
