// aie::vector and what it shares with aie::accum.
#pragma once
#include <tuple>

#include "mask.hpp"

struct acc32 {};
struct acc64 {};
struct accfloat {};
struct accauto {};
// narrower and odd widths are kept in the next accumulator the core has
using acc16 = acc32;
using acc24 = acc32;
using acc40 = acc64;
using acc48 = acc64;
using acc56 = acc64;

namespace aie {

namespace detail {
template <class T, unsigned> inline constexpr unsigned native_lanes = 512 / bits_of<T>;
template <unsigned N> inline constexpr unsigned native_lanes<acc64, N> = 16;
template <unsigned N> inline constexpr unsigned native_lanes<acc32, N> = 32;
template <unsigned N> inline constexpr unsigned native_lanes<accfloat, N> = 32;
}  // namespace detail
template <class T> inline constexpr unsigned native_vector_length_v = detail::native_lanes<T, 0>;

template <class T, unsigned N = native_vector_length_v<T>> class vector;
template <class Tag, unsigned N> class accum;
template <class T, unsigned N> class vector_ref;
template <class T, unsigned N> class unaligned_vector_ref;
template <class T, unsigned N> class vector_elem_ref;
template <class T, unsigned N> class vector_elem_const_ref;

namespace detail {
template <class A> inline constexpr bool is_vector = false;
template <class T, unsigned N> inline constexpr bool is_vector<vector<T, N>> = true;
template <class T, unsigned N> inline constexpr bool is_vector<vector_ref<T, N>> = true;
template <class T, unsigned N> inline constexpr bool is_vector<unaligned_vector_ref<T, N>> = true;
// the vector type behind what an iterator gives
template <class A> struct value_of { using type = A; };
template <class T, unsigned N> struct value_of<vector_ref<T, N>> { using type = vector<std::remove_const_t<T>, N>; };
template <class T, unsigned N> struct value_of<unaligned_vector_ref<T, N>> { using type = vector<std::remove_const_t<T>, N>; };
template <class A> using value_t = typename value_of<A>::type;
template <class A> inline constexpr bool is_accum = false;
template <class T, unsigned N> inline constexpr bool is_accum<accum<T, N>> = true;
template <class Tag> inline constexpr unsigned acc_bits = std::is_same_v<Tag, acc64> ? 64 : 32;
template <class Tag> inline constexpr bool is_acc_tag = std::is_same_v<Tag, acc32> || std::is_same_v<Tag, acc64> || std::is_same_v<Tag, accfloat>;
template <class Tag, class T> inline constexpr bool holds_floats = std::is_same_v<Tag, accfloat> && floating<T>;
template <unsigned BITS> constexpr unsigned registers = BITS <= 512 ? 1 : BITS / 512;
// an element, or a reference to one of a vector
template <class A> struct plain { using type = A; };
template <class T, unsigned N> struct plain<vector_elem_ref<T, N>> { using type = T; };
template <class T, unsigned N> struct plain<vector_elem_const_ref<T, N>> { using type = T; };
template <class A> using plain_t = typename plain<A>::type;
template <class A> inline constexpr bool is_elem_ref = !std::is_same_v<plain_t<A>, A>;
// a vector type of the compiler, of elements E
template <class V, class E, unsigned BITS> concept native = BITS <= 1024 && sizeof(V) * 8 == BITS && !__is_class(V) && !__is_pointer(V) && !__is_array(V) && requires(V v) {
  v[0];
  requires std::is_same_v<std::remove_cvref_t<decltype(v[0])>, E>;
};

// part `i` of `n` equal parts of a register file slice; a part is 128, 256 or a multiple of 512 bits
template <unsigned BITS, class R, class S> inline void get_part(R &to, const S &from, unsigned i) {
  if constexpr (BITS >= 512) each<BITS / 512>([&](auto k) { to.__d[k] = from.__d[i * (BITS / 512) + k]; });
  else {
    constexpr unsigned n = 512 / BITS;
    __aie_v16 x = from.__d[i / n];
    if constexpr (BITS == 256) to.__d[0] = i % 2 ? upper_down(x) : x;
    else to.__d[0] = i % 4 ? __aie_vget_q128(x, i % 4) : x;
  }
}
template <unsigned BITS, class R, class S> inline void set_part(R &to, const S &from, unsigned i) {
  if constexpr (BITS >= 512) each<BITS / 512>([&](auto k) { to.__d[i * (BITS / 512) + k] = from.__d[k]; });
  else if constexpr (R::__bits == BITS && R::__bits < 512) to.__d[0] = __aie_v16(from.__d[0]);
  else {
    constexpr unsigned n = 512 / BITS;
    __aie_v16 x = from.__d[0], all = to.__d[i / n];
    if constexpr (BITS == 256) to.__d[i / n] = i % 2 ? join(all, x) : __builtin_shufflevector(x, all, 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
    else to.__d[i / n] = __aie_vset_q128(all, x, i % 4);
  }
}
// registers as one value of the compiler's vector type V, and back
template <class V, unsigned BITS, class R> inline V to_native(const R &r) {
  if constexpr (BITS == 128) return __builtin_bit_cast(V, quarter(r.__d[0]));
  else if constexpr (BITS == 256) return __builtin_bit_cast(V, lower_half(r.__d[0]));
  else if constexpr (BITS == 512) return __builtin_bit_cast(V, __aie_v16(r.__d[0]));
  else return __builtin_bit_cast(V, __builtin_shufflevector(r.__d[0], r.__d[1], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31));
}
template <unsigned BITS, class R, class V> inline void from_native(R &r, V v) {
  if constexpr (BITS == 128) r.__d[0] = widen(__builtin_bit_cast(__aie_v4, v));
  else if constexpr (BITS == 256) r.__d[0] = widen(__builtin_bit_cast(__aie_v8, v));
  else if constexpr (BITS == 512) r.__d[0] = __builtin_bit_cast(__aie_v16, v);
  else { auto w = __builtin_bit_cast(__aie_v32, v); r.__d[0] = low(w); r.__d[1] = high(w); }
}
template <class T, unsigned N> struct native_vector { using type __attribute__((vector_size(sizeof(T) * N), aligned(sizeof(T) * N < 32 ? sizeof(T) * N : 32), may_alias)) = T; };
template <unsigned M, class V> inline auto split_into(const V &v) {
  return [&]<size_t... i>(std::index_sequence<i...>) { return std::make_tuple(v.template extract<M>(i)...); }(std::make_index_sequence<V::size() / M>{});
}
}  // namespace detail

// What the functions of the API ask of their arguments.
template <class T> concept ElemBaseType = detail::is_element<T>;
template <class T> concept DecoratedElemBaseType = detail::is_element<std::remove_const_t<T>>;
template <class A> concept AccumElemBaseType = detail::is_acc_tag<A>;
template <class A> concept Vector = detail::is_vector<A>;
template <class A> concept Accum = detail::is_accum<A>;
template <class A> concept Elem = detail::is_element<detail::plain_t<A>>;

// One element of a vector, read or written through operator[].
template <class T, unsigned N> class vector_elem_const_ref {
 public:
  using value_type = T;
  using vector_type = vector<T, N>;
  const vector_type &parent;
  unsigned offset;
  operator T() const { return parent.get(offset); }
  T get() const { return parent.get(offset); }
};
template <class T, unsigned N> class vector_elem_ref {
 public:
  using value_type = T;
  using vector_type = vector<T, N>;
  vector_type &parent;
  unsigned offset;
  operator T() const { return parent.get(offset); }
  operator vector_elem_const_ref<T, N>() const { return {parent, offset}; }
  T get() const { return parent.get(offset); }
  vector_elem_ref &operator=(T x) { parent.set(x, offset); return *this; }
  vector_elem_ref &operator=(const vector_elem_ref &o) { parent.set(o.get(), offset); return *this; }
  vector_elem_ref &operator=(const vector_elem_const_ref<T, N> &o) { parent.set(o.get(), offset); return *this; }
};

template <class T, unsigned N> class vector {
  static_assert(detail::is_element<T>, "vector: unsupported element type (int8, uint8, int16, uint16, int32, uint32, bfloat16, float)");
  static_assert(detail::power_of_two(N), "vector size must be a power of two");
  static_assert(detail::is_element<T> && detail::bits_of<T> * N >= 128, "vector size too small: a vector has at least 128 bits");
  static_assert(detail::bits_of<T> * N <= 8192, "vector size too large");
 public:
  using value_type = T;
  using native_type = typename detail::native_vector<T, N>::type;
  using storage_t = native_type;
  static constexpr unsigned __bits = detail::bits_of<T> * N, __parts = detail::registers<__bits>;
  static constexpr unsigned __lanes = N < 512 / detail::bits_of<T> ? N : 512 / detail::bits_of<T>;  // per register
  typename detail::register_for<__bits>::type __d[__parts];

  vector() = default;
  // elements one by one; those after the last are not set
  template <class... S> requires((std::is_arithmetic_v<detail::plain_t<S>> || std::is_same_v<detail::plain_t<S>, bfloat16>) && ...) explicit vector(S... values) {
    static_assert(sizeof...(S) <= N, "vector: a list of more elements than the vector has");
    static_assert(sizeof...(S) > 1, "vector: one value sets the first element only; use broadcast<T, N>(value) for all");
    unsigned i = 0;
    (set((T)values, i++), ...);
  }
  template <class V> requires(detail::native<V, T, __bits>) vector(V v) { detail::from_native<__bits>(*this, v); }
  template <class U, unsigned M> requires(!(std::is_same_v<U, T> && M == N)) vector(const vector<U, M> &) {
    static_assert(M == N, "vectors have different sizes (number of elements)");
    static_assert(std::is_same_v<U, T>, "vectors have different element types; use cast_to, pack, unpack or an accumulator");
  }
  // only accumulators of floats convert by themselves
  template <class Tag, unsigned M> vector(const accum<Tag, M> &a) {
    static_assert(detail::holds_floats<Tag, T>, "an accumulator is not a vector: use to_vector<T>(shift)");
    static_assert(M == N, "accumulator and vector have different sizes (number of elements)");
    *this = a.template to_vector<T>();
  }

  static constexpr unsigned size() { return N; }
  static constexpr unsigned type_bits() { return detail::bits_of<T>; }
  static constexpr unsigned bits() { return __bits; }
  static constexpr unsigned bytes() { return __bits / 8; }
  static constexpr bool is_signed() { return detail::is_signed<T>; }
  static constexpr bool is_floating_point() { return detail::floating<T>; }
  static constexpr bool is_integral() { return !detail::floating<T>; }
  static constexpr bool is_complex() { return false; }
  static constexpr bool is_real() { return true; }

  T get(unsigned i) const __AIE_INDEX(i, N, "vector: element index out of range") {
    using namespace detail;
    return from_bits<T>(__AIE_BY_WIDTH(vextract, T, __d[i / __lanes], (int)(i % __lanes)));
  }
  void set(T x, unsigned i) __AIE_INDEX(i, N, "vector: element index out of range") {
    using namespace detail;
    __d[i / __lanes] = __AIE_BY_WIDTH(vinsert, T, __d[i / __lanes], (int)(i % __lanes), to_bits(x));
  }
  vector_elem_const_ref<T, N> operator[](unsigned i) const __AIE_INDEX(i, N, "vector: element index out of range") { return {*this, i}; }
  vector_elem_ref<T, N> operator[](unsigned i) __AIE_INDEX(i, N, "vector: element index out of range") { return {*this, i}; }
  vector_elem_const_ref<T, N> elem_ref(unsigned i) const { return {*this, i}; }
  vector_elem_ref<T, N> elem_ref(unsigned i) { return {*this, i}; }
  vector_elem_const_ref<T, N> elem_const_ref(unsigned i) const { return {*this, i}; }
  // shifts all elements one up and puts x first
  vector &push(T x) {
    using namespace detail;
    constexpr unsigned bytes = bits_of<T> / 8;
    for (unsigned i = __parts - 1; i > 0; i--) __d[i] = __aie_vshift(__d[i - 1], __d[i], 64 - bytes);
    __d[0] = __aie_vshift(__d[0], __d[0], 64 - bytes);
    set(x, 0);
    return *this;
  }
  template <unsigned M> vector<T, M> extract(unsigned i) const __AIE_INDEX(i, M < N ? N / M : 1, "extract: part index out of range") {
    static_assert(M <= N, "extract: the part is larger than the vector");
    vector<T, M> r;
    detail::get_part<vector<T, M>::__bits>(r, *this, i);
    return r;
  }
  template <unsigned M> vector &insert(unsigned i, const vector<T, M> &v) __AIE_INDEX(i, M < N ? N / M : 1, "insert: part index out of range") {
    static_assert(M <= N, "insert: the part is larger than the vector");
    detail::set_part<vector<T, M>::__bits>(*this, v, i);
    return *this;
  }
  template <class V> requires(detail::native<V, T, sizeof(V) * 8>) vector &insert(unsigned i, V v) { return insert(i, vector<T, sizeof(V) / sizeof(T)>(v)); }
  template <class V, class... W> vector &upd_all(const V &first, const W &...rest) {
    static_assert(V::size() * (1 + sizeof...(W)) == N, "upd_all: the parts do not fill the vector");
    unsigned i = 0;
    insert(i++, first);
    (insert(i++, rest), ...);
    return *this;
  }
  template <unsigned M> vector<T, M> grow(unsigned i = 0) const {
    static_assert(M >= N, "grow: the result is smaller than the vector");
    vector<T, M> r;
    detail::each<vector<T, M>::__parts>([&](auto k) { r.__d[k] = __d[0]; });
    r.template insert<N>(i, *this);
    return r;
  }
  template <unsigned M> vector<T, M> grow_replicate() const {
    static_assert(M >= N, "grow_replicate: the result is smaller than the vector");
    vector<T, M> r;
    detail::each<M / N>([&](auto k) { r.template insert<N>(k, *this); });
    return r;
  }
  template <unsigned M> vector<T, M> grow_extract(unsigned i) const {
    if constexpr (M > N) return grow<M>();
    else return extract<M>(i);
  }
  // all parts of M elements, as a tuple
  template <unsigned M> auto split() const {
    static_assert(M <= N, "split: the parts are larger than the vector");
    return detail::split_into<M>(*this);
  }
  template <class U> auto cast_to() const {
    static_assert(detail::is_element<U>, "cast_to: unsupported element type");
    vector<U, __bits / detail::bits_of<U>> r;
    detail::each<__parts>([&](auto k) { r.__d[k] = __d[k]; });
    return r;
  }
  template <class U = void> auto unpack() const;
  template <class U = void> auto pack() const;
  template <class U = void> auto unpack_sign(bool) const;
  template <class U = void> auto pack_sign(bool) const;
  template <class U> requires(std::is_same_v<U, T>) void load(const U *p);
  template <class U> requires(std::is_same_v<U, T>) void store(U *p) const;
  template <class U> requires(std::is_same_v<U, T>) void load_unaligned(const U *p, unsigned = 1);
  template <class U> requires(std::is_same_v<U, T>) void store_unaligned(U *p, unsigned = 1) const;
  native_type to_native() const { return detail::to_native<native_type, __bits>(*this); }
  template <class V> requires(detail::native<V, T, __bits>) operator V() const { return detail::to_native<V, __bits>(*this); }
};
template <class V> requires(!__is_class(V)) vector(V) -> vector<std::remove_cvref_t<decltype(V{}[0])>, sizeof(V) / sizeof(V{}[0])>;

}  // namespace aie
