// aie::mask: one bit for each lane.
#pragma once
#include "types.hpp"

namespace aie {

template <unsigned N> class mask;
namespace detail {
template <class A> inline constexpr bool is_mask = false;
template <unsigned N> inline constexpr bool is_mask<mask<N>> = true;
// low `n` bits
constexpr __aie_mask ones(unsigned n) { return n >= 64 ? ~0ull : (1ull << n) - 1; }
}  // namespace detail
template <class A> concept Mask = detail::is_mask<A>;

template <unsigned N> class mask {
  static_assert(detail::power_of_two(N), "mask size must be a power of two");
  template <class... W> static mask from_words(W... words) {
    unsigned all[] = {(unsigned)words...};
    mask m;
    for (unsigned i = 0; i < sizeof...(words); i++) m.__bits[i / 2] |= (unsigned long long)all[i] << i % 2 * 32;
    for (auto &w : m.__bits) w &= detail::ones(N);
    return m;
  }
 public:
  static constexpr unsigned __words = N <= 64 ? 1 : N / 64;
  __aie_mask __bits[__words];
  explicit constexpr mask(bool all = false) : __bits{} { for (auto &b : __bits) b = all ? detail::ones(N) : 0; }
  template <class... W> requires(!(std::is_same_v<W, bool> || ...) && (std::is_integral_v<W> && ...) && sizeof...(W) > 0)
  [[deprecated("use from_uint32 or from_uint64")]] explicit mask(W... words) : mask(from_uint32(words...)) {}
  static constexpr unsigned size() { return N; }
  template <class... W> requires(std::is_integral_v<W> && ...) static mask from_uint32(W... words) {
    static_assert(sizeof...(W) == (N <= 32 ? 1 : N / 32), "mask: from_uint32 takes one word for each 32 elements");
    return from_words(words...);
  }
  template <class... W> requires(std::is_integral_v<W> && ...) static mask from_uint64(W... words) {
    static_assert(sizeof...(W) == (N <= 64 ? 1 : N / 64), "mask: from_uint64 takes one word for each 64 elements");
    mask m;
    unsigned i = 0;
    ((m.__bits[i++] = (unsigned long long)words & detail::ones(N)), ...);
    return m;
  }
  template <unsigned M, unsigned... L> static mask from_masks(const mask<M> &first, const mask<L> &...rest) {
    static_assert(M * (1 + sizeof...(L)) == N && ((M == L) && ...), "mask: from_masks takes masks of one size that fill it");
    mask m;
    unsigned i = 0;
    m.insert(i++, first);
    (m.insert(i++, rest), ...);
    return m;
  }
  unsigned to_uint32() const requires(N <= 32) { return (unsigned)__bits[0]; }
  unsigned to_uint32(unsigned i) const { return (unsigned)(__bits[i / 2] >> i % 2 * 32); }
  unsigned long long to_uint64() const requires(N == 64) { return __bits[0]; }
  unsigned long long to_uint64(unsigned i) const { return __bits[i]; }
  bool test(unsigned i) const { return __bits[i / 64] >> (i % 64) & 1; }
  void set(unsigned i) { __bits[i / 64] |= 1ull << (i % 64); }
  void clear(unsigned i) { __bits[i / 64] &= ~(1ull << (i % 64)); }
  unsigned count() const { unsigned n = 0; for (auto b : __bits) n += __builtin_popcountll(b & detail::ones(N)); return n; }
  bool empty() const { for (auto b : __bits) if (b & detail::ones(N)) return false; return true; }
  bool full() const { return (~*this).empty(); }
  unsigned clz() const {
    unsigned n = 0;
    for (unsigned i = __words; i-- > 0;) {
      __aie_mask b = __bits[i] & detail::ones(N);
      if (b) return n + __builtin_clzll(b) - (N < 64 ? 64 - N : 0);
      n += N < 64 ? N : 64;
    }
    return n;
  }
  mask operator&(const mask &o) const { mask m; for (unsigned i = 0; i < __words; i++) m.__bits[i] = __bits[i] & o.__bits[i]; return m; }
  mask operator|(const mask &o) const { mask m; for (unsigned i = 0; i < __words; i++) m.__bits[i] = __bits[i] | o.__bits[i]; return m; }
  mask operator~() const { mask m; for (unsigned i = 0; i < __words; i++) m.__bits[i] = ~__bits[i] & detail::ones(N); return m; }
  mask &operator&=(const mask &o) { return *this = *this & o; }
  mask &operator|=(const mask &o) { return *this = *this | o; }
  mask operator<<(unsigned n) const {
    mask m;
    for (unsigned i = 0; i < __words; i++) {
      int from = (int)i - (int)(n / 64);
      m.__bits[i] = ((from >= 0 ? __bits[from] << n % 64 : 0) | (from > 0 && n % 64 ? __bits[from - 1] >> (64 - n % 64) : 0)) & detail::ones(N);
    }
    return m;
  }
  mask operator>>(unsigned n) const {
    mask m;
    for (unsigned i = 0; i < __words; i++) {
      unsigned from = i + n / 64;
      m.__bits[i] = (from < __words ? (__bits[from] & detail::ones(N)) >> n % 64 : 0) | (from + 1 < __words && n % 64 ? __bits[from + 1] << (64 - n % 64) : 0);
    }
    return m;
  }
  mask &operator<<=(unsigned n) { return *this = *this << n; }
  mask &operator>>=(unsigned n) { return *this = *this >> n; }
  bool operator==(const mask &o) const { for (unsigned i = 0; i < __words; i++) if (__bits[i] != o.__bits[i]) return false; return true; }
  template <unsigned M> mask<M> extract(unsigned i) const __AIE_INDEX(i, M < N ? N / M : 1, "extract: part index out of range") {
    static_assert(M <= N, "extract: the part is larger than the mask");
    mask<M> m;
    for (unsigned k = 0; k < mask<M>::__words; k++) m.__bits[k] = __bits[i * M / 64 + k] >> (i * M % 64) & detail::ones(M);
    return m;
  }
  template <unsigned M> [[deprecated("use extract")]] mask<M> get_submask(unsigned i) const { return extract<M>(i); }
  template <unsigned M> mask &insert(unsigned i, const mask<M> &m) __AIE_INDEX(i, M < N ? N / M : 1, "insert: part index out of range") {
    static_assert(M <= N, "insert: the part is larger than the mask");
    auto at = i * M % 64;
    for (unsigned k = 0; k < mask<M>::__words; k++) {
      auto &w = __bits[i * M / 64 + k];
      w = (w & ~(detail::ones(M) << at)) | (m.__bits[k] << at);
    }
    return *this;
  }
  template <unsigned M> mask<M> grow() const {
    static_assert(M >= N, "grow: the result is smaller than the mask");
    mask<M> m;
    m.insert(0, *this);
    return m;
  }
};

}  // namespace aie
