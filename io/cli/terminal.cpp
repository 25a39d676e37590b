#include "io/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engine/error.h"
#include "io/cli/json.h"

namespace nokkel::cli {
namespace {

constexpr int kNarrowestScreen = 20;

int columns_of_environment() {
  const char* text = std::getenv("COLUMNS");
  if (text == nullptr) return 0;
  int columns = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, columns);
  return error == std::errc{} && stop == end ? columns : 0;
}

int columns_of_terminal(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool wants_colour() {
  const char* refused = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (refused == nullptr || *refused == '\0') && (term == nullptr || std::strcmp(term, "dumb") != 0);
}

void refuse_output() {
  throw MachineError(std::string("standard output: ") + std::strerror(errno) + "; the figures above are not complete");
}

}  // namespace

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) != 0; }

Screen screen_of(std::FILE* stream) {
  Screen screen;
  const bool terminal = is_terminal(stream);
  int columns = columns_of_environment();
  if (columns == 0 && terminal) columns = columns_of_terminal(fileno(stream));
  if (columns > 0) screen.width = columns < kNarrowestScreen ? kNarrowestScreen : columns;
  screen.colour = terminal && wants_colour();
  return screen;
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) refuse_output();
}

void print(std::string_view command, const Table& table, Format format) {
  switch (format) {
    case Format::text:
      return print(to_text(table, screen_of(stdout)));
    case Format::csv:
      return print(to_csv(table));
    case Format::json:
      return print(table_json(command, table));
  }
}

void flush_output() {
  if (std::fflush(stdout) != 0) refuse_output();
}

}  // namespace nokkel::cli
