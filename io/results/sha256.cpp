#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "engine/error.h"
#include "io/results/results_file.h"

namespace nokkel::results {
namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(const void* bytes, std::size_t n) { check(EVP_DigestUpdate(context_.get(), bytes, n) == 1); }
  std::string hexadecimal() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned n = 0;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), &n) == 1);
    std::string text;
    for (unsigned i = 0; i < n; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  static void check(bool ok) {
    if (!ok) throw MachineError("OpenSSL offers no SHA-256");
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

[[noreturn]] void refuse(const std::filesystem::path& file, int error) {
  throw InputError(file.string(), "cannot be read: " + std::generic_category().message(error), "");
}

}  // namespace

std::string sha256_of_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) refuse(file, errno);
  Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 18);
  ssize_t n = 0;
  while ((n = ::read(fd, buffer.data(), buffer.size())) > 0) hash.add(buffer.data(), static_cast<std::size_t>(n));
  const int error = errno;
  ::close(fd);
  if (n < 0) refuse(file, error);
  return hash.hexadecimal();
}

std::string sha256_of_text(const std::string& text) {
  Sha256 hash;
  hash.add(text.data(), text.size());
  return hash.hexadecimal();
}

}  // namespace nokkel::results
