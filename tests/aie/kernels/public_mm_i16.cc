// Matrix product 16 x 16 x 16 of int16 in blocks of 4 x 4 x 4, two by two, accumulated on what is there.
#define __AIENGINE__ 2
#define NOCPP
#define __AIEARCH__ 20
#include <stdint.h>
#include <type_traits>
#include <aie_api/aie.hpp>

template <typename T_in, typename T_out, unsigned rowA, unsigned colA, unsigned colB, unsigned r, unsigned s, unsigned t>
static void product(const T_in *__restrict pA, const T_in *__restrict pB, T_out *__restrict pC) {
  using MMUL = aie::mmul<r, s, t, T_in, T_in, accauto>;
  static_assert(std::is_same<T_in, int16>::value);
  event0();
  for (unsigned z = 0; z < rowA; z += 2) chess_loop_range(2, ) {
    T_out *__restrict pC1 = pC + (z * colB + 0) * MMUL::size_C;
    T_out *__restrict pC2 = pC + ((z + 1) * colB + 0) * MMUL::size_C;
    for (unsigned j = 0; j < colB; j += 2) chess_prepare_for_pipelining chess_loop_range(2, ) {
      const T_in *__restrict pA1 = pA + z * colA * MMUL::size_A;
      const T_in *__restrict pA2 = pA + (z + 1) * colA * MMUL::size_A;
      const T_in *__restrict pB1 = pB + j * MMUL::size_B;
      const T_in *__restrict pB2 = pB + (j + 1) * MMUL::size_B;
      aie::vector<T_out, MMUL::size_C> acc_C00 = aie::load_v<MMUL::size_C>(pC1);
      MMUL C00(acc_C00), C01(aie::load_v<MMUL::size_C>(pC1 + MMUL::size_C));
      MMUL C10(aie::load_v<MMUL::size_C>(pC2)), C11(aie::load_v<MMUL::size_C>(pC2 + MMUL::size_C));
      for (unsigned i = 0; i < colA; ++i) chess_prepare_for_pipelining chess_loop_range(4, ) {
        aie::vector<T_in, MMUL::size_A> A0 = aie::load_v<MMUL::size_A>(pA1); pA1 += MMUL::size_A;
        aie::vector<T_in, MMUL::size_A> A1 = aie::load_v<MMUL::size_A>(pA2); pA2 += MMUL::size_A;
        aie::vector<T_in, MMUL::size_B> B0 = aie::load_v<MMUL::size_B>(pB1); pB1 += MMUL::size_B * colB;
        aie::vector<T_in, MMUL::size_B> B1 = aie::load_v<MMUL::size_B>(pB2); pB2 += MMUL::size_B * colB;
        C00.mac(A0, B0); C01.mac(A0, B1); C10.mac(A1, B0); C11.mac(A1, B1);
      }
      aie::store_v(pC1, C00.template to_vector<T_out>()); pC1 += MMUL::size_C;
      aie::store_v(pC1, C01.template to_vector<T_out>()); pC1 += MMUL::size_C;
      aie::store_v(pC2, C10.template to_vector<T_out>()); pC2 += MMUL::size_C;
      aie::store_v(pC2, C11.template to_vector<T_out>()); pC2 += MMUL::size_C;
    }
  }
  event1();
}

extern "C" void public_mm_i16(int16 *a, int16 *b, int16 *c) {
  aie::vector<int16, 32> zero = aie::zeros<int16, 32>();
  for (int i = 0; i < 256; i += 32) aie::store_v(c + i, zero);
  product<int16, int16, 4, 4, 4, 4, 4, 4>(a, b, c);
}
