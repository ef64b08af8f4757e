#include "app/process_metrics.hpp"

#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace strowger::app {
namespace {

double resident_bytes()
{
    std::ifstream statm{"/proc/self/statm"};
    std::uint64_t size = 0, resident = 0;
    statm >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double entries(const char* folder)
{
    std::error_code failed;
    double count = 0;
    for (std::filesystem::directory_iterator at{folder, failed}, end; !failed && at != end; at.increment(failed))
        ++count;
    return count;
}

double cpu_seconds()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

void collect_process(metrics::writer& out)
{
    out.gauge("strowger_build_info", "Always 1; the version is the label.", 1, {{"version", STROWGER_VERSION}});
    out.gauge("process_resident_memory_bytes", "Resident memory.", resident_bytes());
    out.gauge("process_cpu_seconds_total", "Processor time used.", cpu_seconds());
    out.gauge("process_open_fds", "Open file descriptors.", entries("/proc/self/fd"));
    out.gauge("process_threads", "Threads.", entries("/proc/self/task"));
}

}  // namespace strowger::app
