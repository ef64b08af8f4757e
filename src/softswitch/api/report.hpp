#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch::api {

/// Rows and columns, printed as `show` prints them.
struct report {
    std::vector<std::string_view> columns;
    std::vector<std::vector<std::string>> rows;

    /// Header line, rows, blank line, `<n> total.`; without rows no header either.
    std::string as_csv() const;
    /// `{"row_count":1,"rows":[{…}]}`.
    std::string as_json() const;
};

}  // namespace strowger::softswitch::api
