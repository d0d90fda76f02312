#include "control/config/configuration.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "control/config/dataplane_section.h"
#include "control/config/failover_section.h"
#include "control/config/faults.h"
#include "control/config/links_section.h"
#include "control/config/server_section.h"
#include "control/config/shared_parts.h"
#include "control/config/storage_section.h"
#include "control/config/yaml_fields.h"

namespace tandem6 {
namespace {

/// Of the links, which are read before.
void add_fingerprints(Configuration& configuration) {
  RelationshipIndex index = 0;
  for (PartnerSettings& partner : configuration.failover) {
    partner.endpoint.fingerprint = fingerprint_of(shared_parts(configuration.server, index++));
  }
}

Configuration read_document(const YAML::Node& document, Faults& faults) {
  const Section top(Field{"", document, {}, {}}, {},
                    {"server", "dataplane", "storage", "failover", "links"}, faults);
  Configuration configuration;
  // Of a file that is no mapping this is all there is to say.
  if (!faults.empty() && !document.IsMap()) return configuration;
  const OptionSet options = read_server_section(top.find("server"), configuration, faults);
  const auto port_names = read_dataplane_section(top.find("dataplane"), configuration.net, faults);
  read_storage_section(top.find("storage"), configuration.storage, faults);
  const auto relationship_names =
      read_failover_section(top.find("failover"), configuration.failover, faults);
  configuration.server.links =
      read_links_section(top.find("links"), port_names, relationship_names, options, faults);
  if (faults.empty()) add_fingerprints(configuration);
  return configuration;
}

/// The documents of the text, or none and a fault where it is no YAML: yaml-cpp throws there.
std::vector<YAML::Node> read_yaml(const std::string& text, Faults& faults) {
  try {
    return YAML::LoadAll(text);
  } catch (const YAML::Exception& exception) {
    const YAML::Mark& mark = exception.mark;
    faults.add(mark.is_null() ? FilePosition{} : FilePosition{mark.line + 1, mark.column + 1},
               "not YAML: " + printable(exception.msg), "the parser cannot go on from here",
               "look for an unclosed bracket or quote, for tabs, for wrong indentation, and for "
               "texts with ':' or '#' that need quotes");
    return {};
  }
}

ConfigurationResult cannot_read(const std::string& path, const std::string& why) {
  return std::unexpected(std::vector{ConfigurationError{path, 0, 0, "cannot read the file", why,
                                                        "name a file that this user may read"}});
}

}  // namespace

ConfigurationResult parse_configuration(const std::string& text, const std::string& file_name) {
  Faults faults(file_name);
  const auto documents = read_yaml(text, faults);
  if (!faults.empty()) return std::unexpected(faults.sorted());
  if (documents.size() > 1) {
    const YAML::Mark mark = documents[1].Mark();
    faults.add({mark.line + 1, mark.column + 1}, "a second YAML document begins here",
               "only the first could have an effect", "remove the \"---\" between them");
  }
  Configuration configuration =
      read_document(documents.empty() ? YAML::Node() : documents.front(), faults);
  if (!faults.empty()) return std::unexpected(faults.sorted());
  return configuration;
}

ConfigurationResult load_configuration(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot_read(path, std::strerror(errno));
  std::string text;
  std::array<char, 65536> part{};
  // `read` turns what the buffer throws, of a folder for one, into `bad`.
  while (file.read(part.data(), part.size()) || file.gcount() > 0) {
    text.append(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return cannot_read(path, std::strerror(errno));
  return parse_configuration(text, path);
}

}  // namespace tandem6
