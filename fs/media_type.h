/* What a manifest is, by its media type. */
#ifndef ECRFS_FS_MEDIA_TYPE_H
#define ECRFS_FS_MEDIA_TYPE_H

enum media_type_kind {
	MEDIA_TYPE_IMAGE,   /* an image manifest, OCI or docker schema 2: it has a configuration */
	MEDIA_TYPE_INDEX,   /* an OCI index or docker manifest list: it has children */
	MEDIA_TYPE_SCHEMA1, /* docker schema 1: it has neither */
	MEDIA_TYPE_OTHER,   /* something else, or nobody has told: NULL */
};

/* Threads: pure. */
enum media_type_kind media_type_kind(const char *media_type);

#endif
