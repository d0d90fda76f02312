// Sentences beside their label, broken into lines that a terminal shows whole.
#pragma once

#include <string>
#include <string_view>

namespace tandem6 {

/// "  label     the text, and where it is long\n            its next line\n". At most 100 columns,
/// but for words that are longer.
[[nodiscard]] std::string labelled_text(std::string_view label, std::string_view text);

}  // namespace tandem6
