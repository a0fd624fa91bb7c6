// Element types, modes and what they may be combined with.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <type_traits>

#include "machine.hpp"

#define __aie_inline __attribute__((always_inline))

typedef __bf16 bfloat16;
// the API's own names of the integers
typedef int8_t int8;
typedef uint8_t uint8;
typedef int16_t int16;
typedef uint16_t uint16;
typedef int32_t int32;
typedef uint32_t uint32;
typedef int64_t int64;
typedef uint64_t uint64;

// the core has no heap
void *operator new(decltype(sizeof 0)) __attribute__((unavailable("there is no heap on the core; use a local or static array")));
void *operator new[](decltype(sizeof 0)) __attribute__((unavailable("there is no heap on the core; use a local or static array")));

namespace aie {

enum class rounding_mode {
  floor = 0, ceil = 1, symmetric_floor = 2, symmetric_ceil = 3, negative_inf = 8,
  positive_inf = 9, symmetric_zero = 10, symmetric_inf = 11, conv_even = 12, conv_odd = 13
};
enum class saturation_mode { none = 0, truncate [[deprecated("use saturate")]] = 1, saturate = 1, symmetric = 3 };

namespace detail {
static int rounding = 0;
static int saturation = 0;

template <class T> struct element { static constexpr bool known = false, is_signed = false, floating = false; static constexpr unsigned bits = 32; };
#define __AIE_ELEMENT(T, BITS, SIGNED, FLOATING)               \
  template <> struct element<T> {                              \
    static constexpr bool known = true, is_signed = SIGNED, floating = FLOATING; \
    static constexpr unsigned bits = BITS;                     \
  };
__AIE_ELEMENT(int8_t, 8, true, false)
__AIE_ELEMENT(uint8_t, 8, false, false)
__AIE_ELEMENT(int16_t, 16, true, false)
__AIE_ELEMENT(uint16_t, 16, false, false)
__AIE_ELEMENT(int32_t, 32, true, false)
__AIE_ELEMENT(uint32_t, 32, false, false)
__AIE_ELEMENT(bfloat16, 16, true, true)
__AIE_ELEMENT(float, 32, true, true)
#undef __AIE_ELEMENT
template <class T> inline constexpr unsigned bits_of = element<T>::bits;
template <class T> inline constexpr bool floating = element<T>::floating;
template <class T> inline constexpr bool is_signed = element<T>::is_signed;
template <class T> inline constexpr bool is_element = element<T>::known;
// an error where index `i` is known to the compiler and not below `n`
#define __AIE_INDEX(i, n, text) __attribute__((diagnose_if((i) >= (n), text, "error")))
constexpr bool power_of_two(unsigned n) { return n && !(n & (n - 1)); }

// calls f with the constants 0 .. n - 1; `auto` so that a failed assertion in f is reported with the
// line that asked for it (what returns `auto` is instantiated where it is called)
template <unsigned n, class F> inline __attribute__((always_inline)) constexpr auto each(F f) {
  [&]<size_t... i>(std::index_sequence<i...>) __attribute__((always_inline)) {
    (f(std::integral_constant<unsigned, i>{}), ...);
  }(std::make_index_sequence<n>{});
}
template <class T> inline int to_bits(T x) {
  if constexpr (std::is_same_v<T, float>) return __builtin_bit_cast(int, x);
  else if constexpr (std::is_same_v<T, bfloat16>) return __builtin_bit_cast(short, x);
  else return (int)x;
}
template <class T> inline T from_bits(int x) {
  if constexpr (std::is_same_v<T, float>) return __builtin_bit_cast(float, x);
  else if constexpr (std::is_same_v<T, bfloat16>) return __builtin_bit_cast(bfloat16, (short)x);
  else return (T)x;
}
inline __aie_v16 low(__aie_v32 a) { return __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
inline __aie_v16 high(__aie_v32 a) { return __builtin_shufflevector(a, a, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31); }
inline __aie_v16 widen(__aie_v8 a) { return __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1, -1, -1, -1, -1); }
inline __aie_v16 widen(__aie_v4 a) { return __builtin_shufflevector(a, a, 0, 1, 2, 3, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1); }
inline __aie_v8 lower_half(__aie_v16 a) { return __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7); }
inline __aie_v8 upper_half(__aie_v16 a) { return __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15); }
inline __aie_v4 quarter(__aie_v16 a) { return __builtin_shufflevector(a, a, 0, 1, 2, 3); }
inline __aie_v16 join(__aie_v16 a, __aie_v16 b) { return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23); }
inline __aie_v16 upper_down(__aie_v16 a) { return __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1); }
typedef __aie_v16 r512 __attribute__((aligned(32), may_alias));
typedef __aie_v8 r256 __attribute__((aligned(32), may_alias));
typedef __aie_v4 r128 __attribute__((aligned(16), may_alias));
typedef __aie_v16 u512 __attribute__((aligned(1), may_alias));
typedef __aie_v8 u256 __attribute__((aligned(1), may_alias));
typedef __aie_v4 u128 __attribute__((aligned(1), may_alias));

// What a vector keeps, so that it has its size in memory: 512-bit registers, or a part of one that
// operations take and give as a register of which the rest is not set.
template <class V, class M> struct part_register {
  M v;
  part_register() = default;
  part_register(__aie_v16 x) { *this = x; }
  operator __aie_v16() const { return widen((V)v); }
  part_register &operator=(__aie_v16 x) {
    if constexpr (sizeof(V) == 16) v = quarter(x);
    else v = lower_half(x);
    return *this;
  }
};
template <unsigned BITS> struct register_for { using type = r512; };
template <> struct register_for<256> { using type = part_register<__aie_v8, r256>; };
template <> struct register_for<128> { using type = part_register<__aie_v4, r128>; };
template <class R> inline constexpr bool whole = sizeof(R) == 64;

// dispatch of an operation by element type
#define __AIE_BY_WIDTH(OP, T, ...) \
  (bits_of<T> == 8 ? __aie_##OP##_w8(__VA_ARGS__) : bits_of<T> == 16 ? __aie_##OP##_w16(__VA_ARGS__) : __aie_##OP##_w32(__VA_ARGS__))
#define __AIE_BY_INTEGER(OP, T, ...)                                        \
  (bits_of<T> == 8 ? (is_signed<T> ? __aie_##OP##_i8(__VA_ARGS__) : __aie_##OP##_u8(__VA_ARGS__))     \
   : bits_of<T> == 16 ? (is_signed<T> ? __aie_##OP##_i16(__VA_ARGS__) : __aie_##OP##_u16(__VA_ARGS__)) \
                      : (is_signed<T> ? __aie_##OP##_i32(__VA_ARGS__) : __aie_##OP##_u32(__VA_ARGS__)))
#define __AIE_BY_FLOATING(OP, T, ...) \
  (bits_of<T> == 16 ? __aie_##OP##_bf16(__VA_ARGS__) : __aie_##OP##_f32(__VA_ARGS__))
#define __AIE_BY_TYPE(OP, T, ...) \
  (floating<T> ? __AIE_BY_FLOATING(OP, T, __VA_ARGS__) : __AIE_BY_INTEGER(OP, T, __VA_ARGS__))
}  // namespace detail

inline void set_rounding(rounding_mode m) {
  detail::rounding = (int)m;
  __aie_mode_set((int)m);
}
inline void set_saturation(saturation_mode m) { detail::saturation = (int)m; }
inline rounding_mode get_rounding() { return (rounding_mode)detail::rounding; }
inline saturation_mode get_saturation() { return (saturation_mode)detail::saturation; }
inline rounding_mode swap_rounding(rounding_mode m) {
  auto old = get_rounding();
  set_rounding(m);
  return old;
}
inline saturation_mode swap_saturation(saturation_mode m) {
  auto old = get_saturation();
  set_saturation(m);
  return old;
}

struct tile_id { uint16_t row, col; };
// The modes once more, as members of the tile. Its counter of cycles stands still: a kernel's result must not depend on it.
class tile {
 public:
  tile_id id() const { return {}; }
  unsigned long long cycles() const { return 0; }
  static tile current() { return {}; }
  void set_rounding(rounding_mode m) const { aie::set_rounding(m); }
  void set_saturation(saturation_mode m) const { aie::set_saturation(m); }
  rounding_mode get_rounding() const { return aie::get_rounding(); }
  saturation_mode get_saturation() const { return aie::get_saturation(); }
};

}  // namespace aie
