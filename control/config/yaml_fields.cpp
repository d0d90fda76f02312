#include "control/config/yaml_fields.h"

#include <algorithm>
#include <map>

#include "control/config/nearest_word.h"

namespace tandem6 {
namespace {

const std::optional<Field> kNoField;

FilePosition position_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return {mark.line + 1, mark.column + 1};
}

std::string inside(std::string_view section) {
  return section.empty() ? std::string("at the top level") : "in " + std::string(section);
}

std::string comma_separated(std::initializer_list<std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace

std::string what_is(const Field& field) {
  const std::string name = field.name.empty() ? "the file" : field.name;
  switch (field.node.Type()) {
    case YAML::NodeType::Scalar:
      return name + " is " + quoted(field.node.Scalar());
    case YAML::NodeType::Sequence:
      return name + " is a list";
    case YAML::NodeType::Map:
      return name + " is a mapping";
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      break;
  }
  return name + " has no value";
}

std::vector<KeyedField> read_mapping(const Field& field, Faults& faults) {
  if (field.is_empty()) return {};
  if (!field.node.IsMap()) {
    faults.add(field.position, what_is(field), "it is made of keys with values",
               "write \"key: value\" lines below it, or {key: value}");
    return {};
  }
  std::vector<KeyedField> fields;
  std::map<std::string, FilePosition> seen;
  for (const auto& pair : field.node) {
    const FilePosition at = position_of(pair.first);
    if (!pair.first.IsScalar()) {
      faults.add(at, "a key " + inside(field.name) + " is no text", "keys are words of the manual",
                 "write a word followed by a colon");
      continue;
    }
    const std::string& key = pair.first.Scalar();
    const auto [first, is_new] = seen.emplace(key, at);
    if (!is_new) {
      faults.add(at, "key " + quoted(key) + " stands twice " + inside(field.name),
                 "only one of them could have an effect; the first is in " + line_of(first->second),
                 "keep one of the two");
      continue;
    }
    const FilePosition value_at = pair.second.IsNull() ? at : position_of(pair.second);
    const std::string shown = printable(key);
    const std::string name = field.name.empty() ? shown : field.name + '.' + shown;
    fields.push_back({key, {name, pair.second, at, value_at}});
  }
  return fields;
}

std::vector<Field> read_list(const std::optional<Field>& field, const Rule& rule, Faults& faults) {
  if (!field || field->is_empty()) return {};
  if (!field->node.IsSequence()) {
    faults.add(field->position, what_is(*field), rule);
    return {};
  }
  std::vector<Field> elements;
  elements.reserve(field->node.size());
  for (const auto& node : field->node) {
    const FilePosition at = node.IsNull() ? field->key_position : position_of(node);
    elements.push_back({field->name, node, at, at});
  }
  return elements;
}

std::vector<Field> read_list_or_one(const std::optional<Field>& field) {
  if (!field || field->is_empty()) return {};
  if (!field->node.IsSequence()) return {*field};
  Faults none("");
  return read_list(field, {}, none);
}

Section::Section(const std::optional<Field>& field, FilePosition parent,
                 std::initializer_list<std::string_view> legal_keys, Faults& faults)
    : name_(field ? field->name : ""), position_(field ? field->key_position : parent) {
  if (!field) return;
  is_mapping_ = field->is_empty() || field->node.IsMap();
  for (KeyedField& keyed : read_mapping(*field, faults)) {
    if (std::ranges::find(legal_keys, keyed.key) != legal_keys.end()) {
      entries_.push_back({std::move(keyed.key), std::move(keyed.field)});
      continue;
    }
    const auto nearest = nearest_word(keyed.key, {legal_keys.begin(), legal_keys.size()});
    faults.add(keyed.field.key_position, "unknown key " + quoted(keyed.key) + ' ' + inside(name_),
               "a key that tandem6 does not know would have no effect",
               nearest ? "did you mean " + quoted(*nearest) + '?'
                       : "known here: " + comma_separated(legal_keys));
  }
}

const std::optional<Field>& Section::find(std::string_view key) const {
  const auto entry = std::ranges::find(entries_, key, &Entry::key);
  return entry == entries_.end() ? kNoField : entry->field;
}

const std::optional<Field>& Section::require(std::string_view key, const Rule& rule,
                                             Faults& faults) const {
  const auto& field = find(key);
  if (!field && is_mapping_) {
    faults.add(position_,
               (name_.empty() ? std::string(key) : name_ + '.' + std::string(key)) + " is missing",
               rule);
  }
  return field;
}

}  // namespace tandem6
