"""Start a report's process without the 1.2 s that one unneeded import costs."""

from __future__ import annotations

import sys


def skip_slow_imports() -> None:
    """Keep ``rfc3987_syntax`` out of this process; call it before anything imports jsonschema, nbformat or Altair.

    JupyterLab depends on ``jsonschema[format-nongpl]``, and so jsonschema finds ``rfc3987_syntax`` and imports it. That module
    builds two parsers while it is imported (about 1.2 s), to check the JSON-schema format "iri", which no schema of a notebook or
    a chart uses. jsonschema expects the import to fail and then leaves the check out. Does nothing where it is imported already.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
