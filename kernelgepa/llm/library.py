"""litellm, imported where a call is made or a listed price is wanted, and kept quiet."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import threading
import warnings
from functools import cache
from typing import Any

_lock = threading.Lock()


@cache
def _imported() -> Any:
    # Prices from the installed package, not fetched; no .env file of the directory is read.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    os.environ.setdefault("LITELLM_LOG", "CRITICAL")
    warnings.filterwarnings("ignore", message="Pydantic serializer warnings")
    collecting = gc.isenabled()
    gc.disable()  # nothing that it makes is garbage, and looking takes a fifth of the time
    try:
        module: Any = importlib.import_module("litellm")
    finally:
        if collecting:
            gc.enable()
    module.suppress_debug_info = True
    module.telemetry = False
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return module


def litellm() -> Any:
    """The module; takes seconds the first time."""
    with _lock:
        return _imported()
