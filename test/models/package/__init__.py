from .activations import CELU as Activation
from .blocks import ConvBlock, make_head

__all__ = ["Activation", "ConvBlock", "make_head"]
