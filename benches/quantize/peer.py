"""onnxruntime's static quantization of the same network on the same images.

Takes a folder with model.onnx, calibration.npy and validation.npy, `[n, 3, h, w]` each. For each
setting prints its name, once SETTING/OUTPUT.npy holds what the quantized network says of every
validation image, `[n, c, h, w]`.
"""

import contextlib
import itertools
import pathlib
import sys

import numpy
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization import CalibrationMethod, QuantType

METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "percentile": CalibrationMethod.Percentile,
    "entropy": CalibrationMethod.Entropy,
}
TYPES = {"int8": QuantType.QInt8, "uint8": QuantType.QUInt8}


class Images(quantization.CalibrationDataReader):
    """Calibration images, one at a time."""

    def __init__(self, name, images):
        self.feeds = iter({name: image[None]} for image in images)

    def get_next(self):
        return next(self.feeds, None)


def session(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def main(folder):
    onnxruntime.set_default_logger_severity(3)
    model = folder / "model.onnx"
    name = session(model).get_inputs()[0].name
    calibration = numpy.load(folder / "calibration.npy")
    validation = numpy.load(folder / "validation.npy")
    for (method, calibrate), (kind, activations) in itertools.product(
        METHODS.items(), TYPES.items()
    ):
        setting = folder / f"{method}-{kind}"
        setting.mkdir()
        quantized = setting / "model.onnx"
        # It says what it does where settings are told.
        with contextlib.redirect_stdout(sys.stderr):
            quantization.quantize_static(
                model,
                quantized,
                Images(name, calibration),
                quant_format=quantization.QuantFormat.QDQ,
                per_channel=True,
                activation_type=activations,
                weight_type=QuantType.QInt8,
                calibrate_method=calibrate,
            )
        network = session(quantized)
        outputs = [output.name for output in network.get_outputs()]
        results = [network.run(outputs, {name: image[None]}) for image in validation]
        for output, of_images in zip(outputs, zip(*results)):
            numpy.save(setting / f"{output}.npy", numpy.concatenate(of_images))
        print(setting.name, flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
