/// Frames with named strata, and the weights of a provider replicate by replicate.
#pragma once

#include <string>
#include <vector>

#include "engine/panel/sample.h"
#include "engine/resample/resample.h"

namespace nokkel::resample {

/// n units u00, u01, ... without strata.
panel::Frame plain_frame(int n);

/// One unit per entry, in stratum `labels[i]`; the list of strata is `all_labels`, sorted.
panel::Frame stratified_frame(const std::vector<std::string>& labels, std::vector<std::string> all_labels);

/// The frame without the units of one stratum; the list of strata stays.
panel::Frame without(const panel::Frame& frame, const std::string& label);

/// [replicate][unit], replicates first .. first+n-1.
std::vector<std::vector<double>> weights(const Provider& provider, Stream stream, int first, int n);

double sum(const std::vector<double>& w);

}  // namespace nokkel::resample
