#include "softswitch/api/report.hpp"

#include "softswitch/text.hpp"

namespace strowger::softswitch::api {
namespace {

template <class Cells>
void append_line(std::string& out, const Cells& cells)
{
    bool first = true;
    for (const auto& cell : cells) {
        if (!first) out += ',';
        first = false;
        out += cell;
    }
    out += '\n';
}

}  // namespace

std::string report::as_csv() const
{
    std::string out;
    if (!rows.empty()) append_line(out, columns);
    for (const auto& row : rows) append_line(out, row);
    return out + '\n' + std::to_string(rows.size()) + " total.\n";
}

std::string report::as_json() const
{
    if (rows.empty()) return "{\"row_count\": 0}\n";
    std::string out = "{\"row_count\":" + std::to_string(rows.size()) + ",\"rows\":[";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out += i == 0 ? "{" : ",{";
        for (std::size_t column = 0; column < columns.size(); ++column) {
            if (column > 0) out += ',';
            text::append_json(out, columns[column]);
            out += ':';
            text::append_json(out, rows[i][column]);
        }
        out += '}';
    }
    return out + "]}";
}

}  // namespace strowger::softswitch::api
