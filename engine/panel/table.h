/// A rectangular table of text, as a source of tables hands it over: nothing is interpreted yet.
#pragma once

#include <string>
#include <vector>

namespace nokkel::panel {

struct Table {
  std::string source;                          ///< file name as the user wrote it, for messages
  std::vector<std::string> header;             ///< one name a column, unique, UTF-8
  std::vector<std::vector<std::string>> rows;  ///< each as long as header; an empty cell is ""
  std::vector<int> line;                       ///< line of the file on which a row starts, 1-based
};

}  // namespace nokkel::panel
