// The YAML tree as the sections read it: values that know what they are called and where they
// stand. Nothing here throws but for memory; every oddity becomes a fault.
#pragma once

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/faults.h"

namespace tandem6 {

struct Field {
  std::string name;  // as faults call it: "server.log.level"
  YAML::Node node;
  FilePosition key_position;  // of its key; of a list's element, of the element
  FilePosition position;      // of the value; where there is none, of the key

  [[nodiscard]] bool is_empty() const { return node.IsNull(); }
};

/// "server.preference is "300"", "… is a list", "… has no value".
[[nodiscard]] std::string what_is(const Field& field);

struct KeyedField {
  std::string key;
  Field field;
};

/// The pairs of a mapping in the order of the file. Nothing for no value. Faults: no mapping, a key
/// that is no text, a key given twice (yaml-cpp would take either without a word).
[[nodiscard]] std::vector<KeyedField> read_mapping(const Field& field, Faults& faults);

/// The elements of a list; nothing for no field or no value. A fault when it is no list.
[[nodiscard]] std::vector<Field> read_list(const std::optional<Field>& field, const Rule& rule,
                                           Faults& faults);
/// The same, but a single value stands for a list of one.
[[nodiscard]] std::vector<Field> read_list_or_one(const std::optional<Field>& field);

/// A mapping with known keys. A missing or empty one has no fields.
class Section {
 public:
  /// Unknown keys are faults. `parent` is the place to name when the section is not there at all.
  Section(const std::optional<Field>& field, FilePosition parent,
          std::initializer_list<std::string_view> legal_keys, Faults& faults);

  [[nodiscard]] const std::optional<Field>& find(std::string_view key) const;
  /// The same; a fault when the key is missing (but not in what is no mapping at all).
  [[nodiscard]] const std::optional<Field>& require(std::string_view key, const Rule& rule,
                                                    Faults& faults) const;
  /// The place to name when something is missing in it.
  [[nodiscard]] FilePosition position() const noexcept { return position_; }

 private:
  struct Entry {
    std::string key;
    std::optional<Field> field;
  };

  std::string name_;
  FilePosition position_;
  bool is_mapping_ = true;  // or nothing at all
  std::vector<Entry> entries_;
};

}  // namespace tandem6
