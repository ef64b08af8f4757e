#pragma once

namespace strowger::app {

/// The `strowger` program. @return its exit code: 0 well, 1 failed, 2 used wrongly
int run(int argc, char** argv);

}  // namespace strowger::app
