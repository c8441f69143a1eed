"""Looking at any Keras model: what it costs, layer by layer."""

from keras_classic_cnns.analysis.cost import Cost, Row, Totals, cost

__all__ = ["Cost", "Row", "Totals", "cost"]
