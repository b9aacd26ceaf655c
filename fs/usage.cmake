# What --help prints is in the manual page, beside what it says in short: comments "usage: ...".
# Makes fs/usage.h of them, a string of C, each time that the page changes.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS docs/ecrfs.1 fs/usage.h.in)
file(READ docs/ecrfs.1 page)
string(ASCII 1 mark)
string(REGEX REPLACE "\n[.]\\\\\" usage: ?" "\n${mark}" page "${page}")
string(REGEX REPLACE "\n[^${mark}][^\n]*" "" usage "\n${page}")
string(REGEX REPLACE "([\\\"])" "\\\\\\1" usage "${usage}")
string(REGEX REPLACE "\n${mark}([^\n]*)" "\t\"\\1\\\\n\"\n" usage "${usage}")
string(STRIP "${usage}" usage)
configure_file(fs/usage.h.in fs/usage.h @ONLY)
