// Iterators over memory: plain, restrict, unaligned and circular.
#pragma once
#include "memory.hpp"

namespace aie {

// What an iterator gives: the value, and where `*it = v` stores. A named copy is a value only.
template <class T, unsigned N> class vector_ref : public vector<std::remove_const_t<T>, N> {
  using V = vector<std::remove_const_t<T>, N>;
  T *p;
 public:
  vector_ref(T *q) : V(detail::load<std::remove_const_t<T>, N>(q)), p(q) {}
  vector_ref(const vector_ref &) = default;
  void operator=(const V &v) && requires(!__is_const(T)) { detail::store(p, v); }
  void operator=(const vector_ref &o) && requires(!__is_const(T)) { detail::store(p, static_cast<const V &>(o)); }
  vector_ref &operator=(const V &v) & { V::operator=(v); return *this; }
  vector_ref &operator=(const vector_ref &o) & { V::operator=(o); return *this; }
};
template <class T, unsigned N> class unaligned_vector_ref : public vector<std::remove_const_t<T>, N> {
  using V = vector<std::remove_const_t<T>, N>;
  T *p;
 public:
  unaligned_vector_ref(T *q, unsigned = 1) : V(detail::load_unaligned<std::remove_const_t<T>, N>(q)), p(q) {}
  unaligned_vector_ref(const unaligned_vector_ref &) = default;
  void operator=(const V &v) && requires(!__is_const(T)) { detail::store_unaligned(p, v); }
  void operator=(const unaligned_vector_ref &o) && requires(!__is_const(T)) { detail::store_unaligned(p, static_cast<const V &>(o)); }
  unaligned_vector_ref &operator=(const V &v) & { V::operator=(v); return *this; }
  unaligned_vector_ref &operator=(const unaligned_vector_ref &o) & { V::operator=(o); return *this; }
};

namespace detail {
template <class V> struct arrow { V v; V *operator->() { return &v; } };
// `pointer` is T * or T *__restrict: through the latter every access is promised not to touch what
// other pointers touch; REF is what `*it` gives
template <class T, unsigned N, class pointer, class REF> class iterator_over {
  pointer p;
 public:
  using value_type = vector<std::remove_const_t<T>, N>;
  using reference = REF;
  using difference_type = int;
  iterator_over(T *q) : p(q) {}
  REF operator*() const { return REF(p); }
  arrow<REF> operator->() const { return {REF(p)}; }
  REF operator[](int i) const { return REF(p + i * (int)N); }
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
// goes on at the other end of an array of `length` elements, `step` at a time
template <class T, unsigned step, class REF> class circle {
  T *base;
  unsigned length, at;
 public:
  circle(T *b, unsigned n, unsigned i = 0) : base(b), length(n), at(i) {}
  REF operator*() const { return REF(base + at); }
  arrow<REF> operator->() const { return {REF(base + at)}; }
  REF operator[](int n) const { return *(*this + n); }
  circle &operator++() { at += step; at = at >= length ? 0 : at; return *this; }
  circle operator++(int) { auto old = *this; ++*this; return old; }
  circle operator+(int n) const { int i = ((int)at + n * (int)step) % (int)length; return circle(base, length, i < 0 ? i + length : i); }
  circle operator-(int n) const { return *this + -n; }
  circle &operator+=(int n) { return *this = *this + n; }
  circle &operator-=(int n) { return *this = *this + -n; }
  bool operator==(const circle &o) const { return at == o.at; }
  bool operator!=(const circle &o) const { return at != o.at; }
};
// a reference that can be made from a pointer
template <class T> struct item {
  T *p;
  item(T *q) : p(q) {}
  operator T &() const { return *p; }
  T operator=(T x) const { return *p = x; }
};
}  // namespace detail

inline constexpr size_t dynamic_extent = ~(size_t)0;
template <class T, unsigned N, __AIE_RESOURCE> using vector_iterator = detail::iterator_over<T, N, T *, vector_ref<T, N>>;
template <class T, unsigned N, __AIE_RESOURCE> using const_vector_iterator = vector_iterator<const T, N>;
template <class T, unsigned N, __AIE_RESOURCE> using restrict_vector_iterator = detail::iterator_over<T, N, T *__restrict, vector_ref<T, N>>;
template <class T, unsigned N, __AIE_RESOURCE> using const_restrict_vector_iterator = restrict_vector_iterator<const T, N>;
template <class T, unsigned N, __AIE_RESOURCE> using unaligned_vector_iterator = detail::iterator_over<T, N, T *, unaligned_vector_ref<T, N>>;
template <class T, unsigned N, __AIE_RESOURCE> using const_unaligned_vector_iterator = unaligned_vector_iterator<const T, N>;
template <class T, unsigned N, size_t = dynamic_extent, __AIE_RESOURCE> using vector_circular_iterator = detail::circle<T, N, vector_ref<T, N>>;
template <class T, unsigned N, size_t = dynamic_extent, __AIE_RESOURCE> using vector_random_circular_iterator = detail::circle<T, N, vector_ref<T, N>>;
template <class T, size_t = dynamic_extent, __AIE_RESOURCE> using circular_iterator = detail::circle<T, 1, detail::item<T>>;
template <class T, size_t = dynamic_extent, __AIE_RESOURCE> using random_circular_iterator = detail::circle<T, 1, detail::item<T>>;

template <class T> inline T *begin(T *p, size_t) { return p; }
template <class T, unsigned N> inline T *begin(T (&p)[N]) { return p; }
template <class T> inline T *end(T *p, size_t n) { return p + n; }
template <class T, unsigned N> inline T *end(T (&p)[N]) { return p + N; }
template <class T> inline const T *cbegin(const T *p, size_t) { return p; }
template <class T> inline const T *cend(const T *p, size_t n) { return p + n; }
#define __AIE_VECTORS(BEGIN, CBEGIN, ITERATOR, QUALIFIER) \
  template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T> inline ITERATOR<T, N> BEGIN(T *QUALIFIER p) { return ITERATOR<T, N>(p); } \
  template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T> inline ITERATOR<const T, N> CBEGIN(const T *QUALIFIER p) { return ITERATOR<const T, N>(p); }
__AIE_VECTORS(begin_vector, cbegin_vector, vector_iterator, )
__AIE_VECTORS(begin_restrict_vector, cbegin_restrict_vector, restrict_vector_iterator, __restrict)
__AIE_VECTORS(begin_unaligned_vector, cbegin_unaligned_vector, unaligned_vector_iterator, )
#define __AIE_CIRCLES(BEGIN, CBEGIN, ITERATOR) \
  template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T> inline ITERATOR<T, N> BEGIN(T *p, size_t n) { return {p, n}; } \
  template <unsigned N, size_t n, __AIE_RESOURCE, DecoratedElemBaseType T> inline ITERATOR<T, N> BEGIN(T *p) { return {p, n}; } \
  template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T, size_t n> inline ITERATOR<T, N> BEGIN(T (&p)[n]) { return {p, n}; } \
  template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T> inline ITERATOR<const T, N> CBEGIN(const T *p, size_t n) { return {p, n}; } \
  template <unsigned N, size_t n, __AIE_RESOURCE, DecoratedElemBaseType T> inline ITERATOR<const T, N> CBEGIN(const T *p) { return {p, n}; } \
  template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T, size_t n> inline ITERATOR<const T, N> CBEGIN(const T (&p)[n]) { return {p, n}; }
__AIE_CIRCLES(begin_vector_circular, cbegin_vector_circular, vector_circular_iterator)
__AIE_CIRCLES(begin_vector_random_circular, cbegin_vector_random_circular, vector_random_circular_iterator)
#define __AIE_CIRCLE(BEGIN, CBEGIN, ITERATOR) \
  template <__AIE_RESOURCE, class T> inline ITERATOR<T> BEGIN(T *p, size_t n) { return {p, n}; } \
  template <size_t n, __AIE_RESOURCE, class T> inline ITERATOR<T> BEGIN(T *p) { return {p, n}; } \
  template <__AIE_RESOURCE, class T> inline ITERATOR<const T> CBEGIN(const T *p, size_t n) { return {p, n}; } \
  template <size_t n, __AIE_RESOURCE, class T> inline ITERATOR<const T> CBEGIN(const T *p) { return {p, n}; }
__AIE_CIRCLE(begin_circular, cbegin_circular, circular_iterator)
__AIE_CIRCLE(begin_random_circular, cbegin_random_circular, random_circular_iterator)

}  // namespace aie
