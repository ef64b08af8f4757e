#include "softswitch/sip/digest.hpp"

#include "softswitch/sip/re_ptr.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <random>

namespace strowger::softswitch::sip {
namespace {

std::string hex(std::span<const std::uint8_t> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const auto each : bytes) {
        out += digits[each >> 4];
        out += digits[each & 15];
    }
    return out;
}

template <class Number>
bool from_hex(std::string_view text, Number& out) noexcept
{
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
    return ec == std::errc{} && end == text.data() + text.size();
}

std::int64_t to_ms(steady_clock::time_point when)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

/// Takes as long for unequal texts of one length as for equal ones.
bool same_text(std::string_view a, std::string_view b) noexcept
{
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    }
    return difference == 0;
}

}  // namespace

authenticator::authenticator(std::string realm, const std::vector<user>& users, std::chrono::seconds nonce_lifetime)
    : realm_{std::move(realm)}, lifetime_{nonce_lifetime}
{
    for (const auto& each : users) {
        if (!each.password.empty()) passwords_.emplace(each.number, each.password);
    }
    std::random_device random;
    std::ranges::generate(secret_, [&] { return static_cast<std::uint8_t>(random()); });
}

std::string authenticator::sign(std::string_view text) const
{
    std::array<std::uint8_t, 20> out{};
    hmac_sha1(secret_.data(), secret_.size(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
              out.data(), out.size());
    return hex(out);
}

std::string authenticator::challenge(bool stale, steady_clock::time_point now)
{
    std::array<char, 40> stamp{};
    std::snprintf(stamp.data(), stamp.size(), "%llx.%016llx", static_cast<unsigned long long>(to_ms(now)),
                  static_cast<unsigned long long>(rand_u64()));
    const std::string signed_part = stamp.data();
    return "Digest realm=\"" + realm_ + "\", nonce=\"" + signed_part + '.' + sign(signed_part) +
           "\", algorithm=MD5, qop=\"auth\"" + (stale ? ", stale=true" : "");
}

std::int64_t authenticator::birth_of(std::string_view nonce, steady_clock::time_point now) const
{
    const auto last = nonce.rfind('.');
    if (last == std::string_view::npos) return -1;
    const auto signed_part = nonce.substr(0, last);
    std::int64_t born = 0;
    if (!same_text(nonce.substr(last + 1), sign(signed_part))) return -1;
    if (!from_hex(signed_part.substr(0, signed_part.find('.')), born)) return -1;
    const auto age = to_ms(now) - born;
    return age >= 0 && age <= lifetime_.count() ? born : -1;
}

void authenticator::forget_oldest()
{
    if (used_.size() < most_nonces) return;
    std::vector<std::int64_t> births;
    for (const auto& [nonce, each] : used_) births.push_back(each.born_ms);
    const auto middle = births.begin() + static_cast<std::ptrdiff_t>(births.size() / 2);
    std::ranges::nth_element(births, middle);
    std::erase_if(used_, [limit = *middle](const auto& each) { return each.second.born_ms <= limit; });
}

bool authenticator::use_once(std::string_view nonce, std::int64_t born_ms, std::string_view count)
{
    std::uint32_t number = 1;  // without qop there is no count, and a nonce is good for one request
    if (!count.empty() && !from_hex(count, number)) return false;
    forget_oldest();
    auto& last = used_.try_emplace(std::string{nonce}, use{0, born_ms}).first->second;
    if (number <= last.count) return false;
    last.count = number;
    return true;
}

authenticator::outcome authenticator::check(std::string_view method, std::string_view credentials,
                                            steady_clock::time_point now)
{
    outcome out;
    httpauth_digest_resp response{};
    const auto value = as_pl(credentials);
    if (credentials.empty() || httpauth_digest_response_decode(&response, &value) != 0 ||
        view(response.realm) != realm_) {
        return out;
    }
    out.username = text(response.username);
    out.what = verdict::forbidden;
    const auto password = passwords_.find(out.username);
    if (password == passwords_.end()) return out;
    if (pl_isset(&response.qop) && view(response.qop) != "auth") return out;

    std::array<std::uint8_t, MD5_SIZE> secret{};
    md5_printf(secret.data(), "%s:%s:%s", out.username.c_str(), realm_.c_str(), password->second.c_str());
    const auto verb = as_pl(method);
    if (httpauth_digest_response_auth(&response, &verb, secret.data()) != 0) return out;

    const auto born = birth_of(view(response.nonce), now);
    const bool fresh = born >= 0 && use_once(view(response.nonce), born, view(response.nc));
    out.what = fresh ? verdict::accepted : verdict::stale;
    return out;
}

}  // namespace strowger::softswitch::sip
