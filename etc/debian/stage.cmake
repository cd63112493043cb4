# SPDX-License-Identifier: Apache-2.0
#
# CPack runs this on what is to be packaged: documents take the form that Debian wants.
set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}")
set(documents "${root}/usr/share/doc/krbtrail")

# The text of the license is on every Debian; copyright says where.
file(REMOVE "${documents}/LICENSE")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/copyright" "${CMAKE_CURRENT_LIST_DIR}/changelog"
     DESTINATION "${documents}"
     FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
file(RENAME "${documents}/changelog" "${documents}/changelog.Debian")
file(RENAME "${documents}/CHANGELOG.md" "${documents}/changelog")

file(GLOB compressed "${root}/usr/share/man/man[1-8]/*.[1-8]" "${documents}/changelog*")
foreach(file IN LISTS compressed)
  execute_process(COMMAND gzip -9n "${file}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()

file(COPY "${CMAKE_CURRENT_LIST_DIR}/lintian-overrides"
     DESTINATION "${root}/usr/share/lintian/overrides"
     FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
file(RENAME "${root}/usr/share/lintian/overrides/lintian-overrides"
     "${root}/usr/share/lintian/overrides/krbtrail")
