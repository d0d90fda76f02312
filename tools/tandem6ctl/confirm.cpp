#include "tools/tandem6ctl/confirm.h"

#include <iostream>

namespace tandem6 {

bool is_confirmed(const std::string& question) {
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

}  // namespace tandem6
