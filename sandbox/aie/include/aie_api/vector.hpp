// aie::vector, aie::mask, aie::accum.
#pragma once
#include "types.hpp"

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

template <class T, unsigned N> class vector;
template <class Tag, unsigned N> class accum;
template <unsigned N> class mask;

namespace detail {
template <class T, unsigned N> class vector_ref;
template <class A> inline constexpr bool is_vector = false;
template <class T, unsigned N> inline constexpr bool is_vector<vector<T, N>> = true;
template <class T, unsigned N> inline constexpr bool is_vector<vector_ref<T, N>> = true;
// the vector type behind what an iterator gives
template <class A> struct value_of { using type = A; };
template <class T, unsigned N> struct value_of<vector_ref<T, N>> { using type = vector<std::remove_const_t<T>, N>; };
template <class A> using value_t = typename value_of<A>::type;
template <class A> inline constexpr bool is_accum = false;
template <class T, unsigned N> inline constexpr bool is_accum<accum<T, N>> = true;
template <class Tag> inline constexpr unsigned acc_bits = std::is_same_v<Tag, acc64> ? 64 : 32;
template <class Tag> inline constexpr bool is_acc_tag = std::is_same_v<Tag, acc32> || std::is_same_v<Tag, acc64> || std::is_same_v<Tag, accfloat>;
template <class A> inline constexpr bool is_mask = false;
template <unsigned N> inline constexpr bool is_mask<mask<N>> = true;
template <unsigned BITS> constexpr unsigned registers = BITS <= 512 ? 1 : BITS / 512;

// low `n` bits, for masks
constexpr __aie_mask ones(unsigned n) { return n >= 64 ? ~0ull : (1ull << n) - 1; }

// part `i` of `n` equal parts of a register file slice; a part is 128, 256 or a multiple of 512 bits
template <unsigned BITS, class R, class S> inline void get_part(R *to, const S *from, unsigned i) {
  if constexpr (BITS >= 512) each<BITS / 512>([&](auto k) { to[k] = from[i * (BITS / 512) + k]; });
  else {
    constexpr unsigned n = 512 / BITS;
    __aie_v16 x = from[i / n];
    if constexpr (BITS == 256) to[0] = i % 2 ? upper_down(x) : x;
    else to[0] = i % 4 ? __aie_vget_q128(x, i % 4) : x;
  }
}
template <unsigned BITS, class R, class S> inline void set_part(R *to, const S *from, unsigned i) {
  if constexpr (BITS >= 512) each<BITS / 512>([&](auto k) { to[i * (BITS / 512) + k] = from[k]; });
  else if constexpr (sizeof(R) * 8 == BITS) to[0] = __aie_v16(from[0]);
  else {
    constexpr unsigned n = 512 / BITS;
    __aie_v16 x = from[0], all = to[i / n];
    if constexpr (BITS == 256) to[i / n] = i % 2 ? join(all, x) : __builtin_shufflevector(x, all, 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
    else to[i / n] = __aie_vset_q128(all, x, i % 4);
  }
}
// an error where index `i` is known to the compiler and not below `n`
#define __AIE_INDEX(i, n, text) __attribute__((diagnose_if((i) >= (n), text, "error")))
}  // namespace detail

// What the functions of the API ask of their arguments.
template <class T> concept ElemBaseType = detail::is_element<T>;
template <class T> concept DecoratedElemBaseType = detail::is_element<std::remove_const_t<T>>;
template <class A> concept AccumElemBaseType = detail::is_acc_tag<A>;
template <class A> concept Vector = detail::is_vector<A>;
template <class A> concept Accum = detail::is_accum<A>;
template <class A> concept Mask = detail::is_mask<A>;

template <unsigned N> class mask {
  static_assert(detail::power_of_two(N), "mask size must be a power of two");
 public:
  static constexpr unsigned words = N <= 64 ? 1 : N / 64;
  __aie_mask bits[words];
  mask() = default;
  explicit mask(bool all) { if (all) set(); else clear(); }
  template <class U, class... W> requires(std::is_integral_v<U> && !std::is_same_v<U, bool>) explicit mask(U first, W... rest) { *this = from_uint32((unsigned)first, (unsigned)rest...); }
  static constexpr unsigned size() { return N; }
  static mask from_uint64(unsigned long long b) { mask m{}; m.bits[0] = b & detail::ones(N); return m; }
  static mask from_uint32(unsigned b) { return from_uint64(b); }
  template <class... U> static mask from_uint32(unsigned a, unsigned b, U... rest) {
    unsigned all[] = {a, b, (unsigned)rest...};
    mask m{};
    for (unsigned i = 0; i < sizeof(all) / 4 && i < (N + 31) / 32; i++) m.bits[i / 2] |= (unsigned long long)all[i] << i % 2 * 32;
    for (auto &w : m.bits) w &= detail::ones(N);
    return m;
  }
  unsigned long long to_uint64() const { return bits[0] & detail::ones(N); }
  unsigned to_uint32() const { return (unsigned)to_uint64(); }
  bool test(unsigned i) const { return bits[i / 64] >> (i % 64) & 1; }
  bool operator[](unsigned i) const { return test(i); }
  void set(unsigned i) { bits[i / 64] |= 1ull << (i % 64); }
  void set() { for (auto &b : bits) b = detail::ones(N); }
  void clear(unsigned i) { bits[i / 64] &= ~(1ull << (i % 64)); }
  void clear() { for (auto &b : bits) b = 0; }
  void toggle(unsigned i) { bits[i / 64] ^= 1ull << (i % 64); }
  void toggle() { *this = ~*this; }
  unsigned count() const { unsigned n = 0; for (auto b : bits) n += __builtin_popcountll(b & detail::ones(N)); return n; }
  bool empty() const { return count() == 0; }
  bool full() const { return count() == N; }
  unsigned clz() const { unsigned n = 0; for (unsigned i = N; i-- > 0 && !test(i);) n++; return n; }
  mask operator&(const mask &o) const { mask m; for (unsigned i = 0; i < words; i++) m.bits[i] = bits[i] & o.bits[i]; return m; }
  mask operator|(const mask &o) const { mask m; for (unsigned i = 0; i < words; i++) m.bits[i] = bits[i] | o.bits[i]; return m; }
  mask operator^(const mask &o) const { mask m; for (unsigned i = 0; i < words; i++) m.bits[i] = bits[i] ^ o.bits[i]; return m; }
  mask operator~() const { mask m; for (unsigned i = 0; i < words; i++) m.bits[i] = ~bits[i] & detail::ones(N); return m; }
  mask &operator&=(const mask &o) { return *this = *this & o; }
  mask &operator|=(const mask &o) { return *this = *this | o; }
  mask &operator^=(const mask &o) { return *this = *this ^ o; }
  mask operator<<(unsigned n) const {
    mask m;
    for (unsigned i = 0; i < words; i++) {
      int from = (int)i - (int)(n / 64);
      m.bits[i] = ((from >= 0 ? bits[from] << n % 64 : 0) | (from > 0 && n % 64 ? bits[from - 1] >> (64 - n % 64) : 0)) & detail::ones(N);
    }
    return m;
  }
  mask operator>>(unsigned n) const {
    mask m;
    for (unsigned i = 0; i < words; i++) {
      unsigned from = i + n / 64;
      m.bits[i] = (from < words ? (bits[from] & detail::ones(N)) >> n % 64 : 0) | (from + 1 < words && n % 64 ? bits[from + 1] << (64 - n % 64) : 0);
    }
    return m;
  }
  mask &operator<<=(unsigned n) { return *this = *this << n; }
  mask &operator>>=(unsigned n) { return *this = *this >> n; }
  bool operator==(const mask &o) const { return (*this ^ o).empty(); }
  template <unsigned M> mask<M> extract(unsigned i) const { return mask<M>::from_uint64(bits[i * M / 64] >> (i * M % 64)); }
  template <unsigned M> mask &insert(unsigned i, const mask<M> &m) {
    auto at = i * M % 64;
    bits[i * M / 64] = (bits[i * M / 64] & ~(detail::ones(M) << at)) | (m.to_uint64() << at);
    return *this;
  }
};

// One element of a vector, read or written through operator[].
template <class T, unsigned N> class vector_elem_ref {
 public:
  vector<T, N> &parent;
  unsigned index;
  operator T() const { return parent.get(index); }
  T get() const { return parent.get(index); }
  vector_elem_ref &operator=(T x) { parent.set(x, index); return *this; }
  vector_elem_ref &operator=(const vector_elem_ref &o) { parent.set(o.get(), index); return *this; }
  vector_elem_ref &operator+=(T x) { return *this = T(get() + x); }
  vector_elem_ref &operator-=(T x) { return *this = T(get() - x); }
  vector_elem_ref &operator*=(T x) { return *this = T(get() * x); }
};

template <class T, unsigned N> class vector {
  static_assert(detail::is_element<T>, "vector: unsupported element type on AIE2 (not an ElemBaseType)");
  static_assert(detail::power_of_two(N), "vector size must be a power of two");
  static_assert(detail::is_element<T> && detail::bits_of<T> * N >= 128, "vector size too small: a vector has at least 128 bits");
  static_assert(detail::is_element<T> && detail::bits_of<T> * N <= 4096, "vector size too large");
 public:
  using value_type = T;
  static constexpr unsigned bits = detail::bits_of<T> * N, parts = detail::registers<bits>;
  static constexpr unsigned lanes = N < 512 / detail::bits_of<T> ? N : 512 / detail::bits_of<T>;  // per register
  typename detail::register_for<bits>::type d[parts];

  vector() = default;
  // all elements, one by one
  template <class... S> requires(sizeof...(S) == N && N > 1 && ((std::is_arithmetic_v<S> || std::is_same_v<S, bfloat16>) && ...)) explicit vector(S... values) {
    unsigned i = 0;
    (set((T)values, i++), ...);
  }
  // a native vector type of the same size
  template <class V> requires(!detail::is_vector<V> && !std::is_arithmetic_v<V> && sizeof(V) * 8 == bits && __is_trivially_copyable(V) && requires(V v) { v[0]; } && !detail::is_accum<V>)
  vector(V v) {
    if constexpr (bits == 128) d[0] = detail::widen(__builtin_bit_cast(__aie_v4, v));
    else if constexpr (bits == 256) d[0] = detail::widen(__builtin_bit_cast(__aie_v8, v));
    else if constexpr (bits == 512) d[0] = __builtin_bit_cast(__aie_v16, v);
    else { auto w = __builtin_bit_cast(__aie_v32, v); d[0] = detail::low(w); d[1] = detail::high(w); }
  }
  template <class U, unsigned M> requires(!(std::is_same_v<U, T> && M == N)) vector(const vector<U, M> &) {
    static_assert(M == N, "vectors have different sizes (number of elements)");
    static_assert(std::is_same_v<U, T>, "vectors have different element types; use cast_to, pack, unpack or an accumulator");
  }
  template <class Tag, unsigned M> vector(const accum<Tag, M> &) {
    static_assert(!detail::is_acc_tag<Tag>, "an accumulator is not a vector: use to_vector<T>(shift)");
  }

  static constexpr unsigned size() { return N; }
  static constexpr unsigned type_bits() { return detail::bits_of<T>; }
  static constexpr unsigned bits_size() { return bits; }
  static constexpr bool is_signed() { return detail::is_signed<T>; }
  static constexpr bool is_floating_point() { return detail::floating<T>; }

  T get(unsigned i) const __AIE_INDEX(i, N, "vector: element index out of range") {
    using namespace detail;
    return from_bits<T>(__AIE_BY_WIDTH(vextract, T, d[i / lanes], (int)(i % lanes)));
  }
  void set(T x, unsigned i) __AIE_INDEX(i, N, "vector: element index out of range") {
    using namespace detail;
    d[i / lanes] = __AIE_BY_WIDTH(vinsert, T, d[i / lanes], (int)(i % lanes), to_bits(x));
  }
  T operator[](unsigned i) const __AIE_INDEX(i, N, "vector: element index out of range") { return get(i); }
  vector_elem_ref<T, N> operator[](unsigned i) __AIE_INDEX(i, N, "vector: element index out of range") { return {*this, i}; }
  vector_elem_ref<T, N> elem_ref(unsigned i) { return {*this, i}; }
  // shifts all elements one up and puts x first
  vector &push(T x) {
    using namespace detail;
    constexpr unsigned bytes = bits_of<T> / 8;
    for (unsigned i = parts - 1; i > 0; i--) d[i] = __aie_vshift(d[i - 1], d[i], 64 - bytes);
    d[0] = __aie_vshift(d[0], d[0], 64 - bytes);
    set(x, 0);
    return *this;
  }
  template <unsigned M> vector<T, M> extract(unsigned i) const __AIE_INDEX(i, M < N ? N / M : 1, "extract: part index out of range") {
    static_assert(M <= N, "extract: the part is larger than the vector");
    vector<T, M> r;
    detail::get_part<vector<T, M>::bits>(r.d, d, i);
    return r;
  }
  template <unsigned M> vector &insert(unsigned i, const vector<T, M> &v) __AIE_INDEX(i, M < N ? N / M : 1, "insert: part index out of range") {
    static_assert(M <= N, "insert: the part is larger than the vector");
    detail::set_part<vector<T, M>::bits>(d, v.d, i);
    return *this;
  }
  template <unsigned M> vector<T, M> grow(unsigned i = 0) const {
    static_assert(M >= N, "grow: the result is smaller than the vector");
    vector<T, M> r;
    detail::each<vector<T, M>::parts>([&](auto k) { r.d[k] = d[0]; });
    r.template insert<N>(i, *this);
    return r;
  }
  template <unsigned M> vector<T, M> grow_replicate() const {
    vector<T, M> r;
    detail::each<M / N>([&](auto k) { r.template insert<N>(k, *this); });
    return r;
  }
  template <unsigned P> auto split() const {
    struct { vector<T, N / P> v[P]; auto &operator[](unsigned i) { return v[i]; } } r;
    detail::each<P>([&](auto k) { r.v[k] = extract<N / P>(k); });
    return r;
  }
  template <class U> vector<U, bits / detail::bits_of<U>> cast_to() const {
    vector<U, bits / detail::bits_of<U>> r;
    detail::each<parts>([&](auto k) { r.d[k] = d[k]; });
    return r;
  }
  template <class U> auto unpack_to() const;
  auto unpack() const;
  template <class U> auto pack_to() const;
  auto pack() const;
  void load(const T *p);
  void store(T *p) const;

  template <class V> requires(sizeof(V) * 8 == bits && !detail::is_vector<V> && !std::is_arithmetic_v<V> && !detail::is_accum<V> && requires(V v) { v[0]; } && __is_trivially_copyable(V))
  operator V() const {
    if constexpr (bits == 128) return __builtin_bit_cast(V, detail::quarter(d[0]));
    else if constexpr (bits == 256) return __builtin_bit_cast(V, detail::lower_half(d[0]));
    else if constexpr (bits == 512) return __builtin_bit_cast(V, d[0]);
    else return __builtin_bit_cast(V, __builtin_shufflevector(d[0], d[1], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31));
  }
};

template <class Tag, unsigned N> class accum {
  static_assert(detail::is_acc_tag<Tag>, "accum: the tag is acc32, acc64 or accfloat");
  static_assert(detail::power_of_two(N), "accum size must be a power of two");
  static_assert(detail::acc_bits<Tag> * N >= 128, "accum size too small");
  static_assert(detail::acc_bits<Tag> * N <= 8192, "accum size too large");
 public:
  using class_type = Tag;
  static constexpr unsigned bits = detail::acc_bits<Tag> * N, parts = detail::registers<bits>;
  __aie_v16 d[parts];
  accum() = default;
  template <class T> accum(const vector<T, N> &v, int shift = 0) {
    static_assert(std::is_same_v<Tag, accfloat> == detail::floating<T>, "accfloat is made from bfloat16 or float vectors, acc32 and acc64 from integer vectors");
    from_vector(v, shift);
  }
  template <class T, unsigned M> requires(M != N) accum(const vector<T, M> &, int = 0) {
    static_assert(M == N, "accumulator and vector have different sizes (number of elements)");
  }
  template <class V> requires(sizeof(V) * 8 == bits && !detail::is_vector<V> && !detail::is_accum<V> && !std::is_arithmetic_v<V> && __is_trivially_copyable(V) && requires(V v) { v[0]; })
  accum(V v) {
    if constexpr (bits == 256) d[0] = detail::widen(__builtin_bit_cast(__aie_v8, v));
    else if constexpr (bits == 512) d[0] = __builtin_bit_cast(__aie_v16, v);
    else { auto w = __builtin_bit_cast(__aie_v32, v); d[0] = detail::low(w); d[1] = detail::high(w); }
  }
  template <class U, unsigned M> requires(!(std::is_same_v<U, Tag> && M == N)) accum(const accum<U, M> &) {
    static_assert(M == N, "accumulators have different sizes (number of elements)");
    static_assert(std::is_same_v<U, Tag>, "accumulators have different types (acc32, acc64, accfloat)");
  }
  static constexpr unsigned size() { return N; }
  static constexpr unsigned value_bits() { return detail::acc_bits<Tag>; }
  template <class T> void from_vector(const vector<T, N> &v, int shift = 0);
  template <class T, unsigned M> requires(M != N) void from_vector(const vector<T, M> &, int = 0) {
    static_assert(M == N, "accumulator and vector have different sizes (number of elements)");
  }
  template <class T> vector<T, N> to_vector(int shift = 0) const;
  template <class T> vector<T, N> to_vector_sign(bool, int shift = 0) const { return to_vector<T>(shift); }
  template <unsigned M> accum<Tag, M> extract(unsigned i) const __AIE_INDEX(i, M < N ? N / M : 1, "extract: part index out of range") {
    static_assert(M <= N, "extract: the part is larger than the accumulator");
    accum<Tag, M> r;
    detail::get_part<accum<Tag, M>::bits>(r.d, d, i);
    return r;
  }
  template <unsigned M> accum &insert(unsigned i, const accum<Tag, M> &a) __AIE_INDEX(i, M < N ? N / M : 1, "insert: part index out of range") {
    static_assert(M <= N, "insert: the part is larger than the accumulator");
    detail::set_part<accum<Tag, M>::bits>(d, a.d, i);
    return *this;
  }
  template <unsigned M> accum<Tag, M> grow(unsigned i = 0) const {
    accum<Tag, M> r;
    detail::each<accum<Tag, M>::parts>([&](auto k) { r.d[k] = d[0]; });
    r.template insert<N>(i, *this);
    return r;
  }
  template <class U> accum<U, bits / detail::acc_bits<U>> cast_to() const {
    accum<U, bits / detail::acc_bits<U>> r;
    detail::each<parts>([&](auto k) { r.d[k] = d[k]; });
    return r;
  }
  template <class V> requires(sizeof(V) * 8 == bits && !detail::is_vector<V> && !detail::is_accum<V> && !std::is_arithmetic_v<V> && requires(V v) { v[0]; } && __is_trivially_copyable(V))
  operator V() const {
    if constexpr (bits == 256) return __builtin_bit_cast(V, detail::lower_half(d[0]));
    else if constexpr (bits == 512) return __builtin_bit_cast(V, d[0]);
    else return __builtin_bit_cast(V, __builtin_shufflevector(d[0], d[1], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31));
  }
};

}  // namespace aie
