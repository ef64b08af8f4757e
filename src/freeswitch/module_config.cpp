#include "freeswitch/module_config.hpp"

#include <switch.h>

namespace strowger::freeswitch {
namespace {

struct free_xml {
    void operator()(switch_xml_t document) const noexcept { switch_xml_free(document); }
};
using xml_owner = std::unique_ptr<switch_xml, free_xml>;

config::node text_node(const char* value)
{
    config::node out;
    out.is = config::node::kind::text;
    out.scalar = value;
    return out;
}

}  // namespace

bool read_module_config(std::initializer_list<const char*> documents, config::node& out)
{
    out = {};
    for (const char* name : documents) {
        switch_xml_t found = nullptr;
        const xml_owner document{switch_xml_open_cfg(name, &found, nullptr)};
        if (!document) continue;
        const switch_xml_t settings = switch_xml_child(found, "settings");
        if (settings == nullptr) return false;
        for (auto* param = switch_xml_child(settings, "param"); param != nullptr; param = param->next)
            out.members.emplace_back(switch_xml_attr_soft(param, "name"),
                                     text_node(switch_xml_attr_soft(param, "value")));
        return true;
    }
    return false;
}

}  // namespace strowger::freeswitch
