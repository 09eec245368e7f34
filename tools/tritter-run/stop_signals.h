#ifndef TRITTER_TOOLS_TRITTER_RUN_STOP_SIGNALS_H
#define TRITTER_TOOLS_TRITTER_RUN_STOP_SIGNALS_H

#include <atomic>
#include <string>

namespace tritter {

/// Set by the first signal after stopOnSignals().
extern std::atomic<bool> stopRequested;

/// Has every signal that would end the process ask for a clean end instead (a batch system sends SIGUSR1 or SIGXCPU, a
/// terminal that is closed SIGHUP). For commands that look at `stopRequested` on their way; a second signal ends them as
/// the first would have. A process that was started to ignore SIGHUP, as nohup does, goes on ignoring it.
void stopOnSignals();
/// Which signal it was: "^C", "SIGTERM" ...
std::string stopSignalName();

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_STOP_SIGNALS_H
