/// What ships: every study reads, names columns that its data have, and example.toml tells each key and its true default.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "io/config/study.h"
#include "io/config/toml_document.h"
#include "io/table/csv.h"
#include "tests/config/study_text.h"

namespace nokkel::config {
namespace {

const std::filesystem::path kSource = NOKKEL_SOURCE_DIR;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kSource / "configs")) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Shipped : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Shipped, ReadsAndReadsBackAsItself) {
  const Study study = parse_study(text_of(GetParam()), GetParam(), {});
  const std::string text = resolved_toml(study);
  EXPECT_EQ(resolved_toml(parse_study(text, GetParam(), {})), text);
}

TEST_P(Shipped, NamesColumnsThatItsDataHave) {
  const Study study = parse_study(text_of(GetParam()), GetParam(), {});
  std::set<std::string> columns;
  for (const DataSpec& data : study.data) {
    const panel::Table table = table::read_csv(data.path, data.file);
    columns.insert(table.header.begin(), table.header.end());
    EXPECT_TRUE(columns.contains(data.keys.unit)) << data.keys.unit;
  }
  for (const panel::DerivedSpec& derived : study.derived) {
    for (const std::string& name : derived.of) EXPECT_TRUE(columns.contains(name)) << name;
    columns.insert(derived.name);
  }
  for (const panel::ResponseSpec& response : study.responses) EXPECT_TRUE(columns.contains(response.column)) << response.column;
  for (const panel::CriterionSpec& criterion : study.criteria) EXPECT_TRUE(columns.contains(criterion.name)) << criterion.name;
}

INSTANTIATE_TEST_SUITE_P(Configs, Shipped, testing::ValuesIn(shipped()), [](const auto& file) {
  std::string name = file.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(ShippedStudies, AreAsLargeAsTheySay) {
  const auto criteria = [](const char* file) {
    return parse_study(text_of(kSource / "configs" / file), file, {}).criteria.size();
  };
  EXPECT_EQ(criteria("norway.toml"), 13U);
  EXPECT_EQ(criteria("norway-child-welfare.toml"), 31U);
  const std::string norway = text_of(kSource / "configs/norway.toml");
  EXPECT_EQ(norway.substr(0, norway.find(':')), "# The two responses are user payments");
}

TEST(ShippedData, HaveTheRowsThatTheirReadmeSays) {
  const panel::Table norway = table::read_csv(kSource / "data/norway/panel.csv", "panel.csv");
  EXPECT_EQ(norway.rows.size(), 1174U);
  EXPECT_EQ(norway.header.size(), 43U);
  const std::map<std::string, std::size_t> nist{{"norris", 36},
                                                {"pontius", 40},
                                                {"noint1", 11},
                                                {"noint2", 3},
                                                {"filip", 82},
                                                {"longley", 16},
                                                {"wampler1", 21},
                                                {"wampler2", 21},
                                                {"wampler3", 21},
                                                {"wampler4", 21},
                                                {"wampler5", 21},
                                                {"certified_coefficients", 55},
                                                {"certified_statistics", 11}};
  for (const auto& [name, n_rows] : nist) {
    EXPECT_EQ(table::read_csv(kSource / "data/nist" / (name + ".csv"), name).rows.size(), n_rows) << name;
  }
}

// Keys of a document as known_keys() writes them.
void collect(const Value& value, const std::string& path, std::set<std::string>& keys) {
  if (path == "response.price") return;
  for (const Value& item : value.items) {
    if (item.kind == Value::Kind::table) collect(item, path, keys);
  }
  for (const Entry& entry : value.entries) {
    const std::string key = path == "groups" ? "groups.*" : path.empty() ? entry.key : path + "." + entry.key;
    if (std::count(key.begin(), key.end(), '.') > 0 && key != "groups.*") keys.insert(key);
    collect(entry.value, key, keys);
  }
}

TEST(Example, HoldsEveryKeyAndNoOther) {
  std::set<std::string> keys;
  collect(parse_toml(text_of(kSource / "configs/example.toml"), "example.toml"), "", keys);
  const std::vector<std::string> known = known_keys();
  EXPECT_EQ(keys, std::set<std::string>(known.begin(), known.end()));
}

// The comment above the first occurrence of each key, by key.
std::map<std::string, std::string> comments() {
  std::map<std::string, std::string> found;
  std::istringstream in(text_of(kSource / "configs/example.toml"));
  std::string section, comment;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) {
      comment += line.substr(1);
      continue;
    }
    if (line.starts_with("[")) section = line.substr(line.find_last_of('[') + 1, line.find(']') - line.find_last_of('[') - 1);
    if (const std::size_t equal = line.find(" = "); equal != std::string::npos && !line.starts_with("[")) {
      found.emplace(section + "." + line.substr(0, equal), comment);
    }
    comment.clear();
  }
  return found;
}

TEST(Example, SaysOfEveryKeyWhetherItIsMandatoryOrWhatItsDefaultIs) {
  for (const auto& [key, comment] : comments()) {
    const bool mandatory = comment.ends_with(" Mandatory.");
    const bool has_default = comment.find(" Default: ") != std::string::npos;
    EXPECT_TRUE(mandatory != has_default) << key << ": " << comment;
  }
}

// The value of a dotted key, in the first entry where a list is on the way; nullptr when it is not set.
const Value* value_of(const Value& root, const std::string& key) {
  const Value* value = &root;
  std::istringstream steps(key);
  for (std::string step; value != nullptr && std::getline(steps, step, '.');) {
    value = value->kind == Value::Kind::list ? value->items.at(0).find(step) : value->find(step);
  }
  return value;
}

// The smallest study with every default filled in, against the words of the example.
TEST(Example, SaysTheTrueDefaults) {
  const std::string smallest = test::kSmallest + R"(group = "housing"
[[derived]]
name = "d"
kind = "sum"
of = ["a"]
[[model]]
name = "m"
criteria = ["age"]
)";
  const Value root = parse_toml(resolved_toml(parse_study(smallest, "s.toml", {})), "s.toml");
  int n_checked = 0;
  for (const auto& [key, comment] : comments()) {
    const std::size_t at = comment.find(" Default: ");
    if (at == std::string::npos) continue;
    const Value* value = value_of(root, key);
    std::string said = comment.substr(at + std::string(" Default: ").size());
    if (said.starts_with("none")) {
      const bool filled_from_elsewhere = key.ends_with(".label") || key == "derived.of";
      EXPECT_EQ(value != nullptr, filled_from_elsewhere) << key;
      continue;
    }
    ASSERT_NE(value, nullptr) << key;
    EXPECT_EQ(said, toml_text(*value)) << key;
    ++n_checked;
  }
  EXPECT_GT(n_checked, 25);
}

}  // namespace
}  // namespace nokkel::config
