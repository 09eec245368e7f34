#include "runtime/report/chart.h"
#include "runtime/report/report.h"

#include "runtime/checkpoint/checkpoint.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace tritter;

namespace {

std::filesystem::path folderOf(const std::string &name) {
  auto folder = std::filesystem::temp_directory_path() / "tritter_report_test" / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

std::filesystem::path writeRun(const std::string &name, bool grown, std::vector<std::pair<double, double>> losses) {
  auto folder = folderOf(name);
  std::ofstream file(folder / "val.jsonl");
  for (auto [flops, loss] : losses)
    file << "{\"step\":0,\"loss\":" << loss << ",\"flops\":" << flops << "}\n";
  auto writer = CheckpointWriter::create((folder / "last.tckpt").string(), {{"embed.weight", "value", {1}}});
  EXPECT_TRUE(writer.ok());
  float zero = 0;
  EXPECT_TRUE((*writer)->write(0, std::as_bytes(std::span(&zero, 1))).ok());
  schema::ManifestT manifest;
  manifest.version = 1;
  manifest.model_name = "tiny";
  manifest.config = std::make_unique<schema::ModelConfigT>();
  manifest.config->layers = 4;
  manifest.config->hidden = 8;
  manifest.config->parameters = 1000000;
  auto record = std::make_unique<schema::RecordT>();
  record->kind = schema::RecordKind::Init;
  manifest.history.push_back(std::move(record));
  if (grown) {
    record = std::make_unique<schema::RecordT>();
    record->kind = schema::RecordKind::Grow;
    record->method = "llama-pro";
    record->verdict = "exact";
    record->bitwise = true;
    manifest.history.push_back(std::move(record));
  }
  auto identity = (*writer)->commit(std::move(manifest));
  EXPECT_TRUE(identity.ok()) << identity.status().message();
  return folder;
}

TEST(Report, SaysWhatGrowthSaved) {
  auto scratch = writeRun("scratch", false, {{0, 7}, {4e12, 4}});
  auto grown = writeRun("grown", true, {{1e12, 5}, {2e12, 3}});
  auto page = makeReport({{scratch.string(), grown.string() + "/"}, {}});
  ASSERT_TRUE(page.ok()) << page.status().message();
  // The grown run passes loss 4 half way between 1 and 2 TFLOP, where the other has spent 4.
  EXPECT_NE(page->find("38 % of its operations, 62 % saved"), std::string::npos) << *page;
  EXPECT_NE(page->find("grown by llama-pro: exact, bitwise"), std::string::npos);
  EXPECT_NE(page->find("<b>grown</b>"), std::string::npos);
}

TEST(Report, NamesWhatItCannotRead) {
  auto run = writeRun("run", false, {{0, 7}});
  auto wrong = folderOf("checks") / "wrong.json";
  std::ofstream(wrong) << "{}";
  auto page = makeReport({{run.string()}, {wrong.string()}});
  ASSERT_FALSE(page.ok());
  EXPECT_NE(page.status().message().find("wrong.json"), std::string::npos);
  EXPECT_FALSE(makeReport({}).ok());
}

TEST(Chart, KeepsNamesApartAndInside) {
  Chart chart{"x", "y", {}, 0};
  for (int i = 0; i < 6; ++i)
    chart.series.push_back({"line" + std::to_string(i), {{0, 2}, {1, 1}}, false});
  std::string svg = drawChart(chart);
  std::vector<double> places;
  for (size_t at = 0; (at = svg.find("class=\"name\"", at)) != std::string::npos; ++at)
    places.push_back(std::stod(svg.substr(svg.find("y=\"", at) + 3)));
  ASSERT_EQ(places.size(), 6u);
  std::sort(places.begin(), places.end());
  for (size_t i = 1; i < places.size(); ++i)
    EXPECT_GE(places[i] - places[i - 1], 14.9);
  EXPECT_LE(places.back(), 460);
}

} // namespace
