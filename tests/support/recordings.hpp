#pragma once
#include "hub/json_view.hpp"
#include "pbx/event.hpp"

#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace strowger::test {

/// The events of a recorded FreeSWITCH scenario (`<folder>/<name>.jsonl`), in the order fired.
inline std::vector<pbx::event_ptr> recorded_events(const std::string& folder, const std::string& name)
{
    std::vector<pbx::event_ptr> out;
    std::ifstream file{folder + "/" + name + ".jsonl"};
    for (std::string line; std::getline(file, line);) {
        const auto all = hub::json_view::parse(line);
        if (!all) continue;
        const auto text = [&](const char* key) {
            const auto found = all->find(key);
            return found ? found->text() : std::string{};
        };
        auto made = std::make_shared<pbx::event>(text("Event-Name"), text("Event-Subclass"));
        all->for_each_member([&](hub::json_view key, hub::json_view value) {
            if (key.text() == "_body") {
                made->set_body(value.text());
            } else {
                made->add(key.text(), value.text());
            }
            return true;
        });
        out.push_back(std::move(made));
    }
    return out;
}

}  // namespace strowger::test
