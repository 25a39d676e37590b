/// Memory for the kernels: doubles on 64-byte boundaries, zeroed.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace nokkel {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t n) : size_(n) {
    const std::size_t bytes = (n * sizeof(double) + 63) / 64 * 64;
    if (bytes == 0) return;
    data_.reset(static_cast<double*>(std::aligned_alloc(64, bytes)));
    if (!data_) throw std::bad_alloc();
    std::memset(data_.get(), 0, bytes);
  }
  [[nodiscard]] double* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  double& operator[](std::size_t i) const { return data_.get()[i]; }

 private:
  struct Free {
    void operator()(double* p) const { std::free(p); }  // NOLINT(cppcoreguidelines-no-malloc): the twin of aligned_alloc
  };
  std::unique_ptr<double[], Free> data_;
  std::size_t size_ = 0;
};

/// Hands out consecutive 64-byte aligned pieces; count first with a null buffer, then take.
class Carver {
 public:
  explicit Carver(double* base) : base_(base) {}
  double* take(std::size_t n) {
    double* p = base_ == nullptr ? nullptr : base_ + used_;
    used_ += (n + 7) / 8 * 8;
    return p;
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  double* base_;
  std::size_t used_ = 0;
};

}  // namespace nokkel
