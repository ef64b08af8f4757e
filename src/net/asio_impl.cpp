// Asio's and Beast's only compiled copies; the macros that make them so come from CMakeLists.txt, for every user.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
