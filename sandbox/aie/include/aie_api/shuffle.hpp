// Permutations, concatenation and reductions.
#pragma once
#include <utility>

#include "multiply.hpp"

namespace aie {

template <class T, unsigned N, class... V> inline auto concat(const vector<T, N> &first, const V &...rest) {
  static_assert((std::is_same_v<detail::value_t<V>, vector<T, N>> && ...), "concat: all vectors must have the same type and size");
  constexpr unsigned count = 1 + sizeof...(rest);
  static_assert(detail::power_of_two(count), "concat: the number of vectors must be a power of two");
  vector<T, N * count> r;
  unsigned i = 0;
  const vector<T, N> *all[] = {&first, &rest...};
  detail::each<count>([&](auto k) { r.template insert<N>(k, *all[k]); });
  (void)i;
  return r;
}
template <class Tag, unsigned N, class... A> inline auto concat(const accum<Tag, N> &first, const A &...rest) {
  static_assert((std::is_same_v<A, accum<Tag, N>> && ...), "concat: all accumulators must have the same type and size");
  accum<Tag, N *(1 + sizeof...(rest))> r;
  const accum<Tag, N> *all[] = {&first, &rest...};
  detail::each<1 + sizeof...(rest)>([&](auto k) { r.template insert<N>(k, *all[k]); });
  return r;
}

// the members of a pair, array or tuple
template <class T> requires requires { std::tuple_size<T>::value; } inline auto concat(const T &t) {
  return std::apply([](const auto &...v) { return concat(v...); }, t);
}

namespace detail {
// element i of the result is element i + n of a:b
template <class T, unsigned N> inline vector<T, N> window(const vector<T, N> &a, const vector<T, N> &b, unsigned n) {
  using V = vector<T, N>;
  if (__builtin_constant_p(n) && (n == 0 || n == N)) return n ? b : a;
  V r;
  int bytes = (int)n * (bits_of<T> / 8);
  if constexpr (V::__bits == 512) r.__d[0] = __aie_vshift(a.__d[0], b.__d[0], bytes);
  else if constexpr (V::__bits == 256) r.__d[0] = __aie_vshift(join(a.__d[0], b.__d[0]), a.__d[0], bytes);
  else if constexpr (V::__bits == 128) r.__d[0] = __aie_vshift(__aie_vset_q128(a.__d[0], b.__d[0], 1), a.__d[0], bytes);
  else {
    __aie_v16 all[2 * V::__parts];
    each<V::__parts>([&](auto k) { all[k] = a.__d[k]; all[V::__parts + k] = b.__d[k]; });
    int whole = bytes / 64;
    each<V::__parts>([&](auto k) { r.__d[k] = __aie_vshift(all[whole + k], all[whole + k + 1 < 2 * V::__parts ? whole + k + 1 : whole + k], bytes % 64); });
  }
  return r;
}
}  // namespace detail
template <class T, unsigned N> inline vector<T, N> shuffle_down(const vector<T, N> &v, unsigned n) { return detail::window(v, v, n); }
template <class T, unsigned N> inline vector<T, N> shuffle_down_fill(const vector<T, N> &v, const vector<T, N> &fill, unsigned n) { return detail::window(v, fill, n); }
template <class T, unsigned N> inline vector<T, N> shuffle_down_rotate(const vector<T, N> &v, unsigned n) { return detail::window(v, v, n); }
template <class T, unsigned N> inline vector<T, N> shuffle_down_replicate(const vector<T, N> &v, unsigned n) { return detail::window(v, broadcast<T, N>(v.get(N - 1)), n); }
template <class T, unsigned N> inline vector<T, N> shuffle_up(const vector<T, N> &v, unsigned n) { return detail::window(v, v, N - n); }
template <class T, unsigned N> inline vector<T, N> shuffle_up_fill(const vector<T, N> &v, const vector<T, N> &fill, unsigned n) { return detail::window(fill, v, N - n); }
template <class T, unsigned N> inline vector<T, N> shuffle_up_rotate(const vector<T, N> &v, unsigned n) { return detail::window(v, v, N - n); }
template <class T, unsigned N> inline vector<T, N> shuffle_up_replicate(const vector<T, N> &v, unsigned n) { return detail::window(broadcast<T, N>(v.get(0)), v, N - n); }

template <class T, unsigned N> inline vector<T, N> reverse(const vector<T, N> &v) {
  using namespace detail;
  using V = vector<T, N>;
  V r;
  each<V::__parts>([&](auto k) { r.__d[k] = __AIE_BY_WIDTH(vshuffle_reverse, T, v.__d[V::__parts - 1 - k], (int)V::__lanes); });
  return r;
}

namespace detail {
template <class V> using two = std::pair<V, V>;
enum move { zip_low, zip_high, even, odd };
// one register moved by lanes of W bits; 256-bit lanes are halves, which cost nothing
template <unsigned W, move m> inline __aie_v16 moved(__aie_v16 a, __aie_v16 b, int n) {
#define __AIE_MOVED(WIDTH)                                                        \
  if constexpr (W == WIDTH && m == zip_low) return __aie_vshuffle_ziplo_w##WIDTH(a, b, n); \
  if constexpr (W == WIDTH && m == zip_high) return __aie_vshuffle_ziphi_w##WIDTH(a, b, n); \
  if constexpr (W == WIDTH && m == even) return __aie_vshuffle_even_w##WIDTH(a, b, n); \
  if constexpr (W == WIDTH && m == odd) return __aie_vshuffle_odd_w##WIDTH(a, b, n);
  __AIE_MOVED(8) __AIE_MOVED(16) __AIE_MOVED(32) __AIE_MOVED(64) __AIE_MOVED(128)
#undef __AIE_MOVED
  if constexpr (W == 256) return m == zip_low || m == even ? join(a, b) : join(upper_down(a), __builtin_shufflevector(b, b, 8, 9, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1));
}
// two vectors (or accumulators) interleaved by lanes of W bits, or the inverse
template <bool together, unsigned W, class V> inline two<V> by_width(const V &a, const V &b) {
  two<V> r;
  if constexpr (W >= V::__bits) return {a, b};
  else if constexpr (W >= 512) {
    constexpr unsigned g = W / 512;
    each<2 * V::__parts>([&](auto k) {
      constexpr unsigned block = k / g, from = (together ? block % 2 * (V::__parts / g) + block / 2 : block % (V::__parts / g) * 2 + block / (V::__parts / g)) * g + k % g;
      __aie_v16 x = from < V::__parts ? a.__d[from % V::__parts] : b.__d[from % V::__parts];
      if constexpr (k < V::__parts) r.first.__d[k] = x; else r.second.__d[k - V::__parts] = x;
    });
  } else {
    constexpr int lanes = (V::__bits < 512 ? V::__bits : 512) / W;
    __aie_v16 all[2 * V::__parts];
    each<V::__parts>([&](auto k) { all[k] = a.__d[k]; all[V::__parts + k] = b.__d[k]; });
    each<V::__parts>([&](auto k) {
      if constexpr (together) {
        constexpr unsigned i = 2 * k, j = 2 * k + 1;
        __aie_v16 x = moved<W, zip_low>(a.__d[k], b.__d[k], lanes), y = moved<W, zip_high>(a.__d[k], b.__d[k], lanes);
        if constexpr (i < V::__parts) r.first.__d[i] = x; else r.second.__d[i - V::__parts] = x;
        if constexpr (j < V::__parts) r.first.__d[j] = y; else r.second.__d[j - V::__parts] = y;
      } else {
        r.first.__d[k] = moved<W, even>(all[2 * k], all[2 * k + 1], lanes);
        r.second.__d[k] = moved<W, odd>(all[2 * k], all[2 * k + 1], lanes);
      }
    });
  }
  return r;
}
// `bits` is a power of two and known when inlined
template <bool together, class V> inline two<V> by_step(const V &a, const V &b, unsigned bits) {
  if (bits == 8) return by_width<together, 8>(a, b);
  if (bits == 16) return by_width<together, 16>(a, b);
  if (bits == 32) return by_width<together, 32>(a, b);
  if (bits == 64) return by_width<together, 64>(a, b);
  if (bits == 128) return by_width<together, 128>(a, b);
  if (bits == 256) return by_width<together, 256>(a, b);
  if (bits == 512) return by_width<together, 512>(a, b);
  if (bits == 1024) return by_width<together, 1024>(a, b);
  return {a, b};
}
template <bool together, class T, unsigned N> inline two<vector<T, N>> step_zip(const vector<T, N> &a, const vector<T, N> &b, unsigned step) {
  return by_step<together>(a, b, step * bits_of<T>);
}
}  // namespace detail
// a pair, as in: auto [low, high] = interleave_zip(a, b, 1)
template <class T, unsigned N> inline auto interleave_zip(const vector<T, N> &a, const vector<T, N> &b, unsigned step) { return detail::step_zip<true>(a, b, step); }
template <class T, unsigned N> inline auto interleave_unzip(const vector<T, N> &a, const vector<T, N> &b, unsigned step) { return detail::step_zip<false>(a, b, step); }
template <class T, unsigned N> inline vector<T, N / 2> filter_even(const vector<T, N> &v, unsigned step = 1) {
  return detail::step_zip<false>(v.template extract<N / 2>(0), v.template extract<N / 2>(1), step).first;
}
template <class T, unsigned N> inline vector<T, N / 2> filter_odd(const vector<T, N> &v, unsigned step = 1) {
  return detail::step_zip<false>(v.template extract<N / 2>(0), v.template extract<N / 2>(1), step).second;
}
// The same with the number of neighbours chosen when it runs.
template <ElemBaseType T, unsigned N> class interleave_zip_mode {
 public:
  unsigned __step;
  explicit constexpr interleave_zip_mode(unsigned chunk_size) : __step(chunk_size) {}
};
template <ElemBaseType T, unsigned N> class interleave_unzip_mode {
 public:
  unsigned __step;
  explicit constexpr interleave_unzip_mode(unsigned chunk_size) : __step(chunk_size) {}
};
template <ElemBaseType T, unsigned N> class filter_mode {
  constexpr filter_mode(unsigned step, bool odd) : __step(step), __odd(odd) {}

 public:
  unsigned __step;
  bool __odd;
  static constexpr filter_mode even(unsigned chunk_size) { return {chunk_size, false}; }
  static constexpr filter_mode odd(unsigned chunk_size) { return {chunk_size, true}; }
};
template <class T, unsigned N> inline auto interleave_zip(const vector<T, N> &a, const vector<T, N> &b, const interleave_zip_mode<T, N> &m) { return interleave_zip(a, b, m.__step); }
template <class T, unsigned N> inline auto interleave_unzip(const vector<T, N> &a, const vector<T, N> &b, const interleave_unzip_mode<T, N> &m) { return interleave_unzip(a, b, m.__step); }
template <class T, unsigned N> inline vector<T, N / 2> filter(const vector<T, N> &v, filter_mode<T, N> m) { return m.__odd ? filter_odd(v, m.__step) : filter_even(v, m.__step); }
// `count` elements of v, the index-th so many, over and over
template <unsigned count, ElemBaseType T, unsigned N = native_vector_length_v<T>, unsigned M>
  requires(detail::power_of_two(count) && count <= N) inline vector<T, N> broadcast_vector(const vector<T, M> &v, unsigned index) {
  using namespace detail;
  constexpr unsigned bits = count * bits_of<T>, lanes = bits < 512 ? 512 / bits_of<T> : count;
  auto first = window(v, v, index * count % M);
  vector<T, lanes> r;
  if constexpr (M >= lanes) r = first.template extract<lanes>(0);
  else r = first.template grow<lanes>();
  if constexpr (bits < 512) each<__builtin_ctz(512 / bits)>([&](auto k) { r = by_width<true, (bits << k)>(r, r).first; });
  if constexpr (N < lanes) return r.template extract<N>(0);
  else return r.template grow_replicate<N>();
}
// a matrix of `rows` rows, row by row, to the matrix of its columns
template <class T, unsigned N> inline vector<T, N> transpose(const vector<T, N> &v, unsigned rows, unsigned columns) {
  using namespace detail;
  using V = vector<T, N>;
  static_assert(V::__bits <= 1024, "transpose: the matrix takes at most 1024 bits");
  V r;
  each<V::__parts>([&](auto k) { r.__d[k] = __AIE_BY_WIDTH(vshuffle_transpose, T, v.__d[0], v.__d[V::__parts - 1], (int)rows, (int)columns, (int)k); });
  return r;
}

// --- reductions: a tree over registers, then over the lanes of one
namespace detail {
template <class T, unsigned N, class F> inline T reduce(const vector<T, N> &v, F f) {
  using V = vector<T, N>;
  if constexpr (V::__parts > 1) {
    return reduce(f(v.template extract<N / 2>(0), v.template extract<N / 2>(1)), f);
  } else {
    V x = v;
    constexpr unsigned steps = __builtin_ctz(N);
    each<steps>([&](auto s) {
      V y;
      y.__d[0] = __aie_vshift(x.__d[0], x.__d[0], (int)((N >> (s + 1)) * bits_of<T> / 8));
      x = f(x, y);
    });
    return x.get(0);
  }
}
template <unsigned M, class T, unsigned N> inline float reduce_float(const accum<accfloat, N> &a) {
  if constexpr (N > 16) return reduce_float<M, T>(acc_sum<false>(a.template extract<N / 2>(0), a.template extract<N / 2>(1)));
  else {
    __aie_v16 x = a.__d[0];
    each<__builtin_ctz(N)>([&](auto s) { x = __aie_vaccadd_f32(x, __aie_vshift(x, x, (int)((N >> (s + 1)) * 4))); });
    return __builtin_bit_cast(float, __aie_vextract_w32(x, 0));
  }
}
}  // namespace detail
namespace detail {
// Halves are added, as vectors, down to 16 lanes of 8 bits or 8 of 16; those in an accumulator, as two rows of matrices times
// ones: that sum is narrowed as the saturation mode says.
template <class T, unsigned N> inline T reduce_narrow(const vector<T, N> &v) {
  if constexpr (vector<T, N>::__parts > 1) return reduce_narrow(add(v.template extract<N / 2>(0), v.template extract<N / 2>(1)));
  else {
    constexpr int bytes = bits_of<T> / 8, s = detail::is_signed<T>;
    __aie_v16 x = v.__d[0], ones = __AIE_BY_WIDTH(vbcst, T, 1);
    each<__builtin_ctz(N * bytes / 16)>([&](auto k) {
      __aie_v16 y = __aie_vshift(x, x, (int)(N * bytes >> (k + 1)));
      x = __AIE_BY_INTEGER(vadd, T, x, y);
    });
    __aie_v16 y = __aie_vshift(x, x, 8);
    if constexpr (bytes == 1) {
      __aie_v32 acc = __aie_vmmul_i8_4x8x8(x, ones, s, s);
      acc = __aie_vmmac_i8_4x8x8(low(acc), high(acc), y, ones, s, s);
      return accum<acc32, 32>(acc).template to_vector<T>().get(0);
    } else {
      __aie_v32 acc = __aie_vmmul_i16_4x4x4(x, ones, s, s);
      acc = __aie_vmmac_i16_4x4x4(low(acc), high(acc), y, ones, s, s);
      return accum<acc64, 16>(__builtin_bit_cast(typename native_vector<int64_t, 16>::type, acc)).template to_vector<T>().get(0);
    }
  }
}
// rows of eight as matrices times ones, then the four rows
template <unsigned N> inline bfloat16 reduce_bfloat(const vector<bfloat16, N> &v) {
  __aie_v16 ones = __aie_vbcst_w16(to_bits(bfloat16(1)));
  accum<accfloat, 16> acc;
  acc.__d[0] = __aie_vmmul_bf16_4x8x4(v.__d[0], ones);
  each<vector<bfloat16, N>::__parts - 1>([&](auto k) { acc.__d[0] = __aie_vmmac_bf16_4x8x4(acc.__d[0], v.__d[k + 1], ones); });
  if constexpr (N > 16) acc.__d[0] = __aie_vaccadd_f32(acc.__d[0], __aie_vshift(acc.__d[0], acc.__d[0], 32));
  if constexpr (N > 8) acc.__d[0] = __aie_vaccadd_f32(acc.__d[0], __aie_vshift(acc.__d[0], acc.__d[0], 16));
  return acc.template to_vector<bfloat16>().get(0);
}
}  // namespace detail
template <class T, unsigned N> inline T reduce_add(const vector<T, N> &v) {
  if constexpr (std::is_same_v<T, bfloat16>) return detail::reduce_bfloat(v);
  else if constexpr (std::is_same_v<T, float>) return detail::reduce_float<N, float>(accum<accfloat, N>(v));
  else if constexpr (detail::bits_of<T> < 32) return detail::reduce_narrow(v);
  else return detail::reduce(v, [](const auto &a, const auto &b) { return add(a, b); });
}
template <class T, unsigned N> inline T reduce_max(const vector<T, N> &v) { return detail::reduce(v, [](const auto &a, const auto &b) { return max(a, b); }); }
template <class T, unsigned N> inline T reduce_min(const vector<T, N> &v) { return detail::reduce(v, [](const auto &a, const auto &b) { return min(a, b); }); }
template <class T, unsigned N> inline T reduce_mul(const vector<T, N> &v) {
  return detail::reduce(v, [](const auto &a, const auto &b) { return mul(a, b).template to_vector<T>(0); });
}
// the same, with a value more to begin with
template <ElemBaseType T, unsigned N> inline T reduce_add(const T &first, const vector<T, N> &v) { return first + reduce_add(v); }
template <ElemBaseType T, unsigned N> inline T reduce_max(const T &first, const vector<T, N> &v) { T x = reduce_max(v); return first < x ? x : first; }
template <ElemBaseType T, unsigned N> inline T reduce_min(const T &first, const vector<T, N> &v) { T x = reduce_min(v); return x < first ? x : first; }
template <class Tag, unsigned N> requires(detail::is_acc_tag<Tag>) inline auto reduce_add(const accum<Tag, N> &) {
  static_assert(!detail::is_acc_tag<Tag>, "reduce_add: an accumulator is not a vector: use to_vector<T>(shift), or name the result's type: reduce_add<T>(acc)");
  return 0;
}
// an accumulator's lanes, rounded once at the end
template <ElemBaseType T, class Tag, unsigned N> inline auto reduce_add(const accum<Tag, N> &a) {
  static_assert(std::is_same_v<Tag, accfloat> == detail::floating<T>, "accfloat becomes bfloat16 or float, acc32 and acc64 become integers");
  if constexpr (std::is_same_v<Tag, accfloat>) return accum<accfloat, 16>(broadcast<float, 16>(detail::reduce_float<N, float>(a))).template to_vector<T>().get(0);
  else if constexpr (N * detail::acc_bits<Tag> > 512) return reduce_add<T>(detail::acc_sum<false>(a.template extract<N / 2>(0), a.template extract<N / 2>(1)));
  else return (T)reduce_add(a.template to_vector<std::conditional_t<detail::is_signed<T>, int32_t, uint32_t>>());
}
template <class V> requires(detail::is_vector<V>) [[deprecated("use reduce_add")]] inline auto add_reduce(const V &v) { return reduce_add(v); }
template <class V> requires(detail::is_vector<V>) [[deprecated("use reduce_max")]] inline auto max_reduce(const V &v) { return reduce_max(v); }
template <class V> requires(detail::is_vector<V>) [[deprecated("use reduce_min")]] inline auto min_reduce(const V &v) { return reduce_min(v); }
// the reductions of several vectors, as the elements of one
namespace detail {
template <class F, class T, unsigned N, class... V> inline auto reduce_all(F f, const vector<T, N> &first, const V &...rest) {
  static_assert((std::is_same_v<value_t<V>, vector<T, N>> && ...), "all vectors must have the same type and size");
  static_assert(sizeof...(V) < 4, "only 4 vectors can be reduced in parallel");
  vector<T, N> r = zeros<T, N>();
  unsigned i = 0;
  r.set(f(first), i++);
  (r.set(f(rest), i++), ...);
  return r;
}
}  // namespace detail
template <class T, unsigned N, class... V> inline auto reduce_add_v(const vector<T, N> &first, const V &...rest) {
  return detail::reduce_all([](const auto &v) { return reduce_add(v); }, first, rest...);
}
template <class T, unsigned N, class... V> inline auto reduce_max_v(const vector<T, N> &first, const V &...rest) {
  return detail::reduce_all([](const auto &v) { return reduce_max(v); }, first, rest...);
}
template <class T, unsigned N, class... V> inline auto reduce_min_v(const vector<T, N> &first, const V &...rest) {
  return detail::reduce_all([](const auto &v) { return reduce_min(v); }, first, rest...);
}

}  // namespace aie
