// Products with a window that slides over the data, and weighted sums of vectors.
#pragma once
#include <array>

#include "mmul.hpp"

namespace aie {

namespace detail {
template <unsigned N> inline mask<N> first_lanes(unsigned n) {
  mask<N> m;
  m.__bits[0] = ones(n);
  return m;
}
// at least BITS bits of v, over and over, beginning at element `start`
template <unsigned BITS, class T, unsigned N> inline auto from_element(const vector<T, N> &v, int start) {
  constexpr unsigned M = BITS / bits_of<T> > N ? BITS / bits_of<T> : N;
  return shuffle_down_rotate(v.template grow_replicate<M>(), (unsigned)start & (N - 1));
}
// `count` elements, each `step` after the last
template <unsigned count, int step, class T, unsigned N> inline vector<T, count> elements_from(const vector<T, N> &v, int start) {
  auto r = from_element<count * step * bits_of<T>>(v, start);
  if constexpr (step == 2) return filter_even(r).template extract<count>(0);
  else return r.template extract<count>(0);
}
// One instruction: `lanes` sums of `points` products. 0 lanes: the core has none for these types.
template <class C, class D, class Tag> struct convolution { static constexpr unsigned lanes = 0, points = 1; };
#define __AIE_CONVOLUTION(BITS, TAG, LANES, POINTS, OP)                                                          \
  template <class C, class D> requires(bits_of<C> == BITS && bits_of<D> == BITS && !floating<C> && !floating<D>) \
  struct convolution<C, D, TAG> {                                                                                \
    static constexpr unsigned lanes = LANES, points = POINTS;                                                    \
    static void run(accum<TAG, LANES> &acc, __aie_v16 c, __aie_v16 d) {                                          \
      constexpr unsigned P = accum<TAG, LANES>::__parts;                                                         \
      put_pair(acc.__d, 0, P, __aie_vconvolve_##OP(acc.__d[0], acc.__d[P - 1], d, c, is_signed<D>, is_signed<C>)); \
    }                                                                                                            \
  };
__AIE_CONVOLUTION(8, acc32, 32, 8, i8)
__AIE_CONVOLUTION(16, acc32, 16, 4, i16)
__AIE_CONVOLUTION(16, acc64, 16, 4, i16_a64)

template <unsigned Points, int CS, int DS, class Tag, unsigned L, class C, unsigned NC, class D, unsigned ND>
inline accum<Tag, L> slide(accum<Tag, L> acc, const vector<C, NC> &coeff, unsigned c0, const vector<D, ND> &data, int d0) {
  using native = convolution<C, D, Tag>;
  if constexpr (native::lanes == 0) {
    each<Points>([&](auto p) { acc = mac(acc, elements_from<L, DS>(data, d0 + (int)p * DS), coeff.get((c0 + p * CS) & (NC - 1))); });
    return acc;
  } else {
    constexpr unsigned W = L < native::lanes ? native::lanes : L, all = 512 / bits_of<C>;
    accum<Tag, W> sum = acc.template grow<W>();
    each<(Points + native::points - 1) / native::points>([&](auto q) {
      constexpr unsigned p = q * native::points, left = Points - p;
      vector<C, all> c = elements_from<all, CS>(coeff, c0 + p * CS);
      if constexpr (left < native::points) c = select(zeros<C, all>(), c, first_lanes<all>(left));
      each<W / native::lanes>([&](auto k) {
        auto part = sum.template extract<native::lanes>(k);
        native::run(part, c.__d[0], elements_from<all, DS>(data, d0 + (int)(k * native::lanes + p) * DS).__d[0]);
        sum.insert(k, part);
      });
    });
    return sum.template extract<L>(0);
  }
}
}  // namespace detail

// out[l] = sum over p of coeff[coeff_start + p * CoeffStep] * data[data_start + (l + p) * DataStep], where
// indices go on at the vector's other end
template <unsigned Lanes, unsigned Points, int CoeffStep, int DataStepX, int DataStepY, class CoeffType, class DataType, class AccumTag = accauto> struct sliding_mul_ops {
  static_assert(CoeffStep == 1 || CoeffStep == 2, "sliding_mul: CoeffStep must be 1 or 2");
  static_assert(DataStepX == 1 || DataStepX == 2, "sliding_mul: DataStepX must be 1 or 2");
  static_assert(DataStepX == DataStepY, "sliding_mul: DataStepY must be DataStepX");
  static_assert(Points > 0, "sliding_mul: at least one point");
  static_assert(detail::multiplies<CoeffType, DataType>(), "sliding_mul: coefficients and data of these types cannot be multiplied");
  static constexpr unsigned lanes = Lanes, points = Points;
  using accum_tag = std::conditional_t<std::is_same_v<AccumTag, accauto>, typename detail::accumulator_of<CoeffType, DataType>::type, AccumTag>;
  using accum_type = accum<accum_tag, Lanes>;
  using coeff_type = CoeffType;
  using data_type = DataType;
  template <unsigned C, unsigned D> static auto mac(const accum_type &acc, const vector<CoeffType, C> &coeff, unsigned coeff_start, const vector<DataType, D> &data, int data_start) {
    static_assert(vector<CoeffType, C>::__bits <= 512, "sliding_mul: the coefficients take at most 512 bits");
    static_assert(vector<DataType, D>::__bits <= 1024, "sliding_mul: the data takes at most 1024 bits");
    return detail::slide<Points, CoeffStep, DataStepX>(acc, coeff, coeff_start, data, data_start);
  }
  template <unsigned C, unsigned D> static auto mul(const vector<CoeffType, C> &coeff, unsigned coeff_start, const vector<DataType, D> &data, int data_start) {
    return mac(zeros<accum_tag, Lanes>(), coeff, coeff_start, data, data_start);
  }
  template <unsigned C, unsigned D> static auto negmul(const vector<CoeffType, C> &coeff, unsigned coeff_start, const vector<DataType, D> &data, int data_start) {
    return neg(mul(coeff, coeff_start, data, data_start));
  }
};
template <unsigned Lanes, unsigned Points, int CoeffStep, int DataStepX, class CoeffType, class DataType, class AccumTag = accauto> using sliding_mul_x_ops = sliding_mul_ops<Lanes, Points, CoeffStep, DataStepX, 1, CoeffType, DataType, AccumTag>;
template <unsigned Lanes, unsigned Points, int CoeffStep, int DataStepY, class CoeffType, class DataType, class AccumTag = accauto> using sliding_mul_y_ops = sliding_mul_ops<Lanes, Points, CoeffStep, 1, DataStepY, CoeffType, DataType, AccumTag>;
template <unsigned Lanes, unsigned Points, int CoeffStep, int DataStepXY, class CoeffType, class DataType, class AccumTag = accauto> using sliding_mul_xy_ops = sliding_mul_ops<Lanes, Points, CoeffStep, DataStepXY, DataStepXY, CoeffType, DataType, AccumTag>;
template <unsigned Lanes, unsigned Points, int CoeffStep = 1, int DataStepX = 1, int DataStepY = DataStepX, class AccumTag = accauto, class C, unsigned NC, class D, unsigned ND>
inline auto sliding_mul(const vector<C, NC> &coeff, unsigned coeff_start, const vector<D, ND> &data, int data_start) {
  return sliding_mul_ops<Lanes, Points, CoeffStep, DataStepX, DataStepY, C, D, AccumTag>::mul(coeff, coeff_start, data, data_start);
}
template <unsigned Lanes, unsigned Points, int CoeffStep = 1, int DataStepX = 1, int DataStepY = DataStepX, class Tag, unsigned N, class C, unsigned NC, class D, unsigned ND>
inline auto sliding_mac(const accum<Tag, N> &acc, const vector<C, NC> &coeff, unsigned coeff_start, const vector<D, ND> &data, int data_start) {
  static_assert(N == Lanes, "sliding_mac: the accumulator's size is not Lanes");
  return sliding_mul_ops<Lanes, Points, CoeffStep, DataStepX, DataStepY, C, D, Tag>::mac(acc, coeff, coeff_start, data, data_start);
}

// acc + coeff[start] * first + coeff[start + 1] * second + ...
template <unsigned Lanes, class Tag, unsigned N, class C, unsigned NC, class D, unsigned M, class... V>
inline auto accumulate(const accum<Tag, N> &acc, const vector<C, NC> &coeff, unsigned coeff_start, const vector<D, M> &first, const V &...rest) {
  static_assert(N == Lanes && M == Lanes, "accumulate: accumulator and data must have Lanes elements");
  static_assert((std::is_same_v<detail::value_t<V>, vector<D, M>> && ...), "accumulate: all data vectors must have the same type and size");
  accum<Tag, N> r = mac(acc, first, coeff.get(coeff_start));
  ((r = mac(r, rest, coeff.get(++coeff_start))), ...);
  return r;
}
template <unsigned Lanes, class AccumTag = accauto, class C, unsigned NC, class D, unsigned M, class... V>
inline auto accumulate(const vector<C, NC> &coeff, unsigned coeff_start, const vector<D, M> &first, const V &...rest) {
  using Tag = std::conditional_t<std::is_same_v<AccumTag, accauto>, typename detail::accumulator_of<C, D>::type, AccumTag>;
  static_assert(M == Lanes, "accumulate: accumulator and data must have Lanes elements");
  auto product = mul<Tag>(first, coeff.get(coeff_start));
  if constexpr (sizeof...(rest) == 0) return product;
  else return accumulate<Lanes>(product, coeff, coeff_start + 1, rest...);
}

// the same of an array of vectors
template <unsigned Lanes, class Tag, unsigned N, class C, unsigned NC, class V, size_t M> inline auto accumulate(const accum<Tag, N> &acc, const vector<C, NC> &coeff, unsigned coeff_start, const std::array<V, M> &data) {
  return std::apply([&](const auto &...v) { return accumulate<Lanes>(acc, coeff, coeff_start, v...); }, data);
}
template <unsigned Lanes, class AccumTag = accauto, class C, unsigned NC, class V, size_t M> inline auto accumulate(const vector<C, NC> &coeff, unsigned coeff_start, const std::array<V, M> &data) {
  return std::apply([&](const auto &...v) { return accumulate<Lanes, AccumTag>(coeff, coeff_start, v...); }, data);
}

}  // namespace aie
