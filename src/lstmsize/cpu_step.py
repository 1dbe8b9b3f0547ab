"""Training steps on the processor: compiled ones, or torch's where these are quick or the only ones.

Which it is shows when this is imported, so that worker processes are forked with what they need. torch takes far
longer to import than a training of a small network takes, and is left out where it has nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmsize.space import Cell

if TYPE_CHECKING:
    from lstmsize.compiled_step import CompiledStep
    from lstmsize.torch_step import TorchStep

_QUICK = ("avx512f", "avx512bw", "avx512dq", "avx512vl")
"""What a processor has for which oneDNN, on which torch stands, has an optimised LSTM."""


def _compiled_step() -> type[CompiledStep] | None:
    """Steps that are compiled; None where torch's are quick, or none can be compiled for good."""
    try:
        if _has_avx512():
            return None
        from lstmsize.compiled_step import CompiledStep
    except Exception:  # noqa: BLE001 - whatever ails numba or its files, torch takes the same steps
        return None
    return CompiledStep


def _has_avx512() -> bool:
    from llvmlite import binding

    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:  # LLVM does not know the processor
        return False
    return all(features.get(name) for name in _QUICK)


COMPILED = _compiled_step()

if COMPILED is None:
    import lstmsize.torch_step  # noqa: F401 - for those that are forked


def cpu_step(cell: Cell) -> type[CompiledStep | TorchStep]:
    """Return what takes the steps of a size on the processor.

    Parameters
    ----------
    cell : Cell
        Units and layers.

    Returns
    -------
    type
        `CompiledStep`, or `TorchStep` where it is quicker.
    """
    if COMPILED is not None and cell.units <= COMPILED.WIDEST:
        return COMPILED
    from lstmsize.torch_step import TorchStep

    return TorchStep
