// Colours of a terminal, or none.
#pragma once

#include <string>

namespace tandem6 {

struct Style {
  bool colours = false;  // only when the output is a terminal and NO_COLOR is not set

  [[nodiscard]] std::string bold(const std::string& text) const { return wrap("1", text); }
  [[nodiscard]] std::string red(const std::string& text) const { return wrap("1;31", text); }
  [[nodiscard]] std::string green(const std::string& text) const { return wrap("32", text); }

 private:
  [[nodiscard]] std::string wrap(const char* code, const std::string& text) const {
    return colours ? std::string("\x1b[") + code + 'm' + text + "\x1b[0m" : text;
  }
};

}  // namespace tandem6
