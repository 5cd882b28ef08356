# SPDX-License-Identifier: MIT
# libfdt.cmake - finds the source of libfdt, checks it, and builds its reading half.
#
# Sets PUDU_LIBFDT_SOURCE, the folder with the files, and defines pudu_add_libfdt(). Looks at
#   1. PUDU_LIBFDT_DIR, a folder that the user names;
#   2. the cache of an earlier run;
#   3. the source packages of this machine's package client (tools/debian-source);
#   4. with PUDU_LIBFDT_FETCH, the git repository PUDU_LIBFDT_GIT.
# Files of 2, 3 and 4 must have a checksum that is listed here.

set(PUDU_LIBFDT_DIR "" CACHE PATH "folder with the .c and .h files of libfdt")
option(PUDU_LIBFDT_FETCH "clone libfdt from PUDU_LIBFDT_GIT when nothing else has it" OFF)
set(PUDU_LIBFDT_GIT "" CACHE STRING "git address of the Device Tree Compiler")
set(PUDU_LIBFDT_TAG "v1.6.1" CACHE STRING "what to check out of PUDU_LIBFDT_GIT")
set(PUDU_LIBFDT_SHA256 "" CACHE STRING "checksum of one more copy that is good")

set(PUDU_LIBFDT_FILES fdt.c fdt_addresses.c fdt_ro.c fdt_strerror.c
	fdt.h libfdt.h libfdt_env.h libfdt_internal.h)
set(PUDU_LIBFDT_PACKAGES device-tree-compiler arm-trusted-firmware u-boot)
set(PUDU_LIBFDT_GOOD
	# device-tree-compiler 1.6.1, arm-trusted-firmware 2.8.0, u-boot 2023.01
	e484323c16922b4dcc02c360b76a2a1ced2d4929c3ced2a029cd101460d180b8
	7061d6cefa1bc947c81ea4cdbefaefc2b07dcb3e006061dc99ef2f333fb273c1
	64cc8fc9c538a95012cd59a35625829b47441d04aa86036c9413f75f6f6f847a
	${PUDU_LIBFDT_SHA256})

# The checksum of a set of files: SHA-256 over the list of theirs.
function(_libfdt_checksum folder result)
	set(sums "")
	foreach(file ${PUDU_LIBFDT_FILES})
		file(SHA256 ${folder}/${file} sum)
		string(APPEND sums "${sum}  ${file}\n")
	endforeach()
	string(SHA256 sum "${sums}")
	set(${result} ${sum} PARENT_SCOPE)
endfunction()

function(_libfdt_complete folder result)
	set(${result} TRUE PARENT_SCOPE)
	foreach(file ${PUDU_LIBFDT_FILES})
		if(NOT EXISTS ${folder}/${file})
			set(${result} FALSE PARENT_SCOPE)
		endif()
	endforeach()
endfunction()

# Sets PUDU_LIBFDT_SOURCE if the folder holds a whole and known copy.
function(_libfdt_accept folder origin)
	_libfdt_complete(${folder} complete)
	if(NOT complete)
		return()
	endif()
	_libfdt_checksum(${folder} sum)
	if(sum IN_LIST PUDU_LIBFDT_GOOD)
		set(PUDU_LIBFDT_SOURCE ${folder} PARENT_SCOPE)
		return()
	endif()
	message(WARNING "libfdt of ${origin} is no copy that Pudu was tested with. Its checksum:\n"
		"  ${sum}\nIf you trust it: cmake -DPUDU_LIBFDT_SHA256=${sum}")
endfunction()

# One folder for all build trees of a user, so that only the first of them downloads.
function(_libfdt_cache_folder result)
	if(DEFINED ENV{XDG_CACHE_HOME})
		set(folder $ENV{XDG_CACHE_HOME}/pudu/libfdt)
	else()
		set(folder $ENV{HOME}/.cache/pudu/libfdt)
	endif()
	execute_process(COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
		RESULT_VARIABLE failed ERROR_QUIET)	# file(MAKE_DIRECTORY) would end the configuration
	if(failed)
		set(folder ${CMAKE_BINARY_DIR}/libfdt)
	endif()
	set(${result} ${folder} PARENT_SCOPE)
endfunction()

# Unpacks libfdt out of a package's tarball; packages keep it in one folder, or in two.
function(_libfdt_unpack tarball folder)
	file(ARCHIVE_EXTRACT INPUT ${tarball} DESTINATION ${folder}/tree
		PATTERNS "*/libfdt/*.c" "*/libfdt/*.h")
	file(GLOB_RECURSE readers ${folder}/tree/*/fdt_ro.c)
	foreach(reader ${readers})
		cmake_path(GET reader PARENT_PATH code)
		foreach(headers ${code} ${code}/../../include/lib/libfdt)
			if(EXISTS ${headers}/libfdt.h)
				file(COPY ${code}/ ${headers}/ DESTINATION ${folder}/files
					FILES_MATCHING PATTERN "*.[ch]")
				return()
			endif()
		endforeach()
	endforeach()
endfunction()

function(_libfdt_from_package package cache)
	set(work ${CMAKE_BINARY_DIR}/libfdt-${package})
	message(STATUS "libfdt: asking for the source package ${package}")
	execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/debian-source ${package} ${work}
		RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
	file(GLOB tarball ${work}/*.orig.tar.*)
	if(NOT failed AND tarball)
		_libfdt_unpack(${tarball} ${work})
		_libfdt_accept(${work}/files ${package})
	endif()
	if(PUDU_LIBFDT_SOURCE)
		foreach(file ${PUDU_LIBFDT_FILES})
			file(COPY ${work}/files/${file} DESTINATION ${cache})
		endforeach()
		message(STATUS "libfdt: from ${package}, kept in ${cache}")
		set(PUDU_LIBFDT_SOURCE ${cache} PARENT_SCOPE)
	else()
		message(STATUS "libfdt: ${package} can't be had here")
	endif()
	file(REMOVE_RECURSE ${work})
endfunction()

function(_libfdt_from_git result)
	if(NOT PUDU_LIBFDT_GIT)
		message(FATAL_ERROR "PUDU_LIBFDT_FETCH needs an address to clone from: give "
			"-DPUDU_LIBFDT_GIT=, the git repository of the Device Tree Compiler.")
	endif()
	include(FetchContent)
	FetchContent_Declare(dtc GIT_REPOSITORY ${PUDU_LIBFDT_GIT} GIT_TAG ${PUDU_LIBFDT_TAG}
		GIT_SHALLOW ON)
	FetchContent_GetProperties(dtc)
	if(NOT dtc_POPULATED)
		FetchContent_Populate(dtc)	# it has no CMakeLists.txt to add
	endif()
	set(${result} ${dtc_SOURCE_DIR}/libfdt PARENT_SCOPE)
endfunction()

function(_libfdt_find)
	set(PUDU_LIBFDT_SOURCE "")
	if(PUDU_LIBFDT_DIR)
		_libfdt_complete(${PUDU_LIBFDT_DIR} complete)
		if(NOT complete)
			message(FATAL_ERROR "PUDU_LIBFDT_DIR=${PUDU_LIBFDT_DIR} lacks files. "
				"Needed: ${PUDU_LIBFDT_FILES}")
		endif()
		set(PUDU_LIBFDT_SOURCE ${PUDU_LIBFDT_DIR})
	else()
		_libfdt_cache_folder(cache)
		_libfdt_accept(${cache} ${cache})
		foreach(package ${PUDU_LIBFDT_PACKAGES})
			if(NOT PUDU_LIBFDT_SOURCE)
				_libfdt_from_package(${package} ${cache})
			endif()
		endforeach()
	endif()
	if(NOT PUDU_LIBFDT_SOURCE AND PUDU_LIBFDT_FETCH)
		_libfdt_from_git(folder)
		_libfdt_accept(${folder} ${PUDU_LIBFDT_GIT})
	endif()
	if(NOT PUDU_LIBFDT_SOURCE)
		message(FATAL_ERROR "The package client has no source of libfdt. Either\n"
			"  unpack the Device Tree Compiler and give -DPUDU_LIBFDT_DIR=<folder>\n"
			"  or give -DPUDU_LIBFDT_FETCH=ON -DPUDU_LIBFDT_GIT=<git repository>")
	endif()
	set(PUDU_LIBFDT_SOURCE ${PUDU_LIBFDT_SOURCE} PARENT_SCOPE)
endfunction()

_libfdt_find()

# pudu_add_libfdt(name flags): the static library `name`, with the flags of the target `flags`.
# Functions that only writers need are left undefined: link with --gc-sections.
function(pudu_add_libfdt name flags)
	set(sources ${PUDU_LIBFDT_FILES})
	list(FILTER sources INCLUDE REGEX "\\.c$")
	list(TRANSFORM sources PREPEND ${PUDU_LIBFDT_SOURCE}/)
	add_library(${name} STATIC ${sources})
	target_link_libraries(${name} PRIVATE ${flags})
	target_compile_options(${name} PRIVATE -w -ffunction-sections)
	# kernel/dtb_check.c has proved the tree before libfdt walks in it: FDT_ASSUME VALID_INPUT and
	# LATEST, without which half of the instructions of boot are checks of checked offsets.
	target_compile_definitions(${name} PRIVATE FDT_ASSUME_MASK=6)
	target_include_directories(${name} SYSTEM PUBLIC ${PUDU_LIBFDT_SOURCE})
endfunction()
