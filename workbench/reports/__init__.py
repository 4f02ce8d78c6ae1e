"""Reports: a template and its parameters in, one self-contained HTML page and its record out."""

from workbench.quick_imports import skip_slow_imports

skip_slow_imports()  # before any module in here imports jsonschema
