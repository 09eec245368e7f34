#ifndef TRITTER_RUNTIME_REPORT_CHART_H
#define TRITTER_RUNTIME_REPORT_CHART_H

#include <string>
#include <vector>

namespace tritter {

struct ChartPoint {
  double x = 0;
  double y = 0;
};

/// A line of a chart. The lines of a chart differ in colour and in dash, for those who see no colours.
struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;
  /// A thin grey line behind the others: what they are compared with.
  bool reference = false;
};

struct Chart {
  std::string xLabel;
  std::string yLabel;
  std::vector<ChartSeries> series;
  /// The top of the chart: points above it are cut off. 0: the highest point.
  double yMost = 0;
};

/// The chart as an <svg> element that stands alone: axes with round numbers, a point's values shown when the mouse
/// rests on it, names at the ends of the lines.
std::string drawChart(const Chart &chart);

/// `text` with the characters that HTML gives a meaning replaced.
std::string escapeHtml(std::string_view text);

} // namespace tritter

#endif // TRITTER_RUNTIME_REPORT_CHART_H
