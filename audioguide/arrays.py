"""numpy as `np`, imported when it is first used: a third of what `show` took went into it, and most commands need none.

Modules that those commands load take it from here, and have their annotations as text.
"""

from typing import TYPE_CHECKING, Any

__all__ = ["Floats", "NDArray", "np"]

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
else:
    Floats = NDArray = Any

    class _Numpy:
        def __getattr__(self, name: str) -> Any:
            import numpy

            vars(self)[name] = value = getattr(numpy, name)  # looked up once
            return value

    np = _Numpy()
