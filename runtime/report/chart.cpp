#include "runtime/report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>

using namespace tritter;

namespace {

constexpr double width = 920, height = 460, left = 64, right = 150, top = 16, bottom = 48;
constexpr std::array colours = {"#0b62c4", "#d1480c", "#0a7d4f", "#8a3ab9", "#b8860b", "#c2185b"};
constexpr std::array dashes = {"", "6 3", "2 3", "9 3 2 3", "12 4", "4 2"};

/// From low to high, with a pixel for every value.
struct Axis {
  double low, high, from, to;
  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }

  /// 4 to 8 round numbers: steps of 1, 2 or 5 times a power of ten.
  std::vector<double> ticks() const {
    double raw = (high - low) / 6, power = std::pow(10, std::floor(std::log10(raw)));
    double step = 10 * power;
    for (double factor : {1.0, 2.0, 5.0})
      if (factor * power >= raw) {
        step = factor * power;
        break;
      }
    std::vector<double> marks;
    for (double mark = std::ceil(low / step) * step; mark <= high + step * 1e-9; mark += step)
      marks.push_back(std::abs(mark) < step * 1e-9 ? 0 : mark);
    return marks;
  }
};

/// Where the names at the ends of lines go: pushed apart until none covers another.
std::vector<double> spread(std::vector<double> wanted) {
  std::vector<size_t> order(wanted.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return wanted[a] < wanted[b]; });
  for (size_t i = 1; i < order.size(); ++i)
    wanted[order[i]] = std::max(wanted[order[i]], wanted[order[i - 1]] + 15);
  double over = order.empty() ? 0 : wanted[order.back()] - (height - bottom);
  for (size_t i = order.size(); over > 0 && i-- > 0;) {
    wanted[order[i]] = std::min(wanted[order[i]], height - bottom - 15.0 * (order.size() - 1 - i));
  }
  return wanted;
}

} // namespace

std::string tritter::escapeHtml(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else
      escaped += c;
  }
  return escaped;
}

std::string tritter::drawChart(const Chart &chart) {
  double xMost = 0, yLeast = std::numeric_limits<double>::max(), yMost = chart.yMost;
  for (const ChartSeries &series : chart.series)
    for (ChartPoint point : series.points) {
      xMost = std::max(xMost, point.x);
      yLeast = std::min(yLeast, point.y);
      if (chart.yMost <= 0)
        yMost = std::max(yMost, point.y);
    }
  if (xMost <= 0 || yLeast > yMost)
    return "<p>Nothing was measured yet.</p>";
  double margin = std::max((yMost - yLeast) * 0.05, 1e-6);
  Axis x{0, xMost, left, width - right}, y{yLeast - margin, yMost + margin, height - bottom, top};

  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} against {}\">\n", width,
                                height, escapeHtml(chart.yLabel), escapeHtml(chart.xLabel));
  svg += fmt::format("<clipPath id=\"area\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>\n", left,
                     top, width - left - right, height - top - bottom);
  for (double mark : y.ticks())
    svg += fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><text class=\"tick\" "
                       "x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.6g}</text>\n",
                       left, width - right, y(mark), y(mark), left - 8, y(mark) + 4, mark);
  for (double mark : x.ticks())
    svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.6g}</text>\n", x(mark),
                       height - bottom + 18, mark);
  svg += fmt::format("<text class=\"axis\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                     (left + width - right) / 2, height - 8, escapeHtml(chart.xLabel));
  svg +=
      fmt::format("<text class=\"axis\" transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                  (top + height - bottom) / 2, escapeHtml(chart.yLabel));

  std::vector<double> names;
  for (const ChartSeries &series : chart.series)
    names.push_back(series.points.empty() ? height : std::clamp(y(series.points.back().y), top + 6, height - bottom));
  names = spread(names);
  size_t colour = 0;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    const ChartSeries &series = chart.series[i];
    if (series.points.empty())
      continue;
    size_t look = series.reference ? 0 : colour++ % colours.size();
    const char *stroke = series.reference ? "#777" : colours[look];
    std::string path;
    for (ChartPoint point : series.points)
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", x(point.x), y(point.y));
    svg += fmt::format("<g clip-path=\"url(#area)\"><path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" "
                       "stroke-dasharray=\"{}\"/>\n",
                       path, stroke, series.reference ? 1.5 : 2, dashes[look]);
    for (ChartPoint point : series.points)
      svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"><title>{}: {:.4f} at {:.4g}</title>"
                         "</circle>\n",
                         x(point.x), y(point.y), stroke, escapeHtml(series.name), point.y, point.x);
    svg += fmt::format("</g><text class=\"name\" x=\"{}\" y=\"{:.1f}\" fill=\"{}\">{}</text>\n", width - right + 10,
                       names[i] + 4, stroke, escapeHtml(series.name));
  }
  return svg + "</svg>\n";
}
