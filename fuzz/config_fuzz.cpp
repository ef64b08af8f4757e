// The configuration: any bytes parse as TOML or are refused with a message, and reading the tree with every kind of
// getter reports problems but never fails otherwise.
#include "base/config.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace strowger::config;

const char* environment_of_two(const char* name)
{
    const std::string_view asked{name};
    if (asked == "STROWGER_SIP_PORT") return "5061";
    return asked == "STROWGER_SIP_OPEN" ? "maybe" : nullptr;
}

void read_everything(reader in)
{
    std::string text;
    std::string mode = "calm";
    std::string password;
    bool open = false;
    double share = 0;
    std::uint16_t port = 0;
    std::int64_t wide = 0;
    std::uint64_t large = 0;
    std::vector<std::string> list;
    in.get("text", text);
    in.choose("mode", mode, {"calm", "busy"});
    in.secret("password", password);
    in.get("open", open);
    in.get("share", share);
    in.get("port", port, 1, 65535);
    in.get("wide", wide);
    in.get("large", large);
    in.get("list", list);
    if (!in.has("port") && in.has("mode")) in.fail("mode", "a port beside it");
}

void load(const node& root, bool loose)
{
    loader file{root, environment_of_two, loose};
    auto top = file.root();
    read_everything(top);
    read_everything(top.table("sip"));
    for (auto& [name, table] : top.named_tables("users")) read_everything(table);
    for (auto& table : top.tables("dialplan")) read_everything(table);
    for (const auto& problem : file.problems())
        if (problem.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    node root;
    std::string problem;
    if (!parse_toml({reinterpret_cast<const char*>(data), size}, "fuzz", root, problem)) {
        if (!problem.starts_with("fuzz:")) std::abort();
        return 0;
    }
    load(root, false);
    load(root, true);
    return 0;
}
