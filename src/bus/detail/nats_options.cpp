#include "bus/detail/nats_options.hpp"

#include "bus/detail/nkey.hpp"
#include "bus/error.hpp"

#include <filesystem>
#include <fstream>

namespace strowger::bus::detail {
namespace {

/// The seed itself, or the first line of the file `text` names that looks like one.
result<std::string> read_seed(const std::string& text)
{
    if (text.starts_with("SU") && text.size() == 58) return text;
    std::ifstream file{text};
    for (std::string line; std::getline(file, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (line.starts_with("SU")) return line;
    }
    return errc::bad_key;
}

natsStatus sign(char** problem, unsigned char** signature, int* size, const char* nonce, void* closure) noexcept
{
    *problem = nullptr;
    return nats_Sign(static_cast<const prepared*>(closure)->seed.c_str(), nonce, signature, size);
}

result<void> set_nkey(const std::string& text, prepared& out)
{
    auto seed = read_seed(text);
    if (!seed) return seed.error();
    auto key = nkey_public(*seed);
    if (!key) return key.error();
    out.seed = std::move(*seed);
    out.nkey_public = std::move(*key);
    if (natsOptions_SetNKey(out.options.get(), out.nkey_public.c_str(), &sign, &out) != NATS_OK) return errc::bad_key;
    return {};
}

result<void> set_authentication(const nats_settings& with, prepared& out)
{
    natsOptions* to = out.options.get();
    if (!with.creds.empty()) {
        if (!std::filesystem::is_regular_file(with.creds)) return errc::bad_credentials_file;
        if (natsOptions_SetUserCredentialsFromFiles(to, with.creds.c_str(), nullptr) != NATS_OK)
            return errc::bad_credentials_file;
        return {};
    }
    if (!with.nkey_seed.empty()) return set_nkey(with.nkey_seed, out);
    const auto& token = with.token.empty() ? out.where.token : with.token;
    const auto& user = with.user.empty() ? out.where.user : with.user;
    const auto& password = with.password.empty() ? out.where.password : with.password;
    if (!with.token.empty() || (user.empty() && !token.empty())) {
        if (natsOptions_SetToken(to, token.c_str()) != NATS_OK) return errc::library;
    } else if (!user.empty()) {
        if (natsOptions_SetUserInfo(to, user.c_str(), password.c_str()) != NATS_OK) return errc::library;
    }
    return {};
}

result<void> set_tls(const nats_settings& with, prepared& out)
{
    natsOptions* to = out.options.get();
    const bool wanted = with.tls || out.where.tls || !with.tls_ca.empty() || !with.tls_cert.empty();
    if (!wanted) return {};
    natsStatus s = natsOptions_SetSecure(to, true);
    if (s == NATS_OK && !with.tls_ca.empty()) s = natsOptions_LoadCATrustedCertificates(to, with.tls_ca.c_str());
    if (s == NATS_OK && !with.tls_cert.empty())
        s = natsOptions_LoadCertificatesChain(to, with.tls_cert.c_str(), with.tls_key.c_str());
    if (s == NATS_OK && !with.tls_server_name.empty())
        s = natsOptions_SetExpectedHostname(to, with.tls_server_name.c_str());
    if (s == NATS_OK && !with.tls_verify) s = natsOptions_SkipServerVerification(to, true);
    if (s != NATS_OK) return errc::bad_tls;
    return {};
}

natsStatus set_basics(const nats_settings& with, const nats_url& where, natsOptions* to)
{
    std::vector<const char*> servers;
    for (const auto& server : where.servers) servers.push_back(server.c_str());
    natsStatus s = natsOptions_SetServers(to, servers.data(), static_cast<int>(servers.size()));
    if (s == NATS_OK) s = natsOptions_SetNoRandomize(to, true);
    if (s == NATS_OK && !with.name.empty()) s = natsOptions_SetName(to, with.name.c_str());
    if (s == NATS_OK) s = natsOptions_SetTimeout(to, with.timeout_ms);
    if (s == NATS_OK) s = natsOptions_SetPingInterval(to, with.ping_interval_ms);
    if (s == NATS_OK) s = natsOptions_SetMaxPingsOut(to, 2);
    return s;
}

}  // namespace

result<std::unique_ptr<prepared>> prepare(const nats_settings& with)
{
    auto where = parse_nats_url(with.url);
    if (!where) return where.error();
    auto out = std::make_unique<prepared>();
    out->where = std::move(*where);
    natsOptions* raw = nullptr;
    if (natsOptions_Create(&raw) != NATS_OK) return errc::library;
    out->options.reset(raw);
    if (set_basics(with, out->where, raw) != NATS_OK) return errc::bad_url;
    if (auto done = set_authentication(with, *out); !done) return done.error();
    if (auto done = set_tls(with, *out); !done) return done.error();
    return out;
}

}  // namespace strowger::bus::detail
