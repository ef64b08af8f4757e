# Third parties, each as one imported target; which folder may link which is in tests/layering.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED)  # headers: Asio, Beast, JSON, system::result
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
pkg_check_modules(nats REQUIRED IMPORTED_TARGET libnats)
pkg_check_modules(re REQUIRED IMPORTED_TARGET libre)
pkg_check_modules(speexdsp REQUIRED IMPORTED_TARGET speexdsp)
pkg_check_modules(sndfile REQUIRED IMPORTED_TARGET sndfile)
