# How this project uses MLIR: TableGen, and one link target (`MLIR`, the shared library) everywhere, because mixing it
# with the static components duplicates TypeIDs.
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
set(LLVM_LINK_LLVM_DYLIB ON)
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# For TableGen, which reads the folder's include directories. (The runtime's folder was added before this.)
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS})

# Precompiled headers for everything that links MLIR: what nearly every file includes.
add_library(tritter_mlir_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_include_directories(tritter_mlir_pch SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_compile_options(tritter_mlir_pch PRIVATE -fno-exceptions)
target_precompile_headers(tritter_mlir_pch PRIVATE
  <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/OpImplementation.h> <mlir/IR/PatternMatch.h>
  <mlir/IR/SymbolTable.h> <mlir/Pass/Pass.h> <mlir/Interfaces/SideEffectInterfaces.h>
  <mlir/Interfaces/InferTypeOpInterface.h> <llvm/ADT/TypeSwitch.h>)

# tritter_mlir_library(NAME source... LINK library... DEPENDS target...): a static library of the compiler.
function(tritter_mlir_library name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  tritter_use_mlir(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

function(tritter_use_mlir name)
  target_include_directories(${name} SYSTEM PUBLIC ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_compile_options(${name} PRIVATE -fno-exceptions)
  get_target_property(type ${name} TYPE)
  if(NOT type STREQUAL EXECUTABLE) # their code is -fPIE, which the precompiled headers are not
    target_precompile_headers(${name} REUSE_FROM tritter_mlir_pch)
  endif()
endfunction()

# tritter_dialect_tablegen(TARGET dialect FILE.td): ops, types, attributes, enums and the dialect of FILE.td, generated
# into the build folder: `dialects/Tritter/TritterOps.h.inc`, `...TritterOpsDialect.h.inc`, `...Attributes`, `...Enums`.
function(tritter_dialect_tablegen target dialect td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  get_filename_component(base ${td} NAME_WE)
  mlir_tablegen(${base}.h.inc -gen-op-decls -dialect=${dialect})
  mlir_tablegen(${base}.cpp.inc -gen-op-defs -dialect=${dialect})
  mlir_tablegen(${base}Dialect.h.inc -gen-dialect-decls -dialect=${dialect})
  mlir_tablegen(${base}Dialect.cpp.inc -gen-dialect-defs -dialect=${dialect})
  mlir_tablegen(${base}Attributes.h.inc -gen-attrdef-decls -attrdefs-dialect=${dialect})
  mlir_tablegen(${base}Attributes.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${dialect})
  mlir_tablegen(${base}Types.h.inc -gen-typedef-decls -typedefs-dialect=${dialect})
  mlir_tablegen(${base}Types.cpp.inc -gen-typedef-defs -typedefs-dialect=${dialect})
  mlir_tablegen(${base}Enums.h.inc -gen-enum-decls)
  mlir_tablegen(${base}Enums.cpp.inc -gen-enum-defs)
  add_public_tablegen_target(${target})
endfunction()

# tritter_interface_tablegen(TARGET FILE.td): the operation interfaces of FILE.td.
function(tritter_interface_tablegen target td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  cmake_path(GET td STEM LAST_ONLY base)
  mlir_tablegen(${base}.h.inc -gen-op-interface-decls)
  mlir_tablegen(${base}.cpp.inc -gen-op-interface-defs)
  add_public_tablegen_target(${target})
endfunction()
