#pragma once
#include "base/metrics.hpp"

namespace strowger::app {

/// Memory, processor time, descriptors and threads of this process, under the names that Prometheus's clients use.
void collect_process(metrics::writer& out);

}  // namespace strowger::app
