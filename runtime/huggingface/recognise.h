#ifndef TRITTER_RUNTIME_HUGGINGFACE_RECOGNISE_H
#define TRITTER_RUNTIME_HUGGINGFACE_RECOGNISE_H

#include "runtime/base/status.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

/// Says what was handed over where it is no model that can be imported, before anything is said of its tensors.
namespace tritter {

/// Fails where the path is something else than a folder with a config.json of its own: a file, an adapter, a download
/// cache, the original form of a model. The error says which, and what to import instead.
Status checkIsModelFolder(const std::string &path);
/// Fails where the configuration, or files beside it, say that the weights are quantised; by what, as far as they say.
Status checkIsNotQuantised(const std::string &path, const nlohmann::json &config);
/// The error for a folder without weights in safetensors: says what weights it has.
Status noWeights(const std::string &path);
/// Fails where tensors (names, and their safetensors types) are an adapter's or a quantised model's.
Status checkTensors(const std::string &path, const std::map<std::string, std::string> &types);
/// Fails where the text stands for a file that was not downloaded (Git LFS).
Status checkIsDownloaded(const std::string &path, std::string_view beginning);

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_RECOGNISE_H
