#include "stop_signals.h"

#include <csignal>
#include <cstring>
#include <ctime>
#include <iterator>

using namespace tritter;

std::atomic<bool> tritter::stopRequested = false;
static std::atomic<int> stopSignal = 0;

/// What comes within a second of the first is the same wish: a terminal and the wrapper started in it (timeout, make)
/// each send theirs.
static void onSignal(int number) {
  static volatile std::sig_atomic_t firstSecond = 0;
  std::time_t now = std::time(nullptr);
  if (!stopRequested) {
    firstSecond = static_cast<std::sig_atomic_t>(now);
    stopSignal = number;
    stopRequested = true;
  } else if (now - firstSecond > 1) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

void tritter::stopOnSignals() {
  // All whose default is to end the process and that say nothing about the program itself.
  static constexpr int numbers[] = {SIGHUP,  SIGINT,    SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
                                    SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGPWR,  SIGIO};
  auto install = [](int number) {
    struct sigaction before {}, now {};
    // nohup ignores SIGHUP, and means it. Shells ignore SIGINT in all that they start in the background, where only
    // somebody who wants an end to the run sends it.
    if (::sigaction(number, nullptr, &before) != 0 || (number == SIGHUP && before.sa_handler == SIG_IGN))
      return;
    now.sa_handler = onSignal;
    // What is being read or written goes on.
    now.sa_flags = SA_RESTART;
    ::sigfillset(&now.sa_mask);
    ::sigaction(number, &now, nullptr);
  };
  for (int number : numbers)
    install(number);
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number)
    install(number);
}

std::string tritter::stopSignalName() {
  int number = stopSignal;
  if (number == SIGINT)
    return "^C";
  const char *name = ::sigabbrev_np(number);
  return name ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}
