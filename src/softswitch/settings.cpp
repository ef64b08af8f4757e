#include "softswitch/settings.hpp"

namespace strowger::softswitch {
namespace {

user read_user(const std::string& number, config::reader in)
{
    user out;
    out.number = number;
    out.caller_id_name = "Extension " + number;
    out.caller_id_number = number;
    in.secret("password", out.password);
    in.get("caller_id_name", out.caller_id_name);
    in.get("caller_id_number", out.caller_id_number);
    in.get("context", out.context);
    return out;
}

dialplan_entry read_entry(config::reader in)
{
    dialplan_entry out;
    in.get("context", out.context);
    in.get("name", out.name);
    in.get("pattern", out.pattern);
    in.get("actions", out.actions);
    if (!dialplan::compiles(out.pattern)) in.fail("pattern", "a regular expression");
    return out;
}

}  // namespace

void settings::read(config::reader in)
{
    in.get("hostname", hostname);
    in.get("max_sessions", max_sessions, 1, 100000);
    in.get("sessions_per_second", sessions_per_second, 1, 10000);
    in.get("sounds_folder", sounds_folder);
    in.get("recordings_folder", recordings_folder);
    in.get("hold_music", hold_music);
    in.get("variables", variables);
    sip.read(in.table("sip"));
    for (auto& [number, table] : in.named_tables("users")) users.push_back(read_user(number, table));
    for (auto& table : in.tables("dialplan")) dialplan.push_back(read_entry(table));
    if (dialplan.empty()) dialplan = dialplan::standard();
}

}  // namespace strowger::softswitch
