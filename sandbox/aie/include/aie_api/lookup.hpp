// Lookup tables: lanes that are addresses.
#pragma once
#include "products.hpp"

namespace aie {

enum class lut_oor_policy { saturate, truncate };

// A table in memory. For 4 accesses at a time it is there twice, and within each copy every 128 bits are repeated.
template <unsigned ParallelAccesses, class OffsetType, class SlopeType = OffsetType> struct lut {
  static_assert(ParallelAccesses == 1 || ParallelAccesses == 2 || ParallelAccesses == 4, "lut: 1, 2 or 4 parallel accesses");
  static constexpr unsigned __accesses = ParallelAccesses;
  using offset_type = OffsetType;
  using slope_type = SlopeType;
  using lut_impl = lut;
  unsigned LUT_elems_;
  const void *LUT_ab_, *LUT_cd_;
  constexpr lut(unsigned LUT_elems, const void *LUT_ab, const void *LUT_cd) requires(ParallelAccesses == 4) : LUT_elems_(LUT_elems), LUT_ab_(LUT_ab), LUT_cd_(LUT_cd) {}
  constexpr lut(unsigned LUT_elems, const void *LUT_ab) requires(ParallelAccesses < 4) : LUT_elems_(LUT_elems), LUT_ab_(LUT_ab), LUT_cd_(LUT_ab) {}
};
template <class T> inline constexpr bool is_lut_v = false;
template <unsigned P, class O, class S> inline constexpr bool is_lut_v<lut<P, O, S>> = true;
template <class T> struct is_lut { static constexpr bool value() { return is_lut_v<T>; } };
template <class T> concept ParallelLUT = is_lut_v<T>;

namespace detail {
enum table_fault { none = 0, not_a_power_of_two = 8, few_step_bits = 9 };  // as in kernelgepa/npu/tile.py
inline __attribute__((always_inline)) const char *checked_table(const void *p, unsigned bytes, table_fault wrong) {
  return (const char *)__aie_table(p, (int)bytes, (int)__builtin_object_size(p, 0), wrong, 0);
}
// Two addresses of every four in the first table, two in the second: base and byte offset, which counts both copies.
inline __aie_v16 table_addresses(const void *ab, const void *cd, __aie_v16 offsets) {
  auto bases = __aie_vsel_w32(__aie_vbcst_w32((int)(uintptr_t)ab), __aie_vbcst_w32((int)(uintptr_t)cd), 0xcccc);
  return __aie_vadd_i32(bases, offsets);
}
// values of BITS for 8 of 16 offsets, each in 64 bits
template <unsigned BITS> inline __aie_v16 look_up(const void *ab, const void *cd, __aie_v16 addresses, int half) {
  auto read = [&](int q) {
    if constexpr (BITS == 16) return widen(__aie_vgather_w16(addresses, q, ab, cd, 0));
    else if constexpr (BITS == 32) return widen(__aie_vgather_w32(addresses, q, ab, cd, 0));
    else return widen(__aie_vgather_w64(addresses, q, ab, cd, 0));
  };
  return join(read(2 * half), read(2 * half + 1));
}
}  // namespace detail

}  // namespace aie

// templates for the sake of kernels without tables, as in intrinsics.hpp
#define __AIE_LOAD_LUT(NAME, BITS, V, OFFSETS)                                                                \
  template <unsigned bits = BITS> inline void load_lut_##NAME(const void *lut1, const void *lut2, OFFSETS offset, V &v1) {                    \
    using namespace ::aie::detail;                                                                            \
    v1 = __builtin_bit_cast(V, look_up<bits>(lut1, lut2, table_addresses(lut1, lut2, register_of(offset)), 0)); \
  }                                                                                                           \
  template <unsigned bits = BITS> inline void load_lut_2x_##NAME(const void *lut1, const void *lut2, OFFSETS offset, V &v1, V &v2) {          \
    using namespace ::aie::detail;                                                                            \
    auto at = table_addresses(lut1, lut2, register_of(offset));                                               \
    v1 = __builtin_bit_cast(V, look_up<bits>(lut1, lut2, at, 0));                                             \
    v2 = __builtin_bit_cast(V, look_up<bits>(lut1, lut2, at, 1));                                             \
  }
#define __AIE_LOAD_LUTS(NAME, BITS, V) __AIE_LOAD_LUT(NAME, BITS, V, v16int32) __AIE_LOAD_LUT(NAME, BITS, V, v16uint32)
__AIE_LOAD_LUTS(int8, 16, v64int8)
__AIE_LOAD_LUTS(int16, 32, v32int16)
__AIE_LOAD_LUTS(int32, 64, v16int32)
__AIE_LOAD_LUTS(float, 64, v32bfloat16)

namespace aie {

// The value at index (x >> step_bits) + bias for each lane x.
template <class T, ParallelLUT MyLUT, lut_oor_policy policy = lut_oor_policy::saturate> class parallel_lookup {
  using V = typename MyLUT::offset_type;
  static_assert(MyLUT::__accesses == 4, "parallel_lookup: the core looks up four values at once: lut<4, T>");
  static_assert(detail::is_element<T> && !detail::floating<T>, "parallel_lookup: the index is of integers");
  static_assert(detail::is_element<V> && std::is_same_v<V, typename MyLUT::slope_type>, "parallel_lookup: the table is of one element type: lut<4, T>");
  static constexpr unsigned bits = detail::bits_of<V> == 8 ? 16 : detail::bits_of<V>, shift = bits == 32 ? 3 : 2;
  static constexpr bool wraps = policy == lut_oor_policy::truncate;
  const char *ab, *cd;
  int by;
  vector<int32_t, 16> least, most;
  const bool whole;  // every index there can be is one of the table's

  static bool covered(unsigned elems, unsigned step_bits, unsigned bias) {
    return 1ll << detail::bits_of<T> == (long long)elems << step_bits && (bias == 0 || (detail::is_signed<T> && bias == elems >> 1));
  }
  vector<int32_t, 16> within(vector<int32_t, 16> index) const {
    if (chess_manifest(whole)) return index;
    if constexpr (wraps && detail::is_signed<T>) index = add(index, least);
    if constexpr (wraps) return bit_and(index, most);
    index = min(index, most);
    return detail::is_signed<T> ? max(index, least) : index;
  }
  parallel_lookup(const MyLUT &l, unsigned step_bits, unsigned bias, int) : by((int)step_bits - (int)shift), whole(covered(l.LUT_elems_, step_bits, bias)) {
    bool centred = whole && detail::is_signed<T> && bias == 0;  // the pointers are to the middle
    unsigned bytes = centred ? l.LUT_elems_ << shift >> 1 : l.LUT_elems_ << shift;
    int first = (int)(bias << shift), last = (int)(l.LUT_elems_ << shift) - 1;
    auto wrong = wraps && (l.LUT_elems_ & (l.LUT_elems_ - 1)) ? detail::not_a_power_of_two : detail::none;
    ab = detail::checked_table(l.LUT_ab_, bytes, wrong);
    cd = detail::checked_table(l.LUT_cd_, bytes, wrong);
    if (!wraps || chess_manifest(whole)) ab += first, cd += first;
    bool kept = wraps && detail::is_signed<T>;
    most = broadcast<int32_t, 16>(kept ? last : last - first);
    least = broadcast<int32_t, 16>(kept ? first : -first);
  }

 public:
  template <class U = T> requires(detail::is_signed<U>) parallel_lookup(const MyLUT &l, unsigned step_bits = 0, unsigned bias = 0) : parallel_lookup(l, step_bits, bias, 0) {}
  template <class U = T> requires(!detail::is_signed<U>) parallel_lookup(const MyLUT &l, unsigned step_bits = 0) : parallel_lookup(l, step_bits, 0, 0) {}
  template <class U = T> requires(!detail::is_signed<U>) parallel_lookup(const MyLUT &l, unsigned step_bits, unsigned) : parallel_lookup(l, step_bits, 0, 0) {
    static_assert(detail::is_signed<U>, "parallel_lookup: an unsigned index has no bias");
  }
  template <Vector Vec, unsigned N = Vec::size()> vector<V, N> fetch(const Vec &input) const {
    using namespace detail;
    constexpr unsigned M = Vec::size();
    static_assert(M == 16 || M == 32, "fetch: 16 or 32 indices at a time");
    static_assert(M == 16 || bits < 32, "fetch: 16 indices at a time into a table of 32-bit values");
    static_assert(N <= M, "fetch: more values than indices");
    value_t<Vec> keys = input;
    accum<acc64, M> wide;
    if constexpr (bits_of<typename Vec::value_type> == 8) wide.from_vector(keys.unpack());
    else wide.from_vector(keys);
    using held = std::conditional_t<bits_of<V> == bits, V, std::conditional_t<is_signed<V>, int16_t, uint16_t>>;
    vector<held, 512 / bits> r;
    each<M / 16>([&](auto k) {
      auto index = within(wide.template extract<16>(k).template to_vector<int32_t>(by));
      auto at = table_addresses(ab, cd, index.__d[0]);
      __aie_v16 low = look_up<bits>(ab, cd, at, 0), high = look_up<bits>(ab, cd, at, 1);
      if constexpr (bits == 32) r.__d[0] = __aie_vshuffle_even_w32(low, high, 16);
      else put_half(r, k, __aie_vshuffle_transpose_w16(low, high, 16, 4, 0));
    });
    if constexpr (bits_of<V> == 8) return r.pack().template extract<N>(0);
    else return r.template extract<N>(0);
  }
  template <unsigned N, Vector Vec> vector<V, N> fetch(const Vec &input) const { return fetch<Vec, N>(input); }
};

namespace detail {
// Inputs wait in memory until their products: the registers would not suffice. A ring of four vectors; its pointers hide
// from the compiler where they point, so that the object that holds it lies in memory too, as with the core's own headers.
class ring {
  alignas(32) char pad[128];
  const void *in = pad, *out = pad;
  int in_count = 0, out_count = 0, steps = 3, on = 32, back = -96;
  const void *next(const void *&p, int &count) {
    const void *at = p;
    p = __aie_add_2d(p, back, steps, count, on);
    count = __aie_add_2d_count(steps, count);
    return at;
  }

 public:
  template <class T, unsigned N> void put(const vector<T, N> &v) { store((void *)next(in, in_count), v); }
  template <class T, unsigned N> vector<T, N> take() { return load<T, N>(next(out, out_count)); }
};
// slope and offset of each lane of 16, from BITS for both
template <unsigned BITS> struct pairs {
  __aie_v16 low, high;
  pairs(const void *ab, const void *cd, __aie_v16 offsets) {
    auto at = table_addresses(ab, cd, offsets);
    low = look_up<BITS>(ab, cd, at, 0), high = look_up<BITS>(ab, cd, at, 1);
  }
  __aie_v16 lower16() const { return __aie_vshuffle_transpose_w16(low, high, 16, 4, 0); }  // of each, then the next 16 bits
  __aie_v16 lower32() const { return __aie_vshuffle_even_w32(low, high, 16); }
  __aie_v16 upper32() const { return __aie_vshuffle_odd_w32(low, high, 16); }
};
// what tables of integers have in common: BITS for slope and offset
template <class T, unsigned BITS> class integer_approx {
  static constexpr unsigned shift = BITS == 16 ? 2 : BITS == 32 ? 3 : 4;
  const char *ab, *cd;
  int by;
  accum<acc64, 16> bias;
  vector<uint32_t, 16> most;

 protected:
  int shift_offset;
  vector<std::make_unsigned_t<T>, 512 / bits_of<T>> mask;
  ring waiting;
  integer_approx(unsigned elems, const void *LUT_ab, const void *LUT_cd, int step_bits, int b, int s) : by(step_bits - (int)shift), shift_offset(s) {
    auto wrong = by < 0 ? few_step_bits : none;
    ab = checked_table(LUT_ab, elems << shift, wrong);
    cd = checked_table(LUT_cd, elems << shift, wrong);
    bias.from_vector(broadcast<int32_t, 16>(b << shift), by);
    most = broadcast<uint32_t, 16>((elems << shift) - 1);
    using U = std::make_unsigned_t<T>;
    mask = zeros<U, 512 / bits_of<T>>();
    mask.insert(0, broadcast<U, 256 / bits_of<T>>((U)((1u << step_bits) - 1)));
  }
  // `multiple`: the input without its lowest step_bits
  pairs<BITS> of(const accum<acc64, 16> &multiple) const {
    auto index = min(add(multiple, bias).template to_vector<uint32_t>(by), most);
    return {ab, cd, index.__d[0]};
  }
};

template <class T, class O, class S> struct approximation {
  static_assert(!sizeof(T), "linear_approx: tables are lut<4, int8> for int8, lut<4, int16> or lut<4, int32> for int16, lut<4, float, bfloat16> for bfloat16");
};
template <class T> requires(std::is_same_v<T, int8_t>) struct approximation<T, T, T> : integer_approx<T, 16> {
  static constexpr unsigned lanes = 32;
  using of_integers = integer_approx<T, 16>;
  template <class L> approximation(const L &l, unsigned step_bits, int bias, int shift_offset) : of_integers(l.LUT_elems_, l.LUT_ab_, l.LUT_cd_, (int)step_bits, bias, shift_offset) {}
  accum<acc32, 32> compute(const vector<T, 32> &input) {
    auto rest = bit_and(input.template cast_to<uint8_t>().template grow<64>(), this->mask).template extract<32>(0);
    this->waiting.put(input);
    auto multiple = sub(input, rest.template cast_to<T>()).unpack();
    __aie_v16 first = this->of(accum<acc64, 16>(multiple.template extract<16>(0))).lower16();
    __aie_v16 second = this->of(accum<acc64, 16>(multiple.template extract<16>(1))).lower16();
    __aie_v16 both = join(first, second);
    vector<T, 32> offset;
    offset.__d[0] = __aie_vshuffle_odd_w8(both, both, 64);
    accum<acc32, 32> result(offset, this->shift_offset);
    auto again = bit_and(this->waiting.template take<uint8_t, 32>().template grow<64>(), this->mask);
    put_pair(result.__d, 0, 2, __aie_vmac_i8(result.__d[0], result.__d[1], __aie_vshuffle_even_w8(both, both, 64), again.__d[0], 0, true, false));
    return result;
  }
};
template <class T, class O> requires(std::is_same_v<T, int16_t>) struct approximation<T, O, O> : integer_approx<T, 2 * bits_of<O>> {
  static_assert(std::is_same_v<O, int16_t> || std::is_same_v<O, int32_t>, "linear_approx: a table for int16 is lut<4, int16> or lut<4, int32>");
  static constexpr unsigned lanes = 16;
  using of_integers = integer_approx<T, 2 * bits_of<O>>;
  template <class L> approximation(const L &l, unsigned step_bits, int bias, int shift_offset) : of_integers(l.LUT_elems_, l.LUT_ab_, l.LUT_cd_, (int)step_bits, bias, shift_offset) {}
  accum<acc64, 16> compute(const vector<T, 16> &input) {
    accum<acc64, 16> rest(bit_and(input.template cast_to<uint16_t>().template grow<32>(), this->mask).template extract<16>(0));
    this->waiting.put(rest.template to_vector<T>());
    auto pair = this->of(sub(accum<acc64, 16>(input), rest));
    auto again = zeros<uint16_t, 32>().insert(0, this->waiting.template take<uint16_t, 16>());
    vector<O, 16> offset;
    accum<acc64, 16> result;
    if constexpr (bits_of<O> == 16) {
      __aie_v16 both = pair.lower16();
      offset.__d[0] = upper_down(both);
      result.from_vector(offset, this->shift_offset);
      put_pair(result.__d, 0, 2, __aie_vmac_i16_a64(result.__d[0], result.__d[1], both, again.__d[0], 0, true, false));
    } else {
      offset.__d[0] = pair.upper32();
      result.from_vector(offset, this->shift_offset);
      put_pair(result.__d, 0, 2, __aie_vmac_i32xi16(result.__d[0], result.__d[1], pair.lower32(), again.__d[0], 0, true, false));
    }
    return result;
  }
};
template <class T, class O> requires(std::is_same_v<T, bfloat16> && std::is_same_v<O, float>) class approximation<T, O, T> {
  const char *ab, *cd;
  int by;
  vector<int32_t, 16> least, most;
  vector<T, 32> delayed = zeros<T, 32>();
  ring waiting;

 public:
  static constexpr unsigned lanes = 16;
  template <class L> approximation(const L &l, unsigned step_bits, int bias, int) : by(4 - (int)step_bits) {
    int first = bias << 4, last = (int)(l.LUT_elems_ << 4) - 1;
    ab = checked_table(l.LUT_ab_, l.LUT_elems_ << 4, none) + first;
    cd = checked_table(l.LUT_cd_, l.LUT_elems_ << 4, none) + first;
    least = broadcast<int32_t, 16>(-first), most = broadcast<int32_t, 16>(last - first);
  }
  accum<accfloat, 16> compute(const vector<T, 16> &input) {
    waiting.put(input);
    vector<int32_t, 16> index;
    index.__d[0] = __aie_vfloor_i32_bf16(input.__d[0], 0, by);
    pairs<64> pair(ab, cd, min(max(index, least), most).__d[0]);
    delayed.insert(1, waiting.template take<T, 16>());
    accum<accfloat, 16> result;
    // the upper 16 bits of a slope stand behind the lower ones, which meet zeros
    result.__d[0] = __aie_vmac_bf16x2(pair.upper32(), pair.lower16(), delayed.__d[0]);
    return result;
  }
};
}  // namespace detail

// slope * (x & (2^step_bits - 1)) + (offset << shift_offset) with the pair at (x >> step_bits) + bias; for bfloat16
// slope * x + offset with that at floor(x * 2^-step_bits) + bias
template <class T, ParallelLUT MyLUT> class linear_approx {
  static_assert(MyLUT::__accesses == 4, "linear_approx: the core looks up four pairs at once: lut<4, ...>");
  using parts = detail::approximation<T, typename MyLUT::offset_type, typename MyLUT::slope_type>;
  parts by_type;

 public:
  linear_approx(const MyLUT &l, unsigned step_bits, int bias = 0, int shift_offset = 0) : by_type(l, step_bits, bias, shift_offset) {}
  template <Vector Vec> auto compute(const Vec &input) {
    constexpr unsigned N = Vec::size();
    static_assert(std::is_same_v<typename Vec::value_type, T>, "linear_approx: the vector's element type is not T");
    static_assert(N <= parts::lanes, "linear_approx: 32 lanes of int8 or 16 of int16 and bfloat16 at a time");
    detail::value_t<Vec> x = input;
    return by_type.compute(x.template grow<parts::lanes>()).template extract<N>(0);
  }
};

}  // namespace aie
