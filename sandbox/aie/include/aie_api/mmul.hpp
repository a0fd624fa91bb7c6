// aie::mmul: C (m x n) += A (m x k) * B (k x n), all row by row.
#pragma once
#include "shuffle.hpp"

namespace aie {

namespace detail {
// operation of one native shape; undefined for every shape the core does not have
template <unsigned M, unsigned K, unsigned N, class A, class B> struct native_mmul;
#define __AIE_NATIVE_MMUL(M_, K_, N_, A_, B_, TAG, OP)                                            \
  template <> struct native_mmul<M_, K_, N_, A_, B_> {                                            \
    using tag = TAG;                                                                              \
    template <class C, class X, class Y> static void run(C &c, const X &a, const Y &b, bool zero) { \
      constexpr int sa = is_signed<A_>, sb = is_signed<B_>;                                       \
      __aie_v32 r = zero ? __aie_vmmul_##OP(a.d[0], b.d[0], sa, sb)                               \
                         : __aie_vmmac_##OP(c.d[0], c.d[C::parts - 1], a.d[0], b.d[0], sa, sb);   \
      c.d[0] = low(r);                                                                            \
      if constexpr (C::parts > 1) c.d[1] = high(r);                                               \
    }                                                                                             \
  };
#define __AIE_MMUL_SIGNS(M_, K_, N_, A_, B_, TAG, OP) \
  __AIE_NATIVE_MMUL(M_, K_, N_, A_, B_, TAG, OP)      \
  __AIE_NATIVE_MMUL(M_, K_, N_, u##A_, B_, TAG, OP)   \
  __AIE_NATIVE_MMUL(M_, K_, N_, A_, u##B_, TAG, OP)   \
  __AIE_NATIVE_MMUL(M_, K_, N_, u##A_, u##B_, TAG, OP)
__AIE_MMUL_SIGNS(4, 8, 8, int8_t, int8_t, acc32, i8_4x8x8)
__AIE_MMUL_SIGNS(4, 4, 8, int16_t, int8_t, acc32, i16xi8_4x4x8)
__AIE_MMUL_SIGNS(4, 2, 8, int16_t, int16_t, acc32, i16_4x2x8)
__AIE_MMUL_SIGNS(4, 4, 4, int16_t, int16_t, acc64, i16_4x4x4)
__AIE_MMUL_SIGNS(4, 2, 4, int32_t, int16_t, acc64, i32xi16_4x2x4)
template <> struct native_mmul<4, 8, 4, bfloat16, bfloat16> {
  using tag = accfloat;
  template <class C, class X, class Y> static void run(C &c, const X &a, const Y &b, bool zero) {
    c.d[0] = zero ? __aie_vmmul_bf16_4x8x4(a.d[0], b.d[0]) : __aie_vmmac_bf16_4x8x4(c.d[0], a.d[0], b.d[0]);
  }
};
// shapes made of several native ones: (native m, k, n)
template <unsigned M, unsigned K, unsigned N, class A, class B> struct composed_mmul;
#define __AIE_COMPOSED_MMUL(M_, K_, N_, A_, B_, NM, NK, NN)                                   \
  template <> struct composed_mmul<M_, K_, N_, A_, B_> { static constexpr unsigned m = NM, k = NK, n = NN; };
#define __AIE_COMPOSED_SIGNS(M_, K_, N_, A_, B_, NM, NK, NN)   \
  __AIE_COMPOSED_MMUL(M_, K_, N_, A_, B_, NM, NK, NN)          \
  __AIE_COMPOSED_MMUL(M_, K_, N_, u##A_, B_, NM, NK, NN)       \
  __AIE_COMPOSED_MMUL(M_, K_, N_, A_, u##B_, NM, NK, NN)       \
  __AIE_COMPOSED_MMUL(M_, K_, N_, u##A_, u##B_, NM, NK, NN)
__AIE_COMPOSED_SIGNS(8, 8, 8, int8_t, int8_t, 4, 8, 8)
__AIE_COMPOSED_SIGNS(4, 16, 8, int8_t, int8_t, 4, 8, 8)
__AIE_COMPOSED_SIGNS(4, 4, 8, int16_t, int16_t, 4, 2, 8)
__AIE_COMPOSED_MMUL(8, 8, 4, bfloat16, bfloat16, 4, 8, 4)
__AIE_COMPOSED_MMUL(4, 16, 4, bfloat16, bfloat16, 4, 8, 4)
__AIE_COMPOSED_MMUL(4, 16, 8, bfloat16, bfloat16, 4, 8, 4)

template <unsigned M, unsigned K, unsigned N, class A, class B> concept has_native = requires { typename native_mmul<M, K, N, A, B>::tag; };
template <unsigned M, unsigned K, unsigned N, class A, class B> concept has_composed = requires { composed_mmul<M, K, N, A, B>::m; };

// rows [r, r + m), columns [c, c + k) of a row-by-row matrix of `columns` columns
template <unsigned SIZE, class V> inline auto tile(const V &v, unsigned columns, unsigned r, unsigned m, unsigned c, unsigned k) {
  using T = typename V::value_type;
  vector<T, SIZE> out = zeros<T, SIZE>();
  for (unsigned i = 0; i < m; i++)
    for (unsigned j = 0; j < k; j++) out.set(v.get((r + i) * columns + c + j), i * k + j);
  return out;
}
}  // namespace detail

// Not defined (an incomplete type) for shapes the core does not list.
template <unsigned M, unsigned K, unsigned N, class A, class B = A, class Tag = void> class mmul;

template <unsigned M, unsigned K, unsigned N, class A, class B, class Tag> requires detail::has_native<M, K, N, A, B>
class mmul<M, K, N, A, B, Tag> {
  using native = detail::native_mmul<M, K, N, A, B>;
 public:
  using accum_tag = typename native::tag;
  static_assert(std::is_same_v<Tag, void> || std::is_same_v<Tag, accum_tag>, "mmul: this accumulator type is not supported for this shape");
  using accum_type = accum<accum_tag, M * N>;
  static constexpr unsigned size_A = M * K, size_B = K * N, size_C = M * N;
  accum_type data;
  bool zero = true;
  mmul() = default;
  mmul(const accum_type &a) : data(a), zero(false) {}
  template <class T> mmul(const vector<T, M * N> &v, int shift = 0) : data(v, shift), zero(false) {}
  template <unsigned X, unsigned Y> void mul(const vector<A, X> &a, const vector<B, Y> &b) {
    static_assert(X == size_A && Y == size_B, "mmul: the operands' sizes do not match the shape");
    native::run(data, a, b, true);
    zero = false;
  }
  template <unsigned X, unsigned Y> void mac(const vector<A, X> &a, const vector<B, Y> &b) {
    static_assert(X == size_A && Y == size_B, "mmul: the operands' sizes do not match the shape");
    native::run(data, a, b, zero);
    zero = false;
  }
  template <class T> vector<T, M * N> to_vector(int shift = 0) const { return data.template to_vector<T>(shift); }
  accum_type to_accum() const { return data; }
  operator accum_type() const { return data; }
};

template <unsigned M, unsigned K, unsigned N, class A, class B, class Tag> requires detail::has_composed<M, K, N, A, B>
class mmul<M, K, N, A, B, Tag> {
  using shape = detail::composed_mmul<M, K, N, A, B>;
  using part = mmul<shape::m, shape::k, shape::n, A, B>;
 public:
  using accum_tag = typename part::accum_tag;
  using accum_type = accum<accum_tag, M * N>;
  static constexpr unsigned size_A = M * K, size_B = K * N, size_C = M * N;
  static constexpr unsigned rows = M / shape::m, columns = N / shape::n, depth = K / shape::k;
  part parts[rows * columns];
  mmul() = default;
  template <unsigned X, unsigned Y> void mul(const vector<A, X> &a, const vector<B, Y> &b) {
    for (auto &p : parts) p = part();
    mac(a, b);
  }
  template <unsigned X, unsigned Y> void mac(const vector<A, X> &a, const vector<B, Y> &b) {
    static_assert(X == size_A && Y == size_B, "mmul: the operands' sizes do not match the shape");
    detail::each<rows>([&](auto i) {
      detail::each<columns>([&](auto j) {
        detail::each<depth>([&](auto k) {
          vector<A, part::size_A> x;
          vector<B, part::size_B> y;
          if constexpr (depth == 1) x = a.template extract<part::size_A>(i);
          else x = detail::tile<part::size_A>(a, K, i * shape::m, shape::m, k * shape::k, shape::k);
          if constexpr (columns == 1) y = b.template extract<part::size_B>(k);
          else y = detail::tile<part::size_B>(b, N, k * shape::k, shape::k, j * shape::n, shape::n);
          parts[i * columns + j].mac(x, y);
        });
      });
    });
  }
  template <class T> vector<T, M * N> to_vector(int shift = 0) const {
    vector<T, M * N> r;
    detail::each<rows>([&](auto i) {
      static_assert(columns == 1 || columns == 2, "mmul: unsupported composition");
      if constexpr (columns == 1) r.template insert<part::size_C>(i, parts[i].template to_vector<T>(shift));
      else {
        auto left = parts[2 * i].template to_vector<T>(shift), right = parts[2 * i + 1].template to_vector<T>(shift);
        auto both = interleave_zip(left, right, shape::n);
        r.template insert<part::size_C>(2 * i, both.first);
        r.template insert<part::size_C>(2 * i + 1, both.second);
      }
    });
    return r;
  }
  accum_type to_accum() const requires(columns == 1) {
    accum_type r;
    detail::each<rows>([&](auto i) { r.template insert<part::size_C>(i, parts[i].data); });
    return r;
  }
};

}  // namespace aie
