// Replays inputs through a fuzz target without a fuzzer: every file named, every file below every folder named.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

bool replay(const fs::path& path)
{
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (file.bad()) return false;
    // A buffer of the exact size, so that a sanitizer sees one byte too far.
    const auto exact = std::make_unique<std::uint8_t[]>(text.size());
    std::copy(text.begin(), text.end(), exact.get());
    LLVMFuzzerTestOneInput(exact.get(), text.size());
    return true;
}

std::size_t replay_all(const fs::path& path)
{
    if (!fs::is_directory(path)) return replay(path) ? 1 : 0;
    std::size_t done = 0;
    for (const auto& entry : fs::recursive_directory_iterator{path})
        if (entry.is_regular_file() && replay(entry.path())) ++done;
    return done;
}

}  // namespace

int main(int argc, char** argv)
{
    std::size_t done = 0;
    for (int i = 1; i < argc; ++i) done += replay_all(argv[i]);
    std::printf("%zu inputs replayed\n", done);
    return done > 0 ? 0 : 1;  // a corpus that is not found must not look like a pass
}
