// aie::mmul: C (m x n) += A (m x k) * B (k x n), all row by row.
#pragma once
#include "shuffle.hpp"

namespace aie {

namespace detail {
// element types as numbers: bits of an integer, apart for floating point
template <class T> inline constexpr unsigned kind_of = floating<T> ? 1000 + bits_of<T> : bits_of<T>;
inline constexpr unsigned BF = 1016, FP = 1032;
struct shape { unsigned m, k, n, a, b; };
constexpr bool operator==(shape x, shape y) { return x.m == y.m && x.k == y.k && x.n == y.n && x.a == y.a && x.b == y.b; }
// the shapes of dense matrices that the API has for this core (UG1529 and the headers since 2024; 4x16x8 of bfloat16 is for a
// sparse B only)
constexpr bool listed(shape s) {
  constexpr shape all[] = {
    {4, 8, 4, 8, 8}, {4, 16, 4, 8, 8}, {8, 8, 4, 8, 8}, {2, 8, 8, 8, 8}, {4, 8, 8, 8, 8}, {8, 8, 8, 8, 8}, {1, 16, 8, 8, 8}, {2, 16, 8, 8, 8}, {4, 16, 8, 8, 8},
    {4, 4, 4, 16, 8}, {8, 4, 4, 16, 8}, {4, 8, 4, 16, 8}, {4, 4, 8, 16, 8}, {8, 4, 8, 16, 8}, {2, 8, 8, 16, 8}, {4, 4, 8, 8, 16}, {4, 4, 4, 8, 16},
    {4, 4, 4, 16, 16}, {2, 4, 8, 16, 16}, {4, 4, 8, 16, 16}, {4, 2, 8, 16, 16}, {8, 2, 8, 16, 16}, {8, 1, 8, 16, 16},
    {2, 4, 8, 32, 16}, {4, 4, 8, 32, 16}, {4, 4, 4, 32, 16}, {4, 2, 4, 32, 16}, {4, 1, 8, 32, 16}, {2, 4, 8, 16, 32}, {4, 4, 4, 16, 32},
    {4, 2, 4, 32, 32}, {4, 4, 4, 32, 32}, {8, 2, 4, 32, 32}, {4, 1, 8, 32, 32}, {8, 1, 8, 32, 32},
    {4, 8, 4, BF, BF}, {8, 8, 4, BF, BF}, {4, 8, 8, BF, BF}, {8, 8, 8, BF, BF}, {8, 1, 8, BF, BF}, {4, 8, 4, FP, FP}, {4, 1, 4, FP, FP}, {4, 1, 8, FP, FP}};
  for (auto x : all) if (x == s) return true;
  return false;
}
// how a shape is made: halves of one dimension, one dimension doubled, or one operation
enum class plan { none, native, rows, depth, columns, more_rows, more_depth, more_columns, widen, outer };
constexpr plan plan_of(shape s) {
  struct row { shape s; plan p; };
  constexpr row all[] = {
    {{4, 8, 8, 8, 8}, plan::native}, {{4, 4, 8, 16, 8}, plan::native}, {{4, 8, 4, 16, 8}, plan::native}, {{2, 8, 8, 16, 8}, plan::native},
    {{4, 2, 8, 16, 16}, plan::native}, {{4, 4, 4, 16, 16}, plan::native}, {{2, 4, 8, 16, 16}, plan::native}, {{4, 2, 4, 32, 16}, plan::native},
    {{4, 4, 4, 32, 16}, plan::native}, {{2, 4, 8, 32, 16}, plan::native}, {{4, 4, 4, 16, 32}, plan::native}, {{2, 4, 8, 16, 32}, plan::native},
    {{4, 2, 4, 32, 32}, plan::native}, {{4, 8, 4, BF, BF}, plan::native}, {{4, 8, 4, FP, FP}, plan::native}, {{4, 1, 4, FP, FP}, plan::outer},
    {{4, 8, 4, 8, 8}, plan::more_columns}, {{4, 16, 4, 8, 8}, plan::depth}, {{8, 8, 4, 8, 8}, plan::rows}, {{2, 8, 8, 8, 8}, plan::more_rows},
    {{8, 8, 8, 8, 8}, plan::rows}, {{1, 16, 8, 8, 8}, plan::more_rows}, {{2, 16, 8, 8, 8}, plan::depth}, {{4, 16, 8, 8, 8}, plan::depth},
    {{4, 4, 4, 16, 8}, plan::more_columns}, {{8, 4, 4, 16, 8}, plan::rows}, {{8, 4, 8, 16, 8}, plan::rows},
    {{4, 4, 8, 8, 16}, plan::widen}, {{4, 4, 4, 8, 16}, plan::widen}, {{4, 4, 8, 16, 16}, plan::depth}, {{8, 2, 8, 16, 16}, plan::rows},
    {{8, 1, 8, 16, 16}, plan::more_depth}, {{4, 4, 8, 32, 16}, plan::columns}, {{4, 1, 8, 32, 16}, plan::more_depth}, {{4, 2, 8, 32, 16}, plan::columns},
    {{4, 4, 4, 32, 32}, plan::depth}, {{8, 2, 4, 32, 32}, plan::rows}, {{4, 1, 8, 32, 32}, plan::more_depth}, {{4, 2, 8, 32, 32}, plan::columns},
    {{8, 1, 8, 32, 32}, plan::more_depth}, {{8, 2, 8, 32, 32}, plan::rows}, {{8, 8, 4, BF, BF}, plan::rows},
    {{4, 8, 8, BF, BF}, plan::columns}, {{8, 8, 8, BF, BF}, plan::rows}, {{8, 1, 8, BF, BF}, plan::outer}, {{4, 1, 8, FP, FP}, plan::columns}};
  for (auto x : all) if (x.s == s) return x.p;
  return plan::none;
}

// the operation of one native shape
template <unsigned M, unsigned K, unsigned N, unsigned A, unsigned B> struct native_mmul;
#define __AIE_NATIVE_MMUL(M_, K_, N_, A_, B_, TAG, OP)                                              \
  template <> struct native_mmul<M_, K_, N_, A_, B_> {                                              \
    using tag = TAG;                                                                                \
    template <class C, class X, class Y> static void run(C &c, const X &a, const Y &b, bool zero) { \
      constexpr int sa = is_signed<typename X::value_type>, sb = is_signed<typename Y::value_type>; \
      __aie_v32 r = zero ? __aie_vmmul_##OP(a.__d[0], b.__d[0], sa, sb)                                 \
                         : __aie_vmmac_##OP(c.__d[0], c.__d[C::__parts - 1], a.__d[0], b.__d[0], sa, sb);     \
      c.__d[0] = low(r);                                                                              \
      c.__d[1] = high(r);                                                                             \
    }                                                                                               \
  };
__AIE_NATIVE_MMUL(4, 8, 8, 8, 8, acc32, i8_4x8x8)
__AIE_NATIVE_MMUL(4, 4, 8, 16, 8, acc32, i16xi8_4x4x8)
__AIE_NATIVE_MMUL(4, 8, 4, 16, 8, acc64, i16xi8_4x8x4)
__AIE_NATIVE_MMUL(2, 8, 8, 16, 8, acc64, i16xi8_2x8x8)
__AIE_NATIVE_MMUL(4, 2, 8, 16, 16, acc32, i16_4x2x8)
__AIE_NATIVE_MMUL(4, 4, 4, 16, 16, acc64, i16_4x4x4)
__AIE_NATIVE_MMUL(2, 4, 8, 16, 16, acc64, i16_2x4x8)
__AIE_NATIVE_MMUL(4, 2, 4, 32, 16, acc64, i32xi16_4x2x4)
__AIE_NATIVE_MMUL(4, 4, 4, 32, 16, acc64, i32xi16_4x4x4)
__AIE_NATIVE_MMUL(2, 4, 8, 32, 16, acc64, i32xi16_2x4x8)
__AIE_NATIVE_MMUL(4, 4, 4, 16, 32, acc64, i16xi32_4x4x4)
__AIE_NATIVE_MMUL(4, 2, 4, 32, 32, acc64, i32_4x2x4)
#undef __AIE_NATIVE_MMUL
template <> struct native_mmul<2, 4, 8, 16, 32> {
  using tag = acc64;
  template <class C, class X, class Y> static void run(C &c, const X &a, const Y &b, bool zero) {
    constexpr int sa = is_signed<typename X::value_type>, sb = is_signed<typename Y::value_type>;
    __aie_v32 r = zero ? __aie_vmmul_i16xi32_2x4x8(a.__d[0], b.__d[0], b.__d[1], sa, sb) : __aie_vmmac_i16xi32_2x4x8(c.__d[0], c.__d[1], a.__d[0], b.__d[0], b.__d[1], sa, sb);
    c.__d[0] = low(r);
    c.__d[1] = high(r);
  }
};
template <> struct native_mmul<4, 8, 4, BF, BF> {
  using tag = accfloat;
  template <class C, class X, class Y> static void run(C &c, const X &a, const Y &b, bool zero) {
    c.__d[0] = zero ? __aie_vmmul_bf16_4x8x4(a.__d[0], b.__d[0]) : __aie_vmmac_bf16_4x8x4(c.__d[0], a.__d[0], b.__d[0]);
  }
};
template <> struct native_mmul<4, 8, 4, FP, FP> {
  using tag = accfloat;
  template <class C, class X, class Y> static void run(C &c, const X &a, const Y &b, bool zero) {
    c.__d[0] = zero ? __aie_vmmul_f32_4x8x4(a.__d[0], a.__d[1], b.__d[0], b.__d[1]) : __aie_vmmac_f32_4x8x4(c.__d[0], a.__d[0], a.__d[1], b.__d[0], b.__d[1]);
  }
};
// an outer product, element by element
template <> struct native_mmul<4, 1, 4, FP, FP> {
  using tag = accfloat;
  template <class C, class X, class Y> static void run(C &c, const X &a, const Y &b, bool zero) {
    auto one = step_zip<true>(a, a, 1);
    auto twice = concat(one.first, one.second);
    auto four = step_zip<true>(twice, twice, 1);
    auto rows = concat(four.first, four.second), columns = b.template grow_replicate<16>();
    c.__d[0] = zero ? __aie_vmul_f32(rows.__d[0], columns.__d[0]) : __aie_vmac_f32(c.__d[0], rows.__d[0], columns.__d[0]);
  }
};

template <> struct native_mmul<8, 1, 8, BF, BF> {
  using tag = accfloat;
  template <class C, class X, class Y> static void run(C &c, const X &a, const Y &b, bool zero) {
    auto rows = transpose(a.template grow_replicate<64>(), 8, 8);
    auto columns = b.template grow_replicate<32>();
    each<4>([&](auto k) {
      __aie_v16 x = rows.__d[k / 2], y = columns.__d[0];
      c.__d[k] = zero ? __aie_vmul_bf16(x, y, k % 2) : __aie_vmac_bf16(c.__d[k], x, y, k % 2);
    });
  }
};

// halves of a matrix by columns, and both together again
template <class V> struct half_of;
template <class T, unsigned N> struct half_of<vector<T, N>> { using type = vector<T, N / 2>; using twice = vector<T, 2 * N>; static constexpr unsigned __bits = bits_of<T>, size = N; };
template <class T, unsigned N> struct half_of<accum<T, N>> { using type = accum<T, N / 2>; using twice = accum<T, 2 * N>; static constexpr unsigned __bits = acc_bits<T>, size = N; };
template <class V> inline two<typename half_of<V>::type> by_columns(const V &v, unsigned columns) {
  using H = half_of<V>;
  return by_step<false>(v.template extract<H::size / 2>(0), v.template extract<H::size / 2>(1), columns / 2 * H::__bits);
}
template <class V> inline typename half_of<V>::twice beside(const V &a, const V &b, unsigned columns) {
  auto r = by_step<true>(a, b, columns * half_of<V>::__bits);
  return concat(r.first, r.second);
}
// the registers of a smaller vector or accumulator as the first of a larger one
template <class W, class V> inline W front(const V &v) {
  W r;
  each<W::__parts>([&](auto k) { r.__d[k] = v.__d[k < V::__parts ? k : 0]; });
  return r;
}

template <unsigned M, unsigned K, unsigned N, class A, class B, plan P = plan_of({M, K, N, kind_of<A>, kind_of<B>})> struct tree;
template <unsigned M, unsigned K, unsigned N, class A, class B> struct leaf {
  using native = native_mmul<M, K, N, kind_of<A>, kind_of<B>>;
  using tag = typename native::tag;
  accum<tag, M * N> c = zeros<tag, M * N>();
  void mac(const vector<A, M * K> &a, const vector<B, K * N> &b, bool first) { native::run(c, a, b, first); }
  accum<tag, M * N> get() const { return c; }
  void set(const accum<tag, M * N> &x) { c = x; }
};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::native> : leaf<M, K, N, A, B> {};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::outer> : leaf<M, K, N, A, B> {};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::rows> {
  using part = tree<M / 2, K, N, A, B>;
  using tag = typename part::tag;
  part up, down;
  void mac(const vector<A, M * K> &a, const vector<B, K * N> &b, bool first) { up.mac(a.template extract<M * K / 2>(0), b, first); down.mac(a.template extract<M * K / 2>(1), b, first); }
  accum<tag, M * N> get() const { return concat(up.get(), down.get()); }
  void set(const accum<tag, M * N> &x) { up.set(x.template extract<M * N / 2>(0)); down.set(x.template extract<M * N / 2>(1)); }
};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::columns> {
  using part = tree<M, K, N / 2, A, B>;
  using tag = typename part::tag;
  part left, right;
  void mac(const vector<A, M * K> &a, const vector<B, K * N> &b, bool first) { auto h = by_columns(b, N); left.mac(a, h.first, first); right.mac(a, h.second, first); }
  accum<tag, M * N> get() const { return beside(left.get(), right.get(), N / 2); }
  void set(const accum<tag, M * N> &x) { auto h = by_columns(x, N); left.set(h.first); right.set(h.second); }
};
// plans with one part, of another shape
template <unsigned M, unsigned N, class P> struct wrapped {
  using tag = typename P::tag;
  P p;
  accum<tag, M * N> get() const { return p.get(); }
  void set(const accum<tag, M * N> &x) { p.set(x); }
};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::depth> : wrapped<M, N, tree<M, K / 2, N, A, B>> {
  void mac(const vector<A, M * K> &a, const vector<B, K * N> &b, bool first) {
    auto h = by_columns(a, K);
    this->p.mac(h.first, b.template extract<K * N / 2>(0), first);
    this->p.mac(h.second, b.template extract<K * N / 2>(1), false);
  }
};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::more_depth> : wrapped<M, N, tree<M, 2 * K, N, A, B>> {
  void mac(const vector<A, M * K> &a, const vector<B, K * N> &b, bool first) { this->p.mac(beside(a, zeros<A, M * K>(), K), concat(b, zeros<B, K * N>()), first); }
};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::widen> : wrapped<M, N, tree<M, K, N, typename wider<A>::type, B>> {
  void mac(const vector<A, M * K> &a, const vector<B, K * N> &b, bool first) { this->p.mac(a.unpack(), b, first); }
};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::more_rows> : wrapped<M, N, tree<4, K, N, A, B>> {
  using tag = typename tree<4, K, N, A, B>::tag;
  void mac(const vector<A, M * K> &a, const vector<B, K * N> &b, bool first) { this->p.mac(front<vector<A, 4 * K>>(a), b, first); }
  accum<tag, M * N> get() const { return this->p.get().template extract<M * N>(0); }
  void set(const accum<tag, M * N> &x) { this->p.set(front<accum<tag, 4 * N>>(x)); }
};
template <unsigned M, unsigned K, unsigned N, class A, class B> struct tree<M, K, N, A, B, plan::more_columns> : wrapped<M, N, tree<M, K, 2 * N, A, B>> {
  using tag = typename tree<M, K, 2 * N, A, B>::tag;
  void mac(const vector<A, M * K> &a, const vector<B, K * N> &b, bool first) { this->p.mac(a, beside(b, b, N), first); }
  accum<tag, M * N> get() const { return by_columns(this->p.get(), 2 * N).first; }
  void set(const accum<tag, M * N> &x) { this->p.set(beside(x, x, N)); }
};
template <class Tag, class Own> inline constexpr bool tag_fits = std::is_same_v<Tag, accauto> || std::is_same_v<Tag, void> || std::is_same_v<Tag, Own> || (std::is_same_v<Tag, acc32> && std::is_same_v<Own, acc64>);
}  // namespace detail

// Not defined (an incomplete type) for shapes the core does not list.
template <unsigned M_Elems, unsigned K_Elems, unsigned N_Elems, class TypeA, class TypeB = TypeA, class AccumTag = accauto> class mmul;

template <unsigned M_Elems, unsigned K_Elems, unsigned N_Elems, class TypeA, class TypeB, class AccumTag>
  requires(detail::listed({M_Elems, K_Elems, N_Elems, detail::kind_of<TypeA>, detail::kind_of<TypeB>}))
class mmul<M_Elems, K_Elems, N_Elems, TypeA, TypeB, AccumTag> {
  detail::tree<M_Elems, K_Elems, N_Elems, TypeA, TypeB> t;
  template <class A, class B> mmul &summed(const A &a, const B &b, bool first) {
    detail::by_signs(a, b, [&](const auto &x, const auto &y) {
      mmul<M_Elems, K_Elems, N_Elems, typename std::remove_cvref_t<decltype(x)>::value_type, typename std::remove_cvref_t<decltype(y)>::value_type, AccumTag> m(t.get());
      if (first) m.mul(x, y);
      else m.mac(x, y);
      t.set(m.to_accum());
    });
    return *this;
  }
 public:
  using value_type = typename decltype(t)::tag;
  static_assert(detail::tag_fits<AccumTag, value_type>, "mmul: this accumulator type is not supported for this shape");
  static constexpr unsigned M = M_Elems, K = K_Elems, N = N_Elems;
  static constexpr unsigned size_A = M * K, size_B = K * N, size_C = M * N;
  using accum_type = accum<value_type, size_C>;
  static constexpr unsigned size() { return size_C; }
  static constexpr unsigned accum_bits = detail::acc_bits<value_type>;
  mmul() = default;
  // both begin at zero: whether that is said or not
  mmul(bool) {}
  mmul(const accum_type &a) { t.set(a); }
  mmul &operator=(const accum_type &a) { t.set(a); return *this; }
  template <class T> mmul(const vector<T, size_C> &v, int shift = 0) { t.set(accum_type(v, shift)); }
  template <unsigned X, unsigned Y> mmul &mul(const vector<TypeA, X> &a, const vector<TypeB, Y> &b) {
    static_assert(X == size_A && Y == size_B, "mmul: the operands' sizes do not match the shape");
    t.mac(a, b, true);
    return *this;
  }
  template <unsigned X, unsigned Y> mmul &mac(const vector<TypeA, X> &a, const vector<TypeB, Y> &b) {
    static_assert(X == size_A && Y == size_B, "mmul: the operands' sizes do not match the shape");
    t.mac(a, b, false);
    return *this;
  }
  template <class A, class B> requires detail::of_chosen_sign<A, B> mmul &mul(const A &a, const B &b) { return summed(a, b, true); }
  template <class A, class B> requires detail::of_chosen_sign<A, B> mmul &mac(const A &a, const B &b) { return summed(a, b, false); }
  template <class T> vector<T, size_C> to_vector(int shift = 0) const { return t.get().template to_vector<T>(shift); }
  accum_type to_accum() const { return t.get(); }
  operator accum_type() const { return t.get(); }
};
// the object of one product, or of one more
template <unsigned M, unsigned K, unsigned N, class Tag = accauto, class A, unsigned X, class B, unsigned Y> inline auto mmul_fn(const vector<A, X> &a, const vector<B, Y> &b) {
  mmul<M, K, N, A, B, Tag> m;
  m.mul(a, b);
  return m;
}
template <unsigned M, unsigned K, unsigned N, class Tag, unsigned L, class A, unsigned X, class B, unsigned Y> inline auto mmac_fn(const accum<Tag, L> &c, const vector<A, X> &a, const vector<B, Y> &b) {
  mmul<M, K, N, A, B, Tag> m(c);
  m.mac(a, b);
  return m;
}
template <unsigned M, unsigned K, unsigned N, class A, class B, class Tag, unsigned X, unsigned Y> inline auto mmac_fn(mmul<M, K, N, A, B, Tag> &c, const vector<A, X> &a, const vector<B, Y> &b) {
  c.mac(a, b);
  return c;
}
template <class T, unsigned M, unsigned K, unsigned N, class A, class B, class Tag> inline auto to_vector(const mmul<M, K, N, A, B, Tag> &m, int shift = 0) { return m.template to_vector<T>(shift); }

}  // namespace aie
