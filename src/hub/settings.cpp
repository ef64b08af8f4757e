#include "hub/settings.hpp"

#include "hub/glob.hpp"
#include "hub/subjects.hpp"

#include <algorithm>

namespace strowger::hub {
namespace {

constexpr std::string_view agent_version = "2.0.0";

void choose(config::reader& in, std::string_view key, std::string& out,
            std::initializer_list<std::string_view> allowed)
{
    std::string value = out;
    in.get(key, value);
    std::ranges::transform(value, value.begin(), ascii_lower);
    if (std::ranges::find(allowed, value) != allowed.end()) {
        out = value;
        return;
    }
    std::string expected = "one of";
    for (const auto word : allowed) expected += " " + std::string{word};
    in.fail(key, expected);
}

/// The last spelling that is present counts, so the main name goes last.
template <class Value>
void get_any(config::reader& in, std::initializer_list<std::string_view> keys, Value& out)
{
    for (const auto key : keys) in.get(key, out);
}

void read_nats(config::reader& in, bus::nats_settings& out)
{
    get_any(in, {"host", "url"}, out.url);
    in.secret("token", out.token);
    in.secret("nkey", out.nkey_seed);
    in.secret("nkey_seed", out.nkey_seed);
    in.get("nats_user", out.user);
    in.secret("nats_password", out.password);
    in.get("nats_creds", out.creds);
    in.get("nats_timeout", out.timeout_ms, 1, 600000);
    in.get("nats_max_reconnect", out.max_reconnect, -1);
    in.get("nats_reconnect_wait", out.reconnect_wait_ms, 0, 3600000);
    in.get("nats_ping_interval", out.ping_interval_ms, 100, 3600000);
    in.get("tls", out.tls);
    in.get("tls_ca", out.tls_ca);
    in.get("tls_cert", out.tls_cert);
    in.get("tls_key", out.tls_key);
    in.get("tls_server_name", out.tls_server_name);
    in.get("tls_verify", out.tls_verify);
    in.get("reply_buffer_bytes", out.reply_buffer_bytes, 0, 1U << 30U);
    in.get("reply_max_age", out.reply_max_age_ms, 0);
    bool jetstream = false;
    in.get("jetstream", jetstream);  // of the oldest configuration file: accepted, without effect
}

void read_events(config::reader& in, settings& out)
{
    in.get("publish_all_events", out.publish_all_events);
    get_any(in, {"include", "include_events"}, out.include_events);
    get_any(in, {"exclude", "exclude_events"}, out.exclude_events);
    choose(in, "custom_subject_mode", out.custom_subject_mode, {"subclass", "flat", "both"});
    choose(in, "event_timestamp", out.event_timestamp, {"event", "publish"});
    in.get("redact_headers", out.redact_headers);
    in.get("header_include", out.header_include);
    in.get("header_exclude", out.header_exclude);
    in.get("event_queue_size", out.event_queue_size, 1, 10000000);
    in.get("event_queue_bytes", out.event_queue_bytes, 1024, std::int64_t{1} << 36U);
    choose(in, "event_queue_policy", out.event_queue_policy, {"drop-oldest", "drop-newest"});
}

void read_commands(config::reader& in, settings& out)
{
    choose(in, "broadcast_mode", out.broadcast_mode, {"all"});
    in.get("command_workers", out.command_workers, 1, 1024);
    in.get("command_queue_size", out.command_queue_size, 0, 1000000);
    in.get("command_timeout", out.command_timeout, 0, 86400000);
    in.get("max_concurrent_originates", out.max_concurrent_originates, 1, 4096);
    in.get("max_request_bytes", out.max_request_bytes, 64, 64U << 20U);
    in.get("rate_limit", out.rate_limit, 0, 10000000);
    in.get("drain_ms", out.drain_ms, 0, 600000);
    in.get("api_allow", out.api_allow);
    in.get("api_deny", out.api_deny);
    in.get("command_allow", out.command_allow);
    in.get("command_deny", out.command_deny);
    in.secret("command_token", out.command_token);
    in.get("allow_exec_variables", out.allow_exec_variables);
}

std::string from_environment(const config::environment& env, const char* name)
{
    const char* value = env ? env(name) : nullptr;
    return value == nullptr ? "" : value;
}

std::string url_from(const config::environment& env)
{
    if (auto url = from_environment(env, "NATS_URL"); !url.empty()) return url;
    const auto host = from_environment(env, "NATS_HOST");
    const auto port = from_environment(env, "NATS_PORT");
    if (host.empty() && port.empty()) return "nats://127.0.0.1:4222";
    return "nats://" + (host.empty() ? "localhost" : host) + ":" + (port.empty() ? "4222" : port);
}

}  // namespace

void settings::read(config::reader in)
{
    choose(in, "driver", driver, {"nats"});
    std::string prefix = subject_prefix;
    in.get("subject_prefix", prefix);
    if (const auto trimmed = trimmed_prefix(prefix); valid_prefix(trimmed)) {
        subject_prefix = trimmed;
    } else {
        in.fail("subject_prefix", "tokens of A-Z, a-z, 0-9, _ and - with dots between them");
    }
    in.get("node_id", node_id);
    std::string level{log::to_string(log_level)};
    in.get("log_level", level);
    if (!log::parse_level(level, log_level))
        in.fail("log_level", "one of debug info notice warning err crit alert emerg");
    read_events(in, *this);
    read_commands(in, *this);
    read_nats(in, nats);
}

void settings::complete(const config::environment& env, std::string_view switch_name)
{
    if (node_id.empty()) node_id = from_environment(env, "AGENT_NODE_ID");
    if (node_id.empty() && !switch_name.empty()) node_id = "fs-node-" + std::string{switch_name};
    node_id = node_id.empty() ? "unknown" : slug(node_id);
    if (nats.url.empty()) nats.url = url_from(env);
    if (nats.name.empty()) nats.name = "mod_event_agent/" + std::string{agent_version} + " " + node_id;
}

}  // namespace strowger::hub
