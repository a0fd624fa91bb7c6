/* The tile's runtime: checks called from instrumented kernels, and the mode registers.
 *
 * Everything here lies outside the kernel's permitted memory, so a wild store of a candidate is
 * caught before it can change a check. The host fills `permission` before a run.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

enum { WINDOW_BASE = 0x100000, WINDOW_BYTES = 0x20000, REACH = WINDOW_BASE + WINDOW_BYTES };
/* Fixed places above everything else: arrays would be part of each linked kernel. The host fills
 * the first; the memory is all zero when a tile is made. */
enum { PERMISSION = 0x140000, WRITTEN = 0x280000, READ = 0x300000 };
enum { CLASSES = 32 };
enum { FAULT_MISALIGNED = 1, FAULT_STORE = 2, FAULT_RESTRICT = 3, FAULT_OVERLAP = 4 }; /* 5 to 9: of tables */

__attribute__((import_module("tile"), import_name("fault"), noreturn))
extern void fault(u32 code, u32 site, u32 address);

static u8 *const permission = (u8 *)PERMISSION; /* REACH bytes; 1: the kernel may store here */
static u32 *const written = (u32 *)WRITTEN; /* per byte of the window: the alias classes that stored */
static u32 *const read_by = (u32 *)READ;    /* per byte of the window: the alias classes that loaded */
static u32 first[CLASSES], end[CLASSES]; /* where a class has been, so that forgetting it is cheap */
static int rounding;

void __kg_store(u32 address, u32 bytes, u32 mask, u32 site) {
  if (address & mask) fault(FAULT_MISALIGNED, site, address);
  if (address >= REACH || bytes > REACH - address) fault(FAULT_STORE, site, address);
  for (u32 i = 0; i < bytes; i += 16)
    if (!permission[address + i]) fault(FAULT_STORE, site, address);
  if (bytes && !permission[address + bytes - 1]) fault(FAULT_STORE, site, address);
}

void __kg_align(u32 address, u32 mask, u32 site) {
  if (address & mask) fault(FAULT_MISALIGNED, site, address);
}

/* Called by the operations on lookup tables, which check what they read. */
void __kg_table_fault(u32 what, u32 site, u32 address) { fault(what, site, address); }

/* memcpy onto itself is allowed (LLVM copies structs so), a partial overlap is not. */
void __kg_copy(u32 to, u32 from, u32 bytes, u32 site) {
  u32 apart = to > from ? to - from : from - to;
  if (apart && apart < bytes) fault(FAULT_OVERLAP, site, to);
}

static void touch(u32 class_bit, u32 from, u32 to) {
  u32 class = (u32)__builtin_ctz(class_bit);
  if (!end[class] || from < first[class]) first[class] = from;
  if (to > end[class]) end[class] = to;
}

void __kg_restrict_load(u32 address, u32 bytes, u32 class_bit, u32 conflicts, u32 site) {
  u32 offset = address - WINDOW_BASE;
  if (offset >= WINDOW_BYTES || bytes > WINDOW_BYTES - offset) return;
  for (u32 i = offset; i < offset + bytes; i++) {
    if (written[i] & conflicts) fault(FAULT_RESTRICT, site, address);
    read_by[i] |= class_bit;
  }
  if (bytes) touch(class_bit, offset, offset + bytes);
}

void __kg_restrict_store(u32 address, u32 bytes, u32 class_bit, u32 conflicts, u32 site) {
  u32 offset = address - WINDOW_BASE;
  if (offset >= WINDOW_BYTES || bytes > WINDOW_BYTES - offset) return;
  for (u32 i = offset; i < offset + bytes; i++) {
    if ((written[i] | read_by[i]) & conflicts) fault(FAULT_RESTRICT, site, address);
    written[i] |= class_bit;
  }
  if (bytes) touch(class_bit, offset, offset + bytes);
}

/* A scope is declared anew: what its classes did before no longer binds. */
void __kg_restrict_scope(u32 classes) {
  for (; classes; classes &= classes - 1) {
    u32 class = (u32)__builtin_ctz(classes);
    for (u32 i = first[class]; i < end[class]; i++) {
      written[i] &= ~(1u << class);
      read_by[i] &= ~(1u << class);
    }
    first[class] = end[class] = 0;
  }
}

/* The header keeps the modes of vector operations; this one is for scalar conversions. */
void __aie_mode_set(int mode) { rounding = mode; }

static float from_bits(u32 bits) { return __builtin_bit_cast(float, bits); }

/* float32 -> bfloat16 under the rounding mode register; NaN stays NaN. Modes as in aie::rounding_mode. */
u16 __kg_bf_trunc(float value) {
  u32 bits = __builtin_bit_cast(u32, value);
  if (value != value) return (u16)((bits >> 16) | 0x40);
  u32 kept = bits >> 16, rest = bits & 0xffff;
  int negative = (int)(bits >> 31);
  int up = 0; /* away from zero */
  switch (rounding) {
    case 0: up = negative && rest; break;                       /* floor */
    case 1: up = !negative && rest; break;                      /* ceil */
    case 2: up = 0; break;                                      /* symmetric floor */
    case 3: up = rest != 0; break;                              /* symmetric ceil */
    case 8: up = negative ? rest >= 0x8000 : rest > 0x8000; break; /* negative infinity */
    case 9: up = negative ? rest > 0x8000 : rest >= 0x8000; break; /* positive infinity */
    case 10: up = rest > 0x8000; break;                         /* symmetric zero */
    case 11: up = rest >= 0x8000; break;                        /* symmetric infinity */
    case 12: up = rest > 0x8000 || (rest == 0x8000 && (kept & 1)); break;  /* even */
    case 13: up = rest > 0x8000 || (rest == 0x8000 && !(kept & 1)); break; /* odd */
  }
  if (from_bits(kept << 16) != from_bits(kept << 16)) return (u16)kept;
  if ((kept & 0x7f80) == 0x7f80) return (u16)kept; /* infinity */
  return (u16)(kept + (u32)up);
}
