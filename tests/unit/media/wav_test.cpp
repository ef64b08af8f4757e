#include "media/wav.hpp"

#include "media/level.hpp"
#include "media/tone.hpp"

#include <filesystem>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using namespace strowger::media;
using pcm_t = std::vector<std::int16_t>;
namespace fs = std::filesystem;

class Wav : public testing::Test {
protected:
    Wav() : folder_{fs::temp_directory_path() / ("strowger-wav-" + std::to_string(getpid()))}
    {
        fs::create_directories(folder_);
    }
    ~Wav() override { fs::remove_all(folder_); }

    std::string path(const char* name) const { return (folder_ / name).string(); }

    /// One second of `hz` on the left and, if there are two channels, silence on the right.
    std::string tone_file(const char* name, double hz, std::uint32_t rate, std::uint32_t channels) const
    {
        tone_generator voice{{hz}, rate, -10.0};
        pcm_t mono(rate);
        voice.next(mono);
        pcm_t all;
        for (const auto sample : mono) {
            all.push_back(sample);
            if (channels == 2) all.push_back(0);
        }
        const auto file = wav_writer::create(path(name), rate, channels).value();
        EXPECT_TRUE(file->write(all));
        return path(name);
    }

    static pcm_t all_of(wav_reader& reader)
    {
        pcm_t all;
        pcm_t frame(160);
        while (reader.next(frame)) all.insert(all.end(), frame.begin(), frame.end());
        return all;
    }

    fs::path folder_;
};

TEST_F(Wav, ReadsBackWhatWasWritten)
{
    const auto file = wav_writer::create(path("a.wav"), 8000, 1).value();
    const pcm_t pcm{1, -2, 300, -32768, 32767};
    ASSERT_TRUE(file->write(pcm));
    file->close();
    file->close();
    EXPECT_FALSE(file->write(pcm));

    const auto reader = wav_reader::open(path("a.wav"), 8000).value();
    pcm_t back(7, 99);
    ASSERT_TRUE(reader->next(back));
    EXPECT_EQ(back, (pcm_t{1, -2, 300, -32768, 32767, 0, 0}));
    EXPECT_FALSE(reader->next(back));
    reader->rewind();
    EXPECT_TRUE(reader->next(back));
}

TEST_F(Wav, AFileThatIsStillWrittenCanBeRead)
{
    const auto file = wav_writer::create(path("growing.wav"), 8000, 1).value();
    ASSERT_TRUE(file->write(pcm_t(800, 5)));
    EXPECT_EQ(wav_reader::open(path("growing.wav"), 8000).value()->duration(), std::chrono::milliseconds{100});
}

TEST_F(Wav, ConvertsRateAndChannels)
{
    for (const std::uint32_t rate : {8000U, 16000U, 44100U, 48000U}) {
        for (const std::uint32_t channels : {1U, 2U}) {
            const auto file = tone_file("tone.wav", 440, rate, channels);
            const auto reader = wav_reader::open(file, 8000).value();
            EXPECT_EQ(reader->duration(), std::chrono::milliseconds{1000}) << rate;
            const auto pcm = all_of(*reader);
            EXPECT_TRUE(hears(pcm, 440, 8000)) << rate;
            EXPECT_NEAR(rms_dbov(pcm), channels == 1 ? -10 : -16, 0.3) << rate << " x " << channels;
        }
    }
}

TEST_F(Wav, SaysWhyAFileCannotBePlayed)
{
    std::ofstream{path("text.wav")} << "this is not a sound";
    std::ofstream{path("cut.wav"), std::ios::binary} << "RIFF\x24\x00\x00\x00WAVEfmt ";
    EXPECT_EQ(wav_reader::open(path("none.wav"), 8000).error(), errc::file_not_found);
    EXPECT_EQ(wav_reader::open(folder_.string(), 8000).error(), errc::file_not_audio);
    EXPECT_EQ(wav_reader::open(path("text.wav"), 8000).error(), errc::file_not_audio);
    EXPECT_EQ(wav_reader::open(path("cut.wav"), 8000).error(), errc::file_not_audio);
    EXPECT_EQ(wav_reader::open(tone_file("a.wav", 440, 8000, 1), 1).error(), errc::bad_rate);
}

TEST_F(Wav, RefusesMoreThanItsLimit)
{
    const auto file = tone_file("long.wav", 440, 8000, 1);
    EXPECT_TRUE(wav_reader::open(file, 8000, 16000).has_value());
    EXPECT_EQ(wav_reader::open(file, 8000, 15998).error(), errc::file_too_large);
    EXPECT_EQ(wav_reader::open(file, 16000, 16000).error(), errc::file_too_large);
}

TEST_F(Wav, SaysWhyAFileCannotBeWritten)
{
    EXPECT_EQ(wav_writer::create(path("no/such/folder.wav"), 8000, 1).error(), errc::file_not_writable);
    EXPECT_EQ(wav_writer::create(path("a.wav"), 8000, 3).error(), errc::bad_channels);
    EXPECT_EQ(wav_writer::create(path("a.wav"), 1, 1).error(), errc::bad_rate);
    const auto stereo = wav_writer::create(path("a.wav"), 8000, 2).value();
    EXPECT_FALSE(stereo->write(pcm_t(3))) << "half a stereo frame";
}

TEST(MediaErrors, EveryOneHasAMessage)
{
    for (int value = 1; value <= static_cast<int>(errc::tone_bad_loops); ++value)
        EXPECT_NE(make_error_code(static_cast<errc>(value)).message(), "unknown media error") << value;
    EXPECT_EQ(make_error_code(errc{}).message(), "unknown media error");
}

}  // namespace
