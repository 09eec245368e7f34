#ifndef TRITTER_RUNTIME_REPORT_REPORT_H
#define TRITTER_RUNTIME_REPORT_REPORT_H

#include "runtime/base/status.h"

#include <string>
#include <vector>

namespace tritter {

struct ReportOptions {
  /// Folders of runs, in the order in which they are drawn. The validation losses come from val.jsonl, the history from
  /// the last checkpoint.
  std::vector<std::string> runs;
  /// What `tritter-run verify --json` printed, as files: the measured rows of the table of checks.
  std::vector<std::string> checks;
};

/// One page that needs nothing beside it: validation loss against all operations spent (those of the models it was
/// grown from included), what was saved, the table of checks, the lineage.
Result<std::string> makeReport(const ReportOptions &options);

} // namespace tritter

#endif // TRITTER_RUNTIME_REPORT_REPORT_H
