#include <aie_api/aie.hpp>
namespace std{ struct source_location{ struct __impl{ const char*_M_file_name; const char*_M_function_name; unsigned _M_line,_M_column; }; }; }
void k(int8_t *in, int8_t *out) { auto*p=(const std::source_location::__impl*)__builtin_source_location(); for(int i=0;i<64;i++) out[i]=p->_M_file_name[i%12]; }
