# Writes OUT, the source file with git_version(): run at every build, so that the commit in a result is the one that was
# compiled; the file is touched only when its text changes. Nothing in it depends on the folder.
execute_process(COMMAND git describe --always --dirty --abbrev=12 "--exclude=*"
  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR NOT version)
  set(version unknown)
endif()
set(text "#include \"io/cli/build_info.h\"\n\nnamespace nokkel::cli {\n
std::string git_version() { return \"${version}\"; }\n\n}  // namespace nokkel::cli\n")
if(EXISTS ${OUT})
  file(READ ${OUT} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${OUT} "${text}")
endif()
