# Read right after project() by the wheel build only (pyproject.toml), never by colcon.
#
# The ROS 2 wheels install into the prefix of a virtual environment, where neither CMake nor
# the ament index looks by itself, and the message wheels export an include folder of the
# machine they were built on, which CMake rejects at generate time.

find_package(Python3 REQUIRED COMPONENTS Interpreter)
execute_process(
  COMMAND ${Python3_EXECUTABLE} -c "import sys; print(sys.prefix)"
  OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(ENV{AMENT_PREFIX_PATH} "${prefix}")
list(PREPEND CMAKE_PREFIX_PATH "${prefix}")

function(drop_missing_includes)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(NOT folders)
      continue()
    endif()
    set(kept)
    foreach(folder IN LISTS folders)
      if(folder MATCHES "^\\$<" OR EXISTS "${folder}")
        list(APPEND kept "${folder}")
      endif()
    endforeach()
    set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${kept}")
  endforeach()
endfunction()

# Imported targets exist only after the find_package() calls: run at the end of the directory.
cmake_language(DEFER CALL drop_missing_includes)
