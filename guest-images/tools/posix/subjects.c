/* What there is to check, and what is known to fail and why. */
#include "check.h"

void unlinked(void), replaced(void), removed_folder(void), opens(void), many(void);
void renames(void), links(void), symlinks(void), names(void), folders(void), listing(void);
void attributes(void), sparse(void), users(void), setid(void), xattrs(void), acls(void);
void locks(void), flocks(void), special(void), mapped(void);

const struct subject subjects[] = {
    {"unlinked", unlinked}, {"replaced", replaced}, {"removed-folder", removed_folder}, {"opens", opens},
    {"renames", renames},   {"links", links},       {"symlinks", symlinks},             {"names", names},
    {"folders", folders},   {"listing", listing},   {"attributes", attributes},         {"sparse", sparse},
    {"users", users},       {"setid", setid},       {"xattrs", xattrs},                 {"acls", acls},
    {"locks", locks},       {"flocks", flocks},     {"special", special},               {"mapped", mapped},
    {"many", many},         {0},
};

/* All of them Linux' client (6.1), before it asks the server. */
const struct known known[] = {
    {SHARED_BY_9P, "renames: no replacing to a new name", "Linux' 9p has no flags of renameat2"},
    {SHARED_BY_9P, "renames: an exchange", "Linux' 9p has no flags of renameat2"},
    {SHARED_BY_9P, "attributes: and nanoseconds", "Linux cuts times that are set on 9p to seconds"},
    {SHARED_BY_9P, "attributes: and nanoseconds too", "Linux cuts times that are set on 9p to seconds"},
    {SHARED_BY_9P, "acls: of a file there is no default", "Linux' 9p says EINVAL"},
    {0},
};
