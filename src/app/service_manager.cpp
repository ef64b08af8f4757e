#include "app/service_manager.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace strowger::app {

void notify_service_manager(std::string_view state)
{
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un to{};
    if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
    const auto size = std::strlen(path);
    if (size >= sizeof to.sun_path) return;
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, path, size);
    if (path[0] == '@') to.sun_path[0] = '\0';  // Linux's abstract name space
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    const auto address_size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
    ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to),
             address_size);
    ::close(socket);
}

}  // namespace strowger::app
