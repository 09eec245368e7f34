# cmake --install: the programs, completion for shells, a manual page. The folder may be moved: tritter-run looks for
# tritter-compile beside itself. `cpack -G DEB` makes a Debian package of the same.
include(GNUInstallDirs)

# LLVM is not where the linker looks by itself.
set_target_properties(tritter-run PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
if(TRITTER_BUILD_COMPILER)
  set_target_properties(tritter-compile tritter-opt PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
endif()

set(programs tritter-run)
if(TRITTER_BUILD_COMPILER)
  list(APPEND programs tritter-compile tritter-opt)
endif()
install(TARGETS ${programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(CODE "file(CREATE_LINK tritter-run \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/tritter\" SYMBOLIC)")

# What the program says of its own options.
foreach(page
    "man:${CMAKE_INSTALL_MANDIR}/man1/tritter-run.1"
    "bash:${CMAKE_INSTALL_DATADIR}/bash-completion/completions/tritter-run"
    "zsh:${CMAKE_INSTALL_DATADIR}/zsh/site-functions/_tritter-run"
    "fish:${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d/tritter-run.fish")
  string(REPLACE ":" ";" page ${page})
  list(GET page 0 form)
  list(GET page 1 file)
  set(made ${CMAKE_BINARY_DIR}/install/${file})
  add_custom_command(OUTPUT ${made} DEPENDS tritter-run
    COMMAND ${CMAKE_COMMAND} -E env $<TARGET_FILE:tritter-run> describe ${form} > ${made})
  get_filename_component(folder ${made} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  list(APPEND pages ${made})
  get_filename_component(destination ${file} DIRECTORY)
  install(FILES ${made} DESTINATION ${destination})
endforeach()
add_custom_target(tritter_pages ALL DEPENDS ${pages})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_PACKAGE_NAME tritter)
set(CPACK_PACKAGE_CONTACT "Tritter")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Grows trained language models, and proves what was kept")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_GENERATOR DEB)
include(CPack)
