// Loads, stores and iterators.
#pragma once
#include "vector.hpp"

namespace aie {

namespace detail {
template <class T, unsigned N> inline vector<T, N> load(const void *p) {
  vector<T, N> r;
  if constexpr (r.bits == 128) r.d[0] = widen(*(const r128 *)p);
  else if constexpr (r.bits == 256) r.d[0] = widen(*(const r256 *)p);
  else each<r.parts>([&](auto k) { r.d[k] = ((const r512 *)p)[k]; });
  return r;
}
template <class T, unsigned N> inline void store(void *p, const vector<T, N> &v) {
  if constexpr (vector<T, N>::bits == 128) *(r128 *)p = quarter(v.d[0]);
  else if constexpr (vector<T, N>::bits == 256) *(r256 *)p = lower_half(v.d[0]);
  else each<vector<T, N>::parts>([&](auto k) { ((r512 *)p)[k] = v.d[k]; });
}
template <class T, unsigned N> inline vector<T, N> load_unaligned(const void *p) {
  vector<T, N> r;
  if constexpr (r.bits == 128) r.d[0] = widen(*(const u128 *)p);
  else if constexpr (r.bits == 256) r.d[0] = widen(*(const u256 *)p);
  else each<r.parts>([&](auto k) { r.d[k] = ((const u512 *)p)[k]; });
  return r;
}
template <class T, unsigned N> inline void store_unaligned(void *p, const vector<T, N> &v) {
  if constexpr (vector<T, N>::bits == 128) *(u128 *)p = quarter(v.d[0]);
  else if constexpr (vector<T, N>::bits == 256) *(u256 *)p = lower_half(v.d[0]);
  else each<vector<T, N>::parts>([&](auto k) { ((u512 *)p)[k] = v.d[k]; });
}
template <class T> inline constexpr unsigned native_lanes = 256 / bits_of<T>;
}  // namespace detail

inline constexpr unsigned vector_ldst_align_v = 32;
inline constexpr unsigned vector_decl_align = 32;

template <unsigned N, DecoratedElemBaseType T> inline vector<std::remove_const_t<T>, N> load_v(T *p) { return detail::load<std::remove_const_t<T>, N>(p); }
template <DecoratedElemBaseType T> inline auto load_v(T *p) { return load_v<detail::native_lanes<std::remove_const_t<T>>>(p); }
template <unsigned N, DecoratedElemBaseType T> inline vector<std::remove_const_t<T>, N> load_unaligned_v(T *p, unsigned = 1) { return detail::load_unaligned<std::remove_const_t<T>, N>(p); }
template <unsigned N, DecoratedElemBaseType T> inline vector<std::remove_const_t<T>, N> load_floor_v(T *p, unsigned = 1) {
  constexpr unsigned bytes = vector<std::remove_const_t<T>, N>::bits / 8;
  return detail::load<std::remove_const_t<T>, N>((const void *)((unsigned)p & ~((bytes < 32 ? bytes : 32) - 1)));
}
template <class T, unsigned N> inline void store_v(T *p, const vector<T, N> &v) { detail::store(p, v); }
template <class T, unsigned N> inline void store_unaligned_v(T *p, const vector<T, N> &v, unsigned = 1) { detail::store_unaligned(p, v); }
template <class T, class U, unsigned N> requires(!std::is_same_v<T, U>) inline void store_v(T *, const vector<U, N> &) {
  static_assert(std::is_same_v<T, std::remove_const_t<T>>, "store_v: the pointer is to read-only (const) elements");
  static_assert(std::is_same_v<T, U>, "store_v: the vector's element type is not the pointer's");
}
template <class T, class U, unsigned N> requires(!std::is_same_v<T, U>) inline void store_unaligned_v(T *, const vector<U, N> &, unsigned = 1) {
  static_assert(std::is_same_v<T, std::remove_const_t<T>>, "store_unaligned_v: the pointer is to read-only (const) elements");
  static_assert(std::is_same_v<T, U>, "store_unaligned_v: the vector's element type is not the pointer's");
}
template <class T, class Tag, unsigned N> inline void store_v(T *, const accum<Tag, N> &) {
  static_assert(!detail::is_acc_tag<Tag>, "store_v: an accumulator is not a vector: use to_vector<T>(shift)");
}

template <class T, unsigned N> inline void vector<T, N>::load(const T *p) { *this = detail::load<T, N>(p); }
template <class T, unsigned N> inline void vector<T, N>::store(T *p) const { detail::store(p, *this); }

namespace detail {
// What an iterator gives: the value, and where `*it = v` stores. A named copy is a value only.
template <class T, unsigned N> class vector_ref : public vector<std::remove_const_t<T>, N> {
  using V = vector<std::remove_const_t<T>, N>;
  T *p;
 public:
  vector_ref(T *q) : V(detail::load<std::remove_const_t<T>, N>(q)), p(q) {}
  vector_ref(const vector_ref &) = default;
  void operator=(const V &v) && { detail::store(p, v); }
  void operator=(const vector_ref &o) && { detail::store(p, static_cast<const V &>(o)); }
  vector_ref &operator=(const V &v) & { V::operator=(v); return *this; }
  vector_ref &operator=(const vector_ref &o) & { V::operator=(o); return *this; }
};
// `pointer` is T * or T *__restrict: through the latter every access is promised not to touch what
// other pointers touch
template <class T, unsigned N, class pointer> class iterator_over {
 public:
  using value_type = vector<std::remove_const_t<T>, N>;
  pointer p;
  explicit iterator_over(T *q) : p(q) {}
  vector_ref<T, N> operator*() const { return vector_ref<T, N>(p); }
  vector_ref<T, N> operator[](int i) const { return vector_ref<T, N>(p + i * (int)N); }
  iterator_over &operator++() { p += N; return *this; }
  iterator_over operator++(int) { auto old = *this; p += N; return old; }
  iterator_over &operator--() { p -= N; return *this; }
  iterator_over operator--(int) { auto old = *this; p -= N; return old; }
  iterator_over &operator+=(int n) { p += n * (int)N; return *this; }
  iterator_over &operator-=(int n) { p -= n * (int)N; return *this; }
  iterator_over operator+(int n) const { return iterator_over(p + n * (int)N); }
  iterator_over operator-(int n) const { return iterator_over(p - n * (int)N); }
  int operator-(const iterator_over &o) const { return (int)(p - o.p) / (int)N; }
  bool operator==(const iterator_over &o) const { return p == o.p; }
  bool operator!=(const iterator_over &o) const { return p != o.p; }
};
template <class T, unsigned N> using vector_iterator = iterator_over<T, N, T *>;
template <class T, unsigned N> using restrict_vector_iterator = iterator_over<T, N, T *__restrict>;
template <class T, unsigned N> class circular_iterator {
 public:
  T *base;
  unsigned length, at;
  vector_ref<T, N> operator*() const { return vector_ref<T, N>(base + at); }
  circular_iterator &operator++() { at += N; at = at >= length ? 0 : at; return *this; }
  circular_iterator operator++(int) { auto old = *this; ++*this; return old; }
};
}  // namespace detail

template <unsigned N, DecoratedElemBaseType T> inline auto begin_vector(T *p) { return detail::vector_iterator<T, N>(p); }
template <unsigned N, DecoratedElemBaseType T> inline auto cbegin_vector(const T *p) { return detail::vector_iterator<const T, N>(p); }
template <unsigned N, DecoratedElemBaseType T> inline auto begin_restrict_vector(T *__restrict p) { return detail::restrict_vector_iterator<T, N>(p); }
template <unsigned N, DecoratedElemBaseType T> inline auto cbegin_restrict_vector(const T *__restrict p) { return detail::restrict_vector_iterator<const T, N>(p); }
template <unsigned N, DecoratedElemBaseType T> inline auto begin_vector_circular(T *p, unsigned n) { return detail::circular_iterator<T, N>{p, n, 0}; }
template <unsigned N, DecoratedElemBaseType T> inline auto begin_vector_random(T *p) { return detail::vector_iterator<T, N>(p); }

}  // namespace aie
