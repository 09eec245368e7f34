#ifndef TRITTER_RUNTIME_HUGGINGFACE_FOLDER_FILES_H
#define TRITTER_RUNTIME_HUGGINGFACE_FOLDER_FILES_H

#include "runtime/base/status.h"
#include "runtime/schema/checkpoint_generated.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The small files of a Hugging Face folder, which a checkpoint carries from import to export: config.json and
/// generation_config.json with their special tokens, chat templates, tokenizers of other libraries, a licence.
namespace tritter {

/// The most files that a checkpoint carries, and bytes of all together; of one, maximumSmallFileBytes.
inline constexpr size_t maximumFolderFiles = 1024;
inline constexpr uint64_t maximumFolderFilesBytes = 64 << 20;

/// Reads the folder's small files but weights, hidden files, code (a checkpoint never carries any) and tokenizer.model,
/// which a checkpoint holds as its tokenizer. What is too large is left, with a sentence in `notes`.
Result<std::vector<std::unique_ptr<schema::FolderFileT>>> readFolderFiles(const std::string &folder,
                                                                          std::vector<std::string> &notes);

/// The contents of a file that the checkpoint carries; nothing where it carries none of that name.
std::optional<std::string_view> findFolderFile(const schema::Manifest &manifest, std::string_view name);

/// Writes what the checkpoint carries into the folder, but config.json, which export makes. Fails on names that would
/// leave the folder, before anything is written.
Status writeFolderFiles(const schema::Manifest &manifest, const std::string &folder);

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_FOLDER_FILES_H
