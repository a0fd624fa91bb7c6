#include <aie_api/aie.hpp>
struct A { virtual ~A() {} }; struct B : A {};
void k(int8_t *in, int8_t *out) { A *a = (A*)in; out[0] = dynamic_cast<B*>(a) != nullptr; }
