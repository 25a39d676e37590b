/// Small universes and their plain twin: every subset of the criteria looked at, one rule after the other.
#pragma once

#include <cstdint>
#include <ostream>
#include <random>
#include <vector>

#include "engine/universe/universe.h"

namespace nokkel::universe {

/// n criteria named c0, c1, ..., the first n_forced forced, nothing excluded.
UniverseSpec plain_spec(int n, int n_forced, int min_size, int max_size);

/// At most 12 criteria with random pairs, groups (of one, two or three places), forced criteria and sizes.
/// Groups of more than one place do not overlap; the others may. May be impossible (forced criteria that may not meet).
UniverseSpec random_spec(std::mt19937_64& random);

/// All admissible combinations in id order, by looking at all 2^n subsets. Empty when forced criteria contradict.
std::vector<std::vector<int>> enumerate(const UniverseSpec& spec);

void PrintTo(const UniverseSpec& spec, std::ostream* out);

}  // namespace nokkel::universe
