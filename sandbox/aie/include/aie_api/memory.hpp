// Loads and stores.
#pragma once
#include "accum.hpp"

// the banks of the core's memory; where data lies is not chosen here, so that every value means none
enum class aie_dm_resource { none, a, b, c, d, ab, ac, ad, bc, bd, cd, stack };

namespace aie {

namespace detail {
template <class T, unsigned N> inline vector<T, N> load(const void *p) {
  vector<T, N> r;
  if constexpr (r.__bits == 128) r.__d[0] = widen(*(const r128 *)p);
  else if constexpr (r.__bits == 256) r.__d[0] = widen(*(const r256 *)p);
  else each<r.__parts>([&](auto k) { r.__d[k] = ((const r512 *)p)[k]; });
  return r;
}
template <class T, unsigned N> inline void store(void *p, const vector<T, N> &v) {
  if constexpr (vector<T, N>::__bits == 128) *(r128 *)p = quarter(v.__d[0]);
  else if constexpr (vector<T, N>::__bits == 256) *(r256 *)p = lower_half(v.__d[0]);
  else each<vector<T, N>::__parts>([&](auto k) { ((r512 *)p)[k] = v.__d[k]; });
}
template <class T, unsigned N> inline vector<T, N> load_unaligned(const void *p) {
  vector<T, N> r;
  if constexpr (r.__bits == 128) r.__d[0] = widen(*(const u128 *)p);
  else if constexpr (r.__bits == 256) r.__d[0] = widen(*(const u256 *)p);
  else each<r.__parts>([&](auto k) { r.__d[k] = ((const u512 *)p)[k]; });
  return r;
}
template <class T, unsigned N> inline void store_unaligned(void *p, const vector<T, N> &v) {
  if constexpr (vector<T, N>::__bits == 128) *(u128 *)p = quarter(v.__d[0]);
  else if constexpr (vector<T, N>::__bits == 256) *(u256 *)p = lower_half(v.__d[0]);
  else each<vector<T, N>::__parts>([&](auto k) { ((u512 *)p)[k] = v.__d[k]; });
}
template <class T> inline T *rounded_down(T *p, size_t bytes) { return (T *)((uintptr_t)p & ~(bytes - 1)); }
#define __AIE_POWER(n) __attribute__((diagnose_if((n) & ((n) - 1), "the alignment must be a power of two", "error")))
}  // namespace detail

inline constexpr unsigned vector_decl_align = 32;
template <class T, unsigned N> inline constexpr unsigned vector_ldst_align_v = vector<std::remove_const_t<T>, N>::__bits <= 128 ? 16 : 32;
template <class T, unsigned N> inline constexpr unsigned vector_ldst_align_elems_v = vector_ldst_align_v<T, N> / sizeof(T);

#define __AIE_RESOURCE aie_dm_resource = aie_dm_resource::none
template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T> inline vector<T, N> load_v(const T *p) { return detail::load<T, N>(p); }
template <__AIE_RESOURCE, DecoratedElemBaseType T> inline auto load_v(const T *p) { return detail::load<T, native_vector_length_v<T>>(p); }
template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T> inline vector<T, N> load_unaligned_v(const T *p, unsigned n = 1) __AIE_POWER(n) { return detail::load_unaligned<T, N>(p); }
template <__AIE_RESOURCE, DecoratedElemBaseType T> inline auto load_unaligned_v(const T *p, unsigned n = 1) __AIE_POWER(n) { return detail::load_unaligned<T, native_vector_length_v<T>>(p); }
template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T> inline vector<T, N> load_floor_bytes_v(const T *p, size_t bytes) __AIE_POWER(bytes) { return detail::load<T, N>(detail::rounded_down(p, bytes)); }
template <unsigned N, __AIE_RESOURCE, DecoratedElemBaseType T> inline vector<T, N> load_floor_v(const T *p, unsigned n = N) __AIE_POWER(n) { return detail::load<T, N>(detail::rounded_down(p, n * sizeof(T))); }

template <__AIE_RESOURCE, class T, unsigned N> inline T *store_v(T *p, const vector<T, N> &v) { detail::store(p, v); return p; }
template <__AIE_RESOURCE, class T, unsigned N> inline T *store_unaligned_v(T *p, const vector<T, N> &v, unsigned n = 1) __AIE_POWER(n) { detail::store_unaligned(p, v); return p; }
template <__AIE_RESOURCE, class T, unsigned N> inline T *store_floor_bytes_v(T *p, const vector<T, N> &v, size_t bytes) __AIE_POWER(bytes) { detail::store(detail::rounded_down(p, bytes), v); return p; }
template <__AIE_RESOURCE, class T, unsigned N> inline T *store_floor_v(T *p, const vector<T, N> &v, unsigned n = N) __AIE_POWER(n) { detail::store(detail::rounded_down(p, n * sizeof(T)), v); return p; }
#define __AIE_MISSTORE(NAME, ...)                                                                                           \
  template <__AIE_RESOURCE, class T, class U, unsigned N> requires(!std::is_same_v<T, U>) inline T *NAME(T *p, const vector<U, N> &__VA_ARGS__) { \
    static_assert(std::is_same_v<T, std::remove_const_t<T>>, #NAME ": the pointer is to read-only (const) elements");        \
    static_assert(std::is_same_v<T, U>, #NAME ": the vector's element type is not the pointer's");                           \
    return p;                                                                                                                \
  }                                                                                                                          \
  template <__AIE_RESOURCE, class T, class Tag, unsigned N> inline T *NAME(T *p, const accum<Tag, N> &__VA_ARGS__) {         \
    static_assert(!detail::is_acc_tag<Tag>, #NAME ": an accumulator is not a vector: use to_vector<T>(shift)");              \
    return p;                                                                                                                \
  }
__AIE_MISSTORE(store_v)
__AIE_MISSTORE(store_unaligned_v, , unsigned = 1)

template <class T, unsigned N> template <class U> requires(std::is_same_v<U, T>) inline void vector<T, N>::load(const U *p) { *this = detail::load<T, N>(p); }
template <class T, unsigned N> template <class U> requires(std::is_same_v<U, T>) inline void vector<T, N>::store(U *p) const { detail::store(p, *this); }
template <class T, unsigned N> template <class U> requires(std::is_same_v<U, T>) inline void vector<T, N>::load_unaligned(const U *p, unsigned) { *this = detail::load_unaligned<T, N>(p); }
template <class T, unsigned N> template <class U> requires(std::is_same_v<U, T>) inline void vector<T, N>::store_unaligned(U *p, unsigned) const { detail::store_unaligned(p, *this); }

}  // namespace aie
