# SPDX-License-Identifier: MIT
# initrd.cmake - makes a cpio archive (newc) of files, the same bytes for the same files.
#
# Run as: cmake -DARCHIVE=... -DFILES=a;b -DFOLDER=... -DCPIO=... -DOBJCOPY=... -P initrd.cmake
# Programs lose their debugging information on the way; FOLDER is where they go, empty for the top.
set(tree ${ARCHIVE}.tree)
file(REMOVE_RECURSE ${tree})
file(MAKE_DIRECTORY ${tree}/${FOLDER})

set(names "")
if(FOLDER)
	set(names "${FOLDER}\n")
	string(APPEND FOLDER "/")
endif()
foreach(path ${FILES})
	cmake_path(GET path FILENAME name)
	file(READ ${path} magic LIMIT 4 HEX)
	if(magic STREQUAL "7f454c46")
		execute_process(COMMAND ${OBJCOPY} --strip-debug ${path} ${tree}/${FOLDER}${name}
			COMMAND_ERROR_IS_FATAL ANY)
	else()
		file(COPY ${path} DESTINATION ${tree}/${FOLDER})
	endif()
	string(APPEND names "${FOLDER}${name}\n")
endforeach()

file(WRITE ${ARCHIVE}.names "${names}")
execute_process(COMMAND find ${tree} -exec touch -h -d @0 {} + COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CPIO} --create --format=newc --reproducible --owner=0:0 --quiet
	WORKING_DIRECTORY ${tree} INPUT_FILE ${ARCHIVE}.names OUTPUT_FILE ${ARCHIVE}
	COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE ${tree} ${ARCHIVE}.names)
