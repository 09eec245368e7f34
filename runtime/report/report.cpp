#include "runtime/report/report.h"

#include "runtime/checkpoint/checkpoint.h"
#include "runtime/growth/lineage.h"
#include "runtime/report/chart.h"
#include "runtime/train/run_directory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

using namespace tritter;
using nlohmann::json;

namespace {

struct Run {
  std::string name;
  std::vector<ChartPoint> losses; // x in operations
  schema::ManifestT manifest;
  std::string identity;

  bool grown() const {
    return std::any_of(manifest.history.begin(), manifest.history.end(),
                       [](const auto &record) { return record->kind == schema::RecordKind::Grow; });
  }
};

Result<Run> readRun(const std::string &folder) {
  Run run;
  std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
  run.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  std::ifstream file(path / "val.jsonl");
  for (std::string line; std::getline(file, line);) {
    json object = json::parse(line, nullptr, false);
    if (object.is_object() && object.contains("loss") && object.contains("flops") && object["loss"].is_number())
      run.losses.push_back({object["flops"], object["loss"]});
  }
  TRITTER_ASSIGN(std::string checkpoint, findCheckpoint(folder));
  TRITTER_ASSIGN(auto reader, CheckpointReader::open(checkpoint));
  reader->manifest().UnPackTo(&run.manifest);
  run.identity = reader->identity();
  return run;
}

/// Operations in the largest unit that leaves a number of at least one.
std::pair<double, const char *> operationUnit(double most) {
  if (most >= 1e18)
    return {1e18, "EFLOP"};
  if (most >= 1e15)
    return {1e15, "PFLOP"};
  return {1e12, "TFLOP"};
}

std::string millions(uint64_t parameters) { return fmt::format("{:.2f} M", double(parameters) / 1e6); }

/// The operations after which a curve first has `loss`, on a straight line between two points; nothing where it never
/// does.
std::optional<double> operationsAt(const std::vector<ChartPoint> &curve, double loss) {
  for (size_t i = 0; i < curve.size(); ++i)
    if (curve[i].y <= loss) {
      if (i == 0)
        return curve[0].x;
      double part = (curve[i - 1].y - loss) / (curve[i - 1].y - curve[i].y);
      return curve[i - 1].x + part * (curve[i].x - curve[i - 1].x);
    }
  return std::nullopt;
}

std::string drawLosses(const std::vector<Run> &runs) {
  double most = 0, spike = 0;
  for (const Run &run : runs)
    for (ChartPoint point : run.losses) {
      most = std::max(most, point.x);
      if (run.grown())
        spike = std::max(spike, point.y);
    }
  auto [unit, name] = operationUnit(most);
  Chart chart{fmt::format("operations so far, {} (the base's included)", name), "validation loss", {}, spike};
  for (const Run &run : runs) {
    ChartSeries series{run.name, {}, !run.grown()};
    for (ChartPoint point : run.losses)
      series.points.push_back({point.x / unit, point.y});
    chart.series.push_back(std::move(series));
  }
  return drawChart(chart);
}

/// For every grown run: how many operations it needed for a loss that it and an ungrown run of its size both reached.
std::string savings(const std::vector<Run> &runs) {
  std::string rows;
  for (const Run &scratch : runs) {
    if (scratch.grown() || scratch.losses.empty())
      continue;
    for (const Run &run : runs) {
      if (!run.grown() || run.losses.empty())
        continue;
      const schema::ModelConfigT *a = run.manifest.config.get(), *b = scratch.manifest.config.get();
      if (!a || !b || a->layers != b->layers || a->hidden != b->hidden)
        continue;
      double loss = std::max(run.losses.back().y, scratch.losses.back().y);
      std::optional<double> needed = operationsAt(run.losses, loss), spent = operationsAt(scratch.losses, loss);
      if (!needed || !spent)
        continue;
      double part = *needed / *spent;
      rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{:.4f}</td><td>{:.0f} % of its operations, {}</td></tr>\n",
                          escapeHtml(run.name), escapeHtml(scratch.name), loss, 100 * part,
                          part <= 1 ? fmt::format("{:.0f} % saved", 100 * (1 - part)) : "none saved");
    }
  }
  if (rows.empty())
    return "";
  return "<h2>What growth saved</h2>\n<table><tr><th>run</th><th>against</th><th>loss that both reach</th><th>reached "
         "with</th></tr>\n" +
         rows + "</table>\n";
}

std::string number(const json &check, const char *key) {
  auto value = check.find(key);
  return value != check.end() && value->is_number() ? fmt::format("{:.3g}", value->get<double>()) : "";
}

std::string checkRow(const std::string &name, const json &check) {
  std::string verdict = check.value("verdict", "");
  if (check.value("bitwise", false))
    verdict += ", bitwise";
  std::string broken = check.contains("first_broken") && check["first_broken"].is_string() ? check["first_broken"] : "";
  return fmt::format(
      "<tr><td>{}</td><td class=\"{}\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{} → {}</td>"
      "</tr>\n",
      escapeHtml(name), check.value("verdict", "") == "not-preserved" ? "bad" : "good", escapeHtml(verdict),
      escapeHtml(broken), number(check, "mse"), number(check, "max_abs"), number(check, "kl"),
      number(check, "loss_base"), number(check, "loss_grown"));
}

Result<std::string> checks(const ReportOptions &options, const std::vector<Run> &runs) {
  std::string rows;
  for (const std::string &path : options.checks) {
    std::ifstream file(path);
    json check = json::parse(file, nullptr, false);
    if (!check.is_object() || !check.contains("verdict"))
      return error("{}: what `tritter-run verify --json` prints was expected", path);
    rows += checkRow(std::filesystem::path(path).stem().string(), check);
  }
  // Growths that nobody measured still have their proof in the history.
  if (rows.empty())
    for (const Run &run : runs)
      for (const auto &record : run.manifest.history)
        if (record->kind == schema::RecordKind::Grow)
          rows += checkRow(
              run.name,
              {{"verdict", record->verdict}, {"bitwise", record->bitwise}, {"first_broken", record->first_broken}});
  if (rows.empty())
    return std::string();
  return "<h2>Checks</h2>\n<table><tr><th>growth</th><th>proof</th><th>first broken at</th><th>MSE of logits</th>"
         "<th>largest</th><th>KL</th><th>loss</th></tr>\n" +
         rows + "</table>\n";
}

std::string describeRecord(const schema::RecordT &record) {
  std::string what;
  switch (record.kind) {
  case schema::RecordKind::Init:
    what = "initialised";
    break;
  case schema::RecordKind::Import:
    what = "imported";
    break;
  case schema::RecordKind::Train:
    what = fmt::format("trained {} steps, {:.2f} M tokens", record.steps, double(record.tokens) / 1e6);
    break;
  case schema::RecordKind::Grow:
    what = fmt::format("grown by {}: {}{}{}", record.method, record.verdict, record.bitwise ? ", bitwise" : "",
                       record.added_layers.empty() ? "" : fmt::format(", {} new layers", record.added_layers.size()));
    if (record.growth && record.growth->growth)
      for (const std::string &axis : grownAxes(*record.growth->growth))
        what += ", " + axis;
    break;
  }
  if (record.parameters)
    what += fmt::format(", {} parameters", millions(record.parameters));
  if (record.val_loss > 0)
    what += fmt::format(", validation loss {:.4f}", record.val_loss);
  return what;
}

/// The records of all runs as one tree: runs share the records that they begin with.
struct Node {
  std::map<std::string, std::pair<std::string, std::unique_ptr<Node>>> children;
  std::vector<std::string> runs;

  std::string draw() const {
    std::string items;
    for (const auto &[key, child] : children) {
      std::string names;
      for (const std::string &run : child.second->runs)
        names += fmt::format(" <b>{}</b>", escapeHtml(run));
      items += fmt::format("<li>{}{}{}</li>\n", escapeHtml(child.first), names, child.second->draw());
    }
    return items.empty() ? "" : "<ul>\n" + items + "</ul>\n";
  }
};

std::string lineage(const std::vector<Run> &runs) {
  Node root;
  for (const Run &run : runs) {
    Node *node = &root;
    for (const auto &record : run.manifest.history) {
      // A training record is that of its start and its end: two runs from one checkpoint are two branches.
      std::string key = fmt::format("{}/{}/{}/{}/{}/{}", int(record->kind), record->parent, record->method,
                                    record->steps, record->tokens, record->val_loss);
      auto &[text, child] = node->children[key];
      if (!child) {
        text = describeRecord(*record);
        child = std::make_unique<Node>();
      }
      node = child.get();
    }
    node->runs.push_back(run.name);
  }
  return "<h2>Lineage</h2>\n" + root.draw();
}

constexpr const char *style =
    R"(body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; max-width: 960px; margin: 2em auto; padding: 0 1em; }
svg { width: 100%; height: auto; } h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
.grid { stroke: #e4e4e4; } .tick { font-size: 12px; fill: #555; } .axis { font-size: 13px; fill: #333; }
.name { font-size: 13px; } table { border-collapse: collapse; } th, td { text-align: left; padding: 3px 14px 3px 0;
border-bottom: 1px solid #e4e4e4; vertical-align: top; } th { font-weight: 600; } .good { color: #0a7d4f; } .bad { color: #c23b0a; }
ul { padding-left: 1.3em; } footer { margin-top: 3em; color: #777; font-size: 13px; })";

} // namespace

Result<std::string> tritter::makeReport(const ReportOptions &options) {
  if (options.runs.empty())
    return error("a report needs the folder of at least one run");
  std::vector<Run> runs;
  for (const std::string &folder : options.runs) {
    TRITTER_ASSIGN(Run run, readRun(folder));
    runs.push_back(std::move(run));
  }
  TRITTER_ASSIGN(std::string table, checks(options, runs));

  std::string rows;
  for (const Run &run : runs) {
    const schema::ModelConfigT *config = run.manifest.config.get();
    rows +=
        fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>\n",
                    escapeHtml(run.name), config ? config->layers : 0, config ? millions(config->parameters) : "",
                    run.manifest.state ? run.manifest.state->step : 0,
                    run.losses.empty() ? "" : fmt::format("{:.4f}", run.losses.back().y), run.identity.substr(0, 12));
  }
  return fmt::format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Tritter: {0}</title>\n"
                     "<style>{1}</style></head>\n<body>\n<h1>Growth of {0}</h1>\n{2}{3}{4}<h2>Runs</h2>\n<table><tr>"
                     "<th>run</th><th>layers</th><th>parameters</th><th>steps</th><th>validation loss</th>"
                     "<th>checkpoint</th></tr>\n{5}</table>\n{6}<footer>Grey lines were not grown. Operations "
                     "are those of matrix products and attention, causal and halved.</footer>\n</body></html>\n",
                     escapeHtml(runs.front().manifest.model_name), style, drawLosses(runs), savings(runs), table, rows,
                     lineage(runs));
}
