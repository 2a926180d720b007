# Builds for any platform with zig's C++ compiler, which carries every platform's headers and
# libraries (pip install ziglang). Two settings:
#
#   PIXTOK_ZIG         the zig program
#   PIXTOK_ZIG_TARGET  such as x86_64-linux-gnu.2.28, aarch64-linux-musl, aarch64-macos.11.0 or
#                      x86_64-windows-gnu
#
# scripts/build-platforms.mjs calls this for all of them.
set(PIXTOK_ZIG zig CACHE STRING "The zig program")
set(PIXTOK_ZIG_TARGET "" CACHE STRING "Architecture, system and C library, as zig names them")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PIXTOK_ZIG PIXTOK_ZIG_TARGET)
if(NOT PIXTOK_ZIG_TARGET MATCHES "^(x86_64|aarch64)-(linux|macos|windows)")
  message(FATAL_ERROR "PIXTOK_ZIG_TARGET: \"${PIXTOK_ZIG_TARGET}\" is none that pixtok is built for")
endif()
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_MATCH_1})
if(CMAKE_MATCH_2 STREQUAL "linux")
  set(CMAKE_SYSTEM_NAME Linux)
elseif(CMAKE_MATCH_2 STREQUAL "macos")
  set(CMAKE_SYSTEM_NAME Darwin)
else()
  set(CMAKE_SYSTEM_NAME Windows)
endif()

# CMake's own wish for position-independent code does not reach what links a program.
set(_position_independent " -fPIC")
if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  set(_position_independent "")  # there all code is
endif()

# libjpeg-turbo asks the linker for what means nothing on 64-bit Windows, and zig's does not know it.
set(_filter "")
if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  string(CONCAT _filter
    "for argument do\n"
    "  shift\n"
    "  if [ \"$argument\" != -Wl,--kill-at ]; then set -- \"$@\" \"$argument\"; fi\n"
    "done\n")
endif()

# zig makes a precompiled header of a header where it is not told what to make. CMake tells it, as it
# would clang.
string(APPEND _filter
  "case \" $* \" in *\" -emit-pch \"*)\n"
  "  for argument do\n"
  "    shift\n"
  "    case $argument in\n"
  "      -c) ;;\n"
  "      -emit-pch) set -- \"$@\" -fno-pch-timestamp ;;\n"
  "      *) set -- \"$@\" \"$argument\" ;;\n"
  "    esac\n"
  "  done\n"
  "esac\n")

# CMake wants programs, not programs with arguments. Whatever changes how zig's own libraries are
# built (they are, once for each such set of options, for minutes) is the same in all calls, those
# that CMake makes to know the compiler included. Without them there would be debugging information.
set(_tools ${CMAKE_BINARY_DIR}/zig-tools)
foreach(_tool IN ITEMS cc c++ ar ranlib rc)
  set(_arguments ${_tool})
  if(_tool MATCHES "^c")
    set(_arguments "${_tool} -target ${PIXTOK_ZIG_TARGET} -O3 -g0 -s${_position_independent}")
  endif()
  set(_script "#!/bin/sh\n${_filter}exec '${PIXTOK_ZIG}' ${_arguments} \"$@\"\n")
  set(_written "")
  if(EXISTS ${_tools}/${_tool})
    file(READ ${_tools}/${_tool} _written)
  endif()
  if(NOT _written STREQUAL _script)
    file(WRITE ${_tools}/${_tool} "${_script}")
    execute_process(COMMAND chmod +x ${_tools}/${_tool})
  endif()
endforeach()
set(CMAKE_C_COMPILER ${_tools}/cc)
set(CMAKE_CXX_COMPILER ${_tools}/c++)
set(CMAKE_AR ${_tools}/ar CACHE FILEPATH "")
set(CMAKE_RANLIB ${_tools}/ranlib CACHE FILEPATH "")
set(CMAKE_RC_COMPILER ${_tools}/rc)
if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  set(CMAKE_INSTALL_NAME_TOOL true CACHE FILEPATH "")  # CMake insists, though nothing is installed
endif()

# CMake's default for Windows is a dozen libraries that are not needed.
set(CMAKE_C_STANDARD_LIBRARIES_INIT "")
set(CMAKE_CXX_STANDARD_LIBRARIES_INIT "")
set(CMAKE_C_STANDARD_LIBRARIES "" CACHE STRING "")
set(CMAKE_CXX_STANDARD_LIBRARIES "" CACHE STRING "")
