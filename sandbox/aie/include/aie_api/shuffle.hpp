// Permutations, concatenation and reductions.
#pragma once
#include "multiply.hpp"

namespace aie {

template <class T, unsigned N, class... V> inline auto concat(const vector<T, N> &first, const V &...rest) {
  static_assert((std::is_same_v<V, vector<T, N>> && ...), "concat: all vectors must have the same type and size");
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

namespace detail {
template <class V> inline constexpr int register_bytes = V::bits < 512 ? V::bits / 8 : 64;
// element i of the result is element i + n of a:b
template <class T, unsigned N> inline vector<T, N> window(const vector<T, N> &a, const vector<T, N> &b, unsigned n) {
  using V = vector<T, N>;
  V r;
  int bytes = (int)n * (bits_of<T> / 8);
  if constexpr (V::bits == 512) r.d[0] = __aie_vshift(a.d[0], b.d[0], bytes);
  else if constexpr (V::bits == 256) r.d[0] = __aie_vshift(join(a.d[0], b.d[0]), a.d[0], bytes);
  else if constexpr (V::bits == 128) r.d[0] = __aie_vshift(__aie_vset_q128(a.d[0], b.d[0], 1), a.d[0], bytes);
  else {
    __aie_v16 all[2 * V::parts];
    each<V::parts>([&](auto k) { all[k] = a.d[k]; all[V::parts + k] = b.d[k]; });
    int whole = bytes / 64;
    each<V::parts>([&](auto k) { r.d[k] = __aie_vshift(all[whole + k], all[whole + k + 1 < 2 * V::parts ? whole + k + 1 : whole + k], bytes % 64); });
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
  each<V::parts>([&](auto k) { r.d[k] = __AIE_BY_WIDTH(vshuffle_reverse, T, v.d[V::parts - 1 - k], (int)V::lanes); });
  return r;
}

namespace detail {
template <class T> __aie_v16 zip_low(__aie_v16 a, __aie_v16 b, int lanes) { return __AIE_BY_WIDTH(vshuffle_ziplo, T, a, b, lanes); }
template <class T> __aie_v16 zip_high(__aie_v16 a, __aie_v16 b, int lanes) { return __AIE_BY_WIDTH(vshuffle_ziphi, T, a, b, lanes); }
template <class T> __aie_v16 even(__aie_v16 a, __aie_v16 b, int lanes) { return __AIE_BY_WIDTH(vshuffle_even, T, a, b, lanes); }
template <class T> __aie_v16 odd(__aie_v16 a, __aie_v16 b, int lanes) { return __AIE_BY_WIDTH(vshuffle_odd, T, a, b, lanes); }
template <class V> struct two { V first, second; };

// interleave at the width of T; larger steps are done at a wider element type
template <class T, unsigned N> inline two<vector<T, N>> zip(const vector<T, N> &a, const vector<T, N> &b) {
  using V = vector<T, N>;
  two<V> r;
  each<V::parts>([&](auto k) {
    __aie_v16 x = zip_low<T>(a.d[k], b.d[k], V::lanes), y = zip_high<T>(a.d[k], b.d[k], V::lanes);
    constexpr unsigned i = 2 * k, j = 2 * k + 1;
    if constexpr (i < V::parts) r.first.d[i] = x; else r.second.d[i - V::parts] = x;
    if constexpr (j < V::parts) r.first.d[j] = y; else r.second.d[j - V::parts] = y;
  });
  return r;
}
template <class T, unsigned N> inline two<vector<T, N>> unzip(const vector<T, N> &a, const vector<T, N> &b) {
  using V = vector<T, N>;
  __aie_v16 all[2 * V::parts];
  each<V::parts>([&](auto k) { all[k] = a.d[k]; all[V::parts + k] = b.d[k]; });
  two<V> r;
  each<V::parts>([&](auto k) {
    r.first.d[k] = even<T>(all[2 * k], all[2 * k + 1], V::lanes);
    r.second.d[k] = odd<T>(all[2 * k], all[2 * k + 1], V::lanes);
  });
  return r;
}
// steps of 2^s elements, by permuting whole elements one by one where no operation does it at once
template <class T, unsigned N, class F> inline two<vector<T, N>> permute2(const vector<T, N> &a, const vector<T, N> &b, F from) {
  two<vector<T, N>> r{a, b};
  for (unsigned i = 0; i < 2 * N; i++) {
    unsigned j = from(i);
    T x = j < N ? a.get(j) : b.get(j - N);
    if (i < N) r.first.set(x, i); else r.second.set(x, i - N);
  }
  return r;
}
template <bool join_, class T, unsigned N> inline two<vector<T, N>> step_zip(const vector<T, N> &a, const vector<T, N> &b, unsigned step) {
  auto as = [&]<class W>(W) {
    auto x = a.template cast_to<W>(), y = b.template cast_to<W>();
    auto z = join_ ? zip(x, y) : unzip(x, y);
    return two<vector<T, N>>{z.first.template cast_to<T>(), z.second.template cast_to<T>()};
  };
  unsigned bits = step * bits_of<T>;
  if (bits == 8) return as(int8_t{});
  if (bits == 16) return as(int16_t{});
  if (bits == 32) return as(int32_t{});
  if constexpr (join_) return permute2(a, b, [=](unsigned i) { unsigned g = i / (2 * step), o = i % (2 * step); return o < step ? g * step + o : N + g * step + o - step; });
  else return permute2(a, b, [=](unsigned i) { unsigned half = i / N, o = i % N, g = o / step; return (2 * g + half) * step + o % step; });
}
}  // namespace detail
// a pair, as in: auto [low, high] = interleave_zip(a, b, 1)
template <class T, unsigned N> inline auto interleave_zip(const vector<T, N> &a, const vector<T, N> &b, unsigned step) { return detail::step_zip<true>(a, b, step); }
template <class T, unsigned N> inline auto interleave_unzip(const vector<T, N> &a, const vector<T, N> &b, unsigned step) { return detail::step_zip<false>(a, b, step); }
template <class T, unsigned N> inline vector<T, N / 2> filter_even(const vector<T, N> &v, unsigned step = 1) {
  auto a = v.template extract<N / 2>(0), b = v.template extract<N / 2>(1);
  return detail::step_zip<false>(a, b, step).first;
}
template <class T, unsigned N> inline vector<T, N / 2> filter_odd(const vector<T, N> &v, unsigned step = 1) {
  auto a = v.template extract<N / 2>(0), b = v.template extract<N / 2>(1);
  return detail::step_zip<false>(a, b, step).second;
}
// a matrix of `rows` rows, row by row, to the matrix of its columns
template <class T, unsigned N> inline vector<T, N> transpose(const vector<T, N> &v, unsigned rows, unsigned columns) {
  using namespace detail;
  using V = vector<T, N>;
  static_assert(V::bits <= 1024, "transpose: the matrix takes at most 1024 bits");
  V r;
  each<V::parts>([&](auto k) { r.d[k] = __AIE_BY_WIDTH(vshuffle_transpose, T, v.d[0], v.d[V::parts - 1], (int)rows, (int)columns, (int)k); });
  return r;
}

// --- reductions: a tree over registers, then over the lanes of one
namespace detail {
template <class T, unsigned N, class F> inline T reduce(const vector<T, N> &v, F f) {
  using V = vector<T, N>;
  if constexpr (V::parts > 1) {
    return reduce(f(v.template extract<N / 2>(0), v.template extract<N / 2>(1)), f);
  } else {
    V x = v;
    constexpr unsigned steps = __builtin_ctz(N);
    each<steps>([&](auto s) {
      V y;
      y.d[0] = __aie_vshift(x.d[0], x.d[0], (int)((N >> (s + 1)) * bits_of<T> / 8));
      x = f(x, y);
    });
    return x.get(0);
  }
}
template <unsigned M, class T, unsigned N> inline float reduce_float(const accum<accfloat, N> &a) {
  if constexpr (N > 16) return reduce_float<M, T>(acc_sum<false>(a.template extract<N / 2>(0), a.template extract<N / 2>(1)));
  else {
    __aie_v16 x = a.d[0];
    each<__builtin_ctz(N)>([&](auto s) { x = __aie_vaccadd_f32(x, __aie_vshift(x, x, (int)((N >> (s + 1)) * 4))); });
    return __builtin_bit_cast(float, __aie_vextract_w32(x, 0));
  }
}
}  // namespace detail
template <class T, unsigned N> inline T reduce_add(const vector<T, N> &v) {
  if constexpr (std::is_same_v<T, bfloat16>) {
    accum<accfloat, N> a(v);
    vector<float, N> w = a.template to_vector<float>();
    float s = detail::reduce_float<N, float>(accum<accfloat, N>(w));
    return broadcast<float, 16>(s).get(0), accum<accfloat, 16>(broadcast<float, 16>(s)).template to_vector<bfloat16>().get(0);
  } else if constexpr (std::is_same_v<T, float>) {
    return detail::reduce_float<N, float>(accum<accfloat, N>(v));
  } else {
    return detail::reduce(v, [](const auto &a, const auto &b) { return add(a, b); });
  }
}
template <class T, unsigned N> inline T reduce_max(const vector<T, N> &v) { return detail::reduce(v, [](const auto &a, const auto &b) { return max(a, b); }); }
template <class T, unsigned N> inline T reduce_min(const vector<T, N> &v) { return detail::reduce(v, [](const auto &a, const auto &b) { return min(a, b); }); }
template <class T, unsigned N> inline T reduce_mul(const vector<T, N> &v) {
  return detail::reduce(v, [](const auto &a, const auto &b) { return mul(a, b).template to_vector<T>(0); });
}
template <class Tag, unsigned N> requires(detail::is_acc_tag<Tag>) inline auto reduce_add(const accum<Tag, N> &a) {
  if constexpr (std::is_same_v<Tag, accfloat>) return detail::reduce_float<N, float>(a);
  else return reduce_add(a.template to_vector<int32_t>(0));
}
// the reductions of several vectors, as the elements of one
namespace detail {
template <class F, class T, unsigned N, class... V> inline vector<T, N> reduce_all(F f, const vector<T, N> &first, const V &...rest) {
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
