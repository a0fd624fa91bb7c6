/* Error functions: the Maclaurin series DLMF 7.6.1 near 0; elsewhere erfc(x) = e^(-x^2) g(t),
 * t = 2 / (2 + x), g interpolated at Chebyshev points in 28 cells of t (computed for this library
 * with 200 bits; relative error < 2^-66). */
#include "dd.h"

enum { FIRST_CELL = 2, DEGREE = 9 };

/* Per cell: the constant term and what it lacks, then the coefficients of (t - middle)^i. */
static const double CELL[][DEGREE + 2] = {
    {0x1.8754ad01506e6p-6, -0x1.f1242c86ad1dep-61, 0x1.52fd0e4dcdf5ap-2, 0x1.631e7b4ce1059p-2,
     0x1.3a484a7c97eaep-2, 0x1.a907a9591e53fp-3, 0x1.2b061fde34abap-4, -0x1.6aabb21cb4ef1p-5,
     -0x1.668a74475f043p-4, -0x1.3cd0a0e2b302ap-5, 0x1.97a47cac1abf1p-5},
    {0x1.1b43e6f648352p-5, -0x1.903f6e567d69bp-60, 0x1.6a216723a56d0p-2, 0x1.81d9b0e882667p-2,
     0x1.558bcb696617cp-2, 0x1.beddde2de8845p-3, 0x1.016d3222bdd83p-4, -0x1.0783f69d66a65p-4,
     -0x1.85d71de3bd84bp-4, -0x1.5bc679339ac82p-6, 0x1.2ee2bcefa96f8p-4},
    {0x1.78e5bd8dffb90p-5, -0x1.10720abda677dp-60, 0x1.834639ce5e61cp-2, 0x1.a332b7b899467p-2,
     0x1.720f6b3833cf5p-2, 0x1.d0d66ad0516f5p-3, 0x1.8fd317c77a83dp-5, -0x1.5e5783be8daa0p-4,
     -0x1.8ff214f0ab206p-4, 0x1.4622721d1a5fep-9, 0x1.7f2a0987bf466p-4},
    {0x1.dd154759e9bb1p-5, 0x1.e1c4691ddad96p-63, 0x1.9e9642c090fddp-2, 0x1.c7445bf229717p-2,
     0x1.8f8b3a803a54ap-2, 0x1.ddad5df71b955p-3, 0x1.f857e82d16c26p-6, -0x1.b4892a03899fap-4,
     -0x1.7f50c92628a99p-4, 0x1.f424b7f25dcabp-6, 0x1.aa095a664c1a1p-4},
    {0x1.243168a882601p-4, -0x1.a27b42305fd14p-59, 0x1.bc3db0290413dp-2, 0x1.ee21b7b3be144p-2,
     0x1.ada303179b82fp-2, 0x1.e42172678997ep-3, 0x1.251dbbe06c933p-7, -0x1.01ef554de217fp-3,
     -0x1.51026d402edadp-4, 0x1.ea09a90519c6dp-5, 0x1.a23943f8822bap-4},
    {0x1.5db4ea0bb6ed3p-4, 0x1.2ae576a8c0680p-58, 0x1.dc6997bd4874fp-2, 0x1.0bea2a03104d6p-1,
     0x1.cbe728cbb046ap-2, 0x1.e30b32a47f1afp-3, -0x1.0a1e06de63a2bp-6, -0x1.22ec40b858608p-3,
     -0x1.0598d8cc92170p-4, 0x1.631e81621b648p-4, 0x1.6414107a1cab8p-4},
    {0x1.9b688cc79866ap-4, -0x1.5f008cc4f7186p-59, 0x1.ff474f9b49fefp-2, 0x1.222d385a4dde2p-1,
     0x1.e9d707e7ba280p-2, 0x1.d97515c11b4e0p-3, -0x1.68af58e2975c3p-5, -0x1.3a4078cc68a4ap-3,
     -0x1.42d043d799483p-5, 0x1.b8da5623b5e7dp-4, 0x1.ee0be2540a2ccp-5},
    {0x1.dda55aae87f18p-4, 0x1.cb11a268a5703p-58, 0x1.1281d6e75269bp-1, 0x1.39d2cb63cfc99p-1,
     0x1.037264c215e5bp-1, 0x1.c6b199e03ead4p-3, -0x1.2cb77767c4fa1p-4, -0x1.4599d02e6771fp-3,
     -0x1.601e474c4eb01p-7, 0x1.eb301e9c0d722p-4, 0x1.ae7805eb887b9p-6},
    {0x1.1264f2ad8bb64p-3, 0x1.c9374349746eap-57, 0x1.26e51a189a782p-1, 0x1.52cccb364bfdap-1,
     0x1.113d3af6e23c6p-1, 0x1.aa6c7c8159932p-3, -0x1.a6decf17a16bbp-4, -0x1.439af017edab5p-3,
     0x1.439441b8a4c58p-6, 0x1.f488d10f1801ep-4, -0x1.46b127650950fp-7},
    {0x1.389d06ddb4b8cp-3, -0x1.07107e9c3d31fp-59, 0x1.3ce2181b2293dp-1, 0x1.6d0604ec3a385p-1,
     0x1.1dfff21a2b900p-1, 0x1.84b4de2894b02p-3, -0x1.0edb9fb61802ap-3, -0x1.34022682ea4f7p-3,
     0x1.95ffa652ab77ap-5, 0x1.d55ac44844e89p-4, -0x1.62d0cf9cdf0eep-5},
    {0x1.61af57a4b3b8bp-3, -0x1.1dba1cc550c8ap-59, 0x1.548bebbc0c6c7p-1, 0x1.8862361b0f4a6p-1,
     0x1.2970857fa127ap-1, 0x1.55ff3104fb444p-3, -0x1.46238793b6962p-3, -0x1.17a690f97557bp-3,
     0x1.38c94609b5417p-4, 0x1.936efa2ee5cb2p-4, -0x1.1db8bb077a001p-4},
    {0x1.8dd2978f13569p-3, 0x1.7cf455cb7ae4bp-57, 0x1.6df3b53833865p-1, 0x1.a4be63c4abf4fp-1,
     0x1.334a172c189f6p-1, 0x1.1f1f04afb6874p-3, -0x1.770a106a0c235p-3, -0x1.e0a1080596ae5p-4,
     0x1.92b11995e3128p-4, 0x1.383a6228cba60p-4, -0x1.643f4836d5af1p-4},
    {0x1.bd3f781d5b966p-3, 0x1.f302fe665deb0p-58, 0x1.8928334889eb4p-1, 0x1.c1f1782e3047fp-1,
     0x1.3b4fb8082c0a7p-1, 0x1.c273a1a91a69ep-4, -0x1.9fb9640446399p-3, -0x1.80f0de86ef84ap-4,
     0x1.d3c519b967c8ep-4, 0x1.9db7e1c4b0a72p-5, -0x1.829554ffbc98ep-4},
    {0x1.f03057bd375cbp-3, 0x1.7e3b80a3b3d2cp-60, 0x1.a6356804bbf00p-1, 0x1.dfcd1dd27ee68p-1,
     0x1.414eb07852920p-1, 0x1.3b693cb764958p-4, -0x1.bedcc91407d15p-3, -0x1.15f40b87242c8p-4,
     0x1.f9de2c28d06cbp-4, 0x1.89026ccb149bbp-6, -0x1.7c3b92ad01957p-4},
    {0x1.137072a57a3f3p-2, -0x1.d90e62d3a7b7bp-58, 0x1.c5244d04f4c19p-1, 0x1.fe1ec9d320b75p-1,
     0x1.45202915fbfd9p-1, 0x1.587b1d37c220cp-5, -0x1.d3ac0b9dde768p-3, -0x1.4b2208a07a59fp-5,
     0x1.02b20ea2b6b8bp-3, -0x1.100788a0d552cp-10, -0x1.5899c73078ce2p-4},
    {0x1.30c6dd96cd418p-2, -0x1.3f9f123558756p-56, 0x1.e5fa993e0f723p-1, 0x1.0e58730d66a75p+0,
     0x1.46aa2526e3020p-1, 0x1.837fec7c9f79ep-8, -0x1.dde995e172798p-3, -0x1.aadaefe1a30fep-7,
     0x1.f8cb4e915295ap-4, -0x1.76c16d9f9c97bp-6, -0x1.20e395d014f1ep-4},
    {0x1.5039fa2f9021dp-2, -0x1.6993657c076c6p-57, 0x1.045d4d081808bp+0, 0x1.1da6056b30a18p+0,
     0x1.45dfd0ecdff4ap-1, -0x1.f583b7e427b73p-6, -0x1.ddd5d56ca1c16p-3, 0x1.ae6b1b5656a1ap-7,
     0x1.d7f18ee7430e3p-4, -0x1.4b75dc4df7bcfp-5, -0x1.bcabaec923738p-5},
    {0x1.71e85ee88d3b9p-2, 0x1.2c066232aeff5p-58, 0x1.16b18fff98272p+0, 0x1.2cdc1be16085cp+0,
     0x1.42c133373de80p-1, -0x1.116bfbea0dc78p-4, -0x1.d41b3718ca850p-3, 0x1.2ff54ecfcd24ep-5,
     0x1.a77983c5669f6p-4, -0x1.b4fdeb7e24958p-5, -0x1.32026182c6ab3p-5},
    {0x1.95f0734f1cbf3p-2, -0x1.5fc3c075bdc79p-57, 0x1.29f7bf512ae33p+0, 0x1.3bdeffdbc45aep+0,
     0x1.3d5a5ae0f8ae1p-1, -0x1.a10aa54b7b183p-4, -0x1.c1b610855151dp-3, 0x1.dc930bed05aa5p-5,
     0x1.6c3a61cb60bb5p-4, -0x1.f84250274834bp-5, -0x1.5c95941d373abp-6},
    {0x1.bc7038aeeab63p-2, -0x1.37a18c875e2a9p-56, 0x1.3e2bcf49a779ap+0, 0x1.4a93cdb600ccbp+0,
     0x1.35c2260959a3ap-1, -0x1.14db60a34d6ffp-3, -0x1.a7db67700dc4dp-3, 0x1.36e15c71909a0p-4,
     0x1.2acfaddd03c58p-4, -0x1.0c4051b43ad24p-4, -0x1.d03bc1778defdp-8},
    {0x1.e585145edbe13p-2, 0x1.f9baa6f70f9edp-59, 0x1.53480fc59cb4bp+0, 0x1.58e0edabbfc6fp+0,
     0x1.2c18c2507179ap-1, -0x1.54a8355f0eb97p-3, -0x1.87e0e2c646b73p-3, 0x1.70ddb507951aep-4,
     0x1.ce98e070c1ef3p-5, -0x1.0d6971e94d842p-4, 0x1.2fc6d9fe3e2c5p-8},
    {0x1.08a5ce5141355p-1, -0x1.cbdf147c26a44p-55, 0x1.69454438e62e2p+0, 0x1.66ae79b8bc83dp+0,
     0x1.208604000dd9dp-1, -0x1.8f1263fb5d88ep-3, -0x1.632779b9f8a58p-3, 0x1.9c2b141c209a4p-4,
     0x1.4a1ef45ab4b1fp-5, -0x1.029d60251e5dcp-4, 0x1.bfd785ab726dcp-7},
    {0x1.1fefb475d6011p-1, 0x1.ec8bccba80bfep-57, 0x1.801ac1725c249p+0, 0x1.73e68f1f24313p+0,
     0x1.1337aeae4b6a0p-1, -0x1.c3775b7394eb7p-3, -0x1.3b09c8f267c1ap-3, 0x1.b95d535a733afp-4,
     0x1.9acc5806c0065p-6, -0x1.dde16a345c402p-5, 0x1.48eb227af3155p-6},
    {0x1.38ad730f88371p-1, -0x1.ca9b44595cbe3p-55, 0x1.97be8fd378efdp+0, 0x1.80758b6f201b2p+0,
     0x1.045fc5663ae65p-1, -0x1.f169499dfe162p-3, -0x1.10ce668c522c8p-3, 0x1.c984c9d68ad6fp-4,
     0x1.70899939dc45ep-7, -0x1.aa8fbeedc77dbp-5, 0x1.8b01441a50692p-6},
    {0x1.52eb97ab288fap-1, 0x1.0240fa0030aa9p-55, 0x1.b02590b9240f9p+0, 0x1.8c4a35d5670ddp+0,
     0x1.e865e6df8273dp-2, -0x1.0c559543e3171p-2, -0x1.cb3c44022271dp-4, 0x1.ce05facdc1b74p-4,
     -0x1.d560a85347a20p-11, -0x1.7059f6eb9718dp-5, 0x1.abf46245f1a23p-6},
    {0x1.6eb5f5b912d30p-1, -0x1.19e6d97783771p-57, 0x1.c943a5e4fbfacp+0, 0x1.9755d6265c3b5p+0,
     0x1.c5ce33e0f0e2bp-2, -0x1.1c95cd51550c6p-2, -0x1.74fba9b45762ap-4, 0x1.c8761e4413fc9p-4,
     -0x1.6f51e5669edbap-7, -0x1.33759e22b9ee2p-5, 0x1.b238474919aa1p-6},
    {0x1.8c1797d58eed3p-1, -0x1.8e3d690d88c1bp-58, 0x1.e30bd9d1d3659p+0, 0x1.a18c3b92c3af6p+0,
     0x1.a164145d3dfa9p-2, -0x1.297f7833bcaa0p-2, -0x1.20967f5eb70adp-4, 0x1.ba7daf6d2d83bp-4,
     -0x1.423b3c27a533ep-6, -0x1.ee5e74eda8c29p-6, 0x1.a4323ce173880p-6},
    {0x1.ab1ab39760a6ap-1, -0x1.f080675e71b4ap-56, 0x1.fd7087ff53503p+0, 0x1.aae3b538fc590p+0,
     0x1.7b90e0e30ad2ap-2, -0x1.332c85e015355p-2, -0x1.9ef1772951467p-5, 0x1.a5c14ebd1e5c5p-4,
     -0x1.af5616ae63edap-6, -0x1.7beb1f7f73479p-6, 0x1.87bfd00d38f9ap-6},
};
static const dd SCALE = {0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56}; /* 2 / sqrt(pi) */

/* |x| <= 0.5 */
static dd erf_small(double x) {
  static const double c[] = {-1.0 / 3,      1.0 / 10,      -1.0 / 42,      1.0 / 216,
                             -1.0 / 1320,   1.0 / 9360,    -1.0 / 75600,   1.0 / 685440,
                             -1.0 / 6894720, 1.0 / 76204800, -1.0 / 918086400, 1.0 / 11975040000};
  double z = x * x;
  return multiply(quick_sum(x, x * (z * polynomial(z, c, 12))), SCALE);
}

/* 0.25 <= x < 28: erfc(x) = 2^*k times the result */
static dd erfc_scaled(double x, int *k) {
  dd t = divide(make(2, 0), sum(x, 2));
  int cell = (int)(t.hi * 32);
  const double *c = CELL[cell - FIRST_CELL];
  double d = (t.hi - (cell + 0.5) * 0x1p-5) + t.lo;
  dd g = quick_sum(c[0], c[1] + d * polynomial(d, c + 2, DEGREE));
  return multiply(__kg_m_exp(negate(product(x, x)), k), g);
}

static dd erfc_middle(double x) {
  int k;
  dd r = erfc_scaled(x, &k);
  return scaled(r, power_of_two(k));
}

double erf(double x) {
  double a = magnitude(x);
  if (x != x) return x;
  if (a < 0x1p-40) return x * SCALE.hi;
  if (a <= 0.5) return erf_small(x).hi;
  if (a > 6) return with_sign(1, x);
  return with_sign(plus(negate(erfc_middle(a)), 1).hi, x);
}

double erfc(double x) {
  if (x != x) return x;
  if (x < -6) return 2;
  if (x > 27.5) return 0;
  if (magnitude(x) < 0x1p-60) return 1;
  if (x <= 0.25 && x >= -0.5) return plus(negate(erf_small(x)), 1).hi;
  if (x < 0) return plus(negate(erfc_middle(-x)), 2).hi;
  int k;
  dd r = erfc_scaled(x, &k);
  return scalbn(r.hi, k);
}
