// Softmax with the exponential in scalar code: a power of two by the exponent's bits, a polynomial for the rest.
#include <aie_api/aie.hpp>
#include <stdint.h>

static void softmax(bfloat16 *restrict in, bfloat16 *restrict out, const int32_t n) {
  float max_val = (float)in[0];
  for (uint32_t i = 1; i < (uint32_t)n; i++) {
    float val = (float)in[i];
    if (val > max_val) max_val = val;
  }
  float sum = 0.0f;
  for (int i = 0; i < n; i++) {
    float y = ((float)in[i] - max_val) * 1.442695041f;
    int32_t whole = (int32_t)floorf(y);
    float f = y - whole;
    int32_t bits = (whole + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof(float));
    float e = power * (1.0f + f * (0.6931472f + f * (0.2402265f + f * (0.0555041f + f * 0.0096181f))));
    out[i] = (bfloat16)e;
    sum += e;
  }
  bfloat16 scale = (bfloat16)aie::inv(sum);
  auto it_in = aie::cbegin_restrict_vector<16>(out);
  auto it_out = aie::begin_restrict_vector<16>(out);
  for (int i = 0; i < n / 16; i++) *it_out++ = aie::mul(*it_in++, scale).to_vector<bfloat16>();
}

extern "C" void public_softmax_bf16(bfloat16 *restrict in, bfloat16 *restrict out) { softmax(in, out, 64); }
