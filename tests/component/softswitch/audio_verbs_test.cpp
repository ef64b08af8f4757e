// uuid_audio, uuid_displace and uuid_fileman, by what is heard.
#include "media/tone.hpp"
#include "media/wav.hpp"
#include "switch_fixture.hpp"

#include <atomic>
#include <charconv>
#include <filesystem>

#include <unistd.h>

namespace strowger::softswitch {
namespace {

constexpr std::uint32_t rate_hz = 8000;

/// What it hears on one direction of a leg: the tones 440 and 880 Hz, or silence.
class listener final : public pbx::tap {
public:
    explicit listener(direction which) : which_{which} {}
    void on_start(const pbx::media_format&) noexcept override {}
    void on_read(std::span<const std::int16_t> pcm) noexcept override
    {
        if (which_ == direction::read) hear(pcm);
    }
    void on_write(std::span<std::int16_t> pcm) noexcept override
    {
        if (which_ == direction::write) hear(pcm);
    }
    void on_end() noexcept override {}

    bool hears(int hz) const { return hz == 440 ? low_ : high_; }
    bool hears_nothing() const { return loudest_ == 0; }
    int loudest() const { return loudest_; }

private:
    void hear(std::span<const std::int16_t> pcm) noexcept
    {
        // Of two tones at once each is half of the power: a share, not most of it.
        low_ = media::tone_detector{440, rate_hz}.share(pcm) > 0.2;
        high_ = media::tone_detector{880, rate_hz}.share(pcm) > 0.2;
        int loudest = 0;
        for (const int sample : pcm) loudest = std::max(loudest, std::abs(sample));
        loudest_ = loudest;
    }

    const direction which_;
    std::atomic<bool> low_{false}, high_{false};
    std::atomic<int> loudest_{-1};
};

class AudioVerbs : public switch_test {
protected:
    AudioVerbs() { std::filesystem::create_directories(folder_); }
    ~AudioVerbs() override { std::filesystem::remove_all(folder_); }

    std::shared_ptr<listener> listen(const std::string& uuid, direction which)
    {
        auto made = std::make_shared<listener>(which);
        EXPECT_TRUE(switch_->find(uuid)->attach(made));
        return made;
    }
    /// A file of 880 Hz.
    std::string tone_file(std::chrono::milliseconds length)
    {
        const auto path = (folder_ / "tone.wav").string();
        auto file = media::wav_writer::create(path, rate_hz, 1).value();
        media::tone_generator tone{{880.0}, rate_hz};
        std::vector<std::int16_t> pcm(static_cast<std::size_t>(length.count()) * rate_hz / 1000);
        tone.next(pcm);
        file->write(pcm);
        file->close();
        return path;
    }
    /// A leg that says 440 Hz, and one that hears it.
    void connect()
    {
        says_ = call("tone/440 &park");
        hears_ = call("null/x &park");
        api("uuid_bridge " + says_ + ' ' + hears_);
        ASSERT_TRUE(events_->wait("CHANNEL_BRIDGE", says_));
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("strowger-audio-" + std::to_string(::getpid()));
    std::string says_, hears_;
};

TEST_F(AudioVerbs, AMutedLegIsHeardAsSilenceUntilItIsStopped)
{
    connect();
    const auto ear = listen(hears_, direction::write);
    EXPECT_TRUE(eventually([&] { return ear->hears(440); }));
    EXPECT_EQ(api("uuid_audio " + says_ + " start read mute 1"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->hears_nothing(); }));
    EXPECT_EQ(api("uuid_audio " + says_ + " start read mute 0"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->hears(440); }));
    api("uuid_audio " + says_ + " start read mute 1");
    EXPECT_TRUE(eventually([&] { return ear->hears_nothing(); }));
    EXPECT_EQ(api("uuid_audio " + says_ + " stop"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->hears(440); }));
}

TEST_F(AudioVerbs, ALevelMakesALegLouderAndSofter)
{
    connect();
    const auto ear = listen(hears_, direction::write);
    ASSERT_TRUE(eventually([&] { return ear->hears(440); }));
    const auto normal = ear->loudest();
    EXPECT_EQ(api("uuid_audio " + says_ + " start read level 2"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->loudest() > 2 * normal; }));
    EXPECT_EQ(api("uuid_audio " + says_ + " start read level 5"), "+OK\n") << "beyond the last step: no change";
    EXPECT_EQ(api("uuid_audio " + says_ + " start read level -4"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->loudest() < normal / 4; }));
}

TEST_F(AudioVerbs, AMutedEarHearsNothing)
{
    const auto outer = call("loopback/5900/default '&playback(tone_stream://%(1000,0,440);loops=-1)'");
    const auto created = events_->wait("CHANNEL_CREATE", outer);
    ASSERT_TRUE(created);
    const auto ear = listen(std::string{created->get("variable_other_loopback_leg_uuid")}, direction::read);
    ASSERT_TRUE(eventually([&] { return ear->hears(440); }));
    EXPECT_EQ(api("uuid_audio " + outer + " start write mute 1"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->hears_nothing(); }));
}

TEST_F(AudioVerbs, AFileDisplacesWhatALegHearsAndSaysWhileItLasts)
{
    connect();
    const auto ear = listen(hears_, direction::write), mouth = listen(says_, direction::write);
    const auto file = tone_file(std::chrono::minutes{1});
    EXPECT_EQ(api("uuid_displace " + hears_ + " start " + file), "+OK Success\n");
    EXPECT_TRUE(eventually([&] { return ear->hears(880) && !ear->hears(440); }));
    EXPECT_EQ(api("uuid_displace " + hears_ + " start " + file), "-ERR Cannot displace session!\n")
        << "a file is played once at a time";
    EXPECT_EQ(api("uuid_displace " + hears_ + " stop " + file), "+OK Success\n");
    EXPECT_TRUE(eventually([&] { return ear->hears(440) && !ear->hears(880); }));
    EXPECT_EQ(api("uuid_displace " + hears_ + " stop " + file), "-ERR Cannot stop displace session!\n");

    EXPECT_EQ(api("uuid_displace " + says_ + " start " + file), "+OK Success\n");
    EXPECT_TRUE(eventually([&] { return mouth->hears(880) && ear->hears_nothing(); }));
}

TEST_F(AudioVerbs, AFileMixesWithTheRestAndEnds)
{
    connect();
    const auto ear = listen(hears_, direction::write);
    const auto file = tone_file(std::chrono::milliseconds{400});
    EXPECT_EQ(api("uuid_displace " + hears_ + " start " + file + " 0 mux"), "+OK Success\n");
    EXPECT_TRUE(eventually([&] { return ear->hears(880) && ear->hears(440); }));
    EXPECT_TRUE(eventually([&] { return ear->hears(440) && !ear->hears(880); }));
    EXPECT_TRUE(eventually([&] { return api("uuid_displace " + hears_ + " start " + file) == "+OK Success\n"; }))
        << "ended, it may come again";
}

TEST_F(AudioVerbs, ALimitEndsADisplacement)
{
    connect();
    const auto ear = listen(hears_, direction::write);
    EXPECT_EQ(api("uuid_displace " + hears_ + " start tone_stream://%(1000,0,880);loops=-1 1"), "+OK Success\n");
    EXPECT_TRUE(eventually([&] { return ear->hears(880); }));
    EXPECT_TRUE(eventually([&] { return ear->hears(440); }));
}

TEST_F(AudioVerbs, OnlySoManyFilesDisplaceOneLeg)
{
    const auto uuid = call("null/x &park");
    const auto start = [&](int n) {
        return api("uuid_displace " + uuid + " start silence_stream://-1," + std::to_string(n) + " 0 mux");
    };
    for (int n = 0; n < 8; ++n) EXPECT_EQ(start(n), "+OK Success\n") << n;
    EXPECT_EQ(start(8), "-ERR Cannot displace session!\n");
    api("uuid_kill " + uuid);
    EXPECT_TRUE(all_gone());
}

TEST_F(AudioVerbs, APlaybackIsPausedGoesOnAndIsStopped)
{
    const auto uuid = call("null/x '&playback(tone_stream://%(1000,0,440);loops=-1)'");
    const auto ear = listen(uuid, direction::write);
    ASSERT_TRUE(eventually([&] { return ear->hears(440); }));
    EXPECT_EQ(api("uuid_fileman " + uuid + " pause"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->hears_nothing(); }));
    EXPECT_EQ(api("uuid_fileman " + uuid + " pause"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->hears(440); }));
    const auto normal = ear->loudest();
    EXPECT_EQ(api("uuid_fileman " + uuid + " volume:-3"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->loudest() < normal / 2; }));
    EXPECT_EQ(api("uuid_fileman " + uuid + " volume:2"), "+OK\n");
    EXPECT_TRUE(eventually([&] { return ear->loudest() > 2 * normal; }));
    EXPECT_EQ(api("uuid_fileman " + uuid + " stop"), "+OK\n");
    const auto stop = events_->wait("PLAYBACK_STOP", uuid);
    ASSERT_TRUE(stop);
    EXPECT_EQ(stop->get("Playback-Status"), "done");
}

TEST_F(AudioVerbs, ARestartedFileBeginsAgain)
{
    const auto file = tone_file(std::chrono::milliseconds{1500});
    const auto uuid = call("null/x '&playback(" + file + ")'");
    ASSERT_TRUE(events_->wait("PLAYBACK_START", uuid));
    const auto ear = listen(uuid, direction::write);
    ASSERT_TRUE(eventually([&] { return ear->hears(880); }));
    ASSERT_TRUE(eventually([&] { return api("uuid_fileman " + uuid + " pause") == "+OK\n"; }));
    EXPECT_TRUE(eventually([&] { return ear->hears_nothing(); }));
    EXPECT_EQ(api("uuid_fileman " + uuid + " restart"), "+OK\n");
    EXPECT_EQ(api("uuid_fileman " + uuid + " pause"), "+OK\n");
    const auto stop = events_->wait("PLAYBACK_STOP", uuid);
    ASSERT_TRUE(stop);
    int samples = 0;
    const auto played = stop->get("variable_playback_samples");
    std::from_chars(played.data(), played.data() + played.size(), samples);
    EXPECT_GT(samples, 1500 * 8) << "more than the file once";
}

TEST_F(AudioVerbs, BadArgumentsAreToldInFreeSwitchsWords)
{
    const std::string audio = "-USAGE: <uuid> [start [read|write] [mute|level <level>]|stop]\n";
    const std::string displace = "-USAGE: <uuid> [start|stop] <path> [<limit>] [mux]\n";
    const auto uuid = call("null/x &park");
    EXPECT_EQ(api("uuid_audio"), audio);
    EXPECT_EQ(api("uuid_audio nosuch stop"), "-ERR No such channel!\n");
    EXPECT_EQ(api("uuid_audio " + uuid), audio);
    EXPECT_EQ(api("uuid_audio " + uuid + " start both mute 1"), audio);
    EXPECT_EQ(api("uuid_audio " + uuid + " start read loud 1"), audio);
    EXPECT_EQ(api("uuid_audio " + uuid + " begin read mute 1"), audio);
    EXPECT_EQ(api("uuid_fileman " + uuid), "-USAGE: <uuid> <cmd>:<val>\n");
    EXPECT_EQ(api("uuid_fileman " + uuid + " pause"), "-ERR No file handle!\n");
    EXPECT_EQ(api("uuid_displace"), displace);
    EXPECT_EQ(api("uuid_displace " + uuid + " start"), displace);
    EXPECT_EQ(api("uuid_displace " + uuid + " pause /x.wav"), displace);
    EXPECT_EQ(api("uuid_displace nosuch start /x.wav"), "-ERR Cannot locate session!\n");
    EXPECT_EQ(api("uuid_displace " + uuid + " start nosuch://x"), "-ERR Cannot displace session!\n");
}

}  // namespace
}  // namespace strowger::softswitch
