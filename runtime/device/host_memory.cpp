#include "runtime/device/host_memory.h"

#include <fstream>

using namespace tritter;

DeviceMemory tritter::hostMemory() {
  DeviceMemory memory;
  std::ifstream file("/proc/meminfo");
  auto bytes = [](const std::string &line) {
    return std::strtoull(line.c_str() + line.find(':') + 1, nullptr, 10) * 1024;
  };
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("MemTotal:"))
      memory.total = bytes(line);
    else if (line.starts_with("MemAvailable:"))
      memory.available = bytes(line);
  }
  return memory;
}
