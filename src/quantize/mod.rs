//! Post-training quantization: batch-norm folding, calibration, int8 graphs.
