# SPDX-License-Identifier: MIT
# offsets.cmake - turns the absolute symbols of an object file into a header of #defines.
#
# Run as: cmake -DNM=... -DOBJECT=... -DHEADER=... -P offsets.cmake
execute_process(COMMAND ${NM} ${OBJECT} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[0-9a-f]+ [Aa] [A-Za-z0-9_]+" symbols "${symbols}")
if(NOT symbols)
	message(FATAL_ERROR "${OBJECT} has no absolute symbols")
endif()

set(text "/* Made by cmake/offsets.cmake from asm/offsets.c. */\n")
foreach(symbol ${symbols})
	string(REGEX REPLACE "([0-9a-f]+) [Aa] (.*)" "#define \\2 0x\\1\n" line "${symbol}")
	string(APPEND text "${line}")
endforeach()
file(WRITE ${HEADER} "${text}")
