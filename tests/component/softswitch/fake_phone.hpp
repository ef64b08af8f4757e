#pragma once
#include "softswitch/switchboard.hpp"

#include <memory>
#include <string>

namespace strowger::softswitch {

/// A SIP phone's leg without SIP: media comes with the answer or with early media, as from a negotiated SDP.
class fake_phone final : public leg {
public:
    fake_phone(switchboard& board, std::string name, variables first)
        : board_{board}, name_{std::move(name)}, first_{std::move(first)}
    {
    }

    leg_observer* observer = nullptr;

    std::string name() const override { return name_; }
    std::string source() const override { return "mod_sofia"; }
    std::string network_address() const override { return "127.0.0.1"; }
    variables initial_variables() const override { return first_; }
    codec_facts codec() const override { return {"PCMU", 8000, 64000, 20}; }
    media_port* media() override { return port_.get(); }
    void ring() override {}
    void early_media() override
    {
        if (!port_) port_ = board_.media().add(std::make_unique<silence>(), {}, {});
    }
    void answer() override { early_media(); }
    void hang_up(pbx::cause why) override
    {
        if (observer) observer->on_ended(why, 0, {});
    }
    void hold(bool) override {}
    void send_dtmf(std::string_view, std::uint32_t) override {}
    void redirect(std::string_view) override {}

private:
    class silence final : public media_transport {
    public:
        bool read(std::span<std::int16_t>) noexcept override { return false; }
        void write(std::span<const std::int16_t>) noexcept override {}
    };

    switchboard& board_;
    const std::string name_;
    const variables first_;
    std::unique_ptr<media_port> port_;
};

}  // namespace strowger::softswitch
