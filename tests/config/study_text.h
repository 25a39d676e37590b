/// The smallest study that reads, as pieces that a test can spoil.
#pragma once

#include <string>

namespace nokkel::config::test {

/// Lines 1 to 15; what a test appends begins at line 16.
inline const std::string kSmallest = R"([study]
seed = 7

[[data]]
file = "panel.csv"
unit = "id"

[[response]]
name = "cost"
column = "y"

[[criterion]]
name = "age"
[[criterion]]
name = "income"
)";

}  // namespace nokkel::config::test
