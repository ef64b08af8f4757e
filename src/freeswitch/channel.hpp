#pragma once
#include "pbx/host.hpp"

namespace strowger::freeswitch {

/// A leg by its uuid alone: each use locates the session and lets it go again, so nothing here can keep a
/// session from ending or outlive it.
class channel final : public pbx::channel {
public:
    explicit channel(std::string uuid) : uuid_{std::move(uuid)} {}

    const std::string& uuid() const noexcept override { return uuid_; }
    bool alive() const noexcept override;
    std::optional<std::string> variable(std::string_view name) const override;
    bool set_variable(std::string_view name, std::string_view value) override;
    pbx::media_format read_format() const override;
    pbx::media_format write_format() const override;
    bool hang_up(pbx::cause why) override;
    /// Always false: this host gives no audio yet (README of this folder).
    bool attach(std::shared_ptr<pbx::tap> listener) override;
    void detach(const std::shared_ptr<pbx::tap>& listener) override;

private:
    std::string uuid_;
};

}  // namespace strowger::freeswitch
