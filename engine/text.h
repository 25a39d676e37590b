/// Texts that users write: the nearest known name for a "did you mean", and what is valid UTF-8.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace nokkel {

/// The known name that `wrong` was most likely meant to be; "" when nothing is near. Distance: Damerau-Levenshtein
/// (insert, delete, replace, swap of neighbours; no substring edited twice) over code points, ASCII case counted half.
/// Near is at most one edit in names up to five code points, else a third of the length of the longer name.
/// Ties go to the earlier entry of `known`. Cost: O(length^2) an entry.
std::string closest(std::string_view wrong, std::span<const std::string> known);

/// Position of the first byte that is no well-formed UTF-8 (overlong forms, surrogates and values above U+10FFFF are
/// refused); npos when there is none.
std::size_t utf8_error(std::string_view text);

/// Code points of a text; bytes that are no UTF-8 stand for themselves.
std::u32string code_points(std::string_view text);

}  // namespace nokkel
