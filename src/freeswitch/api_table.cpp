#include "freeswitch/api_table.hpp"

#include <exception>
#include <shared_mutex>
#include <utility>

namespace strowger::freeswitch {
namespace {

/// Static, because FreeSWITCH reads the texts until the module is closed.
struct row {
    std::shared_mutex mutex;  ///< shared while the verb runs, so that taking it out waits
    bool taken = false;
    pbx::api_command command;
};
std::array<row, api_table::rows> table;

switch_status_t run(row& at, const char* args, switch_stream_handle_t* stream) noexcept
{
    try {
        const std::shared_lock lock{at.mutex};
        if (!at.command.run) return SWITCH_STATUS_FALSE;
        const auto reply = at.command.run(args != nullptr ? args : "");
        stream->write_function(stream, "%s", reply.text.c_str());
        return reply.ok ? SWITCH_STATUS_SUCCESS : SWITCH_STATUS_FALSE;
    } catch (const std::exception&) {
        return SWITCH_STATUS_FALSE;
    }
}

template <std::size_t Row>
switch_status_t entry(const char* args, switch_core_session_t*, switch_stream_handle_t* stream)
{
    return run(table[Row], args, stream);
}

template <std::size_t... Row>
constexpr std::array<switch_api_function_t, sizeof...(Row)> entries_of(std::index_sequence<Row...>)
{
    return {&entry<Row>...};
}
constexpr auto entries = entries_of(std::make_index_sequence<api_table::rows>{});

class row_registration final : public pbx::registration {
public:
    explicit row_registration(row& at) : at_{at} {}
    ~row_registration() override
    {
        const std::unique_lock lock{at_.mutex};
        at_.command.run = nullptr;  // the texts stay: FreeSWITCH points at them until the module is closed
    }

private:
    row& at_;
};

}  // namespace

pbx::registration_ptr api_table::add(pbx::api_command command)
{
    const auto free_row = std::ranges::find(table, false, &row::taken);
    if (module_ == nullptr || free_row == table.end()) return nullptr;
    free_row->taken = true;
    free_row->command = std::move(command);
    auto* api =
        static_cast<switch_api_interface_t*>(switch_loadable_module_create_interface(module_, SWITCH_API_INTERFACE));
    api->interface_name = free_row->command.verb.c_str();
    api->desc = free_row->command.description.c_str();
    api->syntax = free_row->command.syntax.c_str();
    api->function = entries[static_cast<std::size_t>(free_row - table.begin())];
    return std::make_unique<row_registration>(*free_row);
}

}  // namespace strowger::freeswitch
