#include "control/config/storage_section.h"

#include "control/config/scalars.h"

namespace tandem6 {

void read_storage_section(const std::optional<Field>& field, StorageSettings& storage,
                          Faults& faults) {
  const Section section(field, {}, {"path", "durability"}, faults);
  constexpr Rule kRule{"leases are kept in this folder, wherever the daemon was started",
                       "write an absolute path, such as /var/lib/tandem6"};
  const auto& path = section.find("path");
  if (const auto text = read_text(path, kRule, faults)) {
    if (text->front() == '/') {
      storage.path = *text;
    } else {
      faults.add(path->position, what_is(*path), kRule);
    }
  }
  const auto durability =
      read_choice<Durability>(section.find("durability"),
                              {{"power", Durability::kPower},
                               {"process", Durability::kProcess},
                               {"none", Durability::kNone}},
                              "it says what an answered lease survives", faults);
  if (durability) storage.durability = *durability;
}

}  // namespace tandem6
