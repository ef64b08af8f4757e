// Boost.JSON's only compiled copy: everybody above base includes <boost/json.hpp> and links this.
#include <boost/json/src.hpp>
