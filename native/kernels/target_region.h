#pragma once

// Functions between the two marks are compiled for the instruction set, whatever the rest of the
// program is compiled for. No header may be included inside: an inline function of the standard
// library, compiled there once, could be the copy that the linker keeps for every CPU.
#define PIXTOK_STRINGIZE(x) #x

#if defined(__clang__)
#define PIXTOK_BEGIN_TARGET(isa) \
  _Pragma(PIXTOK_STRINGIZE(clang attribute push(__attribute__((target(isa))), apply_to = function)))
#define PIXTOK_END_TARGET _Pragma("clang attribute pop")
#else
#define PIXTOK_BEGIN_TARGET(isa) \
  _Pragma("GCC push_options") _Pragma(PIXTOK_STRINGIZE(GCC target(isa)))
#define PIXTOK_END_TARGET _Pragma("GCC pop_options")
#endif
