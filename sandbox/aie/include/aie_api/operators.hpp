// Operators, found by argument-dependent lookup; `using namespace aie::operators` is accepted, and each by its name there.
#pragma once
#include "sliding.hpp"

namespace aie {
// elements of vectors as scalars, so that v[0] > w[1] and v[0] + 1 mean their values
namespace detail {
template <class A> concept element_reference = is_elem_ref<A>;
template <class A> concept number = element_reference<A> || std::is_arithmetic_v<A> || std::is_same_v<A, bfloat16>;
template <class A, class B> concept elements = (element_reference<A> && number<B>) || (number<A> && element_reference<B>);
template <class A> inline typename plain<A>::type element_value(const A &a) { return a; }
}  // namespace detail
#define __AIE_ELEMENT_OPERATOR(SYMBOL) \
  template <class A, class B> requires(detail::elements<A, B>) inline auto operator SYMBOL(const A &a, const B &b) { return detail::element_value(a) SYMBOL detail::element_value(b); }
__AIE_ELEMENT_OPERATOR(+)
__AIE_ELEMENT_OPERATOR(-)
__AIE_ELEMENT_OPERATOR(*)
__AIE_ELEMENT_OPERATOR(/)
__AIE_ELEMENT_OPERATOR(<)
__AIE_ELEMENT_OPERATOR(<=)
__AIE_ELEMENT_OPERATOR(>)
__AIE_ELEMENT_OPERATOR(>=)
__AIE_ELEMENT_OPERATOR(==)
__AIE_ELEMENT_OPERATOR(!=)
__AIE_ELEMENT_OPERATOR(&)
__AIE_ELEMENT_OPERATOR(|)
__AIE_ELEMENT_OPERATOR(^)
__AIE_ELEMENT_OPERATOR(<<)
__AIE_ELEMENT_OPERATOR(>>)
#define __AIE_OPERATOR(SYMBOL, NAME) \
  template <class A, class B> requires(detail::vector_operands<A, B>) inline auto operator SYMBOL(const A &a, const B &b) { return NAME(a, b); }
__AIE_OPERATOR(+, add)
__AIE_OPERATOR(-, sub)
__AIE_OPERATOR(*, mul)
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
template <Accum A, class B> requires(Accum<B> || Vector<B> || Elem<B>) inline auto operator+(const A &a, const B &b) { return add(a, b); }
template <Accum A, class B> requires(Accum<B> || Vector<B> || Elem<B>) inline auto operator-(const A &a, const B &b) { return sub(a, b); }
template <Accum A> inline auto operator-(const A &a) { return neg(a); }
template <Accum A, class B> requires(Accum<B> || Vector<B> || Elem<B>) inline A &operator+=(A &a, const B &b) { return a = add(a, b); }
template <Accum A, class B> requires(Accum<B> || Vector<B> || Elem<B>) inline A &operator-=(A &a, const B &b) { return a = sub(a, b); }
namespace operators {
using aie::operator+;
using aie::operator-;
using aie::operator*;
using aie::operator&;
using aie::operator|;
using aie::operator^;
using aie::operator~;
using aie::operator<<;
using aie::operator>>;
using aie::operator<;
using aie::operator<=;
using aie::operator>;
using aie::operator>=;
using aie::operator==;
using aie::operator!=;
using aie::operator+=;
using aie::operator-=;
}  // namespace operators
}  // namespace aie
