"""How to judge what was fitted: folds without leaks, and windows that walk forward."""

from geobuk.quant.validation.folds import Fold
from geobuk.quant.validation.purged_folds import (
    PurgeSpec,
    combined_counts,
    combined_folds,
    combined_paths,
    purged_folds,
)
from geobuk.quant.validation.walk_forward import WalkSpec, walk_forward

__all__ = [
    "Fold",
    "PurgeSpec",
    "WalkSpec",
    "combined_counts",
    "combined_folds",
    "combined_paths",
    "purged_folds",
    "walk_forward",
]
