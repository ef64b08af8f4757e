#pragma once
#include "base/config.hpp"

#include <initializer_list>

namespace strowger::freeswitch {

/// Reads `configuration` › `settings` › `param name= value=` of the first of `documents` that FreeSWITCH has.
/// Shape:   one table; a repeated name stays repeated, in file order.
/// @return false, and an empty table, when there is no such document or it has no settings
bool read_module_config(std::initializer_list<const char*> documents, config::node& out);

}  // namespace strowger::freeswitch
