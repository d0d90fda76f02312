"""Writes into a RocksDB folder behind a server's back, through the C interface of the library it uses itself."""

import ctypes
import ctypes.util

FAMILIES = ("default", "lease", "dirty", "set-aside", "delegable")


def put(folder, family, key, value):
    """The server is not running."""
    library = ctypes.CDLL(ctypes.util.find_library("rocksdb"))
    for name in ("rocksdb_options_create", "rocksdb_writeoptions_create", "rocksdb_open_column_families"):
        getattr(library, name).restype = ctypes.c_void_p
    count = len(FAMILIES)
    options = ctypes.c_void_p(library.rocksdb_options_create())
    names = (ctypes.c_char_p * count)(*(name.encode() for name in FAMILIES))
    family_options = (ctypes.c_void_p * count)(*([options.value] * count))
    handles = (ctypes.c_void_p * count)()
    error = ctypes.c_char_p()
    database = ctypes.c_void_p(library.rocksdb_open_column_families(
        options, str(folder).encode(), count, names, family_options, handles, ctypes.byref(error)))
    if error.value:
        raise OSError(f"{folder}: {error.value.decode()}")
    write_options = ctypes.c_void_p(library.rocksdb_writeoptions_create())
    library.rocksdb_put_cf(database, write_options, ctypes.c_void_p(handles[FAMILIES.index(family)]),
                           key, ctypes.c_size_t(len(key)), value, ctypes.c_size_t(len(value)), ctypes.byref(error))
    for handle in handles:
        library.rocksdb_column_family_handle_destroy(ctypes.c_void_p(handle))
    library.rocksdb_close(database)
    if error.value:
        raise OSError(f"{folder}: {error.value.decode()}")
