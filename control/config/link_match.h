// The `match` of a link: which messages belong to it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "control/config/yaml_fields.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

/// Reads the matches of one link after the other and remembers them, since two links with one match
/// could not be told apart.
class LinkMatchReader {
 public:
  /// `port_names`: those of the file; borrowed. When there is none the file has another fault, and
  /// names of ports are not checked.
  LinkMatchReader(const std::vector<std::string>& port_names, Faults& faults)
      : port_names_(port_names), faults_(faults) {}

  [[nodiscard]] std::vector<LinkMatch> read(const Section& link, const std::string& link_name);

 private:
  struct Known {
    std::string link_name;
    FilePosition position;
  };

  [[nodiscard]] LinkMatch read_one(const Field& field, const std::string& link_name);
  void read_port(const Section& section, LinkMatch& match);
  void read_interface_id(const Section& section, LinkMatch& match);
  void read_link_address(const Section& section, LinkMatch& match);
  void check_is_new(const LinkMatch& match, const Field& field, const std::string& link_name);

  const std::vector<std::string>& port_names_;
  Faults& faults_;
  std::map<std::string, Known> known_;
};

/// The prefixes of the link itself that its matches name: those of link-addresses with global
/// scope.
[[nodiscard]] std::vector<Ipv6Prefix> link_prefixes(const std::vector<LinkMatch>& matches);

}  // namespace tandem6
