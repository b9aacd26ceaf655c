# Before a Debian package is made of what was installed: files where and as Debian wants them.
if(NOT CPACK_GENERATOR STREQUAL DEB)
	return()
endif()
set(usr ${CPACK_TEMPORARY_DIRECTORY}/usr)
set(doc ${usr}/share/doc/ecrfs)

# In Debian /sbin is a link into /usr, through which dpkg must not install.
file(REMOVE_RECURSE ${CPACK_TEMPORARY_DIRECTORY}/sbin)
file(MAKE_DIRECTORY ${usr}/sbin)
file(CREATE_LINK ../bin/ecrfs ${usr}/sbin/mount.ecrfs SYMBOLIC)
file(RENAME ${usr}/share/zsh/site-functions ${usr}/share/zsh/vendor-completions)

file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/copyright ${doc}/copyright)
file(REMOVE ${doc}/LICENSE) # copyright says where Debian has it
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian
	"ecrfs (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
	"  * Built from the sources of ecrfs ${CPACK_PACKAGE_VERSION}, see changelog.gz.\n\n"
	" -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
file(GLOB_RECURSE pages ${usr}/share/man/*)
execute_process(COMMAND gzip -9nf ${pages} ${doc}/changelog ${doc}/changelog.Debian
	COMMAND_ERROR_IS_FATAL ANY)

# It is not meant for Debian itself.
file(WRITE ${usr}/share/lintian/overrides/ecrfs "ecrfs: initial-upload-closes-no-bugs\n")
