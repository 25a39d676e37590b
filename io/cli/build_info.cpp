#include "io/cli/build_info.h"

#include <fmt/format.h>

#include <string_view>

#include "engine/error.h"
#include "io/cli/json.h"
#include "kernels/blas.h"
#include "kernels/sweep.h"

namespace nokkel::cli {
namespace {

constexpr std::string_view kLevelMark = "kernel ";

/// "0.3.21" out of "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …".
std::string openblas_version(const std::string& config) {
  const std::size_t start = config.find_first_of("0123456789");
  if (start == std::string::npos) return "unknown";
  return config.substr(start, config.find_first_not_of("0123456789.", start) - start);
}

const kernels::Kernels* kernels_of(KernelLevel level) {
  switch (level) {
    case KernelLevel::automatic:
      return &kernels::best_kernels();
    case KernelLevel::portable:
      return kernels::kernels_for(kernels::Isa::portable);
    case KernelLevel::v3:
      return kernels::kernels_for(kernels::Isa::v3);
    case KernelLevel::v4:
      return kernels::kernels_for(kernels::Isa::v4);
  }
  return nullptr;
}

}  // namespace

std::string source_name() { return "nokkel " NOKKEL_VERSION; }

std::string version_line() { return fmt::format("{} (git {})", source_name(), git_version()); }

std::string build_json() {
  return object_json({{"compiler", NOKKEL_COMPILER},
                      {"build_type", NOKKEL_BUILD_TYPE},
                      {"flags", NOKKEL_BUILD_FLAGS},
                      {"checks", NOKKEL_BUILD_CHECKS},
                      {"sanitizers", NOKKEL_BUILD_SANITIZE},
                      {"openblas", NOKKEL_OPENBLAS_VERSION},
                      {"hdf5", NOKKEL_HDF5_VERSION},
                      {"onetbb", NOKKEL_TBB_VERSION},
                      {"muparser", NOKKEL_MUPARSER_VERSION},
                      {"fmt", NOKKEL_FMT_VERSION},
                      {"openssl", NOKKEL_OPENSSL_VERSION}},
                     true);
}

std::string hdf5_version() { return NOKKEL_HDF5_VERSION; }

std::string kernel_level_name(KernelLevel level) {
  const kernels::Kernels* found = kernels_of(level);
  if (found != nullptr) return found->name;
  const std::string asked = level == KernelLevel::v4 ? "v4 (AVX-512)" : "v3 (AVX2)";
  throw InputError("--kernel", fmt::format("this processor lacks {}", asked),
                   fmt::format("the fastest it has is {}", kernels::best_kernels().name));
}

KernelLevel kernel_level_of(const std::string& name) {
  if (name == "portable") return KernelLevel::portable;
  if (name == "v3") return KernelLevel::v3;
  return name == "v4" ? KernelLevel::v4 : KernelLevel::automatic;
}

std::string kernel_set(const std::string& level) {
  const kernels::BlasInfo blas = kernels::blas_info();
  const std::string_view flavour = blas.parallel == 1 ? "pthread" : blas.parallel == 2 ? "openmp" : "serial";
  const std::string_view bits = level == "v3" || level == "v4" ? "v3/v4" : std::string_view(level);
  return fmt::format("OpenBLAS {} {} {}; {}{}", openblas_version(blas.config), flavour, blas.core, kLevelMark, bits);
}

std::string level_in_kernel_set(const std::string& kernel_set) {
  const std::size_t mark = kernel_set.rfind(kLevelMark);
  return mark == std::string::npos ? std::string() : kernel_set.substr(mark + kLevelMark.size());
}

}  // namespace nokkel::cli
