#pragma once
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace strowger {

using boost::system::error_code;

/// A value, or the reason why there is none. Expected failure travels this way; exceptions do not.
/// Mark every function that returns one `[[nodiscard]]`.
template <class Value>
using result = boost::system::result<Value>;

}  // namespace strowger
