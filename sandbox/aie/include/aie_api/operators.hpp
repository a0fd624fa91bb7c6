// Operators, found by argument-dependent lookup; `using namespace aie::operators` is accepted.
#pragma once
#include "mmul.hpp"

namespace aie {
namespace operators {}
#define __AIE_OPERATOR(SYMBOL, NAME) \
  template <class A, class B> requires(detail::vector_operands<A, B>) inline auto operator SYMBOL(const A &a, const B &b) { return NAME(a, b); }
__AIE_OPERATOR(+, add)
__AIE_OPERATOR(-, sub)
__AIE_OPERATOR(*, mul)
__AIE_OPERATOR(/, div)
__AIE_OPERATOR(&, bit_and)
__AIE_OPERATOR(|, bit_or)
__AIE_OPERATOR(^, bit_xor)
__AIE_OPERATOR(<, lt)
__AIE_OPERATOR(<=, le)
__AIE_OPERATOR(>, gt)
__AIE_OPERATOR(>=, ge)
__AIE_OPERATOR(==, eq)
__AIE_OPERATOR(!=, neq)
template <class T, unsigned N> inline auto operator-(const vector<T, N> &v) { return neg(v); }
template <class T, unsigned N> inline auto operator~(const vector<T, N> &v) { return bit_not(v); }
template <class T, unsigned N> inline auto operator<<(const vector<T, N> &v, unsigned n) { return upshift(v, n); }
template <class T, unsigned N> inline auto operator>>(const vector<T, N> &v, unsigned n) { return downshift(v, n); }
template <class T, unsigned N, class B> inline vector<T, N> &operator+=(vector<T, N> &a, const B &b) { return a = add(a, b); }
template <class T, unsigned N, class B> inline vector<T, N> &operator-=(vector<T, N> &a, const B &b) { return a = sub(a, b); }
template <class T, unsigned N, class B> inline vector<T, N> &operator&=(vector<T, N> &a, const B &b) { return a = bit_and(a, b); }
template <class T, unsigned N, class B> inline vector<T, N> &operator|=(vector<T, N> &a, const B &b) { return a = bit_or(a, b); }
template <class T, unsigned N, class B> inline vector<T, N> &operator^=(vector<T, N> &a, const B &b) { return a = bit_xor(a, b); }
template <class Tag, unsigned N> inline auto operator+(const accum<Tag, N> &a, const accum<Tag, N> &b) { return add(a, b); }
template <class Tag, unsigned N> inline auto operator-(const accum<Tag, N> &a, const accum<Tag, N> &b) { return sub(a, b); }
}  // namespace aie
