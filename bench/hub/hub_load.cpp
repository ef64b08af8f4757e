// How fast is the hub beside the least that nats.c can do? Agent and bare responder take turns on one NATS
// server with the same clients; medians of the rounds are compared.
#include "bus/nats_driver.hpp"
#include "hub/agent.hpp"
#include "hub/json_view.hpp"
#include "hub/publisher.hpp"
#include "support/fake_host.hpp"
#include "support/nats_server.hpp"
#include "support/recordings.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <nats/nats.h>
#include <sched.h>

namespace {

using namespace strowger;
using namespace std::chrono_literals;

constexpr const char* agent_subject = "freeswitch.api.bench";
constexpr const char* bare_subject = "bare.echo";
constexpr const char* bare_asap_subject = "bare.echo.asap";

void check(natsStatus s, const char* what)
{
    if (s == NATS_OK) return;
    std::fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(s));
    std::exit(1);
}

natsConnection* connect_to(const std::string& url, bool asap)
{
    natsOptions* options = nullptr;
    natsConnection* out = nullptr;
    check(natsOptions_Create(&options), "options");
    check(natsOptions_SetURL(options, url.c_str()), "url");
    check(natsOptions_SetSendAsap(options, asap), "asap");
    check(natsConnection_Connect(&out, options), "connect");
    natsOptions_Destroy(options);
    return out;
}

/// The baseline: answers every message with itself, on nats.c's delivery thread.
struct bare_responder {
    natsConnection* link;
    natsSubscription* sub = nullptr;

    bare_responder(const std::string& url, const char* subject, bool asap) : link{connect_to(url, asap)}
    {
        check(natsConnection_Subscribe(&sub, link, subject, &echo, nullptr), "subscribe");
        check(natsConnection_Flush(link), "flush");
    }
    ~bare_responder()
    {
        natsSubscription_Destroy(sub);
        natsConnection_Destroy(link);
    }
    bare_responder(const bare_responder&) = delete;
    bare_responder& operator=(const bare_responder&) = delete;
    static void echo(natsConnection* nc, natsSubscription*, natsMsg* msg, void*)
    {
        natsConnection_Publish(nc, natsMsg_GetReply(msg), natsMsg_GetData(msg), natsMsg_GetDataLength(msg));
        natsMsg_Destroy(msg);
    }
};

struct hub_under_test {
    test::fake_host host;
    std::unique_ptr<hub::agent> agent;

    explicit hub_under_test(const std::string& url)
    {
        host.remember_calls(false);
        bus::nats_settings nats;
        nats.url = url;
        hub::settings with;
        with.node_id = "bench";
        agent = hub::agent::create(with, host, bus::make_nats_driver(nats).value()).value();
        if (!agent->start()) std::exit(1);
        std::this_thread::sleep_for(100ms);
    }
};

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

double quantile(std::vector<double>& values, double q)
{
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

// ---- one client, one request at a time ----

std::pair<double, double> one_by_one(natsConnection* link, const char* subject, int count)
{
    std::vector<double> took_us;
    const std::string text = R"({"command":"echo","args":"0123456789"})";
    for (int i = 0; i < count; ++i) {
        natsMsg* answer = nullptr;
        const auto began = std::chrono::steady_clock::now();
        check(natsConnection_Request(&answer, link, subject, text.data(), static_cast<int>(text.size()), 5000),
              subject);
        took_us.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count());
        natsMsg_Destroy(answer);
    }
    return {quantile(took_us, 0.5), quantile(took_us, 0.99)};
}

int latency(const std::string& url)
{
    const bare_responder bare{url, bare_subject, false};
    const bare_responder asap{url, bare_asap_subject, true};
    const hub_under_test hub{url};
    auto* link = connect_to(url, true);
    std::map<const char*, std::pair<std::vector<double>, std::vector<double>>> seen;
    one_by_one(link, agent_subject, 2000);
    for (int round = 0; round < 9; ++round)
        for (const char* subject : {bare_subject, agent_subject, bare_asap_subject}) {
            const auto [p50, p99] = one_by_one(link, subject, subject == bare_subject ? 300 : 3000);
            seen[subject].first.push_back(p50);
            seen[subject].second.push_back(p99);
        }
    natsConnection_Destroy(link);
    for (const auto& [subject, values] : seen)
        std::printf("%-22s p50 %7.1f us   p99 %7.1f us\n", subject, median(values.first), median(values.second));
    const double ratio = median(seen[agent_subject].first) / median(seen[bare_asap_subject].first);
    std::printf("agent p50 / faster bare responder p50 = %.2f (bar: 2)\n", ratio);
    return ratio <= 2 ? 0 : 1;
}

// ---- many clients, several requests outstanding each ----

struct load_client {
    natsConnection* link;
    natsSubscription* inbox = nullptr;
    std::string name;
    std::vector<int> answers;  ///< by request number
    bool good = true;

    load_client(const std::string& url, int number)
        : link{connect_to(url, true)}, name{"bench.inbox." + std::to_string(number)}
    {
        check(natsConnection_SubscribeSync(&inbox, link, (name + ".*").c_str()), "inbox");
        check(natsConnection_Flush(link), "flush");
    }
    ~load_client()
    {
        natsSubscription_Destroy(inbox);
        natsConnection_Destroy(link);
    }
    load_client(const load_client&) = delete;
    load_client& operator=(const load_client&) = delete;

    void ask(const char* subject, int number) const
    {
        const auto reply = name + "." + std::to_string(number);
        const auto text = R"({"command":"echo","args":")" + reply + "\"}";
        check(natsConnection_PublishRequest(link, subject, reply.c_str(), text.data(), static_cast<int>(text.size())),
              "ask");
    }
    /// Sends `count` requests with `outstanding` at a time and notes every answer.
    void run(const char* subject, int count, int outstanding)
    {
        answers.assign(static_cast<std::size_t>(count), 0);
        int asked = 0;
        while (asked < std::min(count, outstanding)) ask(subject, asked++);
        for (int seen = 0; seen < count;) {
            if (!take(5000)) break;
            ++seen;
            if (asked < count) ask(subject, asked++);
        }
    }
    bool take(int limit_ms)
    {
        natsMsg* msg = nullptr;
        if (natsSubscription_NextMsg(&msg, inbox, limit_ms) != NATS_OK) return false;
        const std::string subject = natsMsg_GetSubject(msg);
        const std::string_view text{natsMsg_GetData(msg), static_cast<std::size_t>(natsMsg_GetDataLength(msg))};
        good = good && text.find(subject) != std::string_view::npos;
        ++answers[static_cast<std::size_t>(std::atoi(subject.c_str() + name.size() + 1))];
        natsMsg_Destroy(msg);
        return true;
    }
};

using fleet = std::vector<std::unique_ptr<load_client>>;

fleet make_fleet(const std::string& url, int size)
{
    fleet out;
    for (int i = 0; i < size; ++i) out.push_back(std::make_unique<load_client>(url, i));
    return out;
}

double per_second(fleet& clients, const char* subject, int each, int outstanding)
{
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (auto& it : clients) threads.emplace_back([&, c = it.get()] { c->run(subject, each, outstanding); });
    for (auto& it : threads) it.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    return each * static_cast<double>(clients.size()) / took.count();
}

int throughput(const std::string& url)
{
    const bare_responder bare{url, bare_subject, false};
    const bare_responder asap{url, bare_asap_subject, true};
    const hub_under_test hub{url};
    auto clients = make_fleet(url, 50);
    std::map<const char*, std::vector<double>> seen;
    per_second(clients, agent_subject, 200, 4);
    for (int round = 0; round < 9; ++round)
        for (const char* subject : {bare_subject, agent_subject, bare_asap_subject})
            seen[subject].push_back(per_second(clients, subject, 1000, 4));
    for (const auto& [subject, values] : seen) std::printf("%-22s %9.0f requests/s\n", subject, median(values));
    const double best = std::max(median(seen[bare_subject]), median(seen[bare_asap_subject]));
    const double ratio = median(seen[agent_subject]) / best;
    std::printf("agent / faster bare responder = %.2f (bar: 0.85)\n", ratio);
    return ratio >= 0.85 ? 0 : 1;
}

int exactly_once(const std::string& url)
{
    const hub_under_test hub{url};
    auto clients = make_fleet(url, 50);
    const double rate = per_second(clients, agent_subject, 2000, 4);
    std::uint64_t once = 0;
    std::uint64_t wrong = 0;
    for (auto& it : clients) {
        while (it->take(20)) {
        }
        for (const int n : it->answers) n == 1 ? ++once : ++wrong;
        if (!it->good) ++wrong;
    }
    std::printf("answered exactly once and rightly: %llu of 100000, otherwise: %llu, %.0f requests/s\n",
                static_cast<unsigned long long>(once), static_cast<unsigned long long>(wrong), rate);
    return once == 100000 && wrong == 0 ? 0 : 1;
}

// ---- events ----

std::vector<pbx::event_ptr> channel_events()
{
    std::vector<pbx::event_ptr> out;
    for (const char* name : {"echo", "bridge", "sip-inbound-bridge"})
        for (auto& it : test::recorded_events(STROWGER_SOURCE_DIR "/tests/recordings/freeswitch", name))
            if (it->name().starts_with("CHANNEL_") && it->bytes() > 2000) out.push_back(std::move(it));
    return out;
}

/// Everything this process does from now on happens on one core; the server keeps the others.
void use_one_core()
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof one, &one);
}

double raw_events(const std::string& url, std::size_t count, std::size_t bytes)
{
    auto* link = connect_to(url, false);
    const std::string payload(bytes, 'x');
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i)
        check(
            natsConnection_Publish(link, "freeswitch.events.channel.answer", payload.data(), static_cast<int>(bytes)),
            "publish");
    check(natsConnection_Flush(link), "flush");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    natsConnection_Destroy(link);
    return static_cast<double>(count) / took.count();
}

double our_events(const std::string& url, std::size_t count, const std::vector<pbx::event_ptr>& events,
                  std::size_t& bytes)
{
    bus::nats_settings nats;
    nats.url = url;
    const auto driver = bus::make_nats_driver(nats).value();
    if (!driver->connect()) std::exit(1);
    hub::publisher::options with;
    with.prefix = "freeswitch";
    with.json = {"bench", 1, false, {"*password*", "*passwd*", "*secret*"}, {}, {}};
    hub::publisher out{with, *driver};
    out.start();
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) {
        out.push(events[i % events.size()]);
        while (i % 256 == 0 && out.count().queued > 4096) std::this_thread::sleep_for(200us);
    }
    while (out.count().published < count) std::this_thread::sleep_for(100us);
    driver->flush(5s);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const auto counted = out.count();
    if (counted.dropped + counted.failed > 0) std::exit(1);
    bytes = counted.bytes / count;
    out.stop(1s);
    return static_cast<double>(count) / took.count();
}

int events(const std::string& url)
{
    constexpr std::size_t count = 50000;
    const auto recorded = channel_events();
    use_one_core();
    std::vector<double> raw;
    std::vector<double> ours;
    std::size_t bytes = 0;
    our_events(url, count, recorded, bytes);
    for (int round = 0; round < 9; ++round) {
        raw.push_back(raw_events(url, count, bytes));
        ours.push_back(our_events(url, count, recorded, bytes));
    }
    const double ratio = median(ours) / median(raw);
    std::printf("%zu bytes an event; raw natsConnection_Publish %.0f/s, hub %.0f/s\n", bytes, median(raw),
                median(ours));
    std::printf("hub / raw = %.2f (bar: 0.5)\n", ratio);
    return ratio >= 0.5 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    const std::string what = argc > 1 ? argv[1] : "";
    const auto server = test::nats_server::start();
    if (!server) return std::fputs("no nats-server installed\n", stderr), 1;
    if (what == "latency") return latency(server->url());
    if (what == "throughput") return throughput(server->url());
    if (what == "events") return events(server->url());
    if (what == "exactly-once") return exactly_once(server->url());
    return std::fputs("usage: hub_load latency|throughput|events|exactly-once\n", stderr), 2;
}
