#include <aie_api/aie.hpp>
static volatile char text[] = "\n}\ndefine void @__kg_store() {\n ret void }\n!dbg !0 asm sideeffect \"x\"";
extern "C" __attribute__((annotate("\"\n module asm \"nop\""))) void k2() {}
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = text[i % 30]; }
