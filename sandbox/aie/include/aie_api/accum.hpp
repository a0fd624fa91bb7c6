// aie::accum: registers that products are added up in.
#pragma once
#include "vector.hpp"

namespace aie {

template <class Tag, unsigned N> class accum {
  static_assert(detail::is_acc_tag<Tag>, "accum: the tag is acc32, acc64 or accfloat");
  static_assert(detail::power_of_two(N), "accum size must be a power of two");
  static_assert(detail::acc_bits<Tag> * N >= 128, "accum size too small");
  static_assert(detail::acc_bits<Tag> * N <= 8192, "accum size too large");
  using element = std::conditional_t<std::is_same_v<Tag, accfloat>, float, std::conditional_t<std::is_same_v<Tag, acc64>, int64_t, int32_t>>;
 public:
  using value_type = Tag;
  using storage_t = typename detail::native_vector<element, N>::type;
  static constexpr unsigned __bits = detail::acc_bits<Tag> * N, __parts = detail::registers<__bits>;
  __aie_v16 __d[__parts];
  accum() = default;
  template <class T> explicit accum(const vector<T, N> &v, int shift = 0) {
    static_assert(std::is_same_v<Tag, accfloat> == detail::floating<T>, "accfloat is made from bfloat16 or float vectors, acc32 and acc64 from integer vectors");
    from_vector(v, shift);
  }
  template <class T, unsigned M> requires(M != N) explicit accum(const vector<T, M> &, int = 0) {
    static_assert(M == N, "accumulator and vector have different sizes (number of elements)");
  }
  template <class V> requires(detail::native<V, element, __bits>) accum(V v) { detail::from_native<__bits>(*this, v); }
  template <class U, unsigned M> requires(!(std::is_same_v<U, Tag> && M == N)) accum(const accum<U, M> &) {
    static_assert(M == N, "accumulators have different sizes (number of elements)");
    static_assert(std::is_same_v<U, Tag>, "accumulators have different types (acc32, acc64, accfloat)");
  }
  static constexpr unsigned size() { return N; }
  static constexpr unsigned bits() { return __bits; }
  static constexpr unsigned accum_bits() { return detail::acc_bits<Tag>; }
  static constexpr unsigned accum_min_bits() { return detail::acc_bits<Tag>; }
  static constexpr unsigned value_bits() { return detail::acc_bits<Tag>; }
  static constexpr unsigned memory_bits() { return detail::acc_bits<Tag>; }
  static constexpr bool is_floating_point() { return std::is_same_v<Tag, accfloat>; }
  static constexpr bool is_complex() { return false; }
  static constexpr bool is_real() { return true; }
  template <class T> void from_vector(const vector<T, N> &v, int shift = 0);
  template <class T, unsigned M> requires(M != N) void from_vector(const vector<T, M> &, int = 0) {
    static_assert(M == N, "accumulator and vector have different sizes (number of elements)");
  }
  template <class T> void from_vector_sign(const vector<T, N> &v, bool is_signed, int shift = 0) { from_signed(v, is_signed, shift); }
  template <class T> vector<T, N> to_vector(int shift = 0) const;
  vector<float, N> to_vector() const requires(std::is_same_v<Tag, accfloat>) { return to_vector<float>(); }
  template <class T> vector<T, N> to_vector_sign(bool is_signed, int shift = 0) const;
  template <unsigned M> accum<Tag, M> extract(unsigned i) const __AIE_INDEX(i, M < N ? N / M : 1, "extract: part index out of range") {
    static_assert(M <= N, "extract: the part is larger than the accumulator");
    accum<Tag, M> r;
    detail::get_part<accum<Tag, M>::__bits>(r, *this, i);
    return r;
  }
  template <unsigned M> accum &insert(unsigned i, const accum<Tag, M> &a) __AIE_INDEX(i, M < N ? N / M : 1, "insert: part index out of range") {
    static_assert(M <= N, "insert: the part is larger than the accumulator");
    detail::set_part<accum<Tag, M>::__bits>(*this, a, i);
    return *this;
  }
  template <unsigned M> accum<Tag, M> grow() const {
    static_assert(M >= N, "grow: the result is smaller than the accumulator");
    accum<Tag, M> r;
    detail::each<accum<Tag, M>::__parts>([&](auto k) { r.__d[k] = __d[0]; });
    r.template insert<N>(0, *this);
    return r;
  }
  template <unsigned M> accum<Tag, M> grow_replicate() const {
    static_assert(M >= N, "grow_replicate: the result is smaller than the accumulator");
    accum<Tag, M> r;
    detail::each<M / N>([&](auto k) { r.template insert<N>(k, *this); });
    return r;
  }
  template <unsigned M> accum<Tag, M> grow_extract(unsigned i) const {
    if constexpr (M > N) return grow<M>();
    else return extract<M>(i);
  }
  template <unsigned M> auto split() const {
    static_assert(M <= N, "split: the parts are larger than the accumulator");
    return detail::split_into<M>(*this);
  }
  template <class U> auto cast_to() const {
    static_assert(detail::is_acc_tag<U>, "cast_to: the tag is acc32, acc64 or accfloat");
    accum<U, __bits / detail::acc_bits<U>> r;
    detail::each<__parts>([&](auto k) { r.__d[k] = __d[k]; });
    return r;
  }
  storage_t to_native() const { return detail::to_native<storage_t, __bits>(*this); }
  template <class V> requires(detail::native<V, element, __bits>) operator V() const { return detail::to_native<V, __bits>(*this); }

 private:
  template <class T> void from_signed(const vector<T, N> &v, bool is_signed, int shift);
};

}  // namespace aie
