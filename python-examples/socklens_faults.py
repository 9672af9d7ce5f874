"""Fault rules for Python tests: socklens.h by ctypes. Nothing but this file is needed.

    with faults("connect @n=1..2 : refuse") as f:
        client.get("/")
    assert f.fired() == 2

The library must be in the process: LD_PRELOAD=libsocklens.so python3 -m unittest, or socklens run python3 -m unittest.
"""

import ctypes

ENOLIB = -7
ESYNTAX = -5

_library = ctypes.CDLL(None)


def _function(name, result, *arguments):
    try:
        function = getattr(_library, name)
    except AttributeError:
        return None
    function.restype, function.argtypes = result, arguments
    return function


_add = _function("socklens_fault_add", ctypes.c_int64, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t)
_scope = _function("socklens_fault_scope", ctypes.c_int64, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t)
_remove = _function("socklens_fault_remove", ctypes.c_int, ctypes.c_int64)
_fired = _function("socklens_fault_fired", ctypes.c_int64, ctypes.c_int64)
_seed = _function("socklens_fault_seed", ctypes.c_int, ctypes.c_uint64)
_strerror = _function("socklens_strerror", ctypes.c_char_p, ctypes.c_int)


class Error(Exception):
    """What socklens.h returned, with its text; for a wrong rule the text shows where and what."""

    def __init__(self, code, text=b""):
        super().__init__((text if code == ESYNTAX else _strerror(code)).decode())
        self.code = code


def available():
    """Whether there is a library in this process that can make calls fail."""
    if _scope is None:
        return False
    try:
        with faults("connect @off : refuse"):
            return True
    except Error:
        return False


def seed(number):
    """Sets what chance depends on; to be called before rules are added."""
    code = _seed(number)
    if code < 0:
        raise Error(code)


class faults:
    """Rules that are in force inside a `with`: for the calling thread, or with everybody=True for all."""

    def __init__(self, rules, everybody=False):
        self._rules, self._everybody, self._handle, self._final = rules.encode(), everybody, 0, 0

    def __enter__(self):
        text = ctypes.create_string_buffer(1024)
        add = _add if self._everybody else _scope
        self._handle = add(self._rules, text, len(text))
        if self._handle < 0:
            raise Error(self._handle, text.value)
        return self

    def __exit__(self, *_):
        self._final, handle, self._handle = self.fired(), self._handle, 0
        _remove(handle)

    def fired(self):
        """How many faults the rules have caused; also after the `with`."""
        return _fired(self._handle) if self._handle > 0 else self._final
