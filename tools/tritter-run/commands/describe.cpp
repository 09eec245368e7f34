// describe: all commands and their options, for what shows or completes them. Hidden: packages and documentation use
// it.
#include "../command.h"

#include <algorithm>
#include <map>

using namespace tritter;

namespace {

/// An option as it is typed and read.
struct OptionText {
  /// "-o, --output".
  std::vector<std::string> names;
  /// What follows it; empty for a flag.
  std::string value;
  std::string description, initial;
  bool positional = false;
};

struct CommandText {
  std::string name, description;
  std::vector<OptionText> options;
};

} // namespace

static OptionText textOf(const CLI::Option &option) {
  OptionText text;
  for (const std::string &name : option.get_snames())
    text.names.push_back("-" + name);
  for (const std::string &name : option.get_lnames())
    text.names.push_back("--" + name);
  text.positional = option.get_positional();
  if (text.positional)
    text.names.push_back(option.get_single_name());
  if (option.get_items_expected_max() > 0)
    text.value = option.get_type_name().empty() ? "VALUE" : option.get_type_name();
  text.description = option.get_description();
  text.initial = option.get_default_str();
  return text;
}

static std::vector<CommandText> commandsOf(const CLI::App &app) {
  std::vector<CommandText> commands;
  for (const CLI::App *command : app.get_subcommands([](const CLI::App *c) { return !c->get_group().empty(); })) {
    CommandText text{command->get_name(), command->get_description(), {}};
    for (const CLI::Option *option : command->get_options())
      if (!option->get_group().empty())
        text.options.push_back(textOf(*option));
    commands.push_back(std::move(text));
  }
  return commands;
}

static std::string joined(const std::vector<std::string> &words, std::string_view between) {
  std::string text;
  for (const std::string &word : words)
    text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

static std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (size_t at; (at = text.find(from)) != std::string_view::npos; text.remove_prefix(at + from.size()))
    result.append(text.substr(0, at)).append(to);
  return result.append(text);
}

// ---------------------------------------------------------------- pages

static std::string markdown(const std::vector<CommandText> &commands) {
  std::string page =
      "# Commands of tritter-run\n\nMade from the program by `scripts/docs.sh`; `tritter-run COMMAND --help` "
      "says the same.\nExit status: 0 done, 1 an error, 2 a gate that is not met.\n";
  for (const CommandText &command : commands) {
    page += fmt::format("\n## {}\n{}.\n\n| Option | Default | |\n|---|---|---|\n", command.name, command.description);
    for (const OptionText &option : command.options)
      page += fmt::format("| `{}{}` | {} | {} |\n", joined(option.names, "`, `"),
                          option.value.empty() || option.positional ? "" : " " + replaced(option.value, "|", "\\|"),
                          option.initial.empty() ? "" : "`" + option.initial + "`",
                          replaced(option.description, "|", "\\|"));
  }
  return page;
}

static std::string manual(const CLI::App &app, const std::vector<CommandText> &commands) {
  auto escaped = [](std::string text) {
    text = replaced(replaced(text, "\\", "\\\\"), "-", "\\-");
    return text.starts_with('.') || text.starts_with('\'') ? "\\&" + text : text;
  };
  std::string page = fmt::format(".TH TRITTER-RUN 1\n.SH NAME\ntritter\\-run \\- {}\n.SH SYNOPSIS\n.B tritter\\-run\n"
                                 ".I COMMAND\n[OPTIONS]\n",
                                 escaped(app.get_description()));
  for (const CommandText &command : commands) {
    page += fmt::format(".SH {}\n{}.\n", escaped(command.name), escaped(command.description));
    for (const OptionText &option : command.options)
      page += fmt::format(".TP\n\\fB{}\\fR {}\n{}{}\n", escaped(joined(option.names, ", ")),
                          option.value.empty() || option.positional ? "" : "\\fI" + escaped(option.value) + "\\fR",
                          escaped(option.description),
                          option.initial.empty() ? "" : escaped(fmt::format(" (default: {})", option.initial)));
  }
  return page + ".SH EXIT STATUS\n0 done, 1 an error, 2 a gate that is not met.\n";
}

// ---------------------------------------------------------------- completion

static std::vector<std::string> dashed(const CommandText &command) {
  std::vector<std::string> names;
  for (const OptionText &option : command.options)
    for (const std::string &name : option.names)
      if (name.starts_with('-'))
        names.push_back(name);
  return names;
}

static std::vector<std::string> namesOf(const std::vector<CommandText> &commands) {
  std::vector<std::string> names;
  for (const CommandText &command : commands)
    names.push_back(command.name);
  return names;
}

static std::string bash(const std::vector<CommandText> &commands) {
  std::string script = "_tritter_run() {\n  local word=${COMP_WORDS[COMP_CWORD]} options\n"
                       "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"" +
                       joined(namesOf(commands), " ") +
                       "\" -- \"$word\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n";
  for (const CommandText &command : commands)
    script += fmt::format("  {}) options=\"{}\" ;;\n", command.name, joined(dashed(command), " "));
  return script + "  esac\n  case $word in\n  -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
                  "  *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n  esac\n}\n"
                  "complete -o filenames -F _tritter_run tritter-run tritter\n";
}

static std::string zsh(const std::vector<CommandText> &commands) {
  auto quoted = [](const std::string &text) { return replaced(replaced(text, "'", "'\\''"), ":", "\\:"); };
  std::string script = "#compdef tritter-run tritter\nlocal -a commands\ncommands=(\n";
  for (const CommandText &command : commands)
    script += fmt::format("  '{}:{}'\n", command.name, quoted(command.description));
  script += ")\nif (( CURRENT == 2 )); then\n  _describe command commands\n  return\nfi\nlocal -a options\ncase "
            "$words[2] in\n";
  for (const CommandText &command : commands) {
    script += fmt::format("{}) options=(\n", command.name);
    for (const OptionText &option : command.options)
      for (const std::string &name : option.names)
        if (name.starts_with('-'))
          script += fmt::format("  '{}:{}'\n", name, quoted(option.description));
    script += "  ) ;;\n";
  }
  return script + "esac\nif [[ $PREFIX == -* ]]; then\n  _describe option options\nelse\n  _files\nfi\n";
}

static std::string fish(const std::vector<CommandText> &commands) {
  auto quoted = [](const std::string &text) { return replaced(replaced(text, "\\", "\\\\"), "'", "\\'"); };
  std::string script;
  for (const char *program : {"tritter-run", "tritter"})
    for (const CommandText &command : commands) {
      script += fmt::format("complete -c {} -n __fish_use_subcommand -a {} -d '{}'\n", program, command.name,
                            quoted(command.description));
      for (const OptionText &option : command.options) {
        std::string names;
        for (const std::string &name : option.names)
          if (name.starts_with("--"))
            names += " -l " + name.substr(2);
          else if (name.starts_with("-"))
            names += " -s " + name.substr(1);
        if (!names.empty())
          script += fmt::format("complete -c {} -n '__fish_seen_subcommand_from {}'{}{} -d '{}'\n", program,
                                command.name, names, option.value.empty() ? "" : " -r", quoted(option.description));
      }
    }
  return script;
}

void tritter::addDescribe(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("describe", "All commands and options, for pages and shells");
  command->group("");
  auto form = std::make_shared<std::string>();
  command->add_option("form", *form, "markdown, man, bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"markdown", "man", "bash", "zsh", "fish"}));
  command->callback([=, &app, &invocation] {
    invocation.run = [=, &app, &invocation]() -> Result<ExitCode> {
      std::vector<CommandText> commands = commandsOf(app);
      invocation.output.print(*form == "markdown" ? markdown(commands)
                              : *form == "man"    ? manual(app, commands)
                              : *form == "bash"   ? bash(commands)
                              : *form == "zsh"    ? zsh(commands)
                                                  : fish(commands));
      return 0;
    };
  });
}
